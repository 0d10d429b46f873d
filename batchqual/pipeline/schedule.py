"""When to look again: a pure rule, and the agenda that keeps the looks in order of their time."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import random
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Agenda", "next_look_after", "recovery_look_after"]

_GROWTH = 0.25
_JITTER = 0.1
# A timer may fire a clock resolution early; a shorter wait than this would then be waited for ever and again.
_TICK = 0.001

T = TypeVar("T")


def next_look_after(age: float, *, poll_min: float, poll_max: float, jitter: float | None = None) -> float:
    """Seconds until the next look at a customer whose review is ``age`` seconds old.

    A quarter of the age, within the bounds: a look right after submission, hourly looks on the second day.
    ``jitter`` is a number from 0 to 1 that spreads looks by a tenth, so that they do not come in bursts.
    """
    share = random.random() if jitter is None else jitter  # noqa: S311 - spreads looks, guards nothing
    wait = min(poll_max, max(poll_min, age * _GROWTH))
    return min(poll_max, max(poll_min, wait * (1 - _JITTER + 2 * _JITTER * share)))


def recovery_look_after(elapsed: float, patience: float) -> float:
    """Seconds until the next look at a submission of unknown fate, ``elapsed`` seconds into its patience.

    The last look comes no sooner than patience is over, for only that one may say *it never arrived*.
    """
    remaining = max(0.0, patience - elapsed)
    return min(remaining, max(1.0, elapsed, patience / 8))


class Agenda(Generic[T]):
    """Things to do, each at its time (seconds of the event loop). Equal times keep the order of adding."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, T]] = []
        self._numbers = itertools.count()
        self._changed = asyncio.Event()
        self._busy = 0
        self.held_until = -math.inf

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, due: float, thing: T) -> None:
        """Put ``thing`` down for ``due``."""
        heapq.heappush(self._heap, (due, next(self._numbers), thing))
        self._changed.set()

    def wake(self) -> None:
        """Let those who wait look at the agenda again: something outside has changed."""
        self._changed.set()

    def hold(self, moment: float) -> None:
        """Nothing is due before ``moment``, whenever it was put down for."""
        self.held_until = max(self.held_until, moment)
        self._changed.set()

    def done(self) -> None:
        """The thing that `take` gave is finished; said after it was added again, if it was."""
        self._busy -= 1
        self._changed.set()

    async def take(self, dropped: Callable[[float, T], bool], stopped: Callable[[], bool]) -> T | None:
        """The next thing that is due, waiting for it; None when nothing is left to wait for.

        ``dropped`` says of a thing and its time that it need not be done any more. It is asked whenever the
        thing comes up, and again whenever something changes.
        """
        loop = asyncio.get_running_loop()
        while not stopped():
            while self._heap and dropped(self._heap[0][0], self._heap[0][2]):
                heapq.heappop(self._heap)
            if not self._heap and not self._busy:
                return None
            wait = max(self._heap[0][0], self.held_until) - loop.time() if self._heap else None
            if wait is not None and wait <= 0:
                self._busy += 1
                return heapq.heappop(self._heap)[2]
            await self._change(wait if wait is None else max(wait, _TICK))
        return None

    async def _change(self, wait: float | None) -> None:
        self._changed.clear()
        try:
            async with asyncio.timeout(wait):
                await self._changed.wait()
        except TimeoutError:
            pass

"""A process inside the test: virtual time, the real ledger's writer, and a death that ends all writing.

It dies at a fail point, or after some time. What hangs then is unwound, so that files are closed; the writer
is deaf by then, and so is the service.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import looptime
from support.dying import Killed
from support.faithful import Timeline

from batchqual.errors import LedgerError
from batchqual.failpoints import heed
from batchqual.ledger.book import MakeWriter
from batchqual.ledger.writer import Work, Writer, _deliver_here, _Job

__all__ = ["Death", "Mortal", "lived"]

T = TypeVar("T")
_FLUSH = 0.004


@dataclass(frozen=True, slots=True)
class Death:
    """At the ``nth`` arrival at a point whose name begins like this; or after so many ``seconds``."""

    at: str = ""
    nth: int = 1
    seconds: float | None = None


@dataclass(eq=False, slots=True)
class Mortal:
    """The process, while it lives and after."""

    death: Death | None
    dead: bool = False
    arrivals: int = 0
    path: list[str] = field(default_factory=list)
    main: asyncio.Task[object] | None = None

    def arrive(self, point: str) -> None:
        """A fail point; after death nothing goes past one."""
        if self.dead:
            raise Killed
        death = self.death
        if death is None or death.seconds is not None or not point.startswith(death.at):
            return
        self.arrivals += 1
        if self.arrivals == death.nth:
            self.path.append(point)
            self.die()
            raise Killed

    def die(self) -> None:
        """From now on nothing is written."""
        self.dead = True
        if self.main is not None:
            self.main.cancel()

    @property
    def make_writer(self) -> MakeWriter:
        """The writer of this process."""
        return partial(_Writer, self)


class _Writer(Writer):
    """The real one, served by the event loop instead of a thread, which a virtual clock would overtake: what
    comes within the same few milliseconds is one commit."""

    def __init__(
        self,
        mortal: Mortal,
        connection: sqlite3.Connection,
        explain: Callable[[sqlite3.Error], LedgerError],
    ) -> None:
        self._mortal = mortal
        self._connection = connection
        self._explain = explain
        self._broken: LedgerError | None = None
        self._handed: list[_Job[object]] = []

    def submit_for(self, future: asyncio.Future[T], work: Work[T]) -> None:
        if not self._handed:
            asyncio.get_running_loop().call_later(_FLUSH, self._flush)
        self._handed.append(_Job(work, future))  # type: ignore[arg-type] # a job of any result

    def _flush(self) -> None:
        batch, self._handed = self._handed, []
        if batch and not self._mortal.dead:
            self._commit(batch)
            _deliver_here(batch)

    def close(self) -> None:
        self._flush()


def lived(
    body: Callable[[Mortal], Coroutine[object, object, T]],
    timeline: Timeline,
    *,
    death: Death | None = None,
    start: float = 0.0,
) -> T | None:
    """What ``body`` returns in a process of its own, whose monotonic clock begins at ``start``; None when it
    died before its end."""
    mortal = Mortal(death)

    async def process() -> T:
        loop = asyncio.get_running_loop()
        mortal.main = asyncio.current_task()
        timeline.enter(loop)
        if death is not None and death.seconds is not None:
            loop.call_later(death.seconds, mortal.die)
        try:
            return await body(mortal)
        finally:
            timeline.leave()

    def trouble(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        if not mortal.dead:
            loop.default_exception_handler(context)

    heed(mortal.arrive)
    try:
        # nothing comes from outside, so that nothing is lost when time goes on at once
        make_loop = partial(looptime.new_event_loop, start=start, noop_cycles=1)
        with asyncio.Runner(loop_factory=make_loop) as runner:
            runner.get_loop().set_exception_handler(trouble)
            return runner.run(process())
    except (Killed, asyncio.CancelledError):
        if not mortal.dead:
            raise
        return None
    finally:
        heed(None)

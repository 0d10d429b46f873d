"""Clocks that are set while somebody goes by them: the calendar's, and that of an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

__all__ = ["SetClock", "SleepyLoop", "in_a_sleepy_loop", "sleep_through"]

T = TypeVar("T")


class SetClock:
    """The machine's clock, as somebody has set it: wrong by ``by``."""

    def __init__(self, by: timedelta = timedelta()) -> None:
        self.by = by

    def now(self) -> datetime:
        """The moment that it shows, UTC."""
        return datetime.now(UTC) + self.by


class SleepyLoop(asyncio.SelectorEventLoop):
    """An event loop whose time has leaps: what a machine sees that was suspended."""

    slept = 0.0

    def time(self) -> float:
        """Monotonic seconds, and those that were slept through."""
        return super().time() + self.slept


def in_a_sleepy_loop(work: Coroutine[Any, Any, T]) -> T:
    """Do it in such a loop, over real sockets."""
    with asyncio.Runner(loop_factory=SleepyLoop) as runner:
        return runner.run(work)


def sleep_through(hours: float) -> None:
    """The machine wakes up so much later, in the middle of everything."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SleepyLoop)
    loop.slept += hours * 3600

"""A move on its way to the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator

from .record import Record

__all__ = ["Move"]


class Move(Awaitable[Record]):
    """A move that was handed in.

    Await it where the disk must have it before anything else happens, as an intent. Elsewhere take `record`
    and go on: moves are committed in the order in which they were handed in, and one that fails is raised by
    whatever is written next, the end of the run at the latest.
    """

    def __init__(
        self,
        after: Record,
        committed: asyncio.Future[Record],
        failed: Callable[[asyncio.Future[Record]], object],
    ) -> None:
        self._after = after
        self._committed = committed
        self._failed = failed

    def __await__(self) -> Generator[object, None, Record]:
        return self._committed.__await__()

    @property
    def record(self) -> Record:
        """The record as it will be, without waiting for the commit."""
        self._committed.add_done_callback(self._failed)
        return self._after

"""A move on its way to the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator

from .record import Record

__all__ = ["SOON", "Move"]

SOON = 0.02
"""Seconds that a move which nobody waits for may wait for company, since each commit costs a flush."""


class Move(Awaitable[Record]):
    """A move that was handed in.

    Await it where the disk must have it before anything else happens, as an intent. Elsewhere take `record`
    and go on: moves are committed in their order, together with what others wait for, and at the latest
    `SOON` seconds later; one that fails is raised by whatever is written next.
    """

    def __init__(
        self,
        after: Record,
        committed: asyncio.Future[Record],
        failed: Callable[[asyncio.Future[Record]], object],
        hurry: Callable[[], None],
    ) -> None:
        self._after = after
        self._committed = committed
        self._failed = failed
        self._hurry = hurry

    def __await__(self) -> Generator[object, None, Record]:
        self._hurry()
        return self._committed.__await__()

    @property
    def record(self) -> Record:
        """The record as it will be, without waiting for the commit."""
        self._committed.add_done_callback(self._failed)
        return self._after

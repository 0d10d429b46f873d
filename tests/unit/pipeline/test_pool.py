"""Workers that come home together, or not at all."""

from __future__ import annotations

import asyncio

import pytest

from batchqual.pipeline.pool import work_together


async def test_all_workers_come_home() -> None:
    """As many as asked for, and none when none is asked for."""
    home = 0

    async def worker() -> None:
        nonlocal home
        home += 1

    await work_together(worker, 3)
    await work_together(worker, 0)
    assert 3 == home


async def test_the_first_error_is_raised_as_it_is() -> None:
    """The others are cancelled, and nobody has to unpack a group."""
    cancelled = 0

    async def worker() -> None:
        nonlocal cancelled
        if not cancelled and not waiting.is_set():
            waiting.set()
            await asyncio.sleep(0)
            raise ValueError("broken")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled += 1
            raise

    waiting = asyncio.Event()
    with pytest.raises(ValueError, match="broken"):
        await work_together(worker, 3)
    assert 2 == cancelled

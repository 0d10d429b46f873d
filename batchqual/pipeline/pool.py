"""A bounded number of workers; the first that breaks ends them all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

__all__ = ["work_together"]


async def work_together(worker: Callable[[], Coroutine[None, None, None]], width: int) -> None:
    """Run ``width`` workers until all have come home. When one raises, the others are cancelled and its error
    is raised as it is, not in a group: whoever waits wants to know what happened, not that it was among many.
    """
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(width):
                group.create_task(worker())
    except BaseExceptionGroup as several:
        raise _first(several) from several


def _first(several: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = several
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error

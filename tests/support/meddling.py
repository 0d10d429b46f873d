"""Somebody who meddles with the files of a run while it is on."""

from __future__ import annotations

from collections.abc import Callable

from batchqual.events import Event, Listener

__all__ = ["once"]


def once(kind: type[Event], act: Callable[[], object]) -> Listener:
    """Do this at the first event of a kind."""
    done: list[object] = []

    def listen(event: Event) -> None:
        if isinstance(event, kind) and not done:
            done.append(act())

    return listen

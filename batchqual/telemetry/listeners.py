"""Several listeners as one."""

from __future__ import annotations

from batchqual.events import Event, Listener

__all__ = ["fan_out"]


def fan_out(*listeners: Listener) -> Listener:
    """Tell every listener, in this order. One whose stream is gone (a closed terminal) is not told any more:
    a run that writes must not end because nobody looks."""
    present = list(listeners)

    def say(event: Event) -> None:
        for listener in tuple(present):
            try:
                listener(event)
            except (OSError, ValueError):
                present.remove(listener)

    return say

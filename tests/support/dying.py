"""A process that dies, as far as a test can die: at an event, past every handler of ours."""

from __future__ import annotations

from batchqual.events import Event, Listener

__all__ = ["Killed", "killed_at"]


class Killed(BaseException):
    """Nobody catches it."""


def killed_at(kind: type[Event], **facts: object) -> Listener:
    """A listener that dies at the first event of a kind that says this."""

    def listen(event: Event) -> None:
        if isinstance(event, kind) and all(getattr(event, name) == value for name, value in facts.items()):
            raise Killed

    return listen

"""Events of an invented run, and a clock to play them by."""

from __future__ import annotations

from batchqual.events import RunStarted, Standing, Submitted
from batchqual.model import Outcome, Qualification, Wish

__all__ = ["HandClock", "standing", "started", "submitted", "wish"]


class HandClock:
    """A monotonic clock that moves when told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def wish(number: int, qualification: Qualification = Qualification.EDUCATION) -> Wish:
    """A wish of an invented customer."""
    return Wish(f"00000000-0000-4000-8000-{number:012d}", qualification)


def started(*, customers: int = 40, sendable: int = 37, command: str = "run") -> RunStarted:
    """A run that begins."""
    return RunStarted("run-1", command, rows=40, customers=customers, sendable=sendable)


def standing(number: int, now: Outcome, before: Outcome | None = None) -> Standing:
    """Where a wish stands."""
    return Standing(wish(number), before, now)


def submitted(number: int) -> Submitted:
    """A submission was answered."""
    return Submitted(wish(number), f"request-{number}", 201)

"""For how long a closed gate is remembered: a clock that was wrong must not close it for years."""

from __future__ import annotations

from datetime import datetime, timedelta

from .cells import to_text

__all__ = ["LONGEST_PAUSE", "bound_pause", "pause_left"]

LONGEST_PAUSE = timedelta(days=1)
"""A longer one is asked about again after a day."""

_SET_BACK = timedelta(hours=1)


def bound_pause(moment: datetime, now: datetime) -> dict[str, str]:
    """What is stored of a pause until ``moment``, and what a stored one is worth at most, as text."""
    return {"closed_until": to_text(min(moment, now + LONGEST_PAUSE)), "believed": to_text(_believed(now))}


def pause_left(closed_until: datetime | None, now: datetime) -> datetime | None:
    """Until when the gate stays closed; None when that is over, and where no clock that was right can have
    written it: more than a day ahead, and an hour for a clock that was set back by a little."""
    if closed_until is None or not now < closed_until <= _believed(now):
        return None
    return closed_until


def _believed(now: datetime) -> datetime:
    return now + LONGEST_PAUSE + _SET_BACK

"""Moments as text."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from math import isfinite

from ..model import Cell

__all__ = ["elapsed", "plain", "stamp"]

_EXACT = 10**15


def stamp(moment: datetime) -> str:
    """An aware moment as ISO 8601 in UTC, whole seconds: ``2026-01-31T09:30:00Z``."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def elapsed(duration: timedelta) -> str:
    """A duration as Excel shows one: ``36:30:00``, with a fraction of a second where there is one."""
    whole, rest = divmod(abs(duration), timedelta(seconds=1))
    minutes, seconds = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    sign = "-" if duration < timedelta() else ""
    fraction = f".{rest.microseconds:06d}".rstrip("0") if rest else ""
    return f"{sign}{hours:02d}:{minutes:02d}:{seconds:02d}{fraction}"


def plain(value: Cell) -> str | int | float | bool | None:
    """A cell for a text file: moments in ISO 8601, durations in hours, whole floats without ``.0``."""
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, datetime):
        return stamp(value) if value.tzinfo else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return elapsed(value)
    if not isfinite(value):
        return str(value)
    return int(value) if value.is_integer() and abs(value) < _EXACT else value

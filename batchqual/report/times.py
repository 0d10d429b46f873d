"""Moments as text."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from math import isfinite

from ..model import Cell

__all__ = ["plain", "stamp"]

_EXACT = 10**15


def stamp(moment: datetime) -> str:
    """An aware moment as ISO 8601 in UTC, whole seconds: ``2026-01-31T09:30:00Z``."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def plain(value: Cell) -> str | int | float | bool | None:
    """A cell for a text file: moments in ISO 8601, whole floats without ``.0``, all else as it is."""
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, datetime):
        return stamp(value) if value.tzinfo else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if not isfinite(value):
        return str(value)
    return int(value) if value.is_integer() and abs(value) < _EXACT else value

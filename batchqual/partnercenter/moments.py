"""Moments as the service writes them: vetting dates in four documented forms, and Retry-After in two."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

__all__ = ["read_moment", "retry_after"]

_SLASHED: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?::?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_SECONDS: Final = re.compile(r"\d{1,9}(\.\d{1,9})?")


def read_moment(text: str) -> datetime | None:
    """A vetting date as UTC, or None when it cannot be read. Never raises.

    The documents show ``2020-12-04T20:54:24Z``, ``…38.885Z``, ``…56.6832021+00:00`` and
    ``07/09/2020: 00:00:00`` (Partner Center docs, qualification pages, December 2020 to June 2022). They do
    not say whether the slashed form begins with the month: it is read so where that gives a date, as the
    vendor's country writes it, and its caller keeps the text.
    """
    text = text.strip()
    try:
        if slashed := _SLASHED.fullmatch(text):
            return _from_slashed(slashed)
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _from_slashed(found: re.Match[str]) -> datetime:
    first, second, year, hour, minute, seconds = (int(part or 0) for part in found.groups())
    month, day = (first, second) if first <= 12 else (second, first)
    return datetime(year, month, day, hour, minute, seconds, tzinfo=UTC)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that the service asks to wait, or None where it says nothing that makes sense.

    Seconds are what the service documents (Partner Center docs, throttling guidance, July 2022); a date is
    what HTTP allows besides (RFC 9110, 10.2.3). A date is taken relative to the answer's own ``Date``, so
    that a wrong clock on this machine does no harm. Nothing, zero, the past and nonsense are all None.
    """
    text = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(text):
        return float(text) or None
    moment = _http_date(text)
    if moment is None:
        return None
    seconds = (moment - (_http_date(headers.get("Date", "")) or now)).total_seconds()
    return seconds if seconds > 0 else None


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment

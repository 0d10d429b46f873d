"""Durations and thresholds as people write them: ``90s``, ``15m``, ``8h``, ``3d``, ``25%``."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import timedelta

__all__ = ["Threshold", "about", "as_timedelta", "parse_duration", "parse_threshold", "spell_duration"]

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*([smhd]?)", re.ASCII)
_LONGEST = 3650 * 86400.0


def parse_duration(value: object, *, forever: bool = False) -> float:
    """Seconds of a duration; infinity for ``forever`` where that is allowed. Raises ValueError in words."""
    text = str(value).strip().lower()
    if forever and text in ("forever", "inf"):
        return math.inf
    match = _DURATION.fullmatch(text)
    if match is None:
        also = ", forever" if forever else ""
        raise ValueError(
            f"{value!s} is not a duration; write 0, 90s, 15m, 8h, 3d{also} or a number of seconds"
        )
    seconds = float(match[1]) * _UNITS[match[2]]
    if seconds > _LONGEST:
        raise ValueError(f"{value!s} is longer than ten years")
    return seconds


def spell_duration(seconds: float) -> str:
    """A duration as `parse_duration` reads it, in the largest unit that divides it: ``1h``, ``90s``."""
    if math.isinf(seconds):
        return "forever"
    for unit in ("d", "h", "m"):
        count = seconds / _UNITS[unit]
        if seconds and count == int(count):
            return f"{int(count)}{unit}"
    if not seconds:
        return "0"
    return f"{int(seconds)}s" if seconds == int(seconds) else f"{seconds}s"


def about(seconds: float) -> str:
    """A duration as people say it, rounded: ``45 seconds``, ``about 2 hours``."""
    if seconds < 120:
        whole = max(1, math.ceil(seconds))
        return f"{whole} second{'' if whole == 1 else 's'}"
    for unit, name, fewer_than in (("m", "minutes", 90), ("h", "hours", 36)):
        count = round(seconds / _UNITS[unit])
        if count < fewer_than:
            return f"about {count} {name}"
    return f"about {round(seconds / _UNITS['d'])} days"


def as_timedelta(seconds: float) -> timedelta:
    """A duration for date arithmetic; ``forever`` becomes ten years."""
    return timedelta(seconds=min(seconds, _LONGEST))


@dataclass(frozen=True, slots=True)
class Threshold:
    """How many failed rows are too many: a count, or a share (0 to 1) once ``MIN_ANSWERS`` rows answered."""

    MIN_ANSWERS = 20

    count: int | None = None
    share: float | None = None

    def exceeded(self, failed: int, answered: int) -> bool:
        """Whether more than this part of the rows answered in this run failed."""
        if self.count is not None:
            return failed > self.count
        return answered >= self.MIN_ANSWERS and self.share is not None and failed > self.share * answered

    def __str__(self) -> str:
        return str(self.count) if self.share is None else f"{self.share * 100:g}%"


def parse_threshold(value: object) -> Threshold:
    """``25%`` or ``10``. Raises ValueError in words."""
    if isinstance(value, Threshold):
        return value
    text = str(value).strip()
    if re.fullmatch(r"\d+", text, re.ASCII):
        return Threshold(count=int(text))
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", text, re.ASCII)
    if match is None or float(match[1]) > 100:
        raise ValueError(f"{value!s} is neither a number of rows nor a part of them; write 10 or 25%")
    return Threshold(share=float(match[1]) / 100)

"""How the values of settings are spelt: what a flag, a variable or a file may say, and what that means."""

from __future__ import annotations

import os
import re
import unicodedata
import uuid
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from .durations import Threshold, parse_duration, parse_threshold
from .ingest import parse_encoding, parse_mapping, parse_qualification, parse_segment
from .model import EducationSegment, Qualification

__all__ = [
    "Duration",
    "Encoding",
    "Failures",
    "Headings",
    "Interval",
    "OnePath",
    "Paths",
    "Place",
    "Rate",
    "Segment",
    "Size",
    "Tenant",
    "Wait",
    "Wanted",
]


_CONTROLS = {
    "\t": "a tab",
    "\n": "a line break",
    "\r": "a line break",
    "\b": "a backspace",
    "\f": "a form feed",
}
_SIZE = re.compile(r"([0-9]{1,15})\s*(?:([kmg])(?:i?b)?|b)?")
_SHIFTS = {"": 0, "k": 10, "m": 20, "g": 30}
_LEAST_SIZE, _LARGEST_SIZE = 1 << 10, 64 << 30


def _rate(value: object) -> float | None:
    if value is None or str(value).strip().lower() == "none":
        return None
    try:
        rate = float(str(value))
    except ValueError:
        raise ValueError(f"{value!s} is not a number of requests a second; write 5 or 0.5") from None
    if not 0.01 <= rate <= 10_000:
        raise ValueError(f"{value!s} is out of range; write a number from 0.01 to 10000")
    return rate


def _pairs(value: object) -> object:
    """``FIELD=HEADING`` lines, a list of them, or a table."""
    if isinstance(value, str):
        value = [line for line in value.splitlines() if line.strip()]
    if not isinstance(value, list | tuple):
        return value
    pairs: dict[str, str] = {}
    for field, heading in map(parse_mapping, map(str, value)):
        if field in pairs:
            raise ValueError(f"{field} is mapped twice")
        pairs[field] = heading
    return pairs


def _paths(value: object) -> object:
    return [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value


def _a_path(value: Path) -> Path:
    _refuse_controls(str(value))
    return value


def _a_place(value: str | None) -> str | None:
    """A path, or what stands for one. What has several lines is the content of a file: others refuse it."""
    _refuse_controls("".join((value or "").split("\n")))
    return value


def _refuse_controls(path: str) -> None:
    for letter in path:
        if unicodedata.category(letter) == "Cc":
            name = _CONTROLS.get(letter, "a control character")
            raise ValueError(
                f"the path holds {name}, a character that no path has; in a settings file write it in single "
                r"quotation marks, because in double ones \t, \n and the like are such characters"
            )


def _size(value: object) -> int:
    """``512 KiB``, ``4 MiB``, ``1 GiB``, or a number of bytes; a decimal unit is read as the binary one."""
    match = _SIZE.fullmatch(str(value).strip().lower())
    if match is None or isinstance(value, bool):
        raise ValueError(f"{value!s} is not a size; write 512 KiB, 4 MiB, 1 GiB or a number of bytes")
    size = int(match[1]) << _SHIFTS[match[2] or ""]
    if not _LEAST_SIZE <= size <= _LARGEST_SIZE:
        raise ValueError(f"{value!s} is out of range; write a size from 1 KiB to 64 GiB")
    return size


def _qualification(value: object) -> object:
    if value is None or isinstance(value, Qualification):
        return value
    return parse_qualification(str(value))


def _segment(value: object) -> object:
    if value is None or isinstance(value, EducationSegment):
        return value
    return parse_segment(str(value))


def _above_zero(value: float) -> float:
    if value <= 0:
        raise ValueError("must be more than 0")
    return value


def _tenant(value: object) -> object:
    """A tenant GUID in its one spelling, since it is part of what makes a wish the same."""
    if value is None or not str(value).strip():
        return None
    try:
        return str(uuid.UUID(str(value).strip()))
    except ValueError:
        raise ValueError(
            f"{value!s} is not a tenant GUID; copy the directory (tenant) ID, not a domain"
        ) from None


def _encoding(value: object) -> object:
    """An encoding as Python calls it."""
    return value if value is None else parse_encoding(str(value))


Duration = Annotated[float, BeforeValidator(parse_duration)]
Interval = Annotated[Duration, AfterValidator(_above_zero)]
Wait = Annotated[float, BeforeValidator(lambda value: parse_duration(value, forever=True))]
Rate = Annotated[float | None, BeforeValidator(_rate)]
Failures = Annotated[Threshold, BeforeValidator(parse_threshold)]
Place = Annotated[str | None, AfterValidator(_a_place)]
_Path = Annotated[Path, AfterValidator(_a_path)]
Paths = Annotated[tuple[_Path, ...], BeforeValidator(_paths)]
OnePath = _Path | None
Encoding = Annotated[str | None, BeforeValidator(_encoding)]
Size = Annotated[int, BeforeValidator(_size)]
Wanted = Annotated[Qualification | None, BeforeValidator(_qualification)]
Segment = Annotated[EducationSegment | None, BeforeValidator(_segment)]
Headings = Annotated[dict[str, str], BeforeValidator(_pairs)]
Tenant = Annotated[str | None, BeforeValidator(_tenant)]

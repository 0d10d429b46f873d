"""Cells, rows and verdicts as JSON text, and back without loss: dates, times and odd numbers included."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from batchqual.model import (
    Cell,
    EducationSegment,
    InputFile,
    InputRow,
    Outcome,
    Problem,
    Qualification,
    QualificationRequest,
    Verdict,
)

__all__ = [
    "decode_cells",
    "decode_files",
    "decode_problems",
    "decode_row",
    "decode_verdict",
    "encode",
    "encode_cells",
    "encode_row",
    "encode_values",
    "encode_verdict",
    "from_text",
    "moment_of",
    "to_text",
]


def to_text(moment: datetime) -> str:
    """A moment as UTC text of one width, so that text order is time order. A naive one is refused."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be stored")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment_of(text: str) -> datetime:
    """The moment that `to_text` wrote."""
    return datetime.fromisoformat(text)


def from_text(text: str | None) -> datetime | None:
    """The same where there may be none."""
    return None if text is None else datetime.fromisoformat(text)


def _tag(value: object) -> dict[str, str]:
    # datetime before date: a datetime is a date, too
    for kind in (datetime, date, time):
        if isinstance(value, kind):
            return {f"${kind.__name__}": value.isoformat()}
    if isinstance(value, timedelta):
        return {"$timedelta": f"{value.days} {value.seconds} {value.microseconds}"}
    raise TypeError(f"{type(value).__name__} is not a cell")


_UNTAG: dict[str, Callable[[str], Cell]] = {
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$time": time.fromisoformat,
    "$timedelta": lambda text: timedelta(*map(int, text.split())),
}

# ASCII alone: a lone surrogate, which a cell or a file name may hold, would not pass as UTF-8
encode = json.JSONEncoder(separators=(",", ":"), default=_tag).encode


def _untag(value: Any) -> Cell:
    if isinstance(value, dict):
        [(tag, text)] = value.items()
        return _UNTAG[tag](text)
    cell: Cell = value
    return cell


def encode_cells(columns: Sequence[str], values: Sequence[Cell]) -> str:
    """The user's headings and cells of one row."""
    return encode([columns, values])


def decode_cells(text: str) -> tuple[tuple[str, ...], tuple[Cell, ...]]:
    """What `encode_cells` wrote."""
    columns, values = json.loads(text)
    return tuple(columns), tuple(map(_untag, values))


_NAMES = {
    kind: tuple(field.name for field in fields(kind))
    for kind in (InputFile, Problem, QualificationRequest, Verdict)
}


def _said(thing: InputFile | Problem | QualificationRequest | Verdict) -> dict[str, object]:
    """The fields of a value that say something: None is left out, and comes back as the default."""
    pairs = ((name, getattr(thing, name)) for name in _NAMES[type(thing)])
    return {name: value for name, value in pairs if value is not None}


def encode_row(row: InputRow) -> str:
    """An input row but for its position. The ``values`` come first: they are what one looks for by eye."""
    said: dict[str, object] = {"values": row.values, "source": row.source, "row": row.row}
    if row.request is not None:
        said["request"] = _said(row.request)
    if row.preset is not None:
        said["preset"] = row.preset
    for name in ("customer_id", "qualification", "customer_name", "account_owner"):
        if text := getattr(row, name):
            said[name] = text
    for name in ("problems", "warnings"):
        if problems := getattr(row, name):
            said[name] = [_said(problem) for problem in problems]
    if row.formats:
        said["formats"] = {str(at): code for at, code in enumerate(row.formats) if code is not None}
    return encode(said)


def decode_row(position: int, text: str) -> InputRow:
    """What `encode_row` wrote."""
    said: dict[str, Any] = json.loads(text)
    said["values"] = tuple(map(_untag, said["values"]))
    if "request" in said:
        said["request"] = _request(said["request"])
    if "preset" in said:
        said["preset"] = Outcome(said["preset"])
    for name in ("problems", "warnings"):
        said[name] = _problems(said.get(name, ()))
    if "formats" in said:
        said["formats"] = _formats(len(said["values"]), tuple(said["formats"].items()))
    return InputRow(position=position, **said)


@lru_cache(maxsize=1024)
def _formats(width: int, said: tuple[tuple[str, str], ...]) -> tuple[str | None, ...]:
    """Rows of one sheet mostly have the same formats: they are held once."""
    formats: list[str | None] = [None] * width
    for at, code in said:
        formats[int(at)] = code
    return tuple(formats)


def _request(said: dict[str, Any]) -> QualificationRequest:
    said["qualification"] = Qualification(said["qualification"])
    if "segment" in said:
        said["segment"] = EducationSegment(said["segment"])
    return QualificationRequest(**said)


def _problems(said: Iterable[Mapping[str, Any]]) -> tuple[Problem, ...]:
    return tuple(Problem(**one) for one in said)


def encode_verdict(verdict: Verdict) -> str:
    """A verdict with its facts."""
    return encode(_said(verdict))


def decode_verdict(text: str) -> Verdict:
    """What `encode_verdict` wrote."""
    said: dict[str, Any] = {name: _untag(value) for name, value in json.loads(text).items()}
    return Verdict(Outcome(said.pop("outcome")), **said)


def encode_values(things: Iterable[InputFile | Problem]) -> str:
    """Files or problems, in order."""
    return encode([_said(thing) for thing in things])


def decode_files(text: str) -> tuple[InputFile, ...]:
    """Files that `encode_values` wrote."""
    said = json.loads(text)
    return tuple(InputFile(**one | {"fields": tuple(map(tuple, one.get("fields", ())))}) for one in said)


def decode_problems(text: str) -> tuple[Problem, ...]:
    """Problems that `encode_values` wrote."""
    return _problems(json.loads(text))

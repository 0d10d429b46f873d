"""The columns that a report adds to the user's own: their names, their headings and what stands in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from ..model import ABSENT, Cell, RowResult, mask_code
from ..ownreports import OUR_COLUMNS
from .advice import deciding_code, what_to_do

__all__ = [
    "COLUMNS",
    "Column",
    "Formatted",
    "formatted_values",
    "heading_of",
    "masked",
    "our_values",
    "reason_of",
    "user_headings",
    "user_values",
]


@dataclass(frozen=True, slots=True)
class Column:
    """One of our columns: ``name`` as in CSV and JSON, ``heading`` as in Excel, ``value`` of a row."""

    name: str
    heading: str
    value: Callable[[RowResult], Cell | datetime]


class Formatted(NamedTuple):
    """A number of the user's, a date or a duration, with the number format that shows it."""

    value: int | float | date | datetime | time | timedelta
    number_format: str


def masked(text: str | None, result: RowResult) -> str | None:
    """A text with the row's validation code hidden, should the service have quoted it."""
    code = result.row.request.validation_code if result.row.request else None
    if not text or not code or code not in text:
        return text
    return re.sub(rf"(?<!\w){re.escape(code)}(?!\w)", mask_code(code), text)


def customer_id_of(result: RowResult) -> str:
    """The tenant GUID, or the row's own words where no request could be made of them."""
    return result.row.request.customer_id if result.row.request else result.row.customer_id


def qualification_of(result: RowResult) -> str:
    """The qualification as the service spells it, or the row's own words."""
    return result.row.request.qualification.value if result.row.request else result.row.qualification


def error_message_of(result: RowResult) -> str | None:
    """What happened: the verdict's sentence, else every problem of the row, each in a sentence."""
    message = result.verdict.error_message
    if not message:
        message = " ".join(problem.sentence for problem in result.row.problems)
    return masked(message, result) or None


def reason_of(result: RowResult) -> str | None:
    """Why a row needs attention: the vetting reason where there is one, else what happened."""
    reason = masked(result.verdict.vetting_reason, result) or error_message_of(result)
    if reason is None and result.verdict.vetting_status == ABSENT:
        return "The service lists it no longer."
    return reason


_VALUES: dict[str, Callable[[RowResult], Cell]] = {
    "row": lambda r: r.row.row,
    "source": lambda r: r.row.source,
    "customer_id": customer_id_of,
    "qualification": qualification_of,
    "outcome": lambda r: r.verdict.outcome.value,
    "vetting_status": lambda r: r.verdict.vetting_status,
    "vetting_reason": lambda r: masked(r.verdict.vetting_reason, r),
    "what_to_do": lambda r: what_to_do(r) or None,
    "submitted_at": lambda r: r.verdict.submitted_at,
    "settled_at": lambda r: r.verdict.settled_at,
    "attempts": lambda r: r.verdict.attempts,
    "polls": lambda r: r.verdict.polls,
    "http_status": lambda r: r.verdict.http_status,
    "error_code": deciding_code,
    "error_message": error_message_of,
    "request_id": lambda r: r.verdict.request_id,
    "correlation_id": lambda r: r.verdict.correlation_id,
}

COLUMNS = tuple(Column(name, heading, _VALUES[name]) for name, heading in OUR_COLUMNS)

_TAKEN = {word.casefold() for column in COLUMNS for word in (column.name, column.heading)}


def our_values(result: RowResult) -> list[Cell]:
    """Our cells of one row, in the order of `COLUMNS`; the outcome as its key."""
    return [column.value(result) for column in COLUMNS]


def user_values(result: RowResult, width: int) -> list[Cell]:
    """The user's cells of one row, as many as there are headings."""
    values = list(result.row.values[:width])
    return values + [None] * (width - len(values))


def formatted_values(result: RowResult, width: int) -> list[Cell | Formatted]:
    """The same with the number formats that they had in the input."""
    values = user_values(result, width)
    if not result.row.formats:
        return [*values]
    formats = (*result.row.formats, *[None] * (width - len(result.row.formats)))
    return [
        value if code is None or value is None or isinstance(value, (str, bool)) else Formatted(value, code)
        for value, code in zip(values, formats, strict=False)
    ]


def user_headings(columns: Sequence[str]) -> list[str]:
    """The user's headings as a report shows them: one that clashes with ours gets `` (input)``."""
    headings: list[str] = []
    kept = {name.strip().casefold() for name in columns} - _TAKEN
    for name in columns:
        if name.strip().casefold() not in _TAKEN:
            headings.append(name)
            continue
        headings.append(heading_of(name, "input", kept))
        kept.add(headings[-1].strip().casefold())
    return headings


def heading_of(name: str, note: str, taken: Iterable[str]) -> str:
    """``name`` with a note that no other heading has: ``Outcome (input)``, then ``Outcome (input 2)``."""
    number = 1
    while True:
        heading = f"{name} ({note})" if number == 1 else f"{name} ({note} {number})"
        if heading.strip().casefold() not in taken:
            return heading
        number += 1

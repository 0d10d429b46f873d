"""The workbook's tables as values: which columns, how wide, and which rows in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from ..model import Attention, Cell, Outcome, RowResult
from ..ownreports import RESULTS_SHEET
from .advice import deciding_code, task_of, what_to_do
from .columns import (
    COLUMNS,
    Formatted,
    customer_id_of,
    formatted_values,
    our_values,
    qualification_of,
    reason_of,
    user_headings,
)
from .run_report import RunReport

__all__ = [
    "Heading",
    "Shown",
    "Table",
    "attention_table",
    "earlier_table",
    "results_table",
    "review_table",
    "sheets_of",
]

_OUTCOME = next(place for place, column in enumerate(COLUMNS) if column.name == "outcome")
_WORDS = {outcome.value: outcome.words for outcome in Outcome}
_DAY = 86_400
_NARROWEST, _WIDEST, _WIDEST_WRAPPED = 8, 46, 64


Shown = Cell | Formatted
"""What a cell of the workbook is made of."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading with the width of its column in characters; ``wrapped`` columns break their lines."""

    text: str
    width: float
    ours: bool = True
    wrapped: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet's table. ``rows`` may be walked several times, each row aligned with ``headings``;
    ``outcome`` is the column that is coloured; ``empty`` is said where there are no rows."""

    title: str
    headings: tuple[Heading, ...]
    count: int
    rows: Callable[[], Iterator[Sequence[Shown]]]
    outcome: int | None = None
    empty: str = ""


def results_table(report: RunReport) -> Table:
    """Every row in input order: the user's columns first, then ours."""
    width = len(report.columns)

    def rows() -> Iterator[list[Shown]]:
        for result in report.rows:
            yield [*formatted_values(result, width), *_ours(result)]

    headings = [(name, False) for name in user_headings(report.columns)] + [
        (c.heading, True) for c in COLUMNS
    ]
    table = Table(RESULTS_SHEET, (), len(report.rows), rows, outcome=width + _OUTCOME)
    return _measured(table, headings)


def attention_table(report: RunReport) -> Table:
    """The rows that need a person: by outcome, then by what is to be done, then in row order."""
    order = {outcome: place for place, outcome in enumerate(Outcome)}
    chosen = [r for r in report.rows if r.verdict.outcome.attention is Attention.NEEDED]
    chosen.sort(key=lambda r: (order[r.verdict.outcome], task_of(r), r.row.position))
    fields: list[_Field] = [
        ("Source", lambda r: r.row.source),
        ("Row", lambda r: r.row.row),
        *_people(chosen),
        ("Customer ID", customer_id_of),
        ("Qualification", qualification_of),
        ("Outcome", lambda r: r.verdict.outcome.words),
        ("Reason", reason_of),
        ("What To Do", what_to_do),
        ("Error Code", deciding_code),
    ]
    return _chosen_table("Needs attention", chosen, fields, empty="Nothing needs attention.")


def review_table(report: RunReport) -> Table:
    """The rows in review, the oldest first; those that another submitted have no age and come last."""

    def age(result: RowResult) -> float | None:
        submitted = result.verdict.submitted_at
        return round((report.finished_at - submitted).total_seconds() / _DAY, 1) if submitted else None

    chosen = [r for r in report.rows if r.verdict.outcome is Outcome.IN_REVIEW]
    chosen.sort(key=lambda r: (r.verdict.submitted_at or report.finished_at, r.row.position))
    fields: list[_Field] = [
        ("Source", lambda r: r.row.source),
        ("Row", lambda r: r.row.row),
        *_people(chosen),
        ("Customer ID", customer_id_of),
        ("Qualification", qualification_of),
        ("Age In Days", age),
        ("Submitted At", lambda r: r.verdict.submitted_at),
        ("Last Status", lambda r: r.verdict.vetting_status),
        ("Polls", lambda r: r.verdict.polls),
        ("What To Do", what_to_do),
    ]
    return _chosen_table("In review", chosen, fields, empty="Nothing is in review.")


def earlier_table(report: RunReport) -> Table:
    """Requests of earlier sheets that this run looked at; not part of the totals."""
    people = _people(report.earlier)

    def rows() -> Iterator[list[Cell]]:
        for result in report.earlier:
            yield [value(result) for _, value in people] + _ours(result)

    headings = [(name, True) for name, _ in people] + [(column.heading, True) for column in COLUMNS]
    table = Table("Earlier sheets", (), len(report.earlier), rows, outcome=len(people) + _OUTCOME)
    return _measured(table, headings)


def sheets_of(table: Table, limit: int) -> Iterator[Table]:
    """The table as sheets of at most ``limit`` rows: ``Results``, ``Results 2`` and so on."""
    for number, start in enumerate(range(0, max(table.count, 1), limit), start=1):
        stop = min(start + limit, table.count)

        def rows(start: int = start, stop: int = stop) -> Iterator[Sequence[Shown]]:
            return islice(table.rows(), start, stop)

        title = table.title if number == 1 else f"{table.title} {number}"
        yield replace(table, title=title, count=stop - start, rows=rows)


_Field = tuple[str, Callable[[RowResult], Cell]]


def _people(results: Sequence[RowResult]) -> list[_Field]:
    fields: list[_Field] = [
        ("Customer Name", lambda r: r.row.customer_name or None),
        ("Account Owner", lambda r: r.row.account_owner or None),
    ]
    return [(name, value) for name, value in fields if any(value(result) for result in results)]


def _chosen_table(title: str, chosen: list[RowResult], fields: Sequence[_Field], empty: str) -> Table:
    def rows() -> Iterator[list[Cell]]:
        for result in chosen:
            yield [value(result) for _, value in fields]

    names = [name for name, _ in fields]
    table = Table(title, (), len(chosen), rows, names.index("Outcome") if "Outcome" in names else None, empty)
    return _measured(table, [(name, True) for name in names], wrapped=("Reason", "What To Do"))


def _ours(result: RowResult) -> list[Cell]:
    values = our_values(result)
    values[_OUTCOME] = result.verdict.outcome.words
    return values


def _measured(table: Table, headings: list[tuple[str, bool]], wrapped: Sequence[str] = ()) -> Table:
    """Widths from the headings and the first thousand rows, within bounds; a filter arrow takes room too."""
    widths = [max(_NARROWEST, len(text) + 4) for text, _ in headings]
    for row in islice(table.rows(), 1000):
        for place, value in enumerate(row):
            widths[place] = max(widths[place], _shown(value))
    made: list[Heading] = []
    for (text, ours), width in zip(headings, widths, strict=True):
        wraps = ours and text in wrapped
        made.append(Heading(text, min(width, _WIDEST_WRAPPED if wraps else _WIDEST) + 1.0, ours, wraps))
    return replace(table, headings=tuple(made))


def _shown(value: Shown) -> int:
    if isinstance(value, Formatted):
        return max(_shown(value.value), _NARROWEST)
    if isinstance(value, datetime):
        return 23
    return 0 if value is None else max(map(len, str(value).splitlines()), default=0)

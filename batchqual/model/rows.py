"""Rows of the spreadsheet: where they stand, what they ask for, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, field

from .cell import Cell, blank
from .outcome import Outcome, Verdict
from .qualification import QualificationRequest

__all__ = [
    "OWN_REPORT",
    "InputFile",
    "InputRow",
    "Intake",
    "Problem",
    "RowResult",
    "cell_name",
    "column_letters",
]


def column_letters(column: int) -> str:
    """The letters of a column that counts from 0: ``column_letters(27) == "AB"``."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(column: int, row: int) -> str:
    """An A1 reference, from a column that counts from 0 and a row that counts from 1."""
    return f"{column_letters(column)}{row}"


@dataclass(frozen=True, slots=True)
class InputFile:
    """One input file that was read: its path as the user gave it (``-`` for standard input), its content
    hash, the sheet, how many rows (blank rows are not rows), and which of `Intake.columns` holds each
    field."""

    path: str
    sha256: str
    rows: int
    sheet: str | None = None
    fields: tuple[tuple[str, int], ...] = ()


OWN_REPORT = "own-report"
"""The code of the notice that a wildcard passed over a report of ours: as promised, and no warning."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a row, or worth a warning, in words.

    ``code`` is a stable word in kebab case; ``cell`` an A1 reference (``C7``); ``value`` the text seen, cut
    to a readable length; ``message`` says what is wrong and which rule it breaks; ``example`` an accepted
    value.
    """

    code: str
    message: str
    source: str
    row: int | None = None
    cell: str | None = None
    field: str | None = None
    value: str | None = None
    example: str | None = None

    @property
    def is_warning(self) -> bool:
        """Whether ``--strict`` takes it for one."""
        return self.code != OWN_REPORT

    @property
    def sentence(self) -> str:
        """The whole problem on one line, with its place: ``customers.xlsx, C7: …``."""
        place = f"{self.source}, {self.cell}" if self.cell else self.source
        if self.cell is None and self.row is not None:
            place = f"{self.source}, row {self.row}"
        example = f" Accepted: {self.example}." if self.example else ""
        return f"{place}: {self.message}{example}"


@dataclass(frozen=True, slots=True)
class InputRow:
    """One row of the input with what was understood of it.

    ``position`` counts from 0 over all files, ``row`` is the number that Excel shows, ``source`` the file
    (and sheet, where a file was read from more than one). ``values`` are the user's own cells, aligned with
    `Intake.columns`. ``request`` is None when the row is invalid. ``preset`` is the outcome that the input,
    or a look-up of its domain, decides (invalid, duplicate, conflict, failed, not_attempted), else None;
    ``problems`` says why.
    ``customer_id`` and ``qualification`` are the row's own words where no request could be made of them.
    ``formats`` are the number formats of the cells, as Excel spells them, aligned with ``values``; empty
    where none has one of its own.
    """

    position: int
    source: str
    row: int
    values: tuple[Cell, ...] = field(repr=False)
    request: QualificationRequest | None = None
    preset: Outcome | None = None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    customer_id: str = ""
    qualification: str = ""
    customer_name: str = ""
    account_owner: str = ""
    formats: tuple[str | None, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Intake:
    """All that the input said: files, the user's columns in order, rows in input order, and notices about
    the files as a whole. Whatever is a warning, here or in a row, blocks the writes under ``--strict``."""

    files: tuple[InputFile, ...]
    columns: tuple[str, ...]
    rows: tuple[InputRow, ...]
    notices: tuple[Problem, ...] = field(default=())

    def cell_of(self, row: InputRow, name: str) -> str | None:
        """Where the row says something in a field: ``C7``; None where it does not, or nobody knows. The
        columns of a single file are those of its sheet; of several they are not."""
        if len(self.files) != 1:
            return None
        column = dict(self.files[0].fields).get(name)
        if column is None or all(map(blank, row.values[column : column + 1])):
            return None
        return cell_name(column, row.row)


@dataclass(frozen=True, slots=True)
class RowResult:
    """One input row with its verdict: a line of the report."""

    row: InputRow
    verdict: Verdict

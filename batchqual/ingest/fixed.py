"""A repaired copy of the input: what is certain is put right, the rest is marked and left as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.cell.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from batchqual.atomic import written_whole
from batchqual.exceltext import cell_text, sound_format
from batchqual.model import Cell, InputRow, Intake, Outcome, Problem, blank, trimmed

from .addresses import looks_like_domain, read_website
from .cells import Finding, is_empty, read_id, read_qualification, read_segment
from .codes import read_code
from .letters import clean
from .reading import CARRIED

__all__ = ["PROBLEM_COLUMN", "write_fixed"]

PROBLEM_COLUMN = "Problem (batchqual)"

_MOST_NOTES = 1_000
_PALE_RED = "FFFFD9D9"
_UNCERTAIN = frozenset({"formula-cell", "counted-up", "zeros-shown-only", "merged-cell"})
_READERS: dict[str, Callable[[Cell], tuple[str | None, Finding | None]]] = {
    "customer_id": read_id,
    "qualification": read_qualification,
    "education_segment": read_segment,
    "validation_code": read_code,
    "website": read_website,
}


def write_fixed(intake: Intake, path: str | Path) -> Path:
    """Write a repaired copy of the input as one workbook and return where it stands.

    Repaired are IDs, qualifications, segments and codes that were understood (as text cells), and blanks
    around values. Cells that were not understood keep their value, are filled in red and carry a note; the
    added column `PROBLEM_COLUMN` says what is wrong with the row. The copy can be read again.
    """
    with written_whole(path) as writing:
        _Copy(intake).save(writing.temp)
    return writing.path


class _Copy:
    """The workbook while it is being written."""

    def __init__(self, intake: Intake) -> None:

        self._intake = intake
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet("Customers")
        self._notes = 0
        self._target: dict[str, int] = {}
        for file in intake.files:
            for field, column in file.fields:
                self._target.setdefault(field, column)
        merged = {c for f in intake.files for field, c in f.fields if c != self._target[field]}
        merged -= set(self._target.values())
        self._columns = [
            at for at, name in enumerate(intake.columns) if at not in merged and name != PROBLEM_COLUMN
        ]

    def save(self, path: Path) -> None:
        """Write all rows and save."""
        self._sheet.freeze_panes = "A2"
        headings = [self._intake.columns[at] for at in self._columns]
        self._sheet.append([self._text(name) for name in (*headings, PROBLEM_COLUMN)])
        for fields, row in self._rows():
            self._sheet.append(self._cells(dict(fields), row))
        self._book.save(path)

    def _rows(self) -> Iterator[tuple[tuple[tuple[str, int], ...], InputRow]]:
        rows = iter(self._intake.rows)
        for file in self._intake.files:
            for _ in range(file.rows):
                yield file.fields, next(rows)

    def _cells(self, fields: dict[str, int], row: InputRow) -> list[SheetCell | Cell]:
        values: list[Cell] = list(row.values)
        known = row.formats or (None,) * len(values)
        formats = list(known)
        texts: set[int] = set()
        for field, column in fields.items():
            value = _repaired(field, row.values[column], row)
            values[self._target[field]] = value
            formats[self._target[field]] = known[column]
            if field not in CARRIED:
                texts.add(self._target[field])
        cells = [self._cell(values[at], formats[at], as_text=at in texts) for at in self._columns]
        for problem in row.problems:
            at = self._target.get(problem.field or "")
            if at is not None:
                self._mark(cells, self._columns.index(at), problem)
        told = _told(row)
        return [*cells, self._text(told) if told else None]

    def _cell(self, value: Cell, number_format: str | None, *, as_text: bool) -> SheetCell | Cell:
        if isinstance(value, str):
            return self._text(value, number_format="@" if as_text else None) if value else None
        if value is None or number_format is None or not sound_format(number_format):
            return value
        cell = WriteOnlyCell(self._sheet)
        cell.value = value
        cell.number_format = number_format
        return cell

    def _text(self, text: str, *, number_format: str | None = None) -> SheetCell:

        cell = WriteOnlyCell(self._sheet, cell_text(text))
        cell.data_type = "s"  # else a text that begins with "=" becomes a formula
        if number_format:
            cell.number_format = number_format
        return cell

    def _mark(self, cells: list[SheetCell | Cell], at: int, problem: Problem) -> None:

        value = cells[at]
        cell = WriteOnlyCell(self._sheet)
        if isinstance(value, SheetCell):
            cell = value
        else:
            cell.value = value
        cell.fill = PatternFill("solid", fgColor=_PALE_RED)
        if self._notes < _MOST_NOTES:
            cell.comment = Comment(cell_text(problem.message), "batchqual", width=320, height=120)
            self._notes += 1
        cells[at] = cell


def _repaired(field: str, cell: Cell, row: InputRow) -> Cell:
    """The cell put right where that is certain, else as it was."""
    told = {problem.code for problem in (*row.problems, *row.warnings) if problem.field == field}
    if blank(cell) or told & _UNCERTAIN:
        return None if blank(cell) else cell
    if is_empty(cell, field):
        return cell
    if field in CARRIED:
        return trimmed(cell) if isinstance(cell, str) else cell
    if field == "domain" and isinstance(cell, str):
        text = clean(cell).lower()
        return text if looks_like_domain(text) else trimmed(cell)
    reader = _READERS.get(field)
    value = reader(cell)[0] if reader else None
    return cell if value is None else str(value)


def _told(row: InputRow) -> str:
    problems = [problem.message for problem in row.problems]
    warnings = [f"Warning: {problem.message}" for problem in row.warnings]
    lead = "Not an error: " if row.preset is Outcome.DUPLICATE and problems else ""
    return lead + " ".join([*problems, *warnings])

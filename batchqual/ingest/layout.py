"""A table with its headings understood: which rows are data, how wide they are, which column holds what."""

from __future__ import annotations

from dataclasses import dataclass, field

from batchqual.errors import InputError
from batchqual.model import Cell, blank

from .candidates import Column, labels_a_value, offered
from .columns import Chooser
from .formats import duration_in
from .headings import HeadingRow, distinct, find_heading_row, strong_field
from .reading import Reading
from .reports import as_input
from .table import RawTable, show

__all__ = ["SURPLUS", "Layout", "lay_out"]

SURPLUS = "Fields beyond the headings"
"""The column in which a line's surplus fields come back; a row with something in it is never sent."""

_SHOWN_ROWS = 3
_SHOWN_FIELDS = 20
_FIELDS_OF_A_LIST = 2
_NAME_THEM = (
    "Name the columns: --map customer_id=HEADING --map qualification=HEADING (or column:A), or begin with:"
    " batchqual template customers.xlsx"
)


@dataclass(slots=True)
class Layout:
    """``columns`` are the table's own column names; ``fields`` goes from field to column index; ``width`` is
    the number of columns that the headings cover; ``surplus`` the index of the surplus column, if any;
    ``mapped`` are the fields that the user's ``--map`` settled."""

    table: RawTable
    heading: HeadingRow
    columns: tuple[str, ...]
    fields: dict[str, int]
    width: int
    surplus: int | None
    mapped: frozenset[str]
    _patterns: dict[tuple[str | None, ...], tuple[str | None, ...]] = field(default_factory=dict)

    def formatted(
        self, number: int, cells: tuple[Cell, ...]
    ) -> tuple[tuple[Cell, ...], tuple[str | None, ...]]:
        """A row's cells and their number formats, aligned with ``columns``; none where no cell has one."""
        values = self.values(cells)
        known = self.table.facts.formats
        found = [(column, code) for column in known.columns if (code := known.at(number, column)) is not None]
        if not found:
            return values, ()
        formats: list[str | None] = [None] * len(values)
        for column, code in found:
            if column < self.width:
                formats[column] = code
                if isinstance(
                    values[column], str
                ):  # the engine gives a long duration as OpenDocument spells it
                    values = (*values[:column], duration_in(values[column]), *values[column + 1 :])
        kept = tuple(formats)
        return values, self._patterns.setdefault(kept, kept)  # most rows of a sheet have the same formats

    def values(self, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        """A row's cells aligned with ``columns``."""
        width = len(self.columns)
        if len(cells) == width and self.surplus != width - 1:
            return cells
        if len(cells) <= self.width:
            return cells + (None,) * (width - len(cells))
        if self.surplus is None or self.surplus < self.width:
            return cells[: self.width] + (None,) * (width - self.width)
        extra = [str(cell) for cell in cells[self.width :]]
        while extra and blank(extra[-1]):
            extra.pop()
        return (*cells[: self.width], (self.table.delimiter or ",").join(extra) if extra else None)


def lay_out(table: RawTable, reading: Reading, *, lenient: bool = False) -> Layout:
    """Find the headings of a table and choose its columns. Raises InputError when there are none to use."""
    if table.of_report:
        as_input(table)
    alone = table.delimiter is None  # a sheet may be a cover; a text file is the table
    heading = find_heading_row(table, reading.mapping.values(), labels_a_value if alone else None)
    if heading is None and reading.mapping and table.cells:
        heading = _first_row(table)
    if heading is None or (alone and _explains(table, heading)):
        raise _no_heading(table)
    heading = _widened(table, heading)
    chooser = Chooser(table, heading, reading)
    fields = chooser.choose(lenient=lenient)
    columns, width = distinct(heading[1]), len(heading[1])
    surplus = columns.index(SURPLUS) if SURPLUS in columns else None
    if surplus is None and table.delimiter and _has_surplus(table, heading[2], width):
        surplus = width
        columns = (*columns, SURPLUS)
    return Layout(table, heading, columns, fields, width, surplus, frozenset(chooser.mapped))


def _explains(table: RawTable, heading: HeadingRow) -> bool:
    """Whether headings stand below one another: such a sheet says how to fill in another one, as the second
    sheet of our own template does."""
    _, texts, below = heading
    for column, text in enumerate(texts):
        field = strong_field(text)
        rows = table.cells[below : below + _SHOWN_FIELDS] if field else []
        named = {strong_field(str(row[column])) for row in rows if column < len(row)}
        if len(named - {field, None}) >= _FIELDS_OF_A_LIST:
            return True
    return False


def _first_row(table: RawTable) -> HeadingRow:
    return 0, tuple("" if cell is None else " ".join(str(cell).split()) for cell in table.cells[0]), 1


def _widened(table: RawTable, heading: HeadingRow) -> HeadingRow:
    """Drop columns without heading and content at the right; in a workbook add those that have content.

    A delimited line with more fields than the heading line is broken, not wide.
    """
    at, texts, below = heading
    bound = len(texts) if table.delimiter else None
    width = len(texts)
    while width and not texts[width - 1]:
        width -= 1
    for index in range(below, len(table.cells)):
        row = table.cells[index]
        end = len(row) if bound is None else min(len(row), bound)
        while end > width and blank(row[end - 1]):
            end -= 1
        width = max(width, end)
    return at, (*texts, *[""] * (width - len(texts)))[:width], below


def _has_surplus(table: RawTable, below: int, width: int) -> bool:
    rows = table.cells
    return any(
        len(rows[index]) > width and not all(map(blank, rows[index][width:]))
        for index in range(below, len(rows))
    )


def _no_heading(table: RawTable) -> InputError:
    if not table.cells:
        return InputError(
            f"{table.path} is empty: it has no headings and no rows.",
            hint="Write a workbook to fill in with: batchqual template customers.xlsx",
            code="empty",
        )
    heading = _first_row(table)
    offer = offered([Column(table, heading, index) for index in range(len(heading[1]))])
    seen = [f"row {table.numbers[at]}: {_shown(row)}" for at, row in enumerate(table.cells[:_SHOWN_ROWS])]
    return InputError(
        f"{table.path} has no usable heading in its first rows. Seen: {'; '.join(seen)}.",
        hint=f"{offer} {_NAME_THEM}".lstrip(),
        code="no-heading",
    )


def _shown(row: tuple[Cell, ...]) -> str:
    filled = [f"“{show(cell)}”" for cell in row if not blank(cell)]
    return ", ".join(filled[:8]) + (" …" if len(filled) > 8 else "")

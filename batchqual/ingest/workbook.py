"""Workbooks: their sheets, the facts that only the file tells, and the cells from the Excel engine."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import BinaryIO
from xml.parsers import expat

import python_calamine as calamine

from batchqual.errors import InputError
from batchqual.model import Cell, blank

from .archive import DAMAGE, damaged, opened
from .biff import OldBook
from .book import Book, Keys, Sheet, sheet_meant
from .bounds import overfull, require_bounds
from .kinds import Kind, encrypted
from .limits import Limits
from .odsxml import DocumentBook
from .package import Package
from .reading import Reading
from .sheetxml import Overfull
from .table import RawTable, cell_name
from .xlsb import BinaryBook
from .xlsx import XmlBook

__all__ = ["Workbook", "opened_workbook"]

_Native = int | float | str | bool | time | date | datetime | timedelta
_BROKEN = (*DAMAGE, expat.ExpatError, KeyError, struct.error)


class Workbook:
    """An open workbook. ``meant`` is the sheet that the user named, or the first visible one."""

    def __init__(self, book: Book, stream: BinaryIO, meant: Sheet, limits: Limits) -> None:
        self._book = book
        self._stream = stream
        self._limits = limits
        self._engine: calamine.CalamineWorkbook | None = None
        self._keys: Keys = {}
        self.meant = meant

    @property
    def others(self) -> list[Sheet]:
        """The other visible sheets, in the workbook's order."""
        return [sheet for sheet in self._book.sheets if not sheet.hidden and sheet != self.meant]

    def fill(self, table: RawTable, sheet: Sheet, most: int | None = None) -> None:
        """Fill the table from a sheet, or from its first ``most`` rows.

        Raises InputError for a damaged sheet, and a used area that would not fit into memory (the stray cell
        is named).
        """
        with _in_words(table, self._limits):
            scan = self._book.scan(sheet, self._limits.remarks)
            require_bounds(scan.areas, scan.characters, table, self._limits)
            table.facts, table.sheet = scan.facts, sheet.name
            with _from_engine(table):
                self._read_cells(table, sheet, most)

    def _read_cells(self, table: RawTable, sheet: Sheet, most: int | None) -> None:
        if self._engine is None:
            copy, self._keys = self._book.for_engine()
            with copy or nullcontext():  # the engine holds all of the file once it has opened it
                self._engine = calamine.load_workbook(_rewound(copy or self._stream))
        key, engine = self._keys[sheet.place], self._engine
        found = engine.get_sheet_by_index(key) if isinstance(key, int) else engine.get_sheet_by_name(key)
        if found.start is not None:
            rows = found.iter_rows()
            _take_rows(rows if most is None else islice(rows, most), found.start[1], table, self._limits)


@contextmanager
def opened_workbook(kind: Kind, stream: BinaryIO, table: RawTable, reading: Reading) -> Iterator[Workbook]:
    """The workbook, with its sheets known and none of them read; errors speak of the table's file.

    Raises InputError for an encrypted or damaged workbook, one that unpacks without end, and a sheet that is
    not there.
    """
    if kind is Kind.XLS:
        with _in_words(table, reading.limits):
            old = OldBook(stream)
        if old.encrypted:
            raise encrypted(table.path)
        yield _workbook(old, stream, table, reading)
        return
    with opened(stream, table, reading.limits) as archive:
        with _in_words(table, reading.limits):
            book = _book(kind, Package(archive), reading)
        yield _workbook(book, stream, table, reading)


def _workbook(book: Book, stream: BinaryIO, table: RawTable, reading: Reading) -> Workbook:
    return Workbook(book, stream, sheet_meant(book.sheets, reading.sheet, table), reading.limits)


def _book(kind: Kind, package: Package, reading: Reading) -> Book:
    if kind is Kind.XLSX:
        return XmlBook(package, reading.limits.unpacked_bytes)
    if kind is Kind.XLSB:
        return BinaryBook(package)
    return DocumentBook(package, reading.sheet, reading.limits.remarks)


@contextmanager
def _in_words(table: RawTable, limits: Limits) -> Iterator[None]:
    try:
        yield
    except Overfull as problem:
        raise overfull(table, limits) from problem
    except _BROKEN as problem:
        raise damaged(table) from problem


@contextmanager
def _from_engine(table: RawTable) -> Iterator[None]:
    try:
        yield
    except calamine.PasswordError as problem:
        raise encrypted(table.path) from problem
    except (calamine.CalamineError, OSError, OverflowError) as problem:  # a duration beyond Python's
        raise damaged(table) from problem
    except BaseException as problem:
        # The engine is Rust: what it does not expect in a damaged file arrives as a panic, outside Exception.
        if type(problem).__name__ != "PanicException":
            raise
        raise damaged(table) from problem


def _rewound(stream: BinaryIO) -> BinaryIO:
    stream.seek(0)
    return stream


def _take_rows(rows: Iterable[list[_Native]], left: int, table: RawTable, limits: Limits) -> None:
    """Take the rows that are not blank; ``left`` columns before the used area are empty."""
    margin: tuple[Cell, ...] = (None,) * left
    numbers, cells = table.numbers, table.cells
    told = _told_by_row(table)
    uncalculated = table.facts.number_formulas
    memory: dict[str, str] = {}
    last = 0
    for number, row in enumerate(rows, start=1):
        last = number
        shown = _put_right(row, left, told[number]) if number in told else row
        kept = tuple([_native(value, memory) for value in shown])
        if all(map(blank, kept)) and number not in uncalculated:
            continue
        _require_length(kept, left, number, table, limits)
        if len(cells) >= limits.rows:
            raise InputError(
                f"{table.path}: there are more than {limits.rows:,} rows.",
                hint="Split the file.",
                code="too-large",
            )
        numbers.append(number)
        cells.append(margin + kept if margin else kept)
    below = [number for number in sorted(uncalculated) if number > last]
    numbers.extend(below)  # the engine ends at the last row with a value
    cells.extend(() for _ in below)


def _require_length(kept: tuple[Cell, ...], left: int, number: int, table: RawTable, limits: Limits) -> None:
    for at, cell in enumerate(kept, start=left):
        if isinstance(cell, str) and len(cell) > limits.cell_chars:
            raise InputError(
                f"{table.path}, {cell_name(at, number)}: the cell has more than {limits.cell_chars:,}"
                " characters, which no Excel cell can hold.",
                hint="Shorten the cell.",
                code="cell-too-long",
            )


def _native(value: _Native, memory: dict[str, str]) -> Cell:
    if isinstance(value, str):
        return (
            memory.setdefault(value, value)
            if value and len(memory) < 20_000
            else memory.get(value, value) or None
        )
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    return value


def _told_by_row(table: RawTable) -> dict[int, dict[int, str | float]]:
    """What stands in cells that the engine shows as empty (errors) or as a time of day (negative moments)."""
    by_row: dict[int, dict[int, str | float]] = {}
    for cells in (table.facts.errors, table.facts.negative):
        for column, rows in cells.items():
            for row, told in rows.items():
                by_row.setdefault(row, {})[column] = told
    return by_row


def _put_right(row: list[_Native], left: int, told: dict[int, str | float]) -> list[_Native]:
    shown = list(row)
    for column, value in told.items():
        at = column - left
        if 0 <= at < len(shown) and (shown[at] == "" or not isinstance(value, str)):
            shown[at] = "#N/A" if value == "" else value
    return shown

"""Workbooks: which sheet, its cells from the Excel engine, and the facts that only its XML tells."""

from __future__ import annotations

import posixpath
import struct
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import BinaryIO
from xml.parsers import expat

import python_calamine as calamine

from batchqual.errors import InputError
from batchqual.model import Cell, blank

from .archive import damaged, opened
from .biff import OldBook
from .bounds import overfull, require_bounds
from .compound import Compound
from .kinds import Kind
from .limits import Limits
from .odsxml import OdsScan
from .reading import Reading
from .sharedtext import characters_shown
from .sheetxml import ForbiddenXmlError, Overfull, SheetScan, cell_formats, parse_xml
from .table import RawTable, cell_name, show
from .xlsb import BinaryBook

__all__ = ["read_workbook"]

_SHOWN_SHEETS = 20
_Native = int | float | str | bool | time | date | datetime | timedelta


def read_workbook(kind: Kind, stream: BinaryIO, table: RawTable, reading: Reading) -> None:
    """Fill the table from the chosen sheet, or the first visible one.

    Raises InputError for an encrypted or damaged workbook, one that unpacks without end, a sheet that is
    not there, and a used area that would not fit into memory (the stray cell is named).
    """
    try:
        if kind is Kind.XLS:
            stream = _scan_xls(stream, table, reading.limits)
        else:
            with opened(stream, table, reading.limits) as archive:
                table.sheet = _scan(kind, archive, table, reading)
        _read_cells(stream, table, reading)
    except Overfull as problem:
        raise overfull(table, reading.limits) from problem
    except (expat.ExpatError, ForbiddenXmlError, KeyError, calamine.XmlError, calamine.ZipError) as problem:
        raise damaged(table) from problem


def _scan(kind: Kind, archive: zipfile.ZipFile, table: RawTable, reading: Reading) -> str | None:
    if kind is Kind.XLSX:
        return _scan_xlsx(archive, table, reading)
    if kind is Kind.ODS:
        scan = OdsScan(reading.sheet, reading.limits.remarks)
        with archive.open("content.xml") as part:
            scan.read(part)
        table.facts = scan.facts
        require_bounds(scan.areas, scan.characters, table, reading.limits)
        return None
    book = BinaryBook(archive)
    require_bounds(book.areas, book.characters, table, reading.limits)
    return None


def _scan_xls(stream: BinaryIO, table: RawTable, limits: Limits) -> BinaryIO:
    """The file as the engine may have it: without macros, which it would unpack."""
    try:
        file = Compound(stream)
        book = OldBook(file.stream("workbook", "book"))
    except (ValueError, struct.error) as problem:
        raise damaged(table) from problem
    require_bounds(book.areas, book.characters, table, limits)
    return file.without_macros() or stream


def _scan_xlsx(archive: zipfile.ZipFile, table: RawTable, reading: Reading) -> str | None:
    sheets = _sheets(archive)
    name = _choose([(name, hidden) for name, _, hidden in sheets], table, reading)
    part = next(part for sheet, part, _ in sheets if sheet == name)
    names = {entry.lower(): entry for entry in archive.namelist()}
    styles = names.get("xl/styles.xml")
    formats: dict[str, str] = {}
    if styles:
        with archive.open(styles) as stream:
            formats = cell_formats(stream)
    scan = SheetScan(formats, reading.limits.remarks)
    entry = names.get(part.lower())
    if entry is None:
        raise damaged(table)
    with archive.open(entry) as stream:
        scan.read(stream)
    enough = reading.limits.unpacked_bytes
    shown = characters_shown(archive, names.get("xl/sharedstrings.xml"), entry, scan.shared, enough)
    require_bounds([scan.area], shown, table, reading.limits)
    table.facts = scan.facts
    return name


def _sheets(archive: zipfile.ZipFile) -> list[tuple[str, str, bool]]:
    """Name, part and hiddenness of each sheet, in the workbook's order."""
    targets: dict[str, str] = {}
    sheets: list[tuple[str, str, bool]] = []
    names = {name.lower() for name in archive.namelist()}
    book = next(
        name for name in archive.namelist() if name.startswith("xl/workbook") and name.endswith(".xml")
    )
    folder, file = posixpath.split(book)

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            target = attributes.get("Target", "")
            full = target[1:] if target.startswith("/") else posixpath.join(folder, target)
            targets[attributes.get("Id", "")] = _only_reading(posixpath.normpath(full), target, names)

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            identity = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            if identity in targets:
                hidden = attributes.get("state", "visible") != "visible"
                sheets.append((attributes.get("name", ""), targets[identity], hidden))

    with archive.open(f"{folder}/_rels/{file}.rels") as stream:
        parse_xml(stream, relation)
    with archive.open(book) as stream:
        parse_xml(stream, sheet)
    return sheets


def _only_reading(full: str, target: str, names: set[str]) -> str:
    """The part that a sheet stands in. Names may be read in several ways; when more than one leads to a part,
    the engine could read another sheet than the one whose size was looked at."""
    plain = target.removeprefix("/")
    readings = {full.lower(), plain.lower(), f"xl/{plain}".lower()}
    if len(readings & names) > 1:
        raise ForbiddenXmlError
    return full


def _choose(sheets: Sequence[tuple[str, bool]], table: RawTable, reading: Reading) -> str:
    """The sheet that the user named, in any case; else the first visible one."""
    wanted = reading.sheet
    if wanted is not None:
        for fold in (str, str.strip, lambda text: text.strip().casefold()):
            for name, _ in sheets:
                if fold(name) == fold(wanted):
                    return name
        shown = ", ".join(f"“{show(name)}”" for name, _ in sheets[:_SHOWN_SHEETS])
        shown += ", …" if len(sheets) > _SHOWN_SHEETS else ""
        raise InputError(
            f"{table.path} has no sheet “{wanted}”.", hint=f"Its sheets are: {shown}.", code="no-such-sheet"
        )
    visible = [name for name, hidden in sheets if not hidden]
    if not visible:
        raise InputError(
            f"{table.path} has no visible sheet with cells.",
            hint="Name one with --sheet NAME.",
            code="no-such-sheet",
        )
    return visible[0]


def _read_cells(stream: BinaryIO, table: RawTable, reading: Reading) -> None:
    stream.seek(0)
    try:
        with calamine.load_workbook(stream) as book:
            sheet = _open_sheet(book, table, reading)
            start = sheet.start
            table.sheet = sheet.name
            if start is not None:
                _take_rows(sheet.iter_rows(), start[1], table, reading.limits)
    except calamine.PasswordError as problem:
        raise InputError(
            f"{table.path} is protected with a password (encrypted).",
            hint="Open it in Excel, remove the password, and save it.",
            code="encrypted",
        ) from problem
    except (calamine.CalamineError, OSError, ValueError) as problem:
        raise damaged(table) from problem
    except BaseException as problem:
        # The engine is Rust: what it does not expect in a damaged file arrives as a panic, outside Exception.
        if type(problem).__name__ != "PanicException":
            raise
        raise damaged(table) from problem


def _open_sheet(book: calamine.CalamineWorkbook, table: RawTable, reading: Reading) -> calamine.CalamineSheet:
    if table.sheet is not None:
        return book.get_sheet_by_name(table.sheet)
    sheets = [
        (entry.name, entry.visible != calamine.SheetVisibleEnum.Visible)
        for entry in book.sheets_metadata
        if entry.typ == calamine.SheetTypeEnum.WorkSheet
    ]
    return book.get_sheet_by_name(_choose(sheets, table, reading))


def _take_rows(rows: Iterable[list[_Native]], left: int, table: RawTable, limits: Limits) -> None:
    """Take the rows that are not blank; ``left`` columns before the used area are empty."""
    margin: tuple[Cell, ...] = (None,) * left
    numbers, cells = table.numbers, table.cells
    errors = _errors_by_row(table)
    uncalculated = table.facts.number_formulas
    memory: dict[str, str] = {}
    last = 0
    for number, row in enumerate(rows, start=1):
        last = number
        shown = _with_errors(row, left, errors[number]) if number in errors else row
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
    if isinstance(value, timedelta):
        return str(value)
    return value


def _errors_by_row(table: RawTable) -> dict[int, dict[int, str]]:
    """The engine shows an error cell as empty; here is what Excel shows in it."""
    by_row: dict[int, dict[int, str]] = {}
    for column, rows in table.facts.errors.items():
        for row, text in rows.items():
            by_row.setdefault(row, {})[column] = text
    return by_row


def _with_errors(row: list[_Native], left: int, errors: dict[int, str]) -> list[_Native]:
    shown = list(row)
    for column, text in errors.items():
        if 0 <= column - left < len(shown) and shown[column - left] == "":
            shown[column - left] = text or "#N/A"
    return shown

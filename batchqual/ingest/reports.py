"""Reports of ours among the input: known by their marks, and read as the sheet that they were made from."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO

from batchqual.model import Cell
from batchqual.ownreports import OUR_COLUMNS, PROPERTY, RESULTS_SHEET

from .archive import DAMAGE, listed
from .limits import Limits
from .reading import Reading
from .table import RawTable

__all__ = ["as_input", "is_report", "of_results"]

_HEAD = 256 * 1024
"""Enough for the headings of two thousand columns; nothing more of a file is read."""
_JSON = re.compile(rb'^(?:\xef\xbb\xbf)?\s*\{\s*"run_id":.{0,400}?"command":', re.DOTALL)
_NAMES = tuple(name for name, _ in OUR_COLUMNS)
_TRAILING = re.compile(r"([,;\t|])".join([f'"?{_NAMES[0]}"?', *[f'"?{name}"?' for name in _NAMES[1:]]]))
_HEADINGS = frozenset(word.casefold() for column in OUR_COLUMNS for word in column)
_OF_INPUT = re.compile(r"(?P<name>.+?) \(input(?: \d+)?\)", re.DOTALL)
_SHEETS_OF_OLD = ("Summary", RESULTS_SHEET, "Needs attention", "In review")


def is_report(stream: BinaryIO, limits: Limits) -> bool:
    """Whether the file is a report of ours; a few kilobytes of it are read, however large it is."""
    stream.seek(0)
    head = stream.read(4)
    if head == b"PK\x03\x04":
        try:
            with listed(stream, limits) as archive:
                return _is_workbook_of_ours(archive)
        except DAMAGE:
            return False
    stream.seek(0)
    head = stream.read(_HEAD)
    return _JSON.match(head) is not None or _ends_with_our_headings(head)


def _is_workbook_of_ours(archive: zipfile.ZipFile) -> bool:
    parts = {name.replace("\\", "/").lower(): name for name in archive.namelist()}

    def begins(part: str) -> str:
        if part not in parts:
            return ""
        with archive.open(parts[part]) as file:
            return file.read(_HEAD).decode("utf-8", "replace")

    marked = f'name="{PROPERTY}"'
    return marked in begins("docprops/custom.xml") or marked in begins("meta.xml") or _is_unmarked_one(begins)


def _is_unmarked_one(begins: Callable[[str], str]) -> bool:
    """A report of the first version, which set no property: by its author and its sheets."""
    if "<dc:creator>batchqual</dc:creator>" not in begins("docprops/core.xml"):
        return False
    book = begins("xl/workbook.xml")
    return all(re.search(rf'<sheet [^>]*name="{name}"', book) for name in _SHEETS_OF_OLD)


def _ends_with_our_headings(head: bytes) -> bool:
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = head.decode("utf-16" if wide else "utf-8", "replace")
    found = _TRAILING.search(text)
    return found is not None and len(set(found.groups())) == 1 and text[found.end() :][:1] in ("\r", "\n", "")


def of_results(reading: Reading) -> Reading:
    """How the workbook is read when it is a report: the sheet with every row, unless one is named."""
    return reading if reading.sheet is not None else replace(reading, sheet=RESULTS_SHEET)


def as_input(table: RawTable) -> None:
    """Take our columns off the table of a report, and give the user's headings their own names back."""
    if not table.cells:
        return
    headings = table.cells[0]
    ours = len(headings) - len(OUR_COLUMNS)
    if ours < 0 or {str(cell).casefold() for cell in headings[ours:]} - _HEADINGS:
        return
    for index, row in enumerate(table.cells):
        table.cells[index] = row[:ours]
    table.cells[0] = tuple(map(_as_it_was, headings[:ours]))


def _as_it_was(heading: Cell) -> Cell:
    found = _OF_INPUT.fullmatch(heading) if isinstance(heading, str) else None
    return found["name"] if found and found["name"].strip().casefold() in _HEADINGS else heading

"""One sheet of an old workbook ([MS-XLS], section 2.4): its cells, formulas, formats, hidden rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from struct import unpack_from

from .binarynumbers import double, short_number
from .formats import shows_moment
from .sheetxml import Area, Remarks
from .table import Merged, SheetFacts

__all__ = ["ERRORS", "OldSheet"]

_DIMENSIONS, _LABEL_SST, _MUL_RK, _FORMULA, _BOOL_ERR = 0x200, 0xFD, 0xBD, 0x06, 0x205
_ROW, _COLUMN, _MERGED = 0x208, 0x7D, 0xE5
_CELLS = frozenset(
    {0x02, 0x03, 0x04, 0x05, 0x06, 0xD6, 0x7E, 0x203, 0x204, 0x205, 0x206, 0x27E, 0x406, _LABEL_SST, _MUL_RK}
)
_SHORT_NUMBERS = frozenset({0x7E, 0x27E})
_NUMBERS = _SHORT_NUMBERS | {0x03, 0x203}
_ROW_HIDDEN, _COLUMN_HIDDEN = 0x20, 0x01
_COLUMNS = 256
_NO_NUMBER, _RESULT_IS_ERROR = b"\xff\xff", 2

ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
"""Errors by the byte that stands for them in binary workbooks, old and new."""


class OldSheet:
    """What the records of a sheet say. ``area`` is what its cells fill, ``declared`` what it says that they
    fill; ``characters`` is the text of all cells, as often as it is shown. Without ``remarks`` no facts are
    kept."""

    def __init__(
        self, data: bytes, lengths: Sequence[int], formats: Sequence[str | None], remarks: Remarks | None
    ) -> None:
        self._data = data
        self._lengths = lengths
        self._formats = formats
        self._remarks = remarks
        self.area, self.declared = Area(), Area()
        self.characters = 0
        self.facts = SheetFacts()

    def take(self, kind: int, start: int, end: int) -> None:
        """Take one record. Raises Overfull, or struct.error for one that is too short."""
        if kind in _CELLS and end - start >= 4:
            self._cell(kind, start, end)
        elif kind == _DIMENSIONS and end - start >= 10:
            form = "<IIHH" if end - start >= 12 else "<HHHH"
            top, bottom, left, right = unpack_from(form, self._data, start)
            if bottom > top and right > left:
                self.declared.add(top + 1, left, rows=bottom - top, columns=right - left)
        elif self._remarks is not None:
            self._fact(kind, self._data[start:end], self._remarks)

    def _cell(self, kind: int, start: int, end: int) -> None:
        row, column = unpack_from("<HH", self._data, start)
        wide = (end - start - 6) // 6 if kind == _MUL_RK else 1
        self.area.add(row + 1, column, columns=max(1, wide))
        if kind == _LABEL_SST:
            if end - start >= 10:
                (index,) = unpack_from("<I", self._data, start + 6)
                self.characters += self._lengths[index] if index < len(self._lengths) else 0
        elif self._remarks is not None and end - start >= 6:
            self._remark(kind, row + 1, column, self._data[start:end], self._remarks)

    def _remark(self, kind: int, row: int, column: int, content: bytes, remarks: Remarks) -> None:
        facts = self.facts
        if kind in _NUMBERS:
            self._number(row, column, content[4:], remarks, short=kind in _SHORT_NUMBERS)
        elif kind == _MUL_RK:
            for at in range((len(content) - 6) // 6):
                self._number(row, column + at, content[4 + 6 * at :], remarks, short=True)
        elif kind == _BOOL_ERR and content[7:8] == b"\1":
            self._error(row, column, content[6], remarks)
        elif kind == _FORMULA:
            remarks.take()
            facts.formulas.setdefault(column, set()).add(row)
            if content[12:14] != _NO_NUMBER:
                self._number(row, column, content[4:], remarks, short=False)
            elif content[6] == _RESULT_IS_ERROR:
                self._error(row, column, content[8], remarks)

    def _number(self, row: int, column: int, content: bytes, remarks: Remarks, *, short: bool) -> None:
        (style,) = unpack_from("<H", content)
        code = self._formats[style] if style < len(self._formats) else None
        if code is None:
            return
        if self.facts.formats.note(row, column, code):
            remarks.take()
        if shows_moment(code):
            number = short_number(content[2:]) if short else double(content[2:])
            if self.facts.note_moment(row, column, number):
                remarks.take()

    def _error(self, row: int, column: int, code: int, remarks: Remarks) -> None:
        remarks.take()
        self.facts.errors.setdefault(column, {})[row] = ERRORS.get(code, "#N/A")

    def _fact(self, kind: int, content: bytes, remarks: Remarks) -> None:
        if kind == _ROW and len(content) >= 14:
            if content[12] & _ROW_HIDDEN:
                remarks.take()
                self.facts.hidden_rows.add(unpack_from("<H", content)[0] + 1)
        elif kind == _COLUMN and len(content) >= 10:
            if content[8] & _COLUMN_HIDDEN:
                first, last = unpack_from("<HH", content)
                remarks.take()
                self.facts.hidden_columns.update(range(first, min(last + 1, _COLUMNS)))
        elif kind == _MERGED:
            for merged in _merged(content):
                remarks.take()
                self.facts.merged.append(merged)


def _merged(content: bytes) -> Iterator[Merged]:
    count = unpack_from("<H", content)[0] if len(content) >= 2 else 0
    for at in range(2, min(2 + 8 * count, len(content) - 7), 8):
        top, bottom, left, right = unpack_from("<HHHH", content, at)
        if top <= bottom and left <= right:
            yield Merged(top + 1, left, bottom + 1, right)

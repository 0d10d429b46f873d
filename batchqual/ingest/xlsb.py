"""Binary workbooks, record by record ([MS-XLSB]): their sheets, what one of them holds besides its values,
and how large it is."""

from __future__ import annotations

import io
from array import array
from collections.abc import Iterator
from struct import pack, unpack_from
from typing import IO, BinaryIO, cast

from .biffsheet import ERRORS
from .binarynumbers import double, short_number
from .book import Keys, Scan, Sheet
from .formats import BUILT_IN, PLAIN, shows_moment
from .package import Package
from .sheetparts import SheetParts
from .sheetxml import Area, Remarks
from .table import Merged, SheetFacts

__all__ = ["BinaryBook"]

_CHUNK = 1 << 18
_READ = 32
_LONGEST = 2_048  # of a record that is read whole: names and formats have at most 255 letters
_ROW_HEADER = 0
_CELLS = range(2, 12)  # 1 is a cell with a style and nothing in it
_LEAST = dict.fromkeys(_CELLS, 9) | {0: 4, 2: 12, 5: 16, 6: 12, 7: 12, 8: 12, 9: 16, 148: 16}
"""Bytes that the engine reads of a record by its kind (148 states the used area). In a shorter one it reads
what is left of the record before, or breaks: then its cells stand elsewhere than they stand here."""
_SHARED_TEXT, _TEXT, _TEXTS = 7, 19, 159
_SHORT_NUMBER = 2
_NUMBERS, _ERRORS, _FORMULAS = frozenset({2, 5, 9}), frozenset({3, 11}), range(8, 12)
_COLUMN, _MERGED, _ARRAY = 60, 176, 426
_ROW_HIDDEN, _COLUMN_HIDDEN = 0x10, 0x01
_OPTIONS, _SHEET, _FORMAT, _STYLE, _STYLES, _STYLES_END = 153, 156, 44, 47, 617, 618
_NOT_RECORDS = b"\xd0\xcf\x11\xe0"  # macros
_COLUMNS, _ROWS = 16_384, 1_048_576


class BinaryBook:
    """An XLSB file. Raises ValueError, KeyError or expat.ExpatError where a part is not what it says."""

    def __init__(self, package: Package) -> None:
        self._parts = SheetParts(package, "bin")
        self._lengths = array("L")
        self._options = b""
        if self._parts.strings:
            with package.open(self._parts.strings) as part:
                self._lengths.extend(_text_lengths(part, package.size(self._parts.strings)))
        with package.open(self._parts.book) as part:
            self.sheets = list(self._find_sheets(part))
        self._formats: list[str | None] = []
        if self._parts.styles:
            with package.open(self._parts.styles) as part:
                self._formats = _formats(part)

    def _find_sheets(self, book: IO[bytes]) -> Iterator[Sheet]:
        place = 0
        for kind, content in _records(book, _LONGEST):
            if kind == _OPTIONS:
                self._options = content
            elif kind == _SHEET:
                identity, at = _wide(content, 8)
                name, _ = _wide(content, at)
                part = self._parts.sheet(identity)
                if part is not None:
                    yield Sheet(name, content[0] != 0, place, part)
                place += 1
        if not place:
            raise ValueError("no sheet")

    def scan(self, sheet: Sheet, most_remarks: int) -> Scan:
        """The facts of the sheet, and how large it is."""
        found = _Sheet(self._lengths, self._formats, Remarks(most_remarks))
        with self._parts.package.open(sheet.part) as part:
            for kind, content in _records(part):
                found.take(kind, content)
        return Scan(found.facts, [found.area], found.characters)

    def for_engine(self) -> tuple[BinaryIO | None, Keys]:
        """The workbook itself where the engine reads the same parts; else a copy of these parts alone."""
        if self._parts.read_alike([one.name for one in self.sheets]):
            return None, {sheet.place: sheet.name for sheet in self.sheets}
        options = [(_OPTIONS, self._options)] if self._options else []
        entries = [
            (_SHEET, pack("<II", 0, number) + _spelt(f"rId{number}") + _spelt(str(number)))
            for number in range(1, len(self.sheets) + 1)
        ]
        book = [(131, b""), *options, (143, b""), *entries, (144, b""), (132, b"")]
        copy = self._parts.copy(
            [sheet.part for sheet in self.sheets], b"".join(_record(*one) for one in book)
        )
        return copy, {sheet.place: at for at, sheet in enumerate(self.sheets)}


class _Sheet:
    """What the records of a sheet say."""

    def __init__(self, lengths: array[int], formats: list[str | None], remarks: Remarks) -> None:
        self.facts = SheetFacts()
        self.area = Area()
        self.characters = 0
        self._lengths = lengths
        self._formats = formats
        self._remarks = remarks
        self._row = 0

    def take(self, kind: int, content: bytes) -> None:
        """Take one record. Raises ValueError for one that says too little, and Overfull."""
        if len(content) < _LEAST.get(kind, 0):
            raise ValueError("a record that is too short")
        if kind in _CELLS:
            self._cell(kind, content)
        elif kind == _ROW_HEADER:
            self._row = int.from_bytes(content[:4], "little") + 1
            if len(content) >= 12 and content[11] & _ROW_HIDDEN:
                self._remarks.take()
                self.facts.hidden_rows.add(self._row)
        elif kind == _COLUMN and len(content) >= 17:
            if content[16] & _COLUMN_HIDDEN:
                first, last = unpack_from("<II", content)
                self._remarks.take()
                self.facts.hidden_columns.update(range(first, min(last + 1, _COLUMNS)))
        elif kind in {_MERGED, _ARRAY} and len(content) >= 16:
            self._block(kind, *unpack_from("<IIII", content))

    def _cell(self, kind: int, content: bytes) -> None:
        column = int.from_bytes(content[:4], "little")
        self.area.add(self._row, column)
        if kind == _SHARED_TEXT:
            index = int.from_bytes(content[8:12], "little")
            if index >= len(self._lengths):
                raise ValueError("a shared text that is not there")
            self.characters += self._lengths[index]
        if kind in _FORMULAS:
            self._remarks.take()
            self.facts.formulas.setdefault(column, set()).add(self._row)
        if kind in _ERRORS:
            self._remarks.take()
            self.facts.errors.setdefault(column, {})[self._row] = ERRORS.get(content[8], "#N/A")
        elif kind in _NUMBERS:
            style = int.from_bytes(content[4:7], "little")
            code = self._formats[style] if style < len(self._formats) else None
            if code is not None:
                self._number(kind, column, code, content[8:])

    def _number(self, kind: int, column: int, code: str, content: bytes) -> None:
        if self.facts.formats.note(self._row, column, code):
            self._remarks.take()
        if shows_moment(code):
            number = short_number(content) if kind == _SHORT_NUMBER else double(content)
            if self.facts.note_moment(self._row, column, number):
                self._remarks.take()

    def _block(self, kind: int, top: int, bottom: int, left: int, right: int) -> None:
        if not (top <= bottom < _ROWS and left <= right < _COLUMNS):
            return
        block = Merged(top + 1, left, bottom + 1, right)
        self._remarks.take()
        if kind == _MERGED:
            self.facts.merged.append(block)
        else:
            self._remarks.spill(block, self.facts)


def _formats(styles: IO[bytes]) -> list[str | None]:
    """The number format of each style of a cell; None for one that shows a number as it is."""
    codes: dict[int, str] = dict(BUILT_IN)
    found: list[str] = []
    within = False
    for kind, content in _records(styles, _LONGEST):
        if kind == _FORMAT:
            codes[unpack_from("<H", content)[0]] = _wide(content, 2)[0]
        elif kind in {_STYLES, _STYLES_END}:
            within = kind == _STYLES
        elif kind == _STYLE and within:
            found.append(codes.get(unpack_from("<H", content, 2)[0], ""))
    return [None if code.lower() in PLAIN else code for code in found]


def _record(kind: int, content: bytes) -> bytes:
    """A record; kind and length in groups of seven bits."""
    low, high = len(content) & 0x7F, len(content) >> 7
    return bytes([kind & 0x7F | 0x80, kind >> 7, low | 0x80, high]) + content


def _spelt(text: str) -> bytes:
    return pack("<I", len(text.encode("utf-16-le")) // 2) + text.encode("utf-16-le")


def _wide(content: bytes, at: int) -> tuple[str, int]:
    """Text after a number that says how long it is, and where it ends."""
    (length,) = unpack_from("<I", content, at)
    end = at + 4 + 2 * length
    if length == 0xFFFFFFFF:
        return "", at + 4
    if end > len(content):
        raise ValueError("text beyond its record")
    return content[at + 4 : end].decode("utf-16-le", "replace"), end


def _text_lengths(part: IO[bytes], size: int) -> Iterator[int]:
    for kind, content in _records(part):
        if kind == _TEXTS and int.from_bytes(content[4:8], "little") > size:
            raise ValueError("more texts than bytes")
        if kind == _TEXT:
            yield int.from_bytes(content[1:5], "little")


def _records(part: IO[bytes], most: int = _READ) -> Iterator[tuple[int, bytes]]:
    """Kind and first bytes of each record, at most so many. Raises ValueError for one that the part cannot
    hold: the engine would make room for it before it finds that out."""
    stream = io.BufferedReader(cast("io.RawIOBase", part), _CHUNK)
    if stream.peek(4)[:4] == _NOT_RECORDS:
        return
    while (kind := _number(stream, 2)) is not None:
        length = _number(stream, 4) or 0
        content = stream.read(min(length, most))
        yield kind, content
        left = length - most
        while left > 0 and (skipped := stream.read(min(left, _CHUNK))):
            left -= len(skipped)
        if left > 0 or len(content) < min(length, most):
            raise ValueError("a record longer than its part")


def _number(stream: IO[bytes], most: int) -> int | None:
    """A number in groups of seven bits, lowest first; None at the end."""
    number: int | None = None
    for at in range(most):
        byte = stream.read(1)
        if not byte:
            break
        number = (number or 0) | (byte[0] & 0x7F) << 7 * at
        if byte[0] < 0x80:
            break
    return number

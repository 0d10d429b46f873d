"""Old workbooks, record by record ([MS-XLS]): their sheets, what one of them holds besides its values, and
how large all are: the Excel engine takes all that records say, and ends the process where memory ends."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from struct import unpack_from
from typing import BinaryIO

from .biffsheet import OldSheet
from .bifftext import shared_lengths, short_text, text_of_format
from .book import Keys, Scan, Sheet
from .compound import Compound
from .formats import BUILT_IN, PLAIN
from .sheetxml import Area, Remarks

__all__ = ["OldBook"]

_BOUND_SHEET, _SST, _CONTINUE, _FILE_PASS, _EOF = 0x85, 0xFC, 0x3C, 0x2F, 0x0A
_FORMAT, _STYLE, _START, _NEWER = 0x41E, 0xE0, 0x809, 0x600
_WORKSHEET = 0


class OldBook:
    """The Workbook stream of an XLS file. ``sheets`` are its worksheets; ``encrypted`` says that it opens
    with a password. Raises ValueError or struct.error for a file whose sectors or records lead nowhere."""

    def __init__(self, stream: BinaryIO) -> None:
        file = Compound(stream)
        self._data = file.stream("workbook", "book")
        self._file = file
        self._lengths = array("L")
        self._formats: list[str | None] = []
        self._offsets: list[int] = []
        self.sheets: list[Sheet] = []
        self.encrypted = False
        self._left = 0
        self._read_globals()

    def scan(self, sheet: Sheet, most_remarks: int) -> Scan:
        """The facts of one sheet, and the size of all: the engine reads them all. Raises ValueError for
        records that lead nowhere, and for sheets that lie over one another."""
        self._left = 2 * len(self._data)
        areas: list[Area] = []
        characters = 0
        found: OldSheet | None = None
        for place, offset in enumerate(self._offsets):
            wanted = place == sheet.place
            one = OldSheet(
                self._data, self._lengths, self._formats, Remarks(most_remarks) if wanted else None
            )
            for kind, start, end in self._records(offset):
                one.take(kind, start, end)
            areas += [one.area, one.declared]
            characters += one.characters
            found = one if wanted else found
        if found is None:
            raise ValueError("a sheet that is not there")
        return Scan(found.facts, areas, characters)

    def for_engine(self) -> tuple[BinaryIO | None, Keys]:
        """The file as the engine may have it: without macros, which it would unpack."""
        return self._file.without_macros(), {sheet.place: sheet.place for sheet in self.sheets}

    def _records(self, at: int) -> Iterator[tuple[int, int, int]]:
        """Kind, start and end of the content of each record, up to the end of the substream."""
        data, end = self._data, len(self._data)
        while at + 4 <= end:
            kind, length = unpack_from("<HH", data, at)
            at += 4 + length
            self._left -= 4 + length
            if at > end or self._left < 0:
                raise ValueError("beyond the end")
            yield kind, at - length, at
            if kind == _EOF:
                return

    def _read_globals(self) -> None:
        self._left = 2 * len(self._data)
        codes: dict[int, str] = dict(BUILT_IN)
        styles: list[int] = []
        strings: list[bytes] = []
        last, newer = 0, True
        for kind, start, end in self._records(0):
            content = self._data[start:end]
            if kind == _FILE_PASS:
                self.encrypted = True  # what follows cannot be read
                return
            if kind == _START and len(content) >= 2:
                newer = unpack_from("<H", content)[0] >= _NEWER
            elif kind == _BOUND_SHEET and len(content) >= 4:
                self._take_sheet(content, newer=newer)
            elif kind == _FORMAT and len(content) >= 3:
                codes[unpack_from("<H", content)[0]] = text_of_format(content, newer=newer)
            elif kind == _STYLE and len(content) >= 4:
                styles.append(unpack_from("<H", content, 2)[0])
            if kind == _SST or (kind == _CONTINUE and last == _SST):
                strings.append(content)
            last = last if kind == _CONTINUE else kind
        self._lengths = array("L", shared_lengths(strings))
        named = (codes.get(number, "") for number in styles)
        self._formats = [None if code.lower() in PLAIN else code for code in named]

    def _take_sheet(self, content: bytes, *, newer: bool) -> None:
        (offset,) = unpack_from("<I", content)
        state, kind = content[4:5], content[5:6]
        if kind == bytes([_WORKSHEET]):
            hidden = bool(state[0] & 3)
            name = short_text(content[6:], newer=newer)
            self.sheets.append(Sheet(name, hidden, len(self._offsets)))
        self._offsets.append(offset)

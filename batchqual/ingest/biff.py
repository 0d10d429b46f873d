"""How large the sheets of an old workbook are, and how much text their cells come to ([MS-XLS]): the Excel
engine takes all that its records say, and ends the process where memory ends."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from struct import unpack_from

from .sheetxml import Area

__all__ = ["OldBook"]

_BOUND_SHEET, _SST, _CONTINUE, _FILE_PASS, _EOF = 0x85, 0xFC, 0x3C, 0x2F, 0x0A
_DIMENSIONS, _LABEL_SST, _MUL_RK = 0x200, 0xFD, 0xBD
_CELLS = frozenset(
    {0x02, 0x03, 0x04, 0x05, 0x06, 0xD6, 0x7E, 0x203, 0x204, 0x205, 0x206, 0x27E, 0x406, _LABEL_SST, _MUL_RK}
)
_RICH, _FAR_EAST, _WIDE = 8, 4, 1


class OldBook:
    """The sheets of a Workbook stream. ``areas`` has one for each sheet and one for what it declares;
    ``characters`` is the text of all cells, as often as it is shown. Raises ValueError for records that lead
    nowhere, and for sheets that lie over one another."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = 2 * len(data)
        self._lengths = array("L")
        self.areas: list[Area] = []
        self.characters = 0
        for offset in self._globals():
            self._read_sheet(offset)

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

    def _globals(self) -> list[int]:
        sheets: list[int] = []
        strings: list[bytes] = []
        last = 0
        for kind, start, end in self._records(0):
            if kind == _FILE_PASS:
                return []  # what follows is encrypted, and refused by the engine
            if kind == _BOUND_SHEET and end - start >= 4:
                sheets.append(unpack_from("<I", self._data, start)[0])
            if kind == _SST or (kind == _CONTINUE and last == _SST):
                strings.append(self._data[start:end])
            last = last if kind == _CONTINUE else kind
        self._lengths = array("L", _lengths(strings))
        return sheets

    def _read_sheet(self, offset: int) -> None:
        area, declared = Area(), Area()
        for kind, start, end in self._records(offset):
            if kind == _DIMENSIONS and end - start >= 10:
                form = "<IIHH" if end - start >= 12 else "<HHHH"
                top, bottom, left, right = unpack_from(form, self._data, start)
                if bottom > top and right > left:
                    declared.add(top + 1, left, rows=bottom - top, columns=right - left)
            elif kind in _CELLS and end - start >= 4:
                row, column = unpack_from("<HH", self._data, start)
                wide = (end - start - 6) // 6 if kind == _MUL_RK else 1
                area.add(row + 1, column, columns=max(1, wide))
                if kind == _LABEL_SST and end - start >= 10:
                    (index,) = unpack_from("<I", self._data, start + 6)
                    self.characters += self._lengths[index] if index < len(self._lengths) else 0
        self.areas += [area, declared]


def _lengths(pieces: list[bytes]) -> Iterator[int]:
    """The length of each shared string. Characters may go on in the next piece, after a byte that says how
    they are written there; all else goes on as it is."""
    if not pieces or len(pieces[0]) < 8:
        return
    (count,) = unpack_from("<I", pieces[0], 4)
    if count > sum(map(len, pieces)):
        raise ValueError("more texts than bytes")
    piece, at = 0, 8
    for _ in range(count):
        while piece < len(pieces) and at >= len(pieces[piece]):
            piece, at = piece + 1, at - len(pieces[piece])
        if piece == len(pieces) or at + 3 > len(pieces[piece]):
            return
        length, flags = unpack_from("<HB", pieces[piece], at)
        yield length
        at += 3
        rest = 0
        if flags & _RICH and at + 2 <= len(pieces[piece]):
            rest += 4 * int(unpack_from("<H", pieces[piece], at)[0])
            at += 2
        if flags & _FAR_EAST and at + 4 <= len(pieces[piece]):
            rest += int(unpack_from("<I", pieces[piece], at)[0])
            at += 4
        while length > (room := (len(pieces[piece]) - at) >> (flags & _WIDE)):
            piece, at, length = piece + 1, 1, length - max(0, room)
            if piece == len(pieces) or not pieces[piece]:
                return
            flags = pieces[piece][0]
        at += (length << (flags & _WIDE)) + rest

"""Old workbooks are a file system within a file ([MS-CFB]). Its chains of sectors are checked before the
Excel engine follows them: it would run in a circle until memory ends, and take the process with it."""

from __future__ import annotations

import io
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from struct import unpack_from
from typing import BinaryIO

__all__ = ["Compound"]

_LAST = 0xFFFFFFFA  # this and all above end a chain, or mark a sector that is in none
_STREAM, _ROOT = 2, 5
_ENTRY = 128
_MINI = 64
_MACROS = "_VBA_PROJECT_CUR"


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of the directory; ``at`` is where it stands in the file."""

    name: str
    kind: int
    start: int
    size: int
    at: int


class Compound:
    """A compound file whose chains all come to an end. Raises ValueError for any other."""

    def __init__(self, stream: BinaryIO) -> None:
        stream.seek(0)
        self._data = stream.read()
        shift, mini_shift = unpack_from("<HH", self._head(), 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise ValueError("sector size")
        self._sector: int = 1 << shift
        self._sectors = -(-(len(self._data) - self._sector) // self._sector)
        (directory, _, self._cutoff, mini, _, difat) = unpack_from("<IIIIII", self._data, 48)
        self._fat = self._table(self._fat_sectors(difat))
        self._entries = list(self._directory(directory))
        self._mini_fat = self._table(self._chain(mini, self._fat))
        root = next((one for one in self._entries if one.kind == _ROOT), None)
        self._mini_stream = b"" if root is None else self._read(root.start, self._fat, root.size)
        for entry in self._entries:
            if entry.kind == _STREAM:
                self._follow(entry)

    @property
    def names(self) -> set[str]:
        """The names of all streams and storages."""
        return {entry.name for entry in self._entries if entry.name}

    def stream(self, *names: str) -> bytes:
        """The first stream of one of these names. Raises ValueError when there is none."""
        for entry in self._entries:
            if entry.kind == _STREAM and entry.name.casefold() in names:
                if entry.size >= self._cutoff:
                    return self._read(entry.start, self._fat, entry.size)
                chain = self._follow(entry)
                pieces = (self._mini_stream[at * _MINI : (at + 1) * _MINI] for at in chain)
                return b"".join(pieces)[: entry.size]
        raise ValueError("no workbook")

    def without_macros(self) -> BinaryIO | None:
        """The file with its macros out of sight, so that nobody unpacks them; None when it has none."""
        found = [entry.at for entry in self._entries if entry.name == _MACROS]
        if not found:
            return None
        copy = bytearray(self._data)
        for at in found:
            copy[at] = ord("-")
        return io.BytesIO(copy)

    def _head(self) -> bytes:
        if len(self._data) < 1024:
            raise ValueError("too short")
        return self._data

    def _place(self, sector: int) -> int:
        if sector >= self._sectors:
            raise ValueError("sector beyond the end")
        return (sector + 1) * self._sector

    def _fat_sectors(self, difat: int) -> list[int]:
        listed = list(unpack_from("<109I", self._data, 76))
        seen = 0
        while difat < _LAST:
            seen += 1
            at = self._place(difat)
            if seen > self._sectors or at + self._sector > len(self._data):
                raise ValueError("circle")
            *more, difat = unpack_from(f"<{self._sector // 4}I", self._data, at)
            listed += more
        sectors = [one for one in listed if one < _LAST]
        if len(sectors) > self._sectors:
            raise ValueError("more tables than sectors")
        return sectors

    def _table(self, sectors: list[int]) -> array[int]:
        table = array("Q")
        for sector in sectors:
            at = self._place(sector)
            whole = (min(at + self._sector, len(self._data)) - at) // 4
            table.extend(unpack_from(f"<{whole}I", self._data, at))
        return table

    def _chain(self, start: int, table: array[int]) -> list[int]:
        chain: list[int] = []
        while start < _LAST:
            if start >= len(table) or len(chain) > len(table):
                raise ValueError("circle, or a sector that no table knows")
            chain.append(start)
            start = table[start]
        return chain

    def _read(self, start: int, table: array[int], size: int) -> bytes:
        pieces = []
        for sector in self._chain(start, table):
            at = self._place(sector)
            pieces.append(self._data[at : at + self._sector])
        return b"".join(pieces)[:size]

    def _directory(self, start: int) -> Iterator[_Entry]:
        for sector in self._chain(start, self._fat):
            place = self._place(sector)
            for at in range(place, min(place + self._sector, len(self._data) - _ENTRY + 1), _ENTRY):
                length, kind = unpack_from("<HB", self._data, at + 64)
                name = self._data[at : at + min(max(length - 2, 0), 62)].decode("utf-16-le", "replace")
                first, low, high = unpack_from("<III", self._data, at + 116)
                size = low if self._sector == 512 else low | high << 32  # old writers leave rubbish up there
                if kind in (_STREAM, _ROOT) and size > len(self._data):
                    raise ValueError("larger than the file")
                yield _Entry(name, kind, first, size, at)

    def _follow(self, entry: _Entry) -> list[int]:
        if not entry.size:
            return []
        return self._chain(entry.start, self._fat if entry.size >= self._cutoff else self._mini_fat)

"""How large the sheets of a binary workbook are, from the records that place its cells, and how much text
their cells come to."""

from __future__ import annotations

import io
import posixpath
import zipfile
from array import array
from collections import deque
from collections.abc import Iterator
from typing import IO, cast

from .sheetxml import Area, parse_xml

__all__ = ["BinaryBook"]

_CHUNK = 1 << 18
_READ = 16
_ROW_HEADER = 0
_CELLS = range(2, 12)  # 1 is a cell with a style and nothing in it
_LEAST = dict.fromkeys(_CELLS, 9) | {0: 4, 2: 12, 5: 16, 6: 12, 7: 12, 8: 12, 9: 16, 148: 16}
"""Bytes that the engine reads of a record by its kind (148 states the used area). In a shorter one it reads
what is left of the record before, or breaks: then its cells stand elsewhere than they stand here."""
_SHARED_TEXT, _TEXT, _TEXTS = 7, 19, 159
_NOT_RECORDS = b"\xd0\xcf\x11\xe0"  # macros
_BOOK = "xl/_rels/workbook.bin.rels"
_BESIDES = ("xl/workbook.bin", "xl/styles.bin")
_STRINGS = "xl/sharedstrings.bin"


class BinaryBook:
    """The sheets of an XLSB file: their used ``areas``, and the ``characters`` of all cells with shared text,
    as often as it is shown. Raises ValueError where a part is not what it says."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.areas: list[Area] = []
        self.characters = 0
        self._lengths = array("L")
        names = {name.lower(): name for name in archive.namelist()}
        if _STRINGS in names:
            with archive.open(names[_STRINGS]) as part:
                self._lengths.extend(_text_lengths(part, archive.getinfo(names[_STRINGS]).file_size))
        for name in filter(names.get, _BESIDES):
            with archive.open(names[name]) as part:
                deque(_records(part), maxlen=0)
        for name in sorted(_sheets(archive, names)):
            with archive.open(name) as part:
                self._read_sheet(part)

    def _read_sheet(self, part: IO[bytes]) -> None:
        area, row, lengths = Area(), 0, self._lengths
        for kind, content in _records(part):
            if len(content) < _LEAST.get(kind, 0):
                raise ValueError("a record that is too short")
            if kind == _ROW_HEADER:
                row = int.from_bytes(content[:4], "little") + 1
            elif kind in _CELLS:
                area.add(row, int.from_bytes(content[:4], "little"))
                if kind == _SHARED_TEXT:
                    index = int.from_bytes(content[8:12], "little")
                    if index >= len(lengths):
                        raise ValueError("a shared text that is not there")
                    self.characters += lengths[index]
        self.areas.append(area)


def _sheets(archive: zipfile.ZipFile, names: dict[str, str]) -> set[str]:
    """All parts that may be taken for a sheet: those in the usual folder, and those that the workbook names,
    in either way to read such a name."""
    found = {name for low, name in names.items() if low.startswith("xl/worksheets/") and low.endswith(".bin")}

    def relation(name: str, attributes: dict[str, str]) -> None:
        target = attributes.get("Target", "").lower()
        if name == "Relationship" and target.endswith(".bin"):
            plain = target.removeprefix("/")
            for one in (plain, f"xl/{plain}", posixpath.normpath(f"xl/{plain}")):
                if one in names and one != _STRINGS:
                    found.add(names[one])

    if _BOOK in names:
        with archive.open(names[_BOOK]) as part:
            parse_xml(part, relation)
    return found


def _text_lengths(part: IO[bytes], size: int) -> Iterator[int]:
    for kind, content in _records(part):
        if kind == _TEXTS and int.from_bytes(content[4:8], "little") > size:
            raise ValueError("more texts than bytes")
        if kind == _TEXT:
            yield int.from_bytes(content[1:5], "little")


def _records(part: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Kind and first bytes of each record. Raises ValueError for one that the part cannot hold: the engine
    would make room for it before it finds that out."""
    stream = io.BufferedReader(cast("io.RawIOBase", part), _CHUNK)
    if stream.peek(4)[:4] == _NOT_RECORDS:
        return
    while (kind := _number(stream, 2)) is not None:
        length = _number(stream, 4) or 0
        content = stream.read(min(length, _READ))
        yield kind, content
        left = length - _READ
        while left > 0 and (skipped := stream.read(min(left, _CHUNK))):
            left -= len(skipped)
        if left > 0 or len(content) < min(length, _READ):
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

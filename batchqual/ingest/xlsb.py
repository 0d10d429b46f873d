"""How large the sheets of a binary workbook are, from the records that place its cells."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from .sheetxml import Area

__all__ = ["used_areas"]

_ROW_HEADER = 0
_CELLS = range(2, 12)  # 1 is a cell with a style and nothing in it


def used_areas(archive: zipfile.ZipFile) -> Iterator[Area]:
    """The used area of each sheet of an XLSB file."""
    for name in archive.namelist():
        if name.lower().startswith("xl/worksheets/") and name.lower().endswith(".bin"):
            yield _used_area(archive.read(name))


def _used_area(data: bytes) -> Area:
    area, row, at = Area(), 0, 0
    while at < len(data):
        kind, at = _number(data, at, 2)
        length, at = _number(data, at, 4)
        if kind == _ROW_HEADER:
            row = int.from_bytes(data[at : at + 4], "little") + 1
        elif kind in _CELLS:
            area.add(row, int.from_bytes(data[at : at + 4], "little"))
        at += length
    return area


def _number(data: bytes, at: int, most: int) -> tuple[int, int]:
    """A number in groups of seven bits, lowest first, and where it ends."""
    number = shift = 0
    for _ in range(most):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return number, at

"""How much of a file is read before it is refused: bounds that keep a broken or hostile file harmless."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one input file.

    ``cell_chars`` is Excel's own bound of a cell. ``unpacked_bytes`` and ``unpack_ratio`` refuse a zip bomb:
    the size of all parts of a workbook unpacked, and how often a large part may exceed its packed size.
    ``unpacked_bytes`` bounds the text of all cells too, counted as often as it is shown: a workbook may say
    one long text a million times. ``used_area`` is rows times columns of the used areas of the sheets, which
    the Excel engine holds in memory at some 30 bytes a cell, filled or not; of a text file it bounds the
    cells. ``remarks`` bounds what is noted of cells besides their values: formulas, errors, hidden rows.
    ``directory_bytes`` bounds the list of an archive's parts.
    """

    file_bytes: int = 1024 * _MIB
    cell_chars: int = 32_767
    line_chars: int = 8 * _MIB
    columns: int = 2_000
    rows: int = 1_048_576
    unpacked_bytes: int = 1024 * _MIB
    unpack_ratio: int = 300
    unpack_ratio_from: int = 8 * _MIB
    used_area: int = 24_000_000
    remarks: int = 8_000_000
    directory_bytes: int = 4 * _MIB

"""Old Excel workbooks (.xls), byte by byte: honest ones, and ones whose records or sectors lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import pack

__all__ = ["boundaries", "compound", "label", "number", "old_workbook", "record"]

_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR = 512


def _no_change(_table: list[int]) -> None:
    """The table stays as it is."""


def record(kind: int, content: bytes = b"") -> bytes:
    """One record."""
    return pack("<HH", kind, len(content)) + content


def label(row: int, column: int, text: int) -> bytes:
    """A cell that shows a shared text. Rows and columns count from 0."""
    return record(0xFD, pack("<HHHI", row, column, 0, text))


def number(row: int, column: int, value: float) -> bytes:
    """A cell with a number."""
    return record(0x203, pack("<HHHd", row, column, 0, value))


def boundaries(rows: int, columns: int) -> bytes:
    """The record with which a sheet says how large it is."""
    return record(0x200, pack("<IIHHH", 0, rows, 0, columns, 0))


def _texts(texts: Sequence[str], said: int | None) -> bytes:
    content = pack("<II", len(texts), len(texts) if said is None else said)
    for text in texts:
        content += pack("<HB", len(text), 0) + text.encode("latin-1")
    return record(0xFC, content)


def _stream(texts: Sequence[str], cells: bytes, sheets: int, said: int | None) -> bytes:
    def book(offset: int) -> bytes:
        names = b"".join(
            record(0x85, pack("<IBBBB", offset, 0, 0, 1, 0) + bytes([65 + at % 26])) for at in range(sheets)
        )
        start = record(0x809, pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
        return start + record(0x42, pack("<H", 1200)) + names + _texts(texts, said) + record(0x0A)

    head = book(len(book(0)))
    return head + record(0x809, pack("<HHHHII", 0x600, 16, 0, 0, 0, 0)) + cells + record(0x0A)


def _entry(name: str, kind: int, start: int, size: int, child: int = _FREE) -> bytes:
    spelt = name.encode("utf-16-le") + b"\0\0"
    links = pack("<HBBIII", len(spelt), kind, 1, _FREE, _FREE, child)
    return spelt.ljust(64, b"\0") + links + b"\0" * 36 + pack("<IQ", start, size)


def old_workbook(
    texts: Sequence[str],
    cells: bytes,
    *,
    sheets: int = 1,
    said: int | None = None,
    change: Callable[[list[int]], None] = _no_change,
    difat: int = _END,
    macros: bool = False,
) -> bytes:
    """A workbook with these shared texts and cell records.

    ``sheets`` is how many sheets stand at the same place, ``said`` how many texts it says to have; ``change``
    is done to the table of sectors, whose first is the directory's; ``difat`` is where more of that table is
    said to stand.
    """
    return compound(_stream(texts, cells, sheets, said), change=change, difat=difat, macros=macros)


def compound(
    stream: bytes,
    *,
    change: Callable[[list[int]], None] = _no_change,
    difat: int = _END,
    macros: bool = False,
    name: str = "Workbook",
    beside: Sequence[str] = (),
) -> bytes:
    """A compound file with this stream, and with empty ones (two at most) ``beside`` it."""
    stream = stream.ljust(max(4096, -(-len(stream) // _SECTOR) * _SECTOR), b"\0")
    used = len(stream) // _SECTOR
    tables = 1
    while 1 + used + tables > 128 * tables:
        tables += 1
    table = [_END, *range(2, used + 1), _END] + [_TABLE] * tables
    table += [_FREE] * (128 * tables - len(table))
    change(table)
    directory = _entry("Root Entry", 5, _END, 0, 1) + _entry(name, 2, 1, len(stream))
    directory += _entry("_VBA_PROJECT_CUR", 1, 0, 0) if macros else b""
    directory += b"".join(_entry(other, 2, _END, 0) for other in beside)
    head = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    )
    head += pack("<IIIIIIIII", 0, tables, 0, 0, 4096, _END, 0, difat, difat != _END)
    places = [1 + used + at for at in range(tables)]
    head += pack("<109I", *(places + [_FREE] * 109)[:109])
    return head + directory.ljust(_SECTOR, b"\0") + stream + pack(f"<{len(table)}I", *table)

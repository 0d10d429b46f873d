"""Workbooks are ZIP archives: opened with care, because a small one can unpack to fill the machine."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from batchqual.errors import InputError

from .limits import Limits
from .table import RawTable

__all__ = ["damaged", "opened"]

_CHUNK = 1 << 18
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


@contextmanager
def opened(stream: BinaryIO, table: RawTable, limits: Limits) -> Iterator[zipfile.ZipFile]:
    """The archive, after its parts were unpacked once, into nothing, within the limits.

    The declared sizes are not trusted: the Excel engine does not stop at them. Raises InputError for a
    bomb, a damaged archive, and parts that are encrypted or stand there twice.
    """
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            _inspect(archive, stream, table, limits)
            yield archive
    except _DAMAGE as problem:
        raise damaged(table) from problem


def damaged(table: RawTable) -> InputError:
    """The error for a workbook whose insides do not hold together."""
    return InputError(
        f"{table.path} is damaged: it is not a complete workbook.",
        hint="Open it in Excel, let it repair the file, and save it again; or download it again.",
        code="damaged",
    )


def _inspect(archive: zipfile.ZipFile, stream: BinaryIO, table: RawTable, limits: Limits) -> None:
    parts = archive.infolist()
    names = {part.filename.lower() for part in parts}
    readable = all(part.compress_type in _READABLE and not part.flag_bits & 1 for part in parts)
    if len(names) != len(parts) or not readable:
        raise damaged(table)
    total = 0
    for part in parts:
        size = 0
        most = max(limits.unpack_ratio_from, limits.unpack_ratio * part.compress_size)
        for length in _unpacked(stream, part):
            size, total = size + length, total + length
            if size > most or total > limits.unpacked_bytes:
                raise _bomb(table, limits)
        if size != part.file_size:
            raise damaged(table)


def _unpacked(stream: BinaryIO, part: zipfile.ZipInfo) -> Iterator[int]:
    """Lengths of the chunks into which a part unpacks, whatever size it declares."""
    stream.seek(part.header_offset)
    header = stream.read(30)
    stream.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    left = part.compress_size
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    while left > 0 and (packed := stream.read(min(left, _CHUNK))):
        left -= len(packed)
        if part.compress_type == zipfile.ZIP_STORED:
            yield len(packed)
            continue
        while packed:
            yield len(unpacker.decompress(packed, _CHUNK))
            packed = unpacker.unconsumed_tail
    if part.compress_type == zipfile.ZIP_DEFLATED:
        yield len(unpacker.flush())


def _bomb(table: RawTable, limits: Limits) -> InputError:
    return InputError(
        f"{table.path} unpacks to more than a workbook of its size holds (at most"
        f" {limits.unpacked_bytes / 2**20:,.0f} MiB, and {limits.unpack_ratio} times its packed size), so it"
        " is not read.",
        hint="If the file is sound, copy the table into a new workbook, or save it as CSV.",
        code="zip-bomb",
    )

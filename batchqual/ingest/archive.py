"""Workbooks are ZIP archives: opened with care, because a small one can unpack to fill the machine."""

from __future__ import annotations

import io
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import BinaryIO, cast

from batchqual.errors import InputError

from .limits import Limits
from .table import RawTable

__all__ = ["DAMAGE", "damaged", "listed", "opened", "too_much_unpacked"]

_CHUNK = 1 << 18
_ANY = sys.maxsize
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)
"""What reading a damaged archive, or a part of one, raises."""


class _Wary(io.RawIOBase):
    """A stream that refuses one read of more than ``most`` bytes: the list of an archive's parts is read at
    once, and a list of twenty million parts would fill the memory."""

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self._stream = stream
        self.most = most

    def read(self, size: int | None = -1, /) -> bytes:
        """Read. Raises BadZipFile."""
        if size is not None and size > self.most:
            raise zipfile.BadZipFile("too long a list of parts")
        return self._stream.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go there."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Where it stands."""
        return self._stream.tell()

    def seekable(self) -> bool:
        """It is."""
        return True


@contextmanager
def listed(stream: BinaryIO, limits: Limits) -> Iterator[zipfile.ZipFile]:
    """The archive with its list of parts, none of them unpacked. Raises what zipfile raises."""
    stream.seek(0)
    wary = _Wary(stream, limits.directory_bytes)
    with zipfile.ZipFile(cast("BinaryIO", wary)) as archive:
        wary.most = _ANY
        yield archive


@contextmanager
def opened(stream: BinaryIO, table: RawTable, limits: Limits) -> Iterator[zipfile.ZipFile]:
    """The archive, after its parts were unpacked once, into nothing, within the limits.

    The declared sizes are not trusted: the Excel engine does not stop at them. Raises InputError for a
    bomb, a damaged archive, and parts that are encrypted or stand there twice.
    """
    with ExitStack() as until_read:
        try:
            archive = until_read.enter_context(listed(stream, limits))
            _inspect(archive, stream, table, limits)
        except DAMAGE as problem:
            raise damaged(table) from problem
        yield archive


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
                raise too_much_unpacked(table, limits)
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


def too_much_unpacked(table: RawTable, limits: Limits) -> InputError:
    """The error for a small file that would fill the memory."""
    return InputError(
        f"{table.path} unpacks to more than a workbook of its size holds (at most"
        f" {limits.unpacked_bytes / 2**20:,.0f} MiB, and {limits.unpack_ratio} times its packed size), so it"
        " is not read.",
        hint="If the file is sound, copy the table into a new workbook, or save it as CSV.",
        code="zip-bomb",
    )

"""What a file really is, by its first bytes: names lie."""

from __future__ import annotations

import re
import zipfile
from enum import Enum
from pathlib import PurePath
from typing import BinaryIO

from batchqual.errors import InputError

from .archive import listed
from .limits import Limits
from .sources import STDIN, Source

__all__ = ["Kind", "kind_of", "suffix_lies"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MARKUP = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|head|body|table|meta|\?xml)", re.IGNORECASE
)


class Kind(Enum):
    """How a file is read."""

    DELIMITED = "delimited text"
    XLSX = "Excel workbook"
    XLSB = "binary Excel workbook"
    XLS = "old Excel workbook"
    ODS = "OpenDocument spreadsheet"


_KIND_OF_SUFFIX = {
    ".xlsx": Kind.XLSX,
    ".xlsm": Kind.XLSX,
    ".xlsb": Kind.XLSB,
    ".xls": Kind.XLS,
    ".ods": Kind.ODS,
}


def kind_of(source: Source, stream: BinaryIO, limits: Limits) -> Kind:
    """What the file is, whatever it is called. Raises InputError, with what to do, for what is no sheet."""
    stream.seek(0)
    head = stream.read(4096)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(source, stream, limits)
    if head.startswith(_OLE):
        return _kind_of_ole(source, stream)
    if head.startswith(b"\x1f\x8b"):
        raise _refused(
            source, "is compressed with gzip", "Unpack it first, and name the file that comes out."
        )
    if head.startswith(b"%PDF"):
        raise _refused(source, "is a PDF", "Export the list as a workbook or as CSV.")
    if _MARKUP.match(head):
        raise _refused(
            source,
            "is a web page or an XML file, not a workbook",
            "Open it in Excel and save it as “Excel Workbook (.xlsx)”.",
        )
    if source.path != STDIN and PurePath(source.path).suffix.lower() in _WORKBOOK_SUFFIXES:
        raise _refused(
            source,
            f"is no workbook, whatever its name says: it {'is text' if _texty(head) else 'holds other data'}",
            "If it is CSV, rename it to .csv; otherwise save it again as a workbook.",
        )
    return Kind.DELIMITED


def suffix_lies(source: Source, kind: Kind) -> bool:
    """Whether the file's name promises another kind than the file is."""
    return source.path == STDIN or _KIND_OF_SUFFIX.get(PurePath(source.path).suffix.lower()) is not kind


def _kind_of_zip(source: Source, stream: BinaryIO, limits: Limits) -> Kind:
    try:
        with listed(stream, limits) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as problem:
        raise _refused(
            source, "is damaged: it is not a complete workbook", "Save or download it again.", "damaged"
        ) from problem
    if "xl/workbook.bin" in names:
        return Kind.XLSB
    if "xl/workbook.xml" in names or any(re.fullmatch(r"xl/workbook\d*\.xml", name) for name in names):
        return Kind.XLSX
    if "content.xml" in names and "mimetype" in names:
        return Kind.ODS
    what = "a Word document" if "word/document.xml" in names else "a ZIP archive"
    raise _refused(source, f"is {what}, not a workbook", "Unpack it first, or save the list as a workbook.")


def _kind_of_ole(source: Source, stream: BinaryIO) -> Kind:
    stream.seek(0)
    tail = b""
    while chunk := stream.read(1 << 20):
        if _ENCRYPTED in tail + chunk:
            raise _refused(
                source,
                "is protected with a password (encrypted)",
                "Open it in Excel, remove the password (File, Info, Protect Workbook), and save it.",
                "encrypted",
            )
        tail = chunk[-len(_ENCRYPTED) :]
    return Kind.XLS


def _texty(head: bytes) -> bool:
    return head.count(0) * 100 < len(head) and sum(byte < 9 for byte in head) * 20 < len(head)


def _refused(source: Source, what: str, hint: str, code: str = "not-a-sheet") -> InputError:
    return InputError(f"{source.label} {what}.", hint=hint, code=code)

"""What a file really is, by its first bytes: names lie."""

from __future__ import annotations

import re
import struct
from enum import Enum
from pathlib import PurePath
from typing import BinaryIO
from xml.parsers import expat

from batchqual.errors import InputError

from .archive import DAMAGE, listed
from .compound import Compound
from .limits import Limits
from .package import Package
from .sources import STDIN, Source

__all__ = ["Kind", "encrypted", "kind_of", "suffix_lies"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
_RIGHTS = b".PFILE"
_BROKEN = (*DAMAGE, expat.ExpatError, KeyError)
_DOCUMENTS = {"wordprocessingml": "a Word document", "presentationml": "a PowerPoint presentation"}
_PACKAGE, _PASSWORD_DATA = "EncryptedPackage", "EncryptionInfo"
_RIGHTS_DATA = ("DRMEncrypted", "\tDRM")
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
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
    if head.startswith(_RIGHTS):
        raise _labelled(source)
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
            package = Package(archive)
            kind, what = _kind_of_package(package)
            locked = kind is Kind.ODS and package.encrypted
    except _BROKEN as problem:
        raise _refused(
            source, "is damaged: it is not a complete workbook", "Save or download it again.", "damaged"
        ) from problem
    if locked:
        raise encrypted(source.label)
    if kind is None:
        hint = "Unpack it first, or save the list as a workbook."
        raise _refused(source, f"is {what}, not a workbook", hint)
    return kind


def _kind_of_package(package: Package) -> tuple[Kind | None, str]:
    """The kind of workbook that a package is; for what is none, also what it is."""
    if package.book is not None:
        said = package.book_type
        for word, what in _DOCUMENTS.items():
            if word in said:
                return None, what
        if said.endswith(".bin") or "sheet.binary" in said:
            return Kind.XLSB, ""
        if "spreadsheetml" in said or "ms-excel" in said or PurePath(said).name.startswith("workbook"):
            return Kind.XLSX, ""
    said = _open_document_type(package)
    if said.startswith(_OPEN_DOCUMENT):
        return (Kind.ODS, "") if "spreadsheet" in said else (None, "another kind of OpenDocument file")
    return None, "a Word document" if package.entry("word/document.xml") else "a ZIP archive"


def _open_document_type(package: Package) -> str:
    """What an OpenDocument package says that it is; empty for other packages."""
    if package.entry("mimetype") is not None:
        with package.open("mimetype") as part:
            return part.read(200).decode("latin-1").strip()
    return package.media_type


def _kind_of_ole(source: Source, stream: BinaryIO) -> Kind:
    """An encrypted package without the data of a password is one that rights management opens
    ([MS-OFFCRYPTO], sections 2.2 and 2.3); so is an old workbook with its protected content beside it."""
    try:
        names = Compound(stream).names
    except (ValueError, struct.error):
        names = _spelt(stream) | {_PASSWORD_DATA}
    rights = any(name.startswith(_RIGHTS_DATA) for name in names)
    if rights or (_PACKAGE in names and _PASSWORD_DATA not in names):
        raise _labelled(source)
    if _PACKAGE in names:
        raise encrypted(source.label)
    return Kind.XLS


def _spelt(stream: BinaryIO) -> set[str]:
    """Names that tell of encryption, wherever they stand: for a file whose directory cannot be read."""
    sought = {name: name.encode("utf-16-le") for name in (_PACKAGE, *_RIGHTS_DATA)}
    found = set[str]()
    stream.seek(0)
    tail = b""
    while chunk := stream.read(1 << 20):
        found.update(name for name, spelt in sought.items() if spelt in tail + chunk)
        tail = chunk[-64:]
    return found


def _texty(head: bytes) -> bool:
    return head.count(0) * 100 < len(head) and sum(byte < 9 for byte in head) * 20 < len(head)


def _labelled(source: Source) -> InputError:
    return _refused(
        source,
        "is encrypted by a sensitivity label (or by rights management), which no password opens",
        "Open it in Excel with an account that may, and take the label or the protection off (Home,"
        " Sensitivity; or File, Info, Protect Workbook, Restrict Access), or save a copy of the list as CSV."
        " Where you may not, ask the owner of the file.",
        code="labelled",
    )


def encrypted(label: str) -> InputError:
    """The error for a workbook that opens with a password."""
    return InputError(
        f"{label} is protected with a password (encrypted).",
        hint="Open it in Excel, remove the password (File, Info, Protect Workbook), and save it.",
        code="encrypted",
    )


def _refused(source: Source, what: str, hint: str, code: str = "not-a-sheet") -> InputError:
    return InputError(f"{source.label} {what}.", hint=hint, code=code)

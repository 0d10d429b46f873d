"""The parts of a workbook as its package format names them ([ECMA-376 part 2], Open Packaging Conventions).

Writers differ: backslashes in the archive, other cases, absolute targets, the workbook at the root or under
another name. One reading of names serves every reader here.
"""

from __future__ import annotations

import posixpath
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import IO, BinaryIO, NamedTuple, cast
from urllib.parse import unquote

from .sheetxml import ForbiddenXmlError, parse_xml

__all__ = ["Package", "Relation", "packed"]

_MOST_BYTES = 1 << 22  # of a part that says where others are
_USUAL = ("xl/workbook.bin", "xl/workbook.xml", "workbook.xml", "workbook.bin")
_ENCRYPTED = "encryption-data"
_NUMBERED = re.compile(r"xl/workbook\d+\.xml").fullmatch


class Relation(NamedTuple):
    """A line from one part to another: ``kind`` is the last word of its type, ``part`` the folded name of the
    other part, ``target`` what stands in the file."""

    identity: str
    kind: str
    part: str
    target: str


class Package:
    """The parts of an archive, found by their folded names: without regard to case, to backslashes, and to
    escapes of URLs. Raises ForbiddenXmlError where two entries of the archive claim the same part."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._entries: dict[str, list[str]] = {}
        for name in archive.namelist():
            if not name.endswith("/"):
                self._entries.setdefault(fold(name), []).append(name)

    def entry(self, part: str) -> str | None:
        """The name that a part has in the archive, or None when it is not there."""
        found = self._entries.get(fold(part), [])
        if len(found) > 1:
            raise ForbiddenXmlError
        return found[0] if found else None

    def open(self, part: str) -> IO[bytes]:
        """The part's bytes. Raises KeyError when it is not there."""
        entry = self.entry(part)
        if entry is None:
            raise KeyError(part)
        return self._archive.open(entry)

    def size(self, part: str) -> int:
        """The unpacked size that the part declares. Raises KeyError when it is not there."""
        entry = self.entry(part)
        if entry is None:
            raise KeyError(part)
        return self._archive.getinfo(entry).file_size

    @cached_property
    def books(self) -> int:
        """How many main parts the package says that it has: one, or none where it says nothing."""
        return sum(relation.kind == "officeDocument" for relation in self.relations(""))

    @cached_property
    def book(self) -> str | None:
        """The main part, by the package's own relation; where there is none, by its usual names."""
        for relation in self.relations(""):
            if relation.kind == "officeDocument" and self.entry(relation.part):
                return relation.part
        numbered = sorted(filter(_NUMBERED, self._entries))
        return next((part for part in (*_USUAL, *numbered) if self.entry(part)), None)

    @cached_property
    def book_type(self) -> str:
        """The content type of the main part, in lower case; its name where no type is written down."""
        book = self.book or ""
        return self._types.get(book) or self._types.get("*" + posixpath.splitext(book)[1]) or book

    @cached_property
    def _types(self) -> Mapping[str, str]:
        types: dict[str, str] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            said = attributes.get("ContentType", "").lower()
            if name == "Override":
                types[fold(attributes.get("PartName", ""))] = said
            elif name == "Default" and said not in {"application/xml", "text/xml"}:
                types["*." + attributes.get("Extension", "").lower()] = said

        self._parse("[Content_Types].xml", start)
        return types

    def relations(self, part: str) -> list[Relation]:
        """The parts to which a part refers (``""``: the package itself). Raises ForbiddenXmlError for two
        under one identity."""
        folder, file = posixpath.split(part)
        found: dict[str, Relation] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            if name != "Relationship" or attributes.get("TargetMode") == "External":
                return
            target, identity = attributes.get("Target", ""), attributes.get("Id", "")
            if identity in found:
                raise ForbiddenXmlError
            kind = attributes.get("Type", "").rpartition("/")[2]
            plain = target.replace("\\", "/")
            full = plain if plain.startswith("/") else f"{folder}/{plain}"
            found[identity] = Relation(identity, kind, fold(full), target)

        self._parse(f"{folder}/_rels/{file}.rels", start)
        return list(found.values())

    def related(self, relations: list[Relation], kind: str, usual: str) -> str | None:
        """The one part of a kind to which the book refers; else the one under its usual name, or None."""
        for relation in relations:
            if relation.kind == kind and self.entry(relation.part):
                return relation.part
        beside = posixpath.join(posixpath.dirname(self.book or ""), usual)
        return next((fold(part) for part in (beside, f"xl/{usual}") if self.entry(part)), None)

    @property
    def media_type(self) -> str:
        """What the manifest of an OpenDocument package calls the whole; empty where there is none."""
        return self._manifest.get("/", "")

    @property
    def encrypted(self) -> bool:
        """Whether the manifest of an OpenDocument package says that parts are encrypted."""
        return _ENCRYPTED in self._manifest

    @cached_property
    def _manifest(self) -> Mapping[str, str]:
        found: dict[str, str] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            plain = {key.rpartition(":")[2]: value for key, value in attributes.items()}
            if name == "file-entry" and plain.get("full-path") == "/":
                found["/"] = plain.get("media-type", "")
            elif name == _ENCRYPTED:
                found[name] = ""

        self._parse("META-INF/manifest.xml", start)
        return found

    def _parse(self, part: str, start: Callable[[str, dict[str, str]], None]) -> None:
        if self.entry(part) is None:
            return
        if self.size(part) > _MOST_BYTES:
            raise ForbiddenXmlError
        with self.open(part) as stream:
            parse_xml(stream, start)


def fold(name: str) -> str:
    """A name of a part as names are compared."""
    return posixpath.normpath("/" + unquote(name).replace("\\", "/")).lstrip("/").lower()


def packed(package: Package, parts: Mapping[str, str | bytes], written: Mapping[str, str]) -> BinaryIO:
    """A new archive: ``parts`` goes from a name to its bytes, ``written`` from a name to a part of the
    package whose bytes it gets."""
    spool = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    with zipfile.ZipFile(spool, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        for name, part in written.items():
            with package.open(part) as source, archive.open(name, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, 1 << 18)
    return cast("BinaryIO", spool)

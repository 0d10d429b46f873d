"""Workbooks made to harm: each small on disk, and large, endless or misleading when it is believed."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from .old_workbook import boundaries, label, number, old_workbook, record
from .sheets import HEADINGS, customer, xlsx_file

__all__ = ["HOSTILE", "binary_workbook", "open_document", "packed", "workbook"]

SHEET: Final = "xl/worksheets/sheet1.xml"
STRINGS: Final = "xl/sharedStrings.xml"
_RELS: Final = "xl/_rels/workbook.xml.rels"
_MAIN: Final = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_MANY: Final = 4_294_967_295


def packed(parts: Mapping[str, bytes | str]) -> bytes:
    """An archive of these parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def workbook(rows: str = "", *, head: str = "", tail: str = "", **parts: bytes | str) -> bytes:
    """A workbook of headings and one row, with more XML below, before and after its rows, and more parts
    (``__`` in a name stands for a slash, ``_`` at its end for ``.xml``)."""
    with TemporaryDirectory() as folder:
        path = xlsx_file(Path(folder), [HEADINGS, (customer(1), "SOE", None, None, None, "City")])
        with zipfile.ZipFile(path) as archive:
            whole: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    sheet = str(whole[SHEET], "utf-8")  # type: ignore[arg-type] # bytes until here
    sheet = sheet.replace("<sheetData>", f"{head}<sheetData>").replace(
        "</sheetData>", f"{rows}</sheetData>{tail}"
    )
    whole[SHEET] = sheet
    more = {name.replace("__", "/").removesuffix("_") + ".xml": part for name, part in parts.items()}
    return packed(whole | more)


def shared(text: str, said: int = 1, before: str = "") -> str:
    """Shared texts: one, and how many are said to be there."""
    return f'{before}<sst {_MAIN} count="{said}" uniqueCount="{said}"><si><t>{text}</t></si></sst>'


def open_document(rows: str, *, before: str = "") -> bytes:
    """An OpenDocument sheet with these rows below its headings, and more XML before it."""
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    heads = "".join(said(text) for text in ("customer_id", "qualification"))
    table = f'<table:table table:name="A"><table:table-row>{heads}</table:table-row>{rows}</table:table>'
    body = f"<office:body><office:spreadsheet>{before}{table}</office:spreadsheet></office:body>"
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f"<office:document-content {names}>{body}</office:document-content>",
        }
    )


def said(text: str, more: str = "") -> str:
    """A cell with text."""
    return f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'


def repeated(cell: str, rows: int = 1, more: str = "") -> str:
    """A row of one cell, so many times."""
    return f'<table:table-row table:number-rows-repeated="{rows}" {more}>{cell}</table:table-row>'


def binary_workbook(sheet: bytes, texts: bytes = b"", part: str = "worksheets/sheet1.bin") -> bytes:
    """A binary workbook with one sheet, in whichever part."""
    relation = f'<Relationship Id="r1" Type="http://x/worksheet" Target="{part}"/>'
    names = b"".join(struct.pack("<I", len(name)) + name.encode("utf-16-le") for name in ("r1", "A"))
    return packed(
        {
            "xl/workbook.bin": binary_record(156, struct.pack("<II", 0, 1) + names),
            "xl/_rels/workbook.bin.rels": f"<Relationships>{relation}</Relationships>",
            f"xl/{part}": sheet,
            "xl/sharedStrings.bin": texts,
        }
    )


def binary_record(kind: int, content: bytes) -> bytes:
    """A record of a binary workbook, below 128 bytes."""
    return bytes([kind & 0x7F | 0x80, kind >> 7] if kind > 127 else [kind]) + bytes([len(content)]) + content


def _stated_twice() -> bytes:
    """Two parts answer to the name of the sheet: one that looks harmless, and one that does not."""
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    evil = f"<worksheet {_MAIN}><sheetData>{far}</sheetData></worksheet>"
    relation = (
        '<Relationship Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"'
        ' Target="worksheets/../worksheets/sheet1.xml" Id="rId1" />'
    )
    parts = {f"Relationships {_MAIN}": relation}
    rels = "".join(f"<{name}>{inner}</{name.split()[0]}>" for name, inner in parts.items())
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        whole: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    whole[_RELS] = rels
    whole["xl/worksheets/../worksheets/sheet1.xml"] = evil
    return packed(whole)


def _without_relations() -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        return packed({name: archive.read(name) for name in archive.namelist() if name != _RELS})


def _directory(count: int) -> bytes:
    """A list of so many parts, which are all the same one."""
    core = packed({"xl/workbook.xml": b""})
    at, end = core.index(b"PK\1\2"), core.rindex(b"PK\5\6")
    entries = core[at:end] * count
    most = 0xFFFE
    return core[:at] + entries + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, most, most, len(entries), at, 0)


def _says_it_has(parts: int) -> bytes:
    """An archive whose ZIP64 end says that it has so many parts."""
    raw = workbook()
    at = raw.rindex(b"PK\5\6")
    size, offset = struct.unpack_from("<II", raw, at + 12)
    whole = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, parts, parts, size, offset)
    locator = struct.pack("<IIQI", 0x07064B50, 0, at, 1)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, _MANY, _MANY, 0)
    return raw[:at] + whole + locator + end


def _overlapping() -> bytes:
    """Thousands of parts that are all the same bytes (a bomb without nesting, after D. Fifield, 2019)."""
    core = packed({"xl/workbook.xml": b"0" * 8_000_000})
    at, end = core.index(b"PK\1\2"), core.rindex(b"PK\5\6")
    entry, name = bytearray(core[at:end]), len("xl/workbook.xml")
    entries = b""
    for number_ in range(300):
        entry[46 : 46 + name] = f"xl/workbook.{number_:03d}".encode() if number_ else b"xl/workbook.xml"
        entries += bytes(entry)
    tail = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 300, 300, len(entries), at, 0)
    return core[:at] + entries + tail


def _circle(at: int, target: int) -> Callable[[list[int]], None]:
    def change(table: list[int]) -> None:
        table[at] = target

    return change


_TEXTS = ["customer_id", "qualification", customer(1), "SOE", "x" * 8_000]
_OLD = label(0, 0, 0) + label(0, 1, 1) + label(1, 0, 2) + label(1, 1, 3)
_CELL = '<c t="s"><v>0</v></c>'

HOSTILE: Final[Mapping[str, tuple[str, str, Callable[[], bytes]]]] = {
    "a text of 32 kB in 200,000 cells": (
        "a.xlsx",
        "zip-bomb",
        lambda: workbook(
            "".join(f'<row r="{row}">{_CELL * 100}</row>' for row in range(3, 2003)),
            xl__sharedStrings_=shared("x" * 32_000),
        ),
    ),
    "four billion shared texts, as the list says": (
        "a.xlsx",
        "damaged",
        lambda: workbook(xl__sharedStrings_=shared("x", _MANY)),
    ),
    "billion laughs in the shared texts": (
        "a.xlsx",
        "damaged",
        lambda: workbook(
            xl__sharedStrings_=shared(
                "&b;", before='<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
            )
        ),
    ),
    "array formulas over one another": (
        "a.xlsx",
        "",
        lambda: workbook('<row><c><f t="array" ref="A1:A200000"/></c></row>' * 20_000),
    ),
    "hidden columns described 100,000 times": (
        "a.xlsx",
        "",
        lambda: workbook(head="<cols>" + '<col min="1" max="16384" hidden="1"/>' * 100_000 + "</cols>"),
    ),
    "elements 100,000 deep": (
        "a.xlsx",
        "",
        lambda: workbook(
            '<row r="3"><c r="A3" t="inlineStr">' + "<is>" * 100_000 + "</is>" * 100_000 + "</c></row>"
        ),
    ),
    "a part that is named and not there": ("a.xlsx", "damaged", _without_relations),
    "two parts for one sheet": ("a.xlsx", "damaged", _stated_twice),
    "a list of 100,000 parts": ("a.xlsx", "damaged", lambda: _directory(100_000)),
    "a trillion parts, as the end says": ("a.xlsx", "damaged", lambda: _says_it_has(1 << 40)),
    "parts that overlap": ("a.xlsx", "zip-bomb", _overlapping),
    "three billion blanks in one cell": (
        "a.ods",
        "zip-bomb",
        lambda: open_document(repeated(said('x<text:s text:c="3000000000"/>'))),
    ),
    "a long text in 17 million cells": (
        "a.ods",
        "zip-bomb",
        lambda: open_document(
            repeated(said("x" * 30_000, 'table:number-columns-repeated="1900"'), rows=9_000)
        ),
    ),
    "cells before any sheet": (
        "a.ods",
        "damaged",
        lambda: open_document("", before=said("x")),
    ),
    "three billion hidden rows": (
        "a.ods",
        "stray-cell",
        lambda: open_document(
            repeated("<table:table-cell/>", 1_048_576, 'table:visibility="filter"') * 3_000
            + repeated(said("x"))
        ),
    ),
    "a binary sheet in another folder": (
        "a.xlsb",
        "stray-cell",
        lambda: binary_workbook(
            binary_record(0, struct.pack("<II", 0, 0))
            + binary_record(5, struct.pack("<IId", 0, 0, 1.0))
            + binary_record(0, struct.pack("<II", 1 << 30, 0))
            + binary_record(5, struct.pack("<IId", 1 << 20, 0, 1.0)),
            part="elsewhere/evil.bin",
        ),
    ),
    "a binary list that says four billion": (
        "a.xlsb",
        "damaged",
        lambda: binary_workbook(b"", binary_record(159, struct.pack("<II", 1, _MANY))),
    ),
    "old: a cell at the end of the world": (
        "a.xls",
        "stray-cell",
        lambda: old_workbook(_TEXTS, _OLD + number(65_535, 65_535, 1.0)),
    ),
    "old: dimensions that lie": (
        "a.xls",
        "stray-cell",
        lambda: old_workbook(_TEXTS, boundaries(_MANY, 65_535) + _OLD),
    ),
    "old: a text of 8 kB in 400,000 cells": (
        "a.xls",
        "zip-bomb",
        lambda: old_workbook(
            _TEXTS, _OLD + b"".join(label(2 + at // 200, at % 200, 4) for at in range(400_000))
        ),
    ),
    "old: two billion texts, as the list says": (
        "a.xls",
        "damaged",
        lambda: old_workbook(_TEXTS, _OLD, said=0x7FFFFFFF),
    ),
    "old: one sheet ten thousand times": (
        "a.xls",
        "damaged",
        lambda: old_workbook(_TEXTS, _OLD + number(5_000, 200, 1.0), sheets=10_000),
    ),
    "old: a directory that bites its tail": (
        "a.xls",
        "damaged",
        lambda: old_workbook(_TEXTS, _OLD, change=_circle(0, 0)),
    ),
    "old: a stream that bites its tail": (
        "a.xls",
        "damaged",
        lambda: old_workbook(_TEXTS, _OLD, change=_circle(3, 2)),
    ),
    "old: a table without end": ("a.xls", "damaged", lambda: old_workbook(_TEXTS, _OLD, difat=0)),
    "old: cells that are merged without a word where": (
        "a.xls",
        "damaged",
        lambda: old_workbook(_TEXTS, _OLD + record(0xE5, b"\xff\xff")),
    ),
    "old: with macros": ("a.xls", "", lambda: old_workbook(_TEXTS, _OLD, macros=True)),
}
"""By what they do: a file name, the code of the refusal (empty when the file can be read), and the bytes."""

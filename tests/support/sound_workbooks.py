"""Sound workbooks in forms that openpyxl does not write, for a search to begin with: what the engine does
not take for a workbook is refused at the door, and nothing behind it is met."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

from .hostile_workbooks import binary_record as record

__all__ = ["NAMES", "binary_parts", "document_parts", "document_sheets", "shared_parts"]

_MANIFEST: Final = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
NAMES: Final = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("calcext", "number", "office", "style", "table", "text")
)
_MAIN: Final = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATION: Final = '<Relationship Id="r1" Type="http://x/worksheet" Target="worksheets/sheet1.bin"/>'


def document_parts(rows: Sequence[Sequence[str]]) -> dict[str, bytes | str]:
    """The parts of an OpenDocument spreadsheet with these rows, the headings among them."""
    return document_sheets([("A", rows)])


def document_sheets(
    sheets: Sequence[tuple[str, Sequence[Sequence[object]]]], hidden: Sequence[str] = ()
) -> dict[str, bytes | str]:
    """The parts of an OpenDocument spreadsheet with these sheets; some of them are hidden by their style."""
    tables = ""
    for name, rows in sheets:
        lines = "".join(
            f"<table:table-row>{''.join(map(_document_cell, row))}</table:table-row>" for row in rows
        )
        style = "gone" if name in hidden else "shown"
        tables += f'<table:table table:name="{name}" table:style-name="{style}">{lines}</table:table>'
    styles = "".join(
        f'<style:style style:name="{name}" style:family="table">'
        f'<style:table-properties table:display="{shown}"/></style:style>'
        for name, shown in (("gone", "false"), ("shown", "true"))
    )
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    content = f"<office:automatic-styles>{styles}</office:automatic-styles>{body}"
    return {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": f"<office:document-content {NAMES}>{content}</office:document-content>",
        "META-INF/manifest.xml": _MANIFEST,
    }


def _document_cell(value: object) -> str:
    if not value:
        return "<table:table-cell/>"
    return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'


def binary_parts(rows: Sequence[Sequence[str]]) -> dict[str, bytes | str]:
    """The parts of a binary workbook with one sheet of these rows, the headings among them."""
    texts = [text for row in rows for text in row]
    listed = b"".join(record(19, b"\0" + _wide(text)) for text in texts)
    size = struct.pack("<IIII", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    sheet = record(0x94, size) + record(0x91, b"") + _cells(rows) + record(0x92, b"")
    entry = record(0x9C, struct.pack("<II", 0, 1) + _wide("r1") + _wide("A"))
    return {
        "xl/workbook.bin": record(0x83, b"") + entry + record(0x90, b"") + record(0x84, b""),
        "xl/_rels/workbook.bin.rels": f"<Relationships>{_RELATION}</Relationships>",
        "xl/worksheets/sheet1.bin": record(0x81, b"") + sheet + record(0x82, b""),
        "xl/sharedStrings.bin": record(0x9F, struct.pack("<II", len(texts), len(texts))) + listed,
    }


def shared_parts(rows: Sequence[Sequence[str]]) -> dict[str, bytes | str]:
    """The two parts of a workbook in which it differs when all of its texts are shared ones."""
    texts = "".join(f"<si><t>{text}</t></si>" for row in rows for text in row)
    lines, count = "", 0
    for number, row in enumerate(rows, start=1):
        cells = "".join(f'<c t="s"><v>{count + at}</v></c>' for at in range(len(row)))
        lines += f'<row r="{number}">{cells}</row>'
        count += len(row)
    return {
        "xl/worksheets/sheet1.xml": f"<worksheet {_MAIN}><sheetData>{lines}</sheetData></worksheet>",
        "xl/sharedStrings.xml": f'<sst {_MAIN} count="{count}" uniqueCount="{count}">{texts}</sst>',
    }


def _cells(rows: Sequence[Sequence[str]]) -> bytes:
    found, text = b"", 0
    for number, row in enumerate(rows):
        found += record(0, struct.pack("<I", number) + bytes(13))
        for column in range(len(row)):
            found += record(7, struct.pack("<III", column, 0, text))
            text += 1
    return found


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")

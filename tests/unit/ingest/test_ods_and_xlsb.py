"""OpenDocument sheets, and the size of binary workbooks."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from support.hostile_workbooks import binary_record, packed
from support.sheets import customer, intake
from support.sound_workbooks import NAMES as ALL_NAMES
from support.sound_workbooks import binary_parts

from batchqual.errors import InputError
from batchqual.ingest.book import Scan
from batchqual.ingest.odsxml import DocumentBook
from batchqual.ingest.package import Package
from batchqual.ingest.xlsb import BinaryBook

NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (("office", "office"), ("table", "table"), ("text", "text"))
)


def scanned(archive: zipfile.ZipFile) -> Scan:
    """What the first sheet of a binary workbook holds."""
    book = BinaryBook(Package(archive))
    return book.scan(book.sheets[0], 1_000)


def cell(text: str, more: str = "") -> str:
    if not text:
        return f"<table:table-cell {more}/>"
    return f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def ods_file(folder: Path, *rows: str, sheets: tuple[str, ...] = ("Customers",)) -> str:
    """Every sheet has the same headings and rows."""
    heading = row(cell("customer_id"), cell("qualification"), cell("customer_name"))
    tables = "".join(
        f'<table:table table:name="{name}">{heading}{"".join(rows)}</table:table>' for name in sheets
    )
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    document = f"<office:document-content {NAMES}>{body}</office:document-content>"
    content = f'<?xml version="1.0" encoding="UTF-8"?>{document}'
    manifest = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    path = folder / "customers.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return str(path)


def test_an_opendocument_sheet_is_read_with_its_facts(tmp_path: Path) -> None:
    """Formulas, hidden rows and merged cells are found as in a workbook of Excel's."""
    path = ods_file(
        tmp_path,
        row(cell(customer(1)), cell("SOE"), cell("A")),
        row(cell(customer(2), 'table:formula="of:=A2"'), cell("SOE")),
        row(cell(customer(3)), cell("SOE"), more='table:visibility="filter"'),
        row(cell(customer(4), 'table:number-rows-spanned="2"'), cell("SOE")),
        row("<table:covered-table-cell/>", cell("SOE")),
        row(cell("", 'table:number-columns-repeated="1024"'), more='table:number-rows-repeated="1048000"'),
    )
    found = intake(path)
    assert [2, 3, 4, 5, 6] == [each.row for each in found.rows]
    assert [[], ["formula-cell"], [], [], ["merged-cell"]] == [
        [p.code for p in r.problems] for r in found.rows
    ]
    assert ["hidden-row"] == [warning.code for warning in found.rows[2].warnings]
    assert "Customers" == found.files[0].sheet


def test_a_sheet_of_an_opendocument_file_is_chosen_by_name(tmp_path: Path) -> None:
    """In any case; the facts are those of that sheet."""
    path = ods_file(tmp_path, row(cell(customer(1)), cell("SOE")), sheets=("One", "Two"))
    assert "Two" == intake(path, sheet="two").files[0].sheet


def test_formats_of_rows_and_columns_count_for_their_cells(tmp_path: Path) -> None:
    """A cell without a style takes its row's, then its column's; formulas are repeated with their cells."""
    styles = "".join(
        f'<number:number-style style:name="N{digits}"><number:number number:min-integer-digits="{digits}"/>'
        f'</number:number-style><style:style style:name="c{digits}" style:family="table-cell"'
        f' style:data-style-name="N{digits}"/>'
        for digits in (4, 5, 6)
    )
    value = '<table:table-cell office:value-type="float" office:value="7" {}/>'
    columns = (
        '<table:table-column/><table:table-column table:number-columns-repeated="2"'
        ' table:default-cell-style-name="c4"/><table:table-column table:number-columns-repeated="99999"/>'
    )
    rows = [
        row(value.format(""), value.format('table:style-name="c6"'), value.format("")),
        row(*[value.format("")] * 2, more='table:default-cell-style-name="c5"'),
        row(value.format('table:style-name="c6" table:number-columns-repeated="3" table:formula="of:=1"')),
        row(value.format('table:formula="of:=1" table:number-matrix-rows-spanned="2"')),
    ]
    table = f'<table:table table:name="A">{columns}{"".join(rows)}</table:table>'
    content = (
        f"<office:document-content {ALL_NAMES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    with zipfile.ZipFile(io.BytesIO(packed({"content.xml": content}))) as archive:
        book = DocumentBook(Package(archive), None, 1_000)
        facts = book.scan(book.sheets[0], 1_000).facts
    assert [
        [None, "000000", "0000"],
        ["00000", "00000", None],
        ["000000"] * 3,
    ] == [[facts.formats.at(number, column) for column in range(3)] for number in (1, 2, 3)]
    assert {0: {3, 4, 5}, 1: {3}, 2: {3}} == facts.formulas


def test_a_stray_cell_of_an_opendocument_sheet_is_refused(tmp_path: Path) -> None:
    """Repeated rows are counted before the engine unrolls them."""
    far = row(cell("x"), more='table:number-rows-repeated="5"')
    gap = row(cell(""), more='table:number-rows-repeated="1048000"')
    wide = row(cell("", 'table:number-columns-repeated="16000"'), cell("x"))
    with pytest.raises(InputError) as told:
        intake(ods_file(tmp_path, row(cell(customer(1)), cell("SOE")), gap, far, wide))
    assert "stray-cell" == told.value.code


def test_the_used_area_of_a_binary_sheet_is_read_from_its_records() -> None:
    """Rows and columns of cells with a value; a cell with a style alone does not count."""

    def record(kind: int, data: bytes) -> bytes:
        return bytes([kind, len(data)]) + data

    sheet = (
        bytes([0x81, 0x01, 0x00])  # a record whose number takes two bytes
        + record(0, (4).to_bytes(4, "little") + b"\0" * 8)
        + record(5, (2).to_bytes(4, "little") + b"\0" * 12)
        + record(1, (900).to_bytes(4, "little"))
        + record(0, (99).to_bytes(4, "little"))
        + record(9, (10).to_bytes(4, "little") + b"\0" * 12)
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, part in binary_parts([("x",)]).items():
            archive.writestr(name, sheet if name == "xl/worksheets/sheet1.bin" else part)
    with zipfile.ZipFile(target) as archive:
        (area,) = scanned(archive).areas
    assert (96 * 9, (100, 10)) == (area.cells, area.rightmost)


def test_a_broken_binary_workbook_is_a_sentence(tmp_path: Path) -> None:
    """The engine's refusal is told in words."""
    path = tmp_path / "a.xlsb"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.bin", b"\0\0")
        archive.writestr("xl/worksheets/sheet1.bin", b"")
    with pytest.raises(InputError) as told:
        intake(str(path))
    assert "damaged" == told.value.code


@pytest.mark.parametrize("part", ["workbook", "styles", "sharedStrings", "worksheets/sheet1"])
@pytest.mark.parametrize("length", [b"\xff\xff\xff\x7f", b"\x0b", b"\x7f"], ids=["256 MiB", "11", "127"])
def test_a_binary_record_longer_than_its_part_is_damage(part: str, length: bytes, tmp_path: Path) -> None:
    """The engine would make room for all that it says, a quarter of a gigabyte for four bytes."""
    parts = binary_parts([("customer_id", "qualification"), (customer(1), "SOE")])
    path = tmp_path / "a.xlsb"
    path.write_bytes(packed(parts))
    assert [customer(1)] == [row.customer_id for row in intake(str(path)).rows]
    name = f"xl/{part}.bin"
    path.write_bytes(packed({**parts, name: b"\x01" + length + b"0123456789"}))
    with zipfile.ZipFile(path) as archive, pytest.raises(ValueError, match="longer than its part"):
        scanned(archive)
    with pytest.raises(InputError) as told:
        intake(str(path))
    assert "damaged" == told.value.code


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        pytest.param(0, b"\0\0\0", "too short", id="a row"),
        pytest.param(148, b"\0" * 15, "too short", id="the used area"),
        pytest.param(2, b"\0" * 11, "too short", id="a small number"),
        pytest.param(3, b"\0" * 8, "too short", id="an error"),
        pytest.param(5, b"\0" * 15, "too short", id="a number"),
        pytest.param(6, b"\0" * 11, "too short", id="a text"),
        pytest.param(7, b"\0" * 11, "too short", id="a shared text"),
        pytest.param(11, b"", "too short", id="a formula"),
        pytest.param(7, b"\0" * 8 + b"\4\0\0\0", "not there", id="a shared text of four"),
    ],
)
def test_a_binary_record_that_says_too_little_is_damage(
    kind: int, content: bytes, words: str, tmp_path: Path
) -> None:
    """The engine reads on in the bytes of an earlier record: the cell stands wherever those say, and the area
    that it fills is another one than the one that was looked at."""
    parts = binary_parts([("customer_id", "qualification"), (customer(1), "SOE")])
    sheet = binary_record(145, b"") + binary_record(37, b"\xff\xff\x0f\0" * 4) + binary_record(kind, content)
    path = tmp_path / "a.xlsb"
    path.write_bytes(packed({**parts, "xl/worksheets/sheet1.bin": sheet}))
    with zipfile.ZipFile(path) as archive, pytest.raises(ValueError, match=words):
        scanned(archive)
    with pytest.raises(InputError) as told:
        intake(str(path))
    assert "damaged" == told.value.code

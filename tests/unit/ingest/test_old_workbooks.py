"""Old workbooks (.xls), also those from before Excel 97: sheets, number formats, cells of many kinds."""

from __future__ import annotations

import io
from struct import pack

import pytest
from support.old_workbook import compound, record
from support.sheets import customer

from batchqual.ingest import Reading
from batchqual.ingest.biff import OldBook
from batchqual.ingest.bifftext import short_text, text_of_format
from batchqual.ingest.kinds import Kind
from batchqual.ingest.table import RawTable
from batchqual.ingest.workbook import opened_workbook


def text(row: int, column: int, words: str) -> bytes:
    """A cell with its text in it, as before Excel 97."""
    return record(0x204, pack("<HHHH", row, column, 0, len(words)) + words.encode("cp1252"))


def sheet(*records: bytes) -> bytes:
    return record(0x809, pack("<HHHH", 0x500, 0x10, 0, 0)) + b"".join(records) + record(0x0A)


def book(*sheets: tuple[str, int, int, bytes]) -> bytes:
    """A workbook of Excel 5: each sheet with its name, its state, its kind and its records."""

    def head(offsets: list[int]) -> bytes:
        start = record(0x809, pack("<HHHH", 0x500, 5, 0, 0)) + record(0x42, pack("<H", 1252))
        formats = record(0x41E, pack("<HB", 164, 6) + b"000000")
        styles = b"".join(record(0xE0, pack("<HH", 0, number) + bytes(12)) for number in (0, 164, 49))
        names = b"".join(
            record(0x85, pack("<IBBB", offset, state, kind, len(name)) + name.encode("cp1252"))
            for offset, (name, state, kind, _) in zip(offsets, sheets, strict=True)
        )
        return start + formats + styles + names + record(0x0A)

    offsets = [len(head([0] * len(sheets)))]
    for _, _, _, content in sheets:
        offsets.append(offsets[-1] + len(content))
    return compound(head(offsets[:-1]) + b"".join(content for *_, content in sheets), name="Book")


ROWS = (
    text(0, 0, "customer_id"),
    text(0, 1, "qualification"),
    text(0, 2, "validation_code"),
    text(1, 0, customer(1)),
    text(1, 1, "GCC"),
    record(0x203, pack("<HHHd", 1, 2, 1, 4815.0)),
    record(0xBD, pack("<HHHIHIH", 1, 3, 1, 0x3FF00000, 2, 0x40000000, 4)),
    record(0x06, pack("<HHHdHIH", 1, 5, 1, 7.0, 0, 0, 0)),
    record(0x06, pack("<HHHBBHHH", 1, 6, 0, 2, 0, 0x17, 0, 0xFFFF) + bytes(8)),
    record(0x205, pack("<HHHBB", 1, 7, 0, 0x2A, 1)),
    record(0x208, pack("<HHHHHHI", 1, 0, 3, 300, 0, 0, 0x20)),
    record(0x7D, pack("<HHHHH", 2, 3, 300, 0, 1) + bytes(2)),
)


def test_a_workbook_from_before_excel_97_shows_its_damage_too() -> None:
    """The first sheet that is a visible worksheet, its formats, formulas, errors and what is hidden."""
    data = book(
        ("Chart", 0, 2, sheet()),
        ("Gone", 2, 0, sheet(text(0, 0, "x"))),
        ("Käufer", 0, 0, sheet(*ROWS)),
    )
    table = RawTable("a.xls", "")
    stream = io.BytesIO(data)
    with opened_workbook(Kind.XLS, stream, table, Reading()) as workbook:
        workbook.fill(table, workbook.meant)
    facts = table.facts
    assert ("Käufer", customer(1), 4815) == (table.sheet, table.cells[1][0], table.cells[1][2])
    assert ({5: {2}, 6: {2}}, {2}, {2, 3}) == (facts.formulas, facts.hidden_rows, facts.hidden_columns)
    assert {6: {2: "#REF!"}, 7: {2: "#N/A"}} == facts.errors
    assert [None, None, "000000", "000000", "@", "000000"] == [
        facts.formats.at(2, column) for column in range(6)
    ]


def test_sheets_are_listed_without_charts_and_macros() -> None:
    """Their places count all of them, because the engine counts them."""
    sheets = OldBook(
        io.BytesIO(book(("C", 0, 2, sheet()), ("A", 1, 0, sheet()), ("M", 0, 6, sheet())))
    ).sheets
    assert [("A", True, 1)] == [(one.name, one.hidden, one.place) for one in sheets]


@pytest.mark.parametrize(
    ("content", "newer", "words"),
    [
        pytest.param(b"\2\0Ab", True, "Ab", id="narrow"),
        pytest.param(b"\2\1A\0\xac\x20", True, "A€", id="wide"),
        pytest.param(b"\2A\x80", False, "A€", id="code page"),
        pytest.param(b"\x09\0Ab", True, "Ab", id="cut short"),
        pytest.param(b"", True, "", id="nothing"),
        pytest.param(b"", False, "", id="nothing, old"),
    ],
)
def test_names_are_read_as_they_are_written(content: bytes, words: str, *, newer: bool) -> None:
    """One byte a letter, or two, or a code page."""
    assert words == short_text(content, newer=newer)


@pytest.mark.parametrize(
    ("content", "newer", "words"),
    [
        pytest.param(b"\xa4\0\2\0\0" + b"00", True, "00", id="new"),
        pytest.param(b"\xa4\0\2" + b"00", False, "00", id="old"),
        pytest.param(b"\xa4\0\2\0", True, "", id="cut short"),
    ],
)
def test_formats_are_read_as_they_are_written(content: bytes, words: str, *, newer: bool) -> None:
    """After the number by which styles name them."""
    assert words == text_of_format(content, newer=newer)

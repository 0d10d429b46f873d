"""Workbooks: sheets, native cells, and what only the XML tells."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from support.sheets import HEADINGS, customer, intake, xlsx_file

from batchqual.errors import InputError
from batchqual.ingest import Limits
from batchqual.model import InputRow

A, B, C = customer(1), customer(2), customer(3)
ROW = (A, "GCC", None, 123456, None, "City")


def changed(folder: Path, change: Callable[[Worksheet], object], *rows: tuple[object, ...]) -> str:
    """A workbook of rows below the headings, changed before it is saved."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (HEADINGS, *rows):
        sheet.append(list(row))
    change(sheet)
    path = folder / "customers.xlsx"
    book.save(path)
    return str(path)


def codes(row: InputRow) -> list[str]:
    return [problem.code for problem in row.problems]


def warned(row: InputRow) -> list[str]:
    return [warning.code for warning in row.warnings]


def rewritten(path: str, part: str, change: Callable[[bytes], bytes]) -> str:
    """The workbook with one of its parts changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def test_cells_keep_their_kind(tmp_path: Path) -> None:
    """Dates stay dates, whole numbers are integers, an empty cell is None, times are readable."""
    extra = (date(2024, 1, 2), datetime(2024, 1, 2, 3, 4, 5), 1.5, 7.0, True, time(3, 4), timedelta(hours=30))  # noqa: DTZ001 - Excel knows no zones
    path = xlsx_file(tmp_path, [(*HEADINGS, *"abcdefg"), (*ROW, *extra)])
    (row,) = intake(path).rows
    assert (A, "GCC", None, 123456, None, "City") == row.values[:6]
    assert (*extra[:3], 7, True, extra[5], timedelta(hours=30)) == row.values[6:]
    assert row.request
    assert "123456" == row.request.validation_code


def test_row_numbers_and_cells_are_those_of_excel(tmp_path: Path) -> None:
    """Blank rows and columns before the table count; blank rows are not rows."""

    def move(sheet: Worksheet) -> None:
        sheet.insert_rows(1, 3)
        sheet.insert_cols(1, 2)

    path = changed(tmp_path, move, ROW)
    rows = intake(path).rows
    assert [5] == [row.row for row in rows]
    bad = changed(tmp_path, move, (), ("x", "SOE"))
    assert ["C6"] == [problem.cell for problem in intake(bad).rows[0].problems]


def test_the_first_visible_sheet_is_read_unless_one_is_named(tmp_path: Path) -> None:
    """A hidden sheet in front is passed over; a name is matched in any case."""
    book = Workbook()
    hidden = book.worksheets[0]
    hidden.title, hidden.sheet_state = "Old", "hidden"
    hidden.append(["customer_id", "qualification"])
    hidden.append([B, "SOE"])
    shown = book.create_sheet("Customers 2026")
    shown.append(["customer_id", "qualification"])
    shown.append([A, "SOE"])
    path = str(tmp_path / "two.xlsx")
    book.save(path)
    assert ("Customers 2026", A) == (intake(path).files[0].sheet, intake(path).rows[0].customer_id)
    assert B == intake(path, sheet=" old").rows[0].customer_id
    with pytest.raises(InputError, match="no sheet “New”") as told:
        intake(path, sheet="New")
    assert "“Old”, “Customers 2026”" in told.value.hint


def test_formulas_in_identity_columns_are_errors(tmp_path: Path) -> None:
    """A formula may change its mind: paste values. A row that was never calculated is still a row."""
    rows = intake(
        changed(tmp_path, lambda sheet: sheet.append(["=A2"]), ROW, (B, '="SOE"', None, None, None, "=2"))
    ).rows
    assert [[], ["formula-cell"], ["formula-cell", "missing-qualification"]] == [codes(row) for row in rows]
    assert ["B3", "A4"] == [row.problems[0].cell for row in rows[1:]]


def test_array_formulas_reach_over_their_range(tmp_path: Path) -> None:
    """Cells into which a formula spills hold no formula of their own."""

    def spill(data: bytes) -> bytes:
        formula = b'<f t="array" ref="A2:A3">X1:X2</f>'
        return data.replace(b'<c r="A2" t="inlineStr">', b'<c r="A2" t="inlineStr">' + formula)

    path = changed(tmp_path, lambda _: None, ROW, (B, "SOE"))
    rows = intake(rewritten(path, "xl/worksheets/sheet1.xml", spill)).rows
    assert [["formula-cell"], ["formula-cell"]] == [codes(row) for row in rows]


def test_hidden_rows_are_read_and_said(tmp_path: Path) -> None:
    """Also those that a filter has hidden."""

    def hide(sheet: Worksheet) -> None:
        sheet.auto_filter.ref = "A1:F3"
        sheet.row_dimensions[3].hidden = True

    rows = intake(changed(tmp_path, hide, ROW, (B, "SOE"))).rows
    assert [[], ["hidden-row"]] == [warned(row) for row in rows]


def test_a_hidden_column_that_is_read_is_a_notice(tmp_path: Path) -> None:
    """It is read all the same."""

    def hide(sheet: Worksheet) -> None:
        sheet.column_dimensions["B"].hidden = True

    assert ["hidden-column"] == [n.code for n in intake(changed(tmp_path, hide, ROW)).notices]


def test_merged_cells_are_explained(tmp_path: Path) -> None:
    """Only the first of them holds the value; the message names the range."""
    rows = intake(changed(tmp_path, lambda s: s.merge_cells("A2:A3"), (A, "SOE"), (None, "SOE"))).rows
    assert [[], ["merged-cell"]] == [codes(row) for row in rows]
    assert "A2:A3" in rows[1].problems[0].message


def test_merged_headings_over_two_rows_are_understood(tmp_path: Path) -> None:
    """A heading that reaches over two rows counts in the lower one; groups above are no headings."""

    def merge(sheet: Worksheet) -> None:
        sheet.insert_rows(1)
        for column, heading in ((1, "customer_id"), (2, "Wish"), (6, "customer_name")):
            sheet.cell(1, column, heading)
        for column in (1, 6):
            sheet.cell(2, column).value = None
        sheet.merge_cells("A1:A2")
        sheet.merge_cells("B1:D1")
        sheet.merge_cells("F1:F2")

    found = intake(changed(tmp_path, merge, ROW))
    assert ([3], A, "City") == (
        [row.row for row in found.rows],
        found.rows[0].customer_id,
        found.rows[0].customer_name,
    )
    assert "customer_id" == found.columns[0]


@pytest.mark.parametrize("cells", ["A1:A9", "E1:E9"])
def test_a_heading_merged_over_the_data_swallows_no_row(cells: str, tmp_path: Path) -> None:
    """Every row comes out; what the merged cells hide of it is explained."""
    below = [(customer(number), "SOE") for number in range(1, 9)]
    found = intake(changed(tmp_path, lambda sheet: sheet.merge_cells(cells), *below))
    assert list(range(2, 10)) == [row.row for row in found.rows]
    assert all("merged-cell" in codes(row) for row in found.rows)


def test_error_cells_are_shown_as_excel_shows_them(tmp_path: Path) -> None:
    """#N/A is an empty cell, #REF! is an error."""

    def break_cells(sheet: Worksheet) -> None:
        for cell, text in (("A2", "#REF!"), ("E2", "#N/A")):
            sheet[cell] = text
            sheet[cell].data_type = "e"

    (row,) = intake(changed(tmp_path, break_cells, ROW)).rows
    assert (["error-cell"], "#REF!", "#N/A") == (codes(row), row.values[0], row.values[4])


def test_zeros_that_only_the_format_shows_are_a_warning(tmp_path: Path) -> None:
    """The cell shows 001234 and holds 1234; a code of full length is fine."""

    def pad(sheet: Worksheet) -> None:
        sheet["D2"].number_format = sheet["D3"].number_format = "000000"

    rows = intake(changed(tmp_path, pad, (A, "GCC", None, 1234), (B, "GCC", None, 123456))).rows
    assert [["zeros-shown-only"], []] == [warned(row) for row in rows]
    assert rows[0].request
    assert "1234" == rows[0].request.validation_code


@pytest.mark.parametrize("place", ["XFD1048576", "AAA5000"])
def test_a_stray_cell_far_away_is_refused_by_name(tmp_path: Path, place: str) -> None:
    """The engine would allocate all that lies between."""
    path = changed(tmp_path, lambda sheet: sheet.__setitem__(place, "x"), ROW)
    with pytest.raises(InputError, match=place) as told:
        intake(path, limits=Limits(used_area=100_000))
    assert "stray-cell" == told.value.code


def test_a_million_blank_rows_are_no_rows(tmp_path: Path) -> None:
    """Rows that were only formatted cost a look at the XML and nothing else."""

    def blanks(data: bytes) -> bytes:
        rows = b"".join(b'<row r="%d" ht="15" customHeight="1"/>' % n for n in range(3, 1_000_003))
        return data.replace(b"</sheetData>", rows + b"</sheetData>")

    path = rewritten(xlsx_file(tmp_path, [HEADINGS, ROW]), "xl/worksheets/sheet1.xml", blanks)
    assert 1 == len(intake(path).rows)


def test_three_hundred_columns_come_back(tmp_path: Path) -> None:
    """Extra columns are kept in place and in order."""
    more = [f"Extra {n}" for n in range(300)]
    found = intake(xlsx_file(tmp_path, [(*HEADINGS, *more), (*ROW, *range(300))]))
    assert ((*HEADINGS, *more), 299) == (found.columns, found.rows[0].values[-1])


def test_content_beyond_the_headings_gets_columns_of_its_own(tmp_path: Path) -> None:
    """In a workbook a cell has its place, so nothing is shifted."""
    found = intake(xlsx_file(tmp_path, [HEADINGS, (*ROW, None, "note")]))
    assert (("Column G", "Column H"), "note") == (found.columns[6:], found.rows[0].values[7])


def test_text_survives_as_it_is(tmp_path: Path) -> None:
    """Right-to-left text, line breaks, and texts that look like formulas."""
    names = ["שלום", "مدرسة", "two\nlines", "'=1+1"]
    rows = intake(
        xlsx_file(
            tmp_path, [HEADINGS, *[(customer(n), "SOE", None, None, None, x) for n, x in enumerate(names)]]
        )
    ).rows
    assert names == [row.values[5] for row in rows]


def damaged_cases() -> list[object]:
    def doctype(data: bytes) -> bytes:
        at = data.index(b"<worksheet")
        return data[:at] + b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + data[at:]

    return [
        pytest.param("xl/worksheets/sheet1.xml", doctype, "damaged", id="doctype"),
        pytest.param("xl/worksheets/sheet1.xml", lambda data: data[:-40], "damaged", id="cut-short"),
        pytest.param(
            "xl/workbook.xml", lambda data: data.replace(b"<sheets>", b"<sheet>"), "damaged", id="broken-book"
        ),
        pytest.param(
            "xl/_rels/workbook.xml.rels",
            lambda d: d.replace(b"sheet1.xml", b"sheet9.xml"),
            "damaged",
            id="part-gone",
        ),
        pytest.param(
            "xl/workbook.xml",
            lambda d: d.replace(b'state="visible"', b'state="hidden"'),
            "no-such-sheet",
            id="all-hidden",
        ),
        pytest.param("xl/worksheets/sheet1.xml", lambda _: b" " * 20_000_000, "zip-bomb", id="bomb"),
    ]


@pytest.mark.parametrize(("part", "change", "code"), damaged_cases())
def test_a_damaged_workbook_is_a_sentence(
    tmp_path: Path, part: str, change: Callable[[bytes], bytes], code: str
) -> None:
    """No traceback, no endless unpacking."""
    with pytest.raises(InputError) as told:
        intake(rewritten(xlsx_file(tmp_path, [HEADINGS, ROW]), part, change))
    assert code == told.value.code
    assert told.value.hint


def test_a_size_that_lies_is_found_before_the_engine_believes_it(tmp_path: Path) -> None:
    """The parts are unpacked once, into nothing, whatever size they declare."""
    path = Path(xlsx_file(tmp_path, [HEADINGS, ROW]))
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    path.write_bytes(path.read_bytes().replace(size.to_bytes(4, "little"), (size - 7).to_bytes(4, "little")))
    with pytest.raises(InputError) as told:
        intake(str(path))
    assert "damaged" == told.value.code


def test_a_part_that_stands_there_twice_is_refused(tmp_path: Path) -> None:
    """Two readers could see two different sheets."""
    path = xlsx_file(tmp_path, [HEADINGS, ROW])
    with zipfile.ZipFile(path, "a") as archive:
        data = archive.read("xl/worksheets/sheet1.xml")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("xl/worksheets/sheet1.xml", data)
    with pytest.raises(InputError) as told:
        intake(path)
    assert "damaged" == told.value.code


def test_more_unpacked_than_the_limit_is_refused(tmp_path: Path) -> None:
    """Also when each part is modest."""
    with pytest.raises(InputError) as told:
        intake(xlsx_file(tmp_path, [HEADINGS, ROW]), limits=Limits(unpacked_bytes=1000))
    assert "zip-bomb" == told.value.code


def test_a_sheet_of_too_many_rows_is_refused(tmp_path: Path) -> None:
    """Rows have a bound."""
    with pytest.raises(InputError, match="more than 2 rows"):
        intake(xlsx_file(tmp_path, [HEADINGS, ROW, (B, "SOE")]), limits=Limits(rows=2))


def test_an_endless_cell_is_refused_by_name(tmp_path: Path) -> None:
    """The same bound as in a text file."""
    with pytest.raises(InputError, match="F2") as told:
        intake(
            xlsx_file(tmp_path, [HEADINGS, (A, "SOE", None, None, None, "x" * 99)]),
            limits=Limits(cell_chars=50),
        )
    assert "cell-too-long" == told.value.code


def test_a_stored_archive_is_read_too(tmp_path: Path) -> None:
    """Some tools do not compress."""
    path = Path(xlsx_file(tmp_path, [HEADINGS, ROW]))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    path.write_bytes(target.getvalue())
    assert 1 == len(intake(str(path)).rows)


def test_an_empty_sheet_is_told(tmp_path: Path) -> None:
    """No cell at all."""
    with pytest.raises(InputError) as told:
        intake(xlsx_file(tmp_path, []))
    assert "empty" == told.value.code


def test_a_copy_made_by_another_program_reads_the_same(tmp_path: Path) -> None:
    """Cells without references, as some writers leave them out."""

    def bare(data: bytes) -> bytes:
        return re.sub(rb' r="[A-Z]*\d+"', b"", data)

    path = xlsx_file(tmp_path, [HEADINGS, ROW])
    assert [A] == [row.customer_id for row in intake(rewritten(path, "xl/worksheets/sheet1.xml", bare)).rows]


def test_cells_keep_their_number_formats(tmp_path: Path) -> None:
    """Aligned with the values, of several files too; a negative number in a date format stays a number."""
    kinds = (
        ("Since", -5, "yyyy-mm-dd"),
        ("Hours", timedelta(hours=36.5), "[h]:mm"),
        ("Centre", 4815, "000000"),
    )
    paths = []
    for name, mine in (("one", kinds), ("two", kinds[::-1])):
        (tmp_path / name).mkdir()
        book = Workbook()
        sheet = book.worksheets[0]
        sheet.append([*HEADINGS, *(heading for heading, _, _ in mine)])
        sheet.append([*ROW, *(value for _, value, _ in mine)])
        for column, (_, _, code) in enumerate(mine, start=len(HEADINGS) + 1):
            sheet.cell(2, column).number_format = code
        book.save(tmp_path / name / "customers.xlsx")
        paths.append(str(tmp_path / name / "customers.xlsx"))
    for row in intake(*paths).rows:
        assert tuple(value for _, value, _ in kinds) == row.values[6:]
        assert tuple(code for _, _, code in kinds) == row.formats[6:]
    plain = intake(xlsx_file(tmp_path, [HEADINGS, ROW])).rows[0]
    assert () == plain.formats

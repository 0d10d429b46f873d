"""Validation codes: what is one, and what Excel has made of one."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook
from support.sheets import HEADINGS, csv_file, customer, intake, rows_of, sole

from batchqual.ingest.codes import read_code
from batchqual.model import Cell


@pytest.mark.parametrize("code", ["481E16", "12e4", "A1E5", "4E5F6A", "1E5", "1E-5", "12E-05", "0E0"])
def test_text_with_an_e_in_it_is_a_code(tmp_path: Path, code: str) -> None:
    """Excel writes a sign behind the E or a separator before it; without them it is no number."""
    row = sole(tmp_path, customer(1), "GCC", "", code, "", "")
    assert row.request
    assert code == row.request.validation_code


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param("4.81E+21", id="point"),
        pytest.param("4,81E+21", id="comma"),
        pytest.param("4٫81E+21", id="arabic-separator"),
        pytest.param("4.81e+21", id="small-e"),
        pytest.param("4.81E21", id="without-plus"),
        pytest.param("5E+21", id="without-fraction"),
        pytest.param("1E-05", id="small"),
        pytest.param("-4.81E+21", id="negative"),
        pytest.param("４．８１Ｅ＋２１", id="full-width"),
        pytest.param(" 4.81E+21\u3000", id="blanks"),
        pytest.param(4.81e21, id="number"),
        pytest.param(1e15, id="sixteen-digits"),
        pytest.param(1234567890123456, id="sixteen-digits-of-old"),
    ],
)
def test_a_number_that_excel_put_in_its_place_is_no_code(cell: Cell) -> None:
    """By its shape in text, by its length in a number cell."""
    value, finding = read_code(cell)
    assert value is None
    assert finding
    assert "scientific-notation" == finding.code


@pytest.mark.parametrize("word", ["Total", "TOTAL", "Grand total", "Ｔｏｔａｌ", "Summe", "Totale", "合計"])
def test_the_word_of_a_line_of_totals_is_no_code(word: str) -> None:
    """Letters alone may be a code, these may not."""
    assert read_code(word)[0] is None
    assert ("NotRealCode", None) == read_code("NotRealCode")


@pytest.mark.parametrize("text", ["12³", "①②③", "12½"])
def test_a_letter_that_stands_for_others_is_in_no_code(text: str) -> None:
    """Superscripts and numbers in circles would have to be guessed."""
    assert read_code(text)[0] is None


@pytest.mark.parametrize("text", ["７３０１６２", "٧٣٠١٦٢", "“７３０１６２”", "　７３０１６２　"])
def test_a_code_in_other_digits_is_converted_and_said(tmp_path: Path, text: str) -> None:
    """The service gets the usual digits, the user's column keeps its own, and no warning shows the code."""
    row = sole(tmp_path, customer(1), "GCC", "", text, "", "")
    assert row.request
    assert "730162" == row.request.validation_code
    assert text == row.values[3]
    assert ["full-width"] == [warning.code for warning in row.warnings]
    assert "7301" not in row.warnings[0].sentence


def test_codes_that_differ_in_their_width_alone_are_one(tmp_path: Path) -> None:
    """So the second row is a duplicate, and no conflict."""
    rows = rows_of(
        tmp_path,
        (customer(1), "GCC", "", "123456", "", ""),
        (customer(1), "ＧＣＣ", "", "１２３４５６", "", ""),
    )
    assert [None, "duplicate"] == [row.preset and row.preset.value for row in rows]


def test_a_number_whose_format_shows_an_exponent_was_another_code(tmp_path: Path) -> None:
    """Excel makes 100000 of the code 1E5 and gives the cell that format; a plain number is a code."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (HEADINGS, (customer(1), "GCC", None, 100000), (customer(2), "GCC", None, 100000)):
        sheet.append(list(row))
    sheet["D2"].number_format = "0.00E+00"
    sheet["D4"].number_format = "0.00E+00"
    book.save(tmp_path / "customers.xlsx")
    first, second = intake(str(tmp_path / "customers.xlsx")).rows
    assert (["scientific-notation"], "D2") == ([p.code for p in first.problems], first.problems[0].cell)
    assert second.request
    assert "100000" == second.request.validation_code


def test_an_id_in_full_width_is_converted_and_said(tmp_path: Path) -> None:
    """Digits, letters and hyphens; in a heading and a domain too."""
    full = customer(1).translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    headings = ("ｃｕｓｔｏｍｅｒ＿ｉｄ", "ｑｕａｌｉｆｉｃａｔｉｏｎ", "ｄｏｍａｉｎ")
    path = csv_file(tmp_path, [headings, (full, "ＳＯＥ", "ｃｏｎｔｏｓｏ。ｅｘａｍｐｌｅ")])
    (row,) = intake(path).rows
    assert row.request
    assert (customer(1), "contoso.example") == (row.request.customer_id, row.request.claim)
    assert ["full-width", "full-width"] == [warning.code for warning in row.warnings]

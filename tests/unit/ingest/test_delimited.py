"""CSV and its kin: encodings, delimiters, row numbers, broken quotes."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path

import pytest
from support.sheets import HEADINGS, csv_file, customer, intake

from batchqual.errors import InputError
from batchqual.ingest import Limits, Reading, read

ROW = f"{customer(1)},Education,K12,,,Schüle"
TEXT = f"{','.join(HEADINGS)}\r\n{ROW}\r\n"


def raw(folder: Path, data: bytes, name: str = "customers.csv") -> str:
    path = folder / name
    path.write_bytes(data)
    return str(path)


@pytest.mark.parametrize(
    ("data", "notices"),
    [
        pytest.param(TEXT.encode(), [], id="utf-8"),
        pytest.param(codecs.BOM_UTF8 + TEXT.encode(), [], id="utf-8-bom"),
        pytest.param(TEXT.encode("utf-16"), [], id="utf-16-bom"),
        pytest.param(codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), [], id="utf-16-be-bom"),
        pytest.param(TEXT.encode("utf-16-le"), [], id="utf-16-le-bare"),
        pytest.param(TEXT.encode("utf-16-be"), [], id="utf-16-be-bare"),
        pytest.param(TEXT.encode("utf-32"), [], id="utf-32-bom"),
        pytest.param(TEXT.encode("cp1252"), ["encoding"], id="cp1252"),
    ],
)
def test_every_usual_encoding_is_read(tmp_path: Path, data: bytes, notices: list[str]) -> None:
    """Text is text; Windows-1252 is read with a notice."""
    found = intake(raw(tmp_path, data))
    assert "Schüle" == found.rows[0].customer_name
    assert notices == [notice.code for notice in found.notices]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    """Known headings decide, so that commas in a company name mislead nobody."""
    rows = [HEADINGS, (customer(1), "Education", "K12", "", "", "a, b; c, d, e"), (customer(2), "SOE")]
    rows[2] = (*rows[2], "", "", "", "f, g, h")
    found = intake(csv_file(tmp_path, rows, delimiter=delimiter))
    assert ["a, b; c, d, e", "f, g, h"] == [row.customer_name for row in found.rows]


@pytest.mark.parametrize("first", ["sep=;\r\n", '"sep=;"\r\n', "SEP=;\n"])
def test_excels_own_delimiter_line_is_not_a_row(tmp_path: Path, first: str) -> None:
    """Excel does not show the line, so the headings are row 1."""
    found = intake(raw(tmp_path, (first + TEXT.replace(",", ";")).encode()))
    assert [2] == [row.row for row in found.rows]


def test_a_sep_line_may_name_any_delimiter(tmp_path: Path) -> None:
    """The line is believed."""
    assert 1 == len(intake(raw(tmp_path, ("sep=^\r\n" + TEXT.replace(",", "^")).encode())).rows)


def test_a_type_line_of_powershell_is_skipped(tmp_path: Path) -> None:
    """Excel shows it as row 1, so the first customer is row 3."""
    line = "#TYPE Selected.Microsoft.Store.PartnerCenter.PowerShell.Models.Customers.PSCustomer\r\n"
    assert [3] == [row.row for row in intake(raw(tmp_path, (line + TEXT).encode())).rows]


def test_row_numbers_are_those_that_excel_shows(tmp_path: Path) -> None:
    """A cell of several lines is one row, a blank line is a row, and a blank row is not counted as input."""
    text = (
        f'{",".join(HEADINGS)}\n\n{customer(1)},SOE,,,,"two\nlines"\n,,,,,\n \t,,\n{customer(2)},SOE,,,,b\n'
    )
    assert [3, 6] == [row.row for row in intake(raw(tmp_path, text.encode())).rows]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        pytest.param(f'{TEXT}{customer(2)},"Education,K12\r\n{ROW}\r\n', 3, id="never-closed"),
        pytest.param(f'{TEXT}{customer(2)},"Edu"cation,K12\r\n', 3, id="closed-too-early"),
        pytest.param(
            f'{TEXT}{customer(2)},"Edu,K12\r\n{customer(3)},"SOE"\r\n', 3, id="closed-by-a-later-row"
        ),
    ],
)
def test_a_quotation_mark_gone_wrong_is_named_by_its_row(tmp_path: Path, text: str, row: int) -> None:
    """An unclosed mark would swallow the rest of the file; the row where it opens is named."""
    with pytest.raises(InputError, match=f"row {row}: a quotation mark") as told:
        intake(raw(tmp_path, text.encode()))
    assert "open-quote" == told.value.code


def test_an_endless_cell_is_refused_with_its_row(tmp_path: Path) -> None:
    """No Excel cell holds more than 32,767 characters; the limit of the csv module is put back."""
    before = csv.field_size_limit()
    with pytest.raises(InputError, match="row 2: a cell has more than") as told:
        intake(csv_file(tmp_path, [HEADINGS, (customer(1), "SOE", "", "", "", "x" * 40_000)]))
    assert ("cell-too-long", before) == (told.value.code, csv.field_size_limit())


def test_an_endless_line_is_refused_before_it_fills_memory(tmp_path: Path) -> None:
    """A line is read up to the limit and no further."""
    path = csv_file(tmp_path, [HEADINGS, (customer(1), "SOE"), ("x," * 2000,)])
    with pytest.raises(InputError, match="after row 2 has more than") as told:
        intake(path, limits=Limits(line_chars=1000))
    assert "line-too-long" == told.value.code


@pytest.mark.parametrize(
    ("limits", "words"),
    [(Limits(columns=4), "row 1 has 6 fields"), (Limits(rows=2), "more than 2 rows")],
)
def test_more_than_the_limits_is_refused(tmp_path: Path, limits: Limits, words: str) -> None:
    """Columns and rows have bounds."""
    path = csv_file(tmp_path, [HEADINGS, *[(customer(n), "SOE", "", "", "", "") for n in range(3)]])
    with pytest.raises(InputError, match=words):
        intake(path, limits=limits)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(bytes(range(256)) * 8, id="all-bytes"),
        pytest.param(b"\x01\x02\x03\x04\x05\x06" * 50, id="controls"),
        pytest.param(TEXT.encode("utf-16")[:-1], id="half-a-character"),
        pytest.param(b"customer_id\r\n" + bytes(range(0x80, 0x100)) * 2, id="in-no-encoding"),
    ],
)
def test_what_is_not_text_is_refused(tmp_path: Path, data: bytes) -> None:
    """Binary data called .csv gets a sentence."""
    with pytest.raises(InputError) as told:
        intake(raw(tmp_path, data))
    assert "not-text" == told.value.code


@pytest.mark.parametrize(
    ("line", "preset", "codes"),
    [
        pytest.param(f"{customer(2)},SOE,,,,City,,", None, [], id="empty-surplus"),
        pytest.param(f"{customer(2)},SOE,,,,City, Inc", "invalid", ["too-many-fields"], id="surplus"),
        pytest.param(f"{customer(2)},SOE,,,", "invalid", ["too-few-fields"], id="mapped-missing"),
    ],
)
def test_ragged_lines_are_row_errors_never_shifted(
    tmp_path: Path, line: str, preset: str | None, codes: list[str]
) -> None:
    """A field too many or a mapped field too few makes the row invalid; the file goes on."""
    first, second = intake(raw(tmp_path, f"{TEXT}{line}\r\n".encode())).rows
    assert first.preset is None
    assert preset == second.preset
    assert codes == [problem.code for problem in second.problems]


def test_surplus_fields_come_back_in_a_column_of_their_own(tmp_path: Path) -> None:
    """Nothing of the user's is lost, and every row stays aligned."""
    found = intake(raw(tmp_path, f"{TEXT}{customer(2)},SOE,,,,City, Inc,x,\r\n".encode()))
    assert "Fields beyond the headings" == found.columns[-1]
    assert [None, " Inc,x"] == [row.values[-1] for row in found.rows]


def test_a_short_line_without_mapped_fields_missing_is_a_warning(tmp_path: Path) -> None:
    """What is missing is not used, so the row is sent, with a remark."""
    (row,) = intake(raw(tmp_path, f"customer_id,qualification,Notes\n{customer(1)},SOE\n".encode())).rows
    assert row.request
    assert ["short-line"] == [warning.code for warning in row.warnings]
    assert 3 == len(row.values)


def test_standard_input_is_csv(tmp_path: Path) -> None:
    """``-`` reads the stream that was handed in."""
    found = read(["-"], Reading(), stdin=io.BytesIO(TEXT.encode()))
    assert ("-", 1) == (found.files[0].path, found.files[0].rows)
    assert "stdin" == found.rows[0].source


def test_no_data_are_understood_as_numbers_or_nothing(tmp_path: Path) -> None:
    """Namibia stays NA and codes keep their zeros: CSV cells are text, unharmed."""
    path = csv_file(
        tmp_path, [(*HEADINGS, "Country"), (customer(1), "GCC", "", "012345", "", "None Ltd", "NA")]
    )
    (row,) = intake(path).rows
    assert ("NA", "012345") == (row.values[-1], row.request.validation_code if row.request else None)


def test_a_sheet_name_for_a_text_file_is_a_notice(tmp_path: Path) -> None:
    """``--sheet`` says nothing to a CSV file."""
    found = intake(csv_file(tmp_path, [HEADINGS, (customer(1), "SOE", "", "", "", "")]), sheet="Any")
    assert ["sheet-ignored"] == [notice.code for notice in found.notices]

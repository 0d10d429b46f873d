"""One definition of blank, for cells, headings, rows and files of every kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from support.hostile_workbooks import packed
from support.old_workbook import boundaries, label, old_workbook
from support.sheets import HEADINGS, csv_file, customer, intake, xlsx_file
from support.sound_workbooks import binary_parts, document_parts

from batchqual.errors import InputError

Rows = Sequence[Sequence[str]]
A, B = customer(1), customer(2)


def old_file(folder: Path, rows: Rows) -> str:
    """The rows as an old workbook."""
    texts = [text for row in rows for text in row]
    places = [(at, column) for at, row in enumerate(rows) for column in range(len(row))]
    cells = boundaries(len(rows), len(rows[0]))
    cells += b"".join(label(at, column, number) for number, (at, column) in enumerate(places))
    path = folder / "customers.xls"
    path.write_bytes(old_workbook(texts, cells))
    return str(path)


def binary_file(folder: Path, rows: Rows) -> str:
    """The rows as a binary workbook."""
    path = folder / "customers.xlsb"
    path.write_bytes(packed(binary_parts(rows)))
    return str(path)


def document_file(folder: Path, rows: Rows) -> str:
    """The rows as an OpenDocument sheet."""
    path = folder / "customers.ods"
    path.write_bytes(packed(document_parts(rows)))
    return str(path)


def csv_of(folder: Path, rows: Rows) -> str:
    """The rows as CSV."""
    return csv_file(folder, rows)


def xlsx_of(folder: Path, rows: Rows) -> str:
    """The rows as a workbook."""
    return xlsx_file(folder, rows)


WIDE = [csv_of, xlsx_of, binary_file, document_file]
UNSEEN = ["\u3000", "\u202f", "\u200e\u200b", "\xa0 \xad", "\u2800", "\u3164", "\ufeff"]


@pytest.mark.parametrize(
    ("write", "blanks"),
    [
        *[
            pytest.param(write, blanks, id=f"{write.__name__}-{blanks!a}")
            for write in WIDE
            for blanks in UNSEEN
        ],
        pytest.param(old_file, "\xa0 \xad", id="old_file-nbsp"),
    ],
)
def test_a_row_in_which_nothing_can_be_seen_is_no_row(
    tmp_path: Path, write: Callable[[Path, Rows], str], blanks: str
) -> None:
    """In every kind of file, and the rows below it keep the numbers that Excel shows."""
    rows = [("customer_id", "qualification"), (A, "SOE"), (blanks, blanks), (B, "SOE")]
    assert [(2, A), (4, B)] == [(row.row, row.customer_id) for row in intake(write(tmp_path, rows)).rows]


@pytest.mark.parametrize("blanks", UNSEEN)
def test_blanks_around_a_value_and_in_an_empty_cell_change_nothing(tmp_path: Path, blanks: str) -> None:
    """IDs, wishes, codes and headings are the same with them; a cell of them is an empty one."""
    headings = [f"{blanks}{name}{blanks}" for name in HEADINGS]
    around = [f"{blanks}{value}{blanks}" for value in (A, "GCC", "", "A-12", "", "City")]
    found = intake(xlsx_file(tmp_path, [headings, around]))
    (row,) = found.rows
    assert ([], []) == (list(row.problems), list(row.warnings))
    assert row.request
    assert (A, "A-12", "City") == (row.request.customer_id, row.request.validation_code, row.customer_name)
    assert around == list(row.values)
    assert not blanks.isspace() or HEADINGS == found.columns


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(b"\x1a", id="end-of-file"),
        pytest.param(b"\x1a" * 100, id="block-of-end-of-file"),
        pytest.param(b"\x1a" + b"\0" * 127, id="filled-up-with-zeros"),
        pytest.param(b"\f\r\n", id="form-feed"),
        pytest.param("\u2028\ufeff\r\n".encode(), id="mark-of-another-file"),
    ],
)
def test_what_dos_and_printers_put_at_the_end_is_no_row(tmp_path: Path, end: bytes) -> None:
    """The customers alone are rows."""
    path = tmp_path / "customers.csv"
    path.write_bytes(f"customer_id,qualification\r\n{A},SOE\r\n{B},SOE\r\n".encode() + end)
    found = intake(str(path))
    assert [A, B] == [row.customer_id for row in found.rows]
    assert () == found.notices


def test_an_end_of_file_byte_behind_the_last_value_is_no_part_of_it(tmp_path: Path) -> None:
    """Without a line break before it the byte stands in the last cell."""
    path = tmp_path / "customers.csv"
    path.write_bytes(f"customer_id,qualification\r\n{A},SOE\x1a".encode())
    (row,) = intake(str(path)).rows
    assert row.request


@pytest.mark.parametrize(
    "text", ["\n\r\n", " \t\n,,,\n", "\ufeff", "\u3000\n\u200b,\u2800\n", "\x1a", "\0" * 64]
)
def test_a_file_of_blanks_is_empty(tmp_path: Path, text: str) -> None:
    """It is called what it is, and not binary or without headings."""
    path = tmp_path / "customers.csv"
    path.write_bytes(text.encode())
    with pytest.raises(InputError) as raised:
        intake(str(path))
    assert "empty" == raised.value.code


def test_a_sheet_of_blanks_is_empty(tmp_path: Path) -> None:
    """The same for a workbook."""
    with pytest.raises(InputError) as raised:
        intake(xlsx_file(tmp_path, [("\u3000", "\u200b"), ("\u2800",)]))
    assert "empty" == raised.value.code

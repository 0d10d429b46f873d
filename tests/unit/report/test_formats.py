"""Number formats of the user's cells in a report, and what text files show instead."""

from __future__ import annotations

import csv
import json
import zipfile
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.report_sample import report_of

from batchqual.exceltext import sound_format
from batchqual.model import Cell, InputRow, Outcome, RowResult, Verdict
from batchqual.report import write_report
from batchqual.report.times import elapsed


def shown_as(value: Cell, code: str | None, position: int = 0) -> RowResult:
    """A row with one cell of the user's own."""
    row = InputRow(position, "in.xlsx", 2, (value,), formats=(code,) if code else ())
    return RowResult(row, Verdict(Outcome.NOT_ATTEMPTED))


@pytest.mark.parametrize(
    ("value", "code", "text", "said"),
    [
        pytest.param(4815, "000000", "004815", 4815, id="zeros"),
        pytest.param(-5, "000", "-5", -5, id="negative-with-zeros"),
        pytest.param(4815, "0", "4815", 4815, id="one-zero"),
        pytest.param(0.5, "0%", "0.5", 0.5, id="percent"),
        pytest.param(timedelta(hours=36, minutes=30), "[h]:mm", "36:30:00", "36:30:00", id="duration"),
        pytest.param(timedelta(hours=-6), None, "'-06:00:00", "-06:00:00", id="negative-duration"),
        pytest.param(time(6, 0), "h:mm", "06:00:00", "06:00:00", id="time"),
        pytest.param(-5, "yyyy-mm-dd", "-5", -5, id="negative-date"),
    ],
)
def test_text_files_show_what_a_number_format_would(
    tmp_path: Path, value: Cell, code: str | None, text: str, said: object
) -> None:
    """Zeros before a number and hours beyond a day in CSV; JSON keeps numbers numbers."""
    report = report_of(shown_as(value, code), columns=("Mine",))
    write_report(report, tmp_path / "out.csv")
    write_report(report, tmp_path / "out.json")
    (_, first) = csv.reader((tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines())
    assert text == first[0]
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert said == document["rows"][0]["input"]["Mine"]


def test_a_duration_without_a_format_is_shown_in_hours(tmp_path: Path) -> None:
    """Excel would show its number of days."""
    write_report(report_of(shown_as(timedelta(hours=30), None), columns=("Mine",)), tmp_path / "out.xlsx")
    cell = load_workbook(tmp_path / "out.xlsx")["Results"]["A2"]
    assert (timedelta(hours=30), "[h]:mm:ss") == (cell.value, cell.number_format)


@pytest.mark.parametrize(
    ("days", "number"),
    [
        pytest.param(1.25, "1.25", id="first-day"),
        pytest.param(59, "59.0", id="before-the-day-that-was-not"),
        pytest.param(60, "61.0", id="behind-it"),
    ],
)
def test_days_of_1900_keep_their_number(tmp_path: Path, days: float, number: str) -> None:
    """Excel's 29 February 1900, which was not, lies between them."""
    value = datetime(1899, 12, 31) + timedelta(days=days)  # noqa: DTZ001 - Excel knows no zones
    write_report(report_of(shown_as(value, "yyyy-mm-dd"), columns=("Mine",)), tmp_path / "out.xlsx")
    with zipfile.ZipFile(tmp_path / "out.xlsx") as parts:
        assert f"<v>{number}</v>".encode() in parts.read("xl/worksheets/sheet2.xml")
    assert value == load_workbook(tmp_path / "out.xlsx")["Results"]["A2"].value


def test_more_formats_than_a_workbook_has_room_for_are_left_out(tmp_path: Path) -> None:
    """The values stay; so they do under a format that no workbook may hold."""
    rows = [shown_as(at, f'0"{at:03}"', at) for at in range(300)]
    rows += [shown_as(7, "0" * 300, 300), shown_as(8, "0\x07", 301)]
    write_report(report_of(*rows, columns=("Mine",)), tmp_path / "out.xlsx")
    cells = [row[0] for row in load_workbook(tmp_path / "out.xlsx")["Results"].iter_rows(min_row=2)]
    assert [*range(300), 7, 8] == [cell.value for cell in cells]
    assert 200 == sum(cell.number_format != "General" for cell in cells)
    assert not sound_format("0" * 256)


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(), "00:00:00"),
        (timedelta(days=100, hours=6), "2406:00:00"),
        (timedelta(seconds=-1), "-00:00:01"),
        (timedelta(milliseconds=1500), "00:00:01.5"),
    ],
)
def test_a_duration_is_told_in_hours_minutes_and_seconds(duration: timedelta, text: str) -> None:
    """However long, and back in time."""
    assert text == elapsed(duration)

"""The user's own cells look in the report as they looked in the input, to a program that wrote neither."""

from __future__ import annotations

import csv
import subprocess
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from support.report_sample import report_of
from support.sheets import customer

from batchqual.ingest import Reading, read
from batchqual.model import Outcome, RowResult, Verdict
from batchqual.report import write_report

pytestmark = pytest.mark.libreoffice

KINDS: list[tuple[object, str]] = [
    (timedelta(hours=36, minutes=30), "[h]:mm:ss"),
    (timedelta(hours=-6), "[h]:mm"),
    (time(6, 0), "h:mm:ss"),
    (1.25, "h:mm:ss"),
    (-5, "yyyy-mm-dd"),
    (4815, "000000"),
    (12, '"0"000'),
    (0.5, "0%"),
    (1234.5, '#,##0.00 "EUR"'),
    (-3, "#,##0_);[Red](#,##0)"),
    (0.75, "# ?/?"),
    (datetime(2024, 2, 29, 12, 30), "d.m.yyyy h:mm"),  # noqa: DTZ001 - Excel knows no zones
    (123456789012, "@"),
    (0.00001, "0.00E+00"),
    (True, "General"),
]


def shown(path: Path, sheet: int, folder: Path) -> list[str]:
    """The third column of a sheet as LibreOffice shows it."""
    form = f"csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,{sheet}"
    command = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", form, "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    (made,) = folder.glob(f"{path.stem}*.csv")
    return [row[2] for row in csv.reader(made.read_text(encoding="utf-8").splitlines())][1:]


def test_the_users_cells_are_shown_as_they_were(tmp_path: Path) -> None:
    """Every kind of number, by its format."""
    book = Workbook()
    page = book.worksheets[0]
    page.append(["customer_id", "qualification", "Mine"])
    for row, (value, code) in enumerate(KINDS, start=2):
        page.append([customer(row), "SOE", value])
        page.cell(row, 3).number_format = code
    book.save(tmp_path / "in.xlsx")
    intake = read([str(tmp_path / "in.xlsx")], Reading())
    rows = [RowResult(row, Verdict(Outcome.NOT_ATTEMPTED)) for row in intake.rows]
    write_report(report_of(*rows, columns=intake.columns), tmp_path / "out.xlsx")
    expected = shown(tmp_path / "in.xlsx", 1, tmp_path)
    assert "36:30:00" == expected[0]
    assert "004815" == expected[5]
    assert expected == shown(tmp_path / "out.xlsx", 2, tmp_path)

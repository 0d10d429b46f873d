"""The workbook as LibreOffice reads it: another program than the one that wrote it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.report_sample import full_report

from batchqual.report import write_report

pytestmark = pytest.mark.libreoffice


ESCAPES = "_x([0-9A-Fa-f]{4})_"
CONTROL_ESCAPES = "_x(00[01][0-9A-Fa-f])_"
"""LibreOffice undoes all of Excel's escapes when it reads, and writes only those of control characters."""


def cells_of(path: Path, escapes: str) -> dict[tuple[str, str], object]:
    """Every cell by sheet and place: what the writing program computed, escapes undone."""
    return {
        (page.title, cell.coordinate): unescaped(cell.value, escapes)
        for page in load_workbook(path, data_only=True).worksheets
        for row in page.iter_rows()
        for cell in row
        if cell.value is not None
    }


def unescaped(value: object, escapes: str) -> object:
    """The text behind Excel's escapes, which openpyxl leaves as they are."""
    if not isinstance(value, str):
        return value
    return re.sub(escapes, lambda match: chr(int(match[1], 16)), value)


@pytest.mark.timeout(240)
def test_libreoffice_reads_every_cell_as_it_was_meant(tmp_path: Path) -> None:
    """Opened and saved again without repair, each value is the same and nothing has been computed."""
    path = write_report(full_report(), tmp_path / "report.xlsx")
    (tmp_path / "out").mkdir()
    profile = (tmp_path / "profile").as_uri()
    command = ["soffice", "--headless", f"-env:UserInstallation={profile}", "--convert-to", "xlsx"]
    subprocess.run(
        [*command, "--outdir", str(tmp_path / "out"), str(path)], check=True, capture_output=True, timeout=200
    )
    meant = cells_of(path, ESCAPES)
    read = cells_of(tmp_path / "out" / "report.xlsx", CONTROL_ESCAPES)

    assert meant == read
    assert "=SUM(A1:A9)" == read["Results", "A3"]
    assert "bell\x07 and _x0041_" == read["Results", "H6"]

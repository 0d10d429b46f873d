"""What we write is inert: nothing in it is computed, fetched, linked or run by whoever opens it."""

from __future__ import annotations

import csv
import re
import zipfile
from pathlib import Path

import pytest
from support.report_sample import full_report
from support.sheets import HEADINGS, csv_file, customer, intake

from batchqual.ingest import write_fixed
from batchqual.report import write_report

LIVE = re.compile(
    rb"<f[ >/]|<hyperlink|externalLink|ddeLink|oleObject|vbaProject|macrosheet|<webPr|<dbPr"
    rb"|TargetMode=.External",
    re.IGNORECASE,
)
EVIL = (
    '=HYPERLINK("https://fabrikam.example","x")',
    "=cmd|' /c calc'!A1",
    "+1+cmd|' /c calc'!A1",
    "@SUM(1)",
    "-2+3",
    "\t=1+1",
    "\r=1+1",
    "https://fabrikam.example/?q=1",
    "=EXEC(1)",
)


def live_parts(path: Path) -> list[str]:
    """The parts of a workbook that hold something that is not a value."""
    with zipfile.ZipFile(path) as archive:
        return [name for name in archive.namelist() if LIVE.search(name.encode() + archive.read(name))]


def test_a_report_holds_values_alone(tmp_path: Path) -> None:
    """No formula, no link, no query, no macro, in whatever part."""
    assert [] == live_parts(write_report(full_report(), tmp_path / "report.xlsx"))


@pytest.mark.parametrize("text", EVIL)
def test_a_repaired_copy_holds_values_alone(text: str, tmp_path: Path) -> None:
    """Also where a cell looks like a formula or a link: it comes back as the text that it was."""
    source = csv_file(tmp_path, [HEADINGS, (customer(1), "SOE", "", "", "", text)])
    copy = write_fixed(intake(source), tmp_path / "copy.xlsx")
    assert [] == live_parts(copy)


def test_no_cell_of_a_text_report_begins_like_a_formula(tmp_path: Path) -> None:
    """Excel computes a CSV cell by its first character; a number is what it is."""
    path = write_report(full_report(), tmp_path / "report.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    texts = [cell for cell in cells if not re.fullmatch(r"-?\d+(\.\d+)?", cell)]
    assert [] == [text for text in texts if text.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert any(cell.startswith("'=") for cell in cells)

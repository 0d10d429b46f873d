"""The reports of one run that has everything, against kept copies of what a person once approved.

``UPDATE_GOLDEN=1`` writes the copies anew; look at the difference before keeping it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.report_sample import full_report

from batchqual.report import write_report

HERE = Path(__file__).parent


def workbook_cells(path: Path) -> str:
    """Every cell of every sheet, a row a line, dates in ISO 8601 with their number format."""
    lines: list[str] = []
    for page in load_workbook(path).worksheets:
        for row in page.iter_rows():
            full = [cell for cell in row if cell.value is not None]
            cells = {cell.coordinate: shown(cell.value, cell.number_format) for cell in full}
            lines.append(json.dumps({"sheet": page.title, **cells}, ensure_ascii=False))
    return "\n".join(lines) + "\n"


def shown(value: object, number_format: str) -> object:
    """A value that JSON can hold."""
    return f"{value.isoformat()} as {number_format}" if isinstance(value, date | time) else value


def text_of(path: Path) -> str:
    """A text report as it is, line ends included."""
    return path.read_bytes().decode("utf-8")


@pytest.mark.parametrize(
    ("suffix", "kept", "read"),
    [
        pytest.param(".xlsx", "report-cells.jsonl", workbook_cells, id="workbook"),
        pytest.param(".csv", "report.csv", text_of, id="csv"),
        pytest.param(".json", "report.json", text_of, id="json"),
    ],
)
def test_the_report_is_the_approved_one(
    tmp_path: Path, suffix: str, kept: str, read: Callable[[Path], str]
) -> None:
    """Cell by cell and byte by byte: a change of what people see is never an accident."""
    written = read(write_report(full_report(), tmp_path / f"report{suffix}"))
    golden = HERE / kept
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_bytes(written.encode("utf-8"))

    assert golden.read_bytes().decode("utf-8").splitlines() == written.splitlines()
    assert text_of(golden) == written


@pytest.mark.parametrize("suffix", [".xlsx", ".csv", ".json"])
def test_the_same_run_gives_the_same_report(tmp_path: Path, suffix: str) -> None:
    """Nothing in a report depends on when or where it is written."""
    read = workbook_cells if suffix == ".xlsx" else text_of
    first, second = (read(write_report(full_report(), tmp_path / f"{n}{suffix}")) for n in (1, 2))

    assert first == second

"""The Python examples of the documentation run as they stand, against a simulator."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.house import ROOT
from support.pages import pages

from batchqual.simulator import Simulator, SimulatorSettings, serve_in_thread

PAGE = next(page for page in pages() if page.name == "docs/how-to/use-from-python.md")
ONE_CUSTOMER, WHOLE_RUN, FROM_FRAME = PAGE.blocks("python")
CUSTOMER = "00000000-0000-4000-8000-5f3a09c2d184"


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A Partner Center in which everything is approved soon, with the codes of the samples."""
    codes = ("047110=10", "730162=10")
    settings = SimulatorSettings(denial_rate=0.0, vetting_delay=(0.0, 0.1), codes=codes)
    with serve_in_thread(settings) as simulator:
        yield simulator


def run(code: str, simulator: Simulator, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run an example as a program of its own."""
    told = {
        "BATCHQUAL_ACCESS_TOKEN": "any",
        "BATCHQUAL_BASE_URL": simulator.base_url,
        "BATCHQUAL_LEDGER": str(folder / "ledger.sqlite3"),
        "BATCHQUAL_RATE": "none",
        "BATCHQUAL_POLL_MIN": "0.1s",
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
    }
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", cwd=folder, env=os.environ | told, check=False
    )


def test_one_customer_is_looked_at_and_submitted_once(simulator: Simulator, tmp_path: Path) -> None:
    """The first example asks for Education, shows it, counts the codes; a second time it only looks."""
    for _time in range(2):
        done = run(ONE_CUSTOMER, simulator, tmp_path)
        assert (0, "") == (done.returncode, done.stderr)
        assert "Education" in done.stdout
        assert "2 validation codes" in done.stdout
    assert {(CUSTOMER, "Education"): 1} == dict(simulator.books.accepted)


def test_a_whole_run_reports_into_a_frame(simulator: Simulator, tmp_path: Path) -> None:
    """The second example runs the sample sheet, prints the outcomes, and ends with the run's exit code."""
    shutil.copy(ROOT / "samples" / "customers.xlsx", tmp_path)
    done = run(WHOLE_RUN, simulator, tmp_path)
    assert (0, "") == (done.returncode, done.stderr)
    assert ["approved", "41"] in [line.split() for line in done.stdout.splitlines()]
    assert (tmp_path / "report.xlsx").is_file()


def test_rows_can_come_from_a_frame(simulator: Simulator, tmp_path: Path) -> None:
    """The third example makes a request of a frame's row, and says which row it is."""
    done = run(FROM_FRAME, simulator, tmp_path)
    assert (0, "") == (done.returncode, done.stderr)
    assert done.stdout.startswith("2 QualificationRequest(")

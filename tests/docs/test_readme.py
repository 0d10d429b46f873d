"""What the README shows is what happens, and the first run that it describes can be made."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.house import ROOT
from support.pages import Page, pages

README = next(page for page in pages() if page.name == "README.md")
TUTORIAL = next(page for page in pages() if page.name == "docs/tutorial.md")


def batchqual(*words: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Call the program as a person would."""
    command = [sys.executable, "-m", "batchqual", *words]
    return subprocess.run(command, capture_output=True, encoding="utf-8", cwd=folder, check=False)


def table_lines(text: str) -> list[list[str]]:
    """The lines of a summary table: an outcome, a number, a class."""
    cells = re.findall(
        r"^ {1,3}(\S.*?) {2,}(\d+) +(quiet|waiting|attention|balanced)\s*$", text, re.MULTILINE
    )
    return [list(line) for line in cells]


def test_the_transcript_of_the_demo_is_true(tmp_path: Path) -> None:
    """What `make demo` runs gives the table, the sentences and the exit code that the README shows."""
    (shown,) = (block for block in README.blocks("text") if "balanced" in block)
    report = tmp_path / "customers-report.xlsx"
    done = batchqual("rehearse", "samples/customers.xlsx", "--yes", "--report", str(report))
    assert 3 == done.returncode
    assert table_lines(shown) == table_lines(done.stderr)
    assert 6 == len(table_lines(shown))
    first, waiting, *_rest, advice, path = filter(None, shown.splitlines())
    assert first in done.stderr
    assert waiting.split(":")[0] in done.stderr
    assert advice in done.stderr
    assert (Path(path).name, [str(report)]) == (report.name, done.stdout.splitlines())


def test_the_demo_of_the_makefile_is_the_one_of_the_readme() -> None:
    """`make demo` rehearses the sample, and writes the report that the README names."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "rehearse samples/customers.xlsx --yes --report $(DEMO)" in makefile
    (name,) = re.findall(r"^DEMO := (\S+)$", makefile, re.MULTILINE)
    assert name in README.text


def test_the_check_of_the_tutorial_is_true() -> None:
    """The first command of the tutorial prints what the tutorial shows."""
    (shown,) = TUTORIAL.blocks("console")
    done = batchqual("check", "samples/customers.xlsx")
    assert 0 == done.returncode
    assert done.stdout.splitlines() == shown.splitlines()[1:2]
    assert table_lines(shown) == table_lines(done.stderr)
    assert shown.splitlines()[-1] in done.stderr


def test_the_first_five_minutes_can_be_done(tmp_path: Path) -> None:
    """The three commands for a newcomer work one after the other on an empty folder."""
    assert 0 == batchqual("template", "customers.xlsx", folder=tmp_path).returncode
    for verb in ("check", "rehearse"):
        done = batchqual(verb, "customers.xlsx", folder=tmp_path)
        assert (0, True) == (done.returncode, "no rows below" in done.stdout + done.stderr), done.stderr


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_an_installed_program_answers(option: str) -> None:
    """What the README says to try after installing answers with 0."""
    assert 0 == batchqual(option).returncode


def test_pictures_are_small() -> None:
    """The pictures of the README do not make the project heavy."""
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", Page("README.md", README.text).prose)
    assert 2 == len(pictures)
    assert [] == [name for name in pictures if (ROOT / name).stat().st_size > 150_000]

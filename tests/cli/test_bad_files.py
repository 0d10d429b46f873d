"""Bad files: a sentence and a hint, the promised exit code, no traceback, nothing sent."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.command_line import QUICK, CommandLine, sheet

from batchqual.simulator import Simulator

Make = Callable[[Path], None]


def _bomb(path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b" " * 64 * 1024 * 1024)
        book.writestr("[Content_Types].xml", "<Types/>")
    path.write_bytes(packed.getvalue())


BAD = [
    pytest.param("does not exist", "gone.csv", lambda path: None, id="missing"),
    pytest.param("is a folder", "folder", Path.mkdir, id="folder"),
    pytest.param("is empty", "empty.csv", lambda path: path.write_bytes(b""), id="empty"),
    pytest.param("is empty", "empty.xlsx", lambda path: path.write_bytes(b""), id="empty workbook"),
    pytest.param(
        "no usable heading", "list.csv", lambda path: path.write_text("a,b\n1,2\n"), id="no heading"
    ),
    pytest.param(
        "no workbook", "text.xlsx", lambda path: path.write_text("hello\n" * 9), id="text called .xlsx"
    ),
    pytest.param(
        "text.xls",
        "text.xlsx",
        lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)),
        id="encrypted or damaged",
    ),
    pytest.param("bomb.xlsx", "bomb.xlsx", _bomb, id="zip bomb"),
    pytest.param("binary", "nul.csv", lambda path: path.write_bytes(b"Customer\x00 ID\n\x01"), id="binary"),
    pytest.param(
        "Customer ID",
        "twice.csv",
        lambda path: path.write_text("Customer ID,Customer ID,Qualification\n1,2,Education\n"),
        id="heading twice",
    ),
    pytest.param("No file matches", "none*.xlsx", lambda path: None, id="wildcard"),
]


@pytest.mark.parametrize("verb", ["check", "plan", "run", "rehearse"])
@pytest.mark.parametrize(("words", "name", "make"), BAD)
def test_a_bad_file_is_told_in_words(verb: str, words: str, name: str, make: Make, cli: CommandLine) -> None:
    """Exit 10, whatever the verb, and no ledger or report is made."""
    folder = Path.cwd()
    make(folder / name)
    before = set(folder.rglob("*"))
    more = ["--yes", "--ledger", "ledger.sqlite3"] if verb != "check" else []
    done = cli(verb, name, *more)
    assert (10, "") == (done.code, done.out)
    assert done.err.startswith("error: ")
    assert words in done.err
    assert "\nhint: " in done.err
    assert before == set(folder.rglob("*"))


def test_bad_input_is_a_document_too(cli: CommandLine) -> None:
    """Exit 10 prints the document."""
    done = cli("run", "gone.csv", "--json")
    assert (10, "no-such-file", 0) == (
        done.document["exit_code"],
        done.document["error"]["code"],
        done.document["rows_in"],
    )


def test_one_bad_file_among_good_ones_sends_nothing(
    folder: Path, serve: Any, cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are read before anything is asked of the service."""
    simulator: Simulator = serve()
    monkeypatch.setenv("BATCHQUAL_ACCESS_TOKEN", "a-token")
    done = cli("run", sheet(folder), "gone.csv", "--yes", "--base-url", simulator.base_url, *QUICK)
    assert 10 == done.code
    assert 0 == simulator.books.total


def test_headings_without_rows_are_fine(folder: Path, cli: CommandLine) -> None:
    """Exit 0 and a warning."""
    done = cli("check", sheet(folder, 0))
    assert 0 == done.code
    assert "warning: customers.csv: there are headings and no rows" in done.out

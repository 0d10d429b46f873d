"""Data and talk reach whoever is there, and nobody's absence is an error."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.table import Table
from support.command_line import CommandLine, command, sheet

from batchqual.cli import console
from batchqual.cli.tables import table_of


class _Broken(io.StringIO):
    """A stream whose other end is gone, or that fails otherwise."""

    def __init__(self, problem: OSError) -> None:
        super().__init__()
        self._problem = problem

    def write(self, text: str, /) -> int:
        raise self._problem


class _Busy(io.StringIO):
    """A terminal in the middle of a line, as a signal handler finds it (Python docs, io, reentrancy)."""

    def __init__(self, handle: int) -> None:
        super().__init__()
        self._handle = handle

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._handle

    def write(self, text: str, /) -> int:
        raise RuntimeError("reentrant call")


def test_the_cursor_comes_back_past_a_busy_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second Ctrl-C that falls into a line being written leaves with its own exit code, not as a crash."""
    reading, writing = os.pipe()
    monkeypatch.setattr(sys, "stderr", _Busy(writing))
    console.release_terminal()
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        assert b"\x1b[?25h" == told.read()


def test_talk_is_one_line_a_line_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters of a value cannot drive the terminal, and no token gets there."""
    console.talk("cell \x1b[31mA5\nBearer abcdefgh12345")
    assert "cell \\x1b[31mA5\nBearer [hidden]\n" == capsys.readouterr().err


@pytest.mark.parametrize("problem", [BrokenPipeError(), OSError(5, "gone")])
def test_talk_to_nobody_is_no_error(problem: OSError, monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed terminal ends no run."""
    monkeypatch.setattr(sys, "stderr", _Broken(problem))
    console.talk("Is anybody there?")
    console.show(Table("a"))
    console.flush()


def test_without_streams_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program started without a console (pythonw, a service) has no streams at all."""
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    console.prepare()
    console.talk("Is anybody there?")
    console.data("data")
    console.flush()
    console.release_terminal()
    assert not console.is_terminal()
    assert not console.stdout_is_terminal()


def test_a_closed_stream_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed is not the same as missing."""
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    assert not console.stderr_is_terminal()


def test_data_that_cannot_be_written_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is not a reader that went away."""
    monkeypatch.setattr(sys, "stdout", _Broken(OSError(28, "No space left on device")))
    with pytest.raises(console.DataLost, match="No space"):
        console.data("data")


def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    """`batchqual check … | head -1`: no traceback, the exit code of the check."""
    rows = [("nobody", f"Contoso {n}", "Education", "K12", "") for n in range(5000)]
    process = command("check", sheet(folder, extra=rows))
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith("error: ")
    process.stdout.close()
    talk = process.stderr.read()
    process.stderr.close()
    assert 3 == process.wait()
    assert "Traceback" not in talk
    assert "Exception ignored" not in talk
    assert "5,000 rows need attention" in talk


def test_a_narrow_encoding_is_no_error(folder: Path) -> None:
    """A Windows console of code page 1252 shows what it can."""
    path = sheet(folder, 1, name="学校.csv", extra=[("nobody", "学校", "Education", "K12", "")])
    done = subprocess.run(
        [sys.executable, "-m", "batchqual", "check", str(path)],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"},
        check=False,
    )
    assert 3 == done.returncode
    assert b"customer_id \x93nobody\x94 is not a customer ID" in done.stdout
    assert b"Traceback" not in done.stderr


def test_documents_are_ascii(folder: Path, cli: CommandLine) -> None:
    """Any shell of any code page passes them on unharmed."""
    done = cli("check", sheet(folder, name="学校.csv"), "--json")
    assert done.out.isascii()
    assert done.document["inputs"][0]["path"].endswith("学校.csv")


def test_tables_as_data_have_no_colours_and_no_dangling_blanks(capsys: pytest.CaptureFixture[str]) -> None:
    """They are read by people and by programs."""
    console.show_data(table_of(("Name", "Count"), [("[bold]Contoso[/]", 1200), ("\x1b[31mred", 7)]))
    shown = capsys.readouterr().out
    assert "[bold]Contoso[/]   1,200\n" in shown
    assert "\\x1b[31mred" in shown
    assert "\x1b" not in shown
    assert all(line == line.rstrip() for line in shown.splitlines())


def test_what_is_not_known_is_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither a blank nor a zero."""
    console.show_data(table_of(("Code", "Left"), [("••23", None)]))
    assert "••23   -\n" in capsys.readouterr().out

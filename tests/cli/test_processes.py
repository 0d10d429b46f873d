"""The program as people start it: signals, a terminal, and the simulator by itself."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.command_line import QUICK, command, sheet
from support.terminal import Terminal

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs signals and terminals of POSIX")
_TOKEN = {"BATCHQUAL_ACCESS_TOKEN": "a-token"}
_PATIENCE = 30.0


@contextmanager
def simulator(*knobs: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`batchqual simulate` and its address; it is ended with the block."""
    process = command("simulate", "--denial-rate", "0", *knobs)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate(timeout=_PATIENCE)


def _line_with(process: subprocess.Popen[str], words: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return
    pytest.fail(f"the program ended without saying {words!r}")


@posix
def test_the_simulator_serves_until_interrupted(folder: Path) -> None:
    """Its address is the first line of data; a signal is how it should end."""
    with simulator("--state", "world.json") as (process, address):
        assert address.startswith("http://127.0.0.1:")
        run = command("run", sheet(folder), "--yes", "--json", "--base-url", address, *QUICK, environ=_TOKEN)
        out, _ = run.communicate(timeout=_PATIENCE)
        assert 3 == json.loads(out)["requests"]["post"]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=_PATIENCE)
        assert 0 == process.returncode
    assert (folder / "world.json").exists()


def test_a_port_that_is_taken_is_told() -> None:
    """Exit 2, and the other way."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = command("simulate", "--port", taken.getsockname()[1])
        out, err = process.communicate(timeout=_PATIENCE)
    assert (2, "") == (process.returncode, out)
    assert "hint: Choose another --port" in err


def test_a_file_that_is_no_world_is_told(folder: Path) -> None:
    """Exit 2."""
    (folder / "world.json").write_text("[]", encoding="utf-8")
    process = command("simulate", "--state", "world.json")
    _, err = process.communicate(timeout=_PATIENCE)
    assert 2 == process.returncode
    assert "world.json" in err
    assert "Traceback" not in err


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_the_first_signal_stops_gently(number: signal.Signals, folder: Path) -> None:
    """130; what is known is in the report, and the document is printed."""
    with simulator("--vetting-delay", "3600:3600") as (_, address):
        run = command("run", sheet(folder), "--yes", "--json", "--base-url", address, *QUICK, environ=_TOKEN)
        _line_with(run, "Waiting for vetting")
        run.send_signal(number)
        out, err = run.communicate(timeout=_PATIENCE)
    document: dict[str, Any] = json.loads(out)
    assert 130 == run.returncode == document["exit_code"]
    assert "Stopping. Once more leaves at once" in err
    assert 3 == document["outcomes"]["in_review"]
    assert Path(document["reports"][0]).exists()


@posix
def test_the_second_signal_leaves_at_once(folder: Path) -> None:
    """130 without waiting for the answer; the ledger can bear it, and knows a run that has no end."""
    sheet(folder, 1)
    with simulator("--latency", "4:4") as (_, address):
        line = ("run", "customers.csv", "--yes", "--base-url", address, "--ledger", "ledger.sqlite3", *QUICK)
        run = command(*line, environ=_TOKEN)
        _line_with(run, "1 customer to look at")
        run.send_signal(signal.SIGINT)
        _line_with(run, "Stopping.")
        asked = time.monotonic()
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=_PATIENCE)
        assert 2 > time.monotonic() - asked
    assert 130 == run.returncode
    assert "Left at once." in err
    assert "Traceback" not in err
    status = command("status", "--ledger", "ledger.sqlite3", "--json")
    out, _ = status.communicate(timeout=_PATIENCE)
    assert [None] == [run["exit_code"] for run in json.loads(out)["runs"]]


@posix
def test_at_a_terminal_it_asks_and_shows_how_far_it_is(folder: Path) -> None:
    """The plan, the question, the display, which is gone at the end, the table, the path."""
    with simulator("--latency", "0.1:0.1") as (_, address):
        terminal = Terminal(
            "run", sheet(folder, 4), "--base-url", address, *QUICK, "--report", "out.xlsx", environ=_TOKEN
        )
        terminal.see("4 submissions at most (4 Education)")
        terminal.see("Submit up to 4 qualifications? They cannot be undone. [y/N] ")
        assert "\x1b[?25l" not in terminal.screen
        terminal.type("y\n")
        terminal.see("Submitting")
        assert 0 == terminal.end()
    assert "\x1b[?25h" in terminal.screen
    assert re.search(r"Nothing is left to do\.\r\nReport:\r\nout\.xlsx\r\n$", terminal.screen)


@posix
@pytest.mark.parametrize(
    ("code", "keys"), [(2, "n\n"), (2, "\x04"), (130, "\x03")], ids=["no", "Ctrl-D", "Ctrl-C"]
)
def test_no_means_no(code: int, keys: str, folder: Path) -> None:
    """Nothing is sent, no report is written."""
    with simulator() as (_, address):
        terminal = Terminal("run", sheet(folder), "--base-url", address, *QUICK, environ=_TOKEN)
        terminal.see("[y/N]")
        if keys == "\x03":
            terminal.process.send_signal(signal.SIGINT)
        else:
            terminal.type(keys)
        assert code == terminal.end()
    assert "Nothing was sent." in terminal.screen
    assert {"customers.csv"} == {path.name for path in folder.iterdir()}


@posix
def test_the_cursor_comes_back_after_leaving_at_once(folder: Path) -> None:
    """The live display had hidden it."""
    with simulator("--latency", "4:4") as (_, address):
        terminal = Terminal("run", sheet(folder), "--yes", "--base-url", address, *QUICK, environ=_TOKEN)
        terminal.see("Submitting")
        terminal.process.send_signal(signal.SIGINT)
        terminal.see("Stopping.")
        terminal.process.send_signal(signal.SIGINT)
        assert 130 == terminal.end()
    assert terminal.screen.rindex("\x1b[?25h") > terminal.screen.rindex("\x1b[?25l")


@posix
def test_colours_can_be_turned_off(folder: Path) -> None:
    """NO_COLOR: no colour codes, at a terminal either."""
    colour = re.compile(r"\x1b\[(3[0-7]|1;3)")
    for found, environ in ((True, {}), (False, {"NO_COLOR": "1"})):
        terminal = Terminal("check", sheet(folder), environ=environ)
        assert 0 == terminal.end()
        assert found is bool(colour.search(terminal.screen))

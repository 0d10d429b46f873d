"""Streams that fail and terminals that go away: the run goes on unseen, and its exit code is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from support.command_line import QUICK, sheet
from support.terminal import Terminal

from batchqual.simulator import Simulator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs descriptors and terminals of POSIX")
Serve = Callable[..., Simulator]
TOKEN = {"BATCHQUAL_ACCESS_TOKEN": "a-token"}
PATIENCE = 30.0


def shell(line: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The program in a line of the shell, as ``"$@"``."""
    program = (sys.executable, "-m", "batchqual", *map(str, arguments))
    return subprocess.run(
        ["/bin/sh", "-c", line, "sh", *program],
        env={**os.environ, **TOKEN},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


def run_of(path: Path, address: str, *more: object) -> Sequence[object]:
    """A whole run that is reported as JSON, with a kept ledger."""
    own = ("--base-url", address, "--ledger", "ledger.sqlite3", "--report", "report.json")
    return ("run", path, "--yes", *own, *QUICK, *more)


def outcomes(folder: Path) -> Mapping[str, int]:
    """The totals of the report, those that are not zero."""
    found = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert found["balanced"]
    assert found["rows_in"] == len(found["rows"])
    return {name: count for name, count in found["outcomes"].items() if count}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(
    ("line", "code"),
    [
        pytest.param('"$@" --json >/dev/full', 1, id="stdout on a full disk"),
        pytest.param('"$@" --json >/dev/full 2>/dev/full', 1, id="both on a full disk"),
        pytest.param('"$@" -v -v 2>/dev/full', 0, id="stderr on a full disk"),
        pytest.param('"$@" -v 2>&-', 0, id="no stderr"),
        pytest.param('"$@" --json <&- >&- 2>&-', 0, id="no streams at all"),
        pytest.param('{ "$@" --json; echo $? >code; } | head -n 1; exit $(cat code)', 0, id="head"),
        pytest.param(
            '{ "$@" -v -v 3>&1 1>&2 2>&3; echo $? >code; } | true; exit $(cat code)',
            0,
            id="nobody reads stderr",
        ),
    ],
)
def test_streams_that_fail_lose_no_row(line: str, code: int, serve: Serve, folder: Path) -> None:
    """Everything is submitted, once, and stands in the report. A reader that went away is no failure; data
    that could not be written are: 1, in words, and without a log for the makers of the program."""
    simulator = serve()
    done = shell(line, *run_of(sheet(folder), simulator.base_url))
    assert code == done.returncode, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "Exception ignored" not in done.stderr
    if code and done.stderr:
        assert "error: Standard output cannot be written: No space left on device.\n" in done.stderr
        assert "hint: Send it somewhere else." in done.stderr
    assert not any(Path(os.environ["XDG_STATE_HOME"]).rglob("crash-*"))
    assert {"approved": 3} == outcomes(folder)
    assert [1] * 3 == list(simulator.books.accepted.values())


def test_an_error_that_cannot_be_printed_keeps_its_exit_code(folder: Path) -> None:
    """No input: 10, whatever becomes of the document."""
    done = shell('"$@" --json >/dev/full', "check", folder / "missing.csv")
    assert 10 == done.returncode
    assert "missing.csv" in done.stderr
    assert "Standard output cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_terminal_that_closes_at_the_question_sends_nothing(serve: Serve, folder: Path) -> None:
    """Nobody has said yes: 130 for the hang-up or 2 for the end of the input, whichever is seen first."""
    simulator = serve()
    rows = sheet(folder)
    terminal = Terminal("run", rows, "--base-url", simulator.base_url, *QUICK, environ=TOKEN, owned=True)
    terminal.see("[y/N]")
    assert terminal.close() in {2, 130}
    assert 0 == simulator.books.total
    assert {"customers.csv"} == {path.name for path in folder.iterdir()}


def test_a_terminal_that_fails_at_the_question_sends_nothing(serve: Serve, folder: Path) -> None:
    """Without a hang-up, as in a container whose console goes away: as good as a no."""
    simulator = serve()
    terminal = Terminal("run", sheet(folder), "--base-url", simulator.base_url, *QUICK, environ=TOKEN)
    terminal.see("[y/N]")
    assert 2 == terminal.close()
    assert 0 == simulator.books.total
    assert not any(Path(os.environ["XDG_STATE_HOME"]).rglob("crash-*"))


@pytest.mark.parametrize("owned", [True, False], ids=["hang-up", "no signal"])
def test_a_terminal_that_closes_in_mid_run_loses_nothing(owned: bool, serve: Serve, folder: Path) -> None:
    """The hang-up is a gentle stop: 130, and the report is written. Without the signal the run goes on unseen
    to its end. The same command has all of it."""
    simulator = serve(vetting_delay=(1.0, 1.0))
    line = run_of(sheet(folder), simulator.base_url)
    terminal = Terminal(*line, environ=TOKEN, owned=owned)
    terminal.see("3 in review")
    assert (130 if owned else 0) == terminal.close()
    assert {"in_review" if owned else "approved": 3} == outcomes(folder)
    assert 0 == shell('"$@"', *line).returncode
    assert {"approved": 3} == outcomes(folder)
    assert [1] * 3 == list(simulator.books.accepted.values())

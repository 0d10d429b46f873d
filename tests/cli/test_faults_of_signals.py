"""A signal in each phase of a run, once and twice: 130, a report after the first, and nothing lost.

Runs are forked from a warm process and get SIGINT at a fail point; SIGTERM, SIGHUP and Ctrl-Break go the same
way from `machine.on_stop_signals` on.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from support.attack import attacked
from support.command_line import QUICK, command, sheet
from support.crashing import Plan, besieging
from support.nursery import CAN_FORK, Nursery, nursery
from support.scenes import school_scene
from support.terminal import Terminal

from batchqual.simulator import SimulatorSettings, serve_in_thread

pytestmark = pytest.mark.skipif(not CAN_FORK or sys.platform == "win32", reason="needs signals of POSIX")
INTERRUPTED = 130
TOKEN = {"BATCHQUAL_ACCESS_TOKEN": "a-token"}

#: Phase: where the signal comes, and how the run ends.
ONCE: Mapping[str, tuple[str, int]] = {
    "the ledger is opened": ("ledger.opened", INTERRUPTED),
    "the run is stored": ("run.started", INTERRUPTED),
    "rows are enrolled": ("enrol.after", INTERRUPTED),
    "a request leaves": ("wire.leaving", INTERRUPTED),
    "an intent is on disk": ("intend.after", INTERRUPTED),
    "an answer has come": ("answer.accepted", INTERRUPTED),
    "a look at what is in review": ("review.seen", INTERRUPTED),
    "all is known, nothing is left to stop": ("run.ending", 0),
    "the report is written": ("file.written", 0),
    "the ledger is closed": ("ledger.closing", 0),
}
#: Phase: where the first signal comes, and where the second.
TWICE: Mapping[str, tuple[str, str]] = {
    "rows are enrolled": ("enrol.before", "enrol.after"),
    "an intent goes to disk": ("intend.before", "intend.after"),
    "a request is on its way": ("wire.leaving", "wire.answered"),
    "an answer has come": ("answer.accepted", "answer.over"),
    "the run is closed": ("run.ending", "run.ended"),
    "the report is written": ("file.claimed", "file.written"),
    "the lock is given back": ("ledger.closing", "lock.left"),
}


@pytest.mark.timeout(120)
async def test_a_signal_in_any_phase_loses_nothing(tmp_path: Path) -> None:
    """The first one stops gently: what is known is in a whole report, and the same command goes on."""
    scene = school_scene("interrupted")
    plans = [
        Plan(replace(scene, name=phase, mishaps={f"SIGINT {point}": (1,)}), ())
        for phase, (point, _) in ONCE.items()
    ]
    async with besieging(tmp_path) as siege:
        lives = await siege.attack("a signal in each phase", plans, twice=False)
    ends = {phase: life.exit_code for phase, [life] in zip(ONCE, lives, strict=True)}
    assert {phase: code for phase, (_, code) in ONCE.items()} == ends
    stopped = [life for [life] in lives if life.exit_code == INTERRUPTED]
    assert all("Stopping. Once more leaves at once" in life.err for life in stopped)


@pytest.mark.timeout(120)
async def test_two_signals_in_any_phase_lose_nothing(tmp_path: Path) -> None:
    """The second one leaves at once, in the middle of everything: the ledger bears it."""
    async with nursery() as home:
        await asyncio.gather(
            *(_left(tmp_path / str(number), home, *points) for number, points in enumerate(TWICE.values()))
        )


async def _left(folder: Path, home: Nursery, first: str, second: str) -> None:
    scene = school_scene(f"{first}, {second}", mishaps={f"SIGINT {first}": (1,), f"SIGINT {second}": (1,)})
    async with attacked(scene, folder, home) as attack:
        [life] = await attack.attack()
        assert INTERRUPTED == life.exit_code, scene.name
        assert "Left at once." in life.err, scene.name
        assert life.hits[second], scene.name
        # Who leaves at once leaves without a report.
        attack.damage.lost = [one for one in attack.damage.lost if not one.startswith("no report")]
        await attack.end(twice=False)
    assert not attack.damage, scene.name


def test_a_request_to_end_at_the_question_sends_nothing(folder: Path) -> None:
    """SIGTERM, as from a system that shuts down: 130, and not even a report."""
    with serve_in_thread(SimulatorSettings()) as simulator:
        terminal = Terminal("run", sheet(folder), "--base-url", simulator.base_url, *QUICK, environ=TOKEN)
        terminal.see("[y/N]")
        terminal.process.send_signal(signal.SIGTERM)
        assert INTERRUPTED == terminal.end()
        assert 0 == simulator.books.total
    assert "Nothing was sent." in terminal.screen
    assert {"customers.csv"} == {path.name for path in folder.iterdir()}


def test_a_signal_while_signing_in_ends_the_run_at_once(folder: Path) -> None:
    """The sign-in service takes the connection and says nothing: 130 without waiting for it, with a report in
    which no row was attempted."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        environ = {
            "BATCHQUAL_TENANT_ID": "00000000-0000-4000-8000-00000000aaaa",
            "BATCHQUAL_CLIENT_ID": "00000000-0000-4000-8000-00000000bbbb",
            "BATCHQUAL_CLIENT_SECRET": "a-secret",
            "BATCHQUAL_REFRESH_TOKEN": "a-refresh-token",
            "BATCHQUAL_AUTHORITY": f"https://127.0.0.1:{port}",
        }
        line = ("run", sheet(folder), "--yes", "--json", "--base-url", "http://127.0.0.1:9", *QUICK)
        run = command(*line, "--ledger", "ledger.sqlite3", "--report", "report.csv", environ=environ)
        silent.settimeout(30)
        asked, _ = silent.accept()
        run.send_signal(signal.SIGTERM)
        out, err = run.communicate(timeout=8)
        asked.close()
    assert INTERRUPTED == run.returncode, err
    assert '"not_attempted": 3' in out
    assert 4 == len((folder / "report.csv").read_text(encoding="utf-8").splitlines())
    assert "Traceback" not in err

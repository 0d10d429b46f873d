"""A folder of one's own, a command line, and a simulator to talk to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from support.command_line import QUICK, CommandLine

from batchqual.simulator import Simulator, SimulatorSettings, serve_in_thread

Serve = Callable[..., Simulator]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """Commands in this process."""
    return CommandLine(capsys)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts simulators; they end with the test."""
    with ExitStack() as stack:

        def start(**knobs: Any) -> Simulator:
            settings = SimulatorSettings(**{"denial_rate": 0.0, "vetting_delay": (0.0, 0.0), **knobs})
            return stack.enter_context(serve_in_thread(settings))

        yield start


@pytest.fixture
def online(serve: Serve, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Commands against a simulator that approves at once, with a kept ledger."""
    monkeypatch.setenv("BATCHQUAL_ACCESS_TOKEN", "a-token")
    return CommandLine(capsys, ("--base-url", serve().base_url, "--ledger", "ledger.sqlite3", *QUICK))

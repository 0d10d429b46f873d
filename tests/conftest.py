"""A clean room for every test: nobody's settings, nobody's home, no network, no waiting."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from support.guards import IdleWatch, NetworkGuard

HERE = Path(__file__).parent

#: Only these folders talk to sockets and processes, and may wait for them.
MAY_WAIT = {"benchmarks", "cli", "contract", "crash"}
#: Timers of a few milliseconds are noise; a sleep that hopes is longer.
NOISE = 0.05

#: Marks of tests that need a program from outside: its commands, and the packages that bring them.
OUTSIDE = {"libreoffice": (("soffice", "pdftoppm"), "libreoffice-calc poppler-utils")}

FOREIGN = ("AZURE_", "BATCHQUAL_", "XDG_")
FOREIGN_NAMES = {
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("ssl_cert_file", "ssl_cert_dir", "requests_ca_bundle", "curl_ca_bundle"),
    *("no_color", "force_color", "columns", "lines", "github_actions"),
    "pythonunbuffered",  # with it a stream that fails holds nothing back, and nobody's shell has it
}

# derandomized: what passes here passes anywhere; a change of the test changes its examples
SEARCH = hypothesis.settings(deadline=None, derandomize=True, database=None)
hypothesis.settings.register_profile("fast", SEARCH, max_examples=50)
hypothesis.settings.register_profile("long", SEARCH, max_examples=1000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))

network = NetworkGuard()
idle = IdleWatch()
guards = pytest.MonkeyPatch()
number = itertools.count()


def pytest_configure() -> None:
    """Put the guards up before the first test module is imported."""
    for name in list(os.environ):
        if name.startswith(FOREIGN) or name.lower() in FOREIGN_NAMES:
            del os.environ[name]
    hear_interrupts()
    # looptime asks for the main thread's loop before each test: unless told that there is none, asyncio makes
    # one, which nobody closes
    asyncio.set_event_loop(None)
    network.install(guards)
    idle.install(guards)


def hear_interrupts() -> None:
    """A shell starts its background jobs deaf to Ctrl-C, and nohup to a hang-up; children inherit that."""
    for name, usual in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
        number = getattr(signal, name, None)  # Windows has no hang-up
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


def pytest_unconfigure() -> None:
    """Take the guards down."""
    guards.undo()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what this machine cannot run; in CI that is a failure."""
    for mark, (commands, packages) in OUTSIDE.items():
        missing = [command for command in commands if shutil.which(command) is None]
        if missing and item.get_closest_marker(mark):
            stop = pytest.fail if os.environ.get("CI") else pytest.skip
            stop(f"needs {' and '.join(missing)}: install {packages}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not proven."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section("SKIPPED: what this run did not prove", sep="!", yellow=True, bold=True)
        for report in skipped:
            why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            terminalreporter.line(f"{report.nodeid}: {why}")


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def empty_home(_homes: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of the test's own, empty, on every platform's terms."""
    home = _homes / str(next(number))
    home.mkdir()
    for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home))
    for name in ("DATA", "CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    return home


@pytest.fixture(autouse=True)
def _guarded(request: pytest.FixtureRequest) -> Iterator[None]:
    network.refused.clear()
    idle.seconds = 0.0
    yield
    assert [] == network.refused, "the test tried to leave this machine"
    folder = request.path.relative_to(HERE).parts[0]
    assert folder in MAY_WAIT or idle.seconds < NOISE, (
        f"the test waited {idle.seconds:.2f} s for real: use virtual time, or wait for what should happen"
    )


@pytest.fixture
def idle_watch() -> IdleWatch:
    """The watch over real waiting, for tests of it."""
    return idle


@pytest.fixture
def network_guard() -> NetworkGuard:
    """The guard of the network, for tests of it."""
    return network

"""`login`, `logout` and what a run says of its sign-in, as a person meets them."""

from __future__ import annotations

import json
import os
import signal
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.command_line import QUICK, Done, command, sheet
from support.sign_in_server import APP, SECRET, SignInServer, User, sign_in_server
from support.signing_in import Partner
from support.terminal import Terminal

from batchqual.simulator import SimulatorSettings, serve_in_thread

_PATIENCE = 60
posix = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")


@pytest.fixture
def server() -> Iterator[SignInServer]:
    """A server, fresh for each test."""
    with sign_in_server() as running:
        yield running


@pytest.fixture
def account(server: SignInServer, folder: Path) -> dict[str, str]:
    """The environment of an account with a public app and a browser."""
    return {**Partner(server, folder).environ, "BROWSER": server.browser}


def say(account: dict[str, str], *words: object) -> Done:
    """The program as a process of its own, to its end."""
    process = command(*words, environ=account)
    out, err = process.communicate(timeout=_PATIENCE)
    assert "Traceback" not in err
    return Done(process.returncode, out, err)


def test_login_run_logout(account: dict[str, str], server: SignInServer, folder: Path) -> None:
    """Sign in once, run without being asked, forget it, and be told to sign in."""
    done = say(account, "login")
    assert 0 == done.code, done.err
    assert f"Signed in as {server.switches.user.name}. Kept in the file " in done.err
    assert "warning: The token is in a plain file" in done.err
    sheet(folder, 2)
    settings = SimulatorSettings(token_claims="mfa", denial_rate=0, vetting_delay=(0, 0))
    with serve_in_thread(settings) as simulator:
        service = ("--base-url", simulator.base_url, "--ledger", "ledger.sqlite3", *QUICK)
        ran = say(account, "run", "customers.csv", "--yes", *service)
        assert 0 == ran.code, ran.err
        assert "Signing in with the login of this account." in ran.err
        assert "Forgotten." in say(account, "logout").err
        assert "Nothing was kept." in say(account, "logout").err
        lost = say(account, "run", "customers.csv", "--yes", *service)
    assert 12 == lost.code
    assert "hint: Run `batchqual login` once" in lost.err


@pytest.mark.skipif(sys.platform == "win32", reason="file modes mean nothing there")
def test_what_is_kept_is_for_its_owner_alone(account: dict[str, str], folder: Path) -> None:
    """0600 in a folder of 0700, whatever the umask."""
    old = os.umask(0)
    try:
        assert 0 == say(account, "login").code
    finally:
        os.umask(old)
    [kept] = list(Path(os.environ["XDG_DATA_HOME"]).rglob("tokens.json"))
    assert (0o600, 0o700) == (stat.S_IMODE(kept.stat().st_mode), stat.S_IMODE(kept.parent.stat().st_mode))


def test_login_with_a_code(account: dict[str, str], server: SignInServer) -> None:
    """The code is told on standard error, and entered by somebody elsewhere."""
    server.switches.pending, server.switches.interval = 1, 0
    done = say(account, "login", "--auth", "device-code", "--json")
    assert 0 == done.code, done.err
    document: dict[str, Any] = json.loads(done.out)
    assert ("login", server.switches.user.name, 0) == (
        document["command"],
        document["username"],
        document["exit_code"],
    )
    assert "code" in done.err


def test_a_login_that_is_declined_ends_with_12(account: dict[str, str], server: SignInServer) -> None:
    """In words, and as a document."""
    server.switches.declines = True
    done = say(account, "login")
    assert 12 == done.code
    assert "error: The sign-in was declined" in done.err
    with_code = say(account, "login", "--auth", "device-code", "--json")
    assert (12, "declined") == (with_code.code, with_code.document["error"]["code"])


def test_login_warns_of_what_will_not_do(account: dict[str, str], server: SignInServer) -> None:
    """A user without MFA, and a refresh token in the settings that comes first."""
    server.switches.user = User(mfa=False)
    configured = {"BATCHQUAL_CLIENT_ID": APP, "BATCHQUAL_CLIENT_SECRET": SECRET}
    done = say({**account, **configured, "BATCHQUAL_REFRESH_TOKEN": "configured"}, "login")
    assert 0 == done.code, done.err
    assert "warning: The sign-in does not show multi-factor authentication" in done.err
    assert "warning: BATCHQUAL_REFRESH_TOKEN is set and comes before this login" in done.err


@pytest.mark.parametrize("verb", ["login", "logout"])
def test_without_a_registration_it_is_wrong_usage(verb: str) -> None:
    """2, and the two names that are missing."""
    done = say({}, verb)
    assert 2 == done.code
    assert "BATCHQUAL_TENANT_ID and BATCHQUAL_CLIENT_ID" in done.err


def test_the_recipe_of_the_runs_does_not_keep_a_person_from_signing_in(account: dict[str, str]) -> None:
    """A scheduled account is often set to one; the hint of every 12 is to log in."""
    done = say({**account, "BATCHQUAL_AUTH": "refresh-token"}, "login")
    assert 0 == done.code, done.err
    assert "If no browser opens, open this address" in done.err


@posix
@pytest.mark.parametrize("verb", ["run", "codes"])
def test_ctrl_c_ends_the_waiting_for_a_code(
    account: dict[str, str], server: SignInServer, folder: Path, verb: str
) -> None:
    """Not a quarter of an hour later: 130 within moments, and nothing was sent."""
    server.switches.pending = 10_000
    arguments = ("customers.csv", "--yes") if verb == "run" else ()
    sheet(folder, 1)
    terminal = Terminal(verb, *arguments, "--auth", "device-code", environ=account)
    terminal.see("enter the code")
    terminal.process.send_signal(signal.SIGINT)
    asked = time.monotonic()
    assert 130 == terminal.end()
    assert 5 > time.monotonic() - asked
    assert "Traceback" not in terminal.screen


def test_without_a_terminal_nobody_is_asked_for_a_code(account: dict[str, str], folder: Path) -> None:
    """A scheduled run ends with 12 at once."""
    sheet(folder, 1)
    done = say(account, "run", "customers.csv", "--yes", "--auth", "device-code")
    assert 12 == done.code
    assert "needs a person at the terminal" in done.err


def test_nobody_logs_in_as_an_app(account: dict[str, str]) -> None:
    """--auth takes the two ways of a person."""
    done = say(account, "login", "--auth", "app")
    assert 2 == done.code
    assert "device-code" in done.err

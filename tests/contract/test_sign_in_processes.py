"""Rotated refresh tokens and processes that die: what is kept afterwards is always one that works."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import redeeming
from support.sign_in_server import APP, SignInServer, sign_in_server
from support.signing_in import Partner
from support.unmeasured import unmeasured

from batchqual.signin import refresh_token_key

BEARER = "bearer-of-the-machine"
NAME = "refresh-token"


@pytest.fixture
def server() -> Iterator[SignInServer]:
    """A sign-in service and a key vault."""
    with sign_in_server() as running:
        # azure's client wants to hear the domain that the vault's host belongs to
        running.vault.resource = f"https://0.0.1:{running.url.rpartition(':')[2]}"
        running.vault.bearers.add(BEARER)
        yield running


def redeem(partner: Partner, point: str = "none", *, bearer: str = "") -> int:
    """Redeem in a process that dies at a point; its exit code."""
    root = Path(__file__).parents[2]
    environ = {
        **unmeasured(),
        **partner.environ,
        "PYTHONPATH": os.pathsep.join([str(root), str(root / "tests")]),
    }
    done = subprocess.run(
        [sys.executable, redeeming.__file__, str(partner.folder), point, bearer],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode != 0) == (point != "none"), done.stderr
    return done.returncode


def kept(partner: Partner) -> str | None:
    """The refresh token in the store."""
    registration = partner.means().registration
    assert registration is not None
    found = partner.store.get(refresh_token_key(registration))
    return found.refresh_token if found else None


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is how a test cuts the power")
@pytest.mark.parametrize("point", [one for one in redeeming.POINTS if one not in ("kept", "vaulted")])
def test_rotation_survives_a_kill(server: SignInServer, tmp_path: Path, point: str) -> None:
    """Wherever it falls: the store is whole, the next run redeems what it holds, and all after that."""
    token = server.desk.new_refresh_token(APP)
    partner = Partner(server, tmp_path).with_secret(BATCHQUAL_REFRESH_TOKEN=token)
    assert -9 == redeem(partner, point)
    assert (kept(partner) is not None) == (point == "done")
    redeem(partner)
    first = kept(partner)
    redeem(partner)
    assert first == server.refreshes[-1].refresh_token
    assert {200} == {request.status for request in server.refreshes}
    assert ["tokens.json", "tokens.lock"] == sorted(path.name for path in tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is how a test cuts the power")
@pytest.mark.parametrize("point", redeeming.POINTS)
def test_the_vault_gets_the_rotated_token_whatever_dies(
    server: SignInServer, tmp_path: Path, point: str
) -> None:
    """First the local copy, then the vault; after a kill the next redemption brings both to one."""
    server.vault.put(NAME, server.desk.new_refresh_token(APP))
    reference = f"keyvault://127.0.0.1:{server.url.rpartition(':')[2]}/{NAME}"
    partner = Partner(server, tmp_path).with_secret(BATCHQUAL_REFRESH_TOKEN=reference)
    assert -9 == redeem(partner, point, bearer=BEARER)
    redeem(partner, bearer=BEARER)
    newest = server.vault.value(NAME)
    assert newest == kept(partner)
    redeem(partner, bearer=BEARER)
    assert newest == server.refreshes[-1].refresh_token
    assert {200} == {request.status for request in server.refreshes}


def test_a_vault_that_takes_nothing_back_stops_nobody(server: SignInServer, tmp_path: Path) -> None:
    """The local copy counts, until somebody puts a new value into the vault."""
    server.vault.put(NAME, server.desk.new_refresh_token(APP))
    reference = f"keyvault://127.0.0.1:{server.url.rpartition(':')[2]}/{NAME}"
    partner = Partner(server, tmp_path).with_secret(BATCHQUAL_REFRESH_TOKEN=reference)
    server.vault.read_only = True
    redeem(partner, bearer=BEARER)
    local = kept(partner)
    redeem(partner, bearer=BEARER)
    assert local == server.refreshes[-1].refresh_token
    renewed = server.desk.new_refresh_token(APP)
    server.vault.put(NAME, renewed)
    redeem(partner, bearer=BEARER)
    assert renewed == server.refreshes[-1].refresh_token

"""Somebody for the doctor: an account in good health, and what may befall it."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.keyrings import MemoryKeyring, keyring_set, no_keyring
from support.sign_in_server import DESKTOP, TENANT, SignInServer, sign_in_server

from batchqual.clock import SystemClock
from batchqual.credentials import means_of
from batchqual.doctor import Diagnosis, Finding, examine
from batchqual.ledger import Ledger
from batchqual.settings import load_settings
from batchqual.signin import Kept, login_key, open_store
from batchqual.simulator import Simulator, SimulatorSettings, serve_in_thread

__all__ = [
    "CODE",
    "PASSWORD",
    "SECRETS",
    "AheadClock",
    "Patient",
    "named",
    "patient_in",
    "token_of",
    "words_of",
]

#: What no output may hold, wherever it stands.
PASSWORD = "proxy-password-that-is-secret"
CODE = "00470815"
SECRETS = (PASSWORD, CODE, "what-contoso-does-not-tell")


class AheadClock:
    """The machine's clock, put forward."""

    def __init__(self, ahead: timedelta) -> None:
        self._ahead = ahead

    def now(self) -> datetime:
        """The moment that it shows."""
        return datetime.now(UTC) + self._ahead


def token_of(**claims: object) -> str:
    """An access token that says this of itself."""
    parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in ({}, claims)]
    return ".".join([*parts, "c2lnbmVkLWJ5LW5vYm9keQ"])


@dataclass(slots=True)
class Patient:
    """An account with a public app, a login in its keyring, a ledger, and a simulator with one code.

    ``flags`` are typed; ``knobs`` turn the simulator, before it is first examined; ``stack`` holds whatever
    is to end with the test.
    """

    folder: Path
    server: SignInServer
    patch: pytest.MonkeyPatch
    stack: ExitStack
    flags: dict[str, object] = field(default_factory=dict)
    knobs: dict[str, Any] = field(default_factory=lambda: {"codes": (f"{CODE}=5",), "token_claims": "mfa"})
    ahead: timedelta = timedelta()
    simulator: Simulator | None = None

    def set(self, **variables: str) -> None:
        """Settings in the environment, by their names without the prefix."""
        for name, value in variables.items():
            self.patch.setenv(f"BATCHQUAL_{name.upper()}", value)

    @property
    def ledger(self) -> Path:
        """Its ledger."""
        return Path(os.environ["BATCHQUAL_LEDGER"])

    def signs_in(self, *, unused: timedelta = timedelta(), client: str = DESKTOP) -> str:
        """Keeps a login, as `batchqual login` would; the refresh token."""
        token = self.server.desk.new_refresh_token(client)
        registration = means_of(load_settings({})).registration
        assert registration is not None
        then = datetime.now(UTC) - unused
        store = open_store()
        with store.locked():
            store.put(login_key(registration), Kept(token, "", "agent@contoso.example", then, then))
        return token

    def stores_in_a_file(self) -> None:
        """Signs in again, with no keyring."""
        with keyring_set(no_keyring()):
            self.signs_in()

    def makes_ledger(self) -> None:
        """An empty ledger, closed properly."""
        with Ledger.open(self.ledger, clock=SystemClock(), command="run"):
            pass

    def has_service(self) -> Simulator | None:
        """The simulator; None where another address was set."""
        if self.simulator is None and "BATCHQUAL_BASE_URL" not in os.environ:
            self.simulator = self.stack.enter_context(serve_in_thread(SimulatorSettings(**self.knobs)))
            self.set(base_url=self.simulator.base_url)
        return self.simulator

    async def examined(self) -> Diagnosis:
        """What the doctor says."""
        self.has_service()
        return await examine(self.flags, clock=AheadClock(self.ahead))

    async def finding(self, name: str) -> Finding:
        """What the doctor says of one thing."""
        return named(await self.examined(), name)


def named(diagnosis: Diagnosis, name: str) -> Finding:
    """The finding of a check."""
    return next(one for one in diagnosis.findings if one.name == name)


@contextmanager
def patient_in(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Patient]:
    """A healthy one, whose current folder this is."""
    patch.chdir(folder)
    with ExitStack() as stack:
        server = stack.enter_context(sign_in_server())
        stack.enter_context(keyring_set(MemoryKeyring()))
        patient = Patient(folder, server, patch, stack)
        patient.set(
            tenant_id=TENANT,
            client_id=DESKTOP,
            authority=server.url,
            ca_bundle=str(server.ca_bundle),
            ledger=str(folder / "ledger.sqlite3"),
        )
        patient.signs_in()
        patient.makes_ledger()
        yield patient


def words_of(findings: Sequence[Finding]) -> str:
    """All that is said."""
    return "\n".join(f"{one.state} {one.name}: {one.words} {one.fix}" for one in findings)

"""The doctor over real parts: a healthy account passes, and each check is shown the trouble that it
is for."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import NamedTuple

import pytest
from azure.core.credentials import AccessToken
from support.certificates import certificate_ending
from support.keyrings import keyring_set, no_keyring
from support.patient import CODE, PASSWORD, SECRETS, Patient, named, patient_in, token_of, words_of
from support.sign_in_faults import TokenFault, invalid_client
from support.sign_in_server import APP, AUDIENCE, DESKTOP, SECRET, TENANT, User, sign_in_server
from support.signing_in import Partner

from batchqual.clock import SystemClock
from batchqual.doctor import CHECKS, State, document_of, examine, premises
from batchqual.doctor.facts import Facts
from batchqual.doctor.signing import vault
from batchqual.ledger import Ledger
from batchqual.ledger.schema import MIGRATIONS, migrate
from batchqual.machine import data_folder
from batchqual.signin import Kept, Means, Vault, fingerprint, refresh_token_key

OTHER_TENANT = "00000000-0000-4000-8000-0000000000bb"


class Usage(NamedTuple):
    """What `shutil.disk_usage` gives."""

    total: int
    used: int
    free: int


@pytest.fixture
def patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Patient]:
    """A healthy one."""
    with patient_in(tmp_path, monkeypatch) as found:
        yield found


async def test_a_healthy_account_passes_everything(patient: Patient) -> None:
    """Every check is made, none warns; the exit code is 0."""
    found = await patient.examined()
    assert [] == [(one.name, one.words) for one in found.findings if one.state is not State.PASS]
    assert [check.name for check in CHECKS] == [one.name for one in found.findings]
    assert (0, None) == (found.exit_code, found.first_failure)


@dataclass(frozen=True, slots=True)
class Fault:
    """What befalls the account, and how the check that it is for comes out."""

    befall: Callable[[Patient], object]
    state: State
    exit_code: int
    words: str


def _lacks_a_package(patient: Patient) -> None:
    def version(name: str) -> str:
        raise PackageNotFoundError(name)

    patient.patch.setattr(premises, "version", version)


def _broken_settings(patient: Patient) -> None:
    (patient.folder / "batchqual.toml").write_text("rate =\n", encoding="utf-8")


def _token_of_another_tenant(patient: Patient) -> None:
    patient.set(access_token=token_of(aud=AUDIENCE, tid=OTHER_TENANT, scp="user_impersonation"))


def _full_disk(patient: Patient, *, of: str) -> None:
    patient.flags["report"] = [str(patient.folder / "report.xlsx")]
    elsewhere = patient.folder / "elsewhere"
    elsewhere.mkdir()
    patient.set(ledger=str(elsewhere / "ledger.sqlite3"))
    full = elsewhere if of == "ledger" else patient.folder

    def disk_usage(folder: Path) -> Usage:
        return Usage(10**12, 0, 1000 if folder == full else 10**12)

    patient.patch.setattr(shutil, "disk_usage", disk_usage)


def _synchronized_ledger(patient: Patient) -> None:
    folder = patient.folder / "OneDrive - Contoso"
    folder.mkdir()
    patient.set(ledger=str(folder / "ledger.sqlite3"))


def _no_ledger(patient: Patient) -> None:
    (patient.folder / "notes.txt").write_text("this is no ledger " * 100, encoding="utf-8")
    patient.set(ledger=str(patient.folder / "notes.txt"))


def _lock_that_leads_nowhere(patient: Patient) -> None:
    lock = patient.ledger.with_name("ledger.sqlite3.lock")
    lock.unlink()
    lock.symlink_to(lock)


def _damaged_ledger(patient: Patient) -> None:
    with closing(sqlite3.connect(patient.ledger)) as ledger:
        [(size,)] = ledger.execute("PRAGMA page_size")
        [(page,)] = ledger.execute("SELECT rootpage FROM sqlite_master WHERE name = 'event'")
    content = bytearray(patient.ledger.read_bytes())
    content[(page - 1) * size : page * size] = b"\xff" * size
    patient.ledger.write_bytes(content)


def _damaged_tokens(patient: Patient) -> None:
    (data_folder() / "tokens.json").write_text("{", encoding="utf-8")


def _nobody_signed_in(patient: Patient) -> None:
    patient.set(client_id="00000000-0000-4000-8000-0000000000c9")


def _vault_that_is_gone(patient: Patient) -> None:
    patient.set(refresh_token="keyvault://localhost:1/partner-refresh-token")
    patient.patch.setenv("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")
    patient.patch.setenv("PATH", "")


def _old_certificate(patient: Patient) -> None:
    path = patient.folder / "app.pem"
    path.write_text(certificate_ending(timedelta(days=-1)), encoding="ascii")
    patient.set(client_certificate=str(path))


def _proxy_that_is_gone(patient: Patient, *, setting: str) -> None:
    patient.patch.setenv("HTTPS_PROXY", f"http://agent:{PASSWORD}@127.0.0.1:1")
    patient.patch.setenv("NO_PROXY", "localhost")
    _elsewhere(patient, "https://service.contoso.example", setting=setting)


def _stranger(patient: Patient, *, setting: str) -> None:
    _elsewhere(patient, patient.stack.enter_context(sign_in_server()).url, setting=setting)


def _elsewhere(patient: Patient, address: str, *, setting: str) -> None:
    patient.set(**{setting: address})
    patient.signs_in()


def _no_mfa(patient: Patient) -> None:
    patient.server.switches.user = User(mfa=False)
    patient.signs_in()


def _no_token_for_the_app(patient: Patient) -> None:
    patient.set(client_id=APP, client_secret=SECRET)
    patient.set(refresh_token=patient.server.desk.new_refresh_token(APP))
    patient.server.fail_next(TokenFault(), invalid_client())


FAIL, WARN = State.FAIL, State.WARN
FAULTS = {
    "versions": Fault(_lacks_a_package, FAIL, 1, "batchqual is not installed"),
    "settings": Fault(_broken_settings, FAIL, 2, "batchqual.toml cannot be read"),
    "variables": Fault(lambda one: one.set(raet="5"), WARN, 0, "did you mean BATCHQUAL_RATE"),
    "cloud": Fault(lambda one: one.set(cloud="us-government"), WARN, 0, "us-government"),
    "trusted certificates": Fault(lambda one: one.set(ca_bundle="nowhere.pem"), FAIL, 2, "nowhere.pem"),
    "service": Fault(lambda one: one.set(base_url="http://api.contoso.example"), FAIL, 2, "Plain http"),
    "sign-in settings": Fault(
        lambda one: one.patch.delenv("BATCHQUAL_TENANT_ID"), FAIL, 2, "needs BATCHQUAL_TENANT_ID"
    ),
    "partner": Fault(_token_of_another_tenant, FAIL, 2, OTHER_TENANT),
    "report": Fault(
        lambda one: one.flags.update(report=["nowhere/report.xlsx"]), FAIL, 2, "nowhere for the report"
    ),
    "disk of the report": Fault(lambda one: _full_disk(one, of="report"), FAIL, 2, "0.0 GB are free"),
    "ledger's place": Fault(_synchronized_ledger, FAIL, 11, "OneDrive synchronizes"),
    "ledger": Fault(_no_ledger, FAIL, 11, "is not a ledger"),
    "ledger's lock": Fault(_lock_that_leads_nowhere, FAIL, 11, "ledger.sqlite3.lock cannot be opened"),
    "ledger's pages": Fault(_damaged_ledger, FAIL, 11, "is damaged"),
    "disk of the ledger": Fault(lambda one: _full_disk(one, of="ledger"), FAIL, 11, "0.0 GB are free"),
    "token store": Fault(_damaged_tokens, FAIL, 12, "they are damaged"),
    "sign-in": Fault(_nobody_signed_in, FAIL, 12, "nothing to sign in with"),
    "key vault": Fault(_vault_that_is_gone, FAIL, 12, "The key vault localhost:1 cannot be reached"),
    "refresh token": Fault(
        lambda one: one.signs_in(unused=timedelta(days=70)), WARN, 0, "last renewed 70 days ago"
    ),
    "proof of the app": Fault(_old_certificate, FAIL, 12, "it is over"),
    "sign-in host: proxy": Fault(
        lambda one: _proxy_that_is_gone(one, setting="authority"), FAIL, 12, "The proxy http://127.0.0.1:1"
    ),
    "sign-in host: DNS": Fault(
        lambda one: _elsewhere(one, "https://login.contoso.example", setting="authority"),
        FAIL,
        12,
        "cannot be resolved",
    ),
    "sign-in host: connection": Fault(
        lambda one: _elsewhere(one, "https://localhost:1", setting="authority"),
        FAIL,
        12,
        "localhost, port 1: the connection is",
    ),
    "sign-in host: TLS": Fault(
        lambda one: _stranger(one, setting="authority"), FAIL, 12, "its certificate is not trusted"
    ),
    "API host: proxy": Fault(
        lambda one: _proxy_that_is_gone(one, setting="base_url"), FAIL, 1, "The proxy http://127.0.0.1:1"
    ),
    "API host: DNS": Fault(
        lambda one: one.set(base_url="https://api.contoso.example"), FAIL, 1, "cannot be resolved"
    ),
    "API host: connection": Fault(
        lambda one: one.set(base_url="http://127.0.0.1:1"), FAIL, 1, "the connection is refused"
    ),
    "API host: TLS": Fault(
        lambda one: _stranger(one, setting="base_url"), FAIL, 1, "its certificate is not trusted"
    ),
    "clock": Fault(
        lambda one: setattr(one, "ahead", timedelta(minutes=10)), FAIL, 12, "seconds ahead of localhost"
    ),
    "token for submissions": Fault(_no_mfa, FAIL, 12, "does not show multi-factor authentication"),
    "token for looks": Fault(_no_token_for_the_app, FAIL, 12, "secret or certificate is not taken"),
    "answer": Fault(
        lambda one: one.knobs.update(refusals=("codes=403/900308",)), FAIL, 13, "refuses a read (403)"
    ),
    "validation codes": Fault(lambda one: one.knobs.update(codes=(f"{CODE}=0",)), WARN, 0, "15: 0 left"),
}
#: Checks that cannot come out badly, and why.
ALWAYS_WELL = {"time zone": "it tells what the time is"}


def test_every_check_is_shown_a_trouble() -> None:
    """No check is only believed to see something."""
    assert {check.name for check in CHECKS} == FAULTS.keys() | ALWAYS_WELL.keys()


@pytest.mark.parametrize("name", FAULTS)
async def test_each_trouble_is_seen_by_the_check_that_is_for_it(name: str, patient: Patient) -> None:
    """Its state, its words, a fix; it is the first failure, nothing raises, and no check is missing."""
    fault = FAULTS[name]
    fault.befall(patient)
    diagnosis = await patient.examined()
    found = named(diagnosis, name)
    assert (fault.state, True) == (found.state, fault.words in found.words), words_of(diagnosis.findings)
    assert found.fix
    assert (fault.exit_code, fault.exit_code) == (found.exit_code, diagnosis.exit_code), words_of(
        diagnosis.findings
    )
    assert [check.name for check in CHECKS] == [one.name for one in diagnosis.findings]
    told = json.dumps(document_of(diagnosis)) + repr(diagnosis)
    tokens = [*patient.server.user_tokens, *patient.server.app_tokens]
    refreshed = [one.refresh_token or "-" * 9 for one in patient.server.refreshes]
    assert [] == [secret for secret in (*SECRETS, *tokens, *refreshed) if secret in told]


@pytest.mark.parametrize(
    ("refusal", "state", "exit_code", "words"),
    [
        pytest.param("404/1", WARN, 0, "does not know the list of validation codes", id="no list"),
        pytest.param("403/900149", FAIL, 13, "refuses the partner as a whole", id="the whole partner"),
        pytest.param("400/900001", FAIL, 13, "refuses a read (400)", id="anything else"),
        pytest.param("401/1", FAIL, 12, "does not take the token", id="the token"),
    ],
)
async def test_a_refusal_is_told_by_its_kind(
    refusal: str, state: State, exit_code: int, words: str, patient: Patient
) -> None:
    """With the exit code of a run that meets it; what is left on codes is then not told at all."""
    patient.knobs["refusals"] = (f"codes={refusal}",)
    diagnosis = await patient.examined()
    found = named(diagnosis, "answer")
    assert (state, exit_code, True) == (found.state, diagnosis.exit_code, words in found.words), found
    assert State.SKIPPED is named(diagnosis, "validation codes").state


async def test_a_pause_of_the_service_is_not_waited_for(patient: Patient) -> None:
    """It is a warning, and the next process keeps the pause too."""
    simulator = patient.has_service()
    assert simulator is not None
    simulator.close_gate(400)
    for _ in range(2):
        diagnosis = await patient.examined()
        assert (0, WARN) == (diagnosis.exit_code, named(diagnosis, "answer").state)
    assert 1 == simulator.books.total


@pytest.mark.parametrize(
    ("unused", "words"),
    [
        pytest.param(timedelta(days=100), "it has run out", id="too long"),
        pytest.param(timedelta(days=61), "it runs out", id="long"),
    ],
)
async def test_how_long_a_refresh_token_was_not_used_is_told(
    unused: timedelta, words: str, patient: Patient
) -> None:
    """As it was before the doctor itself used it."""
    patient.signs_in(unused=unused)
    assert words in (await patient.finding("refresh token")).words
    assert "last renewed 0 days ago" in (await patient.finding("refresh token")).words


async def test_a_configured_refresh_token_has_an_age_from_its_first_use_on(patient: Patient) -> None:
    """Before that nobody knows it."""
    patient.set(refresh_token=patient.server.desk.new_refresh_token(DESKTOP))
    assert "not used here yet" in (await patient.finding("refresh token")).words
    assert "0 days old" in (await patient.finding("refresh token")).words


async def test_a_clock_that_is_somewhat_off_is_worth_a_warning(patient: Patient) -> None:
    """Tokens are still taken."""
    patient.ahead = timedelta(minutes=-2)
    diagnosis = await patient.examined()
    assert (0, WARN) == (diagnosis.exit_code, named(diagnosis, "clock").state)
    assert "seconds behind localhost" in named(diagnosis, "clock").words


async def test_what_needs_a_failed_check_is_skipped_and_says_why(patient: Patient) -> None:
    """By the name of the first cause, along the whole chain."""
    patient.set(base_url="https://api.contoso.example")
    diagnosis = await patient.examined()
    for name in ("API host: connection", "API host: TLS", "answer", "validation codes"):
        found = named(diagnosis, name)
        assert (State.SKIPPED, "Not checked, because this failed: API host: DNS.") == (
            found.state,
            found.words,
        )


async def test_nothing_that_a_check_meets_comes_out(patient: Patient) -> None:
    """An error that nobody foresaw is a finding too, and the others are made."""

    def broken(_folder: Path) -> Usage:
        raise RuntimeError(PASSWORD)

    patient.patch.setattr(shutil, "disk_usage", broken)
    diagnosis = await patient.examined()
    found = named(diagnosis, "disk of the report")
    assert (State.FAIL, 1) == (found.state, found.exit_code)
    assert "nobody foresaw (RuntimeError)" in found.words
    assert State.PASS is named(diagnosis, "validation codes").state


async def test_beside_a_run_the_service_is_not_asked(patient: Patient) -> None:
    """All calls share one pace; who holds the ledger is told, and that is no failure."""
    patient.has_service()
    with Ledger.open(patient.ledger, clock=SystemClock(), command="run"):
        diagnosis = await patient.examined()
    assert 0 == diagnosis.exit_code
    assert "In use: batchqual run, process " in named(diagnosis, "ledger's lock").words
    for name in ("answer", "validation codes"):
        assert State.SKIPPED is named(diagnosis, name).state
        assert "batchqual run, process " in named(diagnosis, name).words


async def test_a_ledger_of_an_earlier_version_is_left_as_it_is(patient: Patient) -> None:
    """The next run brings it up to date; until then nobody asks without its pace."""
    simulator = patient.has_service()
    assert simulator is not None
    patient.ledger.unlink(missing_ok=True)
    with closing(sqlite3.connect(patient.ledger)) as connection:
        migrate(connection, SystemClock().now(), MIGRATIONS[:1])
    before = patient.ledger.read_bytes()
    diagnosis = await patient.examined()
    assert (0, before) == (diagnosis.exit_code, patient.ledger.read_bytes()), words_of(diagnosis.findings)
    assert "an earlier version" in named(diagnosis, "ledger").words
    found = named(diagnosis, "answer")
    assert (State.SKIPPED, True) == (found.state, "is of an earlier version" in found.words)
    assert 0 == simulator.books.total


async def test_no_ledger_is_made_by_asking(patient: Patient) -> None:
    """A place where there is none yet stays empty."""
    patient.set(ledger=str(patient.folder / "new.sqlite3"))
    diagnosis = await patient.examined()
    assert (0, State.PASS) == (diagnosis.exit_code, named(diagnosis, "answer").state)
    assert [] == list(patient.folder.glob("new*"))


async def test_a_token_from_outside_needs_no_sign_in_host(patient: Patient) -> None:
    """Its claims are read; the clock is that of the API."""
    for name in ("CLIENT_ID", "AUTHORITY"):
        patient.patch.delenv(f"BATCHQUAL_{name}")
    soon = int(SystemClock().now().timestamp()) + 3600
    good = {"aud": AUDIENCE, "tid": TENANT, "scp": "user_impersonation", "amr": ["pwd", "mfa"], "exp": soon}
    patient.set(access_token=token_of(**good))
    diagnosis = await patient.examined()
    assert [] == [one.words for one in diagnosis.findings if one.state is not State.PASS]
    assert "Not needed" in named(diagnosis, "sign-in host: TLS").words
    assert "127.0.0.1" in named(diagnosis, "clock").words


@pytest.mark.parametrize(
    ("claims", "state", "words"),
    [
        pytest.param({"aud": "https://graph.windows.net"}, FAIL, "not for Partner Center", id="audience"),
        pytest.param({"scp": ""}, FAIL, "user_impersonation", id="no user"),
        pytest.param({"amr": ["pwd"]}, FAIL, "multi-factor", id="no MFA"),
        pytest.param({"exp": 1}, FAIL, "has run out", id="expired"),
        pytest.param(
            {"aud": "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd"}, State.PASS, "Partner Center", id="by id"
        ),
    ],
)
async def test_what_a_token_says_is_held_against_what_it_is_for(
    claims: dict[str, object], state: State, words: str, patient: Patient
) -> None:
    """Audience, scope, MFA and its end, each in words."""
    soon = int(SystemClock().now().timestamp()) + 3600
    good = {"aud": AUDIENCE, "tid": TENANT, "scp": "user_impersonation", "amr": ["mfa"], "exp": soon}
    patient.set(access_token=token_of(**(good | claims)))
    found = await patient.finding("token for submissions")
    assert (state, True) == (found.state, words in found.words), found


async def test_an_opaque_token_is_worth_a_warning(patient: Patient) -> None:
    """What cannot be read is not taken for wrong."""
    patient.set(access_token="opaque")
    patient.knobs["token_claims"] = "ignored"
    diagnosis = await patient.examined()
    assert (0, WARN) == (diagnosis.exit_code, named(diagnosis, "token for submissions").state)


async def test_the_app_alone_cannot_submit(patient: Patient) -> None:
    """A warning that says who has to sign in; looks work."""
    patient.set(client_id=APP, client_secret=SECRET)
    diagnosis = await patient.examined()
    assert (0, WARN) == (diagnosis.exit_code, named(diagnosis, "sign-in").state)
    assert State.SKIPPED is named(diagnosis, "token for submissions").state
    assert "the app alone" in named(diagnosis, "token for looks").words
    assert State.PASS is named(diagnosis, "answer").state


async def test_user_and_app_have_different_tokens(patient: Patient) -> None:
    """Whose token is for what is told."""
    patient.set(client_id=APP, client_secret=SECRET)
    patient.set(refresh_token=patient.server.desk.new_refresh_token(APP))
    diagnosis = await patient.examined()
    assert 0 == diagnosis.exit_code
    assert "use different tokens" in named(diagnosis, "sign-in").words
    assert "BATCHQUAL_REFRESH_TOKEN is set" in named(diagnosis, "sign-in").words
    assert "its end is shown in the app registration" in named(diagnosis, "proof of the app").words


async def test_a_certificate_that_ends_soon_is_worth_a_warning(patient: Patient) -> None:
    """With its day."""
    path = patient.folder / "app.pem"
    path.write_text(certificate_ending(timedelta(days=20, hours=1)), encoding="ascii")
    patient.set(client_certificate=str(path))
    found = await patient.finding("proof of the app")
    assert (WARN, True) == (found.state, "in 20 days" in found.words)


async def test_a_plain_file_of_tokens_is_worth_a_warning(patient: Patient) -> None:
    """Where no keyring is."""
    patient.stack.enter_context(keyring_set(no_keyring()))
    patient.signs_in()
    found = await patient.finding("token store")
    assert (WARN, True) == (found.state, "which is not encrypted" in found.words)


class Identity:
    """An Azure identity that the vault lets in."""

    def get_token(self, *_scopes: str, **_more: object) -> AccessToken:
        """Its token."""
        return AccessToken("bearer-of-the-machine", 4_000_000_000)


@pytest.mark.parametrize("behind", [True, False], ids=["behind", "up to date"])
async def test_a_vault_that_is_behind_is_told(behind: bool, patient: Patient) -> None:
    """The value there is the one that was configured, and this machine has a newer one."""
    server = patient.server
    server.vault.resource = f"https://0.0.1:{server.url.rpartition(':')[2]}"
    server.vault.bearers.add("bearer-of-the-machine")
    server.vault.put("partner-refresh-token", "the-value-in-the-vault")
    reference = f"keyvault://127.0.0.1:{server.url.rpartition(':')[2]}/partner-refresh-token"
    partner = Partner(server, patient.folder / "own", {"BATCHQUAL_REFRESH_TOKEN": reference})
    registration = partner.means().registration
    assert registration is not None
    door = Vault(ca_bundle=server.ca_bundle, credential=Identity())
    facts = Facts({}, SystemClock())
    facts.means = Means("", replace(registration, vault=door), lambda: partner.store)
    now = SystemClock().now()
    kept = "a-newer-one" if behind else "the-value-in-the-vault"
    with partner.store.locked():
        partner.store.put(
            refresh_token_key(registration), Kept(kept, fingerprint("the-value-in-the-vault"), None, now, now)
        )
    found = await vault(facts)
    assert (WARN if behind else State.PASS, behind) == (found.state, "holds an older" in found.words)
    assert "the-value" not in found.words + found.fix


async def test_without_network_nothing_is_asked(patient: Patient) -> None:
    """Only what is on this machine."""
    patient.has_service()
    found = await examine({}, network=False)
    assert {check.name for check in CHECKS if not check.network} == {one.name for one in found.findings}
    assert [] == patient.server.requests
    assert "login" == found.place["sign-in"]

"""Signing in: the five recipes with the real msal, over TLS, and what comes of each trouble."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12
from support.program import until
from support.redeeming import Bearer
from support.sign_in_faults import (
    HTML,
    RESET_AFTER,
    RESET_BEFORE,
    TRUNCATED,
    Answer,
    TokenFault,
    broken,
    held,
    interaction_required,
    invalid_client,
    invalid_grant,
    throttled,
    unavailable,
)
from support.sign_in_server import APP, SECRET, ClientCertificate, SignInServer, User, sign_in_server
from support.signing_in import Partner

from batchqual import logins
from batchqual.clock import Clock
from batchqual.errors import NotSent, SignInNeeded, UsageError
from batchqual.partnercenter import claims
from batchqual.signin import (
    Certificate,
    Recipe,
    Registration,
    UserSource,
    Vault,
    open_store,
    refresh_token_key,
)
from batchqual.signin.renewing import Renewing


@pytest.fixture
def server() -> Iterator[SignInServer]:
    """A server, fresh for each test."""
    with sign_in_server() as running:
        yield running


@pytest.fixture
def partner(server: SignInServer, tmp_path: Path) -> Partner:
    """An account with a public app and nothing else."""
    return Partner(server, tmp_path / "account")


class Moving:
    """A clock that runs, and can be put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def logged_in(partner: Partner, **flags: object) -> logins.LoggedIn:
    """A person who signs in with the browser of this machine."""
    return logins.login(
        partner.settings(**flags),
        open_page=lambda url: threading.Thread(target=partner.server.browse, args=(url,)).start(),
        show=lambda words: None,
        store=partner.store,
    )


def unattended(partner: Partner, **more: str) -> Partner:
    """The same account with a refresh token in its settings, and a secret."""
    token = partner.server.desk.new_refresh_token(APP)
    return partner.with_secret(BATCHQUAL_REFRESH_TOKEN=token, **more)


def writer(partner: Partner, clock: Clock | None = None) -> Renewing:
    """Where the tokens of submissions come from."""
    means = partner.means()
    assert means.registration is not None
    key = refresh_token_key(means.registration)
    return Renewing(UserSource(means.registration, partner.store, key, clock or Moving()), clock or Moving())


# The recipes


async def test_a_refresh_token_with_a_secret_submits_and_the_app_looks(partner: Partner) -> None:
    """Writes bear a user's token with MFA, reads the app's own; both for the partner's tenant."""
    found = unattended(partner).sign_in()
    assert Recipe.REFRESH_TOKEN is found.recipe
    assert "Signing in with the stored refresh token, and as the app alone for looks." == found.words
    assert found.privileges.write is not None
    user, app = await found.privileges.write.token(), await found.privileges.read.token()
    assert (("user_impersonation",), True) == (claims(user).scopes, claims(user).mfa)
    assert ((), APP) == (claims(app).scopes, claims(app).app_id)
    assert claims(user).tenant_id == claims(app).tenant_id == partner.settings().tenant_id


@pytest.mark.parametrize("form", ["pem", "pfx"])
async def test_a_certificate_proves_the_app(partner: Partner, form: str, tmp_path: Path) -> None:
    """PEM and PFX, with a password, in place of the secret."""
    certificate = ClientCertificate()
    partner.server.register(APP, certificate=certificate.certificate)
    path = tmp_path / f"app.{form}"
    path.write_bytes(_packed(certificate, form, b"pass word"))
    one = Partner(
        partner.server,
        partner.folder,
        {
            **partner.environ,
            "BATCHQUAL_CLIENT_ID": APP,
            "BATCHQUAL_CLIENT_CERTIFICATE": str(path),
            "BATCHQUAL_CLIENT_CERTIFICATE_PASSWORD": "pass word",
            "BATCHQUAL_REFRESH_TOKEN": partner.server.desk.new_refresh_token(APP),
        },
    )
    found = one.sign_in()
    assert found.privileges.write is not None
    assert claims(await found.privileges.write.token()).mfa
    assert ["client_assertion"] == [request.shown for request in partner.server.refreshes]


def _packed(certificate: ClientCertificate, form: str, password: bytes) -> bytes:
    """The certificate and its key as a file has them, the key encrypted."""
    key = serialization.load_pem_private_key(certificate.private_key.encode(), None)
    public = x509.load_pem_x509_certificate(certificate.certificate.encode())
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    assert isinstance(key, RSAPrivateKey)
    if form == "pfx":
        return pkcs12.serialize_key_and_certificates(b"app", key, public, None, encryption)
    pem, form8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(pem, form8, encryption) + public.public_bytes(pem)


async def test_a_browser_login_lasts_for_later_runs(partner: Partner) -> None:
    """`login` keeps a refresh token; a run of the same account takes it without being told."""
    told = logged_in(partner)
    assert told.username == partner.server.switches.user.name
    found = partner.sign_in()
    assert Recipe.LOGIN is found.recipe
    assert found.privileges.write is found.privileges.read
    assert claims(await found.privileges.read.token()).mfa


async def test_a_device_code_is_told_and_waited_for(partner: Partner) -> None:
    """Where there is no browser; what it brought serves the next run without a person."""
    partner.server.switches.pending = 1
    partner.server.switches.interval = 0
    said: list[str] = []
    found = await asyncio.to_thread(partner.sign_in, "device-code", show=said.append)
    assert Recipe.DEVICE_CODE is found.recipe
    assert 1 == len(said)
    assert claims(await found.privileges.read.token()).mfa
    assert partner.sign_in("device-code").recipe is Recipe.DEVICE_CODE
    assert 1 == len(said)


def test_a_device_code_is_not_for_an_app_with_a_secret(partner: Partner) -> None:
    """msal has none for it: wrong usage, and the way out."""
    with pytest.raises(UsageError, match="without a secret"):
        partner.with_secret().sign_in("device-code", show=lambda words: None)


async def test_the_app_alone_looks_and_cannot_submit(partner: Partner) -> None:
    """Client credentials: no user's token at all."""
    found = partner.with_secret().sign_in()
    assert Recipe.APP is found.recipe
    assert found.privileges.write is None
    assert () == claims(await found.privileges.read.token()).scopes


async def test_a_token_from_outside_is_used_as_it_is(partner: Partner) -> None:
    """Nobody is asked for it, and nobody renews it."""
    partner.environ["BATCHQUAL_ACCESS_TOKEN"] = "given"
    found = partner.sign_in()
    assert Recipe.TOKEN is found.recipe
    assert "given" == await found.privileges.read.token()
    with pytest.raises(SignInNeeded):
        await found.privileges.read.renew("given")
    assert [] == partner.server.requests


@pytest.mark.parametrize("name", ["refresh-token", "login", "app", "token"])
def test_what_is_forced_and_missing_is_told(partner: Partner, name: str) -> None:
    """``--auth`` with nothing behind it: 12, and what to do."""
    with pytest.raises(SignInNeeded) as caught:
        partner.sign_in(name)
    assert name in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        pytest.param({"BATCHQUAL_TENANT_ID": ""}, "BATCHQUAL_TENANT_ID", id="no-tenant"),
        pytest.param({"BATCHQUAL_CLIENT_ID": ""}, "BATCHQUAL_CLIENT_ID", id="no-client"),
        pytest.param({"BATCHQUAL_AUTHORITY": "http://localhost"}, "plain http", id="plain-http"),
        pytest.param({"BATCHQUAL_AUTHORITY": "https://[bad"}, "BATCHQUAL_AUTHORITY", id="no-address"),
        pytest.param({"BATCHQUAL_AUTHORITY": "https://host:abc"}, "BATCHQUAL_AUTHORITY", id="no-port"),
        pytest.param({"BATCHQUAL_CLIENT_CERTIFICATE": "-----BEGIN PRIVATE KEY-----"}, "itself", id="pasted"),
        pytest.param(
            {"BATCHQUAL_CLIENT_SECRET": "s", "BATCHQUAL_CLIENT_CERTIFICATE": "c.pem"}, "both", id="both"
        ),
        pytest.param(
            {"BATCHQUAL_AUTHORITY": "https://login.example/other"}, "names the tenant other", id="tenant"
        ),
    ],
)
def test_half_a_registration_is_wrong_usage(partner: Partner, variables: dict[str, str], words: str) -> None:
    """2 before anything is sent, naming the variable."""
    partner.environ |= variables
    with pytest.raises(UsageError) as caught:
        partner.means()
    assert words in f"{caught.value.message} {caught.value.hint}"


# Renewal


async def test_a_hundred_workers_cause_one_refresh(partner: Partner) -> None:
    """They all ask at once, at the start and again when the token was refused."""
    provider = writer(unattended(partner))
    tokens = await asyncio.gather(*(provider.token() for _ in range(100)))
    assert 1 == len(set(tokens)) == len(partner.server.refreshes)
    renewed = await asyncio.gather(*(provider.renew(tokens[0]) for _ in range(100)))
    assert 1 == len(set(renewed))
    assert {tokens[0]}.isdisjoint(renewed)
    assert 2 == len(partner.server.refreshes)


async def test_a_token_is_renewed_five_minutes_before_its_end(partner: Partner) -> None:
    """Not sooner, and not later."""
    clock = Moving()
    provider = writer(unattended(partner), clock)
    first = await provider.token()
    clock.ahead = timedelta(minutes=54)
    assert first == await provider.token()
    clock.ahead = timedelta(minutes=56)
    assert first != await provider.token()
    assert 2 == len(partner.server.refreshes)


async def test_the_loop_runs_on_while_msal_waits(partner: Partner) -> None:
    """A slow sign-in service holds up nobody but those who need the token."""
    release = threading.Event()
    partner.server.fail_next(held(release))
    asking = asyncio.create_task(writer(unattended(partner)).token())
    await until(lambda: partner.server.discoveries > 0)
    for _ in range(100):
        await asyncio.sleep(0)
    assert not asking.done()
    release.set()
    assert await asking


# Rotation


async def test_the_rotated_token_wins_until_the_configured_one_changes(partner: Partner) -> None:
    """Kept at once; another run redeems the kept one; a new value in the settings begins anew."""
    one = unattended(partner)
    await writer(one).token()
    await writer(one).token()
    first, second = partner.server.refreshes
    assert first.refresh_token == one.environ["BATCHQUAL_REFRESH_TOKEN"] != second.refresh_token
    changed = unattended(partner)
    await writer(changed).token()
    assert changed.environ["BATCHQUAL_REFRESH_TOKEN"] == partner.server.refreshes[-1].refresh_token


async def test_single_use_tokens_survive_many_runs(partner: Partner) -> None:
    """A service that takes each refresh token once is served, since the newest is always kept."""
    partner.server.switches.single_use = True
    one = unattended(partner)
    for _ in range(5):
        assert await writer(one).token()
    assert {200} == {request.status for request in partner.server.refreshes}


async def test_logout_forgets(partner: Partner) -> None:
    """What login kept, and what a configured token has become."""
    logged_in(partner)
    assert 1 == logins.logout(partner.settings(), store=partner.store)
    assert [] == partner.store.keys()
    with pytest.raises(SignInNeeded, match="Sign-in is needed"):
        partner.sign_in()


def test_logout_from_everything_also_forgets_what_cannot_be_read(partner: Partner) -> None:
    """A damaged document is no reason to keep it."""
    logged_in(partner)
    [document] = partner.folder.glob("tokens.json")
    document.write_text("{", encoding="utf-8")
    with pytest.raises(SignInNeeded):
        partner.sign_in()
    assert 1 == logins.logout(partner.settings(), everything=True, store=partner.store)
    assert not document.exists()


# Troubles


@pytest.mark.parametrize(
    ("fault", "code", "who"),
    [
        pytest.param(invalid_grant(), "sign-in-expired", "partner user", id="expired"),
        pytest.param(interaction_required(), "interaction-required", "partner user", id="interaction"),
        pytest.param(invalid_client(), "app-refused", "administers the app registration", id="secret"),
        pytest.param(
            invalid_grant(65001, suberror="consent_required"),
            "consent-required",
            "administrator",
            id="consent",
        ),
    ],
)
async def test_a_dead_sign_in_says_who_must_do_what(
    partner: Partner, fault: TokenFault, code: str, who: str
) -> None:
    """Once, for everybody; the service is not asked again."""
    partner.server.fail_next(fault)
    provider = writer(unattended(partner))
    failures = await asyncio.gather(*(provider.token() for _ in range(20)), return_exceptions=True)
    assert {code} == {one.code for one in failures if isinstance(one, SignInNeeded)}
    assert 20 == sum(isinstance(one, SignInNeeded) for one in failures)
    [failure] = {id(one): one for one in failures}.values()
    assert isinstance(failure, SignInNeeded)
    assert who in failure.hint
    assert "Trace ID" not in failure.message
    assert 1 == len(partner.server.refreshes)


def _said(body: str) -> TokenFault:
    """200, and this."""
    return TokenFault(Answer(200, body))


@pytest.mark.looptime
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(_said("[]"), id="a-list"),
        pytest.param(_said('"x"'), id="a-text"),
        pytest.param(_said("{}"), id="nothing"),
        pytest.param(_said('{"access_token":5,"expires_in":"x"}'), id="numbers"),
        pytest.param(_said('{"access_token":"t","scope":5}'), id="odd-scope"),
        pytest.param(broken(), id="500"),
        pytest.param(unavailable(None), id="503"),
        pytest.param(throttled(), id="429"),
        pytest.param(HTML, id="html"),
        pytest.param(TRUNCATED, id="truncated"),
        pytest.param(RESET_BEFORE, id="reset-before"),
        pytest.param(RESET_AFTER, id="reset-after"),
    ],
)
async def test_a_passing_fault_is_waited_out(partner: Partner, fault: TokenFault) -> None:
    """The next try has the token, and nobody noticed."""
    partner.server.fail_next(fault)
    assert await writer(unattended(partner)).token()


@pytest.mark.parametrize("life", ['"3599"', "999999999999", "-5"])
async def test_a_life_that_cannot_be_believed_is_an_hour(partner: Partner, life: str) -> None:
    """Text counts as a number; the token is taken either way, and the refresh token with it."""
    body = '{"access_token":"t-1","refresh_token":"r-1","token_type":"Bearer","expires_in":' + life + "}"
    partner.server.fail_next(_said(body))
    one = unattended(partner)
    clock = Moving()
    provider = writer(one, clock)
    assert "t-1" == await provider.token()
    clock.ahead = timedelta(minutes=50)
    assert "t-1" == await provider.token()
    [key] = partner.store.keys()
    kept = partner.store.get(key)
    assert kept is not None
    assert "r-1" == kept.refresh_token


async def test_a_long_retry_after_is_not_asked_against(partner: Partner) -> None:
    """A minute at most is waited; a service that wants more is left alone."""
    partner.server.fail_next(*(throttled(120) for _ in range(6)))
    with pytest.raises(SignInNeeded) as caught:
        await writer(unattended(partner)).token()
    assert "sign-in-unreachable" == caught.value.code
    assert 1 == len(partner.server.refreshes)


@pytest.mark.looptime
async def test_another_process_that_is_slow_is_no_reason_for_a_person(partner: Partner) -> None:
    """While the token is good it is used on; the sign-in is not given up."""
    clock = Moving()
    one = unattended(partner)
    means = one.means()
    assert means.registration is not None
    store = open_store(partner.folder, patience=0.0)
    key = refresh_token_key(means.registration)
    provider = Renewing(UserSource(means.registration, store, key, clock), clock)
    first = await provider.token()
    clock.ahead = timedelta(minutes=56)
    with partner.store.locked():
        assert first == await provider.token()
    clock.ahead = timedelta(minutes=57)
    assert first != await provider.token()


async def test_a_stop_ends_the_waiting_for_a_token(partner: Partner) -> None:
    """At once, for everybody; the thread ends alone, and what it brought is kept."""
    release = threading.Event()
    partner.server.fail_next(held(release))
    provider = writer(unattended(partner))
    asking = [asyncio.create_task(provider.token()) for _ in range(3)]
    await until(lambda: partner.server.discoveries > 0)
    provider.abandon()
    failures = await asyncio.gather(*asking, return_exceptions=True)
    assert [NotSent] * 3 == [type(one) for one in failures]
    release.set()
    await until(lambda: partner.store.keys() != [])


async def test_who_is_cancelled_leaves_the_call_to_the_next(partner: Partner) -> None:
    """One call at a time, whoever waits for it."""
    release = threading.Event()
    partner.server.fail_next(held(release))
    provider = writer(unattended(partner))
    first = asyncio.create_task(provider.token())
    await until(lambda: partner.server.discoveries > 0)
    first.cancel()
    await asyncio.wait({first})
    second = asyncio.create_task(provider.token())
    release.set()
    assert await second
    assert 1 == len(partner.server.refreshes)


async def test_a_good_token_bridges_a_broken_sign_in_service(partner: Partner) -> None:
    """Within the five minutes before its end it is used on."""
    clock = Moving()
    provider = writer(unattended(partner), clock)
    first = await provider.token()
    partner.server.fail_next(HTML)
    clock.ahead = timedelta(minutes=56)
    assert first == await provider.token()
    clock.ahead = timedelta(minutes=57)
    assert first != await provider.token()


def test_a_declined_login_is_told(partner: Partner) -> None:
    """In the browser; nothing is kept."""
    partner.server.switches.declines = True
    with pytest.raises(SignInNeeded) as caught:
        logged_in(partner)
    assert "declined" == caught.value.code
    assert [] == partner.store.keys()


def test_a_login_without_mfa_is_warned_of(partner: Partner) -> None:
    """It is kept, and the person hears what Partner Center will say to it."""
    partner.server.switches.user = User(mfa=False)
    told = logged_in(partner)
    assert any("multi-factor" in warning for warning in told.warnings)


# Vaults


def vaulted(partner: Partner, **values: str) -> Registration:
    """The registration of an account whose secrets stand in a key vault."""
    server = partner.server
    host = f"127.0.0.1:{server.url.rpartition(':')[2]}"
    # azure's client wants to hear the domain that the vault's host belongs to
    server.vault.resource = f"https://0.0.1:{server.url.rpartition(':')[2]}"
    server.vault.bearers.add("bearer-of-the-machine")
    for name, value in values.items():
        server.vault.put(name.replace("_", "-"), value)
    references = {
        f"BATCHQUAL_{name.upper()}": f"keyvault://{host}/{name.replace('_', '-')}" for name in values
    }
    one = Partner(server, partner.folder, {**partner.environ, "BATCHQUAL_CLIENT_ID": APP, **references})
    registration = one.means().registration
    assert registration is not None
    vault = Vault(ca_bundle=server.ca_bundle, credential=Bearer("bearer-of-the-machine"))
    return replace(registration, vault=vault)


def redeemed(partner: Partner, registration: Registration) -> str:
    """An access token by refresh token."""
    key = refresh_token_key(registration)
    return UserSource(registration, partner.store, key, Moving()).acquire().token


def test_secret_and_refresh_token_come_from_a_vault(partner: Partner) -> None:
    """Fetched when they are needed; the rotated token goes back."""
    first = partner.server.desk.new_refresh_token(APP)
    registration = vaulted(partner, client_secret=SECRET, refresh_token=first)
    assert [] == partner.server.vault.requests
    assert claims(redeemed(partner, registration)).mfa
    assert first != partner.server.vault.value("refresh-token")


def test_a_value_from_a_file_in_a_vault_ends_with_a_line_break(partner: Partner) -> None:
    """Which is no part of it."""
    first = partner.server.desk.new_refresh_token(APP)
    registration = vaulted(partner, client_secret=f"{SECRET}\n", refresh_token=f"{first}\r\n")
    assert claims(redeemed(partner, registration)).mfa


def test_a_vault_that_is_away_stops_nobody_who_has_a_token(partner: Partner) -> None:
    """What is kept came from it; without anything kept it is needed."""
    first = partner.server.desk.new_refresh_token(APP)
    registration = vaulted(partner, refresh_token=first)
    registration = replace(registration, secret=SECRET)
    redeemed(partner, registration)
    away = replace(registration, refresh_token="keyvault://127.0.0.1:1/refresh-token")
    assert redeemed(partner, away)
    partner.store.forget(refresh_token_key(registration))
    with pytest.raises(SignInNeeded, match="cannot be reached"):
        redeemed(partner, away)


def test_a_certificate_comes_from_a_vault(partner: Partner) -> None:
    """As a vault gives it: a PFX in base64, without a password."""
    certificate = ClientCertificate()
    partner.server.register(APP, certificate=certificate.certificate)
    packed = base64.b64encode(_packed(certificate, "pfx", b"")).decode()
    first = partner.server.desk.new_refresh_token(APP)
    registration = vaulted(partner, client_certificate=packed, refresh_token=first)
    assert claims(redeemed(partner, registration)).mfa


@pytest.mark.parametrize(
    ("content", "password", "words"),
    [
        pytest.param(None, "", "cannot be read", id="missing"),
        pytest.param(b"no certificate", "", "neither a PEM nor a PFX", id="something-else"),
        pytest.param("pem", "wrong", "password is missing or wrong", id="pem-password"),
        pytest.param("pfx", "wrong", "password is missing or wrong", id="pfx-password"),
        pytest.param("pem", "", "password is missing or wrong", id="pem-no-password"),
        pytest.param("key", "", "holds no certificate", id="key-alone"),
        pytest.param("mixed", "", "is not that of its certificate", id="another-key"),
        pytest.param("certificate", "", "neither a PEM nor a PFX", id="certificate-alone"),
    ],
)
def test_a_certificate_that_cannot_be_used_is_told(
    partner: Partner, tmp_path: Path, content: bytes | str | None, password: str, words: str
) -> None:
    """Which file, what is wrong with it, and no word of what stands in it."""
    certificate = ClientCertificate()
    path = tmp_path / "app.certificate"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        mixed = ClientCertificate().private_key + certificate.certificate
        files = {"key": certificate.private_key, "certificate": certificate.certificate, "mixed": mixed}
        packed = files[content].encode() if content in files else _packed(certificate, content, b"right")
        path.write_bytes(packed)
    partner.environ |= {
        "BATCHQUAL_CLIENT_CERTIFICATE": str(path),
        "BATCHQUAL_CLIENT_CERTIFICATE_PASSWORD": password,
    }
    registration = partner.means().registration
    assert registration is not None
    with pytest.raises(UsageError) as caught:
        registration.proof()
    assert words in caught.value.message
    assert str(path) in caught.value.message
    assert "PRIVATE" not in caught.value.message


def test_a_password_that_is_not_needed_and_a_chain_are_no_trouble(partner: Partner, tmp_path: Path) -> None:
    """The certificate that belongs to the key is found among several."""
    certificate, other = ClientCertificate(), ClientCertificate()
    path = tmp_path / "app.pem"
    path.write_text(other.certificate + certificate.private_key + certificate.certificate, encoding="ascii")
    partner.environ |= {
        "BATCHQUAL_CLIENT_CERTIFICATE": str(path),
        "BATCHQUAL_CLIENT_CERTIFICATE_PASSWORD": "not needed",
    }
    registration = partner.means().registration
    assert registration is not None
    proof = registration.proof()
    assert isinstance(proof, Certificate)
    assert certificate.certificate.strip() == proof.public.strip()


async def test_a_certificate_that_is_gone_in_mid_run_needs_a_person(partner: Partner) -> None:
    """12, as for any sign-in: rows wait."""
    partner.environ["BATCHQUAL_CLIENT_CERTIFICATE"] = "gone.pem"
    with pytest.raises(SignInNeeded, match=r"gone\.pem cannot be read"):
        await partner.sign_in("app").privileges.read.token()

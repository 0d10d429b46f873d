"""407: a proxy that takes no login of ours is asked once, by whomever, and is named without the password."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import trustme
from support.drive import Drive, education
from support.patient import PASSWORD, Patient, named, patient_in, words_of
from support.program import until
from support.replay_server import Heard, ReplayServer, canned, replaying
from support.sheets import customer
from support.sign_in_server import APP, SignInServer, sign_in_server
from support.signing_in import Partner
from support.talking import EDU, QUICK, REQUEST_ID, calling

from batchqual.doctor import State
from batchqual.errors import AccessDenied
from batchqual.partnercenter import Limits, trust
from batchqual.signin import Vault, vault_reference
from batchqual.signin.wire import session_for_msal

WANTS_A_LOGIN = canned("407 Proxy Authentication Required", headers=["Proxy-Authenticate: Basic realm=x"])
API = "https://api.contoso.example"


@asynccontextmanager
async def refusing(patch: pytest.MonkeyPatch) -> AsyncIterator[ReplayServer]:
    """A proxy that takes no login, and is what the usual variable names."""
    async with replaying(WANTS_A_LOGIN) as proxy:
        patch.setenv("HTTPS_PROXY", f"http://agent:{PASSWORD}@127.0.0.1:{proxy.port}")
        patch.delenv("NO_PROXY", raising=False)
        yield proxy


def assert_named(said: str, proxy: ReplayServer) -> None:
    """The proxy is named, its password is not."""
    assert f"http://127.0.0.1:{proxy.port} wants a user name and a password" in said
    assert PASSWORD not in said


async def test_a_refused_login_is_tried_once_however_many_calls_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of twenty at the same time one goes ahead; those that come later are not made either. Nothing has
    left."""
    async with refusing(monkeypatch) as proxy, calling(API, rate=1000, retry=QUICK) as client:
        looks = [client.holdings(customer(n)) for n in range(19)]
        found = await asyncio.gather(
            *looks, client.submit(EDU, request_id=REQUEST_ID), return_exceptions=True
        )
        with pytest.raises(AccessDenied):
            await client.validation_codes()
    assert {AccessDenied} == {type(one) for one in found}
    assert_named(str(found[0]), proxy)
    assert (1, 0, 0) == (len(proxy.heard), client.counts.get, client.counts.post)


async def test_a_proxy_in_between_is_not_asked_again_either() -> None:
    """One that nobody has named, and that answers in the service's place, with whatever body."""
    async with (
        replaying(canned("407 Who are you?", "<html>")) as server,
        calling(server.url, retry=QUICK) as one,
    ):
        with pytest.raises(AccessDenied, match="A proxy on the way wants"):
            await one.submit(EDU, request_id=REQUEST_ID)
        with pytest.raises(AccessDenied):
            await one.validation_codes()
    assert 1 == len(server.heard)


async def test_what_was_answered_is_heard_though_the_proxy_lets_nobody_in_any_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A submission is on its way when the next connection is refused: its answer counts."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("api.contoso.example").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    connects, heard = 0, asyncio.Event()
    talks: list[asyncio.Task[None]] = []

    async def listen(_: Heard) -> None:
        heard.set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connects
        talk = asyncio.current_task()
        assert talk is not None
        talks.append(talk)
        await reader.readuntil(b"\r\n\r\n")
        connects += 1
        if connects > 1:
            writer.write(WANTS_A_LOGIN.raw)
            await _closed(writer)
            return
        there, back = await asyncio.open_connection("127.0.0.1", service.port)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await asyncio.gather(_pipe(reader, back), _pipe(there, writer))

    slow = canned("201 Created", '{"qualification":"Education"}', delay=0.3)
    async with (
        replaying(slow, tls=context) as service,
        await asyncio.start_server(serve, "127.0.0.1", 0) as proxy,
    ):
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}")
        async with calling(API, rate=1000, ca_bundle=tmp_path / "ca.pem") as client:
            service.on_request = listen
            sent = asyncio.create_task(client.submit(EDU, request_id=REQUEST_ID))
            await heard.wait()
            with pytest.raises(AccessDenied):
                await client.holdings(customer(1))
            assert 201 == (await sent).http_status
        await asyncio.gather(*talks)
    assert 2 == connects


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
    await _closed(writer)


async def _closed(writer: asyncio.StreamWriter) -> None:
    """To the end, so that nothing of it is left for a later test."""
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def test_who_waits_for_the_first_call_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that says nothing keeps each call as long as ever, not one behind the other."""
    async with replaying(canned(delay=None)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        limits = Limits(total=0.5, standing=0.1)
        async with calling(API, rate=1000, limits=limits) as client:
            async with asyncio.timeout(5):
                await asyncio.gather(
                    *(client.holdings(customer(n)) for n in range(9)), return_exceptions=True
                )
    assert 9 == proxy.connections


async def test_a_run_whose_token_is_there_ends_with_13(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With a report in which every row waits; one login was tried."""
    async with refusing(monkeypatch) as proxy:
        told = await Drive(tmp_path, API)(education(tmp_path, *range(30)), rate="100", patience="30s")
    assert (13, "proxy-refused") == (told.exit_code, told.document["error"]["code"])
    assert {"not_attempted": 30} == dict(told.totals)
    assert_named(told.document["error"]["message"], proxy)
    assert 1 == len(proxy.heard)


@pytest.fixture
def server() -> Iterator[SignInServer]:
    """A sign-in service."""
    with sign_in_server() as running:
        yield running


@pytest.mark.parametrize("split", [True, False], ids=["user and app", "user alone"])
async def test_a_run_that_cannot_sign_in_ends_with_13(
    server: SignInServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, split: bool
) -> None:
    """One login was tried, not one for each row, call and token; a domain that has to be looked up waits."""
    partner = Partner(server, tmp_path)
    token = server.desk.new_refresh_token(APP)
    partner = partner.with_secret(BATCHQUAL_REFRESH_TOKEN=token)
    if not split:
        del partner.environ["BATCHQUAL_CLIENT_SECRET"]
    async with refusing(monkeypatch) as proxy:
        drive = Drive(tmp_path, API, token="", environ=partner.environ)
        told = await drive(education(tmp_path, *range(5)), rate="100", patience="30s")
    assert (13, "proxy-refused") == (told.exit_code, told.document["error"]["code"])
    assert {"not_attempted": 5} == dict(told.totals)
    assert {"stopped"} == {row["error_code"] for row in told.rows}
    assert_named(told.document["error"]["message"], proxy)
    assert ([], 1) == (server.requests, len(proxy.heard))


async def test_all_who_wait_for_a_token_hear_it_from_one_try(
    server: SignInServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And it is over for this run."""
    partner = Partner(server, tmp_path).with_secret()
    async with refusing(monkeypatch) as proxy:
        read = (await asyncio.to_thread(partner.sign_in)).privileges.read
        found = await asyncio.gather(*(read.token() for _ in range(9)), return_exceptions=True)
        with pytest.raises(AccessDenied):
            await read.renew("another")
    assert {AccessDenied} == {type(one) for one in found}
    assert 1 == len(proxy.heard)


async def test_a_vault_behind_such_a_proxy_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """azure's packages repeat what fails; a credential that fails so is told apart from a missing one."""

    class Nobody:
        def get_token(self, *_scopes: str, **_more: object) -> object:
            raise AssertionError("never asked: the vault tells first what it wants")

    reference = vault_reference("keyvault://contoso-vault/refresh-token")
    assert reference is not None
    async with refusing(monkeypatch) as proxy:
        with pytest.raises(AccessDenied) as caught:
            await asyncio.to_thread(Vault(credential=Nobody()).read, reference)
    assert_named(str(caught.value), proxy)
    assert 1 == len(proxy.heard)


async def test_an_identity_behind_such_a_proxy_is_not_called_missing(
    server: SignInServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vault is reached directly, and the service that knows identities is not: azure's chain of them
    would say that there is none."""
    port = server.url.rpartition(":")[2]
    server.vault.resource = f"https://0.0.1:{port}"
    server.vault.put("refresh-token", "what-contoso-does-not-tell")
    reference = vault_reference(f"keyvault://127.0.0.1:{port}/refresh-token")
    assert reference is not None
    for name in ("TENANT_ID", "CLIENT_ID"):
        monkeypatch.setenv(f"AZURE_{name}", "00000000-0000-4000-8000-0000000000aa")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "what-contoso-does-not-tell")
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    async with refusing(monkeypatch) as proxy:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with pytest.raises(AccessDenied) as caught:
            await asyncio.to_thread(Vault(ca_bundle=server.ca_bundle).read, reference)
    assert_named(str(caught.value), proxy)
    assert 1 == len(proxy.heard)


async def test_a_proxy_that_is_gone_is_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """That passes, and is tried again."""
    from requests.exceptions import ProxyError

    async with replaying(canned("502 Bad Gateway")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        session = session_for_msal(trust(None))
        for _ in range(2):
            with pytest.raises(ProxyError):
                await asyncio.to_thread(session.get, "https://login.contoso.example/")
    assert 2 == len(proxy.heard)


@pytest.fixture
def patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Patient]:
    """An account in good health."""
    with patient_in(tmp_path, monkeypatch) as healthy:
        yield healthy


async def test_doctor_names_the_proxy_and_asks_it_once(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends as the run would, with 13; the way to the other host is not tried through it."""
    patient.set(base_url=API, authority="https://login.contoso.example")
    patient.signs_in()
    async with refusing(monkeypatch) as proxy:
        diagnosis = await patient.examined()
        # Each host's look for the proxy, and one CONNECT: what is not taken yet would be left open.
        await until(lambda: proxy.connections == 3)
    refused = named(diagnosis, "sign-in host: connection")
    assert "in front of the host in HTTPS_PROXY" in refused.fix
    assert (13, State.FAIL) == (diagnosis.exit_code, refused.state)
    assert_named(refused.words, proxy)
    assert State.SKIPPED is named(diagnosis, "API host: connection").state
    assert PASSWORD not in words_of(diagnosis.findings)
    assert 1 == sum(b"CONNECT" in heard.raw for heard in proxy.heard)

"""Reaching the service: names, sockets, TLS, proxies. Whatever fails there, no byte of the call has left."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from support.replay_server import Canned, ReplayServer, canned, replaying
from support.talking import CUSTOMER, EDU, QUICK, REQUEST_ID, TOKEN, calling

from batchqual.errors import NotSent, UsageError
from batchqual.partnercenter import Limits


def a_free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
    return port


async def test_nobody_there_is_not_sent() -> None:
    """A write, too, is simply tried again, and then said to have never left."""
    async with calling(f"http://127.0.0.1:{a_free_port()}", retry=QUICK) as client:
        with pytest.raises(NotSent):
            await client.submit(EDU, request_id=REQUEST_ID)
    assert (0, 5) == (client.counts.post, client.counts.retried)


async def test_a_name_that_does_not_resolve_is_not_sent() -> None:
    """In words."""
    async with calling("https://api.nowhere.example", rate=100) as client:
        with pytest.raises(NotSent, match="name cannot be resolved"):
            await client.submit(EDU, request_id=REQUEST_ID)


@pytest.fixture
def authority() -> trustme.CA:
    """A certificate authority that nobody trusts yet."""
    return trustme.CA()


@asynccontextmanager
async def secure(authority: trustme.CA, name: str) -> AsyncIterator[ReplayServer]:
    """A TLS server with a certificate for this name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    async with replaying(canned(body="[]"), tls=context) as server:
        yield server


async def test_an_untrusted_certificate_is_not_sent(authority: trustme.CA) -> None:
    """Checks are on, on loopback too; the words name the setting that helps."""
    async with secure(authority, "127.0.0.1") as server, calling(server.url) as client:
        with pytest.raises(NotSent, match="BATCHQUAL_CA_BUNDLE"):
            await client.submit(EDU, request_id=REQUEST_ID)
    assert [] == server.heard


async def test_a_certificate_of_another_name_is_not_sent(authority: trustme.CA, tmp_path: Path) -> None:
    """Trusted, and still not who it should be."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    bundle = tmp_path / "ca.pem"
    async with secure(authority, "other.example") as server, calling(server.url, ca_bundle=bundle) as client:
        with pytest.raises(NotSent, match="certificate"):
            await client.holdings(CUSTOMER)
    assert [] == server.heard


async def test_a_bundle_is_trusted_besides_the_system(authority: trustme.CA, tmp_path: Path) -> None:
    """And then TLS works."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    bundle = tmp_path / "ca.pem"
    async with secure(authority, "127.0.0.1") as server, calling(server.url, ca_bundle=bundle) as client:
        assert () == await client.holdings(CUSTOMER)


async def test_tls_with_someone_who_does_not_speak_it_is_not_sent() -> None:
    """A failed handshake is a failure before a byte of the call left."""
    async with replaying(canned(body="[]")) as server:
        url = server.url.replace("http:", "https:")
        async with calling(url, limits=Limits(total=0.5)) as client:
            with pytest.raises(NotSent):
                await client.submit(EDU, request_id=REQUEST_ID)


@asynccontextmanager
async def tunnel(target: int, heard: list[bytes]) -> AsyncIterator[int]:
    """A proxy that connects every CONNECT to one port of this machine."""

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        there, back = await asyncio.open_connection("127.0.0.1", target)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await asyncio.gather(pipe(reader, back), pipe(there, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_proxy_is_used(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through a tunnel, with its login, and TLS with the service inside: the proxy sees no token."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    connects: list[bytes] = []
    async with (
        secure(authority, "api.contoso.example") as server,
        tunnel(server.port, connects) as port,
    ):
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:word@127.0.0.1:{port}")
        bundle = tmp_path / "ca.pem"
        async with calling("https://api.contoso.example", ca_bundle=bundle, rate=100) as client:
            assert () == await client.holdings(CUSTOMER)
    (connect,) = connects
    assert connect.startswith(b"CONNECT api.contoso.example:443 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic bWU6d29yZA==" in connect
    assert TOKEN.encode() not in connect
    assert server.heard[0].header("Proxy-Authorization") is None


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(
            canned("403 Forbidden", ""), r"proxy refused to connect \(HTTP 403\)", id="lets nobody there"
        ),
        pytest.param(Canned(close=True), "closed", id="hangs up"),
        pytest.param(Canned(delay=None), "too long", id="says nothing"),
    ],
)
async def test_a_proxy_that_does_not_connect_is_not_sent(
    answer: Canned, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No byte of the call has left this machine's side."""
    async with replaying(answer) as server:
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        async with calling("https://api.contoso.example", rate=100, limits=Limits(total=0.3)) as client:
            with pytest.raises(NotSent, match=words):
                await client.submit(EDU, request_id=REQUEST_ID)
    assert (0, 1) == (client.counts.post, len(server.heard))


async def test_a_proxy_that_is_not_there_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """In words that say which of the two was not reached."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{a_free_port()}")
    async with calling("https://api.contoso.example", rate=100) as client:
        with pytest.raises(NotSent, match="proxy cannot be reached"):
            await client.holdings(CUSTOMER)


async def test_no_rate_limit_is_for_this_machine_alone() -> None:
    """Nothing is opened."""
    with pytest.raises(UsageError, match="rate limit"):
        async with calling("https://api.contoso.example", rate=None):
            pass

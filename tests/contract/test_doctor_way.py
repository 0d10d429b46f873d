"""The hops of a way, over real sockets: each trouble has words of its own, and every wait an end."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from support.sign_in_server import sign_in_server

from batchqual.doctor import route
from batchqual.doctor.route import Blocked, Route
from batchqual.partnercenter import Proxy

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
LOGIN = {"Proxy-Authorization": "Basic bWU6d29yZA=="}


@asynccontextmanager
async def listening(serve: Serve) -> AsyncIterator[int]:
    """A server on this machine, and its port."""
    tasks: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(ConnectionError, asyncio.CancelledError):
            await serve(reader, writer)
        await closed(writer)

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def closed(writer: asyncio.StreamWriter) -> None:
    """To the end, so that nothing of it is left for a later test."""
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def saying(answer: bytes) -> Serve:
    """Says this to whoever asks, and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(answer)
        await writer.drain()

    return serve


async def silence(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Listens, and never answers."""
    while await reader.read(4096):
        pass


async def test_a_proxy_is_gone_through() -> None:
    """With its login, and TLS with the host inside."""
    asked: list[bytes] = []

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        there, back = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")

        async def pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            while some := await source.read(4096):
                target.write(some)
            target.close()

        try:
            await asyncio.gather(pour(reader, back), pour(there, writer))
        finally:
            await closed(back)

    with sign_in_server() as server:
        trust = ssl.create_default_context(cafile=str(server.ca_bundle))
        async with listening(tunnel) as port:
            way = Route(server.url, Proxy(f"http://127.0.0.1:{port}", LOGIN), trust)
            assert "TLSv1.3" == await asyncio.to_thread(way.greet)
            assert (await asyncio.to_thread(way.date)).endswith(" GMT")
    assert all(one.startswith(b"CONNECT localhost:") for one in asked)
    assert all(b"\r\nProxy-Authorization: Basic bWU6d29yZA==\r\n" in one for one in asked)


@pytest.mark.parametrize(
    ("serve", "words"),
    [
        pytest.param(saying(b"HTTP/1.1 407 No\r\n\r\n"), "wants a user name and a password", id="login"),
        pytest.param(saying(b"HTTP/1.1 403 No\r\n\r\n"), "does not connect there (403)", id="forbidden"),
        pytest.param(saying(b"nonsense\r\n\r\n"), "does not connect there (no status)", id="nonsense"),
        pytest.param(saying(b""), "the proxy closed the connection", id="hangs up"),
        pytest.param(silence, "no answer within 0.2 seconds", id="silent"),
    ],
)
async def test_a_proxy_that_does_not_connect_is_named(
    serve: Serve, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it said, and never for how long it was waited in vain."""
    monkeypatch.setattr(route, "SECONDS", 0.2)
    async with listening(serve) as port:
        proxy = Proxy(f"http://127.0.0.1:{port}", LOGIN)
        way = Route("https://api.contoso.example", proxy, ssl.create_default_context())
        await asyncio.to_thread(way.reach_proxy)
        with pytest.raises(Blocked) as caught:
            await asyncio.to_thread(way.reach)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("serve", "words"),
    [
        pytest.param(saying(b"HTTP/1.1 200 OK\r\n\r\n"), "no secure connection could be made", id="no TLS"),
        pytest.param(silence, "no answer within 0.2 seconds", id="silent"),
    ],
)
async def test_a_host_that_does_not_secure_is_named(
    serve: Serve, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the connection, and TLS fails."""
    monkeypatch.setattr(route, "SECONDS", 0.2)
    async with listening(serve) as port:
        way = Route(f"https://127.0.0.1:{port}", None, ssl.create_default_context())
        await asyncio.to_thread(way.reach)
        with pytest.raises(Blocked) as caught:
            await asyncio.to_thread(way.greet)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "date"),
    [
        pytest.param(b"HTTP/1.1 404 No\r\nDate: then\r\n\r\n", "then", id="any answer has it"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", "", id="none"),
        pytest.param(b"nonsense\r\n\r\n", None, id="no HTTP"),
    ],
)
async def test_the_date_is_read_as_it_comes(answer: bytes, date: str | None) -> None:
    """From whatever answer; what is no HTTP is said in words."""
    async with listening(saying(answer)) as port:
        way = Route(f"http://127.0.0.1:{port}", None, ssl.create_default_context())
        if date is not None:
            assert date == await asyncio.to_thread(way.date)
            return
        with pytest.raises(Blocked, match="does not speak HTTP"):
            await asyncio.to_thread(way.date)

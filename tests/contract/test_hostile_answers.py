"""A service that means harm: what its answers may cost, and where the token never goes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from support.confined import confined
from support.replay_server import Canned, canned, replaying
from support.talking import CUSTOMER, EDU, ONCE, REQUEST_ID, TOKEN, calling, talking

from batchqual.errors import BatchqualError, FateUnknown, Unavailable
from batchqual.partnercenter import Limits

MOST_MIB = 60.0
SHORT = Limits(read=5.0, total=10.0)

LOOK = """
import asyncio

from batchqual.errors import BatchqualError
from batchqual.partnercenter import Connection, GivenToken, Limits, RetryPolicy, open_partner_center


async def look(url):
    options = Connection(
        base_url=url, rate=None, limits=Limits(read=2.0, total=4.0), retry=RetryPolicy(tries=1)
    )
    async with open_partner_center(options, GivenToken("s3cr3t")) as client:
        try:
            return repr(await client.holdings("00000000-0000-4000-8000-000000000001"))
        except BatchqualError as error:
            return type(error).__name__


# what asyncio and aiohttp take for themselves does not count
asyncio.run(look("http://127.0.0.1:9"))
started = peak()
ended(asyncio.run(look(sys.argv[1])))
"""

CHUNK = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
CONTINUED = b"HTTP/1.1 102 Processing\r\n\r\n" * 1_000


@asynccontextmanager
async def pouring(head: bytes, more: bytes, times: int) -> AsyncIterator[tuple[str, list[int]]]:
    """A server that says this to every request, and then that, so many times or until nobody listens. Its
    address, and how often it could say it."""
    said: list[int] = []

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(head)
            count = 0
            try:
                while count < times and not writer.is_closing():
                    writer.write(more)
                    await writer.drain()
                    count += 1
            finally:
                said.append(count)
                writer.transport.abort()

    server = await asyncio.start_server(pour, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", said


@pytest.mark.parametrize(
    ("head", "more", "times", "words"),
    [
        pytest.param(
            HEAD + b"Content-Length: 104857600\r\n\r\n", b" " * 0x10000, 1_600, "Unavailable", id="100 MB"
        ),
        pytest.param(CHUNKED, CHUNK, 1_000_000, "Unavailable", id="stream without end"),
        pytest.param(HEAD + b"\r\n", b" " * 0x10000, 1_000_000, "Unavailable", id="no length, no end"),
        pytest.param(HEAD, b"A: b\r\n" * 100, 1_000_000, "Unavailable", id="headers without end"),
        pytest.param(HEAD + b"A: ", b"b" * 0x10000, 1_000_000, "Unavailable", id="a header without end"),
        pytest.param(b"HTTP/1.1 200 ", b"b" * 0x10000, 1_000_000, "Unavailable", id="a reason without end"),
        pytest.param(
            CHUNKED + b"5;", b"b" * 0x10000, 1_000_000, "Unavailable", id="an extension without end"
        ),
        pytest.param(
            HEAD + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"",
            1,
            "Unavailable",
            id="gzip",
        ),
    ],
)
async def test_an_answer_without_end_costs_little(head: bytes, more: bytes, times: int, words: str) -> None:
    """It is read up to its bound, the connection is closed, and the process stays small."""
    if b"gzip" in head:
        more = _bomb()
    async with pouring(head, more, times) as (url, said):
        done = await asyncio.to_thread(confined, LOOK, url)
        assert words == done.words
        assert done.mib < MOST_MIB
        assert said == [] or said[0] < max(times, 2)


def _bomb() -> bytes:
    """200 MB of blanks, packed, as one chunk."""
    import zlib

    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join(packer.compress(b" " * 1_000_000) for _ in range(200)) + packer.flush()
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(packed), packed)


NESTED = b"[" * 400_000 + b"]" * 400_000


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(NESTED, id="deep lists"),
        pytest.param(b'{"a":' * 150_000 + b"1" + b"}" * 150_000, id="deep objects"),
        pytest.param(b"[" + b"9" * 900_000 + b"]", id="a number of 900,000 digits"),
        pytest.param(b'{"code":' + b"9" * 4_000 + b"}", id="a number of 4,000 digits"),
        pytest.param(b"[NaN, Infinity, -Infinity, 1e999]", id="numbers that are none"),
        pytest.param(b'{"qualification":"None","qualification":{"a":1}}', id="a name twice"),
        pytest.param(b'[{"qualification":"\\ud800","vettingStatus":"\\u0000\\u001b[31m"}]', id="surrogates"),
        pytest.param(b"[" + b'"a",' * 200_000 + b'"a"]', id="200,000 values"),
        pytest.param(b"{" + b",".join(b'"%d":1' % at for at in range(80_000)) + b"}", id="80,000 names"),
    ],
)
@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "500 Oops"])
async def test_json_made_to_harm_is_an_answer_like_any_other(body: bytes, status: str) -> None:
    """Holdings or one of our own errors, whose words can be shown and stored."""
    async with talking(canned(status, body), limits=SHORT) as (_, client):
        try:
            words = [str(one) for one in await client.holdings(CUSTOMER)]
        except BatchqualError as error:
            words = [error.message, error.hint]
        for said in words:
            said.encode()
            assert len(said) < 4_000
            assert "\x1b" not in said


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Canned(HEAD + b"Content-Length: 5000\r\n\r\n[]", close=True), id="longer than it is"),
        pytest.param(Canned(HEAD + b"Content-Length: 1\r\n\r\n[]", close=True), id="shorter than it is"),
        pytest.param(Canned(HEAD + b"Content-Length: -1\r\n\r\n[]", close=True), id="negative"),
        pytest.param(Canned(HEAD + b"Content-Length: 99999999999999999999\r\n\r\n[]", close=True), id="huge"),
        pytest.param(
            Canned(HEAD + b"Content-Length: 2\r\nContent-Length: 9\r\n\r\n[]", close=True), id="two of them"
        ),
        pytest.param(
            Canned(HEAD + b"A: b\r\n" * 10_000 + b"Content-Length: 2\r\n\r\n[]"), id="10,000 headers"
        ),
        pytest.param(Canned(HEAD + b"A: " + b"b" * 1_000_000 + b"\r\n\r\n[]"), id="a header of 1 MB"),
    ],
)
async def test_a_length_that_lies_is_no_answer(answer: Canned) -> None:
    """A read fails and may be repeated, and the connection is used for nothing else."""
    async with talking(answer, canned(body="[]"), limits=SHORT, retry=ONCE) as (server, client):
        with pytest.raises(Unavailable):
            await client.holdings(CUSTOMER)
        assert () == await client.holdings(CUSTOMER)
    assert 2 == server.connections


async def test_news_of_work_without_end_ends_with_the_whole_exchange() -> None:
    """1xx answers go on for ever; the time for the exchange does not."""
    async with (
        pouring(CONTINUED, CONTINUED, 1_000_000) as (url, _),
        calling(url, limits=Limits(total=0.3)) as client,
    ):
        with pytest.raises(FateUnknown, match="too long"):
            await client.submit(EDU, request_id=REQUEST_ID)


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
@pytest.mark.parametrize("where", [lambda url: url, lambda url: f"//{url.partition('//')[2]}"])
async def test_no_redirect_is_followed(status: str, where: Callable[[str], str]) -> None:
    """Another host hears nothing: no request, no connection, and so no token."""
    async with replaying(canned(body="[]")) as other:
        moved = canned(status, "{}", headers=[f"Location: {where(other.url)}/v1/customers/{CUSTOMER}"])
        async with talking(moved, limits=SHORT) as (server, client):
            with pytest.raises(Unavailable):
                await client.holdings(CUSTOMER)
            with pytest.raises(FateUnknown):
                await client.submit(EDU, request_id=REQUEST_ID)
        assert (0, []) == (other.connections, other.heard)
        assert [f"Bearer {TOKEN}"] * 2 == [heard.header("Authorization") for heard in server.heard]

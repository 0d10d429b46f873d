"""What the client says on the wire, byte by byte, and what it makes of answers that break."""

from __future__ import annotations

import asyncio
import re
import traceback
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.broken_answers import BROKEN
from support.replay_server import Canned, canned
from support.talking import CUSTOMER, EDU, GCC, QUICK, REQUEST_ID, TOKEN, talking

from batchqual.errors import BatchqualError, CallFailed, FateUnknown, Unavailable
from batchqual.model import QualificationRequest
from batchqual.partnercenter import Limits

PATH = f"/v1/customers/{CUSTOMER}/qualifications"


async def test_what_a_look_sends() -> None:
    """The documented headers and no body."""
    async with talking(canned(body="[]")) as (server, client):
        assert () == await client.holdings(CUSTOMER)
    (heard,) = server.heard
    lines = re.sub(r"(?<=Id: )[0-9a-f-]{36}", "<guid>", heard.head).split("\r\n")
    assert [f"GET {PATH} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", "Accept: application/json"] == lines[:3]
    assert {
        "Accept-Encoding: identity",
        "Authorization: Bearer s3cr3t",
        "MS-Contract-Version: v1",
        "MS-CorrelationId: <guid>",
        "MS-PartnerCenter-Application: batchqual",
        "MS-RequestId: <guid>",
        "X-Locale: en-US",
    } == {line for line in lines[3:] if not line.startswith("User-Agent: batchqual")}
    assert b"" == heard.body


@pytest.mark.parametrize(
    ("api", "request_", "line", "body"),
    [
        pytest.param(
            "asynchronous",
            EDU,
            f"POST {PATH} HTTP/1.1",
            b'{"qualification":"Education","educationSegment":"K12","website":"contoso.example"}',
            id="education",
        ),
        pytest.param(
            "asynchronous",
            GCC,
            f"POST {PATH}?code=0+12%263 HTTP/1.1",
            b'{"qualification":"GovernmentCommunityCloud","validationCode":"0 12&3"}',
            id="gcc",
        ),
        pytest.param(
            "asynchronous-2020",
            GCC,
            f"POST {PATH}?code=0+12%263 HTTP/1.1",
            b'{"Qualification":"GovernmentCommunityCloud"}',
            id="2020",
        ),
        pytest.param("synchronous", GCC, f"PUT {PATH[:-1]}?code=0+12%263 HTTP/1.1", b"3", id="synchronous"),
    ],
)
async def test_what_a_submission_sends(
    api: str, request_: QualificationRequest, line: str, body: bytes
) -> None:
    """Each contract, byte by byte, with the caller's request id."""
    async with talking(canned("201 Created", ""), api=api) as (server, client):
        await client.submit(request_, request_id=REQUEST_ID)
    (heard,) = server.heard
    assert (line, body) == (heard.line, heard.body)
    assert REQUEST_ID == heard.header("MS-RequestId")
    assert "application/json" == heard.header("Content-Type")


async def test_a_prefix_of_the_address_is_kept() -> None:
    """A gateway may stand in front of the service."""
    async with talking(canned(body="[]"), prefix="/gate/", contract_version=None) as (server, client):
        await client.holdings(CUSTOMER)
    assert f"GET /gate{PATH} HTTP/1.1" == server.heard[0].line
    assert server.heard[0].header("MS-Contract-Version") is None


async def test_ids_over_the_tries_of_a_read() -> None:
    """The correlation id is new each time; the request id is kept while the answer is unclear, and when the
    service says wait, and new after a conflict."""
    wait = canned("429 Wait", headers=["Retry-After: 0"])
    answers = [Canned(close=True), canned("500 Oops", "{}"), wait, canned("409 Conflict"), canned(body="[]")]
    async with talking(*answers, retry=QUICK) as (server, client):
        await client.holdings(CUSTOMER)
    *before, after = (heard.header("MS-RequestId") for heard in server.heard)
    assert ({before[0]}, 4) == (set(before), len(before))
    assert before[0] != after
    assert 5 == len({heard.header("MS-CorrelationId") for heard in server.heard})
    assert (5, 3) == (client.counts.get, client.counts.retried)


@pytest.mark.parametrize("api", ["asynchronous", "synchronous"])
async def test_no_read_is_sent_again_behind_our_back(api: str) -> None:
    """A kept connection that drops is the library's cue to repeat a GET. The socket hears it once."""
    async with talking(canned(body="[]"), Canned(close=True), api=api) as (server, client):
        await client.holdings(CUSTOMER)
        with pytest.raises(Unavailable):
            await client.holdings(CUSTOMER)
    assert (2, 1) == (len(server.heard), server.connections)


@pytest.mark.parametrize("api", ["asynchronous", "synchronous"])
async def test_no_write_is_sent_again_behind_our_back(api: str) -> None:
    """Nor a PUT, which the library counts among the harmless ones; and none goes over a kept connection,
    which may be dead by now."""
    async with talking(canned(body="[]"), Canned(close=True), api=api) as (server, client):
        await client.holdings(CUSTOMER)
        with pytest.raises(FateUnknown):
            await client.submit(EDU, request_id=REQUEST_ID)
    assert (2, 2) == (len(server.heard), server.connections)


@pytest.mark.parametrize("answer", BROKEN)
async def test_a_write_without_a_clear_answer_has_an_unknown_fate(answer: Canned) -> None:
    """It is sent once, and never again by itself."""
    async with talking(answer, retry=QUICK, limits=Limits(read=0.2, total=1)) as (server, client):
        with pytest.raises(FateUnknown) as caught:
            await client.submit(EDU, request_id=REQUEST_ID)
    assert 1 == len(server.heard)
    assert caught.value.correlation_id == server.heard[0].header("MS-CorrelationId")


@pytest.mark.parametrize("answer", BROKEN)
async def test_a_read_is_repeated_until_there_is_a_clear_answer(answer: Canned) -> None:
    """Whatever happened to the first try."""
    async with talking(answer, canned(body="[]"), retry=QUICK, limits=Limits(read=0.2, total=1)) as (
        server,
        client,
    ):
        assert () == await client.holdings(CUSTOMER)
    assert 2 == len(server.heard)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(canned("201 Created", ""), id="empty"),
        pytest.param(canned("204 No Content", ""), id="no content"),
        pytest.param(canned("200 OK", "<html>"), id="html"),
        pytest.param(canned("201 Created", '{"qualification":"Education"}', cut=10), id="cut"),
        pytest.param(canned("201 Created", '{"qualification":"Education"}', cut=10, hang=True), id="stops"),
        pytest.param(canned("201 Created", b"x" * 3000), id="too long"),
    ],
)
async def test_any_2xx_accepts_a_write(answer: Canned) -> None:
    """What cannot be read of it is left to a look."""
    async with talking(answer, limits=Limits(read=0.2, body=2000)) as (server, client):
        submission = await client.submit(EDU, request_id=REQUEST_ID)
    assert submission.holding is None
    assert submission.http_status in (200, 201, 204)
    assert 1 == len(server.heard)


async def test_an_answer_that_trickles_ends_with_the_whole_exchange() -> None:
    """Each read comes in time, and the answer never."""
    trickle = Canned(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", drip=0.02)
    async with talking(trickle, limits=Limits(read=0.2, total=0.3)) as (_, client):
        with pytest.raises(Unavailable, match="HTTP 200"):
            await client.holdings(CUSTOMER)


async def test_an_over_long_body_costs_its_connection() -> None:
    """It is read no further, and the next call has a connection of its own."""
    async with talking(canned(body=b"[" + b" " * 900_000), canned(body="[]"), limits=Limits(body=2000)) as (
        server,
        client,
    ):
        with pytest.raises(Unavailable, match="could not be read"):
            await client.holdings(CUSTOMER)
        assert () == await client.holdings(CUSTOMER)
    assert 2 == server.connections


async def test_an_error_keeps_its_connection() -> None:
    """Error bodies are read before they are judged."""
    async with talking(*[canned("404 Not Found", '{"code":1000}')] * 5) as (server, client):
        for _ in range(5):
            with pytest.raises(CallFailed):
                await client.holdings(CUSTOMER)
    assert 1 == server.connections


@pytest.mark.parametrize(
    "answer", [*BROKEN, pytest.param(canned("400 Bad", '{"message":"0 12&3!"}'), id="echo")]
)
async def test_no_secret_in_an_error(answer: Canned) -> None:
    """Neither the token nor the code nor a URL with its query, in the error and all that hangs on it."""
    async with talking(answer, limits=Limits(read=0.2, total=1)) as (_, client):
        with pytest.raises(BatchqualError) as caught:
            await client.submit(GCC, request_id=REQUEST_ID)
    error: BaseException | None = caught.value
    while error is not None:
        shown = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
        assert not [secret for secret in (TOKEN, "0 12&3", "0+12", "?code") if secret in shown]
        error = error.__context__


def test_no_bytes_whatever_raise_anything_else() -> None:
    """Whatever a server says, the client's word is a submission or one of its own errors."""

    async def submit(raw: bytes) -> None:
        async with talking(Canned(raw, close=True), limits=Limits(read=0.5, total=1)) as (server, client):
            with suppress(BatchqualError):
                await client.submit(EDU, request_id=REQUEST_ID)
        assert 1 == len(server.heard)

    status = st.sampled_from([b"HTTP/1.1 200 OK", b"HTTP/1.1 500 \xff", b"HTTP/1.0 404", b"HTTP/9.9 200 OK"])
    head = st.lists(st.binary(max_size=20), max_size=3).map(b"\r\n".join)
    answers = st.one_of(
        st.binary(max_size=80), st.builds(lambda *parts: b"\r\n".join(parts), status, head, st.binary())
    )

    @given(answers)
    def check(raw: bytes) -> None:
        asyncio.run(submit(raw))

    check()


def headed(*headers: str, status: str = "200 OK") -> Canned:
    """An answer with these headers, and nothing held."""
    return canned(status, "[]", headers=headers)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(headed("Content-Security-Policy: " + "x" * 9_000), id="a policy of 9,000 bytes"),
        pytest.param(headed("Content-Security-Policy: " + "x" * 60_000), id="one of 60,000"),
        pytest.param(headed(*(f"X-Hop-{n}: via" for n in range(150))), id="150 headers"),
        pytest.param(headed(*(f"X-Hop-{n}: {'x' * 900}" for n in range(390))), id="390 long ones"),
        pytest.param(headed(*["Set-Cookie: a=b"] * 150), id="one header 150 times"),
        pytest.param(canned("200 " + "OK" * 9_000, "[]"), id="a long reason"),
    ],
)
async def test_headers_that_proxies_add_are_read(answer: Canned) -> None:
    """To a look and to a submission; no row fails for them."""
    async with talking(answer) as (server, client):
        assert () == await client.holdings(CUSTOMER)
        await client.submit(EDU, request_id=REQUEST_ID)
    assert 2 == len(server.heard)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(
            headed("X-Secret: " + "s" * 70_000),
            "a line of the answer's head is longer than 65,536",
            id="long",
        ),
        pytest.param(headed(*(f"X-Hop-{n}: via" for n in range(500))), "too many headers", id="many"),
        pytest.param(Canned(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), "not proper HTTP", id="another trouble"),
    ],
)
async def test_beyond_that_the_cause_is_named(answer: Canned, words: str) -> None:
    """And the header is not quoted. What became of a submission is for looks to tell."""
    async with talking(answer) as (_, client):
        with pytest.raises(Unavailable, match=words) as caught:
            await client.holdings(CUSTOMER)
        with pytest.raises(FateUnknown, match=words):
            await client.submit(EDU, request_id=REQUEST_ID)
    assert "sss" not in str(caught.value)

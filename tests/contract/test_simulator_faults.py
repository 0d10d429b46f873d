"""The simulator over a real socket: what goes wrong on purpose, and who is let in."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from email.utils import parsedate_to_datetime

import aiohttp
import pytest
from support.bare_client import EDU, ID, QUICK, Client, running

from batchqual.simulator import Entry, Fault, Faults, Shapes, SimulatorSettings


def last(client: Client) -> Entry:
    return list(client.simulator.books.log())[-1]


@pytest.mark.parametrize(
    ("fault", "written"),
    [pytest.param("reset_before", False, id="before"), pytest.param("reset_after", True, id="after")],
)
async def test_a_reset_connection(fault: str, written: bool) -> None:
    """The client gets no answer; the books tell whether the write took effect."""
    async with running() as client:
        client.simulator.inject(fault)
        with pytest.raises(aiohttp.ClientError):
            await client.submit()
        assert (0, fault, written) == (last(client).status, last(client).fault, last(client).written)
        assert int(written) == len((await client.fetch()).json)


async def test_a_truncated_answer() -> None:
    """The write took effect, and the body ends before its Content-Length says."""
    async with running() as client:
        client.simulator.inject("truncated")
        with pytest.raises(aiohttp.ClientPayloadError):
            await client.submit()
        assert 1 == len((await client.fetch()).json)
        assert 1 == client.simulator.books.faults["truncated"]


async def test_a_late_answer() -> None:
    """The write takes effect at once and the answer comes when the client has given up."""
    async with running(replace(QUICK, late_seconds=30)) as client:
        client.simulator.inject("late")
        with pytest.raises(TimeoutError):
            async with client.session.post(
                f"{client.simulator.base_url}/v1/customers/{ID}/qualifications",
                json=EDU,
                headers={"Authorization": "Bearer t"},
                timeout=aiohttp.ClientTimeout(total=0.5),
            ):
                pass
        assert 1 == len((await client.fetch()).json)


async def test_a_late_answer_does_come() -> None:
    """Who waits long enough gets the real answer."""
    async with running(replace(QUICK, late_seconds=0.05)) as client:
        client.simulator.inject("late")
        start = time.monotonic()
        assert 201 == (await client.submit()).status
        assert 0.05 <= time.monotonic() - start


@pytest.mark.parametrize(
    ("share", "written"), [pytest.param(0.0, False, id="not"), pytest.param(1.0, True, id="yes")]
)
@pytest.mark.parametrize(
    ("fault", "statuses", "start"),
    [
        pytest.param("html", {502}, "<html>", id="html"),
        pytest.param("bare_string", {500}, '"The request', id="bare"),
        pytest.param("server_error", {500, 502, 503, 504}, "", id="5xx"),
    ],
)
async def test_an_answer_that_hides_the_fate(
    fault: str, statuses: set[int], start: str, share: float, written: bool
) -> None:
    """After a 5xx nobody knows whether the write took effect; `written_share` decides. 503 with
    Retry-After is a clear no."""
    async with running(replace(QUICK, faults=Faults(written_share=share))) as client:
        for place in range(12):
            ident = f"00000000-0000-4000-8000-{place:012x}"
            client.simulator.inject(fault)
            answer = await client.submit(ident=ident)
            assert answer.status in statuses
            assert answer.text.startswith(start)
            expected = written and "Retry-After" not in answer.headers
            assert expected == last(client).written
            assert int(expected) == len((await client.fetch(ident)).json)


async def test_reads_are_veiled_too() -> None:
    """A GET has the same faults, and never counts as written."""
    async with running(replace(QUICK, faults=Faults(written_share=1))) as client:
        client.simulator.inject("html")
        assert 502 == (await client.fetch()).status
        assert not last(client).written


async def test_reads_lag_behind_a_write() -> None:
    """For read_lag_seconds a GET shows the state before the write; the world already tells the truth."""
    async with running(replace(QUICK, faults=Faults(read_lag=1), read_lag_seconds=60)) as client:
        await client.submit()
        assert [] == (await client.fetch()).json
        truth = (await client.ask("GET", "/simulator/world")).json
        assert ["Education"] == [one["qualification"] for one in truth["customers"][0]["qualifications"]]
        client.simulator.world.clock = lambda: time.time() + 61
        assert 1 == len((await client.fetch()).json)
        assert 1 == client.simulator.books.faults["read_lag"]


async def test_a_token_expires_after_its_fiftieth_use_and_for_ever() -> None:
    """Only a token that served fifty times can be hit; it stays dead and a fresh one works."""
    async with running(replace(QUICK, faults=Faults(expired_token=1))) as client:
        assert [200] * 50 + [401] * 3 == [(await client.fetch()).status for _ in range(53)]
        assert 'Bearer error="invalid_token"' == (await client.fetch()).headers["WWW-Authenticate"]
        assert 200 == (await client.fetch(Authorization="Bearer fresh")).status
        assert (1, 1) == (
            client.simulator.books.faults["expired_token"],
            client.simulator.books.token_expiries,
        )
        assert {1, 2} == {entry.token for entry in client.simulator.books.log()}


async def test_the_throttled_fault_closes_the_gate_for_all() -> None:
    """A 429 holds for every request until its Retry-After is over."""
    async with running() as client:
        client.simulator.inject("throttled")
        first, second = await client.fetch(), await client.fetch("00000000-0000-4000-8000-000000000002")
        assert [(429, "1")] * 2 == [(one.status, one.headers["Retry-After"]) for one in (first, second)]
        assert {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 1 seconds."} == first.json


async def test_a_gate_closed_by_hand() -> None:
    """Tests may close the gate for as long as they like."""
    async with running() as client:
        client.simulator.close_gate(30)
        assert (429, "30") == ((await client.fetch()).status, (await client.fetch()).headers["Retry-After"])


async def test_a_spent_budget_is_told_as_a_date() -> None:
    """Beyond rate and burst comes 429; Retry-After can be an HTTP date, in UTC."""
    settings = replace(QUICK, rate=0.1, burst=2, retry_after="date")
    async with running(settings) as client:
        answers = [await client.fetch() for _ in range(3)]
        assert [200, 200, 429] == [one.status for one in answers]
        told = parsedate_to_datetime(answers[2].headers["Retry-After"]).timestamp()
        assert 0 < told - time.time() < 13


@pytest.mark.parametrize(
    "header",
    [pytest.param("", id="none"), pytest.param("Basic dA==", id="basic"), pytest.param("Bearer ", id="bare")],
)
async def test_without_a_bearer_token_nobody_comes_in(header: str) -> None:
    """401 with a challenge, and the request is in the books all the same."""
    async with running() as client:
        answer = await client.fetch(Authorization=header)
        assert (401, "") == (answer.status, answer.text)
        assert (1, 401) == (client.simulator.books.total, last(client).status)


async def test_only_listed_tokens_when_there_is_a_list() -> None:
    """The knob `tokens` closes the door to all others."""
    async with running(replace(QUICK, tokens=frozenset({"good"}))) as client:
        assert 401 == (await client.fetch()).status
        assert 200 == (await client.fetch(Authorization="bearer good")).status


async def test_a_token_has_a_life() -> None:
    """After token_lifetime seconds since its first use a token is dead."""
    async with running(replace(QUICK, token_lifetime=0)) as client:
        assert 401 == (await client.fetch()).status
    async with running(replace(QUICK, token_lifetime=60)) as client:
        assert 200 == (await client.fetch()).status
        client.simulator.expire_token("t")
        assert 401 == (await client.fetch()).status


async def test_a_token_without_mfa() -> None:
    """401 with code 900421 and its own reason phrase; app-only tokens are not asked for it."""
    async with running(replace(QUICK, mfa_missing=True, app_tokens=frozenset({"app"}))) as client:
        answer = await client.fetch()
        assert (401, "900421") == (answer.status, answer.json["code"])
        assert "Unauthorized - MFA required" == answer.reason
        assert 200 == (await client.fetch(Authorization="Bearer app")).status


async def test_an_app_only_token_does_not_write() -> None:
    """App-only tokens read; their writes are 403 with code 900329."""
    async with running(replace(QUICK, app_tokens=frozenset({"app"}))) as client:
        assert 200 == (await client.fetch(Authorization="Bearer app")).status
        refused = await client.submit(Authorization="Bearer app")
        assert (403, "900329") == (refused.status, refused.json["code"])


async def test_faults_keep_to_their_scope() -> None:
    """With scope writes the reads are left in peace; the simulator's own pages always are."""
    faults = Faults(html=1, scope="writes")
    async with running(replace(QUICK, faults=faults)) as client:
        assert [200, 502] == [(await client.fetch()).status, (await client.submit()).status]
    async with running(replace(QUICK, faults=Faults(reset_before=1))) as client:
        assert 200 == (await client.ask("GET", "/simulator/books")).status


async def test_the_same_seed_gives_the_same_faults() -> None:
    """Faults follow the seed and the number of the request."""

    async def faults(seed: int) -> list[str | None]:
        settings = SimulatorSettings(seed=seed, faults=Faults(html=0.3, bare_string=0.3))
        async with running(settings) as client:
            for _ in range(40):
                await client.fetch()
            return [entry.fault for entry in client.simulator.books.log()]

    first = await faults(3)
    assert first == await faults(3)
    assert first != await faults(4)
    assert {None, Fault.HTML, Fault.BARE_STRING} == set(first)


async def test_latency_is_waited() -> None:
    """An answer takes at least the least latency."""
    async with running(replace(QUICK, latency=(0.05, 0.06))) as client:
        start = time.monotonic()
        await client.fetch()
        assert 0.045 <= time.monotonic() - start


@pytest.mark.parametrize("fault", ["reset_after", "truncated", "late"])
async def test_a_client_that_left_changes_nothing(fault: str) -> None:
    """A write takes effect although its client hung up while it was on its way."""
    async with running(replace(QUICK, latency=(0.5, 0.5), late_seconds=0)) as client:
        client.simulator.inject(fault)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await client.submit()
        await client.fetch("00000000-0000-4000-8000-000000000002")
        assert 1 == len((await client.fetch()).json)


async def test_a_stop_ends_what_is_on_its_way() -> None:
    """A request whose client hung up is not left behind, to write after the end of the simulator."""
    async with running(replace(QUICK, latency=(20, 20))) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await client.submit()
        assert 1 == client.simulator.books.total
        await client.simulator.stop()
        assert {asyncio.current_task()} == asyncio.all_tasks()
        assert {} == client.simulator.books.accepted


async def test_a_refusal_in_another_shape() -> None:
    """The switch for error bodies covers every refusal."""
    async with running(replace(QUICK, shapes=Shapes(error="bare_string"))) as client:
        answer = await client.submit(b"")
        assert (400, '"A request body is required."') == (answer.status, answer.text)

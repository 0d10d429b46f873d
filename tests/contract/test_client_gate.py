"""The gate on the wire: connections that stand at it, calls that leave it, and the pace at the socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import aiohttp.abc
import pytest
from support.replay_server import Canned, Heard, ReplayServer, canned, replaying
from support.scripted_door import a_call
from support.talking import CUSTOMER, calling, talking

from batchqual.clock import SystemClock
from batchqual.errors import NotSent
from batchqual.events import deaf
from batchqual.partnercenter import Counts, Gate, Limits
from batchqual.partnercenter.call import Bearer
from batchqual.partnercenter.http import Http, Request
from batchqual.partnercenter.pace import Paced


async def test_a_cancelled_call_leaves_nothing_behind() -> None:
    """Its place and its connection are free for the next."""
    arrived = asyncio.Event()

    async def arrive(heard: Heard) -> None:
        arrived.set()

    async with talking(Canned(delay=None), canned(body="[]"), concurrency=1) as (server, client):
        server.on_request = arrive
        call = asyncio.create_task(client.holdings(CUSTOMER))
        await arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert () == await client.holdings(CUSTOMER)


@asynccontextmanager
async def bare_wire(
    *answers: Canned, depart: Callable[[], Awaitable[None]], limits: Limits | None = None
) -> AsyncIterator[tuple[ReplayServer, Http, Counts]]:
    """The innermost door alone, with a gate of the test's own."""
    counts = Counts()
    async with replaying(*answers) as server, aiohttp.ClientSession(request_class=Request) as session:
        door = Http(
            session,
            server.url,
            depart=depart,
            counts=counts,
            clock=SystemClock(),
            headers={},
            limits=limits or Limits(),
        )
        yield server, door, counts


async def a_while() -> None:
    """Long enough for a closing to be noticed."""
    await asyncio.sleep(0.05)


async def test_a_connection_that_went_away_at_the_gate_is_replaced() -> None:
    """No byte had left: the write goes out on a new connection, once."""
    answers = Canned(unread=True), canned("201 Created", "")
    async with bare_wire(*answers, depart=a_while) as (server, door, counts):
        assert 201 == (await door.send(a_call(writes=True))).status
    assert (1, 2, 1) == (len(server.heard), server.connections, counts.post)


async def test_a_server_that_keeps_hanging_up_is_not_sent() -> None:
    """After three connections."""
    async with bare_wire(*[Canned(unread=True)] * 5, depart=a_while) as (server, door, counts):
        with pytest.raises(NotSent, match="closed each time"):
            await door.send(a_call(writes=True))
    assert (3, 0) == (server.connections, counts.post)


async def test_a_connection_that_stood_too_long_is_replaced() -> None:
    """Something on the way may have forgotten it."""
    waits = iter([0.1, 0.0])

    async def depart() -> None:
        await asyncio.sleep(next(waits))

    limits = Limits(standing=0.05)
    async with bare_wire(canned("201 Created", ""), depart=depart, limits=limits) as (server, door, _):
        await door.send(a_call(writes=True))
    assert (1, 2) == (len(server.heard), server.connections)


async def test_standing_at_the_gate_does_not_count_against_the_exchange() -> None:
    """Nor against the time that retries may take."""

    async def depart() -> None:
        await asyncio.sleep(0.3)

    call = a_call()
    async with bare_wire(canned(body="[]"), depart=depart, limits=Limits(total=0.2)) as (_, door, _):
        await door.send(call)
    assert call.stopwatch.seconds < 0.2
    assert call.stopwatch.departed > 0


async def test_a_connection_that_is_replaced_bears_the_token_of_then() -> None:
    """What kept the call at the gate may have outlasted the one before."""
    tokens, waits = iter(["old", "new"]), iter([0.1, 0.0])

    async def depart() -> None:
        await asyncio.sleep(next(waits))

    async def token() -> str:
        return next(tokens)

    bearer, limits = Bearer(token), Limits(standing=0.05)
    await bearer.take()
    async with bare_wire(canned(body="[]"), depart=depart, limits=limits) as (server, door, _):
        await door.send(replace(a_call(), bearer=bearer))
    assert ["Bearer new"] == [heard.header("Authorization") for heard in server.heard]


async def test_a_token_that_runs_out_in_a_pause_is_not_sent() -> None:
    """The service asks for a second; after it the call bears what the provider has then."""

    class Aging:
        heard = 0

        async def token(self) -> str:
            return "young" if self.heard else "old"

        async def renew(self, rejected: str) -> str:
            raise AssertionError(rejected)

    async def hear(heard: Heard) -> None:
        asyncio.get_running_loop().call_later(0.3, setattr, tokens, "heard", 1)

    tokens = Aging()
    answers = [canned("429 Too Many Requests", "", headers=["Retry-After: 1"]), canned(body="[]")]
    async with talking(*answers, tokens=tokens) as (server, client):
        server.on_request = hear
        await client.holdings(CUSTOMER)
    assert ["Bearer old", "Bearer young"] == [heard.header("Authorization") for heard in server.heard]


async def test_calls_that_waited_for_a_token_leave_at_their_pace() -> None:
    """A renewal ends for all who stand there at the same moment. They have no slot yet and no connection, so
    that none of them grows too old while the others leave."""
    renewed, rate, calls = asyncio.Event(), 20, 30
    gate, limits = Gate(rate=rate, concurrency=calls, clock=SystemClock()), Limits(standing=0.3)

    async def token() -> str:
        await renewed.wait()
        return "new"

    async with bare_wire(canned(body="[]"), depart=gate.depart, limits=limits) as (server, wire, counts):
        door = Paced(wire, gate, counts, deaf)
        asyncio.get_running_loop().call_later(1.5, renewed.set)
        bearers = (Bearer(token) for _ in range(calls))
        await asyncio.gather(*(door.send(replace(a_call(), bearer=one)) for one in bearers))
    moments = [heard.at for heard in server.heard]
    assert calls == len(moments) >= server.connections
    assert max(sum(one <= other < one + 1 for other in moments) for one in moments) <= rate + 2


async def test_the_pace_holds_at_the_socket() -> None:
    """By arrival times: never more than the rate and two in a second, and none while a throttle lasts."""
    rate, calls = 20, 70
    throttle = canned("429 Too Many Requests", "", headers=["Retry-After: 0.4"])
    answers = [throttle if number % 25 == 10 else canned(body="[]") for number in range(calls + 3)]
    async with replaying(*answers) as server, calling(server.url, rate=rate) as client:
        await asyncio.gather(*(client.holdings(CUSTOMER) for _ in range(calls)))
    moments = [heard.at for heard in server.heard]
    assert calls + 3 == len(moments) == client.counts.get
    assert 3 == client.counts.throttled
    assert max(sum(one <= other < one + 1 for other in moments) for one in moments) <= rate + 2
    gaps = [moments[number + 1] - moments[number] for number in range(len(moments) - 1)]
    assert [10, 35, 60] == [number for number, gap in enumerate(gaps) if gap > 0.3]


class SlowResolver(aiohttp.abc.AbstractResolver):
    """Knows every name, at one late moment for all."""

    def __init__(self, seconds: float) -> None:
        self._ready = asyncio.get_running_loop().time() + seconds

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[aiohttp.abc.ResolveResult]:
        """This machine."""
        await asyncio.sleep(self._ready - asyncio.get_running_loop().time())
        return [
            {
                "hostname": host,
                "host": "127.0.0.1",
                "port": port,
                "family": socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
        ]

    async def close(self) -> None:
        """Nothing to close."""


async def test_slow_connections_do_not_bunch_at_the_socket() -> None:
    """Sixteen calls whose connections all stand at the same late moment still arrive at their pace."""
    rate = 10
    counts, gate = Counts(), Gate(rate=rate, concurrency=16, clock=SystemClock())
    async with (
        replaying(canned(body="[]")) as server,
        aiohttp.ClientSession(
            request_class=Request,
            connector=aiohttp.TCPConnector(resolver=SlowResolver(1.5), family=socket.AF_INET),
        ) as session,
    ):
        url = server.url.replace("127.0.0.1", "localhost")
        wire = Http(
            session,
            url,
            depart=gate.depart,
            counts=counts,
            clock=SystemClock(),
            headers={},
            limits=Limits(),
        )
        door = Paced(wire, gate, counts, deaf)
        await asyncio.gather(*(door.send(a_call()) for _ in range(16)))
    moments = [heard.at for heard in server.heard]
    assert 16 == len(moments) == counts.get
    assert max(sum(one <= other < one + 1 for other in moments) for one in moments) <= rate + 2

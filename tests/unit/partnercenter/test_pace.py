"""The gate, in virtual time.

Rates are powers of two here: the limiter's arithmetic is exact for them. At others a clock that moves only
when all sleep can stand still for ever, because a timer comes due a rounding error too early.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from support.scripted_door import ScriptedDoor, a_call, a_reply

from batchqual.errors import NotSent, PausedTooLong, Throttled, Unavailable
from batchqual.events import Event
from batchqual.events import Throttled as ThrottledEvent
from batchqual.partnercenter import Call, Counts, Gate, Reply
from batchqual.partnercenter.call import Bearer
from batchqual.partnercenter.pace import Abandoned, Paced, backoff_after

pytestmark = pytest.mark.looptime

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def now() -> float:
    """The loop's time."""
    return asyncio.get_running_loop().time()


class LoopClock:
    """A calendar that goes by the loop's time."""

    def now(self) -> datetime:
        """The present moment."""
        return START + timedelta(seconds=now())


def a_gate(
    *,
    rate: float | None = None,
    concurrency: int = 4,
    max_pause: float | None = None,
    on_closed: Callable[[datetime], None] | None = None,
) -> Gate:
    """A gate without chance."""
    return Gate(
        rate=rate,
        concurrency=concurrency,
        clock=LoopClock(),
        max_pause=max_pause,
        on_closed=on_closed,
        chance=lambda: 0.5,
    )


async def pass_through(gate: Gate, departures: list[float], *, takes: float = 0.0) -> None:
    """One call that does nothing but take time."""
    async with gate.place(Bearer().take):
        await gate.depart()
        departures.append(now())
        await asyncio.sleep(takes)


def worst_second(moments: list[float]) -> int:
    """The most moments in any one second."""
    return max(sum(1 for other in moments if one <= other < one + 1) for one in moments)


@pytest.mark.parametrize("rate", [0.5, 4, 16])
async def test_the_pace_is_kept(rate: float) -> None:
    """A burst of two, then one by one; nothing is lost on the way."""
    gate, departures = a_gate(rate=rate), list[float]()
    await asyncio.gather(*(pass_through(gate, departures) for _ in range(64)))
    assert worst_second(departures) <= rate + 2
    assert 62 / rate == pytest.approx(departures[-1], rel=0.05)


async def test_no_rate_no_wait() -> None:
    """Against a simulator nobody waits."""
    gate, departures = a_gate(concurrency=1000), list[float]()
    await asyncio.gather(*(pass_through(gate, departures) for _ in range(1000)))
    assert 0.0 == departures[-1]


async def test_no_more_than_the_places() -> None:
    """Four at once, however many want to."""
    gate, departures = a_gate(), list[float]()
    await asyncio.gather(*(pass_through(gate, departures, takes=10) for _ in range(12)))
    assert [0.0] * 4 + [10.0] * 4 + [20.0] * 4 == departures


async def test_slow_connections_do_not_bunch() -> None:
    """Slots given out evenly come due at once when connecting took long: the last check keeps the promise."""
    gate, departures = a_gate(rate=4, concurrency=16), list[float]()

    async def slow_at_first() -> None:
        async with gate.place(Bearer().take):
            await asyncio.sleep(max(0.0, 4.0 - now()))
            await gate.depart()
            departures.append(now())

    await asyncio.gather(*(slow_at_first() for _ in range(16)))
    assert worst_second(departures) <= 4 + 2
    assert 4.0 == departures[0]


async def test_a_new_rate_serves_those_who_wait() -> None:
    """And brings no burst beyond its own promise."""
    gate, departures = a_gate(rate=1, concurrency=100), list[float]()
    calls = asyncio.gather(*(pass_through(gate, departures) for _ in range(50)))
    await asyncio.sleep(5.5)
    slow = len(departures)
    for rate in (16, 8, 16):
        gate.set_rate(rate)
        await asyncio.sleep(0.125)
    await calls
    assert 7 == slow
    assert worst_second(departures) <= 16 + 2
    assert departures[-1] < 10


async def test_a_throttle_closes_for_everyone() -> None:
    """For as long as the service says."""
    gate, departures = a_gate(), list[float]()
    assert 57.0 == gate.close(57.0, departed=now())
    await asyncio.gather(*(pass_through(gate, departures) for _ in range(3)))
    assert [57.0] * 3 == departures


async def test_a_throttle_catches_who_waits_for_a_slot() -> None:
    """A slot that comes due behind a closed gate does not count."""
    gate, departures = a_gate(rate=1), list[float]()
    calls = asyncio.gather(*(pass_through(gate, departures) for _ in range(3)))
    await asyncio.sleep(0.25)
    gate.close(30.0, departed=now())
    await calls
    assert [0.0, 30.25] == departures[:2]
    assert 30.75 <= departures[2]


async def test_a_throttle_catches_who_is_connecting() -> None:
    """A slot that was given before the gate was closed is none, when the connection stands only after."""
    gate = a_gate()
    async with gate.place(Bearer().take):
        gate.close(30.0, departed=now())
        await gate.depart()
    assert 30.0 == now()


async def test_a_longer_pause_while_closed_is_heeded() -> None:
    """And a shorter one opens nothing."""
    gate, departures = a_gate(), list[float]()
    gate.close(10.0, departed=now())
    waiting = asyncio.create_task(pass_through(gate, departures))
    await asyncio.sleep(5)
    gate.close(30.0, departed=0.0)
    gate.close(1.0, departed=0.0)
    await waiting
    assert [35.0] == departures


async def test_without_a_word_the_back_off_doubles() -> None:
    """With each throttle in a row, up to a minute; an answer begins the row anew."""
    gate, pauses = a_gate(), list[float]()
    for _ in range(8):
        await asyncio.sleep(100)
        pauses.append(gate.close(None, departed=now()))
    assert [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0] == pauses
    await asyncio.sleep(100)
    gate.answered(departed=now())
    assert 1.0 == gate.close(None, departed=now())


async def test_from_the_second_in_a_row_the_service_is_taken_at_more_than_its_word() -> None:
    """Exponential back-off on top of Retry-After, as the guidance asks."""
    gate = a_gate()
    assert [0.5, 2.0, 4.0, 30.0] == [
        gate.close(asked, departed=now() + number) for number, asked in enumerate((0.5, 0.5, 0.5, 30.0))
    ]


async def test_calls_that_were_on_their_way_are_no_second_throttle() -> None:
    """Sixteen answers to one burst are one."""
    gate = a_gate()
    await asyncio.sleep(5)
    left_before = now()
    await asyncio.sleep(1)
    pauses = [gate.close(None, departed=left_before) for _ in range(16)]
    assert [1.0] * 16 == pauses
    gate.answered(departed=left_before)
    await asyncio.sleep(5)
    assert 2.0 == gate.close(None, departed=now())


@pytest.mark.parametrize(
    ("throttles", "chance", "seconds"), [(1, 0.0, 0.75), (1, 1.0, 1.25), (10**9, 1.0, 60.0)]
)
def test_back_off_is_spread_and_bounded(throttles: int, chance: float, seconds: float) -> None:
    """By a quarter to both sides, and by a minute."""
    assert seconds == backoff_after(throttles, chance)


async def test_closures_are_told_for_the_next_process() -> None:
    """Each one that lasts longer than what was told before."""
    told: list[datetime] = []
    gate = a_gate(on_closed=told.append)
    gate.close(57.0, departed=now())
    gate.close(5.0, departed=now())
    assert [START + timedelta(seconds=57)] == told


async def test_the_next_process_holds_the_gate() -> None:
    """Until the moment that the last one was told; a moment that has passed holds nothing."""
    gate, departures = a_gate(), list[float]()
    gate.hold_until(START - timedelta(days=1))
    await pass_through(gate, departures)
    gate.hold_until(START + timedelta(seconds=20))
    await pass_through(gate, departures)
    assert [0.0, 20.0] == departures


async def test_a_pause_longer_than_the_run_may_wait_stops_it() -> None:
    """Those who wait already, too; a shorter one is waited for."""
    gate, departures = a_gate(max_pause=60.0), list[float]()
    gate.close(60.0, departed=now())
    waiting = asyncio.create_task(pass_through(gate, departures))
    await asyncio.sleep(59)
    gate.close(3570.0, departed=now())  # 60 minutes in words, and 59 a second later
    with pytest.raises(PausedTooLong, match="about 59 minutes"):
        await waiting
    assert 60.0 == now()


@pytest.mark.parametrize("where", ["place", "closed", "slot", "rest", "guard"])
async def test_abandoning_ends_every_wait(where: str) -> None:
    """Whoever waits, for whatever, has not been sent; the places are free again."""
    gate = a_gate(rate=0.5 if where in ("slot", "guard") else None, concurrency=1)
    holder = asyncio.create_task(pass_through(gate, [], takes=1000 if where == "place" else 0))
    await asyncio.sleep(1)
    if where == "closed":
        gate.close(1000.0, departed=now())
    if where == "slot":
        await pass_through(gate, [])
    if where == "guard":
        await gate.depart()
    waiters: dict[str, Callable[[], Awaitable[None]]] = {
        "rest": lambda: gate.rest(1000),
        "guard": gate.depart,
    }
    waiting = asyncio.ensure_future(waiters.get(where, lambda: pass_through(gate, []))())
    await asyncio.sleep(0.25)
    began = now()
    gate.abandon()
    gate.abandon()
    with pytest.raises(Abandoned, match="stopped before its turn"):
        await waiting
    assert began == now()
    with pytest.raises(NotSent):
        await pass_through(gate, [])
    await holder


async def test_calls_on_the_wire_finish() -> None:
    """Abandoning the gate takes nothing back."""
    gate, departures = a_gate(), list[float]()
    flying = asyncio.create_task(pass_through(gate, departures, takes=10))
    await asyncio.sleep(1)
    gate.abandon()
    await flying
    assert 10.0 == now()


async def test_cancelled_waiters_give_back_what_they_held() -> None:
    """Places and slots go to those who still want them."""
    gate, departures = a_gate(rate=2, concurrency=2), list[float]()
    calls = [asyncio.create_task(pass_through(gate, departures)) for _ in range(20)]
    await asyncio.sleep(0.25)
    for call in calls[2:12]:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    assert 10 == len(departures)
    assert 4.0 == pytest.approx(departures[-1])


async def test_a_throttled_call_closes_the_gate_and_is_told() -> None:
    """The next one waits; the throttle is counted and passed on."""
    events: list[Event] = []
    counts, gate = Counts(), a_gate()
    inner = ScriptedDoor(Throttled("429", retry_after=57.0, http_status=429))
    paced = Paced(inner, gate, counts, events.append)
    with pytest.raises(Throttled):
        await paced.send(a_call())
    assert 200 == (await paced.send(a_call())).status
    assert 57.0 == now()
    assert [ThrottledEvent("x", 57.0)] == events
    assert 1 == counts.throttled


async def test_only_an_answer_ends_a_row_of_throttles() -> None:
    """A failure says nothing about the pace."""
    gate = a_gate()

    def departs(call: Call) -> None:
        call.stopwatch.departed = now()

    throttled = Throttled("429", retry_after=None, http_status=429)
    script: list[Exception | Reply] = [throttled, Unavailable("reset"), throttled, a_reply(), throttled]
    paced = Paced(ScriptedDoor(*script, on_send=departs), gate, Counts(), lambda event: None)
    ends: list[float] = [0.0]
    for _ in range(len(script) + 1):
        await asyncio.sleep(0.25)
        try:
            await paced.send(a_call())
        except Throttled:
            ends.append(now())
        except Unavailable:
            pass
    ends.append(now())
    gaps = [round(later - earlier, 2) for earlier, later in pairwise(ends)]
    assert [0.25, 1.25, 2.25, 1.0] == gaps

"""The gate where nothing is told: no rate, no pause, nobody let through any more. In virtual time."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from support.ledgers import HandClock
from support.scripted_door import ScriptedDoor, a_call

from batchqual.errors import PausedTooLong, SignInNeeded, Throttled
from batchqual.events import deaf
from batchqual.partnercenter import Call, Counts, Gate
from batchqual.partnercenter.call import Bearer, Stopwatch
from batchqual.partnercenter.pace import Abandoned, Paced

pytestmark = pytest.mark.looptime

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def now() -> float:
    """The loop's time."""
    return asyncio.get_running_loop().time()


def a_gate(*, chance: float = 0.5, max_pause: float | None = None) -> Gate:
    """A gate without a rate."""
    return Gate(rate=None, concurrency=4, clock=HandClock(START), max_pause=max_pause, chance=lambda: chance)


async def test_who_gets_no_token_gives_the_place_back() -> None:
    """Nothing has left, and the next one passes."""

    async def nobody() -> str:
        raise SignInNeeded("Nobody is signed in.", hint="Sign in.")

    gate, inner = a_gate(), ScriptedDoor()
    door = Paced(inner, gate, Counts(), deaf)
    for _ in range(9):
        with pytest.raises(SignInNeeded):
            await door.send(replace(a_call(), bearer=Bearer(nobody)))
    assert [] == inner.calls
    assert 200 == (await door.send(a_call())).status


async def test_without_a_rate_nobody_waits() -> None:
    """Neither the first nor the next."""
    gate, begun = a_gate(), now()
    for _ in range(3):
        async with gate.place(Bearer().take):
            await gate.depart()
    assert begun == now()


async def test_the_shortest_pause_of_our_own() -> None:
    """Three quarters of a second where the service says nothing and chance is at its least."""
    assert 0.75 == a_gate(chance=0.0).close(None, now())


async def test_a_pause_that_is_too_long_is_told_as_people_do() -> None:
    """Hours are hours, not thousands of seconds."""
    gate = a_gate(max_pause=60.0)
    gate.close(7199.0, now())
    with pytest.raises(PausedTooLong, match="asks for a pause of about 2 hours, longer"):
        await gate.depart()


async def test_an_abandoned_gate_lets_nobody_rest() -> None:
    """Whoever would begin to wait leaves at once; who has to know of it is told once."""
    gate, told = a_gate(), list[str]()
    gate.on_abandon.append(lambda: told.append("left"))
    gate.abandon()
    gate.abandon()
    begun = now()
    with pytest.raises(Abandoned):
        await gate.rest(60.0)
    assert (["left"], begun) == (told, now())


async def test_pauses_of_one_call_count_together() -> None:
    """Each is short enough for the run, and all of them are not."""
    gate, stopwatch = a_gate(max_pause=60.0), Stopwatch()
    await asyncio.sleep(1000.0)
    for _ in range(3):
        gate.check_patience(stopwatch)
        await asyncio.sleep(30.0)
    with pytest.raises(PausedTooLong, match="90 seconds"):
        gate.check_patience(stopwatch)


async def test_without_a_bound_patience_has_no_end() -> None:
    """A run that may wait for ever does."""
    gate, stopwatch = a_gate(), Stopwatch()
    gate.check_patience(stopwatch)
    await asyncio.sleep(86400.0)
    gate.check_patience(stopwatch)


async def test_a_call_that_is_put_off_again_and_again_ends_a_run() -> None:
    """Each pause is shorter than the run may wait, and the call never comes through."""
    throttled = Throttled("429", retry_after=30.0, http_status=429)
    gate, call = a_gate(max_pause=60.0), a_call()
    door = Paced(ScriptedDoor(*[throttled] * 9), gate, Counts(), lambda event: None)
    with pytest.raises(PausedTooLong, match="put off the same call"):
        await again_and_again(door, call)


async def again_and_again(door: Paced, call: Call) -> None:
    """As a throttled call is made."""
    for _ in range(9):
        with suppress(Throttled):
            await door.send(call)

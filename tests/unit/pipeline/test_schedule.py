"""When to look again, and the agenda that keeps the looks."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchqual.pipeline.schedule import Agenda, next_look_after, recovery_look_after


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        pytest.param(0.0, 30.0, id="just submitted"),
        pytest.param(120.0, 30.0, id="two minutes"),
        pytest.param(1200.0, 300.0, id="twenty minutes: a quarter of it"),
        pytest.param(86400.0, 3600.0, id="a day: hourly"),
    ],
)
def test_looks_grow_rarer_with_age(age: float, expected: float) -> None:
    """A quarter of the age, within the bounds."""
    assert expected == next_look_after(age, poll_min=30.0, poll_max=3600.0, jitter=0.5)


@pytest.mark.parametrize(("jitter", "expected"), [(0.0, 270.0), (1.0, 330.0)])
def test_looks_are_spread_by_a_tenth(jitter: float, expected: float) -> None:
    """To both sides."""
    assert expected == pytest.approx(next_look_after(1200.0, poll_min=30.0, poll_max=3600.0, jitter=jitter))


@given(age=st.floats(0, 1e7), low=st.floats(0.1, 100), spread=st.floats(0, 1000), jitter=st.floats(0, 1))
def test_looks_stay_within_their_bounds(age: float, low: float, spread: float, jitter: float) -> None:
    """Whatever the age and the jitter, no look is sooner or later than the bounds allow."""
    assert low <= next_look_after(age, poll_min=low, poll_max=low + spread, jitter=jitter) <= low + spread


def test_chance_spreads_the_looks() -> None:
    """Without a given jitter two looks rarely fall together."""
    looks = {next_look_after(1200.0, poll_min=30.0, poll_max=3600.0) for _ in range(20)}
    assert len(looks) > 1


@given(patience=st.floats(0, 1000))
def test_the_last_look_comes_when_patience_is_over(patience: float) -> None:
    """Looks during recovery end with one at or after the patience, in a bounded number."""
    elapsed = 0.0
    for count in itertools.count(1):  # noqa: B007 - it is asserted below
        wait = recovery_look_after(elapsed, patience)
        elapsed += wait
        if wait == 0.0:
            break
    assert elapsed == pytest.approx(patience)
    assert count <= 12


@pytest.mark.parametrize(
    ("elapsed", "patience", "expected"),
    [
        pytest.param(0.0, 60.0, 7.5, id="at first an eighth of the patience"),
        pytest.param(0.0, 4.0, 1.0, id="but a second at least"),
        pytest.param(0.0, 0.5, 0.5, id="unless patience ends sooner"),
        pytest.param(20.0, 60.0, 20.0, id="then as long again as it has taken"),
        pytest.param(50.0, 60.0, 10.0, id="to the end of patience at most"),
        pytest.param(70.0, 60.0, 0.0, id="patience is over"),
    ],
)
def test_looks_during_recovery_double_their_distance(
    elapsed: float, patience: float, expected: float
) -> None:
    """So that few are made, and the last one when patience ends."""
    assert expected == recovery_look_after(elapsed, patience)


def keep(_due: float, _thing: str) -> bool:
    return False


def going_on() -> bool:
    return False


async def test_things_come_in_the_order_of_their_time() -> None:
    """Equal times keep the order of adding."""
    agenda: Agenda[str] = Agenda()
    now = asyncio.get_running_loop().time()
    for due, thing in [(now - 1, "b"), (now - 2, "a"), (now - 1, "c")]:
        agenda.add(due, thing)
    assert ["a", "b", "c"] == [await agenda.take(keep, going_on) for _ in range(3)]
    assert len(agenda) == 0


async def test_an_empty_agenda_waits_for_what_is_in_hand() -> None:
    """While a worker holds a thing it may come back; when it does not, there is nothing left."""
    agenda: Agenda[str] = Agenda()
    agenda.add(0.0, "only")
    assert await agenda.take(keep, going_on) == "only"
    waiting = asyncio.create_task(agenda.take(keep, going_on))
    await asyncio.sleep(0)
    assert not waiting.done()
    agenda.done()
    assert await waiting is None


async def test_what_is_not_worth_waiting_for_is_dropped() -> None:
    """A thing that is dropped is never given, and does not hold up the end."""
    agenda: Agenda[str] = Agenda()
    agenda.add(asyncio.get_running_loop().time() + 3600, "tomorrow")
    assert await agenda.take(lambda due, thing: thing == "tomorrow", going_on) is None


async def test_a_stop_ends_the_waiting() -> None:
    """A worker that waits for its time goes home when it is woken after a stop."""
    agenda: Agenda[str] = Agenda()
    agenda.add(asyncio.get_running_loop().time() + 3600, "later")
    stopped = False
    waiting = asyncio.create_task(agenda.take(keep, lambda: stopped))
    await asyncio.sleep(0)
    stopped = True
    agenda.wake()
    assert await waiting is None


@pytest.mark.looptime
@pytest.mark.parametrize("seconds", [0.5, 3600.0])
async def test_a_thing_is_given_when_its_time_has_come(seconds: float) -> None:
    """Nobody gets it a moment too soon, or much later."""
    loop = asyncio.get_running_loop()
    agenda: Agenda[str] = Agenda()
    start = loop.time()
    agenda.add(start + seconds, "later")
    assert await agenda.take(keep, going_on) == "later"
    assert seconds <= loop.time() - start < seconds + 0.1


@pytest.mark.looptime
async def test_what_is_added_reaches_those_who_wait() -> None:
    """They wait for the first thing, whatever was the first when they began."""
    loop = asyncio.get_running_loop()
    agenda: Agenda[str] = Agenda()
    start = loop.time()
    agenda.add(start + 3600.0, "in an hour")
    waiting = asyncio.create_task(agenda.take(keep, going_on))
    await asyncio.sleep(1.0)
    agenda.add(start + 60.0, "in a minute")
    assert await waiting == "in a minute"
    assert loop.time() - start == pytest.approx(60.0)

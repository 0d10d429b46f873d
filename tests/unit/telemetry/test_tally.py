"""The tally counts what it hears, and judges honestly how long it may still take."""

from __future__ import annotations

import asyncio
import math

import pytest
from support.hearing import HandClock, standing, started, submitted, wish

from batchqual.events import AnswerLost, Event, Retried, RunFinished, Stopping, Throttled
from batchqual.model import Outcome
from batchqual.telemetry import Phase, Tally


async def heard(*events: Event, clock: HandClock | None = None, rate: float | None = 5.0) -> Tally:
    """A tally that has heard the beginning of a run in one turn of the loop, and then ``events``."""
    tally = Tally(rate=rate, wait=3600.0, now=clock or HandClock())
    tally(started())
    await asyncio.sleep(0)
    for event in events:
        tally(event)
    return tally


def test_before_the_run_there_is_nothing_to_tell() -> None:
    """A fresh tally knows of no work, and of no time."""
    tally = Tally(now=HandClock())
    assert Phase.STARTING is tally.phase
    assert (0, 0, 0.0, None) == (tally.offered, tally.left, tally.elapsed, tally.seconds_left)


async def test_a_wish_is_dealt_with_once() -> None:
    """Answered, lost or decided without a submission: each wish leaves the queue once, whatever follows."""
    tally = await heard(
        submitted(1),
        standing(1, Outcome.IN_REVIEW),
        standing(1, Outcome.APPROVED, Outcome.IN_REVIEW),
        AnswerLost(wish(2), "request-2", "reset"),
        submitted(2),
        standing(3, Outcome.ALREADY_QUALIFIED),
    )
    assert 34 == tally.left
    assert 2 == tally.submitted
    assert {Outcome.APPROVED: 1, Outcome.ALREADY_QUALIFIED: 1} == {
        k: n for k, n in tally.standings.items() if n
    }


async def test_what_an_earlier_run_settled_is_no_progress_of_this_one() -> None:
    """Standings that are told together with the start are those of wishes that need not be offered."""
    tally = Tally(now=HandClock())
    tally(started(sendable=2))
    tally(standing(1, Outcome.APPROVED))
    tally(standing(2, Outcome.IN_REVIEW))
    await asyncio.sleep(0)
    assert 2 == tally.left
    assert 1 == tally.in_review
    tally(standing(3, Outcome.FAILED))
    assert 1 == tally.left


async def test_phases_follow_the_work() -> None:
    """Submitting while something is left, then watching, stopping when told, over at the end."""
    tally = Tally(now=HandClock())
    tally(started(sendable=1))
    await asyncio.sleep(0)
    seen = [tally.phase]
    for event in (submitted(1), Stopping("Enough."), RunFinished("run-1", {}, 130)):
        tally(event)
        seen.append(tally.phase)
    assert [Phase.SUBMITTING, Phase.WATCHING, Phase.STOPPING, Phase.OVER] == seen


async def test_before_it_can_measure_it_goes_by_the_ceiling() -> None:
    """37 looks and 37 submissions at 5 a second are 14.8 seconds."""
    assert pytest.approx(14.8) == (await heard()).seconds_left


async def test_without_a_ceiling_it_does_not_guess() -> None:
    """Nothing to judge by: no number."""
    assert (await heard(rate=None)).seconds_left is None


async def test_then_it_goes_by_the_pace_so_far() -> None:
    """10 wishes in 20 seconds: the other 27 take 54."""
    clock = HandClock()
    tally = await heard(clock=clock)
    clock.seconds += 20
    for number in range(10):
        tally(submitted(number))
    assert pytest.approx(54.0) == tally.seconds_left


async def test_a_pause_is_counted_down_and_delays_the_end() -> None:
    """The longest pause counts, and nothing ends before it does."""
    clock = HandClock()
    tally = await heard(Throttled("submit", 60.0), Throttled("fetch", 10.0), clock=clock)
    assert (60.0, 60.0, 2) == (tally.pause_left, tally.seconds_left, tally.throttled)
    clock.seconds += 61
    assert 0.0 == tally.pause_left


async def test_vetting_is_waited_for_from_the_last_answer_on() -> None:
    """--wait begins with the last submission that was answered."""
    clock = HandClock()
    tally = await heard(clock=clock)
    clock.seconds += 100
    tally(submitted(1))
    clock.seconds += 600
    assert pytest.approx(3000.0) == tally.watch_left
    assert 700.0 == tally.elapsed
    tally.wait = math.inf
    assert math.inf == tally.watch_left


async def test_repeats_are_counted() -> None:
    """Every repeated call."""
    assert 1 == (await heard(Retried("fetch", "503", 0.5))).retried

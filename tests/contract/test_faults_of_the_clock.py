"""Clocks that jump, and machines that sleep: nothing is lost, nothing sent blindly, and nobody locked out."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from support.blind import sent_after_they_were_taken, taken
from support.drive import PATIENCE, Drive, Told, education
from support.ledgers import NOON, ORIGIN, PARTNER, HandClock, a_ledger
from support.line import Line, lined
from support.moments import SetClock, in_a_sleepy_loop, sleep_through
from support.odd_service import Odd, odd_service
from support.program import until
from support.replay_server import canned
from support.sheets import customer
from support.truth import assert_report_matches, looks, submissions

from batchqual.events import AnswerLost, Event, Standing, Submitted
from batchqual.ledger import LONGEST_PAUSE, read_only
from batchqual.pacekeeping import hold_until
from batchqual.simulator import Fault, Simulator, SimulatorSettings
from batchqual.target import Target

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
YEARS = 3650 * DAY
#: Nobody here knows a request ID again.
SERVICE = SimulatorSettings(denial_rate=0, vetting_delay=(0.1, 0.4), latency=(0.01, 0.05), deduplicate=False)
TARGET = Target(ORIGIN, PARTNER, Path("ledger.sqlite3"))
DENIED = '[{"qualification":"Education","vettingStatus":"Denied","vettingReason":"Not a school.",'
DENIED += '"vettingCreatedDate":"2026-01-05T09:00:00Z"}]'


def assert_in_order(drive: Drive) -> None:
    """The journal's chain, the states and the file are sound, whatever the stamps say."""
    with read_only(drive.ledger) as view:
        audit = view.audit()
    assert [] == list(audit.findings)
    assert audit.intact


def at_each(kind: type[Event], act: Callable[[], object]) -> Callable[[Event], None]:
    """A listener that does this at each event of a kind."""

    def listen(event: Event) -> None:
        if isinstance(event, kind):
            act()

    return listen


# The calendar's clock


async def test_a_clock_that_jumps_during_a_run_loses_nothing(tmp_path: Path) -> None:
    """Set at every submission, by hours, days and years, with answers lost besides: each wish is taken once,
    the run ends in its time, the journal is in order, and the next run submits nothing."""
    there_and_back = [(3 * HOUR, -3 * HOUR), (2 * DAY, timedelta()), (YEARS, -YEARS)]
    await asyncio.gather(*(_set_about(tmp_path / str(leaps[0]), leaps) for leaps in there_and_back))


async def _set_about(folder: Path, leaps: Sequence[timedelta]) -> None:
    clock, wrong = SetClock(), itertools.cycle(leaps)

    def set_it() -> None:
        clock.by = next(wrong)

    async with Simulator(SERVICE) as simulator:
        simulator.inject(Fault.RESET_AFTER, Fault.RESET_BEFORE, Fault.RESET_AFTER, scope="writes")
        drive = Drive(folder, simulator.base_url)
        rows = education(folder, *range(12))
        began = time.monotonic()
        told = await drive(rows, clock=clock, say=at_each(Submitted, set_it))
        assert 10 > time.monotonic() - began
        assert_report_matches(told, simulator)
        clock.by = timedelta()
        again = await drive(rows, clock=clock)
    assert {"approved": 12} == told.totals == again.totals
    assert 0 == again.document["requests"]["post"]
    assert [] == sent_after_they_were_taken(simulator)
    assert {1} == set(taken(simulator).values())
    assert_in_order(drive)


async def test_a_clock_that_is_set_between_runs_loses_nothing(tmp_path: Path) -> None:
    """Rows in review and of unknown fate are looked at by the next run, whichever way the clock was wrong."""
    wrong = [sign * by for by in (3 * HOUR, 2 * DAY, YEARS) for sign in (1, -1)]
    await asyncio.gather(*(_set_right(tmp_path / str(number), by) for number, by in enumerate(wrong)))


async def _set_right(folder: Path, wrong: timedelta) -> None:
    patient = SimulatorSettings(denial_rate=0, vetting_delay=(0.3, 0.3), deduplicate=False)
    async with Simulator(patient) as simulator:
        simulator.inject(Fault.RESET_AFTER, Fault.RESET_BEFORE, scope="writes")
        drive = Drive(folder, simulator.base_url)
        rows = education(folder, *range(6))
        told = await drive(rows, clock=SetClock(wrong), wait="0")
        assert "in_review" in told.totals
        again = await drive(rows)
        assert_report_matches(again, simulator)
    assert {"approved": 6} == again.totals
    assert [] == sent_after_they_were_taken(simulator)
    assert_in_order(drive)


@pytest.mark.parametrize("leap", [YEARS, -YEARS], ids=["forward", "back"])
async def test_patience_does_not_go_by_the_calendar(leap: timedelta, tmp_path: Path) -> None:
    """A lost answer is looked for over the whole patience, also when the clock says that years have gone."""
    clock = SetClock()

    def set_it() -> None:
        clock.by = leap

    async with odd_service(Odd(None, takes=False)) as service:
        drive = Drive(tmp_path, service.url)
        told = await drive(education(tmp_path, 1), clock=clock, say=at_each(AnswerLost, set_it))
    assert ["approved"] == told.outcomes
    first, second = service.submissions
    assert second.at - service.end_of(first) >= PATIENCE - 0.01


async def test_an_old_denial_is_not_aged_by_a_clock_that_jumps(tmp_path: Path) -> None:
    """The denial of before, still shown, is no verdict on what was sent a moment ago: that would cost the
    customer one of three requests. What the service says in the end counts."""
    clock = SetClock()

    def set_it() -> None:
        clock.by = 2 * DAY

    shown = canned(body=DENIED)
    async with odd_service(Odd(takes=False)) as service:
        service.nothing = shown
        drive, rows = Drive(tmp_path, service.url), education(tmp_path, 1)
        assert ["denied"] == (await drive(rows)).outcomes
        told = await drive(
            rows, resubmit_denied=True, wait="0.5s", clock=clock, say=at_each(Standing, set_it)
        )
        assert ["in_review"] == told.outcomes
        service.holders.add(customer(1))
        assert ["approved"] == (await drive(rows)).outcomes
    assert 1 == len(service.submissions)


async def test_what_was_seen_in_the_future_is_looked_at_again(tmp_path: Path) -> None:
    """A quiet row that a wrong clock has stamped is not left alone until that day comes."""
    rows = education(tmp_path, 1)
    async with Simulator(SERVICE) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(rows, clock=SetClock(YEARS))
        before = len(looks(simulator))
        assert ["approved"] == (await drive(rows)).outcomes
        assert before < (now := len(looks(simulator)))
        assert ["approved"] == (await drive(rows)).outcomes
        assert now == len(looks(simulator))
    assert 1 == len(submissions(simulator))


# A gate that is kept closed


@pytest.mark.parametrize(
    ("ahead", "held"),
    [
        pytest.param(400 * SECOND, 400 * SECOND, id="minutes"),
        pytest.param(LONGEST_PAUSE, LONGEST_PAUSE, id="a day"),
        pytest.param(LONGEST_PAUSE + HOUR, LONGEST_PAUSE + HOUR, id="a day, and a clock set back an hour"),
        pytest.param(LONGEST_PAUSE + HOUR + SECOND, None, id="more than any pause"),
        pytest.param(YEARS, None, id="years"),
    ],
)
async def test_nobody_is_locked_out_by_a_clock_that_was_wrong(
    ahead: timedelta, held: timedelta | None, tmp_path: Path
) -> None:
    """What lies more than a day and an hour ahead was written by a clock that has been set back since."""
    path, clock = tmp_path / "ledger.sqlite3", HandClock(NOON - DAY + ahead)
    with a_ledger(path, clock) as ledger:
        await ledger.keep_closed_until(ORIGIN, PARTNER, NOON + ahead)
    with a_ledger(path) as ledger:
        assert (held and NOON + held) == hold_until(ledger, TARGET, NOON)


async def test_a_pause_is_kept_for_a_day_at_most(tmp_path: Path) -> None:
    """However long the service said: after a day it is asked again."""
    with a_ledger(tmp_path / "ledger.sqlite3") as ledger:
        await ledger.keep_closed_until(ORIGIN, PARTNER, NOON + YEARS)
        assert NOON + DAY == hold_until(ledger, TARGET, NOON)


async def test_a_pause_that_nobody_believes_gives_way_to_a_real_one(tmp_path: Path) -> None:
    """Closed by a clock that was years ahead: the next run asks, is told to wait, and that is kept."""
    rows = education(tmp_path, 1)
    async with Simulator(SERVICE) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        simulator.close_gate(600)
        assert 13 == (await drive(rows, clock=SetClock(YEARS))).exit_code
        assert 13 == (await drive(rows)).exit_code
        assert 2 == simulator.books.total
        with read_only(drive.ledger) as view:
            until_then = view.closed_until(drive.base_url, "")
        assert until_then is not None
        assert 0 < (until_then - datetime.now(UTC)).total_seconds() <= 601
        assert 13 == (await drive(rows)).exit_code
    assert 2 == simulator.books.total


# A machine that sleeps


@pytest.mark.parametrize(
    ("dead", "wait"),
    [
        pytest.param(True, "24h", id="dead connections"),
        pytest.param(True, "5s", id="dead connections, and the wait is over"),
        pytest.param(False, "24h", id="connections that live on"),
    ],
)
def test_a_night_with_requests_in_flight_loses_nothing(dead: bool, wait: str, tmp_path: Path) -> None:
    """Suspended for eight hours among submissions and looks: what was on its way is looked up, and the run,
    or the next one, brings all of it home."""
    in_a_sleepy_loop(_a_night(tmp_path, wait=wait, dead=dead))


async def _a_night(folder: Path, *, wait: str, dead: bool) -> None:
    slow = SimulatorSettings(denial_rate=0, vetting_delay=(0.3, 0.5), latency=(0.05, 0.15), deduplicate=False)
    rows = education(folder, *range(12))
    async with Simulator(slow) as simulator, lined(simulator.base_url) as line:
        drive = Drive(folder, line.url)
        running = asyncio.create_task(drive(rows, wait=wait, concurrency=4))
        for count in (3, 7):
            await until(partial(_sent, simulator, running, count))
            await _sleep(line, dead=dead)
        told = await running
        assert_report_matches(told, simulator)
        again = await drive(rows)
    assert told.exit_code in {0, 4}
    assert {"approved": 12} == again.totals
    assert [] == sent_after_they_were_taken(simulator)
    assert {1} == set(taken(simulator).values())
    assert_in_order(drive)


def _sent(simulator: Simulator, running: asyncio.Task[Told], count: int) -> bool:
    return simulator.books.count("POST") >= count or running.done()


async def _sleep(line: Line, *, dead: bool) -> None:
    if dead:
        line.go_dead()
    sleep_through(hours=8)
    if dead:
        await asyncio.sleep(0)
        await line.cut()
        line.passing.set()


@pytest.mark.parametrize("arrived", [True, False], ids=["arrived", "never arrived"])
def test_a_night_counts_for_patience_only_between_two_looks(arrived: bool, tmp_path: Path) -> None:
    """A submission of unknown fate is sent again after a look from before the night and one from after it
    that show nothing: the hours were real for the service too. The night alone is no look."""
    in_a_sleepy_loop(_a_fate_over_night(tmp_path, arrived=arrived))


async def _a_fate_over_night(folder: Path, *, arrived: bool) -> None:
    async with odd_service(Odd(None, takes=False)) as service:
        drive = Drive(folder, service.url)
        running = asyncio.create_task(drive(education(folder, 1), patience="1h", wait="24h"))
        await until(lambda: len(service.looks) == 2 or running.done())
        before = len(service.looks)
        if arrived:
            service.holders.add(customer(1))
        await asyncio.sleep(0.05)
        sleep_through(hours=8)
        told: Told = await running
    assert ["approved"] == told.outcomes
    assert (1 if arrived else 2) == len(service.submissions)
    if not arrived:
        first, second = service.submissions
        seen = [look.at for look in service.looks if first.at < look.at < second.at]
        assert len(seen) >= 2
        assert len(service.looks) > before


def test_the_pace_knows_no_night(tmp_path: Path) -> None:
    """What was not sent during eight hours is not made up for: after them it is the rate and two, as ever."""
    in_a_sleepy_loop(_a_pace_over_night(tmp_path))


async def _a_pace_over_night(folder: Path) -> None:
    rate = 40
    at_once = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0))
    async with Simulator(at_once) as simulator:
        drive = Drive(folder, simulator.base_url)
        rows = education(folder, *range(20))
        running = asyncio.create_task(drive(rows, rate=rate, concurrency=64, wait="24h"))
        await until(lambda: simulator.books.total >= 15)
        sleep_through(hours=8)
        woke = time.monotonic()
        told = await running
    after = [entry.monotonic for entry in simulator.books.log() if entry.monotonic >= woke]
    assert {"approved": 20} == told.totals
    assert 40 <= len(after)
    assert max(sum(one <= other < one + 1 for other in after) for one in after) <= rate + 2

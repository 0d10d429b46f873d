"""The pace from process to process: what the next one has to wait for before its first request."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from support.ledgers import NOON, ORIGIN, PARTNER, HandClock, a_ledger

from batchqual.ledger import Ledger, NewRun, RunEnd
from batchqual.pacekeeping import Doorkeeper, hold_until
from batchqual.target import Target

TARGET = Target(ORIGIN, PARTNER, Path("ledger.sqlite3"))
OTHER = Target(ORIGIN, "00000000-0000-4000-8000-00000000bbbb", Path("ledger.sqlite3"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


async def a_run(ledger: Ledger, clock: HandClock, *, ends: float | None) -> None:
    """A run that begins now; it ends after so many seconds, or is killed."""
    run_id = f"run of {clock.now()}"
    await ledger.start_run(NewRun(run_id, "run", (), (), {}, ()))
    if ends is not None:
        clock.pass_(ends)
        await ledger.finish_run(RunEnd(run_id, 0, {}, None, ()))


async def test_a_new_ledger_holds_nobody_up(path: Path) -> None:
    """There was no process before."""
    with a_ledger(path) as ledger:
        assert hold_until(ledger, TARGET, NOON) is None


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        pytest.param(0.0, 1.0, id="just now"),
        pytest.param(0.4, 0.6, id="within its last second"),
        pytest.param(1.0, None, id="a second ago"),
        pytest.param(3600.0, None, id="an hour ago"),
        pytest.param(-7200.0, 1.0, id="in the future, after the clock was set back"),
    ],
)
async def test_the_last_second_of_a_run_is_left_to_it(path: Path, ago: float, expected: float | None) -> None:
    """Two runs in a row keep the pace of one, and a clock that was set back holds nobody for hours."""
    clock = HandClock()
    with a_ledger(path, clock) as ledger:
        await a_run(ledger, clock, ends=10.0)
        now = clock.pass_(ago)
        held = hold_until(ledger, TARGET, now)
    assert expected == (None if held is None else pytest.approx((held - now).total_seconds()))


async def test_a_killed_run_may_have_ended_just_now(path: Path) -> None:
    """It wrote no end, so the next process waits for a second of its own."""
    clock = HandClock()
    with a_ledger(path, clock) as ledger:
        await a_run(ledger, clock, ends=None)
        now = clock.pass_(86400.0)
        assert now + timedelta(seconds=1) == hold_until(ledger, TARGET, now)


async def test_only_the_latest_run_counts(path: Path) -> None:
    """An older one that was killed is long over when a later one has ended."""
    clock = HandClock()
    with a_ledger(path, clock) as ledger:
        await a_run(ledger, clock, ends=None)
        clock.pass_(60.0)
        await a_run(ledger, clock, ends=5.0)
        assert hold_until(ledger, TARGET, clock.pass_(5.0)) is None


async def test_a_closed_gate_stays_closed_for_the_next_process(path: Path) -> None:
    """As long as the service said, for the partner that it said it to."""
    until = NOON + timedelta(seconds=90)
    with a_ledger(path) as ledger:
        keeper = Doorkeeper(ledger, TARGET)
        keeper.closed(until)
        assert keeper.kept is not None
        await keeper.kept
        assert until == hold_until(ledger, TARGET, NOON)
        assert hold_until(ledger, OTHER, NOON) is None
        assert hold_until(ledger, TARGET, until) is None


async def test_the_later_of_both_holds(path: Path) -> None:
    """A pause that ends before the last second of the last run shortens nothing."""
    clock = HandClock()
    with a_ledger(path, clock) as ledger:
        await a_run(ledger, clock, ends=10.0)
        await ledger.keep_closed_until(ORIGIN, PARTNER, clock.now() + timedelta(seconds=0.5))
        assert clock.now() + timedelta(seconds=1) == hold_until(ledger, TARGET, clock.now())


async def test_a_process_that_is_no_run_leaves_its_last_second(path: Path) -> None:
    """Listing the codes takes part in the pace; it never opens a gate that the service closed for longer."""
    with a_ledger(path) as ledger:
        keeper = Doorkeeper(ledger, TARGET)
        await keeper.leave(NOON)
        assert NOON + timedelta(seconds=1) == hold_until(ledger, TARGET, NOON)
        keeper.closed(NOON + timedelta(seconds=90))
        await keeper.leave(NOON)
        assert NOON + timedelta(seconds=90) == hold_until(ledger, TARGET, NOON)

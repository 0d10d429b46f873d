"""Where things stand without a run: what the ledger knows; and the codes, which take a call."""

from __future__ import annotations

import os
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.drive import Drive, education, sheet
from support.dying import Killed, killed_at
from support.sheets import customer

from batchqual.clock import SystemClock
from batchqual.errors import BatchqualError, LedgerError, LedgerInUse, PausedTooLong, Refused, SignInNeeded
from batchqual.events import Submitted
from batchqual.ledger import Ledger, State, read_only
from batchqual.overview import PartnerStatus, Status, codes, status
from batchqual.simulator import Simulator, SimulatorSettings, World

TENANT = "00000000-0000-4000-8000-00000000aaaa"
AT_ONCE = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0))
SLOW = SimulatorSettings(denial_rate=0, vetting_delay=(1.0, 1.0))
DENIES = SimulatorSettings(denial_rate=1, vetting_delay=(0, 0))


async def refused(call: Awaitable[object]) -> BatchqualError:
    """How a call ends that cannot be made."""
    with pytest.raises(BatchqualError) as caught:
        await call
    return caught.value


def the_only(drive: Drive) -> PartnerStatus:
    """The only partner that the ledger knows."""
    [partner] = status(drive.settings()).partners
    return partner


async def test_status_counts_what_stands_where(tmp_path: Path) -> None:
    """Counts, the oldest in review, unknown fates and used attempts, and the latest runs, newest first."""
    async with Simulator(SimulatorSettings(vetting_delay=(60, 60))) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        first = await drive(education(tmp_path, 1), wait="0")
        second = await drive(education(tmp_path, 2, 3), wait="0")
        with pytest.raises(Killed):
            await drive(education(tmp_path, 4), say=killed_at(Submitted))
        known = status(drive.settings())
        [partner] = known.partners
    assert (str(drive.ledger), None) == (known.ledger, known.in_use)
    assert (simulator.base_url, "") == (partner.origin, partner.partner)
    assert {State.IN_REVIEW: 3, State.SENDING: 1} == {
        state: count for state, count in partner.counts.items() if count
    }
    assert partner.oldest_in_review is not None
    assert customer(1) == partner.oldest_in_review.customer_id
    assert [customer(4)] == [record.customer_id for record in partner.unknown]
    assert [first.report.run_id, second.report.run_id] == [run.run_id for run in reversed(known.runs[1:])]
    assert known.runs[0].exit_code is None
    assert frozenset() == known.going
    assert partner.closed_until is None


async def test_status_names_who_has_used_attempts(tmp_path: Path) -> None:
    """Everybody who has used one or more, and how many."""
    async with Simulator(DENIES) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(education(tmp_path, 1, 2))
        assert {customer(1): 1, customer(2): 1} == the_only(drive).attempts
        await drive(education(tmp_path, 2), resubmit_denied=True)
    assert {customer(1): 1, customer(2): 2} == the_only(drive).attempts


async def test_status_tells_partners_apart(tmp_path: Path) -> None:
    """Each with counts of its own."""
    async with Simulator(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(education(tmp_path, 1))
        drive.environ["BATCHQUAL_TENANT_ID"] = TENANT
        await drive(education(tmp_path, 1, 2))
    found = {partner.partner: partner.counts[State.SETTLED] for partner in status(drive.settings()).partners}
    assert {"": 1, TENANT: 2} == found


async def test_status_says_who_is_running(tmp_path: Path) -> None:
    """While a run holds the ledger, in words; nobody afterwards, and the asking hinders nobody."""
    told: list[Status] = []
    async with Simulator(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        done = await drive(education(tmp_path, 1), say=lambda _event: told.append(status(drive.settings())))
    assert 0 == done.exit_code
    assert told
    assert all(f"batchqual run, process {os.getpid()} of " in (one.in_use or "") for one in told)
    assert frozenset({done.report.run_id}) == told[-2].going
    assert status(drive.settings()).in_use is None


async def test_a_run_that_was_killed_is_not_taken_for_the_one_that_goes_on(tmp_path: Path) -> None:
    """Neither has an end; only one holds the ledger."""
    told: list[Status] = []
    async with Simulator(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        with pytest.raises(Killed):
            await drive(education(tmp_path, 1), say=killed_at(Submitted))
        await drive(education(tmp_path, 2), say=lambda _event: told.append(status(drive.settings())))
    going, killed = told[-2].runs
    assert (frozenset({going.run_id}), None) == (told[-2].going, killed.finished_at)


async def test_status_of_no_ledger_is_an_error(tmp_path: Path) -> None:
    """None is made by looking."""
    drive = Drive(tmp_path, "http://127.0.0.1:9")
    with pytest.raises(LedgerError):
        status(drive.settings())
    assert not drive.ledger.exists()


# codes


def with_codes() -> World:
    world = World()
    world.offer("0012345=5")
    world.offer("0099999=1")
    return world


async def test_codes_are_listed_with_what_is_left(tmp_path: Path) -> None:
    """All of them, as the service tells."""
    async with Simulator(AT_ONCE, with_codes()) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(sheet(tmp_path, (customer(1), "GCC", "", "0012345")))
        found = await codes(drive.settings())
    assert {"0012345": 4, "0099999": 1} == {code.code: code.remaining for code in found}


async def test_codes_take_part_in_the_pace(tmp_path: Path) -> None:
    """The next process leaves it its last second."""
    async with Simulator(AT_ONCE, with_codes()) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await codes(drive.settings())
        now = datetime.now(UTC)
        with read_only(drive.ledger) as view:
            until = view.closed_until(simulator.base_url, "")
    assert until is not None
    assert now - timedelta(seconds=1) < until <= now + timedelta(seconds=1)


async def test_a_429_at_the_codes_holds_for_the_next_process(tmp_path: Path) -> None:
    """A pause that is too long to be waited for ends it, is kept, and the next one does not even knock."""
    async with Simulator(AT_ONCE, with_codes()) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        simulator.close_gate(400)
        for _ in range(2):
            stopped = await refused(codes(drive.settings(wait="0")))
            assert isinstance(stopped, PausedTooLong)
        assert 1 == simulator.books.total
        until = the_only_closure(drive)
    assert 300 < (until - datetime.now(UTC)).total_seconds() <= 401


def the_only_closure(drive: Drive) -> datetime:
    """Until when the gate is closed, by the ledger."""
    with read_only(drive.ledger) as view:
        until = view.closed_until(drive.base_url, "")
    assert until is not None
    return until


async def test_status_shows_a_pause_that_is_not_over(tmp_path: Path) -> None:
    """And no other."""
    async with Simulator(AT_ONCE, with_codes()) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(education(tmp_path, 1))
        assert the_only(drive).closed_until is None
        simulator.close_gate(400)
        await refused(codes(drive.settings(wait="0")))
        assert the_only_closure(drive) == the_only(drive).closed_until


async def test_codes_need_a_sign_in_the_lock_and_the_right_ledger(tmp_path: Path) -> None:
    """12, 11, 2; and a refusal of the service is told as it is."""
    drive = Drive(tmp_path, "http://127.0.0.1:9")
    assert isinstance(
        await refused(codes(Drive(tmp_path, drive.base_url, token="").settings())), SignInNeeded
    )
    with Ledger.open(drive.ledger, clock=SystemClock(), command="run"):
        assert isinstance(await refused(codes(drive.settings())), LedgerInUse)
    async with Simulator(SimulatorSettings(refusals=("codes=403/900308",))) as simulator:
        other = Drive(tmp_path, simulator.base_url, flags={"ledger": str(tmp_path / "other.sqlite3")})
        assert isinstance(await refused(codes(other.settings())), Refused)
        await other(education(tmp_path, 1), wait="0")
    elsewhere = other.settings(base_url="https://api.partnercenter.example", rate="5", patience="30s")
    assert "ledger-of-another-origin" == (await refused(codes(elsewhere))).code

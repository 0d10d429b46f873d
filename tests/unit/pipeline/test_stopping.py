"""What stops a run, and what becomes of the rows that it did not come to."""

from __future__ import annotations

import asyncio
from collections import deque
from pathlib import Path

import pytest
from support.fake_service import FakeService
from support.ledgers import ORIGIN, PARTNER, customer, education, gcc
from support.results import codes, left_unknown, outcomes, sent, warned
from support.runs import drive

from batchqual.errors import (
    AccessDenied,
    BatchqualError,
    FateUnknown,
    InputWarnings,
    PausedTooLong,
    SignInNeeded,
    TooManyFailures,
    WriteSignInNeeded,
)
from batchqual.events import Event, Stopping, Submitted
from batchqual.ledger import State, read_only
from batchqual.model import Holding, Outcome, QualificationRequest
from batchqual.partnercenter import Submission, ValidationCode
from batchqual.pipeline import StopSwitch

pytestmark = pytest.mark.looptime

HOUR = 3600.0
DAY = 24 * HOUR

STOPS = [
    pytest.param(AccessDenied("no MPN agreement"), "stopped", id="refused as a whole"),
    pytest.param(SignInNeeded("expired"), "sign-in", id="sign-in lost"),
    pytest.param(PausedTooLong("an hour's pause"), "stopped", id="paused for too long"),
]


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_too_many_failures_stop_the_submitting(path: Path) -> None:
    """After twenty answers more than a quarter failed: the rest is not attempted."""
    rows = [education(number) for number in range(1, 101)]
    service = FakeService(strangers={customer(number) for number in range(1, 51)})
    results = await drive(path, service, rows, concurrency=1)
    assert isinstance(results.halted, TooManyFailures)
    assert 20 == outcomes(results).count(Outcome.FAILED)
    assert 80 == outcomes(results).count(Outcome.NOT_ATTEMPTED)
    assert [] == service.submissions


async def test_too_many_failures_do_not_end_the_looks(path: Path) -> None:
    """What was accepted before is polled to its verdict; the threshold speaks once."""
    rows = [education(number) for number in range(1, 40)]
    service, events = FakeService(strangers={customer(number) for number in range(2, 50)}), list[Event]()
    results = await drive(path, service, rows, concurrency=4, events=events, max_failures="3")
    assert isinstance(results.halted, TooManyFailures)
    assert Outcome.APPROVED is outcomes(results)[0]
    assert 1 == sum(isinstance(event, Stopping) for event in events)


async def test_a_refusal_of_everyone_stops_everything(path: Path) -> None:
    """The wish that met it stays queued, and so does the rest."""
    service = FakeService(answers=deque([AccessDenied("agreement not accepted")]), lost_before_arrival=True)
    results = await drive(path, service, [education(1), education(2)], concurrency=1)
    assert [Outcome.NOT_ATTEMPTED] * 2 == outcomes(results)
    assert isinstance(results.halted, AccessDenied)
    assert service.gate.abandoned
    with read_only(path) as view:
        assert 2 == len(view.by_state(ORIGIN, PARTNER, State.QUEUED))


async def test_a_lost_sign_in_fails_no_row(path: Path) -> None:
    """Rows that were not sent say so, and the same command goes on afterwards."""
    service = FakeService()
    service.looks[customer(1)].append(SignInNeeded("expired"))
    results = await drive(path, service, [education(1)])
    assert ["sign-in"] == codes(results)
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))


class LongQueue(FakeService):
    """Looks at all customers but the first, and the list of codes, wait a minute for their turn."""

    async def holdings(self, customer_id: str) -> tuple[Holding, ...]:
        if customer_id != customer(1):
            await asyncio.sleep(60)
        return await super().holdings(customer_id)

    async def validation_codes(self) -> tuple[ValidationCode, ...]:
        await asyncio.sleep(60)
        return await super().validation_codes()


@pytest.mark.parametrize(("reason", "code"), STOPS)
async def test_looks_that_a_stop_turned_away_are_no_failures(
    path: Path, reason: BatchqualError, code: str
) -> None:
    """Three workers stood at the gate when the fourth met the stop: their rows are as unsent as its own."""
    service = LongQueue()
    service.looks[customer(1)].append(reason)
    results = await drive(path, service, [education(number) for number in range(1, 5)])
    assert reason is results.halted
    assert [code] * 4 == codes(results)


@pytest.mark.parametrize(("reason", "code"), STOPS)
async def test_a_stop_at_the_first_look_of_a_survey_is_no_failure(
    path: Path, reason: BatchqualError, code: str
) -> None:
    """The same where the looks come before the first write."""
    service = LongQueue()
    service.looks[customer(1)].append(reason)
    results = await drive(path, service, [gcc(number) for number in range(1, 5)])
    assert reason is results.halted
    assert [code] * 4 == codes(results)


async def test_after_a_stop_the_survey_looks_at_nobody_else(path: Path) -> None:
    """One look finds out."""
    service = FakeService()
    service.looks[customer(1)].append(AccessDenied("no agreement"))
    await drive(path, service, [gcc(1), gcc(2)], concurrency=1)
    assert [] == service.looked_at[customer(2)]


async def test_after_a_stop_an_unsent_row_costs_no_look(path: Path) -> None:
    """Writes are over and looks are not: only what may be live is looked at."""
    rows = [education(number) for number in range(1, 40)]
    service = FakeService(strangers={customer(number) for number in range(1, 30)})
    results = await drive(path, service, rows, concurrency=1, max_failures="2")
    unsent = [number for number in range(1, 40) if codes(results)[number - 1] == "stopped"]
    assert [35, 36, 37, 38, 39] == unsent[-5:]
    assert [] == [number for number in unsent if service.looked_at[customer(number)]]


@pytest.mark.parametrize(("reason", "code"), STOPS)
async def test_a_stop_at_the_list_of_codes_is_no_failure(
    path: Path, reason: BatchqualError, code: str
) -> None:
    """The rows that wait for it are unsent, and so are those that do not."""
    service = FakeService(codes=reason)
    results = await drive(path, service, [gcc(1), education(2)])
    assert reason is results.halted
    assert [code] * 2 == codes(results)
    assert [] == sent(service)


async def test_an_interrupt_at_the_list_of_codes_is_no_failure(path: Path) -> None:
    """The rows were interrupted; that the codes could not be read is nobody's fault."""
    stop = StopSwitch()
    run = asyncio.create_task(drive(path, LongQueue(), [gcc(1)], stop=stop))
    await asyncio.sleep(1)
    stop.press()
    results = await run
    assert results.interrupted
    assert ["interrupted"] == codes(results)


async def test_an_interrupt_ends_a_wait_at_once(path: Path) -> None:
    """The run comes home long before the vetting, with everything in the ledger."""
    service, stop, events = FakeService(vetting=DAY), StopSwitch(), list[Event]()
    run = asyncio.create_task(drive(path, service, [education(1)], stop=stop, events=events, wait="forever"))
    await asyncio.sleep(100)
    assert stop.press()
    assert not stop.press()
    results = await run
    assert now() < 101
    assert results.interrupted
    assert [Outcome.IN_REVIEW] == outcomes(results)
    assert 1 == sum(isinstance(event, Stopping) for event in events)
    assert 1 == sum(isinstance(event, Submitted) for event in events)


async def test_a_switch_pressed_beforehand_sends_nothing(path: Path) -> None:
    """An interrupt during the reading of the sheet counts."""
    service, stop = FakeService(), StopSwitch()
    stop.press()
    results = await drive(path, service, [education(1)], stop=stop)
    assert ["interrupted"] == codes(results)
    assert [] == service.submissions


async def test_an_interrupt_during_recovery_keeps_the_fate_open(path: Path) -> None:
    """Nothing is sent again on the way out, however long the looks had shown nothing."""
    service, stop = (
        FakeService(answers=deque([FateUnknown("reset")]), lost_before_arrival=True),
        StopSwitch(),
    )
    run = asyncio.create_task(drive(path, service, [education(1)], stop=stop))
    await asyncio.sleep(59)
    stop.press()
    assert [Outcome.UNKNOWN] == outcomes(await run)
    assert 1 == len(service.submissions)


async def test_a_switch_without_a_run_is_pressed_in_vain() -> None:
    """After the loop has gone there is nobody to stop."""
    stop, heard = StopSwitch(), list[str]()

    async def listen() -> None:
        stop.connect(lambda: heard.append("stop"))

    await asyncio.to_thread(asyncio.run, listen())
    assert stop.press()
    assert [] == heard


async def test_strict_blocks_the_writes_and_not_the_looks(path: Path) -> None:
    """A warning about the input is enough."""
    service = FakeService(vetting=DAY)
    await drive(path, service, [education(1)], wait="0")
    await asyncio.sleep(DAY)
    results = await drive(path, service, warned(education(1), education(2)), strict=True)
    assert [Outcome.APPROVED, Outcome.NOT_ATTEMPTED] == outcomes(results)
    assert isinstance(results.halted, InputWarnings)


async def test_strict_does_not_stop_a_run_that_writes_nothing(path: Path) -> None:
    """There is nothing to block."""
    service = FakeService(vetting=0)
    await drive(path, service, [education(1)])
    results = await drive(path, service, warned(education(1)), strict=True)
    assert results.halted is None
    assert [Outcome.APPROVED] == outcomes(results)


async def test_strict_blocks_a_resend_as_well(path: Path) -> None:
    """A submission of unknown fate is looked for; to send it again would be a write."""
    service = FakeService(answers=deque([FateUnknown("reset")]), lost_before_arrival=True)
    await left_unknown(path, service, [education(1)])
    results = await drive(path, service, warned(education(1)), strict=True)
    assert [(1, "Education")] == sent(service)
    assert [Outcome.UNKNOWN] == outcomes(results)


class ExpiresAfter(FakeService):
    """The sign-in is good for a hundred seconds of this run."""

    async def holdings(self, customer_id: str) -> tuple[Holding, ...]:
        if not self.gate.abandoned and now() > 100:
            raise SignInNeeded("expired")
        return await super().holdings(customer_id)


async def test_a_sign_in_lost_after_strict_ends_the_looks(path: Path) -> None:
    """--strict had only ended the writes: a run of eight hours does not go on looking without a token."""
    await drive(path, FakeService(vetting=DAY), [education(1)], wait="0")
    await asyncio.sleep(HOUR)
    results = await drive(path, ExpiresAfter(), warned(education(1), education(2)), strict=True, wait="8h")
    assert isinstance(results.halted, SignInNeeded)
    assert now() < HOUR + 60


async def test_a_sign_in_lost_after_the_threshold_ends_the_looks(path: Path) -> None:
    """The later reason is the weightier one: 12, and not hours of looks that cannot be made."""
    service = ExpiresAfter(strangers={customer(number) for number in range(2, 50)}, vetting=DAY)
    rows = [education(number) for number in range(1, 40)]
    results = await drive(path, service, rows, wait="8h", concurrency=1)
    assert isinstance(results.halted, SignInNeeded)
    assert now() < 200


class UserLost(FakeService):
    """In the second run nobody can submit; looks go on, until the service asks for a long pause."""

    pauses: bool = False

    async def submit(self, request: QualificationRequest, *, request_id: str) -> Submission:
        if now() >= HOUR:
            raise WriteSignInNeeded("expired", hint="Sign in.")
        return await super().submit(request, request_id=request_id)

    async def holdings(self, customer_id: str) -> tuple[Holding, ...]:
        if self.pauses and now() > HOUR + 100:
            raise PausedTooLong("a day")
        return await super().holdings(customer_id)


async def test_a_lost_user_leaves_the_looks_going(path: Path) -> None:
    """What is in review is watched to its end; the reason is told together with what to do."""
    service, events = UserLost(vetting=2 * HOUR), list[Event]()
    await drive(path, service, [education(1)], wait="0")
    await asyncio.sleep(HOUR)
    results = await drive(path, service, [education(1), education(2)], wait="8h", events=events)
    assert [Outcome.APPROVED, Outcome.NOT_ATTEMPTED] == outcomes(results)
    assert isinstance(results.halted, WriteSignInNeeded)
    told = [event for event in events if isinstance(event, Stopping)]
    assert [Stopping("expired Looks go on. Sign in.", looks_go_on=True)] == told


async def test_a_lost_user_outranks_what_ends_the_looks_later(path: Path) -> None:
    """12 comes before 13; the looks end all the same."""
    service = UserLost(vetting=DAY)
    service.pauses = True
    await drive(path, service, [education(1)], wait="0")
    await asyncio.sleep(HOUR)
    results = await drive(path, service, [education(1), education(2)], wait="8h")
    assert isinstance(results.halted, WriteSignInNeeded)
    assert now() < 2 * HOUR

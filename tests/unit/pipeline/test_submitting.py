"""What becomes of a row by the answer to its submission, or because nobody may submit."""

from __future__ import annotations

import asyncio
from collections import deque
from pathlib import Path

import pytest
from support.fake_service import FakeService, holding
from support.ledgers import ORIGIN, PARTNER, customer, education, gcc
from support.results import codes, ids, only, outcomes
from support.runs import drive

from batchqual.errors import (
    AccessDenied,
    BatchqualError,
    NotFound,
    NotSent,
    PausedTooLong,
    SignInNeeded,
    WriteSignInNeeded,
)
from batchqual.events import Event, Standing, Submitted
from batchqual.ledger import State, read_only
from batchqual.model import Outcome, Qualification, QualificationRequest
from batchqual.partnercenter import Submission, ValidationCode
from batchqual.pipeline import StopSwitch

pytestmark = pytest.mark.looptime


def states(path: Path) -> list[State]:
    """Where the only customer's requests stand."""
    with read_only(path) as view:
        return [record.state for record in view.records(ORIGIN, PARTNER)]


@pytest.mark.parametrize(
    "reason",
    [
        pytest.param(AccessDenied("agreement not accepted"), id="refused as a whole"),
        pytest.param(SignInNeeded("expired"), id="sign-in lost"),
        pytest.param(PausedTooLong("an hour's pause"), id="paused for too long"),
    ],
)
async def test_an_answer_to_everyone_leaves_the_row_queued(path: Path, reason: BatchqualError) -> None:
    """It was not taken, and that is known: the next run sends it, at the first look."""
    service = FakeService(answers=deque([reason]), lost_before_arrival=True)
    results = await drive(path, service, [education(1)])
    assert reason is results.halted
    assert [Outcome.NOT_ATTEMPTED] == outcomes(results)
    assert [State.QUEUED] == states(path)


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        pytest.param(AccessDenied("agreement not accepted"), False, id="a clear answer closes it"),
        pytest.param(SignInNeeded("expired"), True, id="401 does not"),
        pytest.param(PausedTooLong("an hour's pause"), True, id="nor does a 429"),
        pytest.param(NotSent("no route"), True, id="nor what never left"),
    ],
)
async def test_the_request_id_is_kept_while_no_clear_answer_came(
    path: Path, reason: BatchqualError, *, kept: bool
) -> None:
    """Also by the next run; the report of the first shows none, for nothing of it was taken."""
    service = FakeService(answers=deque([reason]), lost_before_arrival=True)
    assert only(await drive(path, service, [education(1)])).request_id is None
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))
    assert (2, 1 if kept else 2) == (len(ids(service)), len(set(ids(service))))


async def test_a_customer_that_is_not_found_is_refused(path: Path) -> None:
    """404 to a submission is a final word like any other."""
    service = FakeService(answers=deque([NotFound("no such customer", http_status=404)]))
    assert [Outcome.FAILED] == outcomes(await drive(path, service, [education(1)]))
    assert [State.REFUSED] == states(path)


async def test_what_did_not_leave_is_named_by_its_reason(path: Path) -> None:
    """Where there is a word for it, that is the row's code."""
    service = FakeService(answers=deque([NotSent("no route", error_code="tls")]), lost_before_arrival=True)
    assert ["tls"] == codes(await drive(path, service, [education(1)]))


class Stopped(FakeService):
    """The user presses Ctrl+C while the submission stands at the gate."""

    def __init__(self, stop: StopSwitch) -> None:
        super().__init__()
        self.stop = stop

    async def submit(self, request: QualificationRequest, *, request_id: str) -> Submission:
        self.stop.press()
        while not self.gate.abandoned:
            await self._gate()
        raise NotSent("stopped before its turn")


async def test_what_a_stop_held_back_did_not_fail(path: Path) -> None:
    """It stood at the gate when the user stopped the run: interrupted, and queued."""
    stop = StopSwitch()
    results = await drive(path, Stopped(stop), [education(1)], stop=stop)
    assert ([Outcome.NOT_ATTEMPTED], ["interrupted"]) == (outcomes(results), codes(results))
    assert [State.QUEUED] == states(path)


async def test_where_nobody_may_submit_nothing_is_sent(path: Path) -> None:
    """The app alone may look and not submit: the run says so, and the row waits for a person."""
    service = FakeService(writes=False)
    results = await drive(path, service, [education(1)])
    assert isinstance(results.halted, WriteSignInNeeded)
    assert (["sign-in"], []) == (codes(results), service.submissions)


async def test_a_plan_needs_nobody_who_may_submit(path: Path) -> None:
    """It submits nothing, so it tells what a run would do."""
    results = await drive(path, FakeService(writes=False), [education(1)], command="plan")
    assert results.halted is None
    assert ["would-be-sent"] == codes(results)


async def test_an_acceptance_is_told_at_once(path: Path) -> None:
    """Not only after the next look, for which this run does not wait."""
    events: list[Event] = []
    await drive(path, FakeService(), [education(1)], events=events, wait="0")
    after = events[[type(event) for event in events].index(Submitted) + 1]
    assert isinstance(after, Standing)
    assert Outcome.IN_REVIEW is after.now
    assert customer(1) == after.wish.customer_id


class Busy(FakeService):
    """A submission takes longer than a look stays fresh."""

    async def submit(self, request: QualificationRequest, *, request_id: str) -> Submission:
        await asyncio.sleep(700.0)
        return await super().submit(request, request_id=request_id)


@pytest.mark.parametrize(
    ("first", "code"),
    [
        pytest.param(None, "codes-unreadable", id="nothing else holds it back"),
        pytest.param(1, "limit-first", id="--first holds it back"),
    ],
)
async def test_gcc_that_was_there_when_codes_were_counted(path: Path, first: int | None, code: str) -> None:
    """And is gone when its turn comes: it was not counted, so it is not sent, and that is a failure unless
    something else holds it back."""
    service = Busy(codes=(ValidationCode("0012345", "", 5, 5),))
    service.looks[customer(1)] += [(holding(Qualification.GCC),), ()]
    results = await drive(path, service, [education(2), gcc(1)], concurrency=1, first=first)
    assert [None, code] == codes(results)

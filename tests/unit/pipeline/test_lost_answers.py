"""A submission whose answer was lost: looked for over the patience, then sent again, three times at most."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta
from pathlib import Path

import pytest
from support.dying import Killed
from support.fake_service import BASE, FakeService
from support.ledgers import ORIGIN, PARTNER, customer, education, gcc
from support.results import codes, ids, left_unknown, only, outcomes, sent
from support.runs import an_intake, drive

from batchqual.errors import (
    AccessDenied,
    AlreadyThere,
    BatchqualError,
    FateUnknown,
    NotSent,
    Refused,
    SignInNeeded,
    Unavailable,
)
from batchqual.events import AnswerLost, Event
from batchqual.ledger import State, read_only
from batchqual.model import EducationSegment, Holding, Outcome, Qualification, QualificationRequest
from batchqual.partnercenter import ValidationCode

pytestmark = pytest.mark.looptime

EDUCATION = Qualification.EDUCATION
DAY = 86400.0
RESET = FateUnknown("reset")
IN_PROGRESS = AlreadyThere("in progress", http_status=409)


def lost(*answers: BaseException | None) -> FakeService:
    """A service whose first submissions never arrive."""
    return FakeService(answers=deque(answers), lost_before_arrival=True)


@pytest.mark.parametrize("lost", [pytest.param(True, id="never arrived"), pytest.param(False, id="arrived")])
async def test_a_lost_answer_is_looked_up_over_the_patience(path: Path, *, lost: bool) -> None:
    """What arrived is found; what did not is sent again with the same id, no sooner than patience says."""
    service = FakeService(answers=deque([RESET]), lost_before_arrival=lost)
    events: list[Event] = []
    results = await drive(path, service, [education(1)], wait="0", events=events)
    assert (2 if lost else 1) == len(service.submissions)
    assert 1 == len(set(ids(service)))
    assert [AnswerLost] == [type(event) for event in events if isinstance(event, AnswerLost)]
    assert outcomes(results) == [Outcome.IN_REVIEW]
    if lost:
        assert 60.0 <= service.looked_at[customer(1)][-1]


async def test_three_sends_at_most(path: Path) -> None:
    """A service that never answers and never shows anything gets three sends, then the row is unknown."""
    service = lost(*[FateUnknown("500")] * 9)
    results = await drive(path, service, [education(1)])
    assert [Outcome.UNKNOWN] == outcomes(results)
    assert 3 == len(service.submissions)
    assert ["fate-unknown"] == codes(results)
    again = await drive(path, service, [education(1)])
    assert [Outcome.UNKNOWN] == outcomes(again)
    assert 3 == len(service.submissions)


async def test_409_is_looked_up_and_sent_again_with_a_new_id(path: Path) -> None:
    """409 is an answer: the next send has a new id, and three of them with nothing to see are a refusal."""
    service = lost(*[AlreadyThere("exists", http_status=409)] * 9)
    results = await drive(path, service, [education(1)])
    assert [Outcome.FAILED] == outcomes(results)
    assert 3 == len(set(ids(service)))


async def test_a_409_for_what_is_there_is_no_failure(path: Path) -> None:
    """The look decides: it shows, so it was ours all along."""
    service = FakeService(answers=deque([AlreadyThere("exists", http_status=409)]))
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))


async def test_a_409_after_a_lost_answer_says_nothing_of_the_lost_one(path: Path) -> None:
    """The first send may have arrived whatever the later ones met: unknown, with its id, also tomorrow."""
    service = FakeService(lag=DAY, vetting=2 * DAY, answers=deque([RESET, IN_PROGRESS, IN_PROGRESS]))
    assert [Outcome.UNKNOWN] == outcomes(await drive(path, service, [education(1)], wait="0"))
    assert (3, 1) == (len(ids(service)), len(set(ids(service))))
    assert [Outcome.UNKNOWN] == outcomes(await drive(path, service, [education(1)], wait="0"))
    assert 3 == len(ids(service))


async def test_a_resend_that_died_keeps_its_id(path: Path) -> None:
    """409, then a send with a new id that nobody saw answered: the next process sends that id again."""
    service = lost(AlreadyThere("exists", http_status=409), Killed(), None)
    with pytest.raises(Killed):
        await drive(path, service, [education(1)])
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))
    first, second, third = ids(service)
    assert first != second
    assert second == third


async def test_a_refused_resend_does_not_hide_the_first_send(path: Path) -> None:
    """The first one had arrived and shows late: approved, whatever the second was told."""
    service = FakeService(
        lag=90.0, vetting=600.0, answers=deque([RESET, Refused("a request is there", http_status=400)])
    )
    results = await drive(path, service, [education(1)])
    assert [Outcome.APPROVED] == outcomes(results)
    assert 1 == only(results).attempts


async def test_a_refused_resend_is_final_when_nothing_ever_shows(path: Path) -> None:
    """Looks over another patience have the last word on the first send; then the refusal counts."""
    service = lost(RESET, Refused("not eligible", http_status=400, error_code="3000"))
    results = await drive(path, service, [education(1)])
    assert [Outcome.FAILED] == outcomes(results)
    assert ("3000", 400, "not eligible") == (
        only(results).error_code,
        only(results).http_status,
        only(results).error_message,
    )
    assert service.looked_at[customer(1)][-1] >= 2 * 60.0
    assert 2 == len(service.submissions)


async def test_a_resend_that_never_left_counts_for_nothing(path: Path) -> None:
    """No route at the second send: the first is still unknown, and has its two sends left."""
    service = lost(RESET, NotSent("no route"))
    assert [Outcome.UNKNOWN] == outcomes(await drive(path, service, [education(1)]))
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))
    assert 1 == len(set(ids(service)))


@pytest.mark.parametrize(
    "reason",
    [
        pytest.param(AccessDenied("agreement not accepted"), id="refused as a whole"),
        pytest.param(SignInNeeded("expired"), id="sign-in lost"),
    ],
)
async def test_a_run_that_is_stopped_at_a_resend_leaves_the_fate_unknown(
    path: Path, reason: BatchqualError
) -> None:
    """The second send was turned away at the door, which tells nothing of the first."""
    service = lost(RESET, reason)
    results = await drive(path, service, [education(1)])
    assert reason is results.halted
    assert [Outcome.UNKNOWN] == outcomes(results)
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))
    assert 1 == len(set(ids(service)))


async def test_reads_that_lag_do_not_lead_to_a_second_submission(path: Path) -> None:
    """An entry that shows half a minute late is within the patience."""
    service = FakeService(lag=30.0, answers=deque([FateUnknown("time-out")]))
    results = await drive(path, service, [education(1)])
    assert [Outcome.APPROVED] == outcomes(results)
    assert 1 == len(service.submissions)


async def test_failed_looks_between_others_do_not_end_the_search(path: Path) -> None:
    """Only failures in a row say that looking is no use; an outage here and there does not."""
    service, outage = lost(RESET), Unavailable("500", http_status=500)
    service.looks[customer(1)] += [(), outage, (), outage, (), outage]
    results = await drive(path, service, [education(1)], patience="10m")
    assert [Outcome.APPROVED] == outcomes(results)
    assert 2 == len(service.submissions)


async def test_failed_looks_in_a_row_leave_the_fate_unknown(path: Path) -> None:
    """A look that failed is none that showed nothing: nothing is sent again on its word."""
    service = lost(RESET)
    service.looks[customer(1)] += [(), *[Unavailable("500", http_status=500)] * 9]
    results = await drive(path, service, [education(1)])
    assert [Outcome.UNKNOWN] == outcomes(results)
    assert 1 == len(service.submissions)


async def test_what_was_found_settled_is_not_looked_at_again(path: Path) -> None:
    """The look that finds the lost submission may bring its verdict, too."""
    service = FakeService(vetting=0.0, answers=deque([RESET]))
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))
    assert 2 == len(service.looked_at[customer(1)])


async def test_looks_that_show_nothing_are_in_the_book(path: Path) -> None:
    """Whoever asks later what was done for the row finds each of them, and when the last one was."""
    service = lost(*[RESET] * 3)
    await drive(path, service, [education(1)])
    with read_only(path) as view:
        [record] = view.by_state(ORIGIN, PARTNER, State.SENDING)
    assert len(service.looked_at[customer(1)]) - 1 == record.polls
    assert BASE + timedelta(seconds=service.looked_at[customer(1)][-1]) == record.last_look_at


async def test_resume_does_not_send_again(path: Path) -> None:
    """Not even what is in today's input."""
    service = lost(RESET)
    await left_unknown(path, service, [education(1)])
    assert [Outcome.UNKNOWN] == outcomes(await drive(path, service, [education(1)], command="resume"))
    assert 1 == len(service.submissions)


async def test_resume_sends_nothing(path: Path) -> None:
    """A submission of unknown fate is looked up, and stays unknown."""
    service = lost(RESET)
    await left_unknown(path, service, [education(1)])
    with read_only(path) as view:
        assert 1 == len(view.by_state(ORIGIN, PARTNER, State.SENDING))
    resumed = await drive(path, service, an_intake(), command="resume")
    assert [Outcome.UNKNOWN] == outcomes(resumed.earlier)
    assert 1 == len(service.submissions)


async def test_a_plan_looks_once_at_an_unknown_fate(path: Path) -> None:
    """It finds what shows, and waits for nobody's patience."""
    service = lost(RESET)
    await left_unknown(path, service, [education(1)])
    before = len(service.looked_at[customer(1)])
    planned = await drive(path, service, [education(1)], command="plan")
    assert [Outcome.UNKNOWN] == outcomes(planned)
    assert before + 1 == len(service.looked_at[customer(1)])


async def test_another_run_sends_what_the_first_one_sent(path: Path) -> None:
    """The same id means the same bytes: today's website is not mixed into yesterday's submission."""
    old, new = (
        QualificationRequest(customer(1), EDUCATION, EducationSegment.K12, website=site)
        for site in ("a.contoso.example", "b.contoso.example")
    )
    service = lost(RESET)
    await left_unknown(path, service, [old])
    await drive(path, service, [new], wait="0")
    assert ["a.contoso.example"] * 2 == [request.website for request, _ in service.submissions]
    assert 1 == len(set(ids(service)))


class Slow(FakeService):
    """Looks at every customer but the first take longer than the patience."""

    async def holdings(self, customer_id: str) -> tuple[Holding, ...]:
        if customer_id != customer(1):
            await asyncio.sleep(100)
        return await super().holdings(customer_id)


async def test_one_late_look_allows_no_resend(path: Path) -> None:
    """Patience runs from the first look that showed nothing, not from the start of a busy process."""
    await left_unknown(path, lost(RESET), [education(1)])
    service = Slow(codes=(ValidationCode("0012345", "", 5, 5),))
    await drive(path, service, [gcc(2), education(1)], wait="0")
    assert (1, "Education") in sent(service)
    first, *_, last = service.looked_at[customer(1)]
    assert last - first >= 60.0

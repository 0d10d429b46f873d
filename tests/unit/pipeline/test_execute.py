"""Whole runs on a virtual clock: days of vetting, minutes of patience, in no time."""

from __future__ import annotations

import asyncio
from collections import deque
from pathlib import Path

import pytest
from support.fake_service import FakeService, holding
from support.ledgers import ORIGIN, PARTNER, customer, education, gcc
from support.runs import an_intake, drive

from batchqual.errors import (
    AccessDenied,
    AlreadyThere,
    FateUnknown,
    NotFound,
    NotSent,
    Refused,
    SignInNeeded,
    TooManyFailures,
    Unavailable,
)
from batchqual.events import AnswerLost, Event, Stopping, Submitted
from batchqual.ledger import State, read_only
from batchqual.model import (
    EducationSegment,
    Outcome,
    Qualification,
    QualificationRequest,
)
from batchqual.partnercenter import ValidationCode
from batchqual.pipeline import Results, StopSwitch

pytestmark = pytest.mark.looptime

EDUCATION, GCC, SOE = Qualification.EDUCATION, Qualification.GCC, Qualification.SOE
DAY = 86400.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


def outcomes(results: Results) -> list[Outcome]:
    return [result.verdict.outcome for result in results.rows]


def codes(results: Results) -> list[str | None]:
    return [result.verdict.error_code for result in results.rows]


def soe(number: int) -> QualificationRequest:
    return QualificationRequest(customer(number), SOE)


async def test_vetting_that_takes_days_is_waited_out_with_few_looks(path: Path) -> None:
    """Three days of vetting end in approval after about a hundred looks, not thousands."""
    service = FakeService(vetting=3 * DAY)
    results = await drive(path, service, [education(1)], wait="forever")
    assert [Outcome.APPROVED] == outcomes(results)
    assert 40 < len(service.looked_at[customer(1)]) < 120
    assert 1 == len(service.submissions)


async def test_a_second_run_submits_nothing(path: Path) -> None:
    """What is settled is left alone: no look, no submission."""
    service = FakeService()
    await drive(path, service, [education(1), soe(2)])
    looks = sum(map(len, service.looked_at.values()))
    again = await drive(path, service, [education(1), soe(2)])
    assert [Outcome.APPROVED] * 2 == outcomes(again)
    assert 2 == len(service.submissions)
    assert looks == sum(map(len, service.looked_at.values()))


async def test_the_wait_ends_the_polling(path: Path) -> None:
    """Vetting that outlasts --wait leaves the row in review; a later run finds the verdict."""
    service = FakeService(vetting=2 * 3600.0)
    first = await drive(path, service, [education(1)], wait="1h")
    assert [Outcome.IN_REVIEW] == outcomes(first)
    assert service.looked_at[customer(1)][-1] <= 3600.0 + 1
    await asyncio.sleep(2 * 3600.0)
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)], wait="0"))
    assert 1 == len(service.submissions)


async def test_a_wait_of_0_looks_once_at_what_was_due(path: Path) -> None:
    """What was submitted in this run is not polled; what was in review before gets one look."""
    service = FakeService(vetting=DAY)
    await drive(path, service, [education(1)], wait="0")
    assert 1 == len(service.looked_at[customer(1)])
    await asyncio.sleep(60)
    await drive(path, service, [education(1)], wait="0")
    assert 2 == len(service.looked_at[customer(1)])


@pytest.mark.parametrize("lost", [pytest.param(True, id="never arrived"), pytest.param(False, id="arrived")])
async def test_a_lost_answer_is_looked_up_over_the_patience(path: Path, *, lost: bool) -> None:
    """What arrived is found; what did not is sent again with the same id, no sooner than patience says."""
    service = FakeService(answers=deque([FateUnknown("reset")]), lost_before_arrival=lost)
    events: list[Event] = []
    results = await drive(path, service, [education(1)], wait="0", events=events)
    assert (2 if lost else 1) == len(service.submissions)
    assert 1 == len({request_id for _, request_id in service.submissions})
    assert [AnswerLost] == [type(event) for event in events if isinstance(event, AnswerLost)]
    assert outcomes(results) == [Outcome.IN_REVIEW]
    if lost:
        assert 60.0 <= service.looked_at[customer(1)][-1]


async def test_three_sends_at_most(path: Path) -> None:
    """A service that never answers and never shows anything gets three sends, then the row is unknown."""
    service = FakeService(answers=deque([FateUnknown("500")] * 9), lost_before_arrival=True)
    results = await drive(path, service, [education(1)])
    assert [Outcome.UNKNOWN] == outcomes(results)
    assert 3 == len(service.submissions)
    assert ["fate-unknown"] == codes(results)
    again = await drive(path, service, [education(1)])
    assert [Outcome.UNKNOWN] == outcomes(again)
    assert 3 == len(service.submissions)


async def test_409_is_looked_up_and_sent_again_with_a_new_id(path: Path) -> None:
    """409 is an answer: the next send has a new id, and three of them with nothing to see are a refusal."""
    service = FakeService(
        answers=deque([AlreadyThere("exists", http_status=409)] * 9), lost_before_arrival=True
    )
    results = await drive(path, service, [education(1)])
    assert [Outcome.FAILED] == outcomes(results)
    assert 3 == len({request_id for _, request_id in service.submissions})


async def test_a_409_for_what_is_there_is_no_failure(path: Path) -> None:
    """The look decides: it shows, so it was ours all along."""
    service = FakeService(answers=deque([AlreadyThere("exists", http_status=409)]))
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))


async def test_reads_that_lag_do_not_lead_to_a_second_submission(path: Path) -> None:
    """An entry that shows half a minute late is within the patience."""
    service = FakeService(lag=30.0, answers=deque([FateUnknown("time-out")]))
    results = await drive(path, service, [education(1)])
    assert [Outcome.APPROVED] == outcomes(results)
    assert 1 == len(service.submissions)


async def test_accepted_and_never_shown_stays_in_review(path: Path) -> None:
    """It is flagged, and never sent again."""
    service = FakeService(lag=30 * DAY)
    results = await drive(path, service, [education(1)])
    assert [Outcome.IN_REVIEW] == outcomes(results)
    assert ["not-visible-yet"] == codes(results)
    assert 1 == len(service.submissions)


async def test_resume_sends_nothing(path: Path) -> None:
    """A submission of unknown fate is looked up, and stays unknown."""
    service = FakeService(answers=deque([FateUnknown("reset")]), lost_before_arrival=True)
    stop = StopSwitch()
    task = asyncio.create_task(drive(path, service, [education(1)], stop=stop))
    await asyncio.sleep(1)
    stop.press()
    await task
    with read_only(path) as view:
        assert 1 == len(view.by_state(ORIGIN, PARTNER, State.SENDING))
    service.gate.abandoned = False
    resumed = await drive(path, service, an_intake(), command="resume")
    assert [Outcome.UNKNOWN] == [result.verdict.outcome for result in resumed.earlier]
    assert 1 == len(service.submissions)


async def test_earlier_sheets_are_looked_at_and_stand_apart(path: Path) -> None:
    """A row in review that is not in today's sheet is polled, and is no row of today's."""
    service = FakeService(vetting=2 * 3600.0)
    await drive(path, service, [education(1)], wait="0")
    results = await drive(path, service, [education(2)], wait="forever")
    assert 1 == len(results.rows)
    assert [Outcome.APPROVED] == [result.verdict.outcome for result in results.earlier]


async def test_what_the_service_reverts_is_seen_twice_before_it_is_believed(path: Path) -> None:
    """Approved, then gone: denied after a second look, patience later; one odd look changes nothing."""
    service = FakeService(vetting=0)
    await drive(path, service, [education(1)])
    service.looks[customer(1)].append(())
    once = await drive(path, service, [education(1)], recheck="0")
    assert [Outcome.APPROVED] == outcomes(once)
    service.arrived.clear()
    before = len(service.looked_at[customer(1)])
    twice = await drive(path, service, [education(1)], recheck="0")
    assert [Outcome.DENIED] == outcomes(twice)
    assert "(absent)" == twice.rows[0].verdict.vetting_status
    first, second = service.looked_at[customer(1)][before:]
    assert second - first >= 60.0
    assert [Outcome.DENIED] == outcomes(await drive(path, service, [education(1)]))


async def test_in_review_before_we_asked_is_adopted(path: Path) -> None:
    """Nothing is sent; in the end it is already qualified."""
    service = FakeService()
    service.looks[customer(1)] += [(holding(EDUCATION, "InReview"),)] * 3
    service.world[customer(1)].append(holding(EDUCATION))
    assert [Outcome.ALREADY_QUALIFIED] == outcomes(await drive(path, service, [education(1)]))
    assert [] == service.submissions


async def test_a_status_nobody_knows_is_in_review_and_shown_raw(path: Path) -> None:
    """The service's list of statuses is open."""
    service = FakeService(verdict="Escalated", vetting=0)
    results = await drive(path, service, [education(1)])
    assert [Outcome.IN_REVIEW] == outcomes(results)
    assert "Escalated" == results.rows[0].verdict.vetting_status


async def test_denied_is_offered_again_only_on_request_and_the_third_with_leave(path: Path) -> None:
    """Denied stays denied; --resubmit-denied makes a second request; the third needs --allow-last-attempt."""
    service = FakeService(verdict="Denied", vetting=0)
    rows = [education(1)]
    assert [Outcome.DENIED] == outcomes(await drive(path, service, rows))
    assert [Outcome.DENIED] == outcomes(await drive(path, service, rows))
    assert 1 == len(service.submissions)
    second = await drive(path, service, rows, resubmit_denied=True)
    assert (2, 2) == (len(service.submissions), second.rows[0].verdict.attempts)
    held = await drive(path, service, rows, resubmit_denied=True)
    assert ["last-attempt"] == codes(held)
    third = await drive(path, service, rows, resubmit_denied=True, allow_last_attempt=True)
    assert (3, 3) == (len(service.submissions), third.rows[0].verdict.attempts)
    fourth = await drive(path, service, rows, resubmit_denied=True, allow_last_attempt=True)
    assert ["no-attempts-left"] == codes(fourth)
    assert 3 == len(service.submissions)
    assert 3 == len({request_id for _, request_id in service.submissions})


async def test_a_denial_found_counts_as_an_attempt(path: Path) -> None:
    """Found denied is denied, sent only on request, and then it is the second attempt."""
    service = FakeService()
    service.world[customer(1)].append(holding(EDUCATION, "Denied", reason="Not an Academic Domain"))
    found = await drive(path, service, [education(1)])
    assert ([Outcome.DENIED], 1) == (outcomes(found), found.rows[0].verdict.attempts)
    again = await drive(path, service, [education(1)], resubmit_denied=True)
    assert ([Outcome.APPROVED], 2) == (outcomes(again), again.rows[0].verdict.attempts)


async def test_the_old_denial_is_no_answer_to_the_new_request(path: Path) -> None:
    """While the service still shows the entry of before, with its date, the new request is in review."""
    service = FakeService(lag=600.0, vetting=900.0)
    old = holding(EDUCATION, "Denied", reason="Not an Academic Domain", created="2026-01-01T00:00:00Z")
    service.world[customer(1)].append(old)
    results = await drive(path, service, [education(1)], resubmit_denied=True)
    assert [Outcome.APPROVED] == outcomes(results)


async def test_content_changed_in_review_is_a_conflict_and_the_live_one_is_polled(path: Path) -> None:
    """The old value is named, nothing is sent, and the live request stands apart."""
    service = FakeService(vetting=7200.0)
    await drive(path, service, [education(1)], wait="0")
    changed = await drive(path, service, [education(1, EducationSegment.HIGHER_EDUCATION)], wait="forever")
    assert [Outcome.CONFLICT] == outcomes(changed)
    assert "K12" in (changed.rows[0].verdict.error_message or "")
    assert [Outcome.APPROVED] == [result.verdict.outcome for result in changed.earlier]
    assert 1 == len(service.submissions)


async def test_a_refusal_is_final_for_the_run_and_offered_again_in_the_next(path: Path) -> None:
    """Failed rows come back as a new request with a new id."""
    service = FakeService(
        answers=deque([Refused("no", http_status=400, error_code="3000")]), lost_before_arrival=True
    )
    first = await drive(path, service, [education(1)])
    assert ([Outcome.FAILED], ["3000"]) == (outcomes(first), codes(first))
    assert 0 == first.rows[0].verdict.attempts
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))
    assert 2 == len({request_id for _, request_id in service.submissions})


async def test_nothing_left_this_machine_means_failed_and_queued(path: Path) -> None:
    """A connection that never came about fails the row, and the next run sends it."""
    service = FakeService(answers=deque([NotSent("no route")]), lost_before_arrival=True)
    assert [Outcome.FAILED] == outcomes(await drive(path, service, [education(1)]))
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))


async def test_404_asks_for_the_customer(path: Path) -> None:
    """A customer that is there has no qualification; one that is not is not ours."""
    service = FakeService(strangers={customer(2)})
    service.looks[customer(1)].append(NotFound("nothing", http_status=404))
    results = await drive(path, service, [education(1), education(2)])
    assert [Outcome.APPROVED, Outcome.FAILED] == outcomes(results)
    assert "not-my-customer" == codes(results)[1]


async def test_404_after_an_accepted_submission_stays_in_review(path: Path) -> None:
    """It is never sent again for it."""
    service = FakeService()
    service.looks[customer(1)] += [(), NotFound("gone", http_status=404)]
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))
    assert 1 == len(service.submissions)


async def test_looks_that_fail_do_not_end_the_polling(path: Path) -> None:
    """An outage within the wait is told in a notice, and the verdict is found after it."""
    service = FakeService()
    service.looks[customer(1)] += [(), *[Unavailable("500", http_status=500)] * 7]
    results = await drive(path, service, [education(1)])
    assert [Outcome.APPROVED] == outcomes(results)
    assert ["looks-failed"] == [notice.code for notice in results.notices]


async def test_a_recheck_that_fails_changes_nothing(path: Path) -> None:
    """A settled row whose recheck got no answer stays what it was."""
    service = FakeService(vetting=0)
    await drive(path, service, [education(1)])
    service.looks[customer(1)].append(Unavailable("500", http_status=500))
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)], recheck="0"))


async def test_too_many_failures_stop_the_submitting(path: Path) -> None:
    """After twenty answers more than a quarter failed: the rest is not attempted."""
    rows = [education(number) for number in range(1, 101)]
    service = FakeService(strangers={customer(number) for number in range(1, 51)})
    results = await drive(path, service, rows, concurrency=1)
    assert isinstance(results.halted, TooManyFailures)
    assert 20 == outcomes(results).count(Outcome.FAILED)
    assert 80 == outcomes(results).count(Outcome.NOT_ATTEMPTED)
    assert [] == service.submissions


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


async def test_an_interrupt_ends_a_wait_at_once(path: Path) -> None:
    """The run comes home long before the vetting, with everything in the ledger."""
    service, stop, events = FakeService(vetting=DAY), StopSwitch(), list[Event]()
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(drive(path, service, [education(1)], stop=stop, events=events, wait="forever"))
    await asyncio.sleep(100)
    assert stop.press()
    assert not stop.press()
    results = await task
    assert loop.time() < 101
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


async def test_the_first_n_in_input_order(path: Path) -> None:
    """Rows that need nothing do not count; the rows behind are not attempted, and not even looked at."""
    rows = [education(number) for number in range(1, 30)]
    service = FakeService()
    service.world[customer(1)].append(holding(EDUCATION))
    results = await drive(path, service, rows, first=2, concurrency=2)
    assert [customer(2), customer(3)] == sorted(request.customer_id for request, _ in service.submissions)
    assert [Outcome.ALREADY_QUALIFIED, Outcome.APPROVED, Outcome.APPROVED] == outcomes(results)[:3]
    assert {"limit-first"} == set(codes(results)[3:])
    assert [] == service.looked_at[customer(20)]


async def test_gcc_codes_are_counted_before_anything_is_written(path: Path) -> None:
    """Two rows for one create: both are conflicts, with the numbers; the other code goes ahead."""
    service = FakeService(
        codes=(ValidationCode("0012345", "", 5, 1), ValidationCode("77", "", None, None)),
    )
    rows = [gcc(1), gcc(2), gcc(3, "77"), gcc(4, "nobody's")]
    results = await drive(path, service, rows)
    assert ["code-exhausted", "code-exhausted", None, "unknown-code"] == codes(results)
    assert "2 rows" in (results.rows[0].verdict.error_message or "")
    assert [customer(3)] == [request.customer_id for request, _ in service.submissions]


async def test_gcc_that_is_there_takes_no_code(path: Path) -> None:
    """One create is enough for two rows when one of them is qualified already."""
    service = FakeService(codes=(ValidationCode("0012345", "Elsewhere", 5, 1),))
    service.world[customer(1)].append(holding(GCC))
    results = await drive(path, service, [gcc(1), gcc(2)])
    assert [Outcome.ALREADY_QUALIFIED, Outcome.APPROVED] == outcomes(results)


async def test_codes_that_cannot_be_read_fail_the_rows(path: Path) -> None:
    """Nothing is sent on a guess."""
    service = FakeService(codes=Unavailable("500", http_status=500))
    results = await drive(path, service, [gcc(1), education(2)])
    assert ["codes-unreadable", None] == codes(results)


async def test_a_code_issued_to_another_name_is_a_warning(path: Path) -> None:
    """The row is sent all the same."""
    service = FakeService(codes=(ValidationCode("0012345", "Fabrikam City", 5, 5),))
    intake = an_intake(gcc(1))
    named = [
        type(row)(row.position, row.source, row.row, row.values, row.request, customer_name="Contoso")
        for row in intake.rows
    ]
    results = await drive(path, service, type(intake)((), intake.columns, tuple(named)))
    assert [Outcome.APPROVED] == outcomes(results)
    assert ["other-organization"] == [notice.code for notice in results.notices]


async def test_gcc_goes_before_state_owned(path: Path) -> None:
    """Whatever the order of the rows."""
    service = FakeService(codes=(ValidationCode("0012345", "", 5, 5),))
    results = await drive(path, service, [soe(1), gcc(1)])
    assert [GCC, SOE] == [request.qualification for request, _ in service.submissions]
    assert [Outcome.APPROVED] * 2 == outcomes(results)


async def test_state_owned_waits_for_a_gcc_that_failed(path: Path) -> None:
    """Sent now, it would bar GCC for good."""
    service = FakeService(
        codes=(ValidationCode("0012345", "", 5, 5),),
        answers=deque([Refused("no", http_status=400)]),
        lost_before_arrival=True,
    )
    results = await drive(path, service, [soe(1), gcc(1)])
    assert ["waits-for-gcc", None] == codes(results)
    assert [Outcome.NOT_ATTEMPTED, Outcome.FAILED] == outcomes(results)


async def test_rows_of_one_customer_wait_for_an_answer_of_unknown_fate(path: Path) -> None:
    """The second row is sent only after the fate of the first is known."""
    service = FakeService(answers=deque([FateUnknown("reset")]), lag=20.0)
    results = await drive(path, service, [education(1), soe(1)])
    assert [Outcome.APPROVED] * 2 == outcomes(results)
    assert [EDUCATION, SOE] == [request.qualification for request, _ in service.submissions]
    assert service.arrived[(customer(1), SOE)] >= 20.0


async def test_a_domain_of_another_customer_is_a_conflict(path: Path) -> None:
    """The row's id and domain must name one customer; a service that tells no domain decides nothing."""
    service = FakeService(domains={customer(1): "fabrikam.example"})
    rows = [
        QualificationRequest(customer(number), EDUCATION, EducationSegment.K12, domain="contoso.example")
        for number in (1, 2)
    ]
    results = await drive(path, service, rows)
    assert ["domain-differs", None] == codes(results)
    assert [Outcome.CONFLICT, Outcome.APPROVED] == outcomes(results)


async def test_a_2xx_that_refuses_in_words_is_denied(path: Path) -> None:
    """The synchronous API says no in a sentence, which becomes the reason."""
    service = FakeService(refusal="Customer tagging denied.", lost_before_arrival=True)
    service.looks[customer(1)].append(())
    results = await drive(path, service, [education(1)], api="synchronous")
    assert [Outcome.DENIED] == outcomes(results)
    assert "Customer tagging denied." == results.rows[0].verdict.vetting_reason


async def test_a_plan_looks_and_sends_nothing(path: Path) -> None:
    """What would be sent is not attempted; what is there already is found."""
    service = FakeService()
    service.world[customer(2)].append(holding(EDUCATION))
    results = await drive(path, service, [education(1), education(2)], command="plan")
    assert [Outcome.NOT_ATTEMPTED, Outcome.ALREADY_QUALIFIED] == outcomes(results)
    assert ["would-be-sent", None] == codes(results)
    assert [] == service.submissions


async def test_strict_blocks_the_writes_and_not_the_looks(path: Path) -> None:
    """A warning about the input is enough."""
    from batchqual.model import Problem

    service = FakeService(vetting=DAY)
    await drive(path, service, [education(1)], wait="0")
    await asyncio.sleep(DAY)
    intake = an_intake(education(1), education(2))
    warned = type(intake)((), intake.columns, intake.rows, (Problem("odd", "Odd.", "customers.csv"),))
    results = await drive(path, service, warned, strict=True)
    assert [Outcome.APPROVED, Outcome.NOT_ATTEMPTED] == outcomes(results)
    assert results.halted is not None
    assert "strict" == results.halted.code


async def test_a_queued_wish_takes_todays_content(path: Path) -> None:
    """A row that was never sent may change."""
    service = FakeService()
    await drive(path, service, [education(1), education(2)], first=1)
    await drive(path, service, [education(2, EducationSegment.HIGHER_EDUCATION)])
    assert EducationSegment.HIGHER_EDUCATION is service.submissions[-1][0].segment

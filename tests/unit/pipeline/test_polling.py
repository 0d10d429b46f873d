"""Looks at what is in review: rare, patient, and never a reason to send again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from support.fake_service import FakeService
from support.ledgers import customer, education
from support.results import codes, only, outcomes, sent, soe
from support.runs import drive

from batchqual.errors import NotFound, Unavailable
from batchqual.events import Event, RunStarted
from batchqual.model import Holding, Outcome, QualificationRequest
from batchqual.partnercenter import Submission

pytestmark = pytest.mark.looptime

HOUR = 3600.0
DAY = 24 * HOUR


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
    service = FakeService(vetting=2 * HOUR)
    first = await drive(path, service, [education(1)], wait="1h")
    assert [Outcome.IN_REVIEW] == outcomes(first)
    assert service.looked_at[customer(1)][-1] <= HOUR + 1
    await asyncio.sleep(2 * HOUR)
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)], wait="0"))
    assert 1 == len(service.submissions)


class SlowToAnswer(FakeService):
    """A submission is answered after forty minutes."""

    async def submit(self, request: QualificationRequest, *, request_id: str) -> Submission:
        answer = await super().submit(request, request_id=request_id)
        await asyncio.sleep(2400)
        return answer


async def test_the_wait_begins_with_the_last_answer(path: Path) -> None:
    """An hour from then, not from the start of a run that had much to submit."""
    service = SlowToAnswer(vetting=4500.0)
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)], wait="1h"))
    assert HOUR < service.looked_at[customer(1)][-1] <= 2400 + HOUR


async def test_a_wait_of_0_looks_once_at_what_was_due(path: Path) -> None:
    """What was submitted in this run is not polled; what was in review before gets one look."""
    service = FakeService(vetting=DAY)
    await drive(path, service, [education(1)], wait="0")
    assert 1 == len(service.looked_at[customer(1)])
    await asyncio.sleep(60)
    await drive(path, service, [education(1)], wait="0")
    assert 2 == len(service.looked_at[customer(1)])


@pytest.mark.parametrize(
    ("pause", "wait", "customers"),
    [
        pytest.param(0, "0", 0, id="nothing is due yet"),
        pytest.param(0, "8h", 2, id="due within the wait"),
        pytest.param(60, "0", 2, id="due now"),
    ],
)
async def test_customers_to_look_at_are_those_that_are_due(
    path: Path, pause: float, wait: str, customers: int
) -> None:
    """What is said at the start is what is done."""
    service, events = FakeService(vetting=DAY), list[Event]()
    rows = [education(1), education(2)]
    await drive(path, service, rows, wait="0")
    await asyncio.sleep(pause)
    before = sum(map(len, service.looked_at.values()))
    await drive(path, service, rows, events=events, wait=wait)
    [started] = [event for event in events if isinstance(event, RunStarted)]
    assert customers == started.customers
    assert (customers > 0) == (sum(map(len, service.looked_at.values())) > before)


async def test_with_first_zero_nobody_is_looked_at_who_was_never_sent(path: Path) -> None:
    """Looks alone, at what is open."""
    service, events = FakeService(), list[Event]()
    await drive(path, service, [education(1)], events=events, first=0)
    assert [0] == [event.customers for event in events if isinstance(event, RunStarted)]
    assert {} == dict(service.looked_at)


async def test_a_run_right_after_another_keeps_the_distance_of_looks(path: Path) -> None:
    """What was looked at a moment ago, by another run, is not due yet."""
    service = FakeService(vetting=DAY)
    await drive(path, service, [education(1)], wait="0")
    await drive(path, service, [education(1)], wait="29s")
    assert 1 == len(service.looked_at[customer(1)])
    await drive(path, service, [education(1)], wait="30s")
    assert [0.0, 30.0] == service.looked_at[customer(1)]


async def test_a_status_nobody_knows_is_in_review_and_shown_raw(path: Path) -> None:
    """The service's list of statuses is open."""
    service = FakeService(verdict="Escalated", vetting=0)
    results = await drive(path, service, [education(1)])
    assert [Outcome.IN_REVIEW] == outcomes(results)
    assert "Escalated" == only(results).vetting_status


async def test_accepted_and_never_shown_stays_in_review(path: Path) -> None:
    """It is flagged, and never sent again."""
    service = FakeService(lag=30 * DAY)
    results = await drive(path, service, [education(1)])
    assert [Outcome.IN_REVIEW] == outcomes(results)
    assert ["not-visible-yet"] == codes(results)
    assert 1 == len(service.submissions)


async def test_404_after_an_accepted_submission_stays_in_review(path: Path) -> None:
    """It is never sent again for it."""
    service = FakeService()
    service.looks[customer(1)] += [(), NotFound("gone", http_status=404)]
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))
    assert 1 == len(service.submissions)


async def test_a_customer_that_is_gone_after_an_accepted_submission_is_flagged(path: Path) -> None:
    """404 for all that is asked of it: the row stays in review, and says that it does not show."""
    service = FakeService(strangers={customer(1)})
    service.looks[customer(1)].append(())
    results = await drive(path, service, [education(1)])
    assert [Outcome.IN_REVIEW] == outcomes(results)
    assert ["not-visible-yet"] == codes(results)
    assert 1 == len(service.submissions)


async def test_looks_that_fail_do_not_end_the_polling(path: Path) -> None:
    """An outage within the wait is told in a notice, and the verdict is found after it."""
    service = FakeService()
    service.looks[customer(1)] += [(), *[Unavailable("500", http_status=500)] * 7]
    results = await drive(path, service, [education(1)])
    assert [Outcome.APPROVED] == outcomes(results)
    assert ["looks-failed"] == [notice.code for notice in results.notices]


class DownFor(FakeService):
    """Looks between the 50th and the 150th minute meet 503."""

    async def holdings(self, customer_id: str) -> tuple[Holding, ...]:
        if 3000 < asyncio.get_running_loop().time() < 9000:
            raise Unavailable("down for maintenance", http_status=503)
        return await super().holdings(customer_id)


async def test_an_outage_of_hours_ends_no_wait_of_hours(path: Path) -> None:
    """Vetting that settles long after an outage is found by the run that waits for it, with one notice."""
    service = DownFor(vetting=4 * HOUR)
    results = await drive(path, service, [education(1)], wait="8h")
    assert [Outcome.APPROVED] == outcomes(results)
    assert ["looks-failed"] == [notice.code for notice in results.notices]
    assert [(1, "Education")] == sent(service)


async def test_earlier_sheets_are_looked_at_and_stand_apart(path: Path) -> None:
    """A row in review that is not in today's sheet is polled, and is no row of today's."""
    service = FakeService(vetting=2 * HOUR)
    await drive(path, service, [education(1)], wait="0")
    results = await drive(path, service, [education(2)], wait="forever")
    assert 1 == len(results.rows)
    assert [Outcome.APPROVED] == outcomes(results.earlier)


async def test_a_notice_about_an_earlier_sheet_has_no_row_of_todays(path: Path) -> None:
    """An outage over a wish that is not in the input is told without a place."""
    service = FakeService(vetting=2 * HOUR)
    await drive(path, service, [education(1)], wait="0")
    await asyncio.sleep(60)
    service.looks[customer(1)] += [Unavailable("500", http_status=500)] * 5
    results = await drive(path, service, [], wait="forever")
    assert [("looks-failed", None)] == [(notice.code, notice.row) for notice in results.notices]
    assert [Outcome.APPROVED] == outcomes(results.earlier)

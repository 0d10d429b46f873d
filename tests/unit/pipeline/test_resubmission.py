"""Denied, and asked for again: only on request, three times per customer, and old denials are no news."""

from __future__ import annotations

import asyncio
from collections import deque
from pathlib import Path

import pytest
from support.fake_service import FakeService, holding
from support.ledgers import customer, education
from support.results import codes, ids, only, outcomes
from support.runs import drive

from batchqual.errors import FateUnknown, NotSent, Refused
from batchqual.events import Event, RunStarted
from batchqual.model import Holding, Outcome, Qualification

pytestmark = pytest.mark.looptime

EDUCATION = Qualification.EDUCATION
ROWS = [education(1)]
DAY = 86400.0


def denial(created: str | None = None) -> Holding:
    """Education, denied."""
    return holding(EDUCATION, "Denied", reason="Not an Academic Domain", created=created)


async def test_denied_is_offered_again_only_on_request_and_the_third_with_leave(path: Path) -> None:
    """Denied stays denied; --resubmit-denied makes a second request; the third needs --allow-last-attempt."""
    service = FakeService(verdict="Denied", vetting=0)
    assert [Outcome.DENIED] == outcomes(await drive(path, service, ROWS))
    assert [Outcome.DENIED] == outcomes(await drive(path, service, ROWS))
    assert 1 == len(service.submissions)
    second = await drive(path, service, ROWS, resubmit_denied=True)
    assert (2, 2) == (len(service.submissions), only(second).attempts)
    held = await drive(path, service, ROWS, resubmit_denied=True)
    assert ["last-attempt"] == codes(held)
    third = await drive(path, service, ROWS, resubmit_denied=True, allow_last_attempt=True)
    assert (3, 3) == (len(service.submissions), only(third).attempts)
    fourth = await drive(path, service, ROWS, resubmit_denied=True, allow_last_attempt=True)
    assert ["no-attempts-left"] == codes(fourth)
    assert 3 == len(service.submissions)
    assert 3 == len(set(ids(service)))


async def test_what_may_not_be_asked_for_again_is_not_announced(path: Path) -> None:
    """The ledger knows that nothing will be sent; the row beside it is announced."""
    service = FakeService(verdict="Denied", vetting=0)

    async def announced(*numbers: int, again: bool = True, last: bool = False) -> list[int]:
        events: list[Event] = []
        rows = [education(number) for number in numbers]
        await drive(path, service, rows, events=events, resubmit_denied=again, allow_last_attempt=last)
        return [event.sendable for event in events if isinstance(event, RunStarted)]

    assert [1] == await announced(1, again=False)
    assert [1] == await announced(1)
    assert [0] == await announced(1)
    assert [1] == await announced(1, 2)
    assert [2] == await announced(1, 2, last=True)
    assert [0] == await announced(1, last=True)
    assert 5 == len(service.submissions)


async def test_a_denial_that_does_not_show_any_more_is_not_asked_for_again_unasked(path: Path) -> None:
    """A service that has forgotten it leaves it what it was."""
    service = FakeService(verdict="Denied", vetting=0)
    await drive(path, service, ROWS)
    service.arrived.clear()
    assert [Outcome.DENIED] == outcomes(await drive(path, service, ROWS))
    assert 1 == len(service.submissions)


async def test_each_customer_has_attempts_of_its_own(path: Path) -> None:
    """Two customers, denied once each: both have their second request, and none needs leave for it."""
    service = FakeService(verdict="Denied", vetting=0)
    rows = [education(1), education(2)]
    await drive(path, service, rows)
    again = await drive(path, service, rows, resubmit_denied=True)
    assert [2, 2] == [result.verdict.attempts for result in again.rows]
    assert 4 == len(service.submissions)


async def test_a_denial_found_counts_as_an_attempt(path: Path) -> None:
    """Found denied is denied, sent only on request, and then it is the second attempt."""
    service = FakeService()
    service.world[customer(1)].append(denial())
    found = await drive(path, service, ROWS)
    assert ([Outcome.DENIED], 1) == (outcomes(found), only(found).attempts)
    again = await drive(path, service, ROWS, resubmit_denied=True)
    assert ([Outcome.APPROVED], 2) == (outcomes(again), only(again).attempts)


async def test_the_old_denial_is_no_answer_to_the_new_request(path: Path) -> None:
    """While the service still shows the entry of before, with its date, the new request is in review."""
    service = FakeService(lag=600.0, vetting=900.0)
    service.world[customer(1)].append(denial("2026-01-01T00:00:00Z"))
    results = await drive(path, service, ROWS, resubmit_denied=True)
    assert [Outcome.APPROVED] == outcomes(results)


async def test_a_new_denial_beside_the_old_one_is_an_answer(path: Path) -> None:
    """The lost submission did arrive: a denial with another date says so, and nothing is sent again."""
    service = FakeService(answers=deque([FateUnknown("reset")]), lost_before_arrival=True)
    old, new = denial("2026-01-01T00:00:00Z"), denial("2026-11-20T08:00:00Z")
    service.looks[customer(1)].append((old,))
    service.world[customer(1)] += [old, new]
    results = await drive(path, service, ROWS, resubmit_denied=True, wait="0")
    assert [Outcome.DENIED] == outcomes(results)
    assert (1, 2) == (len(service.submissions), only(results).attempts)


async def test_a_denial_for_another_reason_is_an_answer(path: Path) -> None:
    """Without any dates the words tell the new verdict from the old."""
    service = FakeService(lag=30 * DAY)
    service.looks[customer(1)].append((denial(),))
    service.world[customer(1)].append(holding(EDUCATION, "Denied", reason="Not a school"))
    results = await drive(path, service, ROWS, resubmit_denied=True)
    assert ([Outcome.DENIED], "Not a school") == (outcomes(results), only(results).vetting_reason)


async def test_the_same_words_without_a_date_are_believed_after_the_patience(path: Path) -> None:
    """Decided so: to believe too much after a lost answer costs a row, to send again could send twice."""
    service = FakeService(answers=deque([FateUnknown("reset"), None]), lost_before_arrival=True)
    service.world[customer(1)].append(denial())
    results = await drive(path, service, ROWS, resubmit_denied=True)
    assert [Outcome.DENIED] == outcomes(results)
    assert (1, 2) == (len(service.submissions), only(results).attempts)
    assert asyncio.get_running_loop().time() >= 60.0


async def test_the_same_date_is_believed_after_a_day(path: Path) -> None:
    """A service that keeps the first date on the second verdict is not waited for in vain."""
    service = FakeService(lag=30 * DAY)
    service.world[customer(1)].append(denial("2026-01-01T00:00:00Z"))
    results = await drive(path, service, ROWS, resubmit_denied=True, wait="forever")
    assert [Outcome.DENIED] == outcomes(results)
    assert DAY <= asyncio.get_running_loop().time() < DAY + 3600


async def test_a_resubmission_that_never_left_is_no_attempt(path: Path) -> None:
    """Nothing reached the service, so the second attempt is still to be had, without a special word."""
    service = FakeService(verdict="Denied", vetting=0)
    await drive(path, service, ROWS)
    service.answers.append(NotSent("no route"))
    unsent = await drive(path, service, ROWS, resubmit_denied=True)
    assert ([Outcome.FAILED], ["not-sent"], 1) == (outcomes(unsent), codes(unsent), only(unsent).attempts)
    again = await drive(path, service, ROWS, resubmit_denied=True)
    assert ([Outcome.DENIED], 2) == (outcomes(again), only(again).attempts)


async def test_a_resubmission_that_never_left_needs_the_flag_again(path: Path) -> None:
    """The next run without --resubmit-denied sends nothing, even when the service shows no denial."""
    service = FakeService(verdict="Denied", vetting=0, lost_before_arrival=True)
    await drive(path, service, ROWS)
    service.answers.append(NotSent("no route"))
    await drive(path, service, ROWS, resubmit_denied=True)
    service.arrived.clear()
    before = len(service.submissions)
    results = await drive(path, service, ROWS)
    assert ([Outcome.DENIED], before) == (outcomes(results), len(service.submissions))


async def test_a_refused_resubmission_does_not_count_the_denial_twice(path: Path) -> None:
    """Refusals are no attempts, and what stands afterwards is the one denial of before."""
    service = FakeService(verdict="Denied", vetting=0)
    await drive(path, service, ROWS)
    service.answers.append(Refused("no", http_status=400))
    assert [Outcome.FAILED] == outcomes(await drive(path, service, ROWS, resubmit_denied=True))
    results = await drive(path, service, ROWS)
    assert ([Outcome.DENIED], 1) == (outcomes(results), only(results).attempts)


async def test_a_resubmission_after_refused_ones_still_knows_the_old_denial(path: Path) -> None:
    """The denial of three requests ago is no answer to today's."""
    service = FakeService(lag=600.0, vetting=900.0)
    service.world[customer(1)].append(denial("2026-01-01T00:00:00Z"))
    service.answers += [Refused("no", http_status=400)] * 2
    service.lost_before_arrival = True
    for _ in range(2):
        assert [Outcome.FAILED] == outcomes(await drive(path, service, ROWS, resubmit_denied=True))
    results = await drive(path, service, ROWS, resubmit_denied=True)
    assert ([Outcome.APPROVED], 2) == (outcomes(results), only(results).attempts)


async def test_the_last_attempt_is_not_spent_on_a_resend(path: Path) -> None:
    """A lost answer to the second request is sent again as the same request, which needs no leave."""
    service = FakeService(answers=deque([FateUnknown("reset")]), lost_before_arrival=True)
    service.world[customer(1)].append(denial("2026-01-01T09:30:00Z"))
    await drive(path, service, ROWS)
    results = await drive(path, service, ROWS, resubmit_denied=True)
    assert ([Outcome.APPROVED], 2) == (outcomes(results), only(results).attempts)
    assert (2, 1) == (len(ids(service)), len(set(ids(service))))

"""An entry None with a status speaks of one of the customer's requests, and does not say of which."""

from __future__ import annotations

import asyncio
from collections import deque
from pathlib import Path

import pytest
from support.fake_service import FakeService, holding
from support.ledgers import customer, education, gcc
from support.results import left_unknown, only, outcomes, sent, soe
from support.runs import drive

from batchqual.errors import FateUnknown
from batchqual.model import NONE, Holding, Outcome, Qualification, QualificationRequest, VettingStatus
from batchqual.partnercenter import ValidationCode

pytestmark = pytest.mark.looptime

EDUCATION, GCC, SOE = Qualification.EDUCATION, Qualification.GCC, Qualification.SOE
ENOUGH = (ValidationCode("0012345", "", 5, 5),)


def nameless(
    status: VettingStatus = VettingStatus.DENIED,
    reason: str | None = "No school.",
    created: str | None = None,
) -> Holding:
    """An entry None, as the wire gives it."""
    named = holding(EDUCATION, status.value, reason=reason, created=created)
    return Holding(None, NONE, status, status.value, reason, named.created_at, created)


IN_REVIEW = nameless(VettingStatus.IN_REVIEW, None)


@pytest.mark.parametrize("request_", [education(1), gcc(1)], ids=["education", "gcc"])
async def test_it_is_the_denial_of_the_request_that_is_waited_for(
    path: Path, request_: QualificationRequest
) -> None:
    """One look is enough, as for a denial with a name; nothing is sent again."""
    service = FakeService(codes=ENOUGH, lag=1e9)
    service.looks[customer(1)].append(())
    service.world[customer(1)].append(nameless())
    results = await drive(path, service, [request_])
    assert [Outcome.DENIED] == outcomes(results)
    assert ("Denied", "No school.") == (only(results).vetting_status, only(results).vetting_reason)
    assert 1 == len(service.submissions)


async def test_it_is_never_that_of_state_owned_entity(path: Path) -> None:
    """Which has no vetting: somebody else has asked for Education, and this row waits until it shows."""
    service = FakeService(lag=1e9)
    service.looks[customer(1)].append(())
    service.world[customer(1)].append(nameless())
    results = await drive(path, service, [soe(1)])
    assert [Outcome.IN_REVIEW] == outcomes(results)
    assert 1 == len(service.submissions)


async def test_it_is_not_that_of_a_gcc_submission_that_may_never_have_arrived(path: Path) -> None:
    """Somebody else's Education was denied, and ours was lost on its way: it is sent again, with its ID."""
    service = FakeService(answers=deque([FateUnknown("reset")]), lost_before_arrival=True, codes=ENOUGH)
    await left_unknown(path, service, [gcc(1)])
    service.world[customer(1)].append(nameless())
    results = await drive(path, service, [gcc(1)])
    assert [Outcome.APPROVED] == outcomes(results)
    assert 2 == len(service.submissions)
    assert 1 == len({request_id for _, request_id in service.submissions})


async def test_it_finds_a_submission_whose_answer_was_lost(path: Path) -> None:
    """It has arrived, and was denied; sending it again would be an attempt more."""
    service = FakeService(answers=deque([FateUnknown("reset")]), lost_before_arrival=True)
    await left_unknown(path, service, [education(1)])
    service.world[customer(1)].append(nameless())
    results = await drive(path, service, [education(1)])
    assert ([Outcome.DENIED], 1) == (outcomes(results), only(results).attempts)
    assert 1 == len(service.submissions)


async def test_one_in_review_finds_a_submission_whose_answer_was_lost(path: Path) -> None:
    """Something of the customer's is in review: it has arrived, and is waited for."""
    service = FakeService(answers=deque([FateUnknown("reset")]), lost_before_arrival=True)
    await left_unknown(path, service, [education(1)])
    service.world[customer(1)].append(IN_REVIEW)
    assert [Outcome.IN_REVIEW] == outcomes(await drive(path, service, [education(1)]))
    assert 1 == len(service.submissions)


@pytest.mark.parametrize("beside", [gcc(1), soe(1)], ids=["gcc", "soe"])
async def test_before_we_ask_it_is_the_denial_of_education(path: Path, beside: QualificationRequest) -> None:
    """Vetting has to do with Education: its row is denied and sends nothing, any other row is sent."""
    service = FakeService(codes=ENOUGH)
    service.world[customer(1)].append(nameless())
    service.world[customer(2)].append(nameless())
    results = await drive(path, service, [education(2), beside], poll_min="61s")
    assert [Outcome.DENIED, Outcome.APPROVED] == outcomes(results)
    assert [(1, beside.qualification.short)] == sent(service)
    assert 1 == results.rows[0].verdict.attempts


async def test_a_denial_that_was_there_is_not_that_of_the_new_request(path: Path) -> None:
    """It shows while the new one does not: the row waits, in this run and the next, as long as reads may
    lag."""
    service = FakeService(lag=50.0, codes=ENOUGH)
    service.world[customer(1)].append(nameless())
    assert [Outcome.IN_REVIEW] == outcomes(await drive(path, service, [gcc(1)], wait="20s"))
    await asyncio.sleep(20)
    assert [Outcome.IN_REVIEW] == outcomes(await drive(path, service, [gcc(1)], wait="0"))
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [gcc(1)]))


async def test_after_a_resubmission_it_is_held_against_the_denial_before(path: Path) -> None:
    """The same words without a date are old for a patience, and then those of the new request."""
    service = FakeService(vetting=1e9, lag=1e9)
    service.world[customer(1)].append(nameless())
    rows = [education(1)]
    assert [Outcome.IN_REVIEW] == outcomes(await drive(path, service, rows, wait="40s", resubmit_denied=True))
    assert [Outcome.DENIED] == outcomes(await drive(path, service, rows, wait="40s"))
    assert [(1, "Education")] == sent(service)


async def test_a_date_before_the_submission_makes_it_an_older_one(path: Path) -> None:
    """A later process, too, can tell by that, give or take a day for clocks that differ."""
    service = FakeService(lag=1e9, codes=ENOUGH)
    await drive(path, service, [gcc(1)], wait="0")
    await asyncio.sleep(61)
    service.looks[customer(1)] += [(nameless(created="2026-11-18T08:00:00Z"),)]
    assert [Outcome.IN_REVIEW] == outcomes(await drive(path, service, [gcc(1)], wait="0"))
    await asyncio.sleep(60)
    service.looks[customer(1)] += [(nameless(created="2026-11-20T08:00:00Z"),)]
    assert [Outcome.DENIED] == outcomes(await drive(path, service, [gcc(1)], wait="0"))


async def test_of_two_that_are_waited_for_it_is_educations(path: Path) -> None:
    """StateOwnedEntity shows no status (Partner Center docs): the other one is told."""
    service = FakeService(lag=1e9)
    await drive(path, service, [education(1), soe(1)], wait="0")
    await asyncio.sleep(61)
    service.world[customer(1)].append(nameless())
    results = await drive(path, service, [education(1), soe(1)], wait="0")
    assert [Outcome.DENIED, Outcome.IN_REVIEW] == outcomes(results)


async def test_no_other_request_is_denied_by_the_denial_of_an_education_that_the_ledger_knows(
    path: Path,
) -> None:
    """Today's sheet does not have the Education row any more; its denial still shows, without a name."""
    service = FakeService(lag=1e9)
    service.looks[customer(1)] += [(), (nameless(),)]
    assert [Outcome.DENIED] == outcomes(await drive(path, service, [education(1)], wait="31s"))
    service.world[customer(1)].append(nameless(reason="Other words."))
    service.looks[customer(1)].append(())
    results = await drive(path, service, [soe(1)], wait="5m")
    assert [Outcome.IN_REVIEW] == outcomes(results)


async def test_it_says_nothing_of_what_is_named_beside_it(path: Path) -> None:
    """Education is approved by name: the denial beside it is not its, and takes no grant away."""
    service = FakeService(vetting=0)
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))
    service.world[customer(1)].append(nameless())
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)], recheck="0"))


async def test_a_grant_that_turned_into_it_is_taken_back_with_its_words(path: Path) -> None:
    """Seen twice, patience apart, like any other."""
    service = FakeService(vetting=0)
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))
    service.arrived.clear()
    service.world[customer(1)].append(nameless(reason="No longer an Education Customer"))
    results = await drive(path, service, [education(1)], recheck="0")
    assert ([Outcome.DENIED], "No longer an Education Customer") == (
        outcomes(results),
        only(results).vetting_reason,
    )


async def test_one_in_review_is_adopted_before_we_ask(path: Path) -> None:
    """Somebody else has asked: nothing is sent on top of it, and GCC cannot be set beside it."""
    service = FakeService(codes=ENOUGH)
    for number in (1, 2):
        service.world[customer(number)].append(IN_REVIEW)
    results = await drive(path, service, [education(1), gcc(2)], wait="0")
    assert [Outcome.IN_REVIEW, Outcome.CONFLICT] == outcomes(results)
    assert [] == service.submissions


async def test_gcc_that_is_in_review_without_a_name_keeps_education_back(path: Path) -> None:
    """The two exclude each other, whoever names which."""
    service = FakeService(lag=1e9, codes=ENOUGH)
    await drive(path, service, [gcc(1)], wait="0")
    service.world[customer(1)].append(IN_REVIEW)
    results = await drive(path, service, [education(1)], wait="0")
    assert [Outcome.CONFLICT] == outcomes(results)
    assert [(1, "GCC")] == sent(service)

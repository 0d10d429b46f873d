"""The first look at a customer: what is there is adopted, what is not is sent, and a plan only says so."""

from __future__ import annotations

import asyncio
from collections import deque
from pathlib import Path

import pytest
from support.fake_service import FakeService, holding
from support.ledgers import customer, education
from support.results import codes, only, outcomes, sent, soe
from support.runs import drive

from batchqual.errors import CallFailed, NotFound, NotSent, Refused, Unavailable
from batchqual.model import EducationSegment, Holding, Outcome, Qualification, QualificationRequest
from batchqual.partnercenter import Customer
from batchqual.partnercenter.wire import read_holdings

pytestmark = pytest.mark.looptime

EDUCATION = Qualification.EDUCATION
IN_REVIEW = (holding(EDUCATION, "InReview"),)


async def test_in_review_before_we_asked_is_adopted(path: Path) -> None:
    """Nothing is sent; in the end it is already qualified."""
    service = FakeService()
    service.looks[customer(1)] += [IN_REVIEW] * 3
    service.world[customer(1)].append(holding(EDUCATION))
    assert [Outcome.ALREADY_QUALIFIED] == outcomes(await drive(path, service, [education(1)]))
    assert [] == service.submissions


async def test_an_adopted_review_that_vanishes_was_never_accepted_from_us(path: Path) -> None:
    """The row says that it does not show any more, and claims no submission; in the end it is denied."""
    service = FakeService()
    service.looks[customer(1)].append(IN_REVIEW)
    results = await drive(path, service, [education(1)], wait="40s")
    assert ([Outcome.IN_REVIEW], ["no-longer-visible"]) == (outcomes(results), codes(results))
    assert "accepted" not in (only(results).error_message or "")
    results = await drive(path, service, [education(1)])
    assert ([Outcome.DENIED], "(absent)") == (outcomes(results), only(results).vetting_status)
    assert 1 == only(results).attempts
    assert [] == service.submissions


async def test_a_denial_in_another_spelling_is_a_denial(path: Path) -> None:
    """Whatever the wire says, the ledger knows a denial by one word, in this run and the next."""
    service = FakeService()
    read = read_holdings(b'[{"qualification":"Education","vettingStatus":"denied."}]')
    assert isinstance(read, tuple)
    service.world[customer(1)] += read
    assert [Outcome.DENIED] == outcomes(await drive(path, service, [education(1)]))
    assert [Outcome.DENIED] == outcomes(await drive(path, service, [education(1)]))
    assert [] == service.submissions


async def test_404_asks_for_the_customer(path: Path) -> None:
    """A customer that is there has no qualification; one that is not is not ours."""
    service = FakeService(strangers={customer(2)})
    service.looks[customer(1)].append(NotFound("nothing", http_status=404))
    results = await drive(path, service, [education(1), education(2)])
    assert [Outcome.APPROVED, Outcome.FAILED] == outcomes(results)
    assert "not-my-customer" == codes(results)[1]


class NobodyIsOurs(FakeService):
    """Asked for the customer, it says that somebody else has it."""

    async def customer(self, customer_id: str) -> Customer:
        raise Refused("no", http_status=403)


async def test_403_for_the_customer_is_no_leave_to_send(path: Path) -> None:
    """After 404 to the look: it is not ours, so the row has failed."""
    service = NobodyIsOurs()
    service.looks[customer(1)].append(NotFound("nothing", http_status=404))
    results = await drive(path, service, [education(1)])
    assert ([Outcome.FAILED], ["not-my-customer"]) == (outcomes(results), codes(results))
    assert [] == service.submissions


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        pytest.param(Unavailable("500", http_status=500), "retries-exhausted", id="retries ran out"),
        pytest.param(NotSent("no route"), "retries-exhausted", id="no connection"),
        pytest.param(Refused("no", http_status=403), "not-my-customer", id="refused"),
        pytest.param(Refused("no", http_status=403, error_code="2000"), "2000", id="refused with a code"),
    ],
)
async def test_a_look_that_fails_fails_the_unsent_row(path: Path, failure: CallFailed, code: str) -> None:
    """A refused look is final, others are made three times; without one nothing is sent. The next run offers
    the row again."""
    service = FakeService()
    service.looks[customer(1)] += [failure] * (1 if isinstance(failure, Refused) else 3)
    results = await drive(path, service, [education(1)])
    assert ([Outcome.FAILED], [code]) == (outcomes(results), codes(results))
    assert [] == service.submissions
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))


async def test_an_unsent_row_outlives_a_passing_fault(path: Path) -> None:
    """Two looks without an answer cost it nothing but the time."""
    service = FakeService()
    service.looks[customer(1)] += [Unavailable("500", http_status=500), NotSent("no route")]
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))


class KnowsNobodysDomain(FakeService):
    """The look-up of a customer fails."""

    async def customer(self, customer_id: str) -> Customer:
        raise Unavailable("500", http_status=500)


async def test_a_domain_that_cannot_be_checked_fails_its_row_alone(path: Path) -> None:
    """The customer's other row names no domain, and is sent."""
    claimed = QualificationRequest(customer(1), EDUCATION, EducationSegment.K12, domain="contoso.example")
    service = KnowsNobodysDomain()
    results = await drive(path, service, [claimed, soe(1)])
    assert ["retries-exhausted", None] == codes(results)
    assert [(1, "StateOwnedEntity")] == sent(service)


async def test_a_refusal_is_final_for_the_run_and_offered_again_in_the_next(path: Path) -> None:
    """Failed rows come back as a new request with a new id."""
    service = FakeService(
        answers=deque([Refused("no", http_status=400, error_code="3000")]), lost_before_arrival=True
    )
    first = await drive(path, service, [education(1)])
    assert ([Outcome.FAILED], ["3000"]) == (outcomes(first), codes(first))
    assert 0 == only(first).attempts
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))
    assert 2 == len({request_id for _, request_id in service.submissions})


async def test_nothing_left_this_machine_means_failed_and_queued(path: Path) -> None:
    """A connection that never came about fails the row, and the next run sends it."""
    service = FakeService(answers=deque([NotSent("no route")]), lost_before_arrival=True)
    assert [Outcome.FAILED] == outcomes(await drive(path, service, [education(1)]))
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))


async def test_a_2xx_that_refuses_in_words_is_denied(path: Path) -> None:
    """The synchronous API says no in a sentence, which becomes the reason."""
    service = FakeService(refusal="Customer tagging denied.", lost_before_arrival=True)
    service.looks[customer(1)].append(())
    results = await drive(path, service, [education(1)], api="synchronous")
    assert [Outcome.DENIED] == outcomes(results)
    assert "Customer tagging denied." == only(results).vetting_reason


async def test_a_plan_looks_and_sends_nothing(path: Path) -> None:
    """What would be sent is not attempted; what is there already is found."""
    service = FakeService()
    service.world[customer(2)].append(holding(EDUCATION))
    results = await drive(path, service, [education(1), education(2)], command="plan")
    assert [Outcome.NOT_ATTEMPTED, Outcome.ALREADY_QUALIFIED] == outcomes(results)
    assert ["would-be-sent", None] == codes(results)
    assert [] == service.submissions


async def test_a_plan_waits_for_no_vetting(path: Path) -> None:
    """One look at what is in review, whatever --wait says."""
    service = FakeService(vetting=86400.0)
    await drive(path, service, [education(1)], wait="0")
    await asyncio.sleep(3600)
    planned = await drive(path, service, [education(1)], command="plan", wait="8h")
    assert [Outcome.IN_REVIEW] == outcomes(planned)
    assert 2 == len(service.looked_at[customer(1)])


class SlowFor3(FakeService):
    """Looks at the third customer take eleven minutes."""

    async def holdings(self, customer_id: str) -> tuple[Holding, ...]:
        if customer_id == customer(3):
            await asyncio.sleep(660)
        return await super().holdings(customer_id)


async def test_a_look_that_has_grown_old_is_made_again(path: Path) -> None:
    """What a survey saw serves the submission for ten minutes, not for an afternoon."""
    service = SlowFor3()
    service.looks[customer(1)].append(())
    service.world[customer(1)].append(holding(EDUCATION))
    rows = [education(1), education(2), education(3)]
    results = await drive(path, service, rows, first=3, concurrency=3)
    assert [Outcome.ALREADY_QUALIFIED, Outcome.APPROVED, Outcome.APPROVED] == outcomes(results)
    assert [(2, "Education"), (3, "Education")] == sorted(sent(service))

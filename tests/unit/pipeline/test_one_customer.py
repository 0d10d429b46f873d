"""Several wishes of one customer: what goes first, what excludes what, and what counts as held."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from pathlib import Path

import pytest
from support.fake_service import FakeService, holding
from support.ledgers import customer, education, gcc
from support.results import codes, left_unknown, outcomes, sent, soe
from support.runs import an_intake, drive

from batchqual.errors import AccessDenied, FateUnknown, Refused
from batchqual.model import InputRow, Outcome, Qualification, QualificationRequest
from batchqual.partnercenter import ValidationCode

pytestmark = pytest.mark.looptime

EDUCATION, GCC, SOE = Qualification.EDUCATION, Qualification.GCC, Qualification.SOE
ENOUGH = (ValidationCode("0012345", "", 5, 5),)
RESET = FateUnknown("reset")


async def test_gcc_goes_before_state_owned(path: Path) -> None:
    """Whatever the order of the rows."""
    service = FakeService(codes=ENOUGH)
    results = await drive(path, service, [soe(1), gcc(1)])
    assert [(1, "GCC"), (1, "StateOwnedEntity")] == sent(service)
    assert [Outcome.APPROVED] * 2 == outcomes(results)


async def test_state_owned_waits_for_a_gcc_that_failed(path: Path) -> None:
    """Sent now, it would bar GCC for good."""
    service = FakeService(
        codes=ENOUGH, answers=deque([Refused("no", http_status=400)]), lost_before_arrival=True
    )
    results = await drive(path, service, [soe(1), gcc(1)])
    assert ["waits-for-gcc", None] == codes(results)
    assert [Outcome.NOT_ATTEMPTED, Outcome.FAILED] == outcomes(results)


async def test_state_owned_does_not_wait_for_a_gcc_that_can_never_be(path: Path) -> None:
    """The customer holds Education: its GCC row is a conflict for good, and StateOwnedEntity goes with it."""
    service = FakeService(codes=ENOUGH)
    service.world[customer(1)].append(holding(EDUCATION))
    results = await drive(path, service, [gcc(1), soe(1)])
    assert ["other-qualification-held", None] == codes(results)
    assert [Outcome.CONFLICT, Outcome.APPROVED] == outcomes(results)


@pytest.mark.parametrize(
    ("preset", "request_known"),
    [
        pytest.param(Outcome.CONFLICT, True, id="in conflict with another row"),
        pytest.param(Outcome.INVALID, False, id="not valid"),
    ],
)
async def test_state_owned_waits_for_a_gcc_row_that_could_not_be_taken(
    path: Path, preset: Outcome, request_known: bool
) -> None:
    """The user wants GCC for the customer and will correct the row; StateOwnedEntity would bar it."""
    service, intake = FakeService(), an_intake(soe(1), gcc(1))
    doubted = replace(
        intake.rows[1],
        preset=preset,
        request=intake.rows[1].request if request_known else None,
        customer_id=customer(1),
        qualification=GCC.value,
    )
    results = await drive(path, service, replace(intake, rows=(intake.rows[0], doubted)))
    assert "waits-for-gcc" == codes(results)[0]
    assert [Outcome.NOT_ATTEMPTED, preset] == outcomes(results)
    assert [] == sent(service)


async def test_state_owned_does_not_wait_for_a_gcc_row_that_says_the_same_twice(path: Path) -> None:
    """A duplicate is in nobody's way: the row that it repeats is there."""
    service = FakeService(codes=ENOUGH)
    intake = an_intake(gcc(1), gcc(1), soe(1))
    rows: list[InputRow] = list(intake.rows)
    rows[1] = replace(rows[1], preset=Outcome.DUPLICATE)
    results = await drive(path, service, replace(intake, rows=tuple(rows)))
    assert [(1, "GCC"), (1, "StateOwnedEntity")] == sent(service)
    assert [Outcome.APPROVED, Outcome.DUPLICATE, Outcome.APPROVED] == outcomes(results)


async def test_rows_of_one_customer_wait_for_an_answer_of_unknown_fate(path: Path) -> None:
    """The second row is sent only after the fate of the first is known."""
    service = FakeService(answers=deque([RESET]), lag=20.0)
    results = await drive(path, service, [education(1), soe(1)])
    assert [Outcome.APPROVED] * 2 == outcomes(results)
    assert [(1, "Education"), (1, "StateOwnedEntity")] == sent(service)
    assert service.arrived[(customer(1), SOE)] >= 20.0


async def test_a_row_does_not_wait_for_the_vetting_of_the_one_before(path: Path) -> None:
    """The first row is in review for hours; the second is sent as soon as the first was answered."""
    service = FakeService(vetting=7200.0)
    results = await drive(path, service, [education(1), soe(1)], wait="forever")
    assert [Outcome.APPROVED] * 2 == outcomes(results)
    assert service.arrived[(customer(1), SOE)] < 1.0


async def test_the_wait_for_a_fate_goes_on_in_the_next_process(path: Path) -> None:
    """Also a wish that would have been sent first is not sent while the other one's fate is open."""
    service = FakeService(answers=deque([RESET]), lag=30.0)
    await left_unknown(path, service, [soe(1)])
    await drive(path, service, [soe(1), education(1)], wait="0")
    assert [(1, "StateOwnedEntity"), (1, "Education")] == sent(service)
    assert service.arrived[(customer(1), EDUCATION)] >= 30.0


async def test_gcc_is_not_sent_beside_an_education_that_may_have_arrived(path: Path) -> None:
    """The older sheet's Education shows late: the GCC row of today is a conflict."""
    service = FakeService(answers=deque([RESET]), lag=30.0, codes=ENOUGH)
    await left_unknown(path, service, [education(1)])
    results = await drive(path, service, [gcc(1)])
    assert [(1, "Education")] == sent(service)
    assert ["other-qualification-held"] == codes(results)
    assert [Outcome.APPROVED] == outcomes(results.earlier)


async def test_education_is_not_sent_beside_a_gcc_that_may_have_arrived(path: Path) -> None:
    """Looks over the whole patience showed nothing of it, and still it may come."""
    service = FakeService(answers=deque([RESET]), lag=500.0, codes=ENOUGH)
    await left_unknown(path, service, [gcc(1)])
    results = await drive(path, service, [education(1)])
    assert [(1, "GCC")] == sent(service)
    assert [Outcome.CONFLICT] == outcomes(results)
    assert [Outcome.UNKNOWN] == outcomes(results.earlier)


async def test_state_owned_is_not_sent_beside_a_gcc_that_may_not_have_arrived(path: Path) -> None:
    """GCC of an earlier sheet, of unknown fate, will need a customer without StateOwnedEntity."""
    service = FakeService(answers=deque([RESET]), lost_before_arrival=True, codes=ENOUGH)
    await left_unknown(path, service, [gcc(1)])
    results = await drive(path, service, [soe(1)])
    assert [(1, "GCC")] == sent(service)
    assert ["waits-for-gcc"] == codes(results)


async def test_what_was_accepted_and_does_not_show_yet_counts_as_held(path: Path) -> None:
    """Reads may lag behind writes for an hour; the ledger knows what was accepted a minute ago."""
    service = FakeService(lag=3600.0, codes=ENOUGH)
    await drive(path, service, [gcc(1)], wait="0")
    results = await drive(path, service, [education(1)], wait="0")
    assert [(1, "GCC")] == sent(service)
    assert ["other-qualification-held"] == codes(results)


async def test_what_was_denied_to_the_other_wish_counts_as_free(path: Path) -> None:
    """Education was denied and stays so; GCC may be asked for."""
    service = FakeService(verdict="Denied", vetting=0, codes=ENOUGH)
    await drive(path, service, [education(1)])
    service.verdict = "Approved"
    service.arrived.clear()
    service.world[customer(1)].append(holding(EDUCATION, "Denied"))
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [gcc(1)]))


async def test_a_customer_that_is_gone_fails_the_new_row_beside_a_settled_one(path: Path) -> None:
    """404, and the settled sibling is no proof that the customer is still there."""
    service = FakeService(vetting=0)
    await drive(path, service, [education(1)])
    service.strangers.add(customer(1))
    results = await drive(path, service, [education(1), soe(1)], recheck="0", wait="0")
    assert [Outcome.APPROVED, Outcome.FAILED] == outcomes(results)
    assert [None, "not-my-customer"] == codes(results)
    assert [(1, "Education")] == sent(service)


async def test_one_value_is_not_overwritten_by_the_next_row(path: Path) -> None:
    """The synchronous API holds one value: the second wish finds the first one's, put a moment ago."""
    service = FakeService()
    results = await drive(path, service, [education(1), soe(1)], api="synchronous", wait="0")
    assert [None, "another-value-held"] == codes(results)
    assert [(1, "Education")] == sent(service)


async def test_one_value_is_not_overwritten_by_a_resend(path: Path) -> None:
    """Somebody put another value while the lost answer was looked for."""
    service = FakeService(answers=deque([RESET]), lost_before_arrival=True)
    service.looks[customer(1)].append(())
    service.world[customer(1)].append(holding(GCC))
    results = await drive(path, service, [education(1)], api="synchronous", wait="0")
    assert (["another-value-held"], [Outcome.CONFLICT]) == (codes(results), outcomes(results))
    assert [(1, "Education")] == sent(service)


async def test_a_stop_at_the_first_row_leaves_the_second_unsent(path: Path) -> None:
    """The look has served both; the refusal of everyone holds for both as well."""
    service = FakeService(answers=deque([AccessDenied("no agreement")]), lost_before_arrival=True)
    results = await drive(path, service, [education(1), soe(1)])
    assert [Outcome.NOT_ATTEMPTED] * 2 == outcomes(results)
    assert [(1, "Education")] == sent(service)


async def test_a_customer_who_has_another_domain_by_now_is_a_conflict(path: Path) -> None:
    """For each of its rows that were found by the domain; a service that tells no domain decides nothing."""
    service = FakeService(domains={customer(1): "fabrikam.example"})
    rows = [
        QualificationRequest(customer(number), wanted, domain="contoso.example")
        for number in (1, 2)
        for wanted in (EDUCATION, SOE)
    ]
    results = await drive(path, service, rows)
    assert ["domain-moved", "domain-moved", None, None] == codes(results)
    assert [Outcome.CONFLICT] * 2 + [Outcome.APPROVED] * 2 == outcomes(results)

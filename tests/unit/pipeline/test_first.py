"""--first N: the first N rows of the sheet that can be sent, and never a row more."""

from __future__ import annotations

import asyncio
from collections import deque
from pathlib import Path

import pytest
from support.fake_service import FakeService, holding
from support.ledgers import customer, education, gcc
from support.results import codes, ids, left_unknown, outcomes, sent, soe
from support.runs import drive

from batchqual.errors import AccessDenied, FateUnknown, Unavailable
from batchqual.model import EducationSegment, Holding, Outcome, Qualification, QualificationRequest
from batchqual.partnercenter import ValidationCode
from batchqual.pipeline import StopSwitch

pytestmark = pytest.mark.looptime

EDUCATION = Qualification.EDUCATION
ENOUGH = (ValidationCode("0012345", "", 5, 5),)


async def test_the_first_n_in_input_order(path: Path) -> None:
    """Rows that need nothing do not count; the rows behind are not attempted, and not even looked at."""
    rows = [education(number) for number in range(1, 30)]
    service = FakeService()
    service.world[customer(1)].append(holding(EDUCATION))
    results = await drive(path, service, rows, first=2, concurrency=2)
    assert [(2, "Education"), (3, "Education")] == sorted(sent(service))
    assert [Outcome.ALREADY_QUALIFIED, Outcome.APPROVED, Outcome.APPROVED] == outcomes(results)[:3]
    assert {"limit-first"} == set(codes(results)[3:])
    assert [] == service.looked_at[customer(20)]


async def test_a_first_of_0_sends_nothing(path: Path) -> None:
    """And looks at nobody for it."""
    service = FakeService()
    results = await drive(path, service, [education(1)], first=0)
    assert ["limit-first"] == codes(results)
    assert [] == service.looked_at[customer(1)]


async def test_a_first_of_0_looks_at_unknown_fates_and_sends_none_again(path: Path) -> None:
    """Looks over the whole patience show nothing, and still nothing leaves; a later run sends it."""
    service = FakeService(answers=deque([FateUnknown("reset")]), lost_before_arrival=True)
    await left_unknown(path, service, [education(1)])
    looks = len(service.looked_at[customer(1)])
    results = await drive(path, service, [education(1)], first=0)
    assert [Outcome.UNKNOWN] == outcomes(results)
    assert 1 == len(service.submissions)
    assert len(service.looked_at[customer(1)]) > looks
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))
    assert 2 == len(service.submissions)


async def test_what_is_sent_again_takes_its_turn_in_input_order(path: Path) -> None:
    """In front of a new row an unknown fate is the one submission of a canary of one; behind it, it waits."""
    service = FakeService(answers=deque([FateUnknown("reset")]), lost_before_arrival=True)
    await left_unknown(path, service, [education(2)])
    results = await drive(path, service, [education(1), education(2), education(3)], first=1)
    assert [Outcome.APPROVED, Outcome.UNKNOWN, Outcome.NOT_ATTEMPTED] == outcomes(results)
    results = await drive(path, service, [education(2), education(3)], first=1)
    assert [Outcome.APPROVED, Outcome.NOT_ATTEMPTED] == outcomes(results)
    assert [(2, "Education"), (1, "Education"), (2, "Education")] == sent(service)


async def test_an_unknown_fate_that_a_look_finds_takes_nobodys_turn(path: Path) -> None:
    """It has arrived, so that the row behind it is sent."""
    service = FakeService(answers=deque([FateUnknown("reset")]), lost_before_arrival=True)
    await left_unknown(path, service, [education(1)])
    service.world[customer(1)].append(holding(EDUCATION))
    results = await drive(path, service, [education(1), education(2)], first=1)
    assert [Outcome.APPROVED] * 2 == outcomes(results)


async def test_what_will_not_be_sent_again_takes_nobodys_turn(path: Path) -> None:
    """After three sends a row is for a person to look at; the canary goes on with the next."""
    service = FakeService(answers=deque([FateUnknown("reset")] * 3), lost_before_arrival=True)
    assert [Outcome.UNKNOWN] == outcomes(await drive(path, service, [education(1)]))
    results = await drive(path, service, [education(1), education(2)], first=1)
    assert [Outcome.UNKNOWN, Outcome.APPROVED] == outcomes(results)


async def test_a_canary_of_one_submits_once_even_if_the_answer_is_lost(path: Path) -> None:
    """The same row again would be a second submission: the next run makes it."""
    service = FakeService(answers=deque([FateUnknown("reset")]), lost_before_arrival=True)
    assert [Outcome.UNKNOWN] == outcomes(await drive(path, service, [education(1)], first=1))
    assert 1 == len(service.submissions)
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)], first=1))
    assert 1 == len(set(ids(service)))


async def test_an_unknown_gcc_fate_has_the_turn_of_the_row_that_waits_for_it(path: Path) -> None:
    """StateOwnedEntity goes behind it, on its own night."""
    service = FakeService(answers=deque([FateUnknown("reset")]), lost_before_arrival=True, codes=ENOUGH)
    await left_unknown(path, service, [gcc(1)])
    for _ in range(2):
        await drive(path, service, [soe(1), gcc(1)], first=1)
    assert [(1, "GCC"), (1, "GCC"), (1, "StateOwnedEntity")] == sent(service)


async def test_night_after_night_the_next_n_are_sent(path: Path) -> None:
    """What was sent before does not count again."""
    service = FakeService()
    for night in (1, 2, 3):
        await drive(path, service, [education(number) for number in (1, 2, 3)], first=1)
        assert [(number, "Education") for number in range(1, night + 1)] == sent(service)


async def test_a_later_row_of_an_early_customer_takes_its_own_turn(path: Path) -> None:
    """Rows are counted in input order, not customer by customer."""
    service = FakeService()
    await drive(path, service, [soe(1), education(2), education(1)], first=2, concurrency=1)
    assert {(1, "StateOwnedEntity"), (2, "Education")} == set(sent(service))


async def test_gcc_takes_the_turn_of_its_customers_state_owned(path: Path) -> None:
    """The row that must go first is the one that is sent, so that no night is stuck."""
    service = FakeService(codes=ENOUGH)
    results = await drive(path, service, [soe(1), gcc(1)], first=1)
    assert ["limit-first", None] == codes(results)
    assert [(1, "GCC")] == sent(service)
    await drive(path, service, [soe(1), gcc(1)], first=1)
    assert [(1, "GCC"), (1, "StateOwnedEntity")] == sent(service)


async def test_gcc_goes_in_front_of_rows_that_stand_before_it(path: Path) -> None:
    """It has the place of the earlier row that waits for it."""
    service, rows = FakeService(codes=ENOUGH), [soe(1), education(2), gcc(1), education(3)]
    for _ in range(4):
        await drive(path, service, rows, first=1, concurrency=1)
    assert [(1, "GCC"), (1, "StateOwnedEntity"), (2, "Education"), (3, "Education")] == sent(service)


async def test_a_row_that_cannot_be_sent_takes_nobodys_turn(path: Path) -> None:
    """A conflict at the head of the sheet does not stop the canary, on any night."""
    service = FakeService(domains={customer(1): "fabrikam.example"})
    other = QualificationRequest(customer(1), EDUCATION, EducationSegment.K12, domain="contoso.example")
    for _ in range(2):
        results = await drive(path, service, [other, education(2)], first=1)
        assert ["domain-moved", None] == codes(results)
    assert [(2, "Education")] == sent(service)


async def test_a_row_whose_look_failed_takes_nobodys_turn(path: Path) -> None:
    """Its visit looks once more, and it is behind the limit by then."""
    service = FakeService()
    service.looks[customer(1)].append(Unavailable("500", http_status=500))
    results = await drive(path, service, [education(1), education(2)], first=1)
    assert ["limit-first", None] == codes(results)
    assert [(2, "Education")] == sent(service)


async def test_a_denied_row_takes_a_turn_only_when_it_is_offered_again(path: Path) -> None:
    """--resubmit-denied makes it one of the first."""
    rows, service = [education(1), education(2)], FakeService()
    service.world[customer(1)].append(holding(EDUCATION, "Denied"))
    await drive(path, service, rows, first=1)
    assert [(2, "Education")] == sent(service)
    await drive(path, service, rows, first=1, resubmit_denied=True)
    assert [(2, "Education"), (1, "Education")] == sent(service)


async def test_a_refusal_of_everyone_ends_the_search_for_the_first(path: Path) -> None:
    """Nobody else is looked at."""
    service = FakeService()
    service.looks[customer(1)].append(AccessDenied("no agreement"))
    results = await drive(path, service, [education(1), education(2)], first=1, concurrency=1)
    assert isinstance(results.halted, AccessDenied)
    assert ["stopped", "stopped"] == codes(results)
    assert [] == service.looked_at[customer(2)]


class Unhurried(FakeService):
    """Every look takes a second."""

    async def holdings(self, customer_id: str) -> tuple[Holding, ...]:
        await asyncio.sleep(1)
        return await super().holdings(customer_id)


async def test_an_interruption_ends_the_search_for_the_first(path: Path) -> None:
    """The look that is on goes to its end, and no other is begun."""
    service, stop = Unhurried(), StopSwitch()
    for number in range(1, 6):
        service.world[customer(number)].append(holding(EDUCATION))
    rows = [education(number) for number in range(1, 6)]
    run = asyncio.create_task(drive(path, service, rows, first=1, concurrency=3, stop=stop))
    await asyncio.sleep(0.5)
    stop.press()
    results = await run
    assert results.interrupted
    assert {Outcome.NOT_ATTEMPTED} == set(outcomes(results))
    assert [] == [number for number in (4, 5) if service.looked_at[customer(number)]]

"""Looks: which are spared, which are made again and when, and what one that failed means for a row."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from support.fake_service import FakeService, holding
from support.ledgers import customer, education, gcc
from support.results import codes, left_unknown, outcomes, sent, soe
from support.runs import an_intake, drive

from batchqual.errors import FateUnknown, NotFound, NotSent, Refused, Unavailable
from batchqual.model import Holding, Outcome, Qualification, QualificationRequest
from batchqual.partnercenter import ValidationCode
from batchqual.pipeline import StopSwitch

pytestmark = pytest.mark.looptime

OUTAGE = Unavailable("500", http_status=500)
RESET = FateUnknown("reset")


def gaps(service: FakeService) -> list[float]:
    """Seconds between the looks at the first customer."""
    looks = service.looked_at[customer(1)]
    return [later - earlier for earlier, later in pairwise(looks)]


async def test_a_first_look_that_failed_is_not_made_again_at_once(path: Path) -> None:
    """There is a rest before each further one."""
    service = FakeService(vetting=0)
    service.looks[customer(1)] += [OUTAGE, NotSent("no route")]
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))
    assert [30.0, 30.0] == gaps(service)[:2]


async def test_a_look_at_a_review_that_failed_is_made_at_its_next_turn(path: Path) -> None:
    """Which comes as seldom as the review is old."""
    service = FakeService(vetting=90_000.0)
    await drive(path, service, [education(1)], wait="0")
    await asyncio.sleep(86400.0)
    before = len(service.looked_at[customer(1)])
    service.looks[customer(1)] += [OUTAGE]
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)], wait="4h"))
    assert gaps(service)[before] > 600.0


async def test_failed_looks_count_only_in_a_row(path: Path) -> None:
    """Two of them, a look that shows nothing, and two more: the search for the lost answer goes on."""
    service = FakeService(answers=deque([RESET]), lost_before_arrival=True)
    service.looks[customer(1)] += [(), (), OUTAGE, OUTAGE, (), OUTAGE, OUTAGE]
    results = await drive(path, service, [education(1)], patience="2h", wait="8h")
    assert [Outcome.APPROVED] == outcomes(results)
    assert 2 == len(service.submissions)


async def test_a_survey_saves_a_look_whatever_the_hour(path: Path) -> None:
    """What it saw a moment ago serves the submission."""
    await asyncio.sleep(3600.0)
    service = FakeService(vetting=0, codes=(ValidationCode("0012345", "", 5, 5),))
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [gcc(1)]))
    assert 2 == len(service.looked_at[customer(1)])


async def test_a_customer_that_is_lost_is_asked_for_though_a_row_is_in_review(path: Path) -> None:
    """404 to the look is no leave to send the new row beside it."""
    service = FakeService(vetting=86400.0)
    await drive(path, service, [education(1)], wait="0")
    service.strangers.add(customer(1))
    results = await drive(path, service, [education(1), soe(1)], wait="0")
    assert "not-my-customer" == codes(results)[1]
    assert [(1, "Education")] == sent(service)


async def test_a_submission_that_may_have_arrived_is_proof_of_its_customer(path: Path) -> None:
    """404 to the look shows nothing of it, and nobody else is asked."""
    service = FakeService(answers=deque([RESET]), lost_before_arrival=True)
    await left_unknown(path, service, [education(1)])
    service.strangers.add(customer(1))
    await drive(path, service, [education(1)])
    assert 2 == len(service.submissions)


async def test_a_recheck_that_failed_is_not_made_again(path: Path) -> None:
    """The verdict stands, and the next run looks again."""
    service = FakeService(vetting=0)
    await drive(path, service, [education(1)])
    before = len(service.looked_at[customer(1)])
    service.looks[customer(1)] += [OUTAGE]
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)], recheck="0"))
    assert before + 1 == len(service.looked_at[customer(1)])


class Pressed(FakeService):
    """The user presses Ctrl+C while the look is on its way, and the answer is a refusal."""

    stop: StopSwitch | None = None

    async def holdings(self, customer_id: str) -> tuple[Holding, ...]:
        if self.stop is not None:
            self.stop.press()
            await asyncio.sleep(1.0)
        raise Refused("no", http_status=403)


async def test_a_refusal_during_a_stop_is_a_refusal(path: Path) -> None:
    """The look was answered, so the row says what it was told and not that the run was interrupted."""
    service = Pressed()
    service.stop = StopSwitch()
    results = await drive(path, service, [education(1)], stop=service.stop)
    assert ([Outcome.FAILED], ["not-my-customer"]) == (outcomes(results), codes(results))


class Away(FakeService):
    """Each look takes more than a minute and fails, but for those at one customer."""

    there: Exception | None = None

    async def holdings(self, customer_id: str) -> tuple[Holding, ...]:
        self.looked_at[customer_id].append(self._now())
        await asyncio.sleep(70.0)
        if customer_id != customer(5):
            raise OUTAGE
        if self.there is not None:
            raise self.there
        return ()


@pytest.mark.parametrize(
    ("there", "looks"),
    [
        pytest.param(OUTAGE, 1, id="nobody was answered for minutes"),
        pytest.param(None, 2, id="somebody was answered since"),
        pytest.param(NotFound("nothing", http_status=404), 2, id="404 is an answer"),
        pytest.param(Refused("not yours", http_status=403), 2, id="a refusal is an answer"),
    ],
)
async def test_a_service_that_is_away_is_not_asked_thrice_for_each(
    path: Path, there: Exception | None, looks: int
) -> None:
    """Once it has been silent for minutes, one look more is enough to fail a row."""
    service = Away()
    service.there = there
    rows = [education(number) for number in range(1, 8)]
    results = await drive(path, service, rows, concurrency=1, wait="8h", command="plan")
    assert Outcome.FAILED is outcomes(results)[6]
    assert looks == len(service.looked_at[customer(7)])


async def test_what_was_reverted_and_shows_as_denied_is_offered_again_on_request(path: Path) -> None:
    """As a new request; the old one has come to its end."""
    denied = (holding(Qualification.EDUCATION, "Denied", reason="No school."),)
    service = FakeService(vetting=0)
    await drive(path, service, [education(1)])
    service.looks[customer(1)] += [denied, denied, denied]
    assert [Outcome.DENIED] == outcomes(await drive(path, service, [education(1)], recheck="0"))
    await drive(path, service, [education(1)], resubmit_denied=True)
    assert 2 == len(service.submissions)


async def test_a_row_waits_for_one_that_contradicts_it_if_it_is_of_the_same_customer(path: Path) -> None:
    """Which nobody can tell before that one's customer is looked up."""
    unplaced = QualificationRequest(
        "", Qualification.GCC, validation_code="0012345", domain="contoso.example"
    )
    intake = an_intake(unplaced, education(1))
    failed = replace(intake.rows[0], preset=Outcome.FAILED, qualification="GCC")
    service = FakeService()
    results = await drive(path, service, replace(intake, rows=(failed, intake.rows[1])))
    assert (Outcome.NOT_ATTEMPTED, "waits-for-lookup") == (outcomes(results)[1], codes(results)[1])
    assert [] == service.submissions


class Closing(FakeService):
    """The user presses Ctrl+C while the look stands at the gate."""

    stop: StopSwitch | None = None

    async def holdings(self, customer_id: str) -> tuple[Holding, ...]:
        if self.stop is None:
            return await super().holdings(customer_id)
        self.stop.press()
        while True:
            await self._gate()


async def test_what_is_in_review_stays_so_when_a_stop_holds_its_look_back(path: Path) -> None:
    """It was submitted, so that nothing of it was not attempted."""
    service = Closing(vetting=86400.0)
    await drive(path, service, [education(1)], wait="0")
    service.stop = StopSwitch()
    results = await drive(path, service, [education(1)], stop=service.stop)
    assert ([Outcome.IN_REVIEW], [None]) == (outcomes(results), codes(results))


class Refusing(FakeService):
    """Each look takes more than a minute. That at the last customer meets an outage, all others a refusal."""

    async def holdings(self, customer_id: str) -> tuple[Holding, ...]:
        self.looked_at[customer_id].append(self._now())
        await asyncio.sleep(70.0)
        raise OUTAGE if customer_id == customer(7) else Refused("no", http_status=403)


async def test_a_refusal_is_no_silence(path: Path) -> None:
    """The service is there, and whoever meets an outage has three looks."""
    service = Refusing()
    rows = [education(number) for number in range(1, 8)]
    await drive(path, service, rows, concurrency=1, wait="8h", command="plan")
    assert 3 == len(service.looked_at[customer(7)])


class SlowFor2(FakeService):
    """Looks at the second customer take longer than the run waits."""

    slow = False

    async def holdings(self, customer_id: str) -> tuple[Holding, ...]:
        if self.slow and customer_id == customer(2):
            await asyncio.sleep(100.0)
        return await super().holdings(customer_id)


async def test_a_busy_run_does_not_look_after_its_wait_is_over(path: Path) -> None:
    """What was looked at once and came due in time, but not to its turn, is left to the next run."""
    service = SlowFor2(vetting=86400.0)
    await drive(path, service, [education(2)], wait="0")
    service.slow = True
    await drive(path, service, [education(1)], wait="60s", concurrency=1)
    assert 1 == len(service.looked_at[customer(1)])

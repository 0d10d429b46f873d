"""Looks before the first write: what they depend on, and what does not depend on them."""

from __future__ import annotations

import asyncio
from collections import deque
from pathlib import Path

import pytest
from support.fake_service import FakeService, holding
from support.ledgers import customer, education, gcc
from support.results import codes, left_unknown, outcomes, sent, soe
from support.runs import drive

from batchqual.errors import AccessDenied, FateUnknown
from batchqual.model import Holding, Outcome, Qualification, QualificationRequest
from batchqual.partnercenter import ValidationCode

pytestmark = pytest.mark.looptime

ENOUGH = (ValidationCode("0012345", "", 5, 5),)


async def test_codes_are_not_asked_for_without_a_gcc_row(path: Path) -> None:
    """A partner that may not see them can still submit for Education."""
    service = FakeService(codes=AccessDenied("no codes for you"))
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))


async def test_a_customer_with_a_row_in_review_has_a_turn_for_the_other(path: Path) -> None:
    """--first counts rows, whatever else their customer has."""
    service = FakeService(vetting=86400.0)
    await drive(path, service, [education(1)], wait="0")
    await drive(path, service, [education(1), soe(1)], wait="0", first=1)
    assert [(1, "Education"), (1, "StateOwnedEntity")] == sent(service)


@pytest.mark.parametrize(
    ("rows", "chosen"),
    [
        pytest.param(
            [soe(1), gcc(1), education(2)],
            [(1, "GCC"), (1, "StateOwnedEntity")],
            id="behind its GCC and before the next customer",
        ),
        pytest.param(
            [soe(1), education(2), gcc(1)],
            [(1, "GCC"), (2, "Education")],
            id="behind its GCC, wherever that stands",
        ),
    ],
)
async def test_the_turn_of_state_owned_beside_gcc(
    path: Path, rows: list[QualificationRequest], chosen: list[tuple[int, str]]
) -> None:
    """GCC has the place of the first of both rows, StateOwnedEntity that behind the last."""
    service = FakeService(codes=ENOUGH)
    await drive(path, service, rows, first=2)
    assert chosen == sorted(sent(service))


class Slow(FakeService):
    """Each look takes ten seconds."""

    async def holdings(self, customer_id: str) -> tuple[Holding, ...]:
        await asyncio.sleep(10.0)
        return await super().holdings(customer_id)


async def test_only_gcc_is_looked_at_before_the_first_write(path: Path) -> None:
    """Nobody waits for looks at ten thousand other customers."""
    service = Slow(codes=ENOUGH)
    await drive(path, service, [gcc(1), education(2)], concurrency=1)
    assert 10.0 == service.arrived[(customer(1), Qualification.GCC)]


async def test_a_code_in_doubt_counts_whatever_else_its_customer_wants(path: Path) -> None:
    """A GCC submission of unknown fate may have taken the only create, also beside another row."""
    service = FakeService(
        codes=(ValidationCode("0012345", "", 5, 1),),
        answers=deque([FateUnknown("reset")]),
        lost_before_arrival=True,
    )
    await left_unknown(path, service, [gcc(1)])
    results = await drive(path, service, [gcc(1), soe(1), gcc(2)], wait="0")
    assert "code-exhausted" == codes(results)[2]
    assert (2, "GCC") not in sent(service)


class Counting(FakeService):
    """Looks take a second, and how many are made at once is counted."""

    looking = 0
    most = 0

    async def holdings(self, customer_id: str) -> tuple[Holding, ...]:
        self.looking += 1
        self.most = max(self.most, self.looking)
        await asyncio.sleep(1.0)
        self.looking -= 1
        return await super().holdings(customer_id)


async def test_no_more_looks_at_once_than_the_run_may_make(path: Path) -> None:
    """--concurrency holds for the looks before the first write as well."""
    service = Counting(codes=ENOUGH)
    await drive(path, service, [gcc(number) for number in range(1, 6)], concurrency=2)
    assert 2 == service.most


async def test_what_is_granted_takes_nobodys_turn_when_denials_are_sent_again(path: Path) -> None:
    """Nothing is sent for it."""
    service = FakeService()
    service.world[customer(1)].append(holding(Qualification.EDUCATION))
    await drive(path, service, [education(1), education(2)], first=1, resubmit_denied=True)
    assert [(2, "Education")] == sent(service)

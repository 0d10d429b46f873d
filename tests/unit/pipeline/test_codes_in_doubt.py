"""A create of a code may be taken by a submission whose fate nobody knows yet: it is not promised again."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import pytest
from support.fake_service import FakeService
from support.ledgers import customer, gcc
from support.results import codes, left_unknown, outcomes, sent
from support.runs import drive

from batchqual.errors import FateUnknown, Unavailable
from batchqual.model import Outcome, QualificationRequest
from batchqual.partnercenter import ValidationCode

pytestmark = pytest.mark.looptime


def left(remaining: int) -> tuple[ValidationCode, ...]:
    """The code of the tests' rows with so many creates left on it."""
    return (ValidationCode("0012345", "", 5, remaining),)


def lost(remaining: int) -> FakeService:
    """A service that never gets the first submission."""
    return FakeService(codes=left(remaining), answers=deque([FateUnknown("reset")]), lost_before_arrival=True)


@pytest.mark.parametrize("listed", [True, False], ids=["in today's sheet", "in an earlier one"])
async def test_the_create_of_an_unknown_fate_is_kept_for_it(path: Path, *, listed: bool) -> None:
    """One create, and one row that may have it already: the other row is a conflict, and says so."""
    service = lost(1)
    await left_unknown(path, service, [gcc(1)])
    results = await drive(path, service, [gcc(1), gcc(2)] if listed else [gcc(2)], wait="0")
    assert "code-exhausted" == codes(results)[-1]
    assert "1 more may have arrived" in (results.rows[-1].verdict.error_message or "")
    assert {(1, "GCC")} == set(sent(service))


async def test_what_shows_has_its_create(path: Path) -> None:
    """The lost one had arrived, and the list counts it: what is left is free."""
    service = FakeService(codes=left(1), answers=deque([FateUnknown("reset")]), lag=5.0)
    await left_unknown(path, service, [gcc(1)])
    service.lag = 0.0
    results = await drive(path, service, [gcc(1), gcc(2)])
    assert [Outcome.APPROVED] * 2 == outcomes(results)


async def test_enough_creates_for_both(path: Path) -> None:
    """Nobody waits where there is enough; another code is another matter."""
    service = lost(2)
    service.codes = (*left(2), ValidationCode("77", "", 1, 1))
    await left_unknown(path, service, [gcc(1)])
    rows: list[QualificationRequest] = [gcc(1), gcc(2), gcc(3, "77")]
    assert [Outcome.APPROVED] * 3 == outcomes(await drive(path, service, rows))


async def test_a_look_that_fails_leaves_it_in_doubt(path: Path) -> None:
    """It cannot be told that the create is free."""
    service = lost(1)
    await left_unknown(path, service, [gcc(1)])
    service.looks[customer(1)] += [Unavailable("500", http_status=500)] * 9
    results = await drive(path, service, [gcc(2)], wait="0")
    assert ["code-exhausted"] == codes(results)

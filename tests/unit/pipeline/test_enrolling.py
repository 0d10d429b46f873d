"""What a wish brings into the book, and when one that is in there already is looked at."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from support.fake_service import FakeService
from support.ledgers import ORIGIN, PARTNER, customer, education
from support.results import outcomes
from support.runs import drive

from batchqual.ledger import read_only
from batchqual.model import Outcome

pytestmark = pytest.mark.looptime


async def test_the_row_of_a_wish_is_remembered(path: Path) -> None:
    """So that a later run, without the sheet, can say where it came from."""
    await drive(path, FakeService(), [education(1), education(2)], command="plan")
    with read_only(path) as view:
        _, second = view.records(ORIGIN, PARTNER)
    assert ("customers.csv", 3) == (second.source, second.row)
    assert (("Customer",), ("Customer 1",)) == second.input


async def test_the_same_content_is_not_written_again(path: Path) -> None:
    """Plan after plan, the biography has one line."""
    for _ in range(3):
        await drive(path, FakeService(), [education(1)], command="plan")
    with read_only(path) as view:
        [record] = view.records(ORIGIN, PARTNER)
        assert ["enrolled"] == [line.event for line in view.events(record)]


async def test_what_was_accepted_a_moment_ago_waits_for_its_look(path: Path) -> None:
    """The same half minute as in the run that sent it, however long before it was enrolled."""
    service = FakeService(vetting=86400.0)
    await drive(path, service, [education(1)], command="plan")
    await asyncio.sleep(3600.0)
    await drive(path, service, [education(1)], wait="0")
    assert await next_look(path, service) == pytest.approx(30.0)


async def test_what_was_looked_at_a_moment_ago_waits_for_its_look(path: Path) -> None:
    """Also by another run, and however long before it was accepted."""
    service = FakeService(vetting=86400.0)
    await drive(path, service, [education(1)], wait="0")
    await asyncio.sleep(3600.0)
    await drive(path, service, [education(1)], wait="0")
    assert await next_look(path, service) == pytest.approx(30.0)


async def next_look(path: Path, service: FakeService) -> float:
    """Seconds from now to the first look of another run."""
    begun, looks = asyncio.get_running_loop().time(), service.looked_at[customer(1)]
    before = len(looks)
    await drive(path, service, [education(1)], wait="20m")
    return looks[before] - begun


async def test_a_resubmission_in_review_is_not_taken_for_the_denial_before_it(path: Path) -> None:
    """A later run without --resubmit-denied goes on looking at it."""
    service = FakeService(vetting=0, verdict="Denied")
    assert [Outcome.DENIED] == outcomes(await drive(path, service, [education(1)]))
    service.arrived.clear()
    service.vetting = 86400.0
    again = await drive(path, service, [education(1)], wait="0", resubmit_denied=True)
    assert [Outcome.IN_REVIEW] == outcomes(again)
    assert [Outcome.IN_REVIEW] == outcomes(await drive(path, service, [education(1)], wait="0"))

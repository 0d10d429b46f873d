"""Accepted, seen in review, and then not shown any more: denied, once two looks patience apart agree."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.fake_service import FakeService, LoopClock, holding
from support.ledgers import ORIGIN, PARTNER, customer, education
from support.results import codes, only, outcomes, sent
from support.runs import drive

from batchqual.errors import NotFound
from batchqual.ledger import State, read_only
from batchqual.model import Holding, Outcome, Qualification

pytestmark = pytest.mark.looptime

EDUCATION = Qualification.EDUCATION
ROWS = [education(1)]
IN_REVIEW = (holding(EDUCATION, "InReview"),)


async def in_review(path: Path) -> FakeService:
    """A service that has shown the only row in review, and forgets it then."""
    service = FakeService()
    service.looks[customer(1)] += [(), IN_REVIEW]
    results = await drive(path, service, ROWS, wait="31s")
    assert ([Outcome.IN_REVIEW], [None]) == (outcomes(results), codes(results))
    service.arrived.clear()
    return service


@pytest.mark.parametrize("nothing", [(), NotFound("404", http_status=404)], ids=["nothing", "404"])
async def test_two_runs_that_look_once_suffice(path: Path, nothing: NotFound | tuple[Holding, ...]) -> None:
    """The first look is kept in the ledger; the second, a patience later, makes it a denial."""
    service = await in_review(path)
    await asyncio.sleep(86400)
    service.looks[customer(1)] += [nothing, nothing]
    first = await drive(path, service, ROWS, wait="0")
    assert ([Outcome.IN_REVIEW], ["no-longer-visible"]) == (outcomes(first), codes(first))
    await asyncio.sleep(86400)
    second = await drive(path, service, ROWS, wait="0")
    assert ([Outcome.DENIED], "(absent)", [None]) == (
        outcomes(second),
        only(second).vetting_status,
        codes(second),
    )
    assert [(1, "Education")] == sent(service)
    assert 1 == only(second).attempts


async def test_a_run_that_polls_finds_it_by_itself(path: Path) -> None:
    """The second look comes as soon as the patience is over, not a quarter of its age later."""
    service = await in_review(path)
    await asyncio.sleep(86400)
    before = len(service.looked_at[customer(1)])
    assert [Outcome.DENIED] == outcomes(await drive(path, service, ROWS))
    first, second = service.looked_at[customer(1)][before:]
    assert 60.0 <= second - first <= 61.0


async def test_two_looks_within_the_patience_are_one(path: Path) -> None:
    """Reads may lag: what two runs in a row miss is still in review, and may show again."""
    service = await in_review(path)
    await asyncio.sleep(86400)
    for _ in range(2):
        assert [Outcome.IN_REVIEW] == outcomes(await drive(path, service, ROWS, wait="0"))
        await asyncio.sleep(31)
    service.looks[customer(1)].append(IN_REVIEW)
    shown = await drive(path, service, ROWS, wait="0")
    assert ([Outcome.IN_REVIEW], [None]) == (outcomes(shown), codes(shown))
    await asyncio.sleep(31)
    assert [Outcome.IN_REVIEW] == outcomes(await drive(path, service, ROWS, wait="0"))


class SetBack(LoopClock):
    """A clock that somebody sets back by a year when the loop is two days old."""

    def now(self) -> datetime:
        late = asyncio.get_running_loop().time() > 2 * 86400
        return super().now() - timedelta(days=365 if late else 0)


async def test_a_stamp_in_the_future_counts_from_now(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock was set back between the looks: nobody knows how long ago the first one was."""
    monkeypatch.setattr("support.runs.LoopClock", SetBack)
    service = await in_review(path)
    await asyncio.sleep(86400)
    assert [Outcome.IN_REVIEW] == outcomes(await drive(path, service, ROWS, wait="0"))
    await asyncio.sleep(86400)
    assert [Outcome.IN_REVIEW] == outcomes(await drive(path, service, ROWS, wait="31s"))
    await asyncio.sleep(61)
    assert [Outcome.DENIED] == outcomes(await drive(path, service, ROWS, wait="0"))


async def test_what_was_never_shown_is_in_review_for_ever(path: Path) -> None:
    """Accepted, and nothing since: a read that lags, for all that anybody knows."""
    service = FakeService()
    service.looks[customer(1)].append(())
    await drive(path, service, ROWS, wait="0")
    service.arrived.clear()
    for _ in range(3):
        await asyncio.sleep(86400)
        results = await drive(path, service, ROWS)
        assert ([Outcome.IN_REVIEW], ["not-visible-yet"]) == (outcomes(results), codes(results))
    assert [(1, "Education")] == sent(service)


async def test_it_is_offered_again_on_request_as_a_second_attempt(path: Path) -> None:
    """--resubmit-denied makes a new request, and without it nothing is sent."""
    service = await in_review(path)
    await asyncio.sleep(86400)
    assert [Outcome.DENIED] == outcomes(await drive(path, service, ROWS))
    assert [Outcome.DENIED] == outcomes(await drive(path, service, ROWS))
    results = await drive(path, service, ROWS, resubmit_denied=True)
    assert ([Outcome.APPROVED], 2) == (outcomes(results), only(results).attempts)
    assert [(1, "Education")] * 2 == sent(service)


async def test_what_shows_again_later_is_what_it_shows(path: Path) -> None:
    """It was gone for two nights, and is approved: nothing is sent for it."""
    service = await in_review(path)
    await asyncio.sleep(86400)
    assert [Outcome.DENIED] == outcomes(await drive(path, service, ROWS))
    service.world[customer(1)].append(holding(EDUCATION))
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, ROWS))
    assert [(1, "Education")] == sent(service)


async def test_a_row_of_an_earlier_sheet_is_found_as_well(path: Path) -> None:
    """By `resume`, too, which looks at what is in review."""
    service = await in_review(path)
    await asyncio.sleep(86400)
    results = await drive(path, service, [education(2)])
    assert [Outcome.DENIED] == outcomes(results.earlier)
    with read_only(path) as view:
        [record] = view.by_state(ORIGIN, PARTNER, State.REVERTED)
    assert customer(1) == record.customer_id


async def test_the_denial_before_that_shows_again_is_the_verdict(path: Path) -> None:
    """A second request was seen in review; then the denial of the first shows, with its date and words."""
    before = holding(EDUCATION, "Denied", reason="No school.", created="2026-11-19T08:00:00Z")
    service = FakeService()
    service.world[customer(1)].append(before)
    service.looks[customer(1)] += [(before,), IN_REVIEW]
    await drive(path, service, ROWS, resubmit_denied=True, wait="31s")
    service.arrived.clear()
    results = await drive(path, service, ROWS, wait="5m")
    assert ([Outcome.DENIED], "No school.") == (outcomes(results), only(results).vetting_reason)
    assert [(1, "Education")] == sent(service)

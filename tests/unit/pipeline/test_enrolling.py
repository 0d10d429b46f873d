"""What a wish brings into the book, and when one that is in there already is looked at."""

from __future__ import annotations

import asyncio
from collections import deque
from pathlib import Path

import pytest
from support.fake_service import FakeService, holding
from support.ledgers import ORIGIN, PARTNER, customer, education
from support.results import only, outcomes, soe
from support.runs import drive

from batchqual.errors import NotSent, Refused
from batchqual.ledger import read_only
from batchqual.model import Outcome, Qualification

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


@pytest.mark.parametrize("verdict", ["Denied", "Approved"])
async def test_a_new_try_that_never_left_is_not_made_without_being_asked_for(
    path: Path, verdict: str
) -> None:
    """After a denial, and after a grant that was taken back: --resubmit-denied is for one run alone."""
    service = FakeService(vetting=0, verdict=verdict, lost_before_arrival=True)
    await drive(path, service, [education(1)])
    if verdict == "Approved":
        service.arrived.clear()
    assert [Outcome.DENIED] == outcomes(await drive(path, service, [education(1)], recheck="0"))
    service.answers.append(NotSent("no route"))
    assert [Outcome.FAILED] == outcomes(await drive(path, service, [education(1)], resubmit_denied=True))
    before = len(service.submissions)
    assert [Outcome.DENIED] == outcomes(await drive(path, service, [education(1)]))
    assert before == len(service.submissions)


async def test_what_was_refused_again_and_again_is_offered_again(path: Path) -> None:
    """Each refusal is a request of its own; none of them is a denial that would stand."""
    refusals = [Refused("no", http_status=400) for _ in range(3)]
    service = FakeService(answers=deque(refusals), lost_before_arrival=True)
    for _ in refusals:
        assert [Outcome.FAILED] == outcomes(await drive(path, service, [soe(1)]))
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [soe(1)]))


@pytest.mark.parametrize(
    ("answers", "again"),
    [
        pytest.param((Refused("no", http_status=400), None), False, id="refused before"),
        pytest.param((None, None), True, id="denied before"),
        pytest.param((None, NotSent("no route")), True, id="begun again, and never sent"),
    ],
)
async def test_a_denial_is_known_by_its_latest_words(
    path: Path, answers: tuple[BaseException | None, ...], again: bool
) -> None:
    """What it says in the look before the next submission is not taken for the answer to that one, should it
    show for a while."""
    service = FakeService(vetting=0, verdict="Denied", answers=deque(answers), lost_before_arrival=True)
    await drive(path, service, [soe(1)])
    service.arrived.clear()
    await drive(path, service, [soe(1)], resubmit_denied=again)
    service.arrived.clear()
    service.verdict = "Approved"
    service.lag = 120.0
    reworded = (holding(Qualification.SOE, "Denied", reason="Not a state entity"),)
    service.looks[customer(1)] += [reworded, reworded]
    results = await drive(path, service, [soe(1)], resubmit_denied=True)
    assert Outcome.APPROVED is only(results).outcome


async def test_a_denial_in_place_of_a_grant_is_known_by_its_latest_words(path: Path) -> None:
    """What was granted was gone first, and shows as denied later: that is old news to the next request."""
    service = FakeService(vetting=0)
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [soe(1)]))
    service.arrived.clear()
    assert [Outcome.DENIED] == outcomes(await drive(path, service, [soe(1)], recheck="0"))
    service.lag = 120.0
    denied = (holding(Qualification.SOE, "Denied", reason="Not a state entity"),)
    service.looks[customer(1)] += [denied, denied]
    results = await drive(path, service, [soe(1)], resubmit_denied=True)
    assert Outcome.APPROVED is only(results).outcome
    assert 2 == len(service.submissions)


async def test_a_denial_that_comes_back_after_another_review_is_an_answer(path: Path) -> None:
    """Refused, then denied, then in review again: the verdict is believed, though it reads as it did before,
    for no request was made in between."""
    service = FakeService(lag=1e9, answers=deque([Refused("no", http_status=400)]), lost_before_arrival=True)
    assert [Outcome.FAILED] == outcomes(await drive(path, service, [soe(1)]))
    created = "2026-11-20T08:00:00Z"
    service.looks[customer(1)].append(())
    service.world[customer(1)].append(holding(Qualification.SOE, "Denied", created=created))
    assert [Outcome.DENIED] == outcomes(await drive(path, service, [soe(1)]))
    service.looks[customer(1)].append((holding(Qualification.SOE, "InReview", created=created),))
    results = await drive(path, service, [soe(1)], recheck="0", wait="10m")
    assert [Outcome.DENIED] == outcomes(results)
    assert 2 == len(service.submissions)

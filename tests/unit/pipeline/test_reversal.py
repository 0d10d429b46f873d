"""What was granted and is denied or gone later: believed when it was seen twice, patience apart."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from support.fake_service import BASE, FakeService, holding
from support.ledgers import ORIGIN, PARTNER, customer, education
from support.results import only, outcomes, sent, soe
from support.runs import drive

from batchqual.errors import Unavailable
from batchqual.ledger import Record, State, read_only
from batchqual.model import Holding, Outcome, Qualification

pytestmark = pytest.mark.looptime

EDUCATION = Qualification.EDUCATION
ROWS = [education(1)]
DENIED = (holding(EDUCATION, "Denied", reason="Not an Academic Domain"),)


async def granted(path: Path) -> FakeService:
    """A service that has granted the only row, and what the ledger knows of it."""
    service = FakeService(vetting=0)
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, ROWS))
    return service


def reverted(path: Path) -> list[Record]:
    """What the ledger believes to be taken back."""
    with read_only(path) as view:
        return view.by_state(ORIGIN, PARTNER, State.REVERTED)


async def test_what_the_service_reverts_is_seen_twice_before_it_is_believed(path: Path) -> None:
    """Approved, then gone: denied after a second look, patience later; one odd look changes nothing."""
    service = await granted(path)
    service.looks[customer(1)].append(())
    once = await drive(path, service, ROWS, recheck="0")
    assert [Outcome.APPROVED] == outcomes(once)
    service.arrived.clear()
    before = len(service.looked_at[customer(1)])
    twice = await drive(path, service, ROWS, recheck="0")
    assert [Outcome.DENIED] == outcomes(twice)
    assert "(absent)" == only(twice).vetting_status
    first, second = service.looked_at[customer(1)][before:]
    assert second - first >= 60.0
    assert [Outcome.DENIED] == outcomes(await drive(path, service, ROWS))


async def test_a_grant_that_turned_into_a_denial_names_the_reason(path: Path) -> None:
    """The service's own words come back, from the second look."""
    service = await granted(path)
    service.looks[customer(1)] += [DENIED, DENIED]
    results = await drive(path, service, ROWS, recheck="0")
    assert ("Denied", "Not an Academic Domain") == (
        only(results).vetting_status,
        only(results).vetting_reason,
    )
    assert [Outcome.DENIED] == outcomes(results)


async def test_a_suspicion_is_not_cut_short_by_the_wait(path: Path) -> None:
    """With --wait 0, too, the second look is made in the same run, or no night would ever believe it."""
    service = await granted(path)
    service.arrived.clear()
    await asyncio.sleep(86400)
    results = await drive(path, service, ROWS, recheck="0", wait="0")
    assert [Outcome.DENIED] == outcomes(results)


@pytest.mark.parametrize(
    "second",
    [
        pytest.param((holding(EDUCATION),), id="granted again"),
        pytest.param(Unavailable("500", http_status=500), id="the second look failed"),
    ],
)
async def test_a_suspicion_without_a_second_look_is_forgotten(
    path: Path, second: BaseException | tuple[Holding, ...]
) -> None:
    """A grant that shows again, or a look that told nothing, leaves the row approved."""
    service = await granted(path)
    service.looks[customer(1)] += [(), second]
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, ROWS, recheck="0"))
    assert [(1, "Education")] == sent(service)


async def test_looks_for_another_row_do_not_hurry_the_second_look(path: Path) -> None:
    """The customer is looked at every few seconds for its other wish; patience is kept all the same."""
    service = await granted(path)
    del service.arrived[(customer(1), EDUCATION)]
    began = asyncio.get_running_loop().time()
    service.vetting = 90.0
    service.looks[customer(1)] += [()] * 5
    rows = [education(1), soe(1)]
    await drive(path, service, rows, recheck="0", poll_min="10s")
    [record] = reverted(path)
    assert record.last_look_at is not None
    assert (record.last_look_at - BASE).total_seconds() >= began + 60.0


async def test_vetting_that_begins_again_is_in_review(path: Path) -> None:
    """Approved, then in review: the row waits for the new verdict."""
    service = await granted(path)
    service.looks[customer(1)] += [(holding(EDUCATION, "InReview"),)] * 2
    results = await drive(path, service, ROWS, recheck="0", wait="0")
    assert [Outcome.IN_REVIEW] == outcomes(results)
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, ROWS))


async def test_a_reversal_in_a_resume_or_another_sheet_is_not_looked_for(path: Path) -> None:
    """Settled rows are looked at again only where today's input has them."""
    service = await granted(path)
    service.arrived.clear()
    before = len(service.looked_at[customer(1)])
    await drive(path, service, [education(2)], recheck="0")
    assert before == len(service.looked_at[customer(1)])


async def test_a_denial_that_is_looked_at_again_stays(path: Path) -> None:
    """A denied row has nothing to lose: one look that shows the same, or nothing, is enough."""
    service = FakeService(vetting=0, verdict="Denied")
    await drive(path, service, ROWS)
    service.looks[customer(1)].append(())
    for _ in range(2):
        before = len(service.looked_at[customer(1)])
        assert [Outcome.DENIED] == outcomes(await drive(path, service, ROWS, recheck="0"))
        assert before + 1 == len(service.looked_at[customer(1)])


async def test_a_denial_that_was_overturned_is_approved(path: Path) -> None:
    """Somebody appealed: a look of --recheck finds it, and it was ours."""
    service = FakeService(vetting=0, verdict="Denied")
    await drive(path, service, ROWS)
    service.verdict = "Approved"
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, ROWS, recheck="0"))
    assert 1 == len(service.submissions)


async def test_reverted_and_granted_again_is_approved_and_not_already_qualified(path: Path) -> None:
    """The grant that came back is the one that we asked for; nothing is sent for it."""
    service = await granted(path)
    kept = dict(service.arrived)
    service.arrived.clear()
    await drive(path, service, ROWS, recheck="0")
    service.arrived.update(kept)
    results = await drive(path, service, ROWS, resubmit_denied=True)
    assert [Outcome.APPROVED] == outcomes(results)
    assert 1 == len(service.submissions)


async def test_reverted_and_gone_is_offered_again_on_request(path: Path) -> None:
    """A new request, with an id of its own, as the second attempt."""
    service = await granted(path)
    service.arrived.clear()
    await drive(path, service, ROWS, recheck="0")
    results = await drive(path, service, ROWS, resubmit_denied=True)
    assert ([Outcome.APPROVED], 2) == (outcomes(results), only(results).attempts)
    assert 2 == len(service.submissions)


async def test_a_recheck_that_fails_changes_nothing(path: Path) -> None:
    """A settled row whose recheck got no answer stays what it was."""
    service = await granted(path)
    service.looks[customer(1)].append(Unavailable("500", http_status=500))
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, ROWS, recheck="0"))


async def test_a_customer_that_was_lost_is_not_a_reversal(path: Path) -> None:
    """404 for the customer says that it left the partner, and nothing of its qualification."""
    service = await granted(path)
    service.strangers.add(customer(1))
    results = await drive(path, service, ROWS, recheck="0")
    assert [Outcome.APPROVED] == outcomes(results)

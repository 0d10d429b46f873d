"""What was granted and is denied or gone later: believed when it was seen twice, patience apart."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from support.fake_service import BASE, FakeService, LoopClock, holding
from support.ledgers import ORIGIN, PARTNER, InlineWriter, customer, education, new_request
from support.results import codes, only, outcomes, sent, soe
from support.runs import drive

from batchqual.errors import Unavailable
from batchqual.ledger import Ledger, Record, State, read_only
from batchqual.model import EducationSegment, Holding, Intake, Outcome, Qualification
from batchqual.pipeline import StopSwitch

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


async def denied(path: Path) -> FakeService:
    """A service that has denied the only row, as the ledger knows."""
    service = FakeService(vetting=0, verdict="Denied")
    assert [Outcome.DENIED] == outcomes(await drive(path, service, ROWS))
    return service


def looks(service: FakeService) -> int:
    """How often the only customer was looked at so far."""
    return len(service.looked_at[customer(1)])


@pytest.mark.parametrize("shown", [DENIED, ()], ids=["denied", "gone"])
async def test_a_denial_is_looked_at_once_in_every_run(path: Path, shown: tuple[Holding, ...]) -> None:
    """A denied row has nothing to lose: one look that shows the same, or nothing, is enough."""
    service = await denied(path)
    for _ in range(2):
        before = looks(service)
        service.looks[customer(1)].append(shown)
        assert [Outcome.DENIED] == outcomes(await drive(path, service, ROWS))
        assert before + 1 == looks(service)
    assert 1 == len(service.submissions)


@pytest.mark.parametrize("command", ["run", "plan"])
async def test_a_denial_that_was_overturned_is_approved(path: Path, command: str) -> None:
    """Somebody appealed: the look of the next run finds it, and it was ours."""
    service = await denied(path)
    service.verdict = "Approved"
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, ROWS, command=command))
    assert 1 == len(service.submissions)


async def test_a_denial_that_is_in_review_again_is_polled_to_its_end(path: Path) -> None:
    """Microsoft looks at it once more: the row waits, and is approved in the end."""
    service = await denied(path)
    service.verdict = "Approved"
    service.looks[customer(1)] += [(holding(EDUCATION, "InReview"),)] * 2
    assert [Outcome.IN_REVIEW] == outcomes(await drive(path, service, ROWS, wait="0"))
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, ROWS))
    assert 1 == len(service.submissions)


async def test_a_denial_of_somebody_else_that_was_overturned_is_not_ours(path: Path) -> None:
    """Found denied before we asked, and granted later: already qualified."""
    service = FakeService()
    service.world[customer(1)] += DENIED
    assert [Outcome.DENIED] == outcomes(await drive(path, service, ROWS))
    service.world[customer(1)] = [holding(EDUCATION)]
    assert [Outcome.ALREADY_QUALIFIED] == outcomes(await drive(path, service, ROWS))
    assert [] == service.submissions


@pytest.mark.parametrize("words", ["Approved", "InReview"])
async def test_an_overturned_denial_of_other_content_is_a_conflict(path: Path, words: str) -> None:
    """The row asks for another segment by now, and what was overturned is the one before."""
    service = await denied(path)
    service.looks[customer(1)].append((holding(EDUCATION, words),))
    rows = [education(1, EducationSegment.HIGHER_EDUCATION)]
    results = await drive(path, service, rows, wait="0")
    assert ([Outcome.CONFLICT], ["content-changed"]) == (outcomes(results), codes(results))
    assert "K12" in (only(results).error_message or "")


async def test_a_denial_that_a_resume_or_another_sheet_meets_is_not_looked_at(path: Path) -> None:
    """Denied rows are looked at where today's input has them."""
    service = await denied(path)
    before = looks(service)
    await drive(path, service, [education(2)])
    await drive(path, service, Intake((), (), ()), command="resume")
    assert before == looks(service)


async def test_a_denial_that_could_not_be_looked_at_says_when_it_was(path: Path) -> None:
    """No answer to the look: the row stays denied, and tells of which moment that is."""
    service = await denied(path)
    service.looks[customer(1)].append(Unavailable("503, five times", http_status=503))
    verdict = only(await drive(path, service, ROWS))
    assert (Outcome.DENIED, "not-looked-at") == (verdict.outcome, verdict.error_code)
    assert "503, five times" in (verdict.error_message or "")
    assert "Last looked at 2026-11-20 08:0" in (verdict.error_message or "")


@pytest.mark.parametrize("gone", [False, True], ids=["denied", "taken back"])
async def test_a_denial_that_a_stopped_run_did_not_come_to_says_when_it_was_looked_at(
    path: Path, *, gone: bool
) -> None:
    """A refusal of everybody, or a Ctrl-C, came before its look."""
    service = await (granted if gone else denied)(path)
    if gone:
        service.arrived.clear()
        assert [Outcome.DENIED] == outcomes(await drive(path, service, ROWS, recheck="0"))
    before = looks(service)
    stop = StopSwitch()
    stop.press()
    verdict = only(await drive(path, service, ROWS, stop=stop))
    assert before == looks(service)
    assert (Outcome.DENIED, "not-looked-at") == (verdict.outcome, verdict.error_code)
    assert "Last looked at 2026-11-20 08:0" in (verdict.error_message or "")


async def test_a_denial_in_words_that_was_never_looked_at_says_when_it_was_told(path: Path) -> None:
    """The synchronous API answers with the verdict itself."""
    service = FakeService(refusal="Customer tagging denied.")
    service.looks[customer(1)].append(())
    await drive(path, service, ROWS)
    stop = StopSwitch()
    stop.press()
    verdict = only(await drive(path, service, ROWS, stop=stop))
    assert "Last looked at 2026-11-20 08:00 UTC" in (verdict.error_message or "")


async def test_a_denial_beside_a_begun_request_is_looked_at_as_well(path: Path) -> None:
    """--resubmit-denied was interrupted before it sent: without it, the denial before is what stands."""
    service = await denied(path)
    await begun_again(path)
    before = looks(service)
    assert [Outcome.DENIED] == outcomes(await drive(path, service, ROWS))
    assert before + 1 == looks(service)
    service.verdict = "Approved"
    for _ in range(2):
        assert [Outcome.APPROVED] == outcomes(await drive(path, service, ROWS))
    assert 1 == len(service.submissions)


async def test_a_denial_beside_a_begun_request_may_be_in_review_again(path: Path) -> None:
    """The ledger holds one live request of a wish."""
    service = await denied(path)
    await begun_again(path)
    service.looks[customer(1)] += [(holding(EDUCATION, "InReview"),)]
    assert [Outcome.IN_REVIEW] == outcomes(await drive(path, service, ROWS, wait="0"))
    service.verdict = "Approved"
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, ROWS))
    assert 1 == len(service.submissions)


async def begun_again(path: Path) -> None:
    """What a run with --resubmit-denied leaves that dies before its intent."""
    with Ledger.open(path, clock=LoopClock(), command="run", make_writer=InlineWriter) as ledger:
        [record] = ledger.records(ORIGIN, PARTNER)
        await ledger.enrol([new_request(education(1), predecessor=record.id)])


@pytest.mark.parametrize("shown", [DENIED, ()], ids=["denied", "gone"])
async def test_what_was_taken_back_is_granted_again_when_a_later_look_shows_it(
    path: Path, shown: tuple[Holding, ...]
) -> None:
    """Gone for a night, and there again: one look of a later run is enough, and nothing is sent."""
    service = await granted(path)
    service.looks[customer(1)] += [shown, shown]
    assert [Outcome.DENIED] == outcomes(await drive(path, service, ROWS, recheck="0"))
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, ROWS))
    assert [] == reverted(path)
    assert 1 == len(service.submissions)


async def test_what_was_taken_back_and_is_in_review_again_is_polled(path: Path) -> None:
    """And what it says in the end is what stands."""
    service = await granted(path)
    service.looks[customer(1)] += [(), (), (holding(EDUCATION, "InReview"),)]
    assert [Outcome.DENIED] == outcomes(await drive(path, service, ROWS, recheck="0"))
    assert [Outcome.IN_REVIEW] == outcomes(await drive(path, service, ROWS, wait="0"))
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, ROWS))


async def test_what_was_taken_back_takes_the_words_of_a_later_denial(path: Path) -> None:
    """First it is gone, then it shows why; and when it is gone again the words are kept."""
    service = await granted(path)
    service.looks[customer(1)] += [(), (), DENIED, ()]
    told = [only(await drive(path, service, ROWS, recheck="0")) for _ in range(3)]
    assert ["(absent)", "Denied", "Denied"] == [verdict.vetting_status for verdict in told]
    assert [Outcome.DENIED] * 3 == [verdict.outcome for verdict in told]


async def test_a_doubt_is_kept_for_the_next_run(path: Path) -> None:
    """A run that ends between the two looks leaves the first to the next, whatever --recheck says."""
    service = await granted(path)
    service.arrived.clear()
    stop = StopSwitch()
    run = asyncio.create_task(drive(path, service, ROWS, recheck="0", stop=stop))
    await asyncio.sleep(1)
    stop.press()
    assert [Outcome.APPROVED] == outcomes(await run)
    await asyncio.sleep(61)
    before = looks(service)
    assert [Outcome.DENIED] == outcomes(await drive(path, service, ROWS))
    assert before + 1 == looks(service)


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

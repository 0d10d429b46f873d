"""What stands in the way of a row, and what only looks like it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.fake_service import FakeService, holding
from support.ledgers import customer, education, gcc
from support.results import codes, outcomes, sent, soe
from support.runs import an_intake, drive

from batchqual.model import EducationSegment, Intake, Outcome, Qualification, QualificationRequest
from batchqual.partnercenter import ValidationCode
from batchqual.pipeline import Results

pytestmark = pytest.mark.looptime


async def test_a_grant_is_not_asked_for_again(path: Path) -> None:
    """--resubmit-denied is for denials: what was granted is not even looked at."""
    service = FakeService(vetting=0)
    await drive(path, service, [education(1)])
    before = len(service.looked_at[customer(1)])
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)], resubmit_denied=True))
    assert before == len(service.looked_at[customer(1)])


async def test_used_attempts_are_those_of_education_alone(path: Path) -> None:
    """Two denials later StateOwnedEntity is sent without a flag."""
    service = FakeService(vetting=0, verdict="Denied")
    for _ in range(2):
        await drive(path, service, [education(1)], resubmit_denied=True)
        service.arrived.clear()
    service.verdict = "Approved"
    results = await drive(path, service, [soe(1)])
    assert [None] == codes(results)
    assert (1, "StateOwnedEntity") in sent(service)


async def test_a_no_in_so_many_words_is_looked_at_in_the_next_run(path: Path) -> None:
    """It came as the answer, so nobody has looked at it; what the look shows is believed, nothing is sent."""
    service = FakeService(refusal="Customer tagging denied.", lost_before_arrival=True)
    await drive(path, service, [soe(1)], api="synchronous")
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [soe(1)], api="synchronous"))
    assert [(1, "StateOwnedEntity")] == sent(service)


def beside(unplaced: QualificationRequest, *others: QualificationRequest) -> Intake:
    """A row whose customer could not be looked up, in front of others."""
    intake = an_intake(unplaced, *others)
    failed = replace(intake.rows[0], preset=Outcome.FAILED, qualification=unplaced.qualification.value)
    return replace(intake, rows=(failed, *intake.rows[1:]))


@pytest.mark.parametrize(
    ("qualification", "segment", "code"),
    [
        pytest.param(Qualification.EDUCATION, EducationSegment.K12, None, id="the same again"),
        pytest.param(
            Qualification.EDUCATION,
            EducationSegment.HIGHER_EDUCATION,
            "waits-for-lookup",
            id="another segment",
        ),
        pytest.param(Qualification.GCC, None, "waits-for-lookup", id="what excludes it"),
        pytest.param(Qualification.SOE, None, None, id="what goes with it"),
    ],
)
async def test_what_may_be_of_the_same_customer(
    path: Path, qualification: Qualification, segment: EducationSegment | None, code: str | None
) -> None:
    """A row waits for one that would contradict it, and for no other."""
    unplaced = QualificationRequest("", qualification, segment=segment, domain="contoso.example")
    results: Results = await drive(path, FakeService(), beside(unplaced, education(1)))
    assert code == codes(results)[1]


@pytest.mark.parametrize(
    ("gcc_shown", "code"),
    [
        pytest.param(False, "waits-for-gcc", id="it may be sent another day"),
        pytest.param(True, None, id="the customer holds it"),
    ],
)
async def test_state_owned_waits_for_a_gcc_row_with_a_domain_that_moved(
    path: Path, gcc_shown: bool, code: str | None
) -> None:
    """The user corrects the row, and GCC is sent then, unless StateOwnedEntity was there first; where the
    customer has GCC, there is nothing to wait for."""
    service = FakeService(
        codes=(ValidationCode("0012345", "", 5, 5),), domains={customer(1): "contoso.example"}
    )
    if gcc_shown:
        service.world[customer(1)].append(holding(Qualification.GCC))
    rows = [replace(gcc(1), domain="fabrikam.example"), soe(1)]
    results = await drive(path, service, rows)
    assert [None if gcc_shown else "domain-moved", code] == codes(results)
    assert ([] if code else [(1, "StateOwnedEntity")]) == sent(service)

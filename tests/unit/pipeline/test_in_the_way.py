"""What stands in the way of a row, and what only looks like it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.fake_service import FakeService
from support.ledgers import customer, education
from support.results import codes, outcomes, sent, soe
from support.runs import an_intake, drive

from batchqual.model import EducationSegment, Intake, Outcome, Qualification, QualificationRequest
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

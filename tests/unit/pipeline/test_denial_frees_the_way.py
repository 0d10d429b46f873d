"""What was in review and is denied by the look at hand does not stand in another row's way."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from support.fake_service import FakeService
from support.ledgers import education, gcc
from support.results import outcomes, sent
from support.runs import drive

from batchqual.model import Outcome, QualificationRequest
from batchqual.partnercenter import ValidationCode

pytestmark = pytest.mark.looptime


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(education(1), gcc(1), id="GCC after Education"),
        pytest.param(gcc(1), education(1), id="Education after GCC"),
    ],
)
async def test_a_fresh_denial_frees_the_way(
    path: Path, before: QualificationRequest, after: QualificationRequest
) -> None:
    """The same look shows the denial and lets the other one go, whichever of them comes first."""
    service = FakeService(verdict="Denied", codes=(ValidationCode("0012345", "", 5, 5),))
    await drive(path, service, [before], wait="0")
    await asyncio.sleep(600)
    results = await drive(path, service, [after], wait="0")
    assert [Outcome.IN_REVIEW] == outcomes(results)
    assert [Outcome.DENIED] == outcomes(results.earlier)
    assert [before.qualification.short, after.qualification.short] == [kind for _, kind in sent(service)]

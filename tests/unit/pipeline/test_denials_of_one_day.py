"""A resubmission of unknown fate, and a denial whose date has no time of day: is it the new one's?"""

from __future__ import annotations

from pathlib import Path

import pytest
from support.dying import Killed
from support.fake_service import FakeService, holding
from support.ledgers import customer, education
from support.results import outcomes
from support.runs import drive

from batchqual.model import Holding, Outcome, Qualification

pytestmark = pytest.mark.looptime


def denial(created: str) -> Holding:
    """Education, denied."""
    return holding(Qualification.EDUCATION, "Denied", reason="Not an Academic Domain", created=created)


DAY = denial("11/20/2026: 00:00:00")
MOMENT = denial("2026-11-20T07:59:01Z")


@pytest.mark.parametrize(
    ("shown", "sends"),
    [
        pytest.param(DAY, 1, id="a date alone may be that of either: nothing is sent on its word"),
        pytest.param(MOMENT, 2, id="the same moment is the same denial: it is sent again"),
    ],
)
async def test_a_denial_that_may_be_the_new_one(path: Path, shown: Holding, sends: int) -> None:
    """The process dies with the answer lost; the next one sees a denial of the same words and date."""
    service = FakeService(vetting=1e9)
    service.world[customer(1)].append(shown)
    assert [Outcome.DENIED] == outcomes(await drive(path, service, [education(1)]))
    service.answers.append(Killed())
    service.lost_before_arrival = True
    with pytest.raises(Killed):
        await drive(path, service, [education(1)], resubmit_denied=True)
    [outcome] = outcomes(await drive(path, service, [education(1)], wait="0"))
    assert sends == len(service.submissions)
    assert (Outcome.DENIED if sends == 1 else Outcome.IN_REVIEW) is outcome

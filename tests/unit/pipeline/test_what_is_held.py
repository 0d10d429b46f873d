"""What the customer holds, where several entries speak or one speaks oddly."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.fake_service import FakeService, holding
from support.ledgers import customer, education, input_row, wish
from support.results import outcomes
from support.runs import drive

from batchqual.model import Outcome, Qualification, QualificationRequest
from batchqual.partnercenter import ValidationCode
from batchqual.pipeline.decide import Hindered, Send, decide
from batchqual.pipeline.items import Item
from batchqual.pipeline.quota import code_obstacles

EDUCATION, GCC, SOE = Qualification.EDUCATION, Qualification.GCC, Qualification.SOE


def test_state_owned_is_not_blamed_for_what_another_hinders() -> None:
    """The customer holds Education as well, and GCC could not be set before StateOwnedEntity either."""
    decision = decide(QualificationRequest(customer(1), GCC), [holding(SOE, None), holding(EDUCATION)])
    assert isinstance(decision, Hindered)
    assert "other-qualification-held" == decision.code


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        pytest.param(None, "holds StateOwnedEntity, and", id="none"),
        pytest.param("Approved", "holds StateOwnedEntity, and", id="approved"),
        pytest.param("InReview", "holds StateOwnedEntity (InReview), and", id="in review"),
    ],
)
def test_a_status_is_shown_where_it_says_something(status: str | None, shown: str) -> None:
    """What is simply held has none in its sentence."""
    held = [holding(SOE, status)]
    decision = decide(QualificationRequest(customer(1), EDUCATION), held, one_value=True)
    assert isinstance(decision, Hindered)
    assert shown in decision.message


def test_holdings_are_read_once() -> None:
    """Whoever gives them one by one is served as well."""
    held = iter([holding(GCC, "Denied"), holding(SOE, None)])
    assert isinstance(decide(QualificationRequest(customer(1), EDUCATION), held), Send)
    held = iter([holding(GCC)])
    assert isinstance(decide(QualificationRequest(customer(1), EDUCATION), held), Hindered)


def test_gcc_without_a_code_is_not_sent() -> None:
    """No code is not one of the partner's."""
    item = Item(wish(1, GCC), 0, None, row=input_row(0, QualificationRequest(customer(1), GCC)))
    obstacles = code_obstacles([ValidationCode("0012345", "", 5, 5)], [item])
    assert ["unknown-code"] == [obstacle.code for obstacle in obstacles.values()]


@pytest.mark.looptime
async def test_one_odd_denial_changes_nothing(path: Path) -> None:
    """A grant that one look shows as denied, and the next as granted, was never taken away."""
    service = FakeService(vetting=0)
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))
    service.looks[customer(1)].append((holding(EDUCATION, "Denied", reason="Not an Academic Domain"),))
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)], recheck="0"))

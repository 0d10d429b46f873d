"""The work of a run goes with its rows, not with their square: counted in steps, not in seconds."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.fake_service import FakeService
from support.ledgers import ORIGIN, PARTNER, education
from support.results import outcomes
from support.runs import drive

from batchqual.ledger import read_only
from batchqual.model import Outcome, Wish
from batchqual.pipeline import live_rows, survey

pytestmark = pytest.mark.looptime

MANY = 128
AS_OFTEN = 30
"""How often one row is compared with others at most, however many there are."""


async def test_resume_finds_the_rows_of_the_ledger_without_a_search(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each by its wish, once."""
    service = FakeService(vetting=1e9)
    await drive(path, service, [education(n) for n in range(1, MANY + 1)], wait="0")
    with read_only(path) as view:
        intake = live_rows(view, ORIGIN, PARTNER)
    compared = 0
    equal = Wish.__eq__

    def counted(one: Wish, other: object) -> bool:
        nonlocal compared
        compared += 1
        return equal(one, other)

    monkeypatch.setattr(Wish, "__eq__", counted)
    results = await drive(path, service, intake, command="resume", wait="0")
    assert [Outcome.IN_REVIEW] * MANY == outcomes(results)
    assert compared <= AS_OFTEN * MANY


class Turn(float):
    """A place in the order of sending that counts how often it is compared."""

    compared = 0

    def __lt__(self, other: float) -> bool:
        Turn.compared += 1
        return super().__lt__(other)

    def __gt__(self, other: float) -> bool:
        Turn.compared += 1
        return super().__gt__(other)


async def test_the_first_n_are_chosen_without_counting_all_for_each(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One customer at a time is looked at, and all that were found are not gone through again for it."""
    turn_of = survey._turn
    monkeypatch.setattr(survey, "_turn", lambda customer, item: Turn(turn_of(customer, item)))
    rows = [education(n) for n in range(1, MANY + 1)]
    results = await drive(path, FakeService(), rows, first=MANY - 1, concurrency=1)
    assert [Outcome.APPROVED] * (MANY - 1) + [Outcome.NOT_ATTEMPTED] == outcomes(results)
    assert 0 < Turn.compared <= AS_OFTEN * MANY

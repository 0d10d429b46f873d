"""Education requests that are used up: for whom they count, and what they hold back."""

from __future__ import annotations

import pytest
from support.ledgers import customer, education, gcc

from batchqual.model import QualificationRequest
from batchqual.pipeline.attempts import held_back, used_by
from batchqual.pipeline.items import Item

USED = {customer(1): 3, customer(2): 2}


@pytest.mark.parametrize(
    ("request_", "used"),
    [
        pytest.param(education(1), 3, id="Education"),
        pytest.param(education(9), 0, id="a customer without any"),
        pytest.param(gcc(1), 0, id="another qualification"),
    ],
)
def test_only_education_uses_requests(request_: QualificationRequest, used: int) -> None:
    """By customer."""
    assert used == used_by(request_.wish, USED)


@pytest.mark.parametrize(("allow_last", "held"), [(False, {1, 2}), (True, {1})])
def test_what_is_offered_in_vain_is_held_back(allow_last: bool, held: set[int]) -> None:
    """What is not offered is not held back either: it would not be sent anyway."""
    items = [Item(education(number).wish, number, None) for number in (1, 2, 3)]
    for item in items:
        item.offered = True
    idle = Item(education(1).wish, 4, None)
    found = held_back([*items, idle], USED, allow_last=allow_last)
    assert held == {item.position for item in found}

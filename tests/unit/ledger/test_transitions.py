"""The table of moves."""

from __future__ import annotations

from itertools import product

import pytest

from batchqual.errors import IllegalMove
from batchqual.ledger import LIVE, MOVES, State
from batchqual.ledger.transitions import require_legal

LEGAL = {
    ("queued", "sending"),
    ("queued", "in_review"),
    ("queued", "settled"),
    ("queued", "refused"),
    ("sending", "sending"),
    ("sending", "queued"),
    ("sending", "in_review"),
    ("sending", "settled"),
    ("sending", "refused"),
    ("sending", "abandoned"),
    ("in_review", "in_review"),
    ("in_review", "settled"),
    ("in_review", "reverted"),
    ("settled", "settled"),
    ("settled", "in_review"),
    ("settled", "reverted"),
    ("reverted", "reverted"),
    ("reverted", "settled"),
    ("reverted", "in_review"),
}


@pytest.mark.parametrize(
    ("before", "after"),
    [pytest.param(a, b, id=f"{a}-{b}") for a, b in product(State, State)],
)
def test_the_table_allows_what_was_written_by_hand(before: State, after: State) -> None:
    """Each of the 49 pairs is allowed or refused as this file says."""
    if (before.value, after.value) in LEGAL:
        require_legal(before, after)
    else:
        with pytest.raises(IllegalMove, match=f"from {before} to {after}") as caught:
            require_legal(before, after)
        assert "defect" in caught.value.hint


def test_an_end_says_so() -> None:
    """The message of a move out of an end says that there is none."""
    with pytest.raises(IllegalMove, match="nothing: it is an end"):
        require_legal(State.REFUSED, State.QUEUED)


def test_a_refusal_names_what_is_allowed() -> None:
    """In an order that does not change from run to run."""
    allowed = "abandoned, in_review, queued, refused, sending, settled"
    with pytest.raises(IllegalMove, match=rf"\(from sending: {allowed}\)"):
        require_legal(State.SENDING, State.REVERTED)


def test_every_state_has_its_line() -> None:
    """No state was forgotten in the table, and the live ones are those before vetting has ended."""
    assert set(State) == set(MOVES)
    assert {State.QUEUED, State.SENDING, State.IN_REVIEW} == LIVE

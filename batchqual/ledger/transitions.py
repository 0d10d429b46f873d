"""The states of a request, and the only table of the moves between them."""

from __future__ import annotations

from enum import StrEnum

from batchqual.errors import IllegalMove

__all__ = ["LIVE", "MOVES", "State", "require_legal"]


class State(StrEnum):
    """Where a request stands."""

    QUEUED = "queued"  # wanted; not a byte of it has left, or it is known not to have arrived
    SENDING = "sending"  # the intent is on disk; whether the service has it is not known
    IN_REVIEW = "in_review"  # accepted, or found in review
    SETTLED = "settled"  # a look has shown the end of vetting: granted or denied
    REFUSED = "refused"  # the service refused it for good; the wish may be offered again as a new request
    ABANDONED = "abandoned"  # given up while nobody knew whether it arrived; another request follows it
    REVERTED = "reverted"  # looks have shown it, in review or granted, and later denied or gone


LIVE = frozenset({State.QUEUED, State.SENDING, State.IN_REVIEW})
"""A wish has at most one request in these states; a partial unique index holds it."""

MOVES: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SENDING, State.IN_REVIEW, State.SETTLED, State.REFUSED}),
    # sending to sending is a look that showed nothing, or the same request sent again
    State.SENDING: frozenset(
        {State.SENDING, State.QUEUED, State.IN_REVIEW, State.SETTLED, State.REFUSED, State.ABANDONED},
    ),
    # in_review to reverted is one that the service dropped without a verdict
    State.IN_REVIEW: frozenset({State.IN_REVIEW, State.SETTLED, State.REVERTED}),
    # back to in_review, or from reverted to settled: the service has changed its mind
    State.SETTLED: frozenset({State.SETTLED, State.IN_REVIEW, State.REVERTED}),
    State.REFUSED: frozenset(),
    State.ABANDONED: frozenset(),
    State.REVERTED: frozenset({State.REVERTED, State.IN_REVIEW, State.SETTLED}),
}


def require_legal(before: State, after: State) -> None:
    """Raise `IllegalMove` unless the table allows this move."""
    if after not in MOVES[before]:
        allowed = ", ".join(sorted(MOVES[before])) or "nothing: it is an end"
        message = f"A request cannot go from {before} to {after} (from {before}: {allowed})."
        raise IllegalMove(
            message, hint="This is a defect in batchqual; nothing was changed. Please report it."
        )

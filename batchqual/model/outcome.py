"""The last word on a row: exactly one of ten outcomes, each in one of three classes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["Attention", "Outcome", "Verdict"]


class Attention(StrEnum):
    """How much of a person's attention an outcome asks for."""

    QUIET = "quiet"
    WAITING = "waiting"
    NEEDED = "attention"


class Outcome(StrEnum):
    """Every input row has exactly one. The order is the one that reports use."""

    APPROVED = "approved"  # confirmed by a look, and submitted by us, now or earlier
    ALREADY_QUALIFIED = "already_qualified"  # confirmed by a look, never submitted by us
    DUPLICATE = "duplicate"  # the same as an earlier valid row
    NOT_ATTEMPTED = "not_attempted"  # would be sent; a limit, a stop or an interruption came first
    IN_REVIEW = "in_review"  # accepted; vetting has not settled
    DENIED = "denied"  # vetting said no
    INVALID = "invalid"  # failed validation; never sent
    CONFLICT = "conflict"  # valid, but not sendable
    FAILED = "failed"  # refused for good, or the retries of a read ran out
    UNKNOWN = "unknown"  # sent, the answer was lost, and looks could not yet tell

    @property
    def attention(self) -> Attention:
        """The class of this outcome."""
        if self in (Outcome.APPROVED, Outcome.ALREADY_QUALIFIED, Outcome.DUPLICATE, Outcome.NOT_ATTEMPTED):
            return Attention.QUIET
        return Attention.WAITING if self is Outcome.IN_REVIEW else Attention.NEEDED

    @property
    def words(self) -> str:
        """The outcome as it reads in Excel: ``Already qualified``."""
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome with the facts behind it. All times are UTC.

    ``vetting_status`` and ``vetting_reason`` are the service's own words, or ``(absent)``. ``error_code`` is
    the service's code, or one of ours in kebab case (``unknown-code``); ``error_message`` says what happened
    in a sentence. ``request_id`` and ``correlation_id`` are those of the submission. ``attempts`` counts the
    Education requests of this customer that may have reached vetting, over all runs; ``polls`` the looks at
    the customer on behalf of this request.
    """

    outcome: Outcome
    vetting_status: str | None = None
    vetting_reason: str | None = None
    submitted_at: datetime | None = None
    settled_at: datetime | None = None
    attempts: int = 0
    polls: int = 0
    http_status: int | None = None
    error_code: str | None = None
    error_message: str | None = None
    request_id: str | None = None
    correlation_id: str | None = None

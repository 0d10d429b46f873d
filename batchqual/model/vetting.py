"""What the service says a customer holds, and how far vetting has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .qualification import Qualification

__all__ = ["ABSENT", "NONE", "Holding", "VettingStatus"]

ABSENT = "(absent)"
"""Shown where the service no longer lists a qualification."""
NONE = "None"
"""The service's name for no qualification."""


class VettingStatus(StrEnum):
    """How far vetting has come. The service's list is open: what is not known is UNKNOWN, never an error."""

    IN_REVIEW = "InReview"
    APPROVED = "Approved"
    DENIED = "Denied"
    MISSING = "Missing"  # no status in the entry; normal for StateOwnedEntity, where presence is the grant
    UNKNOWN = "Unknown"  # a status that this program does not know; `raw_status` keeps its spelling


@dataclass(frozen=True, slots=True)
class Holding:
    """One entry of a customer's qualifications, as the service tells it.

    ``qualification`` is None for one that cannot be set or is not known (``Nonprofit``, something new);
    ``raw_qualification`` keeps its spelling. ``created_raw`` keeps the date's text, because its form is
    documented in four ways; ``created_at`` is that text read as UTC, or None.
    """

    qualification: Qualification | None
    raw_qualification: str
    status: VettingStatus
    raw_status: str | None = None
    reason: str | None = None
    created_at: datetime | None = None
    created_raw: str | None = None

    @property
    def nameless(self) -> bool:
        """An entry ``None``, which has a state of vetting all the same: of what, it does not say."""
        return self.qualification is None and self.raw_qualification == NONE

    @property
    def granted(self) -> bool:
        """Approved; for StateOwnedEntity, present."""
        if self.status is VettingStatus.APPROVED:
            return True
        return self.qualification is Qualification.SOE and self.status is VettingStatus.MISSING

    @property
    def denied(self) -> bool:
        """Vetting said no."""
        return self.status is VettingStatus.DENIED

    @property
    def settled(self) -> bool:
        """Vetting has come to an end."""
        return self.granted or self.denied

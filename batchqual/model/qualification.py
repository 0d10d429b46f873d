"""What can be asked for: a qualification of a customer, and the details that go with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["EducationSegment", "Qualification", "QualificationRequest", "Wish", "mask_code"]


class Qualification(StrEnum):
    """A qualification that a partner can set (Partner Center docs, update page, June 2022).

    ``None`` and ``Nonprofit`` exist in the service's enumeration and cannot be set.
    """

    EDUCATION = "Education"
    GCC = "GovernmentCommunityCloud"
    SOE = "StateOwnedEntity"

    @property
    def short(self) -> str:
        """A name that fits into a column: ``Education``, ``GCC``, ``StateOwnedEntity``."""
        return self.name if self is Qualification.GCC else self.value


class EducationSegment(StrEnum):
    """The two segments of Education, spelt as the service wants them."""

    K12 = "K12"
    HIGHER_EDUCATION = "HigherEducation"


@dataclass(frozen=True, slots=True, order=True)
class Wish:
    """What is wished, within one API origin and one partner: the unit of *never twice*."""

    customer_id: str
    qualification: Qualification


@dataclass(frozen=True, slots=True)
class QualificationRequest:
    """A validated wish with its content.

    ``customer_id`` is the tenant GUID, lower case with hyphens. ``segment`` and ``website`` go with
    Education, ``validation_code`` with GCC.

    A row may name its customer by ``domain`` alone, lower case. Its ``customer_id`` is empty until the
    look-up: it `needs_lookup`, and is nobody's wish before. A domain beside the row's own ID is a ``claim``,
    to be compared with the customer list. Neither is part of the content.
    """

    customer_id: str
    qualification: Qualification
    segment: EducationSegment | None = None
    website: str | None = None
    validation_code: str | None = field(default=None, repr=False)
    domain: str | None = None
    claim: str | None = None

    @property
    def needs_lookup(self) -> bool:
        """Whether it is not known yet which customer the domain belongs to."""
        return not self.customer_id

    @property
    def wish(self) -> Wish:
        """The identity of this request. Raises ValueError while its customer is not known."""
        if self.needs_lookup:
            raise ValueError(f"the customer of {self.domain} was not looked up")
        return Wish(self.customer_id, self.qualification)

    @property
    def content(self) -> tuple[str | None, str | None]:
        """What makes two requests for one wish differ: segment and code. The website does not."""
        return (self.segment, self.validation_code)


def mask_code(code: str) -> str:
    """A validation code as it may be shown: all but its last two characters hidden, at least two of them."""
    shown = code[-2:] if len(code) > 3 else ""
    return "•" * max(2, len(code) - len(shown)) + shown

"""What the caller says about how to read the input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from batchqual.model import EducationSegment, Qualification

from .limits import Limits

__all__ = ["CARRIED", "FIELDS", "IDENTITY", "Reading"]

FIELDS = (
    "customer_id",
    "domain",
    "qualification",
    "validation_code",
    "education_segment",
    "website",
    "customer_name",
    "account_owner",
)
"""The fields of an input row, in the order in which columns are chosen for them."""

CARRIED = frozenset({"customer_name", "account_owner"})
"""Fields that only travel to the report; nothing of them is sent."""

IDENTITY = frozenset({"customer_id", "domain", "qualification", "validation_code", "education_segment"})
"""Fields in which a formula, a date or a truth value is an error: what is sent hangs on them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read the input.

    ``encoding`` is that of text files, as Python calls it. ``mapping`` goes from a field to a heading; a
    heading that stands there twice is told apart as ``TenantId#2`` (its second occurrence), and a column
    without a usable heading is named ``column:D``. ``qualification`` and ``education_segment`` serve rows
    whose cell is empty. ``segment_required`` is False for the two older APIs, which do not ask for one.
    ``partner_id`` is the partner's own tenant, which is never sent.
    """

    sheet: str | None = None
    encoding: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    qualification: Qualification | None = None
    education_segment: EducationSegment | None = None
    segment_required: bool = True
    partner_id: str | None = None
    limits: Limits = field(default_factory=Limits)

    @property
    def partner(self) -> str:
        """The partner's own tenant as IDs are compared (lower case, no braces); empty when unknown."""
        return (self.partner_id or "").strip().strip("{}").lower()

"""What to do about a wish that was never sent, given what the service says the customer holds. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from batchqual.model import Holding, Qualification, QualificationRequest, VettingStatus

__all__ = ["Decision", "Found", "Hindered", "Send", "decide", "entry_of"]


@dataclass(frozen=True, slots=True)
class Send:
    """Nothing stands in the way."""


@dataclass(frozen=True, slots=True)
class Found:
    """The service holds it already: adopt what it says, send nothing."""

    holding: Holding


@dataclass(frozen=True, slots=True)
class Hindered:
    """Valid, but not sendable: the row is a conflict. ``code`` is a stable word, ``message`` a sentence."""

    code: str
    message: str


Decision = Send | Found | Hindered


def decide(
    request: QualificationRequest, holdings: Iterable[Holding], *, one_value: bool = False
) -> Decision:
    """What to do about ``request``. ``one_value``: the synchronous API holds one value and overwrites it.

    Education and GCC exclude each other, GCC wants a customer without StateOwnedEntity, and what was denied
    does not stand in the way (Partner Center docs, update page, June 2022; SDK feature sample).
    """
    holdings = tuple(holdings)
    own = entry_of(request.qualification, holdings)
    if own is not None:
        return Found(own)
    others = [holding for holding in holdings if not holding.denied]
    if one_value and others:
        return Hindered(
            "another-value-held",
            f"The customer holds {_names(others)}, and this API would overwrite it.",
        )
    blocking = [holding for holding in others if _excludes(request.qualification, holding)]
    if not blocking:
        return Send()
    if all(holding.qualification is Qualification.SOE for holding in blocking):
        return Hindered(
            "soe-before-gcc",
            "The customer is a StateOwnedEntity already; GCC can only be set before that.",
        )
    return Hindered(
        "other-qualification-held",
        f"The customer holds {_names(blocking)}, and {request.qualification.short} does not go with that.",
    )


def entry_of(qualification: Qualification, holdings: Iterable[Holding]) -> Holding | None:
    """The entry that speaks for a qualification: granted before open before denied, else None."""
    entries = [holding for holding in holdings if holding.qualification is qualification]
    return min(entries, key=_weight, default=None)


def _weight(holding: Holding) -> int:
    return 0 if holding.granted else 2 if holding.denied else 1


def _excludes(wanted: Qualification, held: Holding) -> bool:
    if wanted is Qualification.GCC:
        return True
    return wanted is Qualification.EDUCATION and held.qualification is Qualification.GCC


def _names(holdings: Iterable[Holding]) -> str:
    return " and ".join(
        f"{holding.raw_qualification} ({holding.raw_status})"
        if holding.raw_status and holding.status is not VettingStatus.APPROVED
        else holding.raw_qualification
        for holding in holdings
    )

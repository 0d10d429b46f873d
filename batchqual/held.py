"""What a customer holds, as cells of a sheet that is filled in later."""

from __future__ import annotations

from .model import Holding, Qualification

__all__ = ["HELD", "LOOKED_AT", "cells_of"]

_HOLDS = {
    Qualification.EDUCATION: "holds_education",
    Qualification.GCC: "holds_gcc",
    Qualification.SOE: "holds_state_owned_entity",
}
_OTHER, LOOKED_AT = "holds_other", "looked_at"
#: The headings, and what stands below them.
HELD = {
    **dict.fromkeys(_HOLDS.values(), "What the customer held at the look; empty: nothing. It is no wish."),
    _OTHER: "Qualifications that cannot be asked for here.",
    LOOKED_AT: "When the customer was looked at, or why that failed.",
}


def cells_of(holdings: tuple[Holding, ...], moment: str) -> dict[str, str]:
    """What a look showed, by heading; ``moment`` says when it was made."""
    cells: dict[str, list[str]] = {}
    for one in holdings:
        heading = _HOLDS.get(one.qualification) if one.qualification else None
        words = _standing(one)
        cells.setdefault(heading or _OTHER, []).append(
            words if heading else f"{one.raw_qualification}: {words}"
        )
    return {**{heading: "; ".join(words) for heading, words in cells.items()}, LOOKED_AT: moment}


def _standing(holding: Holding) -> str:
    if holding.raw_status is None:
        return "held"
    if holding.denied and holding.reason:
        return f"{holding.raw_status}: {holding.reason}"
    if holding.settled or not holding.created_at:
        return holding.raw_status
    return f"{holding.raw_status} since {holding.created_at:%Y-%m-%d}"

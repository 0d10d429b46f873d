"""Numbers and times as people say them."""

from __future__ import annotations

import math
from collections.abc import Mapping

from batchqual.model import Outcome

__all__ = ["count_of", "outcome_words", "spell_span"]


def count_of(number: int, thing: str, things: str | None = None) -> str:
    """``1 row``, ``1,200 rows``."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def outcome_words(counts: Mapping[Outcome, int]) -> str:
    """``30 approved, 10 in review``: what is not zero, in the order of reports; empty when all is."""
    present = ((outcome, counts.get(outcome, 0)) for outcome in Outcome)
    return ", ".join(f"{count:,} {outcome.words.lower()}" for outcome, count in present if count)


def spell_span(seconds: float) -> str:
    """A span as precisely as anybody wants it: ``8 s``, ``4 min``, ``2 h 10 min``, ``3 days``."""
    if math.isinf(seconds):
        return "as long as it takes"
    whole = max(0, math.ceil(seconds))
    if whole < 90:
        return f"{whole} s"
    minutes = math.ceil(whole / 60)
    if minutes < 90:
        return f"{minutes} min"
    if minutes < 2880:
        hours, rest = divmod(minutes, 60)
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{math.ceil(minutes / 1440)} days"

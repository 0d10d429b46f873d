"""Education can be asked for three times per customer; the tool does not spend the last one unasked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from batchqual.model import Outcome, Qualification, Wish

from .items import Item, Obstacle

__all__ = ["MOST_ATTEMPTS", "attempt_obstacle", "held_back", "used_by"]

MOST_ATTEMPTS = 3
"""Verification requests per customer (Partner Center docs, page on selling to education customers)."""


def attempt_obstacle(attempts: int, *, allow_last: bool) -> Obstacle | None:
    """Why another Education request may not be made after ``attempts`` of them; None when it may."""
    if attempts >= MOST_ATTEMPTS:
        return Obstacle(
            Outcome.DENIED,
            "no-attempts-left",
            f"{attempts} of {MOST_ATTEMPTS} Education requests of this customer are used; nothing was sent.",
        )
    if attempts == MOST_ATTEMPTS - 1 and not allow_last:
        return Obstacle(
            Outcome.DENIED,
            "last-attempt",
            f"{attempts} of {MOST_ATTEMPTS} Education requests of this customer are used; the last one is "
            "only sent with --allow-last-attempt.",
        )
    return None


def used_by(wish: Wish, attempts: Mapping[str, int]) -> int:
    """How many of them a wish has behind it: none but for Education. ``attempts`` counts by customer."""
    return attempts.get(wish.customer_id, 0) if wish.qualification is Qualification.EDUCATION else 0


def held_back(items: Iterable[Item], attempts: Mapping[str, int], *, allow_last: bool) -> set[Item]:
    """Those that are offered, and will not be sent: their customer's attempts are used up."""
    return {
        item
        for item in items
        if item.offered and attempt_obstacle(used_by(item.wish, attempts), allow_last=allow_last) is not None
    }

"""Education can be asked for three times per customer; the tool does not spend the last one unasked."""

from __future__ import annotations

from batchqual.model import Outcome

from .items import Obstacle

__all__ = ["MOST_ATTEMPTS", "attempt_obstacle"]

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

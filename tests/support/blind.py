"""What no fault may make of a run, by the simulator's books: a submission after one that took effect."""

from __future__ import annotations

from collections import Counter

from support.truth import submissions

from batchqual.simulator import Simulator

__all__ = ["sent_after_they_were_taken", "taken"]


def taken(simulator: Simulator) -> Counter[str]:
    """How many submissions of each customer took effect."""
    return Counter(entry.customer for entry in submissions(simulator) if entry.written)


def sent_after_they_were_taken(simulator: Simulator) -> list[str]:
    """Customers to whom something was sent once more, whatever the service made of it."""
    served: set[str] = set()
    again: list[str] = []
    for entry in submissions(simulator):
        if entry.customer in served:
            again.append(entry.customer)
        if entry.written:
            served.add(entry.customer)
    return again

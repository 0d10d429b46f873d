"""The report held against the simulator's world and books, row by row, without any parser of batchqual's."""

from __future__ import annotations

import time
from typing import Any, Final

from batchqual.simulator import Entry, Simulator

from .drive import Told

__all__ = ["accepted", "assert_report_matches", "looks", "shown", "submissions"]

_NAMES: Final = {"education": "Education", "gcc": "GovernmentCommunityCloud", "soe": "StateOwnedEntity"}
#: Of these the service may hold nothing that came from us (`conflict` of changed content apart).
_UNSENT: Final = {"already_qualified", "invalid", "failed", "not_attempted"}


def submissions(simulator: Simulator, customer: str | None = None) -> list[Entry]:
    """The POSTs and PUTs that arrived, in that order; those of one customer, if it is named."""
    return [
        entry
        for entry in simulator.books.log()
        if entry.method in {"POST", "PUT"} and customer in (None, entry.customer)
    ]


def looks(simulator: Simulator, customer: str | None = None) -> list[Entry]:
    """The GETs of qualifications that arrived, in that order."""
    return [
        entry
        for entry in simulator.books.log()
        if entry.method == "GET"
        and entry.path.rpartition("/")[2] in {"qualification", "qualifications"}
        and customer in (None, entry.customer)
    ]


def accepted(simulator: Simulator, customer: str, qualification: str = "Education") -> int:
    """How many submissions of a wish took effect."""
    return simulator.books.accepted[customer, _NAMES.get(qualification.casefold(), qualification)]


def shown(simulator: Simulator, customer: str, qualification: str) -> tuple[str | None, str | None] | None:
    """Status and reason of a qualification as the world has it now; None when there is none."""
    known = simulator.world.customers.get(customer)
    for sight in known.sights(time.time(), lagging=False) if known else ():
        if sight.qualification == qualification:
            return sight.status, sight.reason
    return None


def assert_report_matches(told: Told, simulator: Simulator, *, sent_before: bool = False) -> None:
    """Every row says what the service holds, and totals are the sums of rows.

    ``sent_before``: submissions of an earlier run may stand behind rows that were not sent in this one.
    """
    wrong = [
        sentence for row in told.rows for sentence in _wrong_with(row, simulator, sent_before=sent_before)
    ]
    assert [] == wrong
    assert told.document["rows_in"] == len(told.rows) == sum(told.document["outcomes"].values())
    assert dict(told.totals) == {name: n for name, n in told.document["outcomes"].items() if n}


def _wrong_with(row: dict[str, Any], simulator: Simulator, *, sent_before: bool) -> list[str]:
    customer, qualification, outcome = row["customer_id"], row["qualification"], row["outcome"]
    held = shown(simulator, customer, qualification)
    count = accepted(simulator, customer, qualification)
    most = 99 if sent_before else 0 if outcome in _UNSENT else 1
    right = {
        "approved": _granted(held) and count >= 1,
        "already_qualified": _granted(held),
        "denied": held is None or held == ("Denied", row["vetting_reason"]),
        "in_review": held is not None,
    }
    if right.get(outcome, True) and count <= most:
        return []
    name = f"row {row['row']} ({customer}, {qualification}) says {outcome} {row['error_message'] or ''}"
    return [f"{name}: the service holds {held} after {count} submissions that took effect"]


def _granted(held: tuple[str | None, str | None] | None) -> bool:
    return held is not None and held[0] in {"Approved", None}

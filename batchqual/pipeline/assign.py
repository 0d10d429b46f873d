"""From today's rows and yesterday's ledger to the things that this run has in its hands. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from batchqual.ledger import Record, State
from batchqual.model import InputRow, Intake, Outcome, Qualification, Wish, mask_code

from .items import Customer, Item, Obstacle, Unplaced
from .verdicts import is_granted

__all__ = ["Assignment", "assign", "changed_content", "claims_of", "gather"]

_OPEN = (State.SENDING, State.IN_REVIEW)
_IN_DOUBT = (Outcome.CONFLICT, Outcome.INVALID)
_is_id = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch


class Assignment:
    """Items of today's rows (by position of their first row), and of earlier sheets; and the customers who
    have a GCC row that could not be taken as it is. ``gcc_of_anybody``: there is one of which nobody can tell
    whose it is, and it may be any of them. ``unplaced`` are the rows whose customer was not found."""

    def __init__(self, records: Mapping[Wish, Record]) -> None:
        self.today: dict[int, Item] = {}
        self.earlier: list[Item] = []
        self.by_wish: dict[Wish, Item] = {}
        self.gcc_in_doubt: set[str] = set()
        self.gcc_of_anybody = False
        self.unplaced = Unplaced()
        self.records = records

    def items(self) -> list[Item]:
        """All of them, today's first."""
        return [*self.today.values(), *self.earlier]


def assign(
    intake: Intake,
    records: Mapping[Wish, Record],
    *,
    now: datetime,
    resubmit_denied: bool,
    recheck: timedelta,
    resend_unknown: bool = False,
    given_up: Mapping[Wish, tuple[Record, ...]] | None = None,
) -> Assignment:
    """An item for each valid row that is not a duplicate, and for each live record of earlier sheets. A row
    whose customer was not looked up gets none.

    ``records`` holds the latest record of each wish, ``given_up`` the requests before it that were given up
    and that nobody has seen since. Rows whose content differs from what is in review or
    approved are conflicts, and the live record stays polled beside them. Pure.
    """
    assignment = Assignment(records)
    before = given_up or {}
    for row in intake.rows:
        if row.request is None or row.preset is not None or row.request.needs_lookup:
            _doubt(assignment, row)
            continue
        record = records.get(row.request.wish)
        item = Item(
            row.request.wish, row.position, record, row=row, given_up=before.get(row.request.wish, ())
        )
        changed = changed_content(item, intake)
        if changed is not None:
            item.close(changed)
        else:
            _open(item, now=now, resubmit_denied=resubmit_denied, recheck=recheck)
            _give_up(item, resend_unknown=resend_unknown)
            assignment.by_wish[item.wish] = item
        assignment.today[row.position] = item
    after = len(assignment.today)
    for wish, record in records.items():
        item = Item(wish, after + record.id, record, given_up=before.get(wish, ()))
        if wish not in assignment.by_wish and (item.unresolved or record.state in _OPEN):
            assignment.earlier.append(item)
    return assignment


def _doubt(assignment: Assignment, row: InputRow) -> None:
    """A row without an item may still keep back what it would contradict, or what GCC has to go before."""
    request = row.request
    if request is not None and request.needs_lookup:
        assignment.unplaced.add(request)
    if (request.qualification if request else row.qualification) != Qualification.GCC:
        return
    customer_id = request.customer_id if request else row.customer_id
    if not _is_id(customer_id) and row.preset is not Outcome.DUPLICATE:
        assignment.gcc_of_anybody = True
    elif row.preset in _IN_DOUBT:
        assignment.gcc_in_doubt.add(customer_id)


def claims_of(intake: Intake, assignment: Assignment) -> tuple[str, ...]:
    """The claims of rows that may be sent, each once: those that have to be compared. Duplicates count: one
    takes the place of its first row where that turns out to be a conflict."""
    offered = {item.wish for item in assignment.by_wish.values() if item.offered}
    return tuple(
        dict.fromkeys(
            row.request.claim
            for row in intake.rows
            if row.preset in (None, Outcome.DUPLICATE)
            and row.request is not None
            and row.request.claim is not None
            and row.request.wish in offered
        )
    )


def gather(assignment: Assignment) -> list[Customer]:
    """The open items by customer, customers in input order."""
    by_customer: dict[str, list[Item]] = defaultdict(list)
    for item in assignment.items():
        if item.open:
            by_customer[item.wish.customer_id].append(item)
    anybody, some = assignment.gcc_of_anybody, assignment.gcc_in_doubt
    customers = [
        Customer(
            customer_id,
            of_one,
            gcc_in_doubt=anybody or customer_id in some,
            unplaced=assignment.unplaced,
        )
        for customer_id, of_one in by_customer.items()
    ]
    return sorted(customers, key=lambda customer: customer.position)


def _open(item: Item, *, now: datetime, resubmit_denied: bool, recheck: timedelta) -> None:
    record = item.record
    if record is None or record.state in (State.QUEUED, State.REFUSED):
        item.offered = True
    elif record.state in (State.SETTLED, State.REVERTED):
        if not is_granted(record) and resubmit_denied:
            item.offered = True
        elif is_granted(record) and record.unconfirmed_since is None and not _stale(record, now, recheck):
            item.close()


def _give_up(item: Item, *, resend_unknown: bool) -> None:
    """A request whose last send had no clear answer is given up, and one that followed such a one is sent,
    only when this run was told to."""
    if item.unresolved and not resend_unknown:
        item.offered = False
    if item.worn_out and item.entry.answered_sends < item.entry.sends:
        item.renewable = resend_unknown


def _stale(record: Record, now: datetime, recheck: timedelta) -> bool:
    """A look in the future was stamped by a clock that has been set back: nobody knows its age."""
    return record.last_look_at is None or not timedelta(0) <= now - record.last_look_at < recheck


def changed_content(item: Item, intake: Intake) -> Obstacle | None:
    """Why a row that says something else than what is in review or approved is a conflict; None where it does
    not."""
    record, row, request = item.record, item.row, item.request
    if item.given_up and item.unresolved:
        record = item.given_up[-1]
    if record is None or row is None or request is None or record.adopted:
        return None
    live = record.state in (*_OPEN, State.ABANDONED) or is_granted(record)
    if not live:
        return None
    where = _WHERE[record.state]
    if request.segment is not None and record.segment != request.segment:
        old = record.segment or "no segment"
        return Obstacle(
            Outcome.CONFLICT,
            "content-changed",
            f"{_place(intake, row, 'education_segment')} now says {request.segment}, but {old} was submitted "
            f"and {where}.",
        )
    if record.validation_code != request.validation_code:
        old_code = mask_code(record.validation_code) if record.validation_code else "none"
        return Obstacle(
            Outcome.CONFLICT,
            "content-changed",
            f"{_place(intake, row, 'validation_code')} now has another validation code; {old_code} was "
            f"submitted and {where}.",
        )
    return None


def _place(intake: Intake, row: InputRow, field: str) -> str:
    cell = intake.cell_of(row, field)
    return "The row" if cell is None else f"Cell {cell}"


_WHERE = {
    State.SENDING: "may have arrived",
    State.ABANDONED: "may have arrived",
    State.IN_REVIEW: "is in review",
    State.SETTLED: "is approved",
}

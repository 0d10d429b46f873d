"""Giving every wish that is to be sent a record of its own, before anything else is done."""

from __future__ import annotations

from batchqual.ledger import NewRequest, Record, State

from .assign import Assignment
from .desk import Desk
from .items import Item

__all__ = ["enrol", "enrol_again"]


async def enrol(desk: Desk, assignment: Assignment) -> None:
    """Enrol what is offered for the first time, or again after a refusal; set when each item is looked at."""
    today = assignment.by_wish.values()
    new = [item for item in today if item.offered and (item.record is None or item.refused)]
    records = await desk.ledger.enrol([_new_request(desk, item) for item in new])
    for item, record in zip(new, records, strict=True):
        item.record = record
    for item in today:
        await _refresh(desk, item)
    for item in assignment.items():
        item.anchor = desk.started
        item.due = _first_due(desk, item)
        item.previous = _predecessor(desk, item.record)


async def enrol_again(desk: Desk, item: Item) -> None:
    """A new request for a wish whose last one came to an end; it names its predecessor."""
    item.previous = item.entry
    [item.record] = await desk.ledger.enrol([_new_request(desk, item)])


async def _refresh(desk: Desk, item: Item) -> None:
    """A wish that was queued and never sent takes today's content."""
    record = item.record
    if record is None or record.state is not State.QUEUED:
        return
    asked = item.asked
    if (*asked.content, asked.website) != (record.segment, record.validation_code, record.website):
        item.record = await desk.ledger.replace_content(record, _new_request(desk, item))


def _new_request(desk: Desk, item: Item) -> NewRequest:
    row, record = item.row, item.record
    return NewRequest(
        desk.origin,
        desk.partner,
        item.asked,
        source=row.source if row else "",
        row=row.row if row else 0,
        columns=desk.columns,
        values=row.values if row else (),
        predecessor=record.id if record else None,
    )


def _first_due(desk: Desk, item: Item) -> float:
    """At once; but a wish that was looked at a moment ago, by another run, waits for its turn."""
    record = item.record
    if not item.in_review or record is None:
        return desk.started
    last = record.last_look_at or record.answered_at or record.enrolled_at
    age = (desk.clock.now() - last).total_seconds()
    return desk.started + max(0.0, desk.poll_min - max(0.0, age))


def _predecessor(desk: Desk, record: Record | None) -> Record | None:
    if record is None or record.predecessor is None:
        return None
    history = desk.ledger.history(desk.origin, desk.partner, record.wish)
    return next((one for one in history if one.id == record.predecessor), None)

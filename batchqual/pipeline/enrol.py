"""Giving every wish that is to be sent a record of its own, before anything else is done."""

from __future__ import annotations

from batchqual.failpoints import reached
from batchqual.ledger import NewRequest, Record, State

from .assign import Assignment
from .desk import Desk
from .items import Item
from .verdicts import is_granted

__all__ = ["enrol", "enrol_again", "following"]


async def enrol(desk: Desk, assignment: Assignment) -> None:
    """Enrol what is offered for the first time, or again after a refusal; set when each item is looked at."""
    for item in assignment.items():
        item.due = _first_due(desk, item)
        item.previous = _settled_before(desk, item.record)
        if item.offered and item.previous and not (item.given_up or desk.resubmit_denied):
            # A new request was begun and never taken; what stands is the denial before it.
            item.begun, item.record, item.offered = item.record, item.previous, False
            item.previous = _settled_before(desk, item.record)
            if is_granted(item.record):
                item.close()
    today = assignment.by_wish.values()
    new = [item for item in today if item.offered and (item.record is None or item.refused)]
    reached("enrol.before")
    records = await desk.ledger.enrol([following(desk, item) for item in new])
    reached("enrol.after")
    for item, record in zip(new, records, strict=True):
        item.record = record
    for item in today:
        await _refresh(desk, item)


async def enrol_again(desk: Desk, item: Item) -> None:
    """A new request for a wish whose last one came to an end; it names its predecessor."""
    item.previous = item.entry
    reached("enrol-again.before")
    [item.record] = await desk.ledger.enrol([following(desk, item)])
    reached("enrol-again.after")


async def _refresh(desk: Desk, item: Item) -> None:
    """A wish that was queued and never sent takes today's content."""
    record = item.record
    if record is None or record.state is not State.QUEUED:
        return
    asked = item.asked
    if (*asked.content, asked.website) != (record.segment, record.validation_code, record.website):
        reached("content.before")
        item.record = await desk.ledger.replace_content(record, following(desk, item))
        reached("content.after")


def following(desk: Desk, item: Item) -> NewRequest:
    """What today's row asks for, after the record that it has."""
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


def _settled_before(desk: Desk, record: Record | None) -> Record | None:
    """The settled request that this one follows, over any that were refused or never left; None for most."""
    if record is None or record.predecessor is None:
        return None
    history = {one.id: one for one in desk.ledger.history(desk.origin, desk.partner, record.wish)}
    before: Record | None = record
    while before is not None and (before is record or before.state not in (State.SETTLED, State.REVERTED)):
        before = history.get(before.predecessor or 0)
    return before

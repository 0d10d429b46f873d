"""Finding the fate of a submission whose answer was lost: ask before repeating, be slow to believe a no."""

from __future__ import annotations

from batchqual.failpoints import reached
from batchqual.model import Holding

from . import recording
from .desk import Desk
from .hindrance import hindrance
from .items import Customer, Item
from .renewal import renew, unknown_still
from .schedule import recovery_look_after
from .sight import own_entry
from .submit import resend

__all__ = ["recover"]


async def recover(
    desk: Desk, customer: Customer, item: Item, holdings: tuple[Holding, ...], looked_at: float
) -> None:
    """Take the next step for a submission of unknown fate.

    ``looked_at`` is when the look began (seconds of the event loop). A qualification that shows means the
    submission arrived. Only looks that showed nothing over at least the patience, the first of them after
    the end of the attempt or the start of this process, allow the same request to be sent again.
    """
    own = own_entry(desk, customer, item, holdings)
    if own is not None:
        reached("recover.arrived")
        item.record = recording.arrived(desk.ledger, item.entry, own)
        desk.brakes.found(item)
        desk.place(item)
        return
    reached("recover.nothing")
    item.record = recording.nothing_shown(desk.ledger, item.entry)
    if item.nothing_since is None:
        item.nothing_since = desk.now()
    elapsed = looked_at - item.nothing_since
    if desk.brakes.dry:
        _leave(desk, item)
    elif elapsed < desk.patience:
        item.due = max(desk.now(), looked_at + recovery_look_after(elapsed, desk.patience))
    else:
        await _after_patience(desk, customer, item, holdings)


async def _after_patience(desk: Desk, customer: Customer, item: Item, holdings: tuple[Holding, ...]) -> None:
    reached("recover.patient")
    record = item.entry
    desk.brakes.not_found(item)
    if item.refusal is not None:
        # The last send was refused, and the ones before it never showed.
        reached("recover.refused")
        item.record = recording.refused(desk.ledger, record, item.refusal)
        desk.close(item)
    elif item.worn_out and not item.renewable and record.answered_sends < record.sends:
        reached("recover.unknown")
        desk.close(item, unknown_still(item))
    elif item.row is None or not desk.brakes.sends or desk.brakes.obstacle(item) is not None:
        _leave(desk, item)
    elif desk.brakes.hold:
        item.held = True
    elif item.renewable:
        await renew(desk, customer, item, holdings)
    elif not item.worn_out:
        obstacle = await hindrance(desk, customer, item, holdings)
        if obstacle is None:
            await resend(desk, item)
        else:
            desk.close(item, obstacle)
    else:
        reached("recover.given-up")
        item.record = recording.gave_up(desk.ledger, record)
        desk.close(item)


def _leave(desk: Desk, item: Item) -> None:
    """It is not sent in this run. What has left as often as it may is not sent by a later one either, unless
    it is asked for anew."""
    desk.close(item, unknown_still(item) if item.worn_out and item.row is not None else None)

"""Finding the fate of a submission whose answer was lost: ask before repeating, be slow to believe a no."""

from __future__ import annotations

from batchqual.model import Holding, Outcome

from . import recording
from .decide import entry_of
from .desk import Desk
from .items import Item, Obstacle
from .review import is_old_news
from .schedule import recovery_look_after
from .submit import MOST_SENDS, resend

__all__ = ["recover"]


async def recover(desk: Desk, item: Item, holdings: tuple[Holding, ...], looked_at: float) -> None:
    """Take the next step for a submission of unknown fate.

    ``looked_at`` is when the look began (seconds of the event loop). A qualification that shows means the
    submission arrived. Only looks that showed nothing over at least the patience, counted from the end of
    the attempt or the start of this process, whichever is later, allow the same request to be sent again.
    """
    record = item.entry
    entry = entry_of(item.wish.qualification, holdings)
    if entry is not None and not is_old_news(desk, item, entry):
        item.record = await recording.arrived(desk.ledger, record, entry)
        desk.place(item)
        return
    record = item.record = await recording.nothing_shown(desk.ledger, record)
    elapsed = looked_at - item.anchor
    if elapsed < desk.patience and not desk.brakes.dry:
        item.due = max(desk.now(), looked_at + recovery_look_after(elapsed, desk.patience))
        return
    if item.request is None or not desk.brakes.sends or desk.brakes.obstacle(item) is not None:
        desk.close(item)
        return
    if record.sends < MOST_SENDS:
        await resend(desk, item)
        return
    if recording.was_answered(record):
        item.record = await recording.gave_up(desk.ledger, record)
        desk.close(item)
        return
    desk.close(
        item,
        Obstacle(
            Outcome.UNKNOWN,
            "fate-unknown",
            f"Sent {record.sends} times without a clear answer, and looks show nothing; not sent again.",
            record.http_status,
        ),
    )

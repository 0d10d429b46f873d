"""Reading a look at what was accepted or settled before."""

from __future__ import annotations

from datetime import timedelta

from batchqual.durations import as_timedelta
from batchqual.model import Holding

from . import recording
from .decide import entry_of
from .desk import Desk
from .items import Item
from .verdicts import is_granted

__all__ = ["is_old_news", "recheck", "review"]

_OLD_DATE_BELIEVED_AFTER = timedelta(days=1)


async def review(desk: Desk, item: Item, holdings: tuple[Holding, ...]) -> None:
    """Take the next step for a wish in review: settled, or looked at again later, never sent again.

    An entry that does not show after an accepted submission is a read that lags, or a service that dropped
    it: the row stays in review and says so.
    """
    entry = entry_of(item.wish.qualification, holdings)
    if entry is not None and is_old_news(desk, item, entry):
        entry = None
    item.record = await recording.reviewed(desk.ledger, item.entry, entry)
    desk.place(item)


async def recheck(desk: Desk, item: Item, holdings: tuple[Holding, ...], looked_at: float) -> None:
    """Look at a settled wish again: what was granted may be denied later, or gone.

    That is believed when it was seen twice, patience apart; one odd look changes nothing.
    """
    record = item.entry
    entry = entry_of(item.wish.qualification, holdings)
    gone = entry is None or entry.denied
    if not (is_granted(record) and gone):
        item.record = await recording.looked_again(desk.ledger, record, entry)
        desk.place(item)
        return
    if item.suspect_since is None:
        item.suspect_since = desk.now()
    elif looked_at - item.suspect_since >= desk.patience:
        item.record = await recording.reverted(desk.ledger, record, entry)
        desk.close(item)
        return
    item.due = item.suspect_since + desk.patience


def is_old_news(desk: Desk, item: Item, entry: Holding) -> bool:
    """Whether a denial is the one that the customer had before this request was sent.

    Nothing says whether the service keeps the old entry, or its date, until the new request shows. The same
    words with the same date are taken for the old entry for a day; the same words without a date for as
    long as the patience.
    """
    before, record = item.previous, item.record
    if before is None or record is None or not entry.denied:
        return False
    if (before.vetting_reason, before.vetting_created_raw) != (entry.reason, entry.created_raw):
        return False
    sent = record.answered_at or record.submitted_at
    believed_after = _OLD_DATE_BELIEVED_AFTER if entry.created_raw else as_timedelta(desk.patience)
    return sent is None or desk.clock.now() - sent < believed_after

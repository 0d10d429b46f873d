"""Reading a look at what was accepted or settled before."""

from __future__ import annotations

from batchqual.failpoints import reached
from batchqual.model import Holding

from . import recording
from .decide import entry_of
from .desk import Desk
from .items import Item
from .sight import own_entry
from .verdicts import is_granted

__all__ = ["recheck", "review"]


def review(desk: Desk, item: Item, holdings: tuple[Holding, ...]) -> None:
    """Take the next step for a wish in review: settled, or looked at again later, never sent again.

    An entry that does not show after an accepted submission is a read that lags, or a service that dropped
    it: the row stays in review and says so.
    """
    reached("review.seen")
    item.record = recording.reviewed(desk.ledger, item.entry, own_entry(desk, item, holdings))
    desk.place(item)


def recheck(desk: Desk, item: Item, holdings: tuple[Holding, ...], looked_at: float) -> None:
    """Look at a settled wish again: what was granted may be denied later, or gone.

    That is believed when it was seen twice, patience apart; one odd look changes nothing.
    """
    record = item.entry
    entry = entry_of(item.wish.qualification, holdings)
    reached("recheck.seen")
    if not is_granted(record) or (entry is not None and not entry.denied):
        item.record = recording.looked_again(desk.ledger, record, entry)
        desk.place(item)
        return
    if item.suspect_since is None:
        item.suspect_since = desk.now()
    elif looked_at - item.suspect_since >= desk.patience:
        reached("recheck.reverted")
        item.record = recording.reverted(desk.ledger, record, entry)
        desk.close(item)
        return
    item.due = item.suspect_since + desk.patience

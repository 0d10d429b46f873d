"""Reading a look at what was accepted or settled before."""

from __future__ import annotations

from datetime import datetime, timedelta

from batchqual.failpoints import reached
from batchqual.ledger import Record, State
from batchqual.model import Holding

from . import recording
from .decide import entry_of
from .desk import Desk
from .items import Customer, Item
from .sight import attributed, own_entry
from .verdicts import is_granted

__all__ = ["recheck", "review"]


def review(
    desk: Desk, customer: Customer, item: Item, holdings: tuple[Holding, ...], looked_at: float
) -> None:
    """Take the next step for a wish in review: settled, or looked at again later, never sent again.

    An entry that does not show after an accepted submission is a read that lags: the row stays in review and
    says so. One that was shown, and is not any more, was dropped: that is a denial, once it was seen twice,
    patience apart, by whichever runs.
    """
    record, dropped, since = item.entry, False, None
    entry = own_entry(desk, customer, item, holdings)
    if entry is None and record.shown_at is not None:
        since = _since(desk, record)
        dropped = _contradicted_for_long(desk, item, looked_at)
        if dropped:  # the denial before this request, if it shows, is no old news any more
            entry = entry_of(item.wish.qualification, attributed(desk, customer, holdings))
    reached("review.seen")
    if entry is not None:
        item.suspect_since = None
        item.record = recording.reviewed(desk.ledger, record, entry)
    elif dropped:
        reached("review.dropped")
        item.record = recording.reverted(desk.ledger, record, None)
    else:
        item.record = recording.not_visible(desk.ledger, record, since)
    desk.place(item)
    if item.in_review and item.suspect_since is not None:
        item.due = min(item.due, item.suspect_since + desk.patience)


def recheck(
    desk: Desk, customer: Customer, item: Item, holdings: tuple[Holding, ...], looked_at: float
) -> None:
    """Look at a settled wish again: the service may have changed its mind.

    What was denied takes one look: as it shows, so it stands. What was granted may be denied later, or gone;
    that is believed when it was seen twice, patience apart: one odd look changes nothing.
    """
    record = item.entry
    entry = entry_of(item.wish.qualification, attributed(desk, customer, holdings))
    reached("recheck.seen")
    if not is_granted(record) or (entry is not None and not entry.denied):
        item.record = _as_it_shows(desk, item, entry)
        desk.place(item)
    elif _contradicted_for_long(desk, item, looked_at):
        reached("recheck.reverted")
        item.record = recording.reverted(desk.ledger, record, entry)
        desk.close(item)
    else:
        item.record = recording.doubted(desk.ledger, record, entry, _since(desk, record))
        item.due = (item.suspect_since or 0.0) + desk.patience


def _as_it_shows(desk: Desk, item: Item, entry: Holding | None) -> Record:
    begun = item.begun
    if begun is not None and begun.state is State.QUEUED and entry is not None and not entry.denied:
        # The ledger holds one live request of a wish, and that is the one that was begun.
        return recording.found(desk.ledger, begun, entry, item.entry)
    return recording.looked_again(desk.ledger, item.entry, entry, desk.clock.now())


def _contradicted_for_long(desk: Desk, item: Item, looked_at: float) -> bool:
    """Whether looks have contradicted the ledger over the whole patience, this one included.

    Within a process that goes by a clock that nobody can set. Looks of earlier processes count by their
    stamps.
    """
    if item.suspect_since is None:
        before = desk.clock.now() - _since(desk, item.entry)
        item.suspect_since = desk.now() - before.total_seconds()
    return looked_at - item.suspect_since >= desk.patience


def _since(desk: Desk, record: Record) -> datetime:
    """Since when looks have contradicted the ledger, by the stamp of the first; this one is the first where
    there is none, or one in the future, which a clock has left that was set back."""
    now, since = desk.clock.now(), record.unconfirmed_since
    return since if since is not None and since - now <= timedelta(0) else now

"""What a customer is taken to hold: what the look shows, less old news, and what we sent ourselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

from batchqual.durations import as_timedelta
from batchqual.ledger import Record, State
from batchqual.model import Holding, Qualification, VettingStatus

from .decide import entry_of
from .desk import Desk
from .items import Customer, Item

__all__ = ["attributed", "own_entry", "sight_for"]

_OLD_DATE_BELIEVED_AFTER = timedelta(days=1)
_CLOCKS_DIFFER_BY = timedelta(days=1)
_ON_ITS_WAY = "submitted, not shown yet"


def own_entry(desk: Desk, customer: Customer, item: Item, holdings: tuple[Holding, ...]) -> Holding | None:
    """The entry that speaks for an item's own request; a denial of an earlier one does not."""
    return entry_of(item.wish.qualification, _news(desk, item, attributed(desk, customer, holdings)))


def attributed(desk: Desk, customer: Customer, holdings: tuple[Holding, ...]) -> tuple[Holding, ...]:
    """What the look shows, each nameless entry under the name of the request that it speaks of.

    An entry ``None`` with a status speaks of one request, and does not say of which. Vetting has to do with
    Education (Partner Center docs, API change log, December 2020), so that it is taken for Education's before
    any other, and no other is denied by it where the customer has an Education request behind it.
    """
    if not any(holding.nameless for holding in holdings):
        return holdings
    subject = _subject(desk, customer, {holding.qualification for holding in holdings})
    if subject is None:
        return holdings
    name = subject.wish.qualification
    return tuple(
        replace(one, qualification=name) if one.nameless and not _is_older(desk, subject, one) else one
        for one in holdings
    )


def _subject(desk: Desk, customer: Customer, named: set[Qualification | None]) -> Item | None:
    """Of which of the customer's requests a nameless entry speaks: of none that is named beside it."""
    ranks = {item: _rank(item) for item in customer.items if item.wish.qualification not in named}
    subject = min((item for item in ranks if ranks[item]), key=lambda item: ranks[item], default=None)
    if subject is None or subject.wish.qualification is Qualification.EDUCATION:
        return subject
    if desk.ledger.education_attempts(desk.origin, desk.partner, customer.customer_id):
        return None
    return subject


def _rank(item: Item) -> int:
    """Who is asked first whether a nameless entry speaks of it; 0 for whoever is not. StateOwnedEntity has no
    vetting that could deny it: it is there or not (Partner Center docs, get-qualification page, 2023). GCC is
    asked only once it was accepted: what may never have arrived is not denied by what may be another's."""
    match item.wish.qualification:
        case Qualification.EDUCATION:
            return 1 if item.in_review or item.fate_unknown else 3
        case Qualification.GCC:
            return 2 if item.in_review else 0
        case Qualification.SOE:
            return 0


def _is_older(desk: Desk, subject: Item, entry: Holding) -> bool:
    """Whether a nameless denial may be older than the request that it would speak of: by its date; and where
    vetting is not known to deny, for as long as reads may lag, since the request itself would show then."""
    record = subject.record
    if not entry.denied or record is None or record.submitted_at is None or subject.decided:
        return False
    if entry.created_at is not None and _names_a_moment(entry):
        return entry.created_at < record.submitted_at - _CLOCKS_DIFFER_BY
    if subject.wish.qualification is Qualification.EDUCATION:
        return False
    age = _age(desk, subject, record)
    return age is None or age < as_timedelta(desk.patience)


def sight_for(
    desk: Desk, customer: Customer, item: Item, holdings: tuple[Holding, ...]
) -> tuple[Holding, ...]:
    """What may stand in an item's way: the look, and the customer's other requests that it does not show.

    A read may lag behind a write, and a submission whose answer was lost may have arrived: both count as
    held, for Education and GCC exclude each other and neither can be taken back.
    """
    unseen = tuple(
        Holding(
            other.wish.qualification,
            other.wish.qualification.value,
            VettingStatus.IN_REVIEW,
            raw_status=_ON_ITS_WAY,
        )
        for other in customer.items
        if other is not item
        and other.wish.qualification is not item.wish.qualification
        and (other.fate_unknown or other.in_review or other.unresolved)
        and own_entry(desk, customer, other, holdings) is None
    )
    return (*_news(desk, item, attributed(desk, customer, holdings)), *unseen)


def _news(desk: Desk, item: Item, holdings: tuple[Holding, ...]) -> tuple[Holding, ...]:
    return tuple(holding for holding in holdings if not _is_old_news(desk, item, holding))


def _is_old_news(desk: Desk, item: Item, entry: Holding) -> bool:
    """Whether a denial is the one that the customer had before this request was sent.

    Nothing says whether the service keeps the old entry, or its date, until the new request shows. The same
    words with the same date are taken for the old entry for a day; the same words without a date for as
    long as the patience. A request of unknown fate is sent again when only the old entry shows, so that a
    date that two denials may share is none there.
    """
    before, record = item.previous, item.record
    if before is None or record is None or not entry.denied:
        return False
    if entry.qualification is not item.wish.qualification or record.state is State.QUEUED:
        return False
    if (before.vetting_reason, before.vetting_created_raw) != (entry.reason, entry.created_raw):
        return False
    age = _age(desk, item, record)
    tells = entry.created_raw and (record.state is not State.SENDING or _names_a_moment(entry))
    believed_after = _OLD_DATE_BELIEVED_AFTER if tells else as_timedelta(desk.patience)
    return age is None or age < believed_after


def _names_a_moment(entry: Holding) -> bool:
    """Whether its date has a time of day. One of the documented forms is ``07/09/2020: 00:00:00`` (Partner
    Center docs, API change log, December 2020)."""
    return entry.created_at is not None and entry.created_at.time() != time.min


def _age(desk: Desk, item: Item, record: Record) -> timedelta | None:
    """How long ago it was sent: for what this process has sent, by a clock that nobody can set."""
    if item.sent_at is not None:
        return timedelta(seconds=desk.now() - item.sent_at)
    sent = record.answered_at or record.submitted_at
    return None if sent is None else desk.clock.now() - sent

"""The packet as a value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from batchqual.ledger import Event, Record

__all__ = ["Packet", "Sent", "Story"]


@dataclass(frozen=True, slots=True)
class Sent:
    """A submission as it was sent, made again from the record. ``contract`` is the name of the API's
    contract; in ``url`` and ``body`` the validation code is masked."""

    contract: str
    method: str
    url: str
    body: str


@dataclass(frozen=True, slots=True)
class Story:
    """One request with its history, oldest line first. ``sent`` is None for one that never left;
    ``predecessor`` is the one that it followed."""

    record: Record
    events: tuple[Event, ...]
    sent: Sent | None
    predecessor: Record | None


@dataclass(frozen=True, slots=True)
class Packet:
    """All that is known of one customer's requests, or of some of them. ``about`` says which were asked for.

    ``attempts`` are the Education requests of the customer that may have reached vetting, by the ledger.
    """

    written_at: datetime
    program: str
    about: str
    customer_id: str
    attempts: int
    stories: tuple[Story, ...]

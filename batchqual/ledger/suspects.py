"""What is wrong with a broken link, as far as can be told: a hash says that something changed, not what."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .chain import EVENT_COLUMNS, Link
from .findings import Finding
from .queries import QUERIES
from .transitions import State

__all__ = ["Suspect", "stray", "told"]

_LONGEST = 60
_STATUSES = range(100, 600)
_RUN = {
    "run started": "the beginning of run {}, or its input,",
    "run ended": "the end of run {}, or a verdict,",
}


@dataclass(frozen=True, slots=True)
class Suspect:
    """A link that does not follow from the one before it, with what it stands for now."""

    before: Link
    link: Link
    content: Sequence[object]

    def fits(self, content: Sequence[object]) -> bool:
        """Whether the link was written for this content."""
        link = self.link
        return self.before.next(link.kind, link.event, link.run, content, link.line).hash == link.hash


def told(connection: sqlite3.Connection, suspect: Suspect) -> Finding:
    """A finding about a broken link: of what, of whom, and what differs."""
    link = suspect.link
    if link.kind in _RUN:
        run_id = _shown(suspect.content[0])
        what = _RUN[link.kind].format(run_id)
        return Finding(
            "chain", f"Link {link.number}: {what} is not as it was written.", link.number, run_id=run_id
        )
    if link.kind != "event":
        return Finding("chain", f"Link {link.number} is not as it was written.", link.number)
    request, at, event, before, after, *_ = suspect.content
    now = f"{_shown(event)}, {_shown(before)} to {_shown(after)}, at {_shown(at)}"
    differs = (
        _difference(connection, suspect) or f"one of its fields was changed, or its hash; it says now: {now}"
    )
    whose, customer = _owner(connection, request)
    return Finding(
        "chain",
        f"Link {link.number}: event {link.event}{whose} is not as it was written: {differs}.",
        link.number,
        event=link.event,
        request=request if isinstance(request, int) else None,
        customer_id=customer,
    )


def stray(connection: sqlite3.Connection, event: Sequence[object]) -> Finding:
    """A finding about an event that no link stands for."""
    seq, request = event[0], event[1]
    whose, customer = _owner(connection, request)
    return Finding(
        "chain",
        f"Event {_shown(seq)}{whose} stands outside the chain: it was put in, or put elsewhere.",
        event=seq if isinstance(seq, int) else None,
        request=request if isinstance(request, int) else None,
        customer_id=customer,
    )


def _owner(connection: sqlite3.Connection, request: object) -> tuple[str, str | None]:
    """Whose a request is, as the middle of a sentence and by customer ID."""
    found = connection.execute(QUERIES["owner_of_request"], {"request": request}).fetchone()
    if found is None:
        return f" of request {_shown(request)}, which is missing,", None
    customer, qualification = map(str, found)
    return f" of request {_shown(request)} ({customer}, {qualification})", customer


def _difference(connection: sqlite3.Connection, suspect: Suspect) -> str | None:
    """The field that was changed, found by trying what could have stood there; None when nothing fits."""
    for at, column in enumerate(EVENT_COLUMNS):
        for value in _candidates(connection, suspect, at):
            content = [*suspect.content[:at], value, *suspect.content[at + 1 :]]
            if suspect.fits(content):
                return f"its {column} was {_shown(value)}, and is {_shown(suspect.content[at])} now"
    return None


def _candidates(connection: sqlite3.Connection, suspect: Suspect, at: int) -> Iterable[object]:
    request = suspect.content[0]
    near = connection.execute(QUERIES["events_near"], {"request": request, "event": suspect.link.event})
    known: dict[object, None] = {None: None}
    known.update((row[at], None) for row in near)
    column = EVENT_COLUMNS[at]
    if column in ("before", "after"):
        known.update((state.value, None) for state in State)
    elif column == "http_status":
        known.update((status, None) for status in _STATUSES)
    elif column in ("at", "run_id"):
        for row in connection.execute(QUERIES["moments_of_request"], {"request": request}):
            known.update((value, None) for value in row)
    return known


def _shown(value: object) -> str:
    text = "empty" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

"""Records as the database holds them, and back."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from batchqual.model import EducationSegment, Qualification

from .cells import from_text, moment_of, to_text
from .damage import NONSENSE, damaged
from .record import Event, Record
from .transitions import State

__all__ = ["Bound", "bind", "event_of", "record_of"]

Bound = str | int | None
"""What sqlite3 is given."""


def clean(text: str | None) -> str | None:
    """Text that can be stored: a lone surrogate (from a body or a file name) becomes a question mark."""
    if text is None or text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else to_text(moment)


def bind(record: Record) -> dict[str, Bound]:
    """Every column of a request, for the named statements."""
    return {
        "origin": record.origin,
        "partner": record.partner,
        "customer_id": record.customer_id,
        "qualification": record.qualification.value,
        "segment": None if record.segment is None else record.segment.value,
        "website": clean(record.website),
        "validation_code": clean(record.validation_code),
        "predecessor": record.predecessor,
        "enrolled_at": to_text(record.enrolled_at),
        "source": clean(record.source),
        "row": record.row,
        "row_json": record.row_json,
        **bind_move(record),
    }


def bind_move(record: Record) -> dict[str, Bound]:
    """The columns that a move may change, and what it is found by."""
    return {
        "id": record.id,
        "revision": record.revision,
        "state": record.state.value,
        "adopted": record.adopted,
        "sends": record.sends,
        "answered_sends": record.answered_sends,
        "request_id": record.request_id,
        "correlation_id": clean(record.correlation_id),
        "submitted_at": _moment(record.submitted_at),
        "answered_at": _moment(record.answered_at),
        "settled_at": _moment(record.settled_at),
        "vetting_status": clean(record.vetting_status),
        "vetting_reason": clean(record.vetting_reason),
        "vetting_created_raw": clean(record.vetting_created_raw),
        "last_look_at": _moment(record.last_look_at),
        "shown_at": _moment(record.shown_at),
        "unconfirmed_since": _moment(record.unconfirmed_since),
        "polls": record.polls,
        "http_status": record.http_status,
        "error_code": clean(record.error_code),
        "error_message": clean(record.error_message),
    }


def record_of(row: sqlite3.Row) -> Record:
    """A request as it was stored. Raises `LedgerError` for what cannot have been stored."""
    try:
        return _record_of(row)
    except NONSENSE as error:
        whose = f"request {row['id']} ({row['customer_id']}, {row['qualification']})"
        raise damaged(whose, error) from error


def _record_of(row: sqlite3.Row) -> Record:
    return Record(
        id=row["id"],
        revision=int(row["revision"]),
        origin=row["origin"],
        partner=row["partner"],
        customer_id=row["customer_id"],
        qualification=Qualification(row["qualification"]),
        segment=None if row["segment"] is None else EducationSegment(row["segment"]),
        website=row["website"],
        validation_code=row["validation_code"],
        state=State(row["state"]),
        adopted=bool(row["adopted"]),
        sends=int(row["sends"]),
        answered_sends=int(row["answered_sends"]),
        request_id=row["request_id"],
        correlation_id=row["correlation_id"],
        predecessor=row["predecessor"],
        enrolled_at=moment_of(row["enrolled_at"]),
        submitted_at=from_text(row["submitted_at"]),
        answered_at=from_text(row["answered_at"]),
        settled_at=from_text(row["settled_at"]),
        vetting_status=row["vetting_status"],
        vetting_reason=row["vetting_reason"],
        vetting_created_raw=row["vetting_created_raw"],
        last_look_at=from_text(row["last_look_at"]),
        shown_at=from_text(row["shown_at"]),
        unconfirmed_since=from_text(row["unconfirmed_since"]),
        polls=int(row["polls"]),
        http_status=row["http_status"],
        error_code=row["error_code"],
        error_message=row["error_message"],
        source=row["source"],
        row=int(row["row"]),
        row_json=row["row_json"],
    )


def event_of(row: sqlite3.Row) -> Event:
    """A line of the biography as it was stored."""
    return Event(
        at=moment_of(row["at"]),
        event=row["event"],
        before=None if row["before"] is None else State(row["before"]),
        after=State(row["after"]),
        run_id=row["run_id"],
        request_id=row["request_id"],
        correlation_id=row["correlation_id"],
        http_status=row["http_status"],
        error_code=row["error_code"],
        note=row["note"],
    )

"""What a write does inside the transaction. The database itself adds the line of the biography."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict

from batchqual.errors import IllegalMove
from batchqual.model import EducationSegment

from .cells import encode, encode_cells, to_text
from .queries import QUERIES
from .record import NewRequest, Record
from .rows import Bound, bind, bind_move, clean

__all__ = ["Change", "Enrolment", "Line", "Renewal", "Replacement", "content_of", "savepoint"]


@dataclass(frozen=True, slots=True)
class Line:
    """What the biography will say about a change: its name, when, in which run, and why."""

    event: str
    at: datetime
    run_id: str | None
    note: str | None = None

    def bind(self) -> dict[str, Bound]:
        """The columns that the triggers copy."""
        return {
            "changed_at": to_text(self.at),
            "change": self.event,
            "change_note": clean(self.note),
            "change_run": self.run_id,
        }


@dataclass(frozen=True, slots=True)
class Enrolment:
    """New requests, all or none. ``template`` says in which state, and with which facts, they begin."""

    new: Sequence[NewRequest]
    template: Record
    line: Line

    def __call__(self, connection: sqlite3.Connection) -> list[Record]:
        """Insert them; `Record.id` follows the order of ``new``."""
        last = connection.execute(QUERIES["last_request_id"]).fetchone()
        first = (last[0] if last else 0) + 1
        records = [self._record(number, one) for number, one in enumerate(self.new, first)]
        line = self.line.bind()
        with savepoint(connection):
            connection.executemany(QUERIES["insert_request"], (bind(one) | line for one in records))
        return records

    def _record(self, number: int, new: NewRequest) -> Record:
        return replace(
            self.template,
            id=number,
            origin=new.origin,
            partner=new.partner,
            customer_id=new.request.customer_id,
            qualification=new.request.qualification,
            predecessor=new.predecessor,
            **content_of(new),
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One request becomes ``after``, in a single statement, so that it needs no savepoint."""

    after: Record
    line: Line

    def __call__(self, connection: sqlite3.Connection) -> Record:
        """Write it, unless the request has been changed since the caller's copy was read."""
        return self.together(connection, [self])[0]

    @staticmethod
    def together(connection: sqlite3.Connection, changes: Sequence[Change]) -> list[Record]:
        """Write them all; they are about different requests. What it raises the caller rolls back."""
        moves = encode([bind_move(one.after) | one.line.bind() for one in changes])
        _expect(connection.execute(QUERIES["move_requests"], {"moves": moves}), changes)
        return [one.after for one in changes]


@dataclass(frozen=True, slots=True)
class Replacement:
    """A request that was never sent gets another content, in a single statement."""

    after: Record
    line: Line

    def __call__(self, connection: sqlite3.Connection) -> Record:
        """Write it, unless the request has been changed since the caller's copy was read."""
        bound = bind(self.after) | self.line.bind()
        _expect(connection.execute(QUERIES["replace_content"], bound), [self])
        return self.after


@dataclass(frozen=True, slots=True)
class Renewal:
    """A request is given up, and the one that follows it enrolled: both or neither."""

    change: Change
    enrolment: Enrolment

    def __call__(self, connection: sqlite3.Connection) -> Record:
        """Write both; the new request."""
        with savepoint(connection):
            self.change(connection)
            [record] = self.enrolment(connection)
        return record


def _expect(done: sqlite3.Cursor, changes: Sequence[Change | Replacement]) -> None:
    if done.rowcount == len(changes):
        return
    numbers = ", ".join(str(one.after.id) for one in changes)
    raise IllegalMove(
        f"Request {numbers} was changed by somebody else in the meantime.",
        hint="This is a defect in batchqual; nothing was changed. Please report it.",
        code="outdated-record",
    )


@contextmanager
def savepoint(connection: sqlite3.Connection) -> Iterator[None]:
    """Undo all of this block, and nothing else of the transaction, when it fails."""
    connection.execute("SAVEPOINT part")
    try:
        yield
    except BaseException:
        # a failing disk may have ended the whole transaction already, and the savepoint with it
        if connection.in_transaction:
            connection.execute("ROLLBACK TO part")
            connection.execute("RELEASE part")
        raise
    connection.execute("RELEASE part")


class _Content(TypedDict):
    segment: EducationSegment | None
    website: str | None
    validation_code: str | None
    source: str
    row: int
    row_json: str


def content_of(new: NewRequest) -> _Content:
    """What `NewRequest` says beyond the wish, as `Record` holds it."""
    return _Content(
        segment=new.request.segment,
        website=new.request.website,
        validation_code=new.request.validation_code,
        source=new.source,
        row=new.row,
        row_json=encode_cells(new.columns, new.values),
    )

"""The chain over the journal: each link holds a hash of the one before it and of what it stands for.

A link stands for an event, or for the beginning or the end of a run with all that its report is made of. Its
hash is the SHA-256, in hexadecimal, of the hash before it (64 zeros in front of the first) and its line. That
is a JSON array in ASCII without blanks: the link's number, kind, event and run, then for

``event``        the other columns of the event (`EVENT_COLUMNS`), and, when it was its request's latest at
                 the commit, the digest of that request's line as it stood then
``run started``  run_id, command, started_at, rows_in, files, columns and facts of the run, and a digest of
                 its rows
``run ended``    run_id, finished_at, exit_code, requests, error and notices of the run, and digests of its
                 verdicts and of what it looked at besides its input
``foreign``      nothing. Up to its event the file holds events that another program wrote, which no later
                 commit must take for its own
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from .queries import QUERIES

__all__ = [
    "EVENT_COLUMNS",
    "NO_LINK",
    "Link",
    "begin",
    "bring_up_to_date",
    "commit",
    "digest_of",
    "digest_of_line",
    "link_run_end",
    "link_run_start",
    "run_content",
]

EVENT_COLUMNS: Final = (
    *("request", "at", "event", "before", "after", "run_id", "request_id", "correlation_id"),
    *("http_status", "error_code", "note"),
)
"""The columns of an event behind its ``seq``, as the chain reads them."""

_AT_ONCE = 2000

_FIRST_COLUMNS: Final = 35
"""So many a request had when its line was chained first."""

_RUN_LINES: Final = {
    "run started": ("run_started_line", ("lines_of_run_row",)),
    "run ended": ("run_ended_line", ("lines_of_run_verdict", "lines_of_run_earlier")),
}


def _unlike_text(value: object) -> object:
    # nothing of ours stores bytes: what somebody else has put there must have a hash, too
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    raise TypeError(f"{type(value).__name__} is not a column")


_encode = json.JSONEncoder(separators=(",", ":"), default=_unlike_text).encode


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the chain, as it is stored. ``line`` is the digest of a request's line, or None."""

    number: int
    kind: str
    event: int
    run: int | None
    hash: str
    line: str | None = None

    def next(
        self, kind: str, event: int, run: int | None, content: Sequence[object], line: str | None = None
    ) -> Link:
        """The link that follows, for this content."""
        number = self.number + 1
        whole = [number, kind, event, run, *content]
        if line is not None:
            whole.append(line)
        text = f"{self.hash}{_encode(whole)}"
        hash_ = sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
        return Link(number, kind, event, run, hash_, line)


NO_LINK: Final = Link(0, "", 0, None, "0" * 64)
"""What stands in front of the first."""


def digest_of(rows: Iterable[Sequence[object]]) -> str:
    """The SHA-256 of rows in their order, each as a JSON array with a line feed behind it."""
    digest = sha256()
    for row in rows:
        digest.update(f"{_encode(tuple(row))}\n".encode())
    return digest.hexdigest()


def digest_of_line(line: Sequence[object]) -> str:
    """That of a request's line. A column that came with a later version counts as far as one of them says
    something: what an earlier version has chained keeps its digest."""
    known = len(line)
    while known > _FIRST_COLUMNS and line[known - 1] is None:
        known -= 1
    return digest_of([line[:known]])


def begin(connection: sqlite3.Connection) -> None:
    """Begin a transaction that ends with `commit`."""
    connection.execute("BEGIN IMMEDIATE")
    _note_foreign(connection)


def _note_foreign(connection: sqlite3.Connection) -> None:
    """Note in the chain that there are events behind its end: another program wrote them."""
    head = _head(connection)
    [(latest,)] = connection.execute(QUERIES["latest_event"])
    if latest > head.event:
        _append(connection, head.next("foreign", latest, None, ()))


def commit(connection: sqlite3.Connection) -> None:
    """Chain what this transaction has added to the journal, and commit it together with that."""
    _chain_events(connection)
    connection.execute("COMMIT")


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Note what looks have shown, after the step that makes room for it; and chain the journal, whether it
    has a chain by then or not."""
    if _head(connection) == NO_LINK:
        _chain_all(connection)
    else:
        _note_foreign(connection)
    _note_shown(connection, event="brought up to date")
    _chain_events(connection)


def _note_shown(connection: sqlite3.Connection, *, event: str) -> None:
    connection.execute(QUERIES["note_shown"], {"event": event})


def _chain_all(connection: sqlite3.Connection) -> None:
    """Chain a journal that has no chain yet: events first, then runs, each in their order."""
    _chain_events(connection)
    for run, finished_at in connection.execute(QUERIES["run_ends"]).fetchall():
        link_run_start(connection, run)
        if finished_at is not None:
            link_run_end(connection, run)


def link_run_start(connection: sqlite3.Connection, run: int) -> None:
    """Chain the beginning of a run, with its input."""
    _link_run(connection, "run started", run)


def link_run_end(connection: sqlite3.Connection, run: int) -> None:
    """Chain the end of a run, with its verdicts, and note in the run how far the chain goes."""
    link = _link_run(connection, "run ended", run)
    connection.execute(QUERIES["note_head"], {"run": run, "link": link.number, "head": link.hash})


def _link_run(connection: sqlite3.Connection, kind: str, run: int) -> Link:
    _chain_events(connection)
    head = _head(connection)
    link = head.next(kind, head.event, run, run_content(connection, kind, run))
    _append(connection, link)
    return link


def run_content(connection: sqlite3.Connection, kind: str, run: int | None) -> list[object]:
    """What a link about a run stands for. Raises LookupError when there is no such run."""
    query, tables = _RUN_LINES[kind]
    stored = connection.execute(QUERIES[query], {"run": run}).fetchone()
    if stored is None:
        raise LookupError(f"there is no run {run}")
    digests = (digest_of(connection.execute(QUERIES[one], {"run": run})) for one in tables)
    return [*stored, *digests]


def _chain_events(connection: sqlite3.Connection) -> None:
    """Chain the events behind the chain's end. A statement for many: the thread that writes lets go of the
    interpreter for the length of a statement, and must not have to come back for every row."""
    head = _head(connection)
    full = True
    while full:
        [(found,)] = connection.execute(QUERIES["unchained_events"], {"event": head.event, "limit": _AT_ONCE})
        events: list[list[Any]] = sorted(json.loads(found))
        links = []
        for seq, *event, line in events:
            head = head.next("event", seq, None, event, None if line is None else digest_of_line(line))
            links.append(head)
        if len(links) == 1:  # measured: a quarter of the time
            _append(connection, head)
        elif links:
            rows = [(link.event, link.hash, link.line) for link in links]
            bound = {"first": links[0].number, "links": _encode(rows)}
            connection.execute(QUERIES["append_events"], bound)
        full = len(events) == _AT_ONCE


def _head(connection: sqlite3.Connection) -> Link:
    stored = connection.execute(QUERIES["chain_head"]).fetchone()
    return NO_LINK if stored is None else Link(*stored)


def _append(connection: sqlite3.Connection, link: Link) -> None:
    row = (link.number, link.kind, link.event, link.run, link.hash, link.line)
    connection.execute(QUERIES["append_link"], row)

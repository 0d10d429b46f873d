"""The walk along the chain: every link, and every event, once and in order."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .chain import NO_LINK, Link, digest_of_line, run_content
from .findings import Finding, Findings
from .queries import QUERIES
from .suspects import Suspect, stray, told

__all__ = ["walk_chain"]


def walk_chain(connection: sqlite3.Connection, findings: Findings) -> tuple[Link, dict[int, int]]:
    """Hold every link against what it stands for. Returns the last link of the chain, and each request whose
    line is not the one that was written, with the link that says so.

    It goes on behind a broken link, from the hash that is stored there, so that each is judged by itself.
    Rows are read one by one: a journal of any length needs the same memory.
    """
    walk = _Walk(connection, findings)
    for row in connection.execute(QUERIES["all_links"]):
        walk.step(Link(*row))
    walk.end()
    return walk.last, walk.changed


@dataclass(slots=True)
class _Doubt:
    """A link that does not follow from the one before it: it, or what it stands for, was changed.
    ``computed`` would follow; if the next one follows from that, it was the hash that was changed."""

    suspect: Suspect
    computed: Link


class _Walk:
    def __init__(self, connection: sqlite3.Connection, findings: Findings) -> None:
        self.last = NO_LINK
        self.changed: dict[int, int] = {}
        self._connection = connection
        self._findings = findings
        self._doubt: _Doubt | None = None
        self._runs: set[tuple[str, int | None]] = set()
        self._events = connection.execute(QUERIES["all_events"])
        self._event: tuple[Any, ...] | None = self._events.fetchone()

    def step(self, link: Link) -> None:
        """Judge one link."""
        last, self.last = self.last, link
        whole = link.number == last.number + 1
        if not whole:
            self._cut(last.number + 1, link.number - 1)
        content = self._content_of(link)
        if whole and content is not None:  # behind a cut, what it should follow is not known
            self._compare(last, link, content)

    def end(self) -> None:
        """Judge what the chain has left over."""
        self._settle()
        self._skip_events()
        for number, run_id, finished_at, *_ in self._connection.execute(QUERIES["run_heads"]):
            for kind in ("run started", *(["run ended"] if finished_at is not None else [])):
                if (kind, number) not in self._runs:
                    self._tell(
                        Finding("chain", f"Run {run_id} has no link that says: {kind}.", run_id=str(run_id))
                    )

    def _compare(self, last: Link, link: Link, content: Sequence[object]) -> None:
        computed = last.next(link.kind, link.event, link.run, content, link.line)
        doubt, self._doubt = self._doubt, None
        if computed.hash == link.hash:
            if doubt is not None:
                self._findings.add(told(self._connection, doubt.suspect))
            return
        if doubt is not None:
            if doubt.computed.next(link.kind, link.event, link.run, content, link.line).hash == link.hash:
                self._findings.add(
                    Finding("chain", f"Link {last.number}: its own hash was changed.", last.number)
                )
                return
            self._findings.add(told(self._connection, doubt.suspect))
        self._doubt = _Doubt(Suspect(last, link, content), computed)

    def _settle(self) -> None:
        if self._doubt is not None:
            self._findings.add(told(self._connection, self._doubt.suspect))
            self._doubt = None

    def _tell(self, finding: Finding) -> None:
        self._settle()  # what is in doubt stands before it: the first that is broken is told first
        self._findings.add(finding)

    def _cut(self, first: int, last: int) -> None:
        what = f"Link {first} is" if first == last else f"Links {first} to {last} are"
        self._tell(Finding("chain", f"{what} missing.", first))

    def _content_of(self, link: Link) -> Sequence[object] | None:
        """What a link stands for; None where that is missing, or no such thing can be, which is told."""
        if not isinstance(link.event, int):
            self._wrong(link, f"it names an event that cannot be ({link.event!r})")
            return None
        if link.kind == "event":
            return self._event_of(link)
        if link.kind == "foreign":
            self._skip_events(link.event)
            self._wrong(link, f"events up to {link.event} were written by another program than batchqual")
            return ()
        self._runs.add((link.kind, link.run))
        try:
            return run_content(self._connection, link.kind, link.run)
        except LookupError:
            self._wrong(link, f"run {link.run} is missing")
            return None

    def _event_of(self, link: Link) -> Sequence[object] | None:
        self._skip_events(link.event - 1)
        event = self._event
        if event is None or event[0] != link.event:
            self._wrong(link, f"event {link.event} is missing")
            return None
        self._event = self._events.fetchone()
        self._look_at_line(link, event[1])
        return tuple(event[1:])

    def _look_at_line(self, link: Link, request: Any) -> None:
        """Whether the request still stands as it was written with its latest event."""
        if link.line is None:
            return
        bound = {"request": request, "event": link.event}
        line = self._connection.execute(QUERIES["line_of_request"], bound).fetchone()
        if line is not None and digest_of_line(line) != link.line:
            self.changed[request] = link.number

    def _skip_events(self, to: int | None = None) -> None:
        """Events that no link stands for were put in by somebody."""
        while self._event is not None and (to is None or self._event[0] <= to):
            self._tell(stray(self._connection, self._event))
            self._event = self._events.fetchone()

    def _wrong(self, link: Link, what: str) -> None:
        event = link.event if link.kind == "event" and isinstance(link.event, int) else None
        self._tell(Finding("chain", f"Link {link.number}: {what}.", link.number, event=event))

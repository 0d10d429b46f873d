"""The look at a whole ledger: whether anything in it is not as batchqual wrote it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from functools import partial

from batchqual.model import Outcome

from .findings import Audit, Finding, Findings
from .lives import check_lives
from .queries import QUERIES
from .schema import migrate
from .walk import walk_chain

__all__ = ["audit"]

_NUMBERED = ("event", "run", "request")


def audit(connection: sqlite3.Connection, *, chained: bool = True, contains: str | None = None) -> Audit:
    """Examine a ledger of the newest version, as of one moment. Nothing is written.

    ``chained`` is False for one whose chain has not begun. ``contains`` is the hash of a link, noted earlier,
    that has to be in the chain. Raises ``sqlite3.Error`` for a file that cannot be read.
    """
    text_factory = connection.text_factory
    # what somebody else has put there must be read, too
    connection.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
    connection.execute("BEGIN")
    try:
        return _examine(connection, chained=chained, contains=contains)
    finally:
        connection.execute("ROLLBACK")
        connection.text_factory = text_factory


def _examine(connection: sqlite3.Connection, *, chained: bool, contains: str | None) -> Audit:
    findings = Findings()
    links, head, changed = 0, None, dict[int, int]()
    if chained:
        last, changed = walk_chain(connection, findings)
        links, head = last.number, str(last.hash)
        _check_heads(connection, findings)
        if contains is not None:
            _check_contains(connection, contains, findings)
    _check_cut(connection, findings)
    check_lives(connection, findings, changed)
    _check_wishes(connection, findings)
    _check_totals(connection, findings)
    _check_schema(connection, findings)
    _check_file(connection, findings)
    [(requests, events, runs)] = connection.execute(QUERIES["sizes"])
    return Audit(requests, events, runs, links, head, tuple(findings.first), findings.count)


def _check_heads(connection: sqlite3.Connection, findings: Findings) -> None:
    """A finished run knows where the chain ended: a chain that was cut off behind it does not go that far."""
    for _, run_id, finished_at, link, head, found, ended in connection.execute(QUERIES["run_heads"]):
        wrong = None
        if finished_at is None:
            if ended:
                wrong = "came to no end, but something of its end is stored"
        elif found is None:
            wrong = f"ended with link {link}, which the chain does not have: it was cut off, or changed"
        elif found != head:
            wrong = f"ended with link {link}, which has another hash now"
        if wrong is not None:
            findings.add(Finding("chain", f"Run {run_id} {wrong}.", link, run_id=str(run_id)))


def _check_contains(connection: sqlite3.Connection, contains: str, findings: Findings) -> None:
    if connection.execute(QUERIES["link_of_hash"], {"hash": contains}).fetchone() is None:
        findings.add(
            Finding("chain", f"The chain does not contain {contains}: it was written anew, or cut off.")
        )


def _check_cut(connection: sqlite3.Connection, findings: Findings) -> None:
    """SQLite remembers the highest number that it gave out."""
    for name, (given, there) in zip(_NUMBERED, connection.execute(QUERIES["highest_given"]), strict=True):
        if given != there:
            findings.add(
                Finding("chain", f"The last {name} has the number {there}, but {given} was given out.")
            )


def _check_wishes(connection: sqlite3.Connection, findings: Findings) -> None:
    for customer, qualification, live in connection.execute(QUERIES["wishes_of_two"]):
        findings.add(
            Finding(
                "wishes",
                f"{customer}, {qualification}: {live} requests are live at once.",
                customer_id=str(customer),
            )
        )


def _check_totals(connection: sqlite3.Connection, findings: Findings) -> None:
    """Rows in are the sum of outcomes, of every run that came to its end."""
    for run in connection.execute(QUERIES["run_totals"]):
        number, run_id, finished_at, rows_in, stored, verdicts, without = run
        wrong = None
        if stored != rows_in:
            wrong = f"{rows_in} rows went in, but {stored} are stored"
        elif finished_at is not None and (without or verdicts != stored):
            wrong = (
                f"{rows_in} rows went in, but {verdicts} verdicts are stored, and {without} rows have none"
            )
        else:
            known = {outcome.value for outcome in Outcome}
            outcomes = connection.execute(QUERIES["outcomes_of_run"], {"run": number})
            odd = sum(count for outcome, count in outcomes if outcome not in known)
            if odd:
                wrong = f"{odd} verdicts have no outcome that there is"
        if wrong is not None:
            findings.add(Finding("totals", f"Run {run_id}: {wrong}.", run_id=str(run_id)))


def _check_schema(connection: sqlite3.Connection, findings: Findings) -> None:
    """Tables, indexes and triggers are those that batchqual makes, since they forbid what must not be."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as new:
        migrate(new, datetime.now(UTC))
        meant = {(row[0], row[1]): row[2] for row in new.execute(QUERIES["schema"])}
    found = {(row[0], row[1]): row[2] for row in connection.execute(QUERIES["schema"])}
    for kind, name in sorted(meant.keys() | found.keys()):
        if (kind, name) not in found:
            findings.add(Finding("schema", f"The {kind} {name} is missing."))
        elif (kind, name) not in meant:
            findings.add(Finding("schema", f"The {kind} {name} is none of ours."))
        elif meant[kind, name] != found[kind, name]:
            findings.add(Finding("schema", f"The {kind} {name} is not the one that batchqual makes."))


def _check_file(connection: sqlite3.Connection, findings: Findings) -> None:
    for (text,) in connection.execute("PRAGMA integrity_check(10)"):
        if text != "ok":
            findings.add(Finding("file", f"SQLite finds damage: {text}."))
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        findings.add(Finding("file", f"{table} {row} refers to a {parent} that is missing."))

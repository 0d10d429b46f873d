"""Ledgers that are older than the columns about looks: what they know of looks is in their history."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.ledgers import NOON, ORIGIN, PARTNER, HandClock, a_ledger, customer, education, new_request

from batchqual.ledger import Ledger, State, read_only
from batchqual.ledger import chain as chaining
from batchqual.ledger.files import connect, prepare
from batchqual.ledger.queries import QUERIES
from batchqual.ledger.schema import MIGRATIONS, migrate

ENROL = """
INSERT INTO request (
    id, revision, origin, partner, customer_id, qualification, state, adopted, sends, answered_sends,
    request_id, enrolled_at, submitted_at, polls, source, row, row_json, changed_at, change
) VALUES (
    ?, 1, ?, ?, ?, 'Education', 'queued', 0, 0, 0, NULL, ?, NULL, 0, 'c.csv', 2, '[[],[]]', ?, 'enrolled'
)
"""
SEND = """
UPDATE request SET revision = 2, state = 'sending', sends = 1, request_id = 'rid', submitted_at = ?,
    changed_at = ?, change = 'intended' WHERE id = ?
"""
ACCEPT = """
UPDATE request SET revision = 3, state = 'in_review', changed_at = ?, change = 'answered' WHERE id = ?
"""
LOOK = """
UPDATE request SET revision = revision + 1, polls = polls + 1, last_look_at = ?, changed_at = ?,
    change = 'looked', change_note = ? WHERE id = ?
"""
SEEN, NOT_SEEN = "InReview", "it does not show"


def at(minute: int) -> str:
    """A moment of that day, as the ledger writes it."""
    return f"2026-11-20T08:{minute:02d}:00.000000+00:00"


def sixth(path: Path, monkeypatch: pytest.MonkeyPatch, *, chained: bool) -> None:
    """A ledger as version 6 left it: three requests in review. Looks have shown the first, and then no more;
    never the second; and the third is not looked at yet."""
    prepare(path)
    with closing(connect(path, write=True)) as old, monkeypatch.context() as patch:
        for name in ("unchained_events", "line_of_request"):
            patch.setitem(QUERIES, name, QUERIES[name].replace(", shown_at, unconfirmed_since", ""))
        migrate(old, NOON, MIGRATIONS[:6])
        for number in (1, 2, 3):
            if chained:
                chaining.begin(old)
            old.execute(ENROL, (number, ORIGIN, PARTNER, customer(number), at(1), at(1)))
            old.execute(SEND, (at(2), at(2), number))
            old.execute(ACCEPT, (at(3), number))
            for minute, note in {1: [(4, SEEN), (5, SEEN), (6, NOT_SEEN)], 2: [(4, NOT_SEEN)], 3: []}[number]:
                old.execute(LOOK, (at(minute), at(minute), note, number))
            if chained:
                chaining.commit(old)


@pytest.mark.parametrize("chained", [True, False], ids=["with a chain", "without one"])
def test_what_looks_had_shown_is_known_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, chained: bool
) -> None:
    """By when they last did; its history says why, and nothing in the ledger is found wrong."""
    path = tmp_path / "l.sqlite3"
    sixth(path, monkeypatch, chained=chained)
    with read_only(path) as view:
        before = view.audit()
    assert () == before.findings
    with a_ledger(path) as ledger:
        shown = [one.shown_at for one in ledger.by_state(ORIGIN, PARTNER, State.IN_REVIEW)]
        assert [at(5), None, None] == [
            moment and moment.isoformat(timespec="microseconds") for moment in shown
        ]
        [first] = ledger.of_customer(customer(1))
        told = ledger.events(first)[-1]
    assert ("brought up to date", "a look had shown it by then") == (told.event, told.note)
    assert at(6) == told.at.isoformat(timespec="microseconds")
    with read_only(path) as view:
        after = view.audit()
    assert () == after.findings
    if chained:
        assert (before.head, before.links) == (after.head, after.links)


def test_what_somebody_else_wrote_is_foreign_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger that is brought up to date does not take it for its own."""
    path = tmp_path / "l.sqlite3"
    sixth(path, monkeypatch, chained=True)
    with closing(sqlite3.connect(path)) as hand, hand:
        hand.execute(
            "UPDATE request SET revision = revision + 1, website = 'x', change = 'looked' WHERE id = 2"
        )
    with a_ledger(path):
        pass
    with read_only(path) as view:
        assert any("another program" in finding.message for finding in view.audit().findings)


@pytest.mark.parametrize("column", ["shown_at", "unconfirmed_since"])
async def test_a_changed_moment_of_a_look_is_found(column: str, tmp_path: Path) -> None:
    """The chain stands for the later columns as well, whether they say something or not."""
    path = tmp_path / "l.sqlite3"
    with a_ledger(path, HandClock()) as ledger:
        await seen_once(ledger)
    with read_only(path) as view:
        assert () == view.audit().findings
    with closing(sqlite3.connect(path)) as hand, hand:
        hand.execute("DROP TRIGGER request_has_changed")
        hand.execute(f"UPDATE request SET {column} = '{at(9)}'")
    with read_only(path) as view:
        assert any("is not as it was written" in finding.message for finding in view.audit().findings)


async def seen_once(ledger: Ledger) -> None:
    """A request that a look has shown."""
    [record] = await ledger.enrol([new_request(education(1))])
    await ledger.looked(record, State.IN_REVIEW, shown=True)

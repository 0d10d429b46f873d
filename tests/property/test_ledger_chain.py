"""Whatever is changed in a journal by hand, an audit finds it and says where."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from support.journals import examined, in_memory, lived_ledger

from batchqual.ledger.chain import EVENT_COLUMNS

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

VALUES = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.binary(max_size=20)
    | st.sampled_from(["queued", "sending", "in_review", "settled", "rid-1", "rid-2", "run-1", "looked"])
)
#: Every column of every table that the chain stands for, but for keys, which have tests of their own.
COLUMNS = {
    "event": EVENT_COLUMNS,
    "link": ("kind", "event", "run", "hash", "line"),
    "request": (
        *("revision", "origin", "partner", "customer_id", "qualification", "segment", "website"),
        *("validation_code", "state", "adopted", "sends", "answered_sends", "request_id", "correlation_id"),
        *("predecessor", "enrolled_at", "submitted_at", "answered_at", "settled_at", "vetting_status"),
        *("vetting_reason", "vetting_created_raw", "last_look_at", "polls", "http_status", "error_code"),
        *("error_message", "source", "row", "row_json", "changed_at", "change", "change_note", "change_run"),
    ),
    "run": (
        *("run_id", "command", "started_at", "finished_at", "exit_code", "rows_in", "files", "columns"),
        *("facts", "requests", "error", "notices", "link", "head"),
    ),
    "run_row": ("row_json",),
    "run_verdict": ("verdict_json",),
    "run_earlier": ("row_json", "verdict_json"),
}
KEYS = {"event": "seq", "link": "number", "run": "number", "request": "id"}
FIELDS = [(table, column) for table, columns in COLUMNS.items() for column in columns]
COPIES = settings(settings.default, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived_ledger(tmp_path_factory.mktemp("journal"))


@pytest.fixture
def copy(journal: Path) -> Iterator[sqlite3.Connection]:
    with closing(in_memory(journal)) as connection:
        yield connection


def rows_of(connection: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    """All of a table, floats and integers told apart."""
    return [tuple(map(repr, row)) for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2")]


def key_of(table: str, row: tuple[object, ...]) -> tuple[str, tuple[object, ...]]:
    """The WHERE that finds a row."""
    if table in KEYS:
        return f"{KEYS[table]} = ?", row[:1]
    return "run = ? AND position = ?", row[:2]


def test_what_nobody_touched_is_intact(copy: sqlite3.Connection) -> None:
    """The copy itself shows nothing, or the other tests would prove nothing."""
    found = examined(copy)
    assert () == found.findings
    assert found.events + 5 == found.links


@pytest.mark.parametrize(("table", "column"), FIELDS, ids=str)
@settings(COPIES, max_examples=6, deadline=None)
@given(data=st.data())
def test_every_changed_field_is_found(journal: Path, table: str, column: str, data: st.DataObject) -> None:
    """Any field of any line, changed to anything else; a changed event is named, and whose it is."""
    with closing(in_memory(journal)) as copy:
        row = data.draw(st.sampled_from(copy.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()))
        value = data.draw(VALUES)
        where, key = key_of(table, row)
        before = rows_of(copy, table)
        try:
            copy.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (value, *key))
        except sqlite3.IntegrityError:
            assume(False)
        assume(before != rows_of(copy, table))
        found = examined(copy)
        assert not found.intact
        if table == "event":
            assert ("chain", row[0]) == (found.findings[0].check, found.findings[0].event)
            owner = copy.execute("SELECT customer_id FROM request WHERE id = ?", (row[1],)).fetchone()
            assert column == "request" or owner == (found.findings[0].customer_id,)
        if table == "link":
            assert row[0] in {finding.link for finding in found.findings}
        if table == "request":
            assert {row[0]} == {finding.request for finding in found.findings if finding.check == "states"}
        if table == "run":
            assert {"chain", "totals"} & {finding.check for finding in found.findings}


def events_in(connection: sqlite3.Connection) -> int:
    [(events,)] = connection.execute("SELECT count(*) FROM event")
    return int(events)


@settings(COPIES, max_examples=30, deadline=None)
@given(data=st.data())
def test_every_deletion_is_found(journal: Path, data: st.DataObject) -> None:
    """Any events, with or without their links, and with the links counted anew or not."""
    with closing(in_memory(journal)) as copy:
        first = data.draw(st.integers(1, events_in(copy)))
        last = data.draw(st.integers(first, events_in(copy)))
        copy.execute("DELETE FROM event WHERE seq BETWEEN ? AND ?", (first, last))
        if data.draw(st.booleans()):
            copy.execute("DELETE FROM link WHERE kind = 'event' AND event BETWEEN ? AND ?", (first, last))
            if data.draw(st.booleans()):
                links = copy.execute("SELECT number FROM link ORDER BY number").fetchall()
                copy.executemany(
                    "UPDATE link SET number = ? WHERE number = ?",
                    [(at, number) for at, (number,) in enumerate(links, 1)],
                )
        assert "chain" == examined(copy).findings[0].check


@settings(COPIES, max_examples=30, deadline=None)
@given(data=st.data())
def test_every_insertion_is_found(journal: Path, data: st.DataObject) -> None:
    """A copy of any event, anywhere, alone or with a link of somebody's own making."""
    with closing(in_memory(journal)) as copy:
        events = events_in(copy)
        at = data.draw(st.integers(1, events + 1))
        copied = data.draw(st.integers(1, events))
        columns = ", ".join(EVENT_COLUMNS)
        [stored] = copy.execute(f"SELECT {columns} FROM event WHERE seq = ?", (copied,))
        copy.execute("UPDATE event SET seq = -seq - 1 WHERE seq >= ?", (at,))
        copy.execute("UPDATE event SET seq = -seq WHERE seq < 0")
        marks = ", ".join("?" * len(stored))
        copy.execute(f"INSERT INTO event (seq, {columns}) VALUES (?, {marks})", (at, *stored))
        if data.draw(st.booleans()):
            [(number,)] = copy.execute("SELECT max(number) + 1 FROM link")
            link = (number, events + 1, "0" * 64)
            copy.execute("INSERT INTO link VALUES (?, 'event', ?, NULL, ?, NULL)", link)
        assert "chain" == examined(copy).findings[0].check


@settings(COPIES, max_examples=30, deadline=None)
@given(data=st.data())
def test_every_other_order_is_found(journal: Path, data: st.DataObject) -> None:
    """Any two events that change places are both named."""
    with closing(in_memory(journal)) as copy:
        one = data.draw(st.integers(1, events_in(copy) - 1))
        other = data.draw(st.integers(one + 1, events_in(copy)))
        columns = ", ".join(EVENT_COLUMNS)
        contents = {
            seq: copy.execute(f"SELECT {columns} FROM event WHERE seq = ?", (seq,)).fetchone()
            for seq in (one, other)
        }
        assume(contents[one] != contents[other])
        copy.execute("UPDATE event SET seq = -1 WHERE seq = ?", (one,))
        copy.execute("UPDATE event SET seq = ? WHERE seq = ?", (one, other))
        copy.execute("UPDATE event SET seq = ? WHERE seq = -1", (other,))
        named = [finding.event for finding in examined(copy).findings if finding.check == "chain"]
        assert {one, other} == set(named)
        assert one == named[0]

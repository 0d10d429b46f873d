"""Migrations."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support.journals import in_memory, lived_ledger
from support.ledgers import NOON

from batchqual.errors import LedgerError
from batchqual.ledger.audit import audit
from batchqual.ledger.chain import bring_up_to_date
from batchqual.ledger.schema import MIGRATIONS, Migration, _load, migrate, version_of

REQUEST_COLUMNS = """id revision origin partner customer_id qualification segment website validation_code
state adopted sends answered_sends request_id correlation_id predecessor enrolled_at submitted_at
answered_at settled_at vetting_status vetting_reason vetting_created_raw last_look_at polls http_status
error_code error_message source row row_json changed_at change change_note change_run shown_at
unconfirmed_since"""

TABLES = {
    "customer_domain": "origin partner domain customer_id name seen_at",
    "domain_of_nobody": "origin partner domain seen_at",
    "event": "seq request at event before after run_id request_id correlation_id http_status error_code note",
    "gate": "origin partner closed_until",
    "link": "number kind event run hash line",
    "request": REQUEST_COLUMNS,
    "run": "number run_id command started_at finished_at exit_code rows_in files columns facts requests "
    "error notices link head",
    "run_earlier": "run position row_json verdict_json",
    "run_row": "run position row_json",
    "run_verdict": "run position verdict_json",
    "schema_version": "version name applied_at",
}
OTHERS = {
    ("index", "event_by_request"),
    ("index", "one_live_request_per_wish"),
    ("index", "request_by_wish"),
    ("trigger", "event_is_never_changed"),
    ("trigger", "event_is_never_deleted"),
    ("trigger", "link_is_never_changed"),
    ("trigger", "link_is_never_deleted"),
    ("trigger", "request_has_a_customer"),
    ("trigger", "request_has_changed"),
    ("trigger", "request_is_new"),
    ("view", "education_attempt"),
}
NEWEST = 7


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    yield connection
    connection.close()


def test_the_migrations_in_order_give_exactly_this_schema(database: sqlite3.Connection) -> None:
    """Tables, columns, indexes and triggers are those written down here, and no others."""
    migrate(database, NOON)
    found = database.execute("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
    tables = {
        name: " ".join(row[1] for row in database.execute(f"PRAGMA table_info({name})"))
        for kind, name in found
        if kind == "table"
    }
    assert {name: " ".join(columns.split()) for name, columns in TABLES.items()} == tables
    assert {(kind, name) for kind, name in found if kind != "table"} == OTHERS


def test_versions_count_without_gaps() -> None:
    """Files in migrations/ are numbered 1, 2, 3 …"""
    assert list(range(1, len(MIGRATIONS) + 1)) == [step.version for step in MIGRATIONS]


def test_a_migration_is_what_its_file_says() -> None:
    """The number and the name are those of the file; one of them does more than SQL can."""
    loaded = _load()
    assert MIGRATIONS == loaded
    names = ["initial", "customer_domains", "chain", "lines", "domains_of_nobody", "abandoned", "shown"]
    assert list(enumerate(names, start=1)) == [(step.version, step.name) for step in loaded]
    assert [None] * 6 + [bring_up_to_date] == [step.then for step in loaded]
    assert all(list(step.statements) for step in loaded)


def test_a_ledger_is_marked_as_ours(database: sqlite3.Connection) -> None:
    """By four letters in the file's header: a ledger with another mark would not be opened any more."""
    migrate(database, NOON)
    [(mark,)] = database.execute("PRAGMA application_id")
    assert b"BQUA" == mark.to_bytes(4, "big")


def test_every_step_is_noted_with_its_time(database: sqlite3.Connection) -> None:
    """The table of versions says what was applied when; a second call applies nothing."""
    migrate(database, NOON)
    migrate(database, NOON)
    expected = [
        (1, "initial", "2026-11-20T12:00:00.000000+00:00"),
        (2, "customer_domains", "2026-11-20T12:00:00.000000+00:00"),
        (3, "chain", "2026-11-20T12:00:00.000000+00:00"),
        (4, "lines", "2026-11-20T12:00:00.000000+00:00"),
        (5, "domains_of_nobody", "2026-11-20T12:00:00.000000+00:00"),
        (6, "abandoned", "2026-11-20T12:00:00.000000+00:00"),
        (7, "shown", "2026-11-20T12:00:00.000000+00:00"),
    ]
    assert expected == database.execute("SELECT * FROM schema_version").fetchall()
    assert NEWEST == version_of(database)


def test_a_later_step_is_applied_to_an_older_ledger(database: sqlite3.Connection) -> None:
    """Only what is missing is applied."""
    migrate(database, NOON)
    later = Migration(NEWEST + 1, "more", "CREATE TABLE more (a);\nINSERT INTO more VALUES (';');\n")
    migrate(database, NOON, [*MIGRATIONS, later])
    assert NEWEST + 1 == version_of(database)
    assert [(";",)] == database.execute("SELECT a FROM more").fetchall()


def test_a_step_that_fails_leaves_nothing(database: sqlite3.Connection) -> None:
    """A step is applied whole or not at all."""
    migrate(database, NOON)
    broken = Migration(NEWEST + 1, "broken", "CREATE TABLE half (a);\nINSERT INTO nowhere VALUES (1);\n")
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        migrate(database, NOON, [*MIGRATIONS, broken])
    assert NEWEST == version_of(database)
    assert [] == database.execute("SELECT name FROM sqlite_master WHERE name = 'half'").fetchall()


def test_a_full_disk_is_told_as_such(database: sqlite3.Connection) -> None:
    """SQLite takes the step back by itself then: nothing is left to take back, and that hides no trouble."""
    migrate(database, NOON)
    [(pages,)] = database.execute("PRAGMA page_count")
    database.execute(f"PRAGMA max_page_count = {pages + 1}")
    large = Migration(
        NEWEST + 1, "large", "CREATE TABLE large (a);\nINSERT INTO large VALUES (zeroblob(99999));\n"
    )
    with pytest.raises(sqlite3.OperationalError, match="full"):
        migrate(database, NOON, [*MIGRATIONS, large])
    assert NEWEST == version_of(database)


def test_a_table_that_is_made_anew_loses_nothing(tmp_path: Path) -> None:
    """Requests, their numbers, their rules and the chain over them are what they were; keys still hold."""
    kept = "SELECT * FROM request UNION ALL SELECT * FROM request ORDER BY 1"
    path = lived_ledger(tmp_path)
    with closing(in_memory(path)) as old:
        before = old.execute(kept).fetchall()
        numbers = old.execute("SELECT * FROM sqlite_sequence ORDER BY name").fetchall()
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("PRAGMA foreign_keys = ON")
        file.execute("DELETE FROM schema_version WHERE version = 6")
        migrate(file, NOON)
        assert before == file.execute(kept).fetchall()
        assert numbers == file.execute("SELECT * FROM sqlite_sequence ORDER BY name").fetchall()
        assert () == audit(file).findings
        assert [(1,)] == file.execute("PRAGMA foreign_keys").fetchall()
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            file.execute("INSERT INTO event (request, at, event, after) VALUES (99, 'now', 'x', 'queued')")


def test_a_newer_ledger_is_left_alone(database: sqlite3.Connection) -> None:
    """A ledger of a later version is refused, with what to do."""
    migrate(database, NOON, [*MIGRATIONS, Migration(NEWEST + 1, "more", "CREATE TABLE more (a);\n")])
    with pytest.raises(LedgerError, match=rf"newer batchqual.*is {NEWEST + 1};.*knows {NEWEST}\)") as caught:
        migrate(database, NOON)
    assert "Update" in caught.value.hint
    assert (11, "ledger-too-new") == (caught.value.exit_code, caught.value.code)


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("CREATE TABLE something_else (a)", id="tables of others"),
        pytest.param("PRAGMA application_id = 7", id="mark of others"),
    ],
)
def test_the_database_of_another_program_is_left_alone(database: sqlite3.Connection, sql: str) -> None:
    """A SQLite file that is not ours is refused, and stays as it is."""
    database.execute(sql)
    with pytest.raises(LedgerError, match="not a ledger of batchqual") as caught:
        migrate(database, NOON)
    assert "not-a-ledger" == caught.value.code


@pytest.mark.parametrize("statement", ["UPDATE event SET note = 'x'", "DELETE FROM event"])
def test_the_biography_is_append_only(database: sqlite3.Connection, statement: str) -> None:
    """Lines are never changed and never deleted, whoever asks."""
    migrate(database, NOON)
    database.execute("PRAGMA foreign_keys = OFF")
    database.execute("INSERT INTO event (request, at, event, after) VALUES (1, 'now', 'x', 'queued')")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        database.execute(statement)

"""The chain over the journal, and the audit that walks along it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest
from support.journals import by_hand, examined, in_memory, live, lived_ledger
from support.ledgers import NOON, HandClock, a_ledger, customer, education, new_request

from batchqual.errors import IllegalMove, LedgerError
from batchqual.ledger import Ledger, Move, NewRun, RunEnd, State, read_only
from batchqual.ledger.chain import EVENT_COLUMNS, digest_of
from batchqual.ledger.files import connect, prepare
from batchqual.ledger.schema import MIGRATIONS, migrate

EVENT = ", ".join(("seq", *EVENT_COLUMNS))
RUN_LINES = {
    "run started": (
        "run_id, command, started_at, rows_in, files, columns, facts",
        "position, row_json FROM run_row",
    ),
    "run ended": (
        "run_id, finished_at, exit_code, requests, error, notices",
        "position, verdict_json FROM run_verdict",
        "position, row_json, verdict_json FROM run_earlier",
    ),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return lived_ledger(tmp_path)


def test_the_chain_is_the_one_that_the_page_describes(path: Path) -> None:
    """Anybody can compute it again with SHA-256 and JSON, without a line of ours."""
    with closing(sqlite3.connect(path)) as file:
        events = {row[0]: row[1:] for row in file.execute(f"SELECT {EVENT} FROM event")}
        requests = {row[0]: sha_256(f"{line(said(row))}\n") for row in file.execute("SELECT * FROM request")}
        last, latest = "0" * 64, {}
        for number, kind, event, run, stored, digest in file.execute("SELECT * FROM link ORDER BY number"):
            content = events.pop(event) if kind == "event" else run_line(file, kind, run)
            if kind == "event":
                latest[content[0]] = digest
            last = sha_256(last + line([number, kind, event, run, *content, *([digest] if digest else [])]))
            assert last == stored
    assert {} == events
    assert requests == latest


def run_line(file: sqlite3.Connection, kind: str, run: int) -> list[object]:
    """What the page says that a link about a run stands for."""
    columns, *tables = RUN_LINES[kind]
    [stored] = file.execute(f"SELECT {columns} FROM run WHERE number = ?", (run,))
    digests = (
        sha_256(
            "".join(f"{line(row)}\n" for row in file.execute(f"SELECT {table} WHERE run = {run} ORDER BY 1"))
        )
        for table in tables
    )
    return [*stored, *digests]


def said(row: tuple[object, ...]) -> tuple[object, ...]:
    """A request's line without the columns that came with version 5, behind the last that says something."""
    while len(row) > 35 and row[-1] is None:
        row = row[:-1]
    return row


def line(values: Iterable[object]) -> str:
    return json.dumps([*values], separators=(",", ":"))


def sha_256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_runs_stand_in_the_chain_where_they_began_and_ended(path: Path) -> None:
    """Between the events of their time; a run that was killed has no end."""
    with closing(sqlite3.connect(path)) as file:
        found = file.execute("SELECT kind, run, event FROM link WHERE run IS NOT NULL ORDER BY number")
        kinds = [tuple(row) for row in found]
        [(last,)] = file.execute("SELECT max(seq) FROM event")
    assert [
        ("run started", 1),
        ("run ended", 1),
        ("run started", 2),
        ("run ended", 2),
        ("run started", 3),
    ] == [(kind, run) for kind, run, _ in kinds]
    assert [0, last - 1] == [kinds[0][2], kinds[-1][2]]


async def test_a_run_stands_behind_the_events_of_its_own_commit(tmp_path: Path) -> None:
    """However much of a run is written at once, its links are in the order in which things happened."""
    path = tmp_path / "l.sqlite3"
    with a_ledger(path) as ledger:
        with ledger.hold():
            ledger.start_run(NewRun("run-1", "run", (), [], {}, ()))
            ledger.enrol([new_request(education(1))])
            ended = ledger.finish_run(RunEnd("run-1", 0, {}, None, ()))
        await ended
    with closing(sqlite3.connect(path)) as file:
        found = [tuple(row) for row in file.execute("SELECT kind, event FROM link ORDER BY number")]
    assert [("run started", 0), ("event", 1), ("run ended", 1)] == found


def test_whatever_a_column_can_hold_has_a_hash_of_its_own() -> None:
    """Bytes, too, which nothing of ours stores: whoever has put them there cannot exchange them unseen."""
    values = [None, 0, 0.5, "", "00", b"", b"\x00", b"\x01"]
    assert len(values) == len({digest_of([[value]]) for value in values})


def test_what_no_column_can_hold_has_no_hash() -> None:
    """A mistake of ours must not be chained as if it were something else."""
    with pytest.raises(TypeError, match="datetime is not a column"):
        digest_of([[NOON]])


async def test_a_move_that_is_refused_leaves_a_whole_chain(tmp_path: Path) -> None:
    """Its neighbours in the same commit are chained, and nothing of it."""
    with a_ledger(tmp_path / "l.sqlite3") as ledger:
        one, two = await ledger.enrol([new_request(education(number)) for number in (1, 2)])
        gone = await ledger.intend(one, "r")
        with ledger.hold():
            moves = [ledger.looked(gone, State.SENDING), ledger.intend(one, "again"), ledger.intend(two, "r")]
            handed = [asyncio.ensure_future(_ended(move)) for move in moves]
            await asyncio.sleep(0)
        assert [None, IllegalMove, None] == [await one for one in handed]
        assert (5, 5, ()) == _sizes(ledger)


async def _ended(move: Move) -> type[BaseException] | None:
    try:
        await move
    except IllegalMove:
        return IllegalMove
    return None


def _sizes(ledger: Ledger) -> tuple[int, int, tuple[object, ...]]:
    audit = ledger.audit()
    return audit.events, audit.links, audit.findings


def test_what_another_program_writes_is_never_taken_for_ours(path: Path) -> None:
    """A state set by hand, triggers and all: it is named before the next run, and for ever after."""
    with closing(sqlite3.connect(path, isolation_level=None)) as hand:
        hand.execute("UPDATE request SET state = 'queued', sends = 0, answered_sends = 0 WHERE id = 4")
    with read_only(path) as view:
        [stray, *_] = view.audit().findings
    assert (customer(4), "put in" in stray.message) == (stray.customer_id, True)

    async def next_run() -> None:
        with a_ledger(path) as ledger:
            await ledger.enrol([new_request(education(9))])

    asyncio.run(next_run())
    with read_only(path) as view:
        found = view.audit()
    told = [finding.message for finding in found.findings if finding.check == "chain"]
    assert stray.message == told[0]
    assert "written by another program" in told[1]
    assert found.events == found.links - 5, "one link for the stray one, five for runs"


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        pytest.param(
            "UPDATE event SET http_status = 200 WHERE http_status = 201 AND event = 'answered'",
            "its http_status was 201, and is 200 now",
            id="status",
        ),
        pytest.param(
            "UPDATE event SET after = 'settled' WHERE seq = 6",
            "its after was in_review, and is settled",
            id="state",
        ),
        pytest.param(
            "UPDATE event SET request = 3 WHERE seq = 6", "its request was 1, and is 3 now", id="whose"
        ),
        pytest.param(
            "UPDATE event SET at = '2026-11-20' WHERE seq = 6",
            "its at was 2026-11-20T12:00:01.000000+00:00, and is 2026-11-20 now",
            id="time",
        ),
        pytest.param("UPDATE event SET note = 'mine' WHERE seq = 9", "one of its fields", id="note"),
        pytest.param("UPDATE link SET hash = 'x' WHERE number = 7", "Link 7: its own hash was", id="hash"),
        pytest.param("DELETE FROM event WHERE seq = 6", "Link 7: event 6 is missing", id="event gone"),
        pytest.param("DELETE FROM link WHERE number = 7", "Link 7 is missing", id="link gone"),
        pytest.param("UPDATE run SET exit_code = 0 WHERE number = 1", "the end of run run-1", id="exit code"),
        pytest.param("UPDATE run SET rows_in = 2 WHERE number = 1", "the beginning of run run-1", id="rows"),
        pytest.param("DELETE FROM run WHERE number = 2", "run 2 is missing", id="run"),
        pytest.param(
            "UPDATE run_verdict SET verdict_json = replace(verdict_json, 'review', 'x') WHERE run = 1",
            "the end of run run-1",
            id="outcome",
        ),
        pytest.param(
            "DELETE FROM run_verdict WHERE run = 1 AND position = 2", "the end of run", id="verdict"
        ),
        pytest.param(
            "DELETE FROM run_row WHERE run = 3 AND position = 2", "the beginning of run run-3", id="row"
        ),
    ],
)
def test_a_broken_link_is_named_with_what_differs(path: Path, deed: str, words: str) -> None:
    """The first finding says which link, of what, and where it can be told, what stood there."""
    with closing(in_memory(path)) as copy:
        assert 0 < copy.execute(deed).rowcount
        found = examined(copy)
    assert words in found.findings[0].message
    assert 0 < (found.findings[0].link or 0)


@pytest.mark.parametrize(
    ("check", "deed", "words"),
    [
        pytest.param("states", "UPDATE request SET state = 'queued' WHERE id = 1", "its state", id="state"),
        pytest.param("states", "UPDATE request SET sends = 0 WHERE id = 4", "number of sends", id="sends"),
        pytest.param("states", "UPDATE request SET revision = 9 WHERE id = 1", "number of ch", id="revision"),
        pytest.param(
            "states", "UPDATE request SET request_id = 'x' WHERE id = 4", "its request ID is 'x'", id="ID"
        ),
        pytest.param(
            "wishes",
            "UPDATE request SET customer_id = 'x', state = 'queued' WHERE id IN (1, 2)",
            "2 requests are live at once",
            id="two live",
        ),
        pytest.param("schema", "CREATE TABLE mine (a)", "The table mine is none of ours", id="table"),
        pytest.param("schema", "DROP INDEX request_by_wish", "request_by_wish is missing", id="index"),
        pytest.param(
            "totals", "UPDATE run SET rows_in = 2 WHERE number = 2", "2 rows went in, but 3 are", id="rows in"
        ),
        pytest.param(
            "totals",
            "UPDATE run_verdict SET verdict_json = 'x' WHERE run = 1",
            "3 verdicts have no outcome",
            id="no outcome",
        ),
        pytest.param("file", "DELETE FROM request WHERE id = 5", "event 1", id="foreign key"),
        pytest.param(
            "file", "UPDATE request SET sends = 4 WHERE id = 4", "CHECK constraint", id="constraint"
        ),
    ],
)
def test_what_does_not_fit_together_is_found(path: Path, check: str, deed: str, words: str) -> None:
    """Requests against their events, runs against their rows, the file against its rules."""
    with closing(in_memory(path)) as copy:
        if check == "wishes":
            copy.execute("DROP INDEX one_live_request_per_wish")
        copy.execute(deed)
        copy.execute("PRAGMA ignore_check_constraints = OFF")
        found = examined(copy)
    assert words in "\n".join(finding.message for finding in found.findings if finding.check == check)


def test_a_journal_that_was_cut_off_is_found_by_its_runs(path: Path) -> None:
    """Events and links gone from some point on, SQLite's own memory of numbers too: a finished run knows."""
    with closing(in_memory(path)) as copy:
        copy.execute("DELETE FROM event WHERE seq > 12")
        copy.execute("DELETE FROM link WHERE event > 12 OR run = 3 OR (run = 2 AND kind = 'run ended')")
        copy.execute("UPDATE sqlite_sequence SET seq = 12 WHERE name = 'event'")
        messages = [finding.message for finding in examined(copy).findings]
    assert [message for message in messages if "run-2 ended with link" in message and "cut off" in message]


def test_the_last_event_cannot_go_unseen(path: Path) -> None:
    """Behind the last run's end no run knows, but SQLite remembers which number it gave out."""
    with closing(in_memory(path)) as copy:
        [(last,)] = copy.execute("SELECT max(seq) FROM event")
        copy.execute("DELETE FROM event WHERE seq = ?", (last,))
        copy.execute("DELETE FROM link WHERE event = ?", (last,))
        messages = [finding.message for finding in examined(copy).findings]
    assert f"The last event has the number {last - 1}, but {last} was given out." == messages[0]


def test_a_chain_written_anew_does_not_hold_the_old_head(path: Path) -> None:
    """The file alone cannot show that; a hash that was noted outside of it does."""
    with read_only(path) as view:
        noted = view.audit().head
        assert noted is not None
        assert view.audit(contains=noted).intact
        [finding] = view.audit(contains="0" * 64).findings
    assert "does not contain 000" in finding.message


def test_a_missing_guard_is_found(path: Path) -> None:
    """The triggers that forbid changes are part of the promise."""
    with by_hand(path), read_only(path) as view:
        found = {finding.message for finding in view.audit().findings}
    assert "The trigger event_is_never_changed is missing." in found
    assert "The trigger link_is_never_deleted is missing." in found


@pytest.mark.parametrize("statement", ["UPDATE link SET hash = 'x'", "DELETE FROM link"])
def test_the_chain_is_append_only(path: Path, statement: str) -> None:
    """The database itself refuses."""
    with closing(sqlite3.connect(path)) as file, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        file.execute(statement)


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_ledger_gets_its_chain_with_the_next_run(tmp_path: Path, version: int) -> None:
    """Looked at before, it has none and is else as it should be; afterwards its past is chained, too."""
    path = tmp_path / "old.sqlite3"
    older_copy(lived_ledger(tmp_path), path, version)
    with read_only(path) as view:
        before = view.audit()
    assert (None, 0, ()) == (before.head, before.links, before.findings)

    async def next_run() -> None:
        with a_ledger(path) as ledger:
            await ledger.enrol([new_request(education(9))])

    asyncio.run(next_run())
    with read_only(path) as view:
        after = view.audit()
    assert ((), before.events + 1) == (after.findings, after.events)
    assert after.events + 5 == after.links
    with by_hand(path) as hand:
        hand.execute("UPDATE event SET note = 'mine' WHERE seq = 2")
    with read_only(path) as view:
        assert 2 == view.audit().findings[0].event


def test_a_past_without_a_run_gets_its_chain_too(tmp_path: Path) -> None:
    """Its events are ours, and are not taken for those of another program."""
    old = tmp_path / "old.sqlite3"
    older_copy(lived_ledger(tmp_path), old, 2)
    with closing(sqlite3.connect(old)) as file, file:
        for table in ("run_row", "run_verdict", "run_earlier", "run"):
            file.execute(f"DELETE FROM {table}")
        file.execute("UPDATE sqlite_sequence SET seq = 0 WHERE name = 'run'")
    with a_ledger(old) as ledger:
        assert (16, 16, ()) == _sizes(ledger)


def older_copy(source: Path, path: Path, version: int) -> None:
    """The same past, as an older version of the program would have left it."""
    prepare(path)
    with closing(connect(path, write=True)) as old:
        migrate(old, NOON, MIGRATIONS[:version])
        old.execute("ATTACH ? AS new", (str(source),))
        for name in ("request_is_new", "request_has_changed"):
            old.execute(f"DROP TRIGGER {name}")
        for table in ("request", "event", "run", "run_row", "run_verdict", "run_earlier"):
            columns = ", ".join(row[1] for row in old.execute(f"PRAGMA main.table_info({table})"))
            old.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
        for statement in MIGRATIONS[0].statements:
            if "TRIGGER request_" in statement:
                old.execute(statement)


def test_a_ruined_file_is_an_error_in_words(path: Path) -> None:
    """What SQLite cannot read is told as damage, not as a finding."""
    raw = bytearray(path.read_bytes())
    raw[4096:] = bytes(len(raw) - 4096)
    path.write_bytes(raw)
    with pytest.raises(LedgerError, match="damaged"), read_only(path) as view:
        view.audit()


def test_an_empty_ledger_is_intact(tmp_path: Path) -> None:
    """Nothing happened, and nothing is wrong."""
    with a_ledger(tmp_path / "l.sqlite3", HandClock()) as ledger:
        assert (0, 0, ()) == _sizes(ledger)


async def test_no_audit_keeps_a_run_from_writing(tmp_path: Path) -> None:
    """It reads as of one moment, and what is written meanwhile is not in it."""
    path, clock = tmp_path / "l.sqlite3", HandClock()
    with a_ledger(path, clock) as ledger:
        await live(ledger, clock)
        with read_only(path) as view:
            events = view.audit().events
            await ledger.enrol([new_request(education(9))])
            assert events + 1 == view.audit().events

"""Looking into a ledger without its lock: an older, a missing, a damaged one, and one that was left."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support.ledgers import NOON, ORIGIN, PARTNER, a_ledger, education, new_request

from batchqual.errors import LedgerError
from batchqual.ledger import LedgerView, NewRun, read_only
from batchqual.ledger.files import connect, prepare
from batchqual.ledger.queries import QUERIES
from batchqual.ledger.schema import MIGRATIONS, migrate

QUESTIONS: list[Callable[[LedgerView], object]] = [
    lambda view: view.records(ORIGIN, PARTNER),
    lambda view: view.load_run(),
    lambda view: view.audit(),
    lambda view: view.integrity_check(),
    lambda view: view.outdated,
]
NAMES = ["records", "a run", "the audit", "the check", "the age"]


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A ledger with a request and a run."""
    path = tmp_path / "l.sqlite3"
    with a_ledger(path) as ledger:
        await ledger.start_run(NewRun("run-1", "run", [], [], {}, []))
        await ledger.enrol([new_request(education(1))])
    return path


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A ledger with a run, as the first version left it."""
    path = tmp_path / "old.sqlite3"
    prepare(path)
    with closing(connect(path, write=True)) as file:
        migrate(file, NOON, MIGRATIONS[:1])
        run = {"run_id": "run-1", "command": "run", "started_at": NOON.isoformat()}
        file.execute(QUERIES["insert_run"], run | {"files": "[]", "columns": "[]", "facts": "{}"})
    return path


def ruin(path: Path) -> None:
    """Nothing can be read any more but which version wrote it."""
    with closing(sqlite3.connect(path)) as file:
        [(size,)] = file.execute("PRAGMA page_size")
        pages = file.execute(
            "SELECT rootpage FROM sqlite_schema WHERE rootpage > 0 AND tbl_name <> 'schema_version'"
        ).fetchall()
    with path.open("r+b") as content:
        for (page,) in pages:
            content.seek((page - 1) * size)
            content.write(bytes(size))


def leave_an_index_behind(path: Path) -> None:
    """A request changes and an index does not hear of it, as if that write had never reached the disk."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("PRAGMA writable_schema = ON")
        [index] = file.execute("SELECT * FROM sqlite_schema WHERE name = 'request_by_wish'")
        file.execute("DELETE FROM sqlite_schema WHERE name = 'request_by_wish'")
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("UPDATE request SET customer_id = 'another'")
        file.execute("PRAGMA writable_schema = ON")
        file.execute("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", index)


@pytest.mark.parametrize("ask", QUESTIONS[:-1], ids=NAMES[:-1])
def test_damage_is_told_in_words_whatever_comes_upon_it(
    path: Path, ask: Callable[[LedgerView], object]
) -> None:
    """A file that opens may still be damaged where a question has to read."""
    ruin(path)
    with read_only(path) as view, pytest.raises(LedgerError, match="is damaged") as caught:
        ask(view)
    assert "ledger-damaged" == caught.value.code
    assert "back-up" in caught.value.hint


def test_an_index_that_was_left_behind_is_damage(path: Path) -> None:
    """Only the full check holds indexes against their tables: the quick one has no time for it."""
    leave_an_index_behind(path)
    with read_only(path) as view:
        view.integrity_check(quick=True)
        with pytest.raises(LedgerError, match=r"is damaged: .*request_by_wish") as caught:
            view.integrity_check()
    assert "ledger-damaged" == caught.value.code
    assert "back-up" in caught.value.hint


@pytest.mark.parametrize("ask", QUESTIONS, ids=NAMES)
def test_a_view_that_was_left_answers_nothing(path: Path, ask: Callable[[LedgerView], object]) -> None:
    """It is closed, and says so as everything else: with an error of our own."""
    with read_only(path) as view:
        ask(view)
    with pytest.raises(LedgerError, match="closed"):
        ask(view)


def test_a_missing_ledger_has_a_code_of_its_own(tmp_path: Path) -> None:
    """So that a script can tell the time before the first run from trouble with the file."""
    with pytest.raises(LedgerError) as caught, read_only(tmp_path / "l.sqlite3"):
        pass
    assert "no-ledger" == caught.value.code


def test_a_ledger_that_is_not_made_yet_has_no_chain(tmp_path: Path) -> None:
    """Nor any fault."""
    with read_only(tmp_path / "l.sqlite3", missing_ok=True) as view:
        audit = view.audit()
    assert (None, 0, ()) == (audit.head, audit.links, audit.findings)


def test_a_ledger_that_is_refused_is_let_go(path: Path) -> None:
    """Also while its error is still being told, the file is nobody's: its log goes with the last one."""
    with closing(connect(path, write=True)) as file:
        file.execute("INSERT INTO schema_version VALUES (99, 'later', 'then')")
    with pytest.raises(LedgerError, match="newer batchqual") as caught, read_only(path):
        pass
    with closing(connect(path, write=True)) as file:
        file.execute("DELETE FROM schema_version WHERE version = 99")
    assert not path.with_name("l.sqlite3-wal").exists()
    assert caught.value.hint


async def test_a_view_may_be_asked_on_another_thread(path: Path, old: Path) -> None:
    """Whether it reads the file or a copy in memory, it answers the same."""
    for one, outdated in ((path, False), (old, True)):
        with read_only(one) as view:
            runs = await asyncio.to_thread(view.runs)
            assert outdated == view.outdated
        assert [("run-1", NOON)] == [(run.run_id, run.started_at) for run in runs]

"""The ledger's file, and its troubles in words."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.ledgers import NOON, HandClock, a_ledger, education, new_request

from batchqual import machine
from batchqual.errors import LedgerError
from batchqual.ledger import Ledger, read_only
from batchqual.ledger.files import _go_durable, connect, explain, prepare, trouble_in_words
from batchqual.ledger.schema import migrate


def open_it(path: Path) -> None:
    with Ledger.open(path, clock=HandClock(), command="run"):
        pass


def look_into(path: Path) -> None:
    with read_only(path):
        pass


def test_the_ledger_is_for_its_owner_alone(tmp_path: Path) -> None:
    """The file, its log and its lock hold validation codes or names: nobody else may read them."""
    if sys.platform == "win32":
        pytest.skip("permissions are inherited there")
    with a_ledger(tmp_path / "l.sqlite3"):
        found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    names = ("l.sqlite3", "l.sqlite3-wal", "l.sqlite3-shm", "l.sqlite3.lock")
    assert dict.fromkeys(names, 0o600) == found


def test_an_older_file_is_made_private(tmp_path: Path) -> None:
    """Files that were copied without care are tightened, those beside the ledger, too."""
    if sys.platform == "win32":
        pytest.skip("permissions are inherited there")
    for name in ("l.sqlite3", "l.sqlite3-wal", "l.sqlite3-shm"):
        (tmp_path / name).touch(0o666)
    prepare(tmp_path / "l.sqlite3")
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}


def test_the_folder_of_the_default_ledger_is_made() -> None:
    """In an empty home the first run makes what it needs."""
    path = machine.default_ledger_path()
    open_it(path)
    assert path.is_file()
    if sys.platform != "win32":
        assert 0o700 == stat.S_IMODE(path.parent.stat().st_mode)


def test_an_empty_file_becomes_a_ledger(tmp_path: Path) -> None:
    """A run that was killed right after making the file leaves nothing that hurts."""
    (tmp_path / "l.sqlite3").touch()
    open_it(tmp_path / "l.sqlite3")
    with read_only(tmp_path / "l.sqlite3") as view:
        assert [] == view.partners()


def a_folder(path: Path) -> None:
    path.mkdir()


def a_text(path: Path) -> None:
    path.write_text("customer_id,qualification\n" * 200, encoding="utf-8")


def a_cut_ledger(path: Path) -> None:
    open_it(path)
    path.write_bytes(path.read_bytes()[:5000])


def a_damaged_ledger(path: Path) -> None:
    open_it(path)
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * 4000 + content[4100:])


def somebody_elses(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url)")
    connection.close()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(a_folder, "is a folder", id="folder"),
        pytest.param(a_text, "is not a ledger", id="text"),
        pytest.param(a_cut_ledger, "is damaged", id="cut"),
        pytest.param(a_damaged_ledger, "is damaged", id="damaged"),
        pytest.param(somebody_elses, "not a ledger of batchqual", id="another program's database"),
    ],
)
@pytest.mark.parametrize("open_it", [open_it, look_into], ids=["run", "status"])
def test_what_is_no_ledger_is_said_in_words(
    tmp_path: Path, make: Callable[[Path], None], words: str, open_it: Callable[[Path], None]
) -> None:
    """Opening it, to write or to read, ends with 11, a sentence and a hint, and the lock is free again."""
    path = tmp_path / "l.sqlite3"
    make(path)
    for _ in range(2):
        with pytest.raises(LedgerError, match=words) as caught:
            open_it(path)
        assert 11 == caught.value.exit_code
        assert caught.value.hint


def test_a_missing_folder_is_not_made(tmp_path: Path) -> None:
    """A ledger in a mistyped place would have forgotten what was submitted before."""
    with pytest.raises(LedgerError, match="There is no folder") as caught:
        open_it(tmp_path / "typo" / "l.sqlite3")
    assert "does not know what was submitted" in caught.value.hint
    assert "no-folder" == caught.value.code
    assert not (tmp_path / "typo").exists()


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    """A path through a file: the system's own word."""
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="Not a directory"):
        open_it(tmp_path / "file" / "l.sqlite3")


def test_the_words_of_the_operating_system(tmp_path: Path) -> None:
    """What the system refuses is passed on with the path; also when it says nothing."""
    with (
        pytest.raises(LedgerError, match="cannot be opened: Permission denied") as caught,
        trouble_in_words(tmp_path),
    ):
        raise PermissionError(13, "Permission denied")
    assert "ledger-unopened" == caught.value.code
    with pytest.raises(LedgerError, match="cannot be opened: odd"), trouble_in_words(tmp_path):
        raise OSError("odd")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT], ids=["no space", "no more for this user"])
def test_a_disk_that_the_system_calls_full(number: int, tmp_path: Path) -> None:
    """Reads as one that SQLite calls full, whether the disk has an end or the user's share of it."""
    with pytest.raises(LedgerError, match="the disk is full") as caught, trouble_in_words(tmp_path):
        raise OSError(number, os.strerror(number))
    assert "disk-full" == caught.value.code


@pytest.mark.parametrize(
    ("name", "words", "code"),
    [
        pytest.param("SQLITE_NOTADB", "is not a ledger", "not-a-ledger", id="no database"),
        pytest.param("SQLITE_CORRUPT_INDEX", "is damaged", "ledger-damaged", id="corrupt"),
        pytest.param("SQLITE_READONLY_DIRECTORY", "cannot be written", "ledger-read-only", id="read-only"),
        pytest.param("SQLITE_CANTOPEN", "cannot be opened", "ledger-unopened", id="cannot open"),
        pytest.param("SQLITE_PERM", "cannot be opened", "ledger-unopened", id="permission"),
        pytest.param("SQLITE_FULL", "the disk is full", "disk-full", id="full"),
        pytest.param("SQLITE_IOERR_SHMSIZE", "the disk is full", "disk-full", id="full beside it"),
        pytest.param("SQLITE_BUSY_SNAPSHOT", "kept busy", "ledger-busy", id="busy"),
        pytest.param("SQLITE_LOCKED", "kept busy", "ledger-busy", id="locked"),
        pytest.param("SQLITE_IOERR_SHMMAP", "network share", "ledger-io", id="network"),
        pytest.param("SQLITE_MISUSE", "cannot be used: what SQLite says", "ledger", id="something else"),
        pytest.param(None, "cannot be used: what SQLite says", "ledger", id="unnamed"),
    ],
)
def test_what_sqlite_says_becomes_words(name: str | None, words: str, code: str) -> None:
    """Each kind of trouble has its sentence, its hint and its code; an unknown one keeps SQLite's words."""
    error = sqlite3.OperationalError("what SQLite says")
    if name is not None:
        error.sqlite_errorname = name
    told = explain(error, Path("l.sqlite3"))
    assert words in told.message
    assert told.hint
    assert code == told.code


def test_a_file_that_may_only_be_read(tmp_path: Path) -> None:
    """SQLite's own refusal to write reads as words."""
    path = tmp_path / "l.sqlite3"
    open_it(path)
    connection = connect(path, write=False)
    try:
        with pytest.raises(LedgerError, match="cannot be written"), trouble_in_words(path):
            connection.execute("DELETE FROM gate")
    finally:
        connection.close()


def test_without_a_write_ahead_log_there_is_no_ledger() -> None:
    """Where SQLite cannot keep one, as on many network shares, the promise to remember would be empty."""
    memory = sqlite3.connect(":memory:")
    try:
        with pytest.raises(LedgerError, match="write-ahead log") as caught:
            _go_durable(memory, Path("l.sqlite3"))
        assert "no-wal" == caught.value.code
    finally:
        memory.close()


def test_what_is_committed_has_reached_the_disk(tmp_path: Path) -> None:
    """Connections that write use the write-ahead log, flush at each commit, and heed references."""
    path = tmp_path / "l.sqlite3"
    prepare(path)
    connection = connect(path, write=True)
    try:
        settings = ("journal_mode", "synchronous", "foreign_keys")
        found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in settings]
    finally:
        connection.close()
    assert ["wal", 2, 1] == found


@pytest.mark.parametrize(
    "name", ["with space.sqlite3", "per%cent?.sqlite3", "ha#sh.sqlite3", "ünïcode.sqlite3"]
)
def test_odd_names_are_names(tmp_path: Path, name: str) -> None:
    """Characters that mean something in an address mean nothing in a path."""
    if sys.platform == "win32" and "?" in name:
        pytest.skip("no such name there")
    open_it(tmp_path / name)
    assert (tmp_path / name).stat().st_size > 0


def test_a_leading_tilde_is_the_home(empty_home: Path) -> None:
    """A path from a settings file was never seen by a shell."""
    open_it(Path("~") / "l.sqlite3")
    assert (empty_home / "l.sqlite3").is_file()
    with read_only(Path("~") / "l.sqlite3") as view:
        assert set() == view.origins()


async def test_reading_needs_no_run(tmp_path: Path) -> None:
    """The ledger of a run that is over opens for reading, in a folder where nothing else is left."""
    path = tmp_path / "l.sqlite3"
    with a_ledger(path) as ledger:
        await ledger.enrol([new_request(education(1))])
    with read_only(path) as view:
        assert 1 == len(view.origins())


def test_an_older_ledger_is_read_in_memory(tmp_path: Path) -> None:
    """Reading brings it up to date in memory alone: the file stays as it was."""
    path = tmp_path / "l.sqlite3"
    prepare(path)
    with read_only(path) as view:
        assert [] == view.runs()
    assert 0 == path.stat().st_size


def test_a_missing_ledger_reads_as_empty_when_asked(tmp_path: Path) -> None:
    """A plan before the first run needs no ledger, and makes none; status says that there is none."""
    path = tmp_path / "l.sqlite3"
    with read_only(path, missing_ok=True) as view:
        assert [] == view.partners()
    with pytest.raises(LedgerError, match="There is no ledger"), read_only(path):
        pass
    assert [] == list(tmp_path.iterdir())


def test_a_newer_ledger_is_not_read(tmp_path: Path) -> None:
    """Reading one that a later version wrote is refused, too."""
    path = tmp_path / "l.sqlite3"
    prepare(path)
    connection = connect(path, write=True)
    migrate(connection, NOON)
    connection.execute("INSERT INTO schema_version VALUES (99, 'later', 'then')")
    connection.close()
    with pytest.raises(LedgerError, match="newer batchqual"), read_only(path):
        pass

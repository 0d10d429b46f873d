"""The ledger's file: made for its owner alone, opened the careful way, its troubles said in words."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from batchqual import machine
from batchqual.errors import LedgerError
from batchqual.failpoints import reached
from batchqual.paths import LEDGER

__all__ = ["Standing", "connect", "explain", "prepare", "trouble_in_words"]

_BUSY_SECONDS = 10.0
_CACHE_KIB = 32 * 1024
_WAL_LIMIT_BYTES = 64 * 1024 * 1024

_WORDS = (
    ("SQLITE_NOTADB", "not-a-ledger", "is not a ledger", "Name another file with --ledger."),
    ("SQLITE_CORRUPT", "ledger-damaged", "is damaged", "Put a back-up in its place; keep the damaged file."),
    (
        "SQLITE_READONLY",
        "ledger-read-only",
        "cannot be written",
        "Check who may write the file and its folder.",
    ),
    (
        "SQLITE_CANTOPEN",
        "ledger-unopened",
        "cannot be opened",
        "Check who may write the file and its folder.",
    ),
    ("SQLITE_PERM", "ledger-unopened", "cannot be opened", "Check who may write the file and its folder."),
    (
        "SQLITE_FULL",
        "disk-full",
        "cannot grow: the disk is full",
        "Make room, then run the same command again.",
    ),
    (
        "SQLITE_IOERR_SHMSIZE",
        "disk-full",
        "cannot grow: the disk is full",
        "Make room, then run the same command again.",
    ),
    ("SQLITE_BUSY", "ledger-busy", "is kept busy by another program", "Close that program, then try again."),
    (
        "SQLITE_LOCKED",
        "ledger-busy",
        "is kept busy by another program",
        "Close that program, then try again.",
    ),
    (
        "SQLITE_IOERR",
        "ledger-io",
        "cannot be read or written: the disk, or a network share, failed",
        "Keep the ledger on a local disk (--ledger), then run the same command again.",
    ),
)


def explain(error: sqlite3.Error, path: Path) -> LedgerError:
    """What SQLite says, for a person."""
    name = str(getattr(error, "sqlite_errorname", ""))
    for prefix, code, words, hint in _WORDS:
        if name.startswith(prefix):
            return LedgerError(f"The ledger {path} {words} ({error}).", hint=hint, code=code)
    return LedgerError(
        f"The ledger {path} cannot be used: {error}.",
        hint="Put a back-up in its place, and keep the damaged file.",
    )


@contextmanager
def trouble_in_words(path: Path) -> Iterator[None]:
    """Turn troubles with the file into `LedgerError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise explain(error, path) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise LedgerError(
                f"The ledger {path} cannot grow: the disk is full ({error.strerror}).",
                hint="Make room, then run the same command again.",
                code="disk-full",
            ) from error
        raise LedgerError(
            f"The ledger {path} cannot be opened: {error.strerror or error}.",
            hint="Check the path and who may write there, or name another file with --ledger.",
            code="ledger-unopened",
        ) from error


class Standing:
    """Whether an open ledger still stands where it was opened.

    A file that was moved or deleted takes whatever is written to it, and nobody finds that again: the next
    run would begin a new ledger, and know nothing.
    """

    def __init__(self, path: Path) -> None:
        self._files = (path, path.with_name(path.name + "-wal"))
        self._found = self._look()

    def check(self) -> None:
        """Raise `LedgerError` when it was moved, deleted or replaced; also its write-ahead log alone."""
        if self._look() != self._found:
            raise LedgerError(
                f"The ledger {self._files[0]}, or the -wal file beside it, was moved, deleted or replaced "
                "while the run was on.",
                hint="Put it back with its companions, then run the same command again.",
                code="ledger-moved",
            )

    def _look(self) -> list[tuple[int, int] | None]:
        found: list[tuple[int, int] | None] = []
        for path in self._files:
            try:
                one = path.stat()
                found.append((one.st_dev, one.st_ino))
            except OSError:
                found.append(None)
        return found


def prepare(path: Path) -> None:
    """Make the file for its owner alone before SQLite sees it, or make an older one so.

    The folder of the default ledgers is made, too. Any other missing folder is an error: a ledger in a
    mistyped place would have forgotten what was submitted before.
    """
    if LEDGER.is_folder(path):
        raise LedgerError(f"The ledger {path} is a folder.", hint="Name a file with --ledger.")
    if not LEDGER.is_folder(path.parent):
        if path != LEDGER.full(machine.default_ledger_path().with_name(path.name)):
            raise LedgerError(
                f"There is no folder {path.parent} for the ledger.",
                hint="Check the spelling of --ledger, or make the folder first. "
                "A ledger in a new place does not know what was submitted before.",
                code="no-folder",
            )
        machine.make_private_folder(path.parent)
    machine.make_private_file(path)
    reached("ledger.made")
    for suffix in ("-wal", "-shm"):
        beside = path.with_name(path.name + suffix)
        if LEDGER.exists(beside):
            machine.make_private_file(beside)


def connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """A connection in autocommit mode: transactions are written out where they are meant.

    ``synchronous=FULL`` so that what was committed has survived a power cut, not only a crash. The connection
    may be handed to another thread, never shared by two at a time.
    """
    address = f"{path.absolute().as_uri()}?mode={'rw' if write else 'ro'}"
    if not write and _lies_still(path):
        address += "&immutable=1"
    connection = sqlite3.connect(
        address, uri=True, isolation_level=None, timeout=_BUSY_SECONDS, check_same_thread=False
    )
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        if write:
            _go_durable(connection, path)
            reached("ledger.opened")
    except BaseException:
        connection.close()
        raise
    return connection


def _lies_still(path: Path) -> bool:
    """Whether nobody can be writing: no log, in a folder that takes no file. To read it, SQLite would want to
    make files beside it (SQLite docs, WAL, read-only databases)."""
    return not os.access(path.parent, os.W_OK) and not LEDGER.exists(path.with_name(path.name + "-wal"))


def _go_durable(connection: sqlite3.Connection, path: Path) -> None:
    [(mode,)] = connection.execute("PRAGMA journal_mode = WAL")
    if mode != "wal":
        raise LedgerError(
            f"The ledger {path} stands where SQLite cannot keep its write-ahead log (often a network share).",
            hint="Keep the ledger on a local disk (--ledger).",
            code="no-wal",
        )
    connection.execute("PRAGMA synchronous = FULL")
    # measured: what a statement may have to undo goes to a temporary file otherwise, at four times the cost
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT_BYTES}")

"""Migrations: how a new or older ledger becomes one that this version knows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

from batchqual.errors import LedgerError
from batchqual.failpoints import reached

from .cells import to_text
from .chain import bring_up_to_date
from .queries import QUERIES

__all__ = ["MIGRATIONS", "Migration", "migrate", "version_of"]

APPLICATION_ID = 0x42515541
"""Marks the file as a ledger of ours in SQLite's header ("BQUA")."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: ``version`` counts from 1 without gaps; ``sql``, and ``then`` what SQL cannot do, are run in
    one transaction."""

    version: int
    name: str
    sql: str
    then: Callable[[sqlite3.Connection], None] | None = None

    @property
    def statements(self) -> Iterator[str]:
        """The statements one by one: sqlite3's own script runner would commit in the middle."""
        statement = ""
        for line in self.sql.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                yield statement
                statement = ""


_THEN = {"shown": bring_up_to_date}


def _load() -> tuple[Migration, ...]:
    steps = (
        Migration(
            int(file.name[:4]),
            file.name[5:-4],
            file.read_text(encoding="utf-8"),
            _THEN.get(file.name[5:-4]),
        )
        for file in files(__package__).joinpath("migrations").iterdir()
        if file.name.endswith(".sql")
    )
    return tuple(sorted(steps, key=lambda step: step.version))


MIGRATIONS = _load()


def version_of(connection: sqlite3.Connection) -> int:
    """The version of the ledger behind a connection; 0 for an empty file.

    Raises `LedgerError` for a database that is not a ledger, and ``sqlite3.Error`` for what is no database.
    """
    [(mark,)] = connection.execute("PRAGMA application_id")
    if mark == APPLICATION_ID:
        [(version,)] = connection.execute(QUERIES["schema_version"])
        return int(version)
    [(tables,)] = connection.execute("SELECT count(*) FROM sqlite_master")
    if tables or mark:
        raise LedgerError(
            "The file is a SQLite database, but not a ledger of batchqual.",
            hint="Name another file with --ledger.",
            code="not-a-ledger",
        )
    return 0


def migrate(
    connection: sqlite3.Connection, now: datetime, migrations: Sequence[Migration] = MIGRATIONS
) -> None:
    """Bring a ledger to the newest version, each step in a transaction of its own.

    Raises `LedgerError` when the ledger is newer than this program, or not a ledger.
    """
    version = version_of(connection)
    if version > migrations[-1].version:
        raise LedgerError(
            f"The ledger was written by a newer batchqual (its version is {version}; this program knows "
            f"{migrations[-1].version}).",
            hint="Update batchqual, or name another ledger with --ledger.",
            code="ledger-too-new",
        )
    for step in migrations[version:]:
        _apply(connection, step, now)


def _apply(connection: sqlite3.Connection, step: Migration, now: datetime) -> None:
    reached("migration.begin")
    [(enforced,)] = connection.execute("PRAGMA foreign_keys")
    connection.execute("PRAGMA foreign_keys = OFF")  # a table that is made anew is dropped for a moment
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in step.statements:
            connection.execute(statement)
            reached("migration.statement")
        if step.then is not None:
            step.then(connection)
        connection.execute(QUERIES["insert_schema_version"], (step.version, step.name, to_text(now)))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        reached("migration.written")
        connection.execute("COMMIT")
        reached("migration.committed")
    except BaseException:
        with suppress(sqlite3.Error):  # a full disk has rolled it back already
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.execute(f"PRAGMA foreign_keys = {enforced}")

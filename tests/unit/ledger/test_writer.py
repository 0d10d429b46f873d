"""The thread that writes."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support.ledgers import NOON

from batchqual.errors import IllegalMove, LedgerError
from batchqual.ledger.files import explain
from batchqual.ledger.moves import savepoint
from batchqual.ledger.schema import migrate
from batchqual.ledger.writer import Writer

PATH = Path("l.sqlite3")


class Counted(sqlite3.Connection):
    """A connection that counts commits, and fails when told."""

    commits = 0
    fail_on = ""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if self.fail_on and sql.startswith(self.fail_on):
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorname = "SQLITE_FULL"
            raise error
        self.commits += sql == "COMMIT"
        return super().execute(sql, parameters)


@pytest.fixture
def connection() -> Iterator[Counted]:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False, factory=Counted)
    migrate(connection, NOON)
    connection.execute("CREATE TABLE thing (name TEXT UNIQUE)")
    connection.commits = 0
    yield connection
    connection.close()


@pytest.fixture
def writer(connection: Counted) -> Iterator[Writer]:
    writer = Writer(connection, partial(explain, path=PATH))
    yield writer
    writer.close()


def add(name: str, connection: sqlite3.Connection) -> str:
    connection.execute("INSERT INTO thing VALUES (?)", (name,))
    return name


def names(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM thing ORDER BY rowid")]


async def test_the_result_comes_after_the_commit(writer: Writer, connection: Counted) -> None:
    """What a caller gets is on disk."""
    assert "a" == await writer.submit(partial(add, "a"))
    assert not connection.in_transaction
    assert ["a"] == names(connection)


async def test_fifty_callers_share_a_few_commits(writer: Writer, connection: Counted) -> None:
    """While one commit is on its way the next batch gathers."""
    with writer.hold():
        first = writer.submit(partial(add, "first"))
        jobs = [writer.submit(partial(add, str(number))) for number in range(50)]
    await asyncio.gather(first, *jobs)
    assert connection.commits <= 2
    assert 51 == len(names(connection))


async def test_a_batch_has_an_end(writer: Writer, connection: Counted) -> None:
    """So that the first of very many callers does not wait for the last."""
    with writer.hold():
        jobs = [writer.submit(partial(add, str(number))) for number in range(2500)]
    await asyncio.gather(*jobs)
    assert 3 <= connection.commits <= 4


async def test_order_is_kept(writer: Writer, connection: Counted) -> None:
    """Who asks first is written first."""
    await asyncio.gather(*(writer.submit(partial(add, name)) for name in "cab"))
    assert ["c", "a", "b"] == names(connection)


def twice(name: str, connection: sqlite3.Connection) -> None:
    with savepoint(connection):
        add(name, connection)
        add(name, connection)


def odd(connection: sqlite3.Connection) -> None:
    with savepoint(connection):
        add("odd", connection)
        raise ValueError("odd")


async def test_a_job_that_fails_fails_alone(writer: Writer, connection: Counted) -> None:
    """Its neighbours in the same commit are written; nothing of it is."""
    with writer.hold():
        jobs = (
            writer.submit(partial(add, "before")),
            writer.submit(partial(twice, "x")),
            writer.submit(odd),
            writer.submit(partial(add, "after")),
        )
    before, refused, failed, after = await asyncio.gather(*jobs, return_exceptions=True)
    assert ("before", "after") == (before, after)
    assert isinstance(refused, IllegalMove)
    assert "UNIQUE" in refused.message
    assert isinstance(failed, ValueError)
    assert ["before", "after"] == names(connection)


@pytest.mark.parametrize("where", ["BEGIN", "INSERT", "COMMIT"])
async def test_trouble_with_the_file_breaks_the_writer(
    writer: Writer, connection: Counted, where: str
) -> None:
    """Everyone is told, then and later, even when there is room again: a book that forgot must not go on."""
    await writer.submit(partial(add, "kept"))
    connection.fail_on = where
    with writer.hold():
        jobs = [writer.submit(partial(add, name)) for name in "ab"]
    for answer in await asyncio.gather(*jobs, return_exceptions=True):
        assert isinstance(answer, LedgerError)
        assert ("disk-full", 11) == (answer.code, answer.exit_code)
    connection.fail_on = ""
    with pytest.raises(LedgerError, match="disk is full"):
        await writer.submit(partial(add, "later"))
    assert ["kept"] == names(connection)


async def test_a_savepoint_survives_the_end_of_its_transaction(writer: Writer, connection: Counted) -> None:
    """A failing disk ends the whole transaction: the first error is the one that is told."""

    def lose_all(connection: sqlite3.Connection) -> None:
        with savepoint(connection):
            connection.execute("ROLLBACK")
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorname = "SQLITE_IOERR_WRITE"
            raise error

    with pytest.raises(LedgerError, match="disk I/O error"):
        await writer.submit(lose_all)


async def test_a_cancelled_caller_takes_nothing_back(writer: Writer, connection: Counted) -> None:
    """Once handed in, the work is done, whoever still waits for it."""
    with writer.hold():
        job = writer.submit(partial(add, "a"))
        job.cancel()
        await asyncio.sleep(0)
    await writer.submit(partial(add, "b"))
    assert ["a", "b"] == names(connection)


async def test_a_failure_that_nobody_waits_for_is_not_shouted(writer: Writer) -> None:
    """Whoever asked may be gone by then: asyncio would print a traceback for what was never fetched."""
    shouted: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: shouted.append(context))
    job = writer.submit(odd)
    await asyncio.wait([job])
    del job
    await writer.submit(partial(add, "a"))  # the thread has let go of the batch before
    gc.collect()
    assert [] == shouted


async def test_nothing_is_written_while_held(writer: Writer, connection: Counted) -> None:
    """The block of hold() stands between the caller and the disk."""
    with writer.hold():
        job = writer.submit(partial(add, "a"))
        for _ in range(100):
            await asyncio.sleep(0)
        assert not job.done()
        assert [] == names(connection)
    assert "a" == await job


def test_closing_finishes_what_was_handed_in(connection: Counted) -> None:
    """The loop may be closed by then: the work is done all the same, and the thread ends."""
    writer = Writer(connection, partial(explain, path=PATH))

    async def hand_in() -> None:
        writer.submit(partial(add, "a"))

    with writer.hold():
        asyncio.run(hand_in())
    writer.close()
    assert ["a"] == names(connection)
    assert "batchqual-ledger" not in {thread.name for thread in threading.enumerate()}


async def test_after_closing_nothing_is_taken(connection: Counted) -> None:
    """Nobody waits for a thread that is gone."""
    writer = Writer(connection, partial(explain, path=PATH))
    job = writer.submit(partial(add, "a"))
    writer.close()
    assert "a" == await job
    with pytest.raises(LedgerError, match="closed"):
        writer.submit(partial(add, "b"))

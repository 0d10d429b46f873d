"""A ledger with a past, and hands that write into it behind batchqual's back."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from support.ledgers import HandClock, InlineWriter, education, gcc, input_row, new_request

from batchqual.ledger import Ledger, NewRun, RunEnd, State
from batchqual.ledger.audit import audit
from batchqual.ledger.findings import Audit
from batchqual.model import InputFile, Outcome, Problem, RowResult, Verdict

__all__ = ["by_hand", "examined", "in_memory", "live", "lived_ledger"]

FILES = (InputFile("customers.csv", "00ff", 3),)
ROWS = tuple(input_row(at, education(at)) for at in range(3))
RESULTS = tuple(RowResult(row, Verdict(Outcome.IN_REVIEW)) for row in ROWS)


async def live(ledger: Ledger, clock: HandClock) -> None:
    """Two finished runs and one that was killed, with every kind of event."""
    await ledger.start_run(NewRun("run-1", "run", FILES, ["Name"], {"rate": 5}, ROWS))
    wishes = [education(1), education(2), gcc(3), education(4)]
    one, two, three, four = await ledger.enrol([new_request(wish) for wish in wishes])
    one = await ledger.intend(one, "rid-1")
    clock.pass_(1)
    one = await ledger.answered(one, State.IN_REVIEW, http_status=201, correlation_id="cid-1")
    two = await ledger.intend(await ledger.replace_content(two, new_request(education(2))), "rid-2")
    clock.pass_(1)
    two = await ledger.move(two, State.SENDING, event="answer lost", note="line\nof \x00 “words”")
    two = await ledger.withdraw(await ledger.resend(two, "rid-2"), "throttled")
    await ledger.finish_run(RunEnd("run-1", 4, {"get": 4}, None, RESULTS, RESULTS[:1], [NOTICE]))
    clock.pass_(3600)
    await ledger.start_run(NewRun("run-2", "run", FILES, ["Name"], {"rate": 5}, ROWS))
    await ledger.enrol([new_request(gcc(5))])
    await ledger.looked(one, State.SETTLED, vetting_status="Approved")
    three = await ledger.intend(three, "rid-3")
    await ledger.answered(three, State.REFUSED, http_status=400, error_code="2021")
    await ledger.finish_run(RunEnd("run-2", 4, {"get": 4}, None, RESULTS))
    await ledger.start_run(NewRun("run-3", "run", FILES, ["Name"], {"rate": 5}, ROWS))
    await ledger.intend(four, "rid-4")


NOTICE = Problem("code-page", "was read as cp1252", "customers.csv")


def lived_ledger(folder: Path) -> Path:
    """The ledger of such a past."""
    path, clock = folder / "l.sqlite3", HandClock()

    async def go() -> None:
        with Ledger.open(path, clock=clock, command="run", make_writer=InlineWriter) as ledger:
            await live(ledger, clock)

    asyncio.run(go())
    return path


@contextmanager
def by_hand(path: Path) -> Iterator[sqlite3.Connection]:
    """Whoever may write the file, without any rule in the way."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield _unguarded(connection)


def in_memory(path: Path) -> sqlite3.Connection:
    """A copy to be spoilt."""
    memory = sqlite3.connect(":memory:", isolation_level=None)
    with closing(sqlite3.connect(path)) as source:
        source.backup(memory)
    return _unguarded(memory)


def _unguarded(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("CREATE TEMP TABLE rule (sql TEXT)")
    connection.executemany("INSERT INTO rule VALUES (?)", [(sql,) for _, sql in triggers])
    return connection


def examined(connection: sqlite3.Connection) -> Audit:
    """What an audit says once the rules are back, so that nothing but the deed is to be seen."""
    for (sql,) in connection.execute("SELECT sql FROM temp.rule").fetchall():
        connection.execute(sql)
    connection.execute("DELETE FROM temp.rule")
    return audit(connection)

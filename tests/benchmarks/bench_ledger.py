"""Durable updates a second: this ledger beside one commit per call; and how long large runs take to store."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TypeVar

from batchqual.clock import SystemClock
from batchqual.errors import LedgerError
from batchqual.ledger import Ledger, NewRequest, NewRun, RunEnd, State
from batchqual.ledger.chain import begin, commit
from batchqual.model import (
    EducationSegment,
    InputFile,
    InputRow,
    Outcome,
    Qualification,
    QualificationRequest,
    RowResult,
    Verdict,
)

T = TypeVar("T")

REQUESTS = 5_000
TASKS = 50
ROWS = 100_000


class CommitPerCall:
    """What the writer thread is measured against: the same statements, a transaction and a flush for each."""

    def __init__(
        self, connection: sqlite3.Connection, _explain: Callable[[sqlite3.Error], LedgerError]
    ) -> None:
        self._connection = connection

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> asyncio.Future[T]:
        """Write and commit before returning."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.submit_for(future, work)
        return future

    def submit_for(self, future: asyncio.Future[T], work: Callable[[sqlite3.Connection], T]) -> None:
        """The same for a future that is there already."""
        begin(self._connection)
        future.set_result(work(self._connection))
        commit(self._connection)

    def hold(self) -> nullcontext[None]:
        """Nothing is ever waiting here."""
        return nullcontext()

    def close(self) -> None:
        """There is nothing to finish."""


def _request(number: int) -> QualificationRequest:
    customer = f"00000000-0000-4000-8000-{number:012d}"
    return QualificationRequest(customer, Qualification.EDUCATION, segment=EducationSegment.K12)


async def updates_per_second(ledger: Ledger) -> float:
    """Fifty tasks at once; each request is moved twice: intended, answered."""
    new = [NewRequest("https://api.example", "partner", _request(number)) for number in range(REQUESTS)]
    records = iter(await ledger.enrol(new))

    async def work() -> None:
        for record in records:
            await ledger.answered(await ledger.intend(record, "rid"), State.IN_REVIEW, http_status=201)

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(TASKS)))
    return 2 * REQUESTS / (time.perf_counter() - began)


async def seconds_for_a_run(ledger: Ledger) -> tuple[float, float, float]:
    """Store the input of a large run, store its verdicts, read both again; seconds each."""
    rows = [InputRow(at, "customers.csv", at + 2, ("Contoso", at), _request(at)) for at in range(ROWS)]
    results = [RowResult(row, Verdict(Outcome.IN_REVIEW, polls=3)) for row in rows]
    began = time.perf_counter()
    await ledger.start_run(NewRun("r", "run", [InputFile("customers.csv", "00", ROWS)], ["A", "B"], {}, rows))
    begun = time.perf_counter()
    await ledger.finish_run(RunEnd("r", 4, {}, None, results))
    ended = time.perf_counter()
    ledger.load_run()
    return begun - began, ended - begun, time.perf_counter() - ended


async def measure(folder: Path) -> str:
    """Everything in one run, on one disk."""
    clock = SystemClock()
    with Ledger.open(folder / "a.sqlite3", clock=clock, command="bench", make_writer=CommitPerCall) as ledger:
        single = await updates_per_second(ledger)
    with Ledger.open(folder / "b.sqlite3", clock=clock, command="bench") as ledger:
        grouped = await updates_per_second(ledger)
        begun, ended, loaded = await seconds_for_a_run(ledger)
    return (
        f"Ledger: durable updates a second, {TASKS} tasks at once\n"
        f"  group commit, one writer thread  {grouped:10,.0f}\n"
        f"  one commit per call              {single:10,.0f}\n"
        f"  ratio                            {grouped / single:10.1f}\n"
        f"Ledger: a run of {ROWS:,} rows, seconds\n"
        f"  input stored                     {begun:10.1f}\n"
        f"  verdicts stored                  {ended:10.1f}\n"
        f"  read again                       {loaded:10.1f}\n"
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(asyncio.run(measure(Path(folder))))

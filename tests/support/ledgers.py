"""Builders for tests that need a ledger: requests, rows, a clock moved by hand, a writer without a thread."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar, Unpack

from batchqual.errors import LedgerError
from batchqual.ledger import Changes, Ledger, NewRequest, Record, State
from batchqual.ledger.chain import begin, commit
from batchqual.model import (
    Cell,
    EducationSegment,
    InputRow,
    Qualification,
    QualificationRequest,
    Wish,
)

T = TypeVar("T")

ORIGIN = "https://api.partnercenter.example"
PARTNER = "00000000-0000-4000-8000-00000000aaaa"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def pass_(self, seconds: float) -> datetime:
        self._now += timedelta(seconds=seconds)
        return self._now


class InlineWriter:
    """Writes at once, on the caller's thread, one commit per job: a virtual clock cannot overtake it."""

    def __init__(
        self, connection: sqlite3.Connection, explain: Callable[[sqlite3.Error], LedgerError]
    ) -> None:
        self._connection = connection
        self._explain = explain

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> asyncio.Future[T]:
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.submit_for(future, work)
        return future

    def submit_for(self, future: asyncio.Future[T], work: Callable[[sqlite3.Connection], T]) -> None:
        begin(self._connection)
        try:
            done = work(self._connection)
            commit(self._connection)
        except (sqlite3.Error, LedgerError) as error:
            self._connection.execute("ROLLBACK")
            future.set_exception(self._explain(error) if isinstance(error, sqlite3.Error) else error)
        else:
            future.set_result(done)

    def hold(self) -> nullcontext[None]:
        return nullcontext()

    def close(self) -> None:
        """There is nothing to finish."""


@contextmanager
def a_ledger(path: Path, clock: HandClock | None = None) -> Iterator[Ledger]:
    """A ledger that is open for a run."""
    with Ledger.open(path, clock=clock or HandClock(), command="run") as ledger:
        yield ledger


def customer(number: int) -> str:
    """The tenant of an invented customer."""
    return f"00000000-0000-4000-8000-{number:012d}"


def education(number: int, segment: EducationSegment = EducationSegment.K12) -> QualificationRequest:
    return QualificationRequest(customer(number), Qualification.EDUCATION, segment=segment)


def gcc(number: int, code: str = "0012345") -> QualificationRequest:
    return QualificationRequest(customer(number), Qualification.GCC, validation_code=code)


def wish(number: int, qualification: Qualification = Qualification.EDUCATION) -> Wish:
    return Wish(customer(number), qualification)


def new_request(
    request: QualificationRequest,
    *,
    columns: tuple[str, ...] = ("Customer", "Tenant"),
    values: tuple[Cell, ...] = ("Contoso School", "…"),
    predecessor: int | None = None,
    origin: str = ORIGIN,
    partner: str = PARTNER,
) -> NewRequest:
    return NewRequest(origin, partner, request, "customers.csv", 2, columns, values, predecessor)


def input_row(position: int, request: QualificationRequest | None = None) -> InputRow:
    return InputRow(position, "customers.csv", position + 2, (f"Customer {position}", position), request)


async def found(ledger: Ledger, new: NewRequest, state: State, **changes: Unpack[Changes]) -> Record:
    """A wish whose first look shows a request that was never ours."""
    [record] = await ledger.enrol([new])
    return await ledger.looked(record, state, **Changes(adopted=True) | changes)

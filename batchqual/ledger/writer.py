"""One thread that writes, and commits for many callers at once (group commit)."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Generic, Protocol, TypeVar, cast

from batchqual.errors import IllegalMove, LedgerError
from batchqual.failpoints import reached

from .chain import begin, commit
from .moves import Change

__all__ = ["Work", "Writer", "Writing"]

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
"""What a job does inside the transaction; the caller gets its result after the commit.

It is one statement, or puts itself into a savepoint: when it raises it has changed nothing.
"""

_BATCH = 1000


class _OneFailed(Exception):
    """One of several that were done by one statement: the batch is done again, each for itself."""


@dataclass(slots=True)
class _Job(Generic[T]):
    """Work for one caller; it ends in a result or an error, which the caller gets after the commit."""

    work: Work[T]
    future: asyncio.Future[T]
    result: T | None = None
    error: BaseException | None = None

    def run(self, connection: sqlite3.Connection) -> None:
        """Do the work. What fails for its own reasons fails alone."""
        try:
            self.result = self.work(connection)
        except sqlite3.IntegrityError as error:
            self.error = IllegalMove(f"The ledger refuses this: {error}.", code="refused-by-ledger")
        except sqlite3.Error:
            raise  # the file is in trouble, not the job
        except Exception as error:  # noqa: BLE001 - it belongs to the caller, and is raised there
            self.error = error

    def deliver(self) -> None:
        """Hand the end over; runs on the caller's loop. A caller that was cancelled gets nothing."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
            self.future.exception()  # heard: who waited may be gone, and asyncio would print a traceback
        else:
            self.future.set_result(cast("T", self.result))


class Writing(Protocol):
    """What `Ledger` needs of a writer. Tests under a virtual clock bring one without a thread."""

    def submit(self, work: Work[T]) -> asyncio.Future[T]:
        """Hand in work, at once; the future ends after the commit."""
        ...

    def submit_for(self, future: asyncio.Future[T], work: Work[T]) -> None:
        """The same for a future that is there already."""
        ...

    def hold(self) -> AbstractContextManager[None]:
        """Nothing is committed inside this block."""
        ...

    def close(self) -> None:
        """Finish what was handed in."""
        ...


class Writer:
    """The only one who writes. Callers hand in work and wait for the commit that holds it.

    While one commit is on its way to the disk the next batch gathers, so fifty callers pay for one flush.
    A job that fails has changed nothing, and fails alone. Trouble with the file itself (a full disk, a
    failing one) breaks the writer: everyone gets the `LedgerError`, then and later, since a book that may
    forget must not go on.
    """

    def __init__(
        self, connection: sqlite3.Connection, explain: Callable[[sqlite3.Error], LedgerError]
    ) -> None:
        self._connection = connection
        self._explain = explain
        self._jobs: SimpleQueue[_Job[object] | None] = SimpleQueue()
        self._held = threading.Lock()
        self._broken: LedgerError | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="batchqual-ledger", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> asyncio.Future[T]:
        """Hand in work, at once; the future ends after the commit. Call it on an event loop.

        Cancelling the future does not take the work back.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.submit_for(future, work)
        return future

    def submit_for(self, future: asyncio.Future[T], work: Work[T]) -> None:
        """The same for a future that is there already."""
        if self._closed:
            raise LedgerError("The ledger is closed.", code="ledger-closed")
        self._jobs.put(cast("_Job[object]", _Job(work, future)))

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Nothing is committed inside this block; what is handed in waits."""
        with self._held:
            yield

    def close(self) -> None:
        """Finish what was handed in, then end the thread. Results still reach loops that are running."""
        self._closed = True
        self._jobs.put(None)
        self._thread.join()

    def _serve(self) -> None:
        last = False
        while not last:
            batch, last = self._gather()
            with self._held:
                self._commit(batch)
            reached("ledger.delivering")
            _deliver(batch)

    def _gather(self) -> tuple[list[_Job[object]], bool]:
        batch: list[_Job[object]] = []
        job = self._jobs.get()
        while job is not None:
            batch.append(job)
            if len(batch) == _BATCH:
                return batch, False
            try:
                job = self._jobs.get_nowait()
            except Empty:
                return batch, False
        return batch, True

    def _commit(self, batch: list[_Job[object]]) -> None:
        if self._broken is None:
            try:
                self._transact(batch)
            except sqlite3.Error as error:
                self._broken = self._explain(error)
                self._roll_back()
                reached("ledger.broken")
        if self._broken is not None:
            for job in batch:
                job.error = self._broken

    def _transact(self, batch: list[_Job[object]]) -> None:
        reached("ledger.begin")
        begin(self._connection)
        try:
            for jobs in _companies(batch):
                _run(jobs, self._connection)
                reached("ledger.statement")
        except _OneFailed:
            self._roll_back()
            reached("ledger.undone")
            begin(self._connection)
            for job in batch:
                job.run(self._connection)
                reached("ledger.redone")
        reached("ledger.written")
        commit(self._connection)
        reached("ledger.committed")

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):
            self._connection.execute("ROLLBACK")


def _companies(batch: list[_Job[object]]) -> Iterator[list[_Job[object]]]:
    """The jobs in their order, those together that one statement can do: moves of different requests."""
    company: list[_Job[object]] = []
    requests: set[int] = set()
    for job in batch:
        request = job.work.after.id if isinstance(job.work, Change) else None
        if company and (request is None or not requests or request in requests):
            yield company
            company, requests = [], set()
        company.append(job)
        if request is not None:
            requests.add(request)
    yield company


def _run(jobs: list[_Job[object]], connection: sqlite3.Connection) -> None:
    if len(jobs) == 1:
        jobs[0].run(connection)
        return
    try:
        done = Change.together(connection, [cast("Change", job.work) for job in jobs])
    except (sqlite3.IntegrityError, IllegalMove) as error:
        raise _OneFailed from error
    for job, record in zip(jobs, done, strict=True):
        job.result = record


def _deliver(batch: list[_Job[object]]) -> None:
    # one wake-up per loop and commit: waking a loop costs more than the write
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job[object]]] = {}
    for job in batch:
        by_loop.setdefault(job.future.get_loop(), []).append(job)
    for loop, jobs in by_loop.items():
        with suppress(RuntimeError):  # that loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_deliver_here, jobs)


def _deliver_here(jobs: list[_Job[object]]) -> None:
    for job in jobs:
        job.deliver()

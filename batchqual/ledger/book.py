"""The ledger of one run: the only writer, behind a lock of the operating system."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar, Unpack

from batchqual.clock import Clock
from batchqual.errors import IllegalMove, LedgerError
from batchqual.failpoints import reached

from .domains import doubting, keeping
from .files import Standing, connect, explain, prepare, trouble_in_words
from .handed import SOON, Move
from .lock import run_lock
from .moves import Change, Enrolment, Line, Renewal, Replacement, content_of
from .pauses import bound_pause
from .place import place_for
from .queries import QUERIES
from .record import MAX_SENDS, Changes, KnownDomain, NewRequest, Record, blank_record
from .runs import NewRun, RunEnd, begin_run, end_run
from .schema import migrate
from .transitions import State, require_legal
from .view import LedgerView
from .writer import Work, Writer, Writing

__all__ = ["Ledger", "MakeWriter"]

T = TypeVar("T")
MakeWriter = Callable[[sqlite3.Connection, Callable[[sqlite3.Error], LedgerError]], Writing]

_DEFECT = "This is a defect in batchqual; nothing was changed. Please report it."


class Ledger(LedgerView):
    """The ledger, open for one run.

    Every method that writes hands its work to the writer *in the call itself* and returns something to await
    that ends after the commit: cancelling whoever waits cannot come between an answer of the service and its
    record. What need not be waited for is a `Move` whose ``record`` is taken at once.
    Reads see what has been committed. Moves that the table forbids raise `IllegalMove` at once; a move made
    from an outdated `Record`, or one that the database refuses, raises it from the future.
    """

    def __init__(self, path: Path, reader: sqlite3.Connection, writer: Writing, clock: Clock) -> None:
        super().__init__(path, reader)
        self._writer = writer
        self._clock = clock
        self._standing = Standing(path)
        self._failure: BaseException | None = None
        self._waiting: list[tuple[asyncio.Future[Record], Change | Replacement]] = []
        self._run_id: str | None = None

    @classmethod
    @contextmanager
    def open(
        cls, path: Path, *, clock: Clock, command: str, make_writer: MakeWriter = Writer
    ) -> Iterator[Ledger]:
        """Take the lock, bring the file up to date, start the writer; at the end finish all writes.

        ``command`` is what `LedgerInUse` tells the next one (``run``). Raises `LedgerError`.
        """
        path = place_for(path)
        with trouble_in_words(path):
            prepare(path)
        with run_lock(path, command=command, since=clock.now()):
            with trouble_in_words(path):
                connection = connect(path, write=True)
            with closing(connection):
                with trouble_in_words(path):
                    migrate(connection, clock.now())
                    reader = connect(path, write=False)
                with (
                    closing(reader),
                    closing(make_writer(connection, partial(explain, path=path))) as writer,
                ):
                    ledger = cls(path, reader, writer, clock)
                    try:
                        yield ledger
                    finally:
                        reached("ledger.closing")
                        ledger._hurry()

    def hold(self) -> AbstractContextManager[None]:
        """Nothing is committed inside this block: for the proof that nothing is sent before it is on disk."""
        return self._writer.hold()

    def _line(self, event: str, note: str | None = None) -> Line:
        return Line(event, self._clock.now(), self._run_id, note)

    # Requests

    def enrol(self, new: Sequence[NewRequest]) -> asyncio.Future[list[Record]]:
        """Remember wishes as ``queued``, all or none. A wish that has a live request is refused."""
        template = blank_record(self._clock.now())
        return self._hand_in(Enrolment(new, template, self._line("enrolled")))

    def abandon(self, record: Record, new: NewRequest, why: str) -> asyncio.Future[Record]:
        """Give up a request of unknown fate and enrol its wish anew, both or neither: the new request."""
        require_legal(record.state, State.ABANDONED)
        now = self._clock.now()
        after = replace(record, revision=record.revision + 1, state=State.ABANDONED)
        enrolment = Enrolment([new], blank_record(now), self._line("enrolled"))
        return self._hand_in(Renewal(Change(after, self._line("abandoned", why)), enrolment))

    def replace_content(self, record: Record, new: NewRequest) -> Move:
        """Give a request that was never sent another content, and the input row that says so."""
        if record.state is not State.QUEUED or record.wish != new.request.wish:
            message = (
                f"Request {record.id} ({record.state}) keeps its content: only a queued one may change it."
            )
            raise IllegalMove(message, hint=_DEFECT)
        after = replace(record, revision=record.revision + 1, request_id=None, **content_of(new))
        return self._move(Replacement(after, self._line("content replaced")))

    def move(
        self,
        record: Record,
        to: State,
        *,
        event: str,
        note: str | None = None,
        **changes: Unpack[Changes],
    ) -> Move:
        """Any legal move; ``event`` names it in the biography. Those below are this one, with their stamps.

        Arriving in ``settled`` or ``reverted`` stamps `Record.settled_at`, leaving ``settled`` for
        ``in_review`` clears it, unless ``changes`` say otherwise.
        """
        require_legal(record.state, to)
        now = self._clock.now()
        settled_at = record.settled_at
        if to is not record.state:
            settled_at = now if to in (State.SETTLED, State.REVERTED) else None
        stamped: Changes = {"settled_at": settled_at, **changes}
        after = replace(record, revision=record.revision + 1, state=to, **stamped)
        return self._move(Change(after, self._line(event, note)))

    def _move(self, change: Change | Replacement) -> Move:
        self._check()
        loop = asyncio.get_running_loop()
        committed: asyncio.Future[Record] = loop.create_future()
        if not self._waiting:
            loop.call_later(SOON, self._hurry)
        self._waiting.append((committed, change))
        return Move(change.after, committed, self._failed, self._hurry)

    def _hurry(self) -> None:
        """Give the writer what waits for company."""
        waiting, self._waiting = self._waiting, []
        for committed, change in waiting:
            self._writer.submit_for(committed, change)

    def _hand_in(self, work: Work[T]) -> asyncio.Future[T]:
        self._check()
        self._hurry()
        return self._writer.submit(work)

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure
        self._standing.check()

    def _failed(self, committed: asyncio.Future[Record]) -> None:
        """Nobody waits for this move: should it fail, whatever is written next says so."""
        if not committed.cancelled() and self._failure is None:
            self._failure = committed.exception()

    def intend(self, record: Record, request_id: str) -> Move:
        """``queued`` to ``sending``: once this future has ended the request may leave, and not before."""
        return self.move(
            record,
            State.SENDING,
            event="intended",
            sends=1,
            answered_sends=0,
            request_id=request_id,
            submitted_at=self._clock.now(),
        )

    def resend(self, record: Record, request_id: str) -> Move:
        """The same request again, after looks showed nothing: three sends at most, else `IllegalMove`."""
        if record.state is not State.SENDING or record.sends >= MAX_SENDS:
            message = f"Request {record.id} ({record.state}, sent {record.sends} times) cannot be sent again."
            raise IllegalMove(message, hint=_DEFECT)
        return self.move(
            record,
            State.SENDING,
            event="resent",
            sends=record.sends + 1,
            request_id=request_id,
            correlation_id=None,
            http_status=None,
            error_code=None,
            error_message=None,
        )

    def withdraw(self, record: Record, why: str, *, answered: bool = False) -> Move:
        """The last send is known not to have arrived, or was throttled: it does not count.

        Back to ``queued``, unless an earlier send is of unknown fate: then the request stays ``sending``. It
        keeps its request id, unless this one was ``answered`` clearly, and no other is on its way.
        """
        if record.state is not State.SENDING:
            raise IllegalMove(f"Request {record.id} ({record.state}) is not on its way.", hint=_DEFECT)
        if record.sends > 1:
            return self.move(record, State.SENDING, event="withdrawn", note=why, sends=record.sends - 1)
        return self.move(
            record,
            State.QUEUED,
            event="withdrawn",
            note=why,
            sends=0,
            answered_sends=0,
            request_id=None if answered else record.request_id,
            correlation_id=None,
            submitted_at=None,
        )

    def answered(
        self, record: Record, to: State, note: str | None = None, **changes: Unpack[Changes]
    ) -> Move:
        """The service answered the submission. Stamps `Record.answered_at`."""
        stamped: Changes = {"answered_at": self._clock.now(), **changes}
        return self.move(record, to, event="answered", note=note, **stamped)

    def looked(
        self,
        record: Record,
        to: State,
        note: str | None = None,
        *,
        shown: bool = False,
        **changes: Unpack[Changes],
    ) -> Move:
        """A look told something, if only that nothing is new. Counts a poll and stamps `Record.last_look_at`;
        one that has ``shown`` the request stamps `Record.shown_at` too, and ends all doubt."""
        now = self._clock.now()
        stamped: Changes = {"last_look_at": now, "polls": record.polls + 1}
        if shown:
            stamped |= {"shown_at": now, "unconfirmed_since": None}
        stamped |= changes
        return self.move(record, to, event="looked", note=note, **stamped)

    async def flush(self) -> None:
        """Wait until all that was handed in is on disk: reads see it from then on."""
        await self._hand_in(_nothing)

    # The gate

    def keep_closed_until(self, origin: str, partner: str, moment: datetime) -> asyncio.Future[None]:
        """The service asked everyone of this partner to wait; a shorter pause never opens the gate early.
        For `LONGEST_PAUSE` at most; what a clock that was wrong has written gives way."""
        bound = {"origin": origin, "partner": partner} | bound_pause(moment, self._clock.now())

        def close_gate(connection: sqlite3.Connection) -> None:
            connection.execute(QUERIES["close_gate"], bound)

        return self._hand_in(close_gate)

    # Customers by domain

    def keep_domains(
        self, origin: str, partner: str, known: Iterable[KnownDomain], nobodys: Iterable[str] = ()
    ) -> asyncio.Future[None]:
        """The customer list tells now whose default domains they are, and which are nobody's. Stamps them."""
        return self._hand_in(keeping(origin, partner, self._clock.now(), known, nobodys))

    def doubt_domain(self, origin: str, partner: str, known: KnownDomain) -> asyncio.Future[None]:
        """It is not this customer's default domain any more: nobody is to go by it, whatever its age."""
        return self._hand_in(doubting(origin, partner, known))

    # Runs

    def start_run(self, run: NewRun) -> asyncio.Future[None]:
        """A run begins: every move from now on bears its id."""
        self._run_id = run.run_id
        return self._hand_in(partial(begin_run, run=run, now=self._clock.now()))

    def finish_run(self, end: RunEnd) -> asyncio.Future[None]:
        """A run has come to its own end, with a verdict on every row."""
        return self._hand_in(partial(end_run, end=end, now=self._clock.now()))


def _nothing(connection: sqlite3.Connection) -> None:
    """Work whose commit is all that is wanted of it."""

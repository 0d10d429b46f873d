"""Reading the ledger, also while a run is on."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from batchqual.errors import LedgerError
from batchqual.model import Wish
from batchqual.paths import LEDGER

from .audit import audit
from .cells import from_text, to_text
from .damage import sense_expected
from .files import connect, trouble_in_words
from .findings import Audit
from .queries import QUERIES
from .record import EVER, Event, KnownDomain, Record
from .rows import Bound, event_of, record_of
from .runs import Fact, RunSummary, StoredRun, load_run, summary_of
from .schema import MIGRATIONS, migrate, version_of
from .transitions import State

__all__ = ["LedgerView", "read_only"]

T = TypeVar("T")
_CHAINED_SINCE = 3
"""The version of the schema."""


class LedgerView:
    """What the ledger knows, as of the latest commit. Every method may raise `LedgerError`.

    Most answers are for one ``origin`` (scheme, host and port of the API) and one ``partner`` (tenant).
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, *, chained: bool = True) -> None:
        self.path = path
        self._reader = connection
        self._chained = chained

    def _rows(self, query: str, read: Callable[[sqlite3.Row], T], **bound: Bound) -> list[T]:
        with trouble_in_words(self.path), sense_expected("a line of it"):
            return [read(row) for row in self._reader.execute(QUERIES[query], bound)]

    def records(self, origin: str, partner: str) -> list[Record]:
        """The latest request of each wish, and whatever is live.

        Where a wish has both, the live one comes later: ``{one.wish: one for one in records}`` keeps it.
        """
        return self._rows("latest_requests", record_of, origin=origin, partner=partner)

    def history(self, origin: str, partner: str, wish: Wish) -> list[Record]:
        """All requests there have ever been for one wish, oldest first."""
        return self._rows(
            "history_of_wish",
            record_of,
            origin=origin,
            partner=partner,
            customer_id=wish.customer_id,
            qualification=wish.qualification.value,
        )

    def find(self, origin: str, partner: str, wish: Wish) -> Record | None:
        """The live request of a wish, or else the latest; None when there has never been one."""
        return max(self.history(origin, partner, wish), key=lambda one: (one.live, one.id), default=None)

    def of_customer(self, customer_id: str) -> list[Record]:
        """All requests of one customer, oldest first, of every partner that this ledger serves."""
        return self._rows("requests_of_customer", record_of, customer_id=customer_id)

    def of_exchange(self, identifier: str) -> list[Record]:
        """All requests that ever bore this request ID or correlation ID, oldest first."""
        return self._rows("requests_of_exchange", record_of, identifier=identifier)

    def by_state(self, origin: str, partner: str, state: State) -> list[Record]:
        """All requests in one state, oldest first. ``sending`` are those of unknown fate."""
        return self._rows("requests_in_state", record_of, origin=origin, partner=partner, state=state.value)

    def counts(self, origin: str, partner: str) -> dict[State, int]:
        """How many requests stand in each state, zeros included."""
        found = self._rows("counts_by_state", _count, origin=origin, partner=partner)
        return dict.fromkeys(State, 0) | dict(found)

    def education_attempts(self, origin: str, partner: str, customer_id: str) -> int:
        """How many Education requests of one customer may have reached vetting, over all runs.

        A request counts once however often it was sent, and not when it is known not to have arrived or was
        refused. A denial that we found and never submitted counts. The service allows three (Partner Center
        docs, Education customers, 2022).
        """
        [attempts] = self._rows(
            "education_attempts", _first, origin=origin, partner=partner, customer_id=customer_id
        )
        return attempts

    def all_education_attempts(self, origin: str, partner: str) -> dict[str, int]:
        """The same for every customer that has any, by customer id."""
        return dict(self._rows("all_education_attempts", _pair, origin=origin, partner=partner))

    def partners(self) -> list[tuple[str, str]]:
        """Every (origin, partner) that this ledger has served."""
        return self._rows("partners", _pair)

    def origins(self) -> set[str]:
        """Every origin that this ledger has served. A simulator and a real service never share one ledger."""
        return {origin for origin, _ in self.partners()}

    def closed_until(self, origin: str, partner: str) -> datetime | None:
        """Until when the service asked everyone of this partner to wait; it may be past. UTC."""
        found = self._rows("gate_closed_until", lambda row: from_text(row[0]), origin=origin, partner=partner)
        return found[0] if found else None

    def known_domains(self, origin: str, partner: str, since: datetime = EVER) -> dict[str, KnownDomain]:
        """Customers by their default domain, of those that the customer list told at ``since`` or later;
        without it also those that are doubted by now."""
        known = self._rows(
            "known_domains",
            lambda row: KnownDomain(*row),
            origin=origin,
            partner=partner,
            since=to_text(since),
        )
        return {one.domain: one for one in known}

    def domains_of_nobody(self, origin: str, partner: str, since: datetime = EVER) -> set[str]:
        """Domains that were no customer's default domain when the list was asked at ``since`` or later."""
        return set(
            self._rows(
                "domains_of_nobody",
                lambda row: str(row[0]),
                origin=origin,
                partner=partner,
                since=to_text(since),
            )
        )

    def events(self, record: Record) -> list[Event]:
        """The biography of one request, oldest line first."""
        return self._rows("events_of_request", event_of, id=record.id)

    def runs(self, limit: int = 10) -> list[RunSummary]:
        """The latest runs, newest first."""
        return self._rows("last_runs", summary_of, limit=limit)

    def facts_of(self, run_id: str) -> dict[str, Fact]:
        """What a run noted about itself; nothing for a run that this ledger does not hold."""
        found = self._rows("run_by_id", lambda row: json.loads(row["facts"]), run_id=run_id)
        return dict(found[0]) if found else {}

    def last_run_finished_at(self) -> datetime | None:
        """When a run last came to its own end. UTC."""
        [moment] = self._rows("last_run_finished_at", lambda row: from_text(row[0]))
        return moment

    def load_run(self, run_id: str | None = None) -> StoredRun:
        """One run, or the latest, with all that its report needs. Raises `UsageError` when there is none."""
        with trouble_in_words(self.path), sense_expected(f"run {run_id}" if run_id else "the latest run"):
            return load_run(self._reader, run_id)

    @property
    def outdated(self) -> bool:
        """Whether an older version wrote it, or nobody yet: what is read is a copy in memory then."""
        with trouble_in_words(self.path):
            databases = {name: file for _, name, file in self._reader.execute("PRAGMA database_list")}
        return not databases["main"]

    def integrity_check(self, *, quick: bool = False) -> None:
        """Let SQLite read every page, ``quick``: without holding indexes against their tables.

        Raises `LedgerError` when it finds damage.
        """
        pragma = "quick_check" if quick else "integrity_check"
        with trouble_in_words(self.path):
            found = [text for (text,) in self._reader.execute(f"PRAGMA {pragma}(10)")]
        if found != ["ok"]:
            raise LedgerError(
                f"The ledger {self.path} is damaged: {'; '.join(found)}.",
                hint="Put a back-up in its place; keep the damaged file.",
                code="ledger-damaged",
            )

    def audit(self, *, contains: str | None = None) -> Audit:
        """Hold everything against the chain and against itself, as of one moment, also while a run is on.

        ``contains`` is the hash of a link, noted earlier, that has to be in the chain.
        """
        with trouble_in_words(self.path):
            return audit(self._reader, chained=self._chained, contains=contains)


def _first(row: sqlite3.Row) -> int:
    return int(row[0])


def _count(row: sqlite3.Row) -> tuple[State, int]:
    return State(row["state"]), row["requests"]


def _pair(row: sqlite3.Row) -> tuple[Any, Any]:
    return row[0], row[1]


@contextmanager
def read_only(path: Path, *, missing_ok: bool = False) -> Iterator[LedgerView]:
    """Look into a ledger without its lock, also while a run is on.

    A ledger that an older version wrote is brought up to date in memory; the file is not touched. A missing
    one is an error unless ``missing_ok``: then it reads as empty, and is not made. Raises `LedgerError`.
    """
    path = LEDGER.at_home(path)
    with trouble_in_words(path):
        connection, chained = _open(path, missing_ok=missing_ok)
    with closing(connection):
        yield LedgerView(path, connection, chained=chained)


def _open(path: Path, *, missing_ok: bool) -> tuple[sqlite3.Connection, bool]:
    """The file, or an up to date copy of it in memory; and whether the file has a chain."""
    if LEDGER.is_folder(path):
        raise LedgerError(f"The ledger {path} is a folder.", hint="Name a file with --ledger.")
    if not LEDGER.exists(path):
        if not missing_ok:
            raise LedgerError(
                f"There is no ledger {path}.",
                hint="The first `batchqual run` makes it; --ledger names another one.",
                code="no-ledger",
            )
        return _in_memory(None), False
    with ExitStack() as unless_kept:
        connection = unless_kept.enter_context(closing(connect(path, write=False)))
        version = version_of(connection)
        if version == MIGRATIONS[-1].version:
            unless_kept.pop_all()
            return connection, True
        return _in_memory(connection), version >= _CHAINED_SINCE


def _in_memory(source: sqlite3.Connection | None) -> sqlite3.Connection:
    with ExitStack() as unless_kept:
        memory = unless_kept.enter_context(
            closing(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False))
        )
        memory.row_factory = sqlite3.Row
        if source is not None:
            source.backup(memory)
        migrate(memory, datetime.now(UTC))
        unless_kept.pop_all()
    return memory

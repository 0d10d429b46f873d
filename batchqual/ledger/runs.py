"""Runs as the ledger remembers them, complete enough to write their reports again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from batchqual.errors import LedgerError, UsageError
from batchqual.model import InputFile, InputRow, Problem, RowResult

from .cells import (
    decode_files,
    decode_problems,
    decode_row,
    decode_verdict,
    encode,
    encode_row,
    encode_values,
    encode_verdict,
    from_text,
    moment_of,
    to_text,
)
from .chain import link_run_end, link_run_start
from .moves import savepoint
from .queries import QUERIES

__all__ = [
    "Fact",
    "NewRun",
    "RunEnd",
    "RunSummary",
    "StoredRun",
    "begin_run",
    "end_run",
    "load_run",
    "summary_of",
]

Fact = str | int | float | bool | None
"""A fact about a run, such as its rate; what a report shows under it."""


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run that begins. ``rows`` is read on the writer's thread."""

    run_id: str
    command: str
    files: Sequence[InputFile]
    columns: Sequence[str]
    facts: Mapping[str, Fact]
    rows: Iterable[InputRow]


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run ended. ``error`` holds ``code``, ``message`` and ``hint`` as the JSON document shows them;
    ``earlier`` what was looked at besides the input, its values aligned with the run's columns, and
    numbered in its order when it comes back."""

    run_id: str
    exit_code: int
    requests: Mapping[str, int]
    error: Mapping[str, str] | None
    results: Iterable[RowResult]
    earlier: Iterable[RowResult] = ()
    notices: Iterable[Problem] = ()


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run in a list. ``finished_at`` and ``exit_code`` are None while it is on, or when it was killed."""

    run_id: str
    command: str
    started_at: datetime
    finished_at: datetime | None
    exit_code: int | None
    rows_in: int


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run with everything that its report needs, as of that run.

    A run that was killed is not ``finished``: it has ``rows`` but no ``results``, ``requests``, ``error`` or
    ``notices``, and what became of the rows has to be read from the records.
    """

    summary: RunSummary
    files: tuple[InputFile, ...]
    columns: tuple[str, ...]
    facts: dict[str, Fact]
    rows: tuple[InputRow, ...]
    results: tuple[RowResult, ...] = ()
    earlier: tuple[RowResult, ...] = ()
    requests: dict[str, int] | None = None
    error: dict[str, str] | None = None
    notices: tuple[Problem, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether the run came to its own end."""
        return self.summary.finished_at is not None


def begin_run(connection: sqlite3.Connection, run: NewRun, now: datetime) -> None:
    """Store a run and its input."""
    with savepoint(connection):
        _begin(connection, run, now)


def _begin(connection: sqlite3.Connection, run: NewRun, now: datetime) -> None:
    connection.execute(
        QUERIES["insert_run"],
        {
            "run_id": run.run_id,
            "command": run.command,
            "started_at": to_text(now),
            "files": encode_values(run.files),
            "columns": encode(list(run.columns)),
            "facts": encode(dict(run.facts)),
        },
    )
    number = _number(connection, run.run_id)
    rows = ((number, row.position, encode_row(row)) for row in run.rows)
    connection.executemany(QUERIES["insert_run_row"], rows)
    connection.execute(QUERIES["count_run_rows"], {"run": number})
    link_run_start(connection, number)


def end_run(connection: sqlite3.Connection, end: RunEnd, now: datetime) -> None:
    """Store the end of a run with its verdicts. A run ends once."""
    with savepoint(connection):
        _end(connection, end, now)


def _end(connection: sqlite3.Connection, end: RunEnd, now: datetime) -> None:
    ended = connection.execute(
        QUERIES["finish_run"],
        {
            "run_id": end.run_id,
            "finished_at": to_text(now),
            "exit_code": end.exit_code,
            "requests": encode(dict(end.requests)),
            "error": None if end.error is None else encode(dict(end.error)),
            "notices": encode_values(end.notices),
        },
    )
    if ended.rowcount != 1:
        raise LedgerError(f"No run {end.run_id} is on in this ledger.", code="no-such-run")
    number = _number(connection, end.run_id)
    verdicts = ((number, one.row.position, encode_verdict(one.verdict)) for one in end.results)
    connection.executemany(QUERIES["insert_run_verdict"], verdicts)
    positions = count()
    earlier = (
        (number, next(positions), encode_row(one.row), encode_verdict(one.verdict)) for one in end.earlier
    )
    connection.executemany(QUERIES["insert_run_earlier"], earlier)
    link_run_end(connection, number)


def _number(connection: sqlite3.Connection, run_id: str) -> int:
    [run] = connection.execute(QUERIES["run_by_id"], {"run_id": run_id})
    return int(run["number"])


def summary_of(row: sqlite3.Row) -> RunSummary:
    """The head of a stored run."""
    return RunSummary(
        run_id=row["run_id"],
        command=row["command"],
        started_at=moment_of(row["started_at"]),
        finished_at=from_text(row["finished_at"]),
        exit_code=row["exit_code"],
        rows_in=row["rows_in"],
    )


def load_run(connection: sqlite3.Connection, run_id: str | None) -> StoredRun:
    """One run, or the latest. Raises `UsageError` when there is none of that name."""
    run = _find(connection, run_id)
    rows = []
    results = []
    for stored in connection.execute(QUERIES["run_rows"], {"run": run["number"]}):
        row = decode_row(stored["position"], stored["row_json"])
        rows.append(row)
        if stored["verdict_json"] is not None:
            results.append(RowResult(row, decode_verdict(stored["verdict_json"])))
    earlier = (
        RowResult(decode_row(one["position"], one["row_json"]), decode_verdict(one["verdict_json"]))
        for one in connection.execute(QUERIES["run_earlier_rows"], {"run": run["number"]})
    )
    return StoredRun(
        summary=summary_of(run),
        files=decode_files(run["files"]),
        columns=tuple(json.loads(run["columns"])),
        facts=json.loads(run["facts"]),
        rows=tuple(rows),
        results=tuple(results),
        earlier=tuple(earlier),
        requests=_maybe(run["requests"]),
        error=_maybe(run["error"]),
        notices=decode_problems(run["notices"] or "[]"),
    )


def _maybe(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _find(connection: sqlite3.Connection, run_id: str | None) -> sqlite3.Row:
    last: list[sqlite3.Row] = connection.execute(QUERIES["last_runs"], {"limit": 5}).fetchall()
    if not last:
        raise UsageError(
            "This ledger holds no run yet.", hint="Do a `batchqual run` first, or name its --ledger."
        )
    if run_id is None:
        return last[0]
    found: sqlite3.Row | None = connection.execute(QUERIES["run_by_id"], {"run_id": run_id}).fetchone()
    if found is None:
        known = ", ".join(row["run_id"] for row in last)
        raise UsageError(f"This ledger holds no run {run_id}.", hint=f"The latest ones are: {known}.")
    return found

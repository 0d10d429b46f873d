"""From a row number, a customer or an ID to a packet."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from urllib.parse import quote, urlencode
from uuid import UUID

from batchqual.errors import UsageError
from batchqual.ledger import Event, LedgerView, Record, StoredRun, read_only
from batchqual.model import InputRow, Qualification, Wish, mask_code
from batchqual.partnercenter import contract_named
from batchqual.settings import Settings
from batchqual.target import target_of
from batchqual.telemetry import redacted

from .packet import Packet, Sent, Story

__all__ = ["gather"]

_FURTHEST = 1_000
"""Runs that are looked through for a row: a `resume` every night, for years."""
_LEFT = ("intended", "resent")
_DOT = "•"
"""What stands for a hidden character of a validation code."""


def gather(settings: Settings, asked: str, *, run_id: str | None, now: datetime) -> Packet:
    """The packet about what is asked for, from the ledger alone, also while a run is on.

    ``asked`` is a row number of a run's report (of the last one that has it, or of ``run_id``), a customer's
    ID, or a request ID or correlation ID. Raises UsageError when there is nothing of that kind, and
    LedgerError.
    """
    with read_only(target_of(settings).ledger) as view:
        about, records = _asked_for(view, asked.strip(), run_id)
        first = records[0]
        return Packet(
            written_at=now,
            program=_program(),
            about=about,
            customer_id=first.customer_id,
            attempts=view.education_attempts(first.origin, first.partner, first.customer_id),
            stories=tuple(_story(view, record, settings.api) for record in records),
        )


def _program() -> str:
    return f"batchqual {version('batchqual')}, Python {platform.python_version()}"


def _asked_for(view: LedgerView, asked: str, run_id: str | None) -> tuple[str, list[Record]]:
    if asked.isdecimal() and asked.isascii():
        return _of_row(view, int(asked), run_id)
    if run_id is not None:
        raise UsageError("--run goes with a row number.", hint="For example: batchqual support 7 --run ID")
    identifier = _spelt(asked)
    if identifier is None:
        raise UsageError(
            f"{asked} is neither a row number nor an ID.",
            hint="support takes the number of a row in a report, a customer ID, a request ID or a "
            "correlation ID. A customer's ID stands in the report, beside its name.",
            code="nothing-known",
        )
    if records := view.of_customer(identifier):
        return f"customer {identifier}", records
    if records := view.of_exchange(identifier):
        return f"request ID or correlation ID {identifier}", _of_one_customer(records)
    raise UsageError(
        f"The ledger knows no customer, request ID or correlation ID {asked}.",
        hint="Give the row number of a report, a customer ID, or one of the IDs in the report's columns. "
        "--ledger names another ledger.",
        code="nothing-known",
    )


def _spelt(asked: str) -> str | None:
    try:
        return str(UUID(asked))
    except ValueError:
        return None


def _of_one_customer(records: list[Record]) -> list[Record]:
    """A packet is about one customer, also where another one shares an ID with it."""
    return [record for record in records if record.customer_id == records[0].customer_id]


def _of_row(view: LedgerView, number: int, run_id: str | None) -> tuple[str, list[Record]]:
    run, row = _the_row(view, number, run_id)
    about = f"row {number} of {row.source or 'the input'}, {run.summary.command} {run.summary.run_id}"
    wish = _wish_of(row)
    if wish is None:
        problem = row.problems[0].sentence if row.problems else "its customer is not known."
        raise UsageError(
            f"Nothing was ever sent for row {number}: {problem}",
            hint="There is nothing that the service could look up.",
            code="nothing-known",
        )
    records = [one for one in view.of_customer(wish.customer_id) if one.wish == wish and _is_of(one, run)]
    if not records:
        raise UsageError(
            f"Nothing was ever sent for row {number} ({wish.customer_id}, {wish.qualification}).",
            hint="There is nothing that the service could look up.",
            code="nothing-known",
        )
    return about, records


def _wish_of(row: InputRow) -> Wish | None:
    """What a row stands for; None where no customer is known. A row that was taken from the ledger has no
    request, and what the ledger knows instead."""
    if row.request is not None:
        return None if row.request.needs_lookup else row.request.wish
    return Wish(row.customer_id, Qualification(row.qualification)) if row.preset is None else None


def _is_of(record: Record, run: StoredRun) -> bool:
    return record.origin == run.facts.get("Service", record.origin)


def _the_row(view: LedgerView, number: int, run_id: str | None) -> tuple[StoredRun, InputRow]:
    searched = []
    for run in _reported(view, run_id):
        if rows := _numbered(run, number):
            return run, _the_only(rows, run, number)
        searched.append(f"{run.summary.command} {run.summary.run_id}")
    where = (
        f"The {searched[0]} has"
        if len(searched) == 1
        else f"Neither the {searched[-1]} nor a resume after it has"
    )
    raise UsageError(
        f"{where} {'no' if len(searched) == 1 else 'a'} row {number}.",
        hint="The row number is the one that Excel shows; --run names another run.",
        code="no-such-row",
    )


def _reported(view: LedgerView, run_id: str | None) -> Iterator[StoredRun]:
    """The run that is named; or else the latest, and behind those of `resume`, which show what was open
    alone, the latest of a sheet."""
    runs = view.runs(_FURTHEST) if run_id is None else []
    if not runs:
        yield view.load_run(run_id)
    for summary in runs:
        yield view.load_run(summary.run_id)
        if summary.command != "resume":
            return


def _numbered(run: StoredRun, number: int) -> list[InputRow]:
    """Rows of the input come before those of earlier sheets, which the report shows apart."""
    earlier = (result.row for result in run.earlier)
    return [row for row in run.rows if row.row == number] or [row for row in earlier if row.row == number]


def _the_only(rows: list[InputRow], run: StoredRun, number: int) -> InputRow:
    if len({_wish_of(row) or row.position for row in rows}) > 1:
        places = "; ".join(f"{row.source}: {row.customer_id or 'no customer ID'}" for row in rows)
        raise UsageError(
            f"The {run.summary.command} {run.summary.run_id} has more than one row {number} ({places}).",
            hint="Give the customer ID instead of the row number.",
            code="ambiguous-row",
        )
    return rows[0]


def _story(view: LedgerView, record: Record, api: str) -> Story:
    events = view.events(record)
    before = next((one for one in view.of_customer(record.customer_id) if one.id == record.predecessor), None)
    return Story(record, tuple(events), _sent(view, record, events, api), before)


def _sent(view: LedgerView, record: Record, events: Sequence[Event], api: str) -> Sent | None:
    left = [event for event in events if event.event in _LEFT]
    if not left:
        return None
    contract = contract_named(str(view.facts_of(left[-1].run_id or "").get("API", api)))
    request = record.request
    request = replace(
        request,
        website=redacted(request.website) if request.website else None,
        validation_code=mask_code(request.validation_code) if request.validation_code else None,
    )
    query = urlencode(contract.query(request)).replace(quote(_DOT), _DOT)
    path = f"/v1/customers/{quote(request.customer_id, safe='')}/{contract.resource}"
    return Sent(
        contract.name,
        contract.method,
        f"{record.origin}{path}{'?' + query if query else ''}",
        contract.encode(request).decode(),
    )

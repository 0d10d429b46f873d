"""`batchqual status`: what the ledger knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from batchqual.model import Outcome
from batchqual.telemetry import count_of

from . import console
from .declare import Flags, declare
from .driving import settings_and_voice
from .options import STATUS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from batchqual.ledger import Record, RunSummary
    from batchqual.overview import PartnerStatus, Status

__all__ = ["add_to"]

_STANDS = {Outcome.NOT_ATTEMPTED: "Not submitted", Outcome.UNKNOWN: "Sent, not answered"}
"""What the ledger knows of these is less than what a run says of its own rows."""


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    declare(
        app,
        "status",
        _status,
        summary="Show what the ledger knows: counts, oldest in review, unknown fates, attempts used.",
        description=(
            "Works without the network, and while a run is on, which it names. Times are UTC. Standard "
            "output gets tables, or JSON."
        ),
        options=STATUS,
        examples={
            "batchqual status": "how things stand",
            "batchqual status --json": "the same for a script",
        },
        exits={0: "shown", 1: "", 2: "", 11: "there is no ledger, or it cannot be read"},
    )


def _status(flags: Flags) -> int:
    from batchqual import overview

    settings, _voice = settings_and_voice(flags)
    status = overview.status(settings)
    if settings.json_output:
        console.json_data(_document(status))
        return 0
    console.data(f"Ledger {status.ledger}")
    if status.in_use:
        console.data(f"In use: {status.in_use}.")
    for partner in status.partners:
        _show_partner(partner, in_use=status.in_use is not None)
    _show_runs(status)
    return 0


def _show_partner(partner: PartnerStatus, *, in_use: bool) -> None:
    from .tables import moment, table_of

    console.data(f"\n{partner.origin}, partner {partner.partner or '(not named)'}")
    rows = [
        (_STANDS.get(outcome, outcome.words), count) for outcome, count in partner.outcomes.items() if count
    ]
    console.show_data(table_of(("Stands as", "Requests"), rows))
    if partner.closed_until:
        console.data(f"The service asked for a pause until {moment(partner.closed_until)}.")
    if oldest := partner.oldest_in_review:
        since = moment(oldest.submitted_at or oldest.enrolled_at)
        console.data(f"Oldest in review: {oldest.customer_id}, {oldest.qualification.short}, since {since}.")
    if partner.unknown:
        their, them = ("its", "it") if len(partner.unknown) == 1 else ("their", "them")
        fate = f"on {their} way" if in_use else f"of unknown fate; a run or resume looks {them} up"
        console.data(f"{count_of(len(partner.unknown), 'submission')} {fate}:")
        console.data_lines(f"  {one.customer_id}, {one.qualification.short}" for one in partner.unknown)
    _show_attempts(partner.attempts)


def _show_attempts(attempts: Mapping[str, int]) -> None:
    """One is what everybody has used: those with more are named, so that somebody thinks about them."""
    if not attempts:
        return
    from batchqual.pipeline import MOST_ATTEMPTS

    from .tables import table_of

    many = sorted((-used, customer) for customer, used in attempts.items() if used > 1)
    if many:
        rows = [(customer, f"{-used} of {MOST_ATTEMPTS}") for used, customer in many]
        console.show_data(table_of(("Customer", "Education requests used"), rows))
    if once := len(attempts) - len(many):
        customers = count_of(once, "customer has", "customers have")
        console.data(f"{customers} used 1 of {MOST_ATTEMPTS} Education requests.")


def _show_runs(status: Status) -> None:
    from .tables import table_of

    headings = ("Run", "Command", "Started (UTC)", "Finished (UTC)", "Rows", "Exit")
    rows = [
        (run.run_id, run.command, run.started_at, _end(run, status), run.rows_in, run.exit_code)
        for run in status.runs
    ]
    console.data("\nLatest runs")
    console.show_data(table_of(headings, rows))


def _end(run: RunSummary, status: Status) -> datetime | str:
    return run.finished_at or ("still going" if run.run_id in status.going else "did not end")


def _document(status: Status) -> dict[str, object]:
    from .tables import moment

    return {
        "command": "status",
        "ledger": status.ledger,
        "in_use": status.in_use,
        "partners": [_partner_record(partner) for partner in status.partners],
        "runs": [
            {
                "run_id": run.run_id,
                "command": run.command,
                "started_at": moment(run.started_at),
                "finished_at": moment(run.finished_at),
                "rows_in": run.rows_in,
                "exit_code": run.exit_code,
                "going": run.run_id in status.going,
            }
            for run in status.runs
        ],
        "exit_code": 0,
        "error": None,
    }


def _partner_record(partner: PartnerStatus) -> dict[str, object]:
    from .tables import moment

    oldest = partner.oldest_in_review
    return {
        "origin": partner.origin,
        "partner": partner.partner or None,
        "counts": {state.value: count for state, count in partner.counts.items()},
        "outcomes": {outcome.value: count for outcome, count in partner.outcomes.items()},
        "oldest_in_review": _request_record(oldest) if oldest else None,
        "unknown": [_request_record(one) for one in partner.unknown],
        "education_attempts": dict(partner.attempts),
        "closed_until": moment(partner.closed_until),
    }


def _request_record(record: Record) -> dict[str, object]:
    from .tables import moment

    return {
        "customer_id": record.customer_id,
        "qualification": record.qualification.value,
        "since": moment(record.submitted_at or record.enrolled_at),
        "request_id": record.request_id,
    }

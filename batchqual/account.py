"""The account of a run: its report, and what the ledger keeps of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import datetime
from math import ceil

from .durations import spell_duration
from .errors import BatchqualError
from .ledger import RunEnd
from .pipeline import Job, Results
from .report import ErrorNote, Requests, RunReport, exit_code_for, reconcile
from .settings import Settings
from .target import Target

__all__ = ["UNNAMED", "end_of", "facts_of", "plan_facts", "report_of"]

UNNAMED = "(not named)"
"""How a report shows a partner whom neither the settings nor the token name."""

_INTERRUPTED = ErrorNote(
    "interrupted",
    "The run was interrupted. Everything known is in the ledger and in this report.",
    "The same command goes on where it was.",
)


def report_of(
    job: Job,
    results: Results,
    *,
    started: datetime,
    finished: datetime,
    requests: Requests | None = None,
    facts: dict[str, str] | None = None,
) -> RunReport:
    intake = job.intake
    warnings = tuple(note for row in intake.rows for note in row.warnings)
    rows_in = sum(file.rows for file in intake.files) if intake.files else len(intake.rows)
    code = exit_code_for(reconcile(rows_in, results.rows))
    error = None
    if results.halted is not None:
        code = results.halted.exit_code
        error = _note(results.halted)
    if results.interrupted:
        code, error = 130, _INTERRUPTED
    return RunReport(
        run_id=job.run_id,
        command=job.command,
        files=intake.files,
        columns=intake.columns,
        rows=results.rows,
        started_at=started,
        finished_at=finished,
        exit_code=code,
        earlier=results.earlier,
        notices=(*intake.notices, *warnings, *results.notices),
        requests=requests or Requests(),
        error=error,
        facts=facts or {},
    )


def _note(error: BatchqualError) -> ErrorNote:
    return ErrorNote(error.code, error.message, error.hint)


def end_of(report: RunReport) -> RunEnd:
    error = report.error
    return RunEnd(
        report.run_id,
        report.exit_code,
        asdict(report.requests),
        {"code": error.code, "message": error.message, "hint": error.hint} if error else None,
        report.rows,
        report.earlier,
        report.notices,
    )


def plan_facts(results: Results, settings: Settings) -> dict[str, str]:
    """What a run would submit, and what that costs: for each row a submission and a look afterwards, besides
    the looks that the plan has made and a run makes again."""
    wanted = Counter(
        row.row.request.qualification.short
        for row in results.rows
        if row.row.request is not None and row.verdict.error_code == "would-be-sent"
    )
    total = sum(wanted.values())
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(wanted.items()))
    looks = len({row.row.request.customer_id for row in results.rows if row.row.request is not None})
    requests = looks + 2 * total
    time = f", {spell_duration(ceil(requests / settings.rate))} at that rate" if settings.rate else ""
    return {
        "Would submit": f"{total:,} ({kinds})" if total else "nothing",
        "Would cost": f"about {requests:,} requests{time}; vetting takes longer",
    }


def facts_of(job: Job, target: Target) -> dict[str, str]:
    """The settings that matter to a reader of the report, in the order to show."""
    settings = job.settings
    return {
        "Service": target.origin,
        "Partner": target.partner or UNNAMED,
        "Ledger": str(target.ledger),
        "API": settings.api,
        "Rate": "none" if settings.rate is None else f"{settings.rate:g} requests a second",
        "Wait": spell_duration(settings.wait),
    }

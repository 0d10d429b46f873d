"""The account of a run: its report, where that is written, and what the ledger keeps of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

from .durations import about, spell_duration
from .errors import BatchqualError, InputWarnings, LedgerError, LedgerLost, UsageError
from .ledger import LedgerView, RunEnd
from .model import Outcome, Problem, RowResult
from .pipeline import MOST_ATTEMPTS, Job, Obstacle, Results, standstill
from .report import ErrorNote, Requests, RunReport, exit_code_for, reconcile, write_report
from .settings import Settings
from .target import Target

__all__ = [
    "UNNAMED",
    "delivered",
    "end_of",
    "facts_of",
    "lost",
    "plan_facts",
    "report_of",
    "what_is_known",
    "write_reports",
]

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
        code, error = 130, error if isinstance(results.halted, LedgerLost) else _INTERRUPTED
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


def what_is_known(
    job: Job, view: LedgerView, now: datetime, problem: LedgerError, *, interrupted: bool
) -> Results:
    """The results of a run whose ledger takes nothing more: what it knows already. What was on its way is of
    unknown fate, since the answer could not be kept. Raises LedgerLost when it cannot be read either."""
    reason = _ledger_lost(problem)
    unsent = Obstacle(Outcome.NOT_ATTEMPTED, reason.code, "The ledger failed before it was sent.")
    plain = replace(
        job, settings=job.settings.model_copy(update={"resubmit_denied": False, "resend_unknown": False})
    )
    try:
        return replace(standstill(plain, view, now, unsent), halted=reason, interrupted=interrupted)
    except LedgerError as worse:
        raise reason from worse


def lost(report: RunReport, problem: LedgerError) -> RunReport:
    """The report of a run whose end the ledger did not take."""
    return _failed(report, _note(_ledger_lost(problem)))


def _ledger_lost(problem: LedgerError) -> LedgerLost:
    hint = f"{problem.hint} What was sent is looked up before anything is sent."
    return LedgerLost(problem.message, hint=hint)


def write_reports(report: RunReport, paths: Sequence[Path]) -> RunReport:
    """Write the reports; the report that comes back names where they really are. Raises UsageError.

    A JSON report names them all, so it is written last.
    """
    places = {path: str(path) for path in paths}
    for path in _json_last(places):
        places[path] = str(write_report(_naming(report, places), path))
    return _naming(report, places)


def delivered(report: RunReport, paths: Sequence[Path], spare: Path | None) -> RunReport:
    """`write_reports` when the run is over. What cannot stand where it should is put into the folder
    ``spare``, and the report that comes back, as the JSON report, says so and ends with 1."""
    places = {path: str(path) for path in paths}
    for path in _json_last(places):
        try:
            places[path] = str(write_report(_naming(report, places), path))
        except UsageError as problem:
            report, places = _put_aside(report, places, path, spare, problem.message)
    return _naming(report, places)


def _naming(report: RunReport, places: Mapping[Path, str]) -> RunReport:
    return replace(report, reports=tuple(filter(None, places.values())))


def _put_aside(
    report: RunReport, places: Mapping[Path, str], path: Path, spare: Path | None, why: str
) -> tuple[RunReport, dict[Path, str]]:
    """Report and places as they are now; the place is empty where it was not written at all."""
    again = "`batchqual report` writes it once more" if spare else "Rehearse again"
    hint = f"{again}; --report names another place. Everything known is in the ledger."
    if spare is not None:
        place = spare / f"{path.stem}-{report.run_id[:8]}{path.suffix}"
        note = ErrorNote("report-elsewhere", f"{why} It stands in {place} instead.", hint)
        moved, aside = _failed(report, note), {**places, path: str(place)}
        with suppress(UsageError):
            aside[path] = str(write_report(_naming(moved, aside), place))
            return moved, aside
    note = ErrorNote("report-lost", f"{why} This report was not written.", hint)
    return _failed(report, note), {**places, path: ""}


def _failed(report: RunReport, note: ErrorNote) -> RunReport:
    """An interruption keeps its exit code; what had ended the run before is a notice now."""
    before = report.error
    notices = report.notices
    if before is not None:
        words = " ".join(filter(None, (before.message, before.hint)))
        notices = (*notices, Problem(before.code, words, report.command))
    return replace(report, exit_code=130 if report.exit_code == 130 else 1, error=note, notices=notices)


def _json_last(paths: Iterable[Path]) -> list[Path]:
    return sorted(dict.fromkeys(paths), key=lambda path: path.suffix.lower() == ".json")


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
    if results.interrupted or not isinstance(results.halted, InputWarnings | None):
        return {"Would submit": f"not known: the plan was stopped, after {total:,} that would be submitted"}
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(wanted.items()))
    looks = len({row.row.request.customer_id for row in results.rows if row.row.request is not None})
    requests = looks + 2 * total
    time = f", {about(requests / settings.rate)} at that rate" if settings.rate else ""
    last = sum(1 for row in results.rows if _would_be_the_last(row))
    note = f", {last:,} of them the third and last Education request of a customer" if last else ""
    return {
        "Would submit": f"{total:,} ({kinds}){note}" if total else "nothing",
        "Would cost": f"about {requests:,} request{'' if requests == 1 else 's'}{time}; vetting takes longer",
    }


def _would_be_the_last(result: RowResult) -> bool:
    """Only Education is counted: other rows have no attempts."""
    verdict = result.verdict
    return verdict.error_code == "would-be-sent" and verdict.attempts == MOST_ATTEMPTS - 1


def facts_of(job: Job, target: Target) -> dict[str, str]:
    """The settings that matter to a reader of the report, in the order to show."""
    settings = job.settings
    return {
        "Service": target.origin,
        "Partner": target.partner or UNNAMED,
        "Ledger": str(target.ledger),
        "API": settings.api,
        "Rate": _rate(settings.rate),
        "Wait": spell_duration(settings.wait),
    }


def _rate(rate: float | None) -> str:
    return "none" if rate is None else f"{rate:g} request{'' if rate == 1 else 's'} a second"

"""The parts put together: settings and paths in, a report out. Used by the command line and from Python."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Literal

from .clock import Clock, SystemClock
from .durations import spell_duration
from .errors import BatchqualError, LedgerError, LedgerLost, SignInNeeded, UsageError
from .events import Listener, RunFinished, deaf
from .ingest import Reading, read
from .ledger import Ledger, LedgerView, NewRun, RunEnd, read_only
from .model import Intake, Outcome, RowResult, Verdict
from .pacekeeping import Doorkeeper, hold_until
from .partnercenter import Connection, Limits, RetryPolicy, TokenProvider, open_partner_center
from .pipeline import (
    Job,
    Obstacle,
    Plan,
    Results,
    StopSwitch,
    execute,
    live_rows,
    plan_of,
    preset_verdict,
    standstill,
)
from .report import (
    ErrorNote,
    Requests,
    RunReport,
    check_report_path,
    default_report_path,
    exit_code_for,
    reconcile,
    write_report,
)
from .settings import Settings
from .target import Target, check_ledger_origin, connection_of, sign_in, target_of

__all__ = ["Command", "Confirm", "check", "read_input", "run", "write_reports"]

Command = Literal["run", "plan", "resume", "rehearse"]
Confirm = Callable[[Plan], bool]
"""Shows a plan and asks whether to go on."""

UNNAMED = "(not named)"
_SOUND = Verdict(
    Outcome.NOT_ATTEMPTED,
    error_code="would-be-sent",
    error_message="Nothing is wrong with it; a run looks it up.",
)
_SECOND = timedelta(seconds=1)
_INTERRUPTED = ErrorNote(
    "interrupted",
    "The run was interrupted. Everything known is in the ledger and in this report.",
    "The same command goes on where it was.",
)


def read_input(
    paths: Sequence[str], settings: Settings, *, partner: str = "", stdin: BinaryIO | None = None
) -> Intake:
    """The rows of the input, with everything that is wrong with them. Raises InputError."""
    reading = Reading(
        sheet=settings.sheet,
        mapping=settings.map,
        qualification=settings.qualification,
        education_segment=settings.education_segment,
        segment_required=settings.segment_required,
        partner_id=partner or settings.tenant_id,
    )
    return read(paths, reading, stdin=stdin)


def check(paths: Sequence[str], settings: Settings, *, stdin: BinaryIO | None = None) -> RunReport:
    """Validate the input offline; reports are written where the settings ask for them.

    Raises UsageError and InputError.
    """
    started = datetime.now(UTC)
    for path in settings.report:
        check_report_path(path)
    intake = read_input(paths, settings, stdin=stdin)
    job = Job(str(uuid.uuid4()), "check", intake, settings, "", "")
    rows = [RowResult(row, _SOUND if row.preset is None else preset_verdict(row)) for row in intake.rows]
    report = _report(job, Results(rows, ()), started=started, finished=datetime.now(UTC))
    return write_reports(report, settings.report)


async def run(
    command: Command,
    paths: Sequence[str],
    settings: Settings,
    *,
    confirm: Confirm | None = None,
    say: Listener = deaf,
    stop: StopSwitch | None = None,
    clock: Clock | None = None,
    stdin: BinaryIO | None = None,
    intake: Intake | None = None,
    tokens: TokenProvider | None = None,
    limits: Limits | None = None,
    retry: RetryPolicy | None = None,
) -> RunReport:
    """Do a whole run and write its reports.

    ``confirm`` is None where nobody can be asked; ``intake`` stands for ``paths`` that were read already,
    ``tokens`` for the configured sign-in, ``limits`` and ``retry`` for the usual bounds of a call.

    Raises, before anything is sent and in this order: UsageError, InputError, UsageError (not confirmed),
    LedgerError; later LedgerLost. Whatever else stops the run, a missing sign-in included, is the report's
    ``error``.
    """
    clock = clock or SystemClock()
    target = target_of(settings)
    for path in settings.report:
        check_report_path(path)
    if intake is None:
        resumes = command == "resume"
        intake = (
            Intake((), (), ())
            if resumes
            else read_input(paths, settings, partner=target.partner, stdin=stdin)
        )
    settings = _with_report(settings, intake, clock.now())
    job = Job(str(uuid.uuid4()), command, intake, settings, target.origin, target.partner)
    agreed = _agreed(job, target, confirm, clock.now()) if command == "run" and not settings.yes else None
    with Ledger.open(target.ledger, clock=clock, command=command) as ledger:
        check_ledger_origin(ledger, target, same=command == "rehearse")
        _hold_to(agreed, job, target, ledger, clock.now())
        if command == "resume":
            job = replace(job, intake=live_rows(ledger, target.origin, target.partner))
        try:
            return await _with_ledger(
                job,
                target,
                ledger,
                connection=connection_of(settings, target, limits=limits, retry=retry),
                clock=clock,
                say=say,
                stop=stop or StopSwitch(),
                tokens=tokens,
            )
        except LedgerError as error:
            raise LedgerLost(error.message) from error


def write_reports(report: RunReport, paths: Sequence[Path]) -> RunReport:
    """Write the reports; the report that comes back names where they really are."""
    written: list[str] = []
    for path in paths:
        named = replace(report, reports=(*written, str(path)))
        written.append(str(write_report(named, path)))
    return replace(report, reports=tuple(written))


def _with_report(settings: Settings, intake: Intake, now: datetime) -> Settings:
    if settings.report:
        return settings
    path = default_report_path(intake.files[0].path if intake.files else "resume", now)
    check_report_path(path)
    return settings.model_copy(update={"report": (path,)})


def _agreed(job: Job, target: Target, confirm: Confirm | None, now: datetime) -> int:
    """How many submissions somebody has said yes to. Where nothing would be written, nobody is asked."""
    with read_only(target.ledger, missing_ok=True) as view:
        check_ledger_origin(view, target)
        plan = _plan(job, target, view, now)
    if job.blocked is not None or not plan.writes:
        return 0
    if confirm is None:
        raise UsageError(
            f"{_count(plan.total)} would be submitted, and nobody is there to say yes.",
            hint="Nothing was sent. Look at `batchqual plan`, then give --yes.",
            code="not-confirmed",
        )
    if not confirm(plan):
        raise UsageError("Not confirmed. Nothing was sent.", code="not-confirmed")
    return plan.total


def _hold_to(agreed: int | None, job: Job, target: Target, ledger: Ledger, now: datetime) -> None:
    """Another run may have changed the ledger while the question stood on the screen."""
    if agreed is None or job.blocked is not None:
        return
    total = _plan(job, target, ledger, now).total
    if total > agreed:
        raise UsageError(
            f"The ledger has changed. {_count(total)} would be submitted now, not {agreed}.",
            hint="Nothing was sent. Run the command again.",
            code="not-confirmed",
        )


def _count(submissions: int) -> str:
    return f"Up to {submissions} qualification{'' if submissions == 1 else 's'}"


def _plan(job: Job, target: Target, view: LedgerView, now: datetime) -> Plan:
    return plan_of(job.intake, view.records(target.origin, target.partner), job.settings, now=now)


async def _with_ledger(
    job: Job,
    target: Target,
    ledger: Ledger,
    *,
    connection: Connection,
    clock: Clock,
    say: Listener,
    stop: StopSwitch,
    tokens: TokenProvider | None,
) -> RunReport:
    started = clock.now()
    held = hold_until(ledger, target, started)
    intake, facts = job.intake, _facts(job, target)
    await ledger.start_run(NewRun(job.run_id, job.command, intake.files, intake.columns, facts, intake.rows))
    requests = Requests()
    try:
        provider = tokens or sign_in(job.settings)
    except SignInNeeded as reason:
        unsent = Obstacle(Outcome.NOT_ATTEMPTED, "sign-in", "Nobody was signed in, so it was not sent.")
        results = replace(standstill(job, ledger, started, unsent), halted=reason)
    else:
        async with open_partner_center(
            connection,
            provider,
            on_event=say,
            on_closed=Doorkeeper(ledger, target).closed,
            hold_until=held,
            clock=clock,
        ) as service:
            results = await execute(job, ledger=ledger, service=service, clock=clock, say=say, stop=stop)
            requests = Requests(**asdict(service.counts))
    report = _report(job, results, started=started, finished=clock.now(), requests=requests, facts=facts)
    await ledger.finish_run(_end(report))
    report = write_reports(report, job.settings.report)
    say(RunFinished(job.run_id, reconcile(report.rows_in, report.rows), report.exit_code))
    return report


def _report(
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


def _end(report: RunReport) -> RunEnd:
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


def _facts(job: Job, target: Target) -> dict[str, str]:
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

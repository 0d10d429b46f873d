"""The parts put together: settings and paths in, a report out. Used by the command line and from Python."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import BinaryIO, Literal

from .account import delivered, end_of, facts_of, lost, plan_facts, report_of, what_is_known, write_reports
from .clock import Clock, SystemClock
from .consent import Confirm, agreed, hold_to
from .credentials import privileges_of
from .errors import AccessDenied, LedgerError, SignInNeeded
from .events import Listener, RunFinished, deaf
from .failpoints import reached
from .ingest import Limits as InputLimits
from .ingest import Reading, domains_of, read, resolved
from .ledger import Ledger, NewRun
from .model import Intake, Outcome, RowResult, Verdict
from .pacekeeping import Doorkeeper, hold_until
from .partnercenter import (
    Connection,
    Limits,
    Privileges,
    RetryPolicy,
    TokenProvider,
    open_partner_center,
)
from .pipeline import (
    Job,
    LookedUp,
    Obstacle,
    Results,
    StopSwitch,
    execute,
    live_rows,
    look_up,
    nobody_looked,
    preset_verdict,
    standstill,
)
from .report import (
    Requests,
    RunReport,
    check_report_path,
    default_report_path,
    keep_from_harm,
    reconcile,
)
from .settings import Settings
from .target import Target, check_ledger_origin, connection_of, target_of

__all__ = ["Command", "Confirm", "check", "checked", "read_input", "run"]

Command = Literal["run", "plan", "resume", "rehearse"]

_NO_ROWS = Intake((), (), ())
_SOUND = Verdict(
    Outcome.NOT_ATTEMPTED,
    error_code="would-be-sent",
    error_message="Nothing is wrong with it; a run looks it up.",
)


def read_input(
    paths: Sequence[str], settings: Settings, *, partner: str = "", stdin: BinaryIO | None = None
) -> Intake:
    """The rows of the input, with everything that is wrong with them. Raises InputError."""
    reading = Reading(
        sheet=settings.sheet,
        encoding=settings.encoding,
        mapping=settings.map,
        qualification=settings.qualification,
        education_segment=settings.education_segment,
        segment_required=settings.segment_required,
        partner_id=partner or settings.tenant_id,
        limits=InputLimits(
            file_bytes=settings.max_file_size,
            unpacked_bytes=settings.max_unpacked_size,
            used_area=settings.max_cells,
            columns=settings.max_columns,
        ),
    )
    return read(paths, reading, stdin=stdin)


def check(paths: Sequence[str], settings: Settings, *, stdin: BinaryIO | None = None) -> RunReport:
    """Validate the input offline; reports are written where the settings ask for them.

    With ``strict``, a warning ends it as it would end a run (the report's ``error``). Raises UsageError and
    InputError.
    """
    return checked(paths, settings, stdin=stdin)[0]


def checked(
    paths: Sequence[str], settings: Settings, *, stdin: BinaryIO | None = None
) -> tuple[RunReport, Intake]:
    """As `check`, and what was read: a pipe cannot be read a second time."""
    started = datetime.now(UTC)
    _check_reports(settings)
    intake = read_input(paths, settings, stdin=stdin)
    keep_from_harm(settings.report, (file.path for file in intake.files))
    job = Job(str(uuid.uuid4()), "check", intake, settings, "", "")
    rows = [RowResult(row, _SOUND if row.preset is None else preset_verdict(row)) for row in intake.rows]
    report = report_of(
        job, Results(rows, (), halted=job.blocked), started=started, finished=datetime.now(UTC)
    )
    return write_reports(report, settings.report), intake


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
    tokens: TokenProvider | Privileges | None = None,
    limits: Limits | None = None,
    retry: RetryPolicy | None = None,
) -> RunReport:
    """Do a whole run and write its reports.

    ``confirm`` is None where nobody can be asked; ``intake`` stands for ``paths`` that were read already,
    ``tokens`` for the configured sign-in, ``limits`` and ``retry`` for the usual bounds of a call.

    Raises, before anything is sent, UsageError, InputError, UsageError (not confirmed) and LedgerError, in
    this order. Whatever else stops the run is the report's ``error``; LedgerLost is raised where a ledger
    that failed in the middle cannot even be read.
    """
    clock = clock or SystemClock()
    target = target_of(settings)
    _check_reports(settings)
    if intake is None:
        intake = _NO_ROWS if command == "resume" else _read(paths, settings, target, stdin)
    keep_from_harm(settings.report, (file.path for file in intake.files), target.ledger)
    settings = _with_report(settings, intake, clock.now())
    job = Job(str(uuid.uuid4()), command, intake, settings, target.origin, target.partner)
    number = agreed(job, target, confirm, clock.now()) if command == "run" and not settings.yes else None
    with Ledger.open(target.ledger, clock=clock, command=command) as ledger:
        check_ledger_origin(ledger, target, same=command == "rehearse")
        ledger.records(target.origin, target.partner)  # whoever cannot read them must not send: 11, not 1
        hold_to(number, job, target, ledger, clock.now())
        if command == "resume":
            job = replace(job, intake=live_rows(ledger, target.origin, target.partner))
        return await _with_ledger(
            job,
            target,
            ledger,
            connection=connection_of(settings, target, limits=limits, retry=retry),
            clock=clock,
            say=say,
            stop=stop or StopSwitch(),
            tokens=tokens,
            attended=confirm is not None,
        )


def _check_reports(settings: Settings) -> None:
    for path in settings.report:
        check_report_path(path)


def _read(paths: Sequence[str], settings: Settings, target: Target, stdin: BinaryIO | None) -> Intake:
    return read_input(paths, settings, partner=target.partner, stdin=stdin)


def _with_report(settings: Settings, intake: Intake, now: datetime) -> Settings:
    if settings.report:
        return settings
    path = default_report_path(intake.files[0].path if intake.files else "resume", now)
    check_report_path(path)
    return settings.model_copy(update={"report": (path,)})


async def _with_ledger(
    job: Job,
    target: Target,
    ledger: Ledger,
    *,
    connection: Connection,
    clock: Clock,
    say: Listener,
    stop: StopSwitch,
    tokens: TokenProvider | Privileges | None,
    attended: bool,
) -> RunReport:
    started = clock.now()
    held = hold_until(ledger, target, started)
    facts, domains, requests = facts_of(job, target), domains_of(job.intake), Requests()
    try:
        privileges = tokens or await _signed_in(job, say, clock, stop, attended=attended)
    except (SignInNeeded, AccessDenied) as reason:
        looked_up = nobody_looked(domains, job, ledger, started, reason)
        job = await _begin(job, looked_up, ledger, facts)
        unsent = _not_signed_in(reason, interrupted=stop.pressed)
        results = replace(standstill(job, ledger, started, unsent), halted=reason, interrupted=stop.pressed)
    else:
        async with open_partner_center(
            connection,
            privileges,
            on_event=say,
            on_closed=Doorkeeper(ledger, target).closed,
            hold_until=held,
            clock=clock,
        ) as service:
            looked_up = await look_up(
                domains, job, ledger=ledger, service=service, clock=clock, stop=stop, say=say
            )
            job = await _begin(job, looked_up, ledger, facts)
            try:
                results = _halted(looked_up, job, ledger, started) or await execute(
                    job, ledger=ledger, service=service, clock=clock, say=say, stop=stop
                )
            except LedgerError as problem:
                results = what_is_known(job, ledger, clock.now(), problem, interrupted=stop.pressed)
            results = replace(results, notices=(*looked_up.notices, *results.notices))
            requests = Requests(**asdict(service.counts))
    if job.command == "plan":
        facts |= plan_facts(results, job.settings)
    report = report_of(job, results, started=started, finished=clock.now(), requests=requests, facts=facts)
    report = await _kept_and_written(report, job, ledger, target)
    say(RunFinished(job.run_id, reconcile(report.rows_in, report.rows), report.exit_code))
    return report


def _not_signed_in(reason: SignInNeeded | AccessDenied, *, interrupted: bool) -> Obstacle:
    code = "sign-in" if isinstance(reason, SignInNeeded) else "stopped"
    code = "interrupted" if interrupted else code
    return Obstacle(Outcome.NOT_ATTEMPTED, code, "Nobody was signed in, so it was not sent.")


async def _kept_and_written(report: RunReport, job: Job, ledger: Ledger, target: Target) -> RunReport:
    """The run has its end in the ledger, and its reports. What fails here is told by the report."""
    reached("run.ending")
    try:
        await ledger.finish_run(end_of(report))
    except LedgerError as problem:
        report = lost(report, problem)
    reached("run.ended")
    spare = None if job.command == "rehearse" else target.ledger.parent
    report = delivered(report, job.settings.report, spare)
    reached("run.reported")
    return report


async def _signed_in(
    job: Job, say: Listener, clock: Clock, stop: StopSwitch, *, attended: bool
) -> Privileges:
    """Somebody may have to enter a code, or a service be waited for: a stop ends that at once."""
    signing = asyncio.ensure_future(privileges_of(job.settings, say=say, clock=clock, attended=attended))

    def give_up() -> None:
        signing.cancel()

    stop.connect(give_up)
    await asyncio.wait({signing})
    if signing.cancelled():
        raise SignInNeeded("The run was stopped before anybody was signed in.", code="interrupted")
    return signing.result()


def _halted(looked_up: LookedUp, job: Job, ledger: Ledger, now: datetime) -> Results | None:
    """What the ledger tells, where the look-ups ended the run."""
    if looked_up.halted is None:
        return None
    return replace(standstill(job, ledger, now, looked_up.obstacle), halted=looked_up.halted)


async def _begin(job: Job, looked_up: LookedUp, ledger: Ledger, facts: Mapping[str, str]) -> Job:
    """The run is stored with its rows as they go on: with customers, or with the reason why there is none."""
    job = replace(job, intake=resolved(job.intake, looked_up.found, looked_up.claims))
    intake = job.intake
    reached("run.starting")
    await ledger.start_run(NewRun(job.run_id, job.command, intake.files, intake.columns, facts, intake.rows))
    reached("run.started")
    return job

"""What the ledger tells without a run: where things stand, and the report of a run once more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from .account import UNNAMED, write_reports
from .clock import SystemClock
from .credentials import privileges_of
from .errors import UsageError
from .events import Listener, deaf
from .ledger import (
    Holder,
    Ledger,
    LedgerView,
    Record,
    RunSummary,
    State,
    StoredRun,
    holder_of,
    pause_left,
    read_only,
)
from .model import Intake, Outcome, RowResult
from .pacekeeping import Doorkeeper, hold_until
from .partnercenter import TokenProvider, ValidationCode, open_partner_center
from .pipeline import Job, Obstacle, outcome_of, standstill
from .report import (
    ErrorNote,
    Requests,
    RunReport,
    default_report_path,
    exit_code_for,
    keep_from_harm,
    reconcile,
)
from .settings import Settings
from .target import check_ledger_origin, connection_of, target_of

__all__ = ["PartnerStatus", "Status", "codes", "report_again", "status"]

_KILLED = ErrorNote(
    "killed",
    "The run did not come to its end. This report tells where its rows stand now.",
    "Run the same command again: it goes on where it was.",
)
_RUNNING = ErrorNote(
    "running",
    "The run is still going. This report tells where its rows stand now; what is on its way is `unknown`.",
    "Wait: the run writes a report of its own at its end.",
)
_NOT_REACHED = {
    _KILLED: Obstacle(Outcome.NOT_ATTEMPTED, "interrupted", "The run ended before it."),
    _RUNNING: Obstacle(Outcome.NOT_ATTEMPTED, "running", "The run has not come to it yet."),
}


@dataclass(frozen=True, slots=True)
class PartnerStatus:
    """Where one partner's requests stand. ``counts`` has all of them by the state that the ledger keeps,
    ``outcomes`` the latest of each wish by what a report would say of it. ``attempts`` counts Education
    requests by customer; ``unknown`` are those ``sending``: on their way while a run has the ledger, of
    unknown fate otherwise.
    ``closed_until`` is when the service takes calls again (UTC), if it has asked for a pause."""

    origin: str
    partner: str
    counts: Mapping[State, int]
    outcomes: Mapping[Outcome, int]
    oldest_in_review: Record | None
    unknown: tuple[Record, ...]
    attempts: Mapping[str, int]
    closed_until: datetime | None


@dataclass(frozen=True, slots=True)
class Status:
    """What a ledger knows: every partner it served, and its latest runs, newest first. ``in_use`` says in
    words who holds its lock; ``going`` has the ID of the run that does. Any other run without an end was
    killed."""

    ledger: str
    in_use: str | None
    partners: tuple[PartnerStatus, ...]
    runs: tuple[RunSummary, ...]
    going: frozenset[str]


def status(settings: Settings) -> Status:
    """What the ledger knows, also while a run is on. Raises LedgerError."""
    path = target_of(settings).ledger
    with read_only(path) as view:
        before = holder_of(path)  # asked on both sides of the look: a run may begin or end meanwhile
        partners = tuple(_partner_status(view, *who) for who in view.partners())
        runs = tuple(view.runs())
        holders = (before, holder_of(path))
    going = (run for run in runs if not run.finished_at and any(_is_of(holder, run) for holder in holders))
    return Status(
        str(path), before.words if before else None, partners, runs, frozenset(run.run_id for run in going)
    )


def _partner_status(view: LedgerView, origin: str, partner: str) -> PartnerStatus:
    in_review = view.by_state(origin, partner, State.IN_REVIEW)
    closed = view.closed_until(origin, partner)
    return PartnerStatus(
        origin,
        partner,
        view.counts(origin, partner),
        _outcomes(view.records(origin, partner)),
        min(in_review, key=lambda record: record.submitted_at or record.enrolled_at, default=None),
        tuple(view.by_state(origin, partner, State.SENDING)),
        view.all_education_attempts(origin, partner),
        pause_left(closed, datetime.now(UTC)),
    )


def _outcomes(records: list[Record]) -> dict[Outcome, int]:
    latest = {record.wish: record for record in records}
    return dict.fromkeys(Outcome, 0) | Counter(map(outcome_of, latest.values()))


async def codes(
    settings: Settings,
    *,
    say: Listener = deaf,
    tokens: TokenProvider | None = None,
    attended: bool = False,
) -> tuple[ValidationCode, ...]:
    """The partner's validation codes and what is left on each.

    It holds the ledger's lock, since all calls for one partner share one pace. Raises UsageError,
    LedgerError, SignInNeeded, and what the client raises.
    """
    target, clock = target_of(settings), SystemClock()
    with Ledger.open(target.ledger, clock=clock, command="codes") as ledger:
        check_ledger_origin(ledger, target)
        keeper = Doorkeeper(ledger, target)
        async with open_partner_center(
            connection_of(settings, target),
            tokens or await privileges_of(settings, say=say, clock=clock, attended=attended),
            on_event=say,
            on_closed=keeper.closed,
            hold_until=hold_until(ledger, target, clock.now()),
            clock=clock,
        ) as service:
            try:
                return await service.validation_codes()
            finally:
                await keeper.leave(clock.now())


def report_again(settings: Settings, *, run_id: str | None = None) -> RunReport:
    """Write the report of a run again, as of that run; of the latest one unless ``run_id`` names it.

    A run that is still going, or was killed, has no verdicts: its report tells where its rows stand now.
    Raises LedgerError, and UsageError when there is no such run.
    """
    path = target_of(settings).ledger
    with read_only(path) as view:
        before = holder_of(path)  # asked on both sides of the look: the run may begin or end meanwhile
        run = view.load_run(run_id)
        going = not run.finished and (_is_of(before, run.summary) or _is_of(holder_of(path), run.summary))
        report = _stored_report(view, settings, run, going=going)
    paths = settings.report
    if not paths:
        first = report.files[0].path if report.files else "resume"
        paths = (default_report_path(first, datetime.now(UTC)),)
    keep_from_harm(paths, (file.path for file in report.files), path)
    return write_reports(report, paths)


def _is_of(holder: Holder | None, run: RunSummary) -> bool:
    """Whether it is this run that holds the ledger: a run begins after it has taken the lock."""
    return holder is not None and holder.since is not None and holder.since <= run.started_at


def _stored_report(view: LedgerView, settings: Settings, run: StoredRun, *, going: bool) -> RunReport:
    rows, earlier, error = run.results, run.earlier, run.error
    note = ErrorNote(error["code"], error["message"], error["hint"]) if error else None
    code = run.summary.exit_code
    if not run.finished:
        note = _RUNNING if going else _KILLED
        rows, earlier = _standing_now(view, settings, run, _NOT_REACHED[note])
    if code is None:
        code = exit_code_for(reconcile(len(run.rows), rows))
    return RunReport(
        run_id=run.summary.run_id,
        command=run.summary.command,
        files=run.files,
        columns=run.columns,
        rows=rows,
        started_at=run.summary.started_at,
        finished_at=run.summary.finished_at or datetime.now(UTC),
        exit_code=code,
        earlier=earlier,
        notices=run.notices,
        requests=Requests(**(run.requests or {})),
        error=note,
        facts={name: str(value) for name, value in run.facts.items()},
        ended=run.finished,
    )


def _standing_now(
    view: LedgerView, settings: Settings, run: StoredRun, unsent: Obstacle
) -> tuple[tuple[RowResult, ...], tuple[RowResult, ...]]:
    origin, partner = str(run.facts.get("Service", "")), str(run.facts.get("Partner", UNNAMED))
    if not origin:
        raise UsageError(f"The run {run.summary.run_id} does not say whom it was for.")
    intake = Intake(run.files, run.columns, run.rows)
    plain = settings.model_copy(update={"resubmit_denied": False, "resend_unknown": False})
    job = Job(
        run.summary.run_id, run.summary.command, intake, plain, origin, "" if partner == UNNAMED else partner
    )
    results = standstill(job, view, datetime.now(UTC), unsent)
    return tuple(results.rows), tuple(results.earlier)

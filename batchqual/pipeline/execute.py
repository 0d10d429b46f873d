"""One run, from the rows to the verdicts; docs/explanation/architecture.md tells the journey of a row."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from batchqual.clock import Clock
from batchqual.durations import as_timedelta
from batchqual.errors import InputWarnings, LedgerLost, RunStopped, SignInNeeded
from batchqual.events import Listener, RunStarted
from batchqual.failpoints import reached
from batchqual.ledger import Ledger, LedgerView, Record
from batchqual.model import InputRow, Intake, Problem, Qualification, RowResult, Wish
from batchqual.partnercenter import PartnerCenter
from batchqual.settings import Settings

from .assign import Assignment, assign, changed_content, claims_of, gather
from .attempts import held_back
from .brakes import Brakes
from .desk import Desk
from .earlier import row_of
from .enrol import enrol
from .items import Customer, Item, Obstacle
from .renewal import given_up_before
from .stop import StopSwitch
from .survey import survey
from .verdicts import preset_verdict, verdict_of
from .work import work

__all__ = ["Job", "Results", "claims_to_compare", "execute", "standstill"]


@dataclass(frozen=True, slots=True)
class Job:
    """What a run is to do. ``intake`` holds the rows; for `resume`, those of the ledger, with no requests."""

    run_id: str
    command: str
    intake: Intake
    settings: Settings
    origin: str
    partner: str

    @property
    def blocked(self) -> InputWarnings | None:
        """Why nothing may be submitted, whatever the service says: ``--strict`` and a warning."""
        warnings = [notice for notice in self.intake.notices if notice.is_warning]
        warnings += [note for row in self.intake.rows for note in row.warnings]
        if not self.settings.strict or not warnings:
            return None
        more = f" and {len(warnings) - 1} more" if len(warnings) > 1 else ""
        return InputWarnings(
            f"--strict: the input has a warning{more}. {warnings[0].sentence}",
            hint="Correct the input, or leave --strict out.",
        )


@dataclass(frozen=True, slots=True)
class Results:
    """What came of it. ``rows`` has every input row once, in input order; ``earlier`` the live wishes of
    earlier sheets. ``halted`` says why the run stopped before its end, ``interrupted`` that the user did."""

    rows: Sequence[RowResult]
    earlier: Sequence[RowResult]
    halted: RunStopped | SignInNeeded | LedgerLost | None = None
    interrupted: bool = False
    notices: tuple[Problem, ...] = ()


async def execute(
    job: Job,
    *,
    ledger: Ledger,
    service: PartnerCenter,
    clock: Clock,
    say: Listener,
    stop: StopSwitch,
) -> Results:
    """Recover, look, submit and poll until everything is settled or the wait is over.

    Raises LedgerError when the ledger fails; what the API says, and a lost sign-in, end up in the results.
    """
    assignment = _assign(job, ledger, clock.now())
    attempts = ledger.all_education_attempts(job.origin, job.partner)
    desk = _desk(job, attempts, ledger=ledger, service=service, clock=clock, say=say)
    await enrol(desk, assignment)
    if job.blocked is not None and any(item.may_be_sent for item in assignment.items()):
        desk.brakes.halt(job.blocked)
    customers = gather(assignment)
    _announce(desk, job, assignment, _to_look_at(desk, customers, job.settings.first), attempts)
    desk.brakes.on_stop.append(lambda: service.gate.abandon() if desk.brakes.finished else None)
    stop.connect(desk.brakes.interrupt)
    with _rows_spared():
        await survey(desk, customers, first=job.settings.first, width=job.settings.concurrency)
        await work(desk, customers, width=job.settings.concurrency)
    _close_unsent(desk, assignment)
    _close_changed(desk, assignment, job.intake)
    if (notice := desk.sign_in.notice()) is not None:
        desk.notices.append(notice)
    reached("work.done")
    await ledger.flush()
    reached("work.flushed")
    return _results(job, assignment, ledger.all_education_attempts(job.origin, job.partner), desk)


@contextmanager
def _rows_spared() -> Iterator[None]:
    """The garbage collector does not go through the rows of the input over and over."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def claims_to_compare(job: Job, view: LedgerView, now: datetime) -> tuple[str, ...]:
    """The domains that stand beside the ID of a customer in rows that may be sent, each once."""
    if not any(row.request is not None and row.request.claim for row in job.intake.rows):
        return ()
    return claims_of(job.intake, _assign(job, view, now))


def standstill(job: Job, view: LedgerView, now: datetime, obstacle: Obstacle) -> Results:
    """The results where nothing can be sent: what input and ledger tell, and ``obstacle`` for the rest."""
    assignment = _assign(job, view, now)
    for item in assignment.items():
        if item.offered:
            item.close(obstacle)
    return _results(job, assignment, view.all_education_attempts(job.origin, job.partner))


def _assign(job: Job, view: LedgerView, now: datetime) -> Assignment:
    return assign(
        job.intake,
        {record.wish: record for record in view.records(job.origin, job.partner)},
        now=now,
        resubmit_denied=job.settings.resubmit_denied,
        recheck=as_timedelta(job.settings.recheck),
        resend_unknown=job.settings.resend_unknown,
        given_up=given_up_before(view, job.origin, job.partner),
    )


def _desk(
    job: Job,
    attempts: Mapping[str, int],
    *,
    ledger: Ledger,
    service: PartnerCenter,
    clock: Clock,
    say: Listener,
) -> Desk:
    settings, plan = job.settings, job.command == "plan"
    brakes = Brakes(
        settings.max_failures,
        say,
        dry=plan,
        sends=job.command not in ("plan", "resume"),
    )
    return Desk(
        ledger=ledger,
        service=service,
        clock=clock,
        brakes=brakes,
        say=say,
        origin=job.origin,
        partner=job.partner,
        columns=job.intake.columns,
        poll_min=settings.poll_min,
        poll_max=settings.poll_max,
        patience=settings.patience,
        wait=0.0 if plan else settings.wait,
        one_value=settings.api == "synchronous",
        resubmit_denied=settings.resubmit_denied,
        allow_last_attempt=settings.allow_last_attempt,
        attempted=frozenset(attempts),
    )


def _announce(
    desk: Desk, job: Job, assignment: Assignment, customers: int, attempts: Mapping[str, int]
) -> None:
    today = assignment.today.values()
    held = held_back(today, attempts, allow_last=desk.allow_last_attempt)
    offered = sum(item.offered for item in today) - len(held)
    sendable = offered if job.settings.first is None else min(offered, job.settings.first)
    desk.say(RunStarted(job.run_id, job.command, len(job.intake.rows), customers, sendable))
    for item in assignment.items():
        if not item.offered:
            desk.report(item, counts=False)


def _to_look_at(desk: Desk, customers: Iterable[Customer], first: int | None) -> int:
    """How many customers a look is due for in this run, by what is known at its start."""
    deadline = desk.started + desk.wait
    sends = desk.brakes.dry or (desk.brakes.halted is None and first != 0)

    def due(item: Item) -> bool:
        return sends if item.offered else item.fate_unknown or item.due <= deadline

    return sum(any(map(due, customer.open_items())) for customer in customers)


def _close_unsent(desk: Desk, assignment: Assignment) -> None:
    for item in assignment.items():
        if item.offered:
            desk.close(item, desk.brakes.obstacle(item))


def _close_changed(desk: Desk, assignment: Assignment, intake: Intake) -> None:
    """What was denied before this run, and is in review or approved now, may be of another content."""
    for item in assignment.today.values():
        changed = changed_content(item, intake) if item.obstacle is None else None
        if changed is not None:
            desk.close(item, changed)


def _results(
    job: Job, assignment: Assignment, attempts: Mapping[str, int], desk: Desk | None = None
) -> Results:
    def used(customer_id: str, qualification: str) -> int:
        return attempts.get(customer_id, 0) if qualification == Qualification.EDUCATION else 0

    def result(row: InputRow, item: Item) -> RowResult:
        return RowResult(row, verdict_of(item, used(item.wish.customer_id, item.wish.qualification)))

    live = {item.wish: item for item in assignment.earlier}
    earlier = dict(live)
    rows = []
    for row in job.intake.rows:
        if row.preset is not None:
            rows.append(RowResult(row, preset_verdict(row, used(row.customer_id, row.qualification))))
        else:
            item = assignment.today.get(row.position) or _item_of(row, live, assignment.records)
            if earlier.get(item.wish) is item:
                del earlier[item.wish]
            rows.append(result(row, item))
    apart = tuple(result(row_of(item.record), item) for item in earlier.values() if item.record)
    if desk is None:
        return Results(rows, apart)
    return Results(rows, apart, desk.brakes.halted, desk.brakes.interrupted, tuple(desk.notices))


def _item_of(row: InputRow, live: Mapping[Wish, Item], records: Mapping[Wish, Record]) -> Item:
    """The item of a row that `resume` took from the ledger, wherever its record stands by now."""
    wish = Wish(row.customer_id, Qualification(row.qualification))
    return live.get(wish) or Item(wish, row.position, records.get(wish))

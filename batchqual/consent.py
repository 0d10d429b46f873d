"""Nothing is written to the partner's customers unless somebody has said yes to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from .errors import UsageError
from .ingest import named_domains, recalled
from .ledger import Ledger, LedgerView, read_only
from .pipeline import Job, Plan, given_up_before, plan_of, remembered
from .target import Target, check_ledger_origin

__all__ = ["Confirm", "agreed", "hold_to"]

Confirm = Callable[[Plan], bool]
"""Shows a plan and asks whether to go on."""


def agreed(job: Job, target: Target, confirm: Confirm | None, now: datetime) -> int:
    """How many submissions somebody has said yes to, those of unknown fate that may be sent again included.

    Where nothing would be written, nobody is asked, and nothing is agreed.
    """
    with read_only(target.ledger, missing_ok=True) as view:
        check_ledger_origin(view, target)
        plan = _plan(job, target, view, now)
    if job.blocked is not None or not plan.writes:
        return 0
    if confirm is None:
        raise UsageError(
            f"{_count(plan.most)} would be submitted, and nobody is there to say yes.",
            hint="Nothing was sent. Look at `batchqual plan`, then give --yes.",
            code="not-confirmed",
        )
    if not confirm(plan):
        raise UsageError("Not confirmed. Nothing was sent.", code="not-confirmed")
    return plan.most


def hold_to(number: int | None, job: Job, target: Target, ledger: Ledger, now: datetime) -> None:
    """Another run may have changed the ledger while the question stood on the screen."""
    if number is None or job.blocked is not None:
        return
    most = _plan(job, target, ledger, now).most
    if most > number:
        raise UsageError(
            f"The ledger has changed. {_count(most)} would be submitted now, not {number}.",
            hint="Nothing was sent. Run the command again.",
            code="not-confirmed",
        )


def _count(submissions: int) -> str:
    return f"Up to {submissions} qualification{'' if submissions == 1 else 's'}"


def _plan(job: Job, target: Target, view: LedgerView, now: datetime) -> Plan:
    known = remembered(named_domains(job.intake), job, view, now)
    records = view.records(target.origin, target.partner)
    attempts = view.all_education_attempts(target.origin, target.partner)
    given_up = given_up_before(view, target.origin, target.partner)
    intake = recalled(job.intake, known)
    return plan_of(intake, records, attempts, job.settings, now=now, given_up=given_up)

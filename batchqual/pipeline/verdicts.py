"""From what is known of a wish to the last word on its row. Pure."""

from __future__ import annotations

from dataclasses import replace

from batchqual.ledger import Record, State
from batchqual.model import InputRow, Outcome, Verdict, VettingStatus

from .items import Item

__all__ = ["is_granted", "outcome_of", "preset_verdict", "standing_of", "verdict_of"]


def is_granted(record: Record) -> bool:
    """Settled with a yes. A settled record is either denied or granted."""
    return record.state is State.SETTLED and (record.vetting_status or "").casefold() != _DENIED


NOT_LOOKED_AT = "not-looked-at"
_DENIED = VettingStatus.DENIED.value.casefold()


def standing_of(item: Item) -> Outcome:
    """Where an item stands now."""
    if item.obstacle is not None:
        return item.obstacle.outcome
    if item.record is None:
        return Outcome.NOT_ATTEMPTED
    queued_after_one_that_may_have_arrived = item.given_up and item.record.state is State.QUEUED
    return Outcome.UNKNOWN if queued_after_one_that_may_have_arrived else outcome_of(item.record)


def outcome_of(record: Record) -> Outcome:
    """The outcome that the ledger's record alone gives."""
    if record.state is not State.SETTLED:
        return _OUTCOMES[record.state]
    if not is_granted(record):
        return Outcome.DENIED
    return Outcome.ALREADY_QUALIFIED if record.adopted else Outcome.APPROVED


_OUTCOMES = {
    State.QUEUED: Outcome.NOT_ATTEMPTED,
    State.SENDING: Outcome.UNKNOWN,
    State.IN_REVIEW: Outcome.IN_REVIEW,
    State.REFUSED: Outcome.FAILED,
    State.ABANDONED: Outcome.UNKNOWN,
    State.REVERTED: Outcome.DENIED,
}


def verdict_of(item: Item, attempts: int) -> Verdict:
    """The verdict on an item; ``attempts`` are the customer's Education requests so far."""
    verdict = replace(_recorded(item.record, attempts), outcome=standing_of(item))
    obstacle = item.obstacle
    if obstacle is None:
        if item.record is None or verdict.outcome is not Outcome.DENIED or item.looked:
            return verdict
        return replace(verdict, error_code=NOT_LOOKED_AT, error_message=_told_when(item, item.record))
    return replace(
        verdict,
        http_status=obstacle.http_status,
        error_code=obstacle.code,
        error_message=obstacle.message,
        correlation_id=verdict.correlation_id if verdict.request_id else obstacle.correlation_id,
    )


def _told_when(item: Item, record: Record) -> str:
    """When a denial was told that this run has not looked at."""
    last = record.last_look_at or record.answered_at or record.enrolled_at
    why = f"A look in this run got no answer ({item.no_look.rstrip('.')}). " if item.no_look else ""
    return f"{why}Last looked at {last:%Y-%m-%d %H:%M} UTC; the service may say otherwise by now."


def _recorded(record: Record | None, attempts: int) -> Verdict:
    if record is None:
        return Verdict(Outcome.NOT_ATTEMPTED, attempts=attempts)
    return Verdict(
        outcome=outcome_of(record),
        vetting_status=record.vetting_status,
        vetting_reason=record.vetting_reason,
        submitted_at=record.submitted_at,
        settled_at=record.settled_at,
        attempts=attempts,
        polls=record.polls,
        http_status=record.http_status,
        error_code=record.error_code,
        error_message=record.error_message,
        request_id=None if record.state is State.QUEUED else record.request_id,
        correlation_id=record.correlation_id,
    )


def preset_verdict(row: InputRow, attempts: int = 0) -> Verdict:
    """The verdict on a row that the input alone decides, with every problem in a sentence; ``attempts`` are
    the customer's Education requests so far."""
    sentences = " ".join(problem.sentence for problem in row.problems)
    code = row.problems[0].code if row.problems else None
    return Verdict(
        row.preset or Outcome.INVALID,
        attempts=attempts,
        error_code=code,
        error_message=sentences or None,
    )

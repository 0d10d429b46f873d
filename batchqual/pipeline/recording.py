"""What the service says, put into the words of the ledger: the only place where book and door meet.

Nobody waits here for the disk. An answer that a crash takes away before its commit is an answer that was
lost: the intent is on disk, and the next run looks.
"""

from __future__ import annotations

from datetime import datetime

from batchqual.errors import CallFailed, FateUnknown
from batchqual.ledger import Changes, Ledger, Record, State
from batchqual.model import ABSENT, Holding, VettingStatus
from batchqual.partnercenter import Submission

__all__ = [
    "accepted",
    "answer_lost",
    "arrived",
    "denied_in_words",
    "doubted",
    "found",
    "gave_up",
    "looked_again",
    "not_visible",
    "nothing_shown",
    "refused",
    "reverted",
    "reviewed",
]

_NOT_VISIBLE = "not-visible-yet"
_NO_LONGER = "no-longer-visible"
_NOTHING = "it does not show"
_DENIED = VettingStatus.DENIED.value.casefold()


def found(ledger: Ledger, record: Record, holding: Holding, previous: Record | None) -> Record:
    """The first look found it: adopted as it is, unless an earlier request of ours (``previous``) did it."""
    to = State.SETTLED if holding.settled else State.IN_REVIEW
    changes = _vetting(holding)
    if record.state is State.QUEUED:
        changes["adopted"] = previous is None or previous.adopted
    return ledger.looked(record, to, note=_seen(holding), shown=True, **changes).record


def accepted(ledger: Ledger, record: Record, submission: Submission) -> Record:
    """The service took the submission. It is in review until a look says more, whatever the answer says."""
    holding = submission.holding
    return ledger.answered(
        record,
        State.IN_REVIEW,
        http_status=submission.http_status,
        correlation_id=submission.correlation_id,
        note=submission.body or None,
        error_code=None,
        error_message=None,
        vetting_status=_status(holding) if holding else None,
        vetting_reason=holding.reason if holding else None,
        vetting_created_raw=holding.created_raw if holding else None,
    ).record


def denied_in_words(ledger: Ledger, record: Record, submission: Submission) -> Record:
    """An answer that denies in words, as the synchronous API does: denied, the words as the reason."""
    return ledger.answered(
        record,
        State.SETTLED,
        http_status=submission.http_status,
        correlation_id=submission.correlation_id,
        note=submission.body or None,
        vetting_status="Denied",
        vetting_reason=submission.refusal,
    ).record


def refused(ledger: Ledger, record: Record, failure: CallFailed) -> Record:
    """The service refused the submission for good."""
    return ledger.answered(record, State.REFUSED, note=_heard(failure), **_failure(failure)).record


def answer_lost(ledger: Ledger, record: Record, failure: CallFailed) -> Record:
    """Whether it arrived is for looks to tell: the record stays in ``sending`` and keeps what is known of the
    attempt. A send that was answered, by 409 or a refusal, is counted as such."""
    changes = _failure(failure)
    if not isinstance(failure, FateUnknown):
        changes["answered_sends"] = record.answered_sends + 1
    return ledger.move(record, State.SENDING, event="answer lost", note=_heard(failure), **changes).record


def gave_up(ledger: Ledger, record: Record) -> Record:
    """409 each time, and looks show nothing: refused."""
    return ledger.answered(record, State.REFUSED).record


def arrived(ledger: Ledger, record: Record, holding: Holding) -> Record:
    """A look shows what was sent: the lost answer is found."""
    to = State.SETTLED if holding.settled else State.IN_REVIEW
    return ledger.looked(record, to, note=_seen(holding), shown=True, **_vetting(holding)).record


def nothing_shown(ledger: Ledger, record: Record) -> Record:
    """A look shows nothing of what was sent."""
    return ledger.looked(record, State.SENDING, note=_NOTHING).record


def reviewed(ledger: Ledger, record: Record, holding: Holding) -> Record:
    """A look shows what is in review, or the end of its vetting."""
    to = State.SETTLED if holding.settled else State.IN_REVIEW
    return ledger.looked(record, to, note=_seen(holding), shown=True, **_vetting(holding)).record


def not_visible(ledger: Ledger, record: Record, since: datetime | None = None) -> Record:
    """A look does not show what is in review; ``since`` when none does that did before."""
    code, message = _NOT_VISIBLE, "The service does not show it yet. It is looked at again, never sent again."
    if since is not None:
        code = _NO_LONGER
        message = (
            "The service has shown it, and does not show it any more. It is looked at again, never sent "
            "again; if it stays away, it is denied."
        )
    return ledger.looked(
        record,
        State.IN_REVIEW,
        note=_NOTHING,
        unconfirmed_since=since,
        error_code=code,
        error_message=message,
    ).record


def doubted(ledger: Ledger, record: Record, holding: Holding | None, since: datetime) -> Record:
    """A look shows a grant denied or gone, which it takes two to believe."""
    note = _seen(holding) if holding else _NOTHING
    return ledger.looked(record, State.SETTLED, note=note, unconfirmed_since=since).record


def looked_again(ledger: Ledger, record: Record, holding: Holding | None, now: datetime) -> Record:
    """A later look at what was settled, which does not take a grant away. What was denied stays so, unless it
    shows as granted or in review."""
    if holding is None:
        return ledger.looked(record, record.state, note=_NOTHING).record
    changes = _vetting(holding)
    to = State.SETTLED if holding.granted else State.IN_REVIEW
    if holding.denied:
        to = record.state
    elif holding.granted and (record.vetting_status or "").casefold() == _DENIED:
        changes["settled_at"] = now  # settled as it was, and otherwise
    return ledger.looked(record, to, note=_seen(holding), shown=True, **changes).record


def reverted(ledger: Ledger, record: Record, holding: Holding | None) -> Record:
    """What was granted is denied now, or gone; or what was in review is gone."""
    return ledger.looked(
        record,
        State.REVERTED,
        note=_seen(holding) if holding else _NOTHING,
        unconfirmed_since=None,
        vetting_status=(_status(holding) if holding else None) or ABSENT,
        vetting_reason=holding.reason if holding else None,
        vetting_created_raw=holding.created_raw if holding else None,
        error_code=None,
        error_message=None,
    ).record


def _seen(holding: Holding) -> str:
    """What a look showed, for the biography."""
    return ": ".join(filter(None, (_status(holding), holding.reason))) or "it shows, without a status"


def _heard(failure: CallFailed) -> str:
    """The answer itself, as far as there was one."""
    return failure.body or failure.message


def _status(holding: Holding) -> str | None:
    """The service's own word; a denial in the one spelling by which the ledger knows it."""
    return VettingStatus.DENIED.value if holding.denied else holding.raw_status


def _vetting(holding: Holding) -> Changes:
    return Changes(
        vetting_status=_status(holding),
        vetting_reason=holding.reason,
        vetting_created_raw=holding.created_raw,
        error_code=None,
        error_message=None,
    )


def _failure(failure: CallFailed) -> Changes:
    return Changes(
        http_status=failure.http_status,
        error_code=failure.error_code,
        error_message=failure.message,
        correlation_id=failure.correlation_id,
    )

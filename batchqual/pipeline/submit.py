"""Submitting: the intent goes to disk, the bytes go out, the answer goes to disk."""

from __future__ import annotations

import uuid

from batchqual.errors import (
    AccessDenied,
    AlreadyThere,
    CallFailed,
    FateUnknown,
    NotFound,
    NotSent,
    PausedTooLong,
    Refused,
    SignInNeeded,
    SignInUnreachable,
)
from batchqual.events import AnswerLost, Submitted
from batchqual.failpoints import reached
from batchqual.ledger import State
from batchqual.model import Outcome, Qualification
from batchqual.partnercenter import Submission, nobody_to_submit

from . import recording
from .desk import Desk
from .enrol import enrol_again
from .items import Item, Obstacle
from .quota import unchecked_code

__all__ = ["offer", "resend"]


async def offer(desk: Desk, item: Item) -> None:
    """Submit an item that nothing hinders, unless the brakes say otherwise. The request id of an earlier try
    that was put off, or never left, is kept (Partner Center docs, headers page, June 2022).

    Raises AccessDenied, SignInNeeded or PausedTooLong when the run must stop; the item is unsent then. While
    nobody can sign in to submit, it is put off.
    """
    if not (desk.service.writes or desk.brakes.dry):
        desk.brakes.halt(nobody_to_submit())
    obstacle = desk.brakes.obstacle(item)
    if obstacle is None and item.wish.qualification is Qualification.GCC and not item.code_checked:
        obstacle = unchecked_code()
    if obstacle is not None:
        desk.close(item, obstacle)
        return
    if desk.brakes.hold:
        item.held = True
        return
    if not await _signed_in(desk, item):
        return
    if item.entry.state is not State.QUEUED:
        await enrol_again(desk, item)
    request_id = item.entry.request_id or str(uuid.uuid4())
    reached("intend.before")
    item.record = await desk.ledger.intend(item.entry, request_id)
    reached("intend.after")
    item.offered = False
    await _post(desk, item, request_id)


async def resend(desk: Desk, item: Item) -> None:
    """Send a submission of unknown fate again, after patience showed that it never arrived.

    The request id stays the same while no answer came, and is new after one, as 409 is (Partner Center
    docs, headers page, June 2022).
    """
    if not await _signed_in(desk, item):
        return
    record = item.entry
    request_id = record.request_id
    if request_id is None or record.answered_sends == record.sends:
        request_id = str(uuid.uuid4())
    reached("resend.before")
    item.record = await desk.ledger.resend(record, request_id)
    reached("resend.after")
    await _post(desk, item, request_id)


async def _signed_in(desk: Desk, item: Item) -> bool:
    """Whether somebody is, asked before the intent is written: else it would be written and taken back again
    and again while nobody can sign in. Raises SignInNeeded."""
    try:
        await desk.service.ready_to_submit()
    except SignInUnreachable as away:
        desk.sign_in.tell(away)
        left = desk.sign_in.left(away)
        item.due = desk.now() + min(away.wait, left)
        if left <= 0:
            desk.brakes.halt(desk.sign_in.stop(away, looks_go_on=True))
            desk.close(item, desk.brakes.obstacle(item))
        return False
    return True


async def _post(desk: Desk, item: Item, request_id: str) -> None:
    record = item.entry
    desk.open_submissions += 1
    try:
        submission = await desk.service.submit(record.request, request_id=request_id)
    except (FateUnknown, AlreadyThere) as failure:
        reached("answer.lost")
        _unclear(desk, item, failure)
        if isinstance(failure, AlreadyThere):
            desk.brakes.submission_answered(item)
        else:
            desk.brakes.not_answered(item)
        desk.say(AnswerLost(item.wish, request_id, failure.message))
    except NotSent as failure:
        reached("withdraw.before")
        item.record = await desk.ledger.withdraw(record, failure.message)
        reached("withdraw.after")
        earlier_send = item.entry.state is State.SENDING
        desk.close(item, None if earlier_send else desk.brakes.obstacle(item) or _failed("not-sent", failure))
    except (AccessDenied, SignInNeeded, PausedTooLong) as reason:
        # To everyone: this one was not taken, and the wish stays queued.
        reached("stopped.before")
        item.record = await desk.ledger.withdraw(
            record, reason.message, answered=isinstance(reason, AccessDenied)
        )
        reached("stopped.after")
        item.offered = item.entry.state is State.QUEUED
        raise
    except (Refused, NotFound) as failure:
        reached("answer.refused")
        _refused(desk, item, failure)
    else:
        reached("answer.accepted")
        _accepted(desk, item, request_id, submission)
    finally:
        desk.open_submissions -= 1
        desk.last_answer = item.sent_at = desk.now()
        reached("answer.over")


def _unclear(desk: Desk, item: Item, failure: CallFailed) -> None:
    """Nothing says whether it arrived: from now on looks have to tell."""
    item.record = recording.answer_lost(desk.ledger, item.entry, failure)
    item.nothing_since = None
    item.due = desk.now()


def _refused(desk: Desk, item: Item, failure: CallFailed) -> None:
    """Final, unless an earlier send for the same wish may have arrived: then looks come first."""
    record = item.entry
    desk.brakes.submission_answered(item, failure)
    desk.remark(item, failure, "submission" if desk.brakes.submissions.at_first else None)
    if item.given_up or record.answered_sends < record.sends - 1:
        item.refusal = failure
        _unclear(desk, item, failure)
        return
    item.record = recording.refused(desk.ledger, record, failure)
    desk.close(item)


def _accepted(desk: Desk, item: Item, request_id: str, submission: Submission) -> None:
    desk.say(Submitted(item.wish, request_id, submission.http_status))
    desk.brakes.submission_answered(item)
    if submission.refusal is not None:
        item.record = recording.denied_in_words(desk.ledger, item.entry, submission)
        desk.close(item)
        return
    item.record = recording.accepted(desk.ledger, item.entry, submission)
    item.due = desk.now() + desk.poll_min
    desk.report(item)


def _failed(code: str, failure: CallFailed) -> Obstacle:
    return Obstacle(
        Outcome.FAILED,
        failure.error_code or code,
        failure.message,
        failure.http_status,
        failure.correlation_id,
    )

"""From an answer to an error class: what the caller should do about it."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from ..errors import (
    AccessDenied,
    AlreadyThere,
    BatchqualError,
    CallFailed,
    FateUnknown,
    NotFound,
    Refused,
    SignInNeeded,
    Throttled,
    Unavailable,
)
from .actions import Action, action_for, hint_for, refusal_hint
from .call import Call, Reply
from .faults import Fault, read_fault, speaks_of_mfa
from .moments import retry_after
from .text import UNREADABLE, excerpt, is_blank, read_json

__all__ = ["Forbidden", "TokenRefused", "judge"]

_HIDDEN: Final = b"[hidden]"
_AUTHORIZATION_FAILED: Final = "1002"
_SHORTEST_TOKEN: Final = 7


class TokenRefused(CallFailed):
    """401: the service did not take this token. Nothing was processed. Never leaves this package."""


class Forbidden(Exception):
    """A read was refused to this token: another one may be let through, else ``verdict`` is the error. Never
    leaves this package."""

    def __init__(self, verdict: BatchqualError) -> None:
        super().__init__(verdict.message)
        self.verdict = verdict


def judge(call: Call, reply: Reply, now: datetime) -> Reply:
    """The reply itself when it is what the door promises, else its error is raised.

    401, 429 and 503 with Retry-After are decided by status and headers alone. Of the others a refusal (4xx)
    without a body counts by its status, too: services answer so by default. What has a body that is not JSON
    may come from a gateway that knows nothing of the call's fate.
    """
    reply = _without_token(call.bearer.token, reply)
    if action_for(reply.status, None) is Action.ACCEPT:
        return _accepted(call, reply)
    raise _verdict(call, reply, now)


def _without_token(token: str, reply: Reply) -> Reply:
    """A service that quotes the token must not bring it into a report. It is hidden before anything reads the
    answer: a message is cut to a length that a token exceeds, and half of one is no longer found."""
    body, reason = reply.body, reply.reason
    if len(token) < _SHORTEST_TOKEN:
        return reply  # it would be found in the middle of words
    for form in _disguises(token):
        if form in body:
            body = body.replace(form, _HIDDEN)
        reason = reason.replace(form.decode(), _HIDDEN.decode())
    if body is reply.body and reason == reply.reason:
        return reply
    return replace(reply, body=body, reason=reason)


@lru_cache(maxsize=16)
def _disguises(token: str) -> frozenset[bytes]:
    """A token as it is, and as a page, a query or a JSON text would spell it."""
    spelled = (token, quote(token, safe=""), html.escape(token), json.dumps(token)[1:-1])
    return frozenset(one.encode() for one in (*spelled, token.replace("/", "\\/")) if one)


def _verdict(call: Call, reply: Reply, now: datetime) -> BatchqualError | Forbidden:
    fault = read_fault(reply, call.masked)
    action = action_for(reply.status, fault.code, wait_asked="Retry-After" in reply.headers)
    if action is Action.SIGN_IN and speaks_of_mfa(reply):
        action = Action.SIGN_IN_MFA
    if action is Action.SIGN_IN_MFA:
        return _mfa_missing(fault)
    if action is Action.WAIT:
        return Throttled(
            _sentence(reply, fault),
            retry_after=retry_after(reply.headers, now),
            http_status=reply.status,
            error_code=fault.code,
            correlation_id=reply.correlation_id,
        )
    if action is Action.SIGN_IN:
        return _failure(TokenRefused, call, reply, fault)
    action = _second_thoughts(action, reply.status, fault, writes=call.writes)
    error = _final(action, call, reply, fault)
    forbids = reply.status == 403 or fault.code == _AUTHORIZATION_FAILED
    if forbids and not call.writes and action is not Action.RETRY:
        return Forbidden(error)
    return error


def _final(action: Action, call: Call, reply: Reply, fault: Fault) -> BatchqualError:
    if action is Action.STOP_RUN:
        return AccessDenied(
            f"Partner Center refuses the partner as a whole: {_sentence(reply, fault)}",
            hint=hint_for(fault.code),
        )
    return _failure(_error_of(action, reply.status, writes=call.writes), call, reply, fault)


def _accepted(call: Call, reply: Reply) -> Reply:
    """Any 2xx accepts a write, whatever its body; a read needs a body that can be read, or none."""
    if call.writes or (reply.complete and (is_blank(reply.body) or read_json(reply.body) is not UNREADABLE)):
        return reply
    raise Unavailable(
        f"The answer to {call.endpoint} could not be read (HTTP {reply.status}).",
        http_status=reply.status,
        correlation_id=reply.correlation_id,
    )


def _second_thoughts(action: Action, status: int, fault: Fault, *, writes: bool) -> Action:
    """What the body says on top of the table: whether it can be believed, and whether to repeat."""
    clear = fault.readable or (fault.empty and 400 <= status < 500)
    if not clear or (writes and status >= 500):
        return Action.RETRY
    if fault.retryable is True and status < 500 and action is not Action.LOOK:
        return Action.RETRY
    if fault.retryable is False and action is Action.RETRY and not writes:
        return Action.REFUSE_ROW
    return action


def _error_of(action: Action, status: int, *, writes: bool) -> type[CallFailed]:
    if writes:
        by_action: dict[Action, type[CallFailed]] = {
            Action.RETRY: FateUnknown,
            Action.LOOK: AlreadyThere,
        }
        return by_action.get(action, Refused)
    if action in (Action.RETRY, Action.LOOK):
        return Unavailable
    return NotFound if status == 404 else Refused


def _failure(error: Callable[..., CallFailed], call: Call, reply: Reply, fault: Fault) -> CallFailed:
    return error(
        _sentence(reply, fault),
        http_status=reply.status,
        error_code=fault.code,
        correlation_id=reply.correlation_id,
        body=excerpt(reply.body, call.masked),
        hint=refusal_hint(reply.status, fault.code) if reply.status in (401, 403) else "",
    )


def _mfa_missing(fault: Fault) -> SignInNeeded:
    words = f" ({fault.message})" if fault.message else ""
    return SignInNeeded(
        f"Partner Center refuses the token, which lacks multi-factor authentication{words}.",
        hint="Sign in again as a user with MFA; renewing the same sign-in does not help.",
        code="mfa-needed",
    )


def _sentence(reply: Reply, fault: Fault) -> str:
    """The service's own words where there are any."""
    if fault.readable and fault.message:
        return fault.message
    return f"HTTP {reply.status}" + (f": {fault.message}" if fault.message else "")

"""What to do about an answer, as data: (HTTP status, the service's code) -> action.

The statuses are those of the Partner Center docs (error codes page, June 2023). No public list holds a code
that belongs to the qualification calls alone, so these are the general ones, and every other code of a status
is treated as that status says.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

__all__ = ["Action", "action_for", "hint_for"]


class Action(Enum):
    """What the caller should do."""

    ACCEPT = "accept"  # 2xx
    RETRY = "retry"  # a passing fault: repeat a read; the fate of a write is unknown
    LOOK = "look"  # there already, or in progress: a look decides
    REFUSE_ROW = "refuse row"  # final for this row
    STOP_RUN = "stop run"  # final for everyone
    SIGN_IN = "sign in"  # the token: renew it, then ask a person
    SIGN_IN_MFA = "sign in with MFA"  # a renewed token would not help
    WAIT = "wait"  # everyone waits, then the same call again


_BY_STATUS: Final = {
    401: Action.SIGN_IN,
    405: Action.STOP_RUN,
    406: Action.STOP_RUN,
    408: Action.RETRY,
    409: Action.LOOK,
    425: Action.RETRY,
    429: Action.WAIT,
    501: Action.STOP_RUN,
}

_BY_CODE: Final = {
    (400, "900127"): Action.STOP_RUN,
    (400, "900141"): Action.STOP_RUN,
    (401, "900421"): Action.SIGN_IN_MFA,
    (403, "2030"): Action.STOP_RUN,
    (403, "800039"): Action.STOP_RUN,
    (403, "900123"): Action.STOP_RUN,
    (403, "900124"): Action.STOP_RUN,
    (403, "900149"): Action.STOP_RUN,
    (403, "900309"): Action.STOP_RUN,
    (403, "900329"): Action.STOP_RUN,
}

_NOT_ACTIVE: Final = "The partner's programme membership is not active: see its account in Partner Center."
_NOT_ENROLLED: Final = "The partner is not enrolled for this country: see its account in Partner Center."

_HINTS: Final = {
    "2030": "Accept the Microsoft Partner Agreement in Partner Center, then run again.",
    "800039": _NOT_ACTIVE,
    "900123": _NOT_ENROLLED,
    "900124": _NOT_ENROLLED,
    "900127": "This cloud does not offer qualifications: check --cloud and --base-url.",
    "900141": "A sandbox account cannot do this: use the production account of the partner.",
    "900149": _NOT_ACTIVE,
    "900309": "A Conditional Access policy blocks the token: ask the administrator of the partner's tenant.",
    "900329": "An app-only token cannot do this: sign in as a user of the partner's tenant.",
}
_HINT: Final = "Check --api, --cloud and --base-url, and the partner's account in Partner Center."


def action_for(status: int, code: str | None, *, wait_asked: bool = False) -> Action:
    """The action for an answer. Total: any status, any code.

    ``wait_asked`` says that a Retry-After came with it, which makes a 503 a throttle.
    """
    if 200 <= status < 300:
        return Action.ACCEPT
    if status == 503 and wait_asked:
        return Action.WAIT
    known = _BY_CODE.get((status, code)) if code else None
    if known or (known := _BY_STATUS.get(status)):
        return known
    # Nothing below 400 is a final word (a redirect is never followed), and nothing from 500 on is.
    return Action.REFUSE_ROW if 400 <= status < 500 else Action.RETRY


def hint_for(code: str | None) -> str:
    """What a person can do about an answer that stops the run."""
    return _HINTS.get(code or "", _HINT)

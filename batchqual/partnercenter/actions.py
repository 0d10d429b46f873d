"""What to do about an answer, as data: (HTTP status, the service's code) -> action.

The statuses are those of the Partner Center docs (error codes page, June 2023). No public list holds a code
that belongs to the qualification calls alone, so these are the general ones, and every other code of a status
is treated as that status says. docs/explanation/partner-center.md has the whole table.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

__all__ = ["Action", "action_for", "alike_limit", "hint_for", "refusal_hint", "remark_on"]


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
    407: Action.STOP_RUN,
    408: Action.RETRY,
    409: Action.LOOK,
    425: Action.RETRY,
    429: Action.WAIT,
    501: Action.STOP_RUN,
}

_BY_CODE: Final = {
    (400, "900127"): Action.STOP_RUN,
    (400, "900141"): Action.STOP_RUN,
    (401, "1002"): Action.STOP_RUN,
    (401, "900421"): Action.SIGN_IN_MFA,
    (403, "1002"): Action.STOP_RUN,
    (403, "800039"): Action.STOP_RUN,
    (403, "900124"): Action.STOP_RUN,
    (403, "900149"): Action.STOP_RUN,
    (403, "900329"): Action.STOP_RUN,
}
"""What concerns the caller, whatever the row. 1002 is "Authorization Failed" (PartnerCenterPowerShellModule,
issue 83, which does not show its status)."""

_ROWS_OWN: Final = frozenset(
    {
        *("1000", "2000", "2001", "2030", "3000", "20002", "60003", "600006", "800002", "800036", "800060"),
        *("800064", "800073", "800074", "800075", "800082", "800086", "900118", "900123"),
    }
)
"""Codes that tell of the row or of its customer: however many rows get one, the others may be taken."""
_ROWS_OWN_BY_STATUS: Final = frozenset({404, 409, 412, 417})
_CALLERS_AT_FIRST: Final = frozenset({"2032", "900126", "900150", "900309"})
"""Codes that may be about the customer or about the caller: the caller, where the first rows all get it."""
_COUNTRY: Final = "2030"
_AT_FIRST: Final = 3
_IN_A_ROW: Final = 10

_UNSUPPORTED: Final = "The service does not offer this call here: check --api, --cloud and --base-url."
_NOT_ACTIVE: Final = "The partner's programme membership is not active: see its account in Partner Center."
_ROLE: Final = (
    "Sign in as a partner user with a role that may do this: Admin agent, Sales agent or Global admin."
)
_POLICY: Final = (
    "A Conditional Access policy blocks the token. Ask the administrator of the partner's tenant."
)
_WRONG_CALLER: Final = (
    "the app is not registered in Partner Center (Account settings, App management), the token is not of the "
    "partner's own tenant, it is for another audience than https://api.partnercenter.microsoft.com (or that "
    "of its cloud), or the user lacks a role there (Admin agent, Sales agent or Global admin). `batchqual "
    "doctor` looks at each."
)

_HINTS: Final = {
    "1002": f"It can mean that {_WRONG_CALLER}",
    "2032": _ROLE,
    "800039": _NOT_ACTIVE,
    "900124": "Your company has not accepted the Microsoft Partner Agreement: accept it in Partner Center, "
    "then run again.",
    "900126": "The service understands none of these requests: check --api, or try another one.",
    "900127": _UNSUPPORTED,
    "900141": _UNSUPPORTED,
    "900149": _NOT_ACTIVE,
    "900150": _ROLE,
    "900308": "You have no role that may do this. At a customer it takes a GDAP relationship, which the "
    "customer approves; in your own account the role Admin agent, Sales agent or Global admin.",
    "900309": _POLICY,
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


def alike_limit(status: int | None, code: str | None, *, at_first: bool) -> int | None:
    """How many rows in a row may be refused alike until that is taken for a refusal of the caller; None where
    it stays each row's own. ``at_first``: no row was answered otherwise before."""
    if code in _ROWS_OWN or status in _ROWS_OWN_BY_STATUS:
        return None
    return _AT_FIRST if at_first and code in _CALLERS_AT_FIRST else _IN_A_ROW


def hint_for(code: str | None) -> str:
    """What a person can do about an answer that stops the run."""
    return _HINTS.get(code or "", _HINT)


def remark_on(status: int | None, code: str | None, first: str | None) -> str | None:
    """What one row's refusal says of more than that row, in words for the whole run; None where nothing.
    ``first`` names the call, where none of its kind was answered otherwise before."""
    if code == _COUNTRY:
        return (
            "Partner Center says that you are not onboarded for the country of this customer (2030). That "
            "holds for all customers of that country, and for no others."
        )
    bare = status == 403 and code not in _ROWS_OWN and code not in _HINTS
    return (
        f"Partner Center refused the first {first}. {refusal_hint(status, code)}" if bare and first else None
    )


def refusal_hint(status: int | None, code: str | None) -> str:
    """The same where a call was refused and nothing else is known: what a bare 401 or 403 can mean."""
    if code in _HINTS or status not in (401, 403):
        return hint_for(code)
    return f"If every call is refused so, {_WRONG_CALLER}"

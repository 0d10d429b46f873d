"""What a person should do about a row, in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ..model import ABSENT, Outcome, Qualification, RowResult
from .playbook import (
    CONFLICTS,
    FAILURES,
    NO_RELATION,
    REASONS,
    ROLES_FOR_GCC,
    UNKNOWNS,
    WAITING_FOR,
    WITHOUT_A_WORD,
)

__all__ = ["deciding_code", "task_of", "what_to_do"]

_EDUCATION_LIMIT = 3
_MAY_BE_SENT = (Outcome.DENIED, Outcome.NOT_ATTEMPTED)
_SETTLING = ("Approved", "Denied")
"""Verdicts, which count once a look has shown them."""
_CELLS = ("2000", "2001", "3000", "800002")
_RELATIONSHIP = re.compile(r"\brelation(ship)?s?\b", re.IGNORECASE)
"""3000 is an invalid value, and has also come for a customer without a relationship (PowerShell module, issue
51): the words tell."""
_NONE_LEFT = (
    "No request is left for this customer. Have it correct what the vetting reason says, then ask Partner "
    "Center support for a manual check, with proof that the organisation is accredited."
)


def deciding_code(result: RowResult) -> str | None:
    """The code that decided the row: the verdict's, else that of its first problem."""
    if result.verdict.error_code:
        return result.verdict.error_code
    return result.row.problems[0].code if result.row.problems else None


def what_to_do(result: RowResult) -> str:
    """The next step for a person, in a sentence or two; empty when there is nothing to do."""
    task = task_of(result)
    outcome = result.verdict.outcome
    if outcome is Outcome.INVALID:
        return _correct_cells(result)
    if outcome in _MAY_BE_SENT and result.verdict.attempts and _asks_education(result):
        return f"{task} {_requests_used(result.verdict.attempts)}"
    return task


def task_of(result: RowResult) -> str:
    """The same without what differs from row to row: rows with the same task belong together."""
    task = _TASKS.get(result.verdict.outcome)
    return task(result, deciding_code(result) or "") if task else ""


def _about_denial(result: RowResult, code: str) -> str:
    if code == "not-looked-at":
        return "This run has not learnt how it stands: run the same command again before anything else."
    task = _about_reason(result)
    none_left = result.verdict.attempts >= _EDUCATION_LIMIT and _asks_education(result)
    return _NONE_LEFT if none_left and "--resubmit-denied" in task else task


def _about_reason(result: RowResult) -> str:
    verdict = result.verdict
    if verdict.vetting_status == ABSENT:
        return (
            "The service lists this qualification no longer. Ask the customer what has changed, and Partner "
            "Center support why it was removed; --resubmit-denied asks for it again."
        )
    reason = re.sub(r"\s*[-‐‑‒–—]\s*", " - ", " ".join((verdict.vetting_reason or "").split()))
    return REASONS.get(
        reason.rstrip(".").casefold(),
        "Ask Partner Center support about the vetting reason; once its cause is corrected, run again with "
        "--resubmit-denied.",
    )


def _requests_used(attempts: int) -> str:
    used = f"{attempts} of {_EDUCATION_LIMIT} requests used"
    if attempts >= _EDUCATION_LIMIT:
        return f"{used}: only Partner Center support can have it checked again."
    if attempts == _EDUCATION_LIMIT - 1:
        return f"{used}: the last one also needs --allow-last-attempt."
    return f"{used}."


def _asks_education(result: RowResult) -> bool:
    return _asks(result) == Qualification.EDUCATION


def _asks(result: RowResult) -> str:
    return result.row.request.qualification if result.row.request else result.row.qualification


def _about_review(result: RowResult, code: str) -> str:
    if code == "not-visible-yet":
        return (
            "Accepted, but the service does not show it yet; it is not sent again. If this lasts longer than "
            "a day, open a ticket with the request and correlation IDs."
        )
    if code == "no-longer-visible":
        return (
            "The service has shown it, and does not show it any more. The next run looks again: if it stays "
            "away, it is denied."
        )
    status = result.verdict.vetting_status
    if status in _SETTLING:
        return f"The answer says {status}; the next look confirms it."
    if status not in (None, "", "InReview"):
        return "The service shows a status that this version does not know. The next run looks again."
    return "Nothing now: vetting takes days, and the next run looks again."


def _correct_cells(result: RowResult) -> str:
    cells = list(dict.fromkeys(problem.cell for problem in result.row.problems if problem.cell))
    if not cells:
        return f"Correct row {result.row.row} of {result.row.source}, then run again."
    named = cells[0] if len(cells) == 1 else f"{', '.join(cells[:-1])} and {cells[-1]}"
    return f"Correct cell{'s' if len(cells) > 1 else ''} {named} of {result.row.source}, then run again."


def _about_failure(result: RowResult, code: str) -> str:
    verdict = result.verdict
    if (code in _CELLS or code not in FAILURES) and _RELATIONSHIP.search(verdict.error_message or ""):
        return NO_RELATION
    if code == "900308" and _asks(result) == Qualification.GCC:
        return ROLES_FOR_GCC
    if verdict.http_status == 403 and (code == "not-my-customer" or code not in FAILURES):
        return WITHOUT_A_WORD
    return FAILURES.get(
        code, "Read the error message; if it does not help, open a ticket with the correlation ID."
    )


def _from(table: Mapping[str, str], otherwise: str) -> Callable[[RowResult, str], str]:
    return lambda _result, code: table.get(code, otherwise)


_TASKS: dict[Outcome, Callable[[RowResult, str], str]] = {
    Outcome.NOT_ATTEMPTED: _from(WAITING_FOR, "Not sent yet: `batchqual run` with the same file sends it."),
    Outcome.IN_REVIEW: _about_review,
    Outcome.DENIED: _about_denial,
    Outcome.INVALID: _from({}, "Correct the cells named in the error message, then run again."),
    Outcome.CONFLICT: _from(CONFLICTS, "Settle what the error message says, then run again."),
    Outcome.FAILED: _about_failure,
    Outcome.UNKNOWN: _from(
        UNKNOWNS,
        "Look the customer up in Partner Center before anything else, and do not send the request by hand: "
        "it may have arrived. The next run of the same file looks again, and sends it again if looks show "
        "nothing.",
    ),
}
"""By outcome; for the others there is nothing to do."""

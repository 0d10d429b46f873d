"""What can go wrong, sorted by what the caller should do about it.

::

    BatchqualError                 code, hint, exit code
    ├── UsageError          2      wrong command, option or setting: nothing was sent
    ├── InputError          10     the spreadsheet cannot be read, or has no usable heading
    ├── LedgerError         11     the ledger cannot be used
    │   ├── LedgerInUse            another run holds it
    │   └── IllegalMove            a state change that the table of moves forbids
    ├── SignInNeeded        12     stop the run: a person must sign in
    │   ├── WriteSignInNeeded      stop submitting: looks have a token of their own and go on
    │   └── SignInUnreachable      wait and ask again: signing in worked before, and nobody has to act
    ├── RunStopped          13     stop the run: nothing more may be submitted
    │   ├── AccessDenied           the API, or a proxy, refuses the caller as a whole
    │   ├── RefusedAlike           so many rows in a row met the same refusal that it is the caller's
    │   ├── TooManyFailures        --max-failures
    │   ├── NoClearAnswers         ten submissions in a row, and looks find none of them
    │   ├── InputWarnings          --strict
    │   └── PausedTooLong          a Retry-After longer than the run may wait
    ├── Unbalanced          1      rows in are not the sum of outcomes: no report pretends otherwise
    ├── LedgerLost          1      the ledger failed in the middle of a run
    └── CallFailed                 one call to the API failed
        ├── NotSent                no byte left this machine: repeat the call
        ├── Throttled              429, or 503 with Retry-After: wait with everyone, then repeat
        ├── Unavailable            a read met a passing fault: repeat with back-off
        ├── FateUnknown            a write may have arrived: look before anything is sent again
        ├── AlreadyThere           409 to a write: look, and let the look decide
        ├── NotFound               404
        └── Refused                final for this row
"""

from __future__ import annotations

__all__ = [
    "AccessDenied",
    "AlreadyThere",
    "BatchqualError",
    "CallFailed",
    "FateUnknown",
    "IllegalMove",
    "InputError",
    "InputWarnings",
    "LedgerError",
    "LedgerInUse",
    "LedgerLost",
    "NoClearAnswers",
    "NotFound",
    "NotSent",
    "PausedTooLong",
    "Refused",
    "RefusedAlike",
    "RunStopped",
    "SignInNeeded",
    "SignInUnreachable",
    "Throttled",
    "TooManyFailures",
    "Unavailable",
    "Unbalanced",
    "UsageError",
    "WriteSignInNeeded",
]


class BatchqualError(Exception):
    """Root of every error that is meant for a person.

    ``message`` says what happened, ``hint`` what to do next, ``code`` is a stable word for scripts.
    """

    exit_code = 1
    code = "unexpected"
    hint = ""

    def __init__(self, message: str, *, hint: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if hint is not None:
            self.hint = hint
        if code is not None:
            self.code = code


class UsageError(BatchqualError):
    """Wrong command, option or setting. Nothing was sent."""

    exit_code = 2
    code = "usage"


class InputError(BatchqualError):
    """The input cannot be read, or has no usable heading. Nothing was sent."""

    exit_code = 10
    code = "input"


class LedgerError(BatchqualError):
    """The ledger cannot be used. Nothing was sent."""

    exit_code = 11
    code = "ledger"


class LedgerInUse(LedgerError):
    """Another run holds the ledger."""

    code = "ledger-in-use"


class IllegalMove(LedgerError):
    """A state change that the table of legal moves forbids: a defect in this program."""

    exit_code = 1
    code = "illegal-move"


class SignInNeeded(BatchqualError):
    """No usable token: a person has to sign in."""

    exit_code = 12
    code = "sign-in"


class WriteSignInNeeded(SignInNeeded):
    """No token for submissions, and one for looks: nothing more is submitted, and what is in review is looked
    at."""


class SignInUnreachable(SignInNeeded):
    """Signing in worked before in this run, and the sign-in service cannot be reached now: an outage.

    ``wait`` is in how many seconds it will be asked again, ``since`` when it was away first, in seconds of
    the event loop.
    """

    code = "sign-in-unreachable"
    hint = "`batchqual doctor` names the hop that fails; the same command goes on where it was."

    def __init__(self, message: str, *, wait: float, since: float) -> None:
        super().__init__(message)
        self.wait = wait
        self.since = since


class RunStopped(BatchqualError):
    """Nothing more may be submitted in this run."""

    exit_code = 13
    code = "stopped"


class AccessDenied(RunStopped):
    """The API, or a proxy on the way to it, refuses the caller as a whole, whatever the row."""

    code = "access-denied"


class RefusedAlike(RunStopped):
    """So many rows in a row met the same refusal that it is not theirs."""

    code = "refused-alike"


class TooManyFailures(RunStopped):
    """More rows failed than ``--max-failures`` allows."""

    code = "too-many-failures"


class NoClearAnswers(RunStopped):
    """Ten submissions in a row got no clear answer, and looks found none of them."""

    code = "no-clear-answers"


class InputWarnings(RunStopped):
    """``--strict``, and the input has warnings."""

    code = "strict"


class PausedTooLong(RunStopped):
    """The service asked for a longer pause than this run may wait."""

    code = "paused-too-long"


class Unbalanced(BatchqualError):
    """Rows in are not the sum of outcomes: a defect in this program, never papered over."""

    code = "unbalanced"


class LedgerLost(BatchqualError):
    """The ledger failed in the middle of a run, so the run ended at once."""

    code = "ledger-lost"
    hint = "Mend that, then run the same command again: what was sent is looked up before anything is sent."


class CallFailed(BatchqualError):
    """One call to the API failed.

    ``http_status`` is None when no status line arrived; ``error_code`` is the service's own code as text;
    ``correlation_id`` is the one that was sent, for a support ticket; ``body`` is the beginning of the
    answer, on one line, with the call's secrets masked.
    """

    code = "api"

    def __init__(
        self,
        message: str,
        *,
        http_status: int | None = None,
        error_code: str | None = None,
        correlation_id: str | None = None,
        body: str = "",
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.http_status = http_status
        self.error_code = error_code
        self.correlation_id = correlation_id
        self.body = body


class NotSent(CallFailed):
    """No byte of the request left this machine (DNS, connect, TLS, or stopped before its turn)."""


class Throttled(CallFailed):
    """429, or 503 with Retry-After. ``retry_after`` in seconds; None when the service gave none."""

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None,
        http_status: int | None = None,
        error_code: str | None = None,
        correlation_id: str | None = None,
    ) -> None:
        super().__init__(
            message, http_status=http_status, error_code=error_code, correlation_id=correlation_id
        )
        self.retry_after = retry_after


class Unavailable(CallFailed):
    """A read met a passing fault: 5xx, a reset, a time-out, an unreadable answer."""


class FateUnknown(CallFailed):
    """A write may have arrived and no clear answer came back."""


class AlreadyThere(CallFailed):
    """409 to a write: there already, or in progress. A look decides."""


class NotFound(CallFailed):
    """404: no such customer, or no qualification."""


class Refused(CallFailed):
    """The service refused this call for good."""

"""What can go wrong when a token is asked for: one value per misfortune, to be queued one per request.

Error bodies have the members that Entra's documentation shows (reference of the AADSTS codes).
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal

__all__ = [
    "HTML",
    "RESET_AFTER",
    "RESET_BEFORE",
    "TRUNCATED",
    "Answer",
    "TokenFault",
    "broken",
    "held",
    "interaction_required",
    "invalid_client",
    "invalid_grant",
    "refused",
    "slow",
    "throttled",
    "unavailable",
]

_ID: Final = "00000000-0000-4000-8000-0000000000f1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes out: JSON, unless ``body`` is text already."""

    status: int
    body: dict[str, object] | str
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json"

    @property
    def text(self) -> str:
        """The body as it goes out."""
        return self.body if isinstance(self.body, str) else json.dumps(self.body)

    @property
    def error(self) -> str | None:
        """The member ``error``, where the body has one."""
        return str(self.body["error"]) if isinstance(self.body, dict) and "error" in self.body else None


@dataclass(frozen=True, slots=True)
class TokenFault:
    """What happens to one token request.

    ``answer``: given instead of looking at the request. Without one the request is dealt with (a refresh
    token rotates, a code is spent) and then spoiled: ``delay`` in seconds, held back ``until`` a test sets
    the event, ``cut`` to half of the JSON, or ``reset``. A reset ``before`` comes before the request is dealt
    with.
    """

    answer: Answer | None = None
    delay: float = 0.0
    until: threading.Event | None = None
    cut: bool = False
    reset: Literal["before", "after"] | None = None


def refused(
    error: str, code: int, sentence: str, *, suberror: str | None = None, status: int = 400
) -> Answer:
    """An error as Entra says it."""
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}"
    described = f"AADSTS{code}: {sentence} Trace ID: {_ID} Correlation ID: {_ID} Timestamp: {now}"
    body: dict[str, object] = {
        "error": error,
        "error_description": described,
        "error_codes": [code],
        "timestamp": now,
        "trace_id": _ID,
        "correlation_id": _ID,
        "error_uri": f"https://login.contoso.example/error?code={code}",
    }
    return Answer(status, body | ({"suberror": suberror} if suberror else {}))


def invalid_grant(code: int = 700082, suberror: str | None = None) -> TokenFault:
    """By default: the refresh token has expired because nobody used it. 50173: it was revoked; 53003: blocked
    by Conditional Access."""
    sentence = "The refresh token has expired due to inactivity."
    return TokenFault(refused("invalid_grant", code, sentence, suberror=suberror))


def interaction_required(code: int = 50076, suberror: str | None = "basic_action") -> TokenFault:
    """By default: the user must use multi-factor authentication."""
    sentence = "You must use multi-factor authentication to access the resource."
    return TokenFault(refused("interaction_required", code, sentence, suberror=suberror))


def invalid_client(code: int = 7000222) -> TokenFault:
    """By default: the client secret has expired."""
    return TokenFault(
        refused("invalid_client", code, "The provided client secret keys are expired.", status=401)
    )


def broken(status: int = 500) -> TokenFault:
    """The service fails, in JSON."""
    return TokenFault(refused("server_error", 90033, "A transient error has occurred.", status=status))


def unavailable(retry_after: int | None = 1) -> TokenFault:
    """503, and how many seconds to wait."""
    return _wait(503, "temporarily_unavailable", 90033, retry_after)


def throttled(retry_after: int | None = 1) -> TokenFault:
    """429, and how many seconds to wait."""
    return _wait(429, "invalid_request", 90055, retry_after)


def _wait(status: int, error: str, code: int, retry_after: int | None) -> TokenFault:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return TokenFault(Answer(status, refused(error, code, "Too many requests.").body, headers))


def slow(seconds: float) -> TokenFault:
    """The true answer, late."""
    return TokenFault(delay=seconds)


def held(until: threading.Event) -> TokenFault:
    """The true answer, once the test sets the event (or after half a minute: no test hangs for ever)."""
    return TokenFault(until=until)


HTML: Final = TokenFault(
    Answer(200, "<html><body>Please sign in to the guest network.</body></html>", kind="text/html")
)
TRUNCATED: Final = TokenFault(cut=True)
RESET_BEFORE: Final = TokenFault(reset="before")
RESET_AFTER: Final = TokenFault(reset="after")

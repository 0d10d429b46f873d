"""What the sign-in service says, in words for the person who can mend it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from batchqual.errors import SignInNeeded

__all__ = ["PASSING_CODES", "Passing", "refusal"]

PASSING_CODES: Final = frozenset({"store-busy", "vault-unreachable"})
"""Codes of SignInNeeded that are about the moment: another try may mend them."""


class Passing(Exception):
    """The sign-in service could not answer now. Worth another try, after ``wait`` seconds if it said so."""

    def __init__(self, words: str, *, wait: float = 0.0) -> None:
        super().__init__(words)
        self.wait = wait


_AGAIN: Final = "; the same command then goes on where it was."
_PERSON: Final = (
    "A partner user (Admin agent, Sales agent or Global admin) has to sign in again with MFA: run "
    "`batchqual login`, or put a new refresh token into BATCHQUAL_REFRESH_TOKEN" + _AGAIN
)
_REGISTRAR: Final = (
    "Whoever administers the app registration has to give it a new secret or certificate; set it in "
    "BATCHQUAL_CLIENT_SECRET or BATCHQUAL_CLIENT_CERTIFICATE" + _AGAIN
)
_ADMINISTRATOR: Final = (
    "An administrator of the partner's tenant has to consent to the app, and to register it in Partner "
    "Center (Account settings, App management)" + _AGAIN
)

#: By error or, where it says more, by suberror (OAuth 2.0; Microsoft identity platform, error codes page:
#: clients key on these words, not on AADSTS numbers).
_WORDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "invalid_grant": ("sign-in-expired", "The sign-in has run out, or was revoked", _PERSON),
    "interaction_required": ("interaction-required", "The sign-in service wants to see a person", _PERSON),
    "login_required": ("interaction-required", "The sign-in service wants to see a person", _PERSON),
    "consent_required": ("consent-required", "The app has no consent for Partner Center", _ADMINISTRATOR),
    "unauthorized_client": (
        "app-not-allowed",
        "The app registration does not allow this way to sign in",
        _ADMINISTRATOR,
    ),
    "invalid_client": ("app-refused", "The app's secret or certificate is not taken", _REGISTRAR),
    "authorization_declined": ("declined", "The sign-in was declined", "Run it again, and accept" + _AGAIN),
    "access_denied": ("declined", "The sign-in was declined", "Run it again, and accept" + _AGAIN),
    "expired_token": ("too-late", "Nobody entered the code in time", "Run the same command again."),
    "code_expired": ("too-late", "Nobody entered the code in time", "Run the same command again."),
    "invalid_scope": ("app-not-allowed", "The app was not given Partner Center", _ADMINISTRATOR),
    "invalid_resource": ("app-not-allowed", "The tenant does not know Partner Center", _ADMINISTRATOR),
}
_PASSING: Final = {"temporarily_unavailable", "server_error", "slow_down", "request_timeout"}
_LONGEST: Final = 300
_END_OF_SENTENCE: Final = re.compile(r"[\r\n]| Trace ID:| Correlation ID:| Timestamp:")


def refusal(answer: Mapping[str, object]) -> SignInNeeded:
    """The error of an answer without a token. Raises Passing when the answer says to try again."""
    error, suberror = str(answer.get("error", "")), str(answer.get("suberror", ""))
    if error in _PASSING or not error:
        raise Passing(_said(answer) or "an answer without a token")
    known = _WORDS.get(suberror) or _WORDS.get(error)
    code, words, hint = known or ("sign-in", f"The sign-in service refuses ({_plain(error)[:60]})", _PERSON)
    said = _said(answer)
    return SignInNeeded(f"{words}{f': {said}' if said else ''}.", hint=hint, code=code)


def _said(answer: Mapping[str, object]) -> str:
    """The first sentence of the service's own words, which names the trouble; what follows are trace IDs."""
    words = _END_OF_SENTENCE.split(str(answer.get("error_description") or ""))[0]
    return _plain(words).rstrip(".")[:_LONGEST]


def _plain(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text).strip()

"""What the sign-in service says, in words for the person who can mend it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from batchqual.errors import SignInNeeded

__all__ = ["PASSING_CODES", "Passing", "Remedies", "refusal", "remedies"]

PASSING_CODES: Final = frozenset({"store-busy", "vault-unreachable"})
"""Codes of SignInNeeded that are about the moment: another try may mend them."""


class Passing(Exception):
    """The sign-in service could not answer now. Worth another try, after ``wait`` seconds if it said so.
    ``failure`` says it to a person, where there are better words than that it cannot be reached."""

    def __init__(self, words: str, *, wait: float = 0.0, failure: SignInNeeded | None = None) -> None:
        super().__init__(words)
        self.wait = wait
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Remedies:
    """What the people concerned have to do, for one way of signing in: the partner user, and whoever
    administers the app registration."""

    person: str
    registrar: str


_AGAIN: Final = "; the same command then goes on where it was."
_USER: Final = "A partner user (Admin agent, Sales agent or Global admin) has to sign in again with MFA: "
_REGISTRAR: Final = "Whoever administers the app registration has to give it a new {}; set it in {}" + _AGAIN
_CONSENT: Final = (
    "An administrator of the partner's tenant has to consent to the app, and to register it in Partner "
    "Center (Account settings, App management)" + _AGAIN
)
_POLICY: Final = (
    "Signing in again does not help. An administrator of the partner's tenant has to act: the sign-in logs "
    "of Microsoft Entra name the policy, which has to let this user and app in from this machine" + _AGAIN
)
_ACCOUNT: Final = (
    "An administrator of the partner's tenant has to put the account in order (Microsoft Entra, Users); the "
    "sign-in logs there say more" + _AGAIN
)
_ASSIGNED: Final = (
    "An administrator of the partner's tenant has to assign the user to the app (Microsoft Entra, Enterprise "
    "applications, Users and groups)" + _AGAIN
)
_IDS: Final = (
    "Compare BATCHQUAL_TENANT_ID and BATCHQUAL_CLIENT_ID with the overview page of the app registration; if "
    "they are right, its administrator has to act" + _AGAIN
)
_PROOFS: Final = {"secret": "BATCHQUAL_CLIENT_SECRET", "certificate": "BATCHQUAL_CLIENT_CERTIFICATE"}
_AT_THE_PAGE: Final = "Run it again, and accept" + _AGAIN


def remedies(*, stored: bool, secret: bool, certificate: bool) -> Remedies:
    """For a refresh token from the settings (``stored``) or for a login of this account, and for an app with
    a secret, a certificate, or neither of them."""
    login = "run `batchqual login` as this account"
    token = "put the new refresh token where BATCHQUAL_REFRESH_TOKEN takes it from"  # noqa: S105 - words, nothing secret
    named = {"secret": secret, "certificate": certificate}
    shown = [name for name, there in named.items() if there] or list(named)
    variables = " or ".join(_PROOFS[name] for name in shown)
    return Remedies(
        _USER + (token if stored else login) + _AGAIN, _REGISTRAR.format(" or ".join(shown), variables)
    )


_Words = tuple[str, str, str]
_EXPIRED: Final = "The sign-in has run out, or was revoked"
_WANTS_A_PERSON: Final = "The sign-in service wants to see a person"
_BLOCKED: Final = "A policy of the partner's tenant blocks this sign-in"
_NO_CONSENT: Final = "The app has no consent for Partner Center"
_NOT_TAKEN: Final = "The app's secret or certificate is not taken"


def _by_error(who: Remedies) -> Mapping[str, _Words]:
    """OAuth 2.0, and the error and suberror values of the Microsoft identity platform."""
    return {
        "invalid_grant": ("sign-in-expired", _EXPIRED, who.person),
        "interaction_required": ("interaction-required", _WANTS_A_PERSON, who.person),
        "login_required": ("interaction-required", _WANTS_A_PERSON, who.person),
        "consent_required": ("consent-required", _NO_CONSENT, _CONSENT),
        "unauthorized_client": (
            "app-not-allowed",
            "The app registration does not allow this way to sign in",
            _CONSENT,
        ),
        "invalid_client": ("app-refused", _NOT_TAKEN, who.registrar),
        "authorization_declined": ("declined", "The sign-in was declined", _AT_THE_PAGE),
        "access_denied": ("declined", "The sign-in was declined", _AT_THE_PAGE),
        "expired_token": ("too-late", "Nobody entered the code in time", "Run the same command again."),
        "code_expired": ("too-late", "Nobody entered the code in time", "Run the same command again."),
        "invalid_scope": ("app-not-allowed", "The app was not given Partner Center", _CONSENT),
        "invalid_resource": ("app-not-allowed", "The tenant does not know Partner Center", _CONSENT),
    }


def _by_suberror(who: Remedies) -> Mapping[str, _Words]:
    """What says more than the error (MSAL docs, handling errors and exceptions: ``message_only`` and the like
    cannot be resolved by another sign-in, ``basic_action`` and ``additional_action`` can)."""
    policy = ("blocked-by-policy", _BLOCKED, _POLICY)
    person = ("interaction-required", _WANTS_A_PERSON, who.person)
    return {
        "message_only": policy,
        "protection_policy_required": policy,
        "device_authentication_failed": policy,
        "consent_required": ("consent-required", _NO_CONSENT, _CONSENT),
        "basic_action": person,
        "additional_action": person,
        "user_password_expired": (
            "interaction-required",
            "The password of the partner user has run out",
            who.person,
        ),
    }


def _by_number(who: Remedies) -> Mapping[int, _Words]:
    """Better words where Entra says no suberror, or one that leaves open who has to act (Microsoft Entra
    authentication and authorization error codes). Numbers change: what is not here is said by its error."""
    policy = ("blocked-by-policy", _BLOCKED, _POLICY)
    app, account = "app-not-allowed", "account-blocked"
    no_consent = ("consent-required", _NO_CONSENT, _CONSENT)
    secret = ("app-refused", _NOT_TAKEN, who.registrar)
    return {
        **dict.fromkeys(_POLICIES, policy),
        65001: no_consent,
        90094: no_consent,
        50034: (account, "The tenant does not know the partner user", _ACCOUNT),
        50053: (account, "The account of the partner user is locked", _ACCOUNT),
        50057: (account, "The account of the partner user is disabled", _ACCOUNT),
        50105: (account, "The partner user is not assigned to the app", _ASSIGNED),
        90002: ("wrong-tenant", "The sign-in service does not know the tenant", _IDS),
        700016: (app, "The tenant does not know the app", _IDS),
        7000112: (app, "The app is disabled in the tenant", _CONSENT),
        7000215: secret,
        7000222: secret,
    }


_POLICIES: Final = (
    *(50005, 50097, 50131, 53000, 53001, 53002, 53003, 53004, 53009, 53010, 53011),
    *(530002, 530003, 530004, 530021, 530032, 530034, 530035),
)
_NUMBER: Final = re.compile(r"AADSTS(\d{4,8})\b")
_PASSING: Final = {"temporarily_unavailable", "server_error", "slow_down", "request_timeout"}
_LONGEST: Final = 300
_END_OF_SENTENCE: Final = re.compile(r"[\r\n]| Trace ID:| Correlation ID:| Timestamp:")


def refusal(answer: Mapping[str, object], who: Remedies) -> SignInNeeded:
    """The error of an answer without a token. Raises Passing when the answer says to try again."""
    error = str(answer.get("error", ""))
    if error in _PASSING or not error:
        raise Passing(_said(answer) or "an answer without a token")
    code, words, hint = _meaning(answer, error, who)
    said = _said(answer)
    return SignInNeeded(f"{words}{f': {said}' if said else ''}.", hint=hint, code=code)


def _meaning(answer: Mapping[str, object], error: str, who: Remedies) -> _Words:
    """By suberror, then by number, then by error: Entra asks clients not to depend on its numbers, so that
    they never overrule what the words say of who has to act."""
    known = _by_suberror(who).get(str(answer.get("suberror", "")))
    numbers = _by_number(who)
    known = known or next((numbers[one] for one in _numbers(answer) if one in numbers), None)
    known = known or _by_error(who).get(error)
    return known or ("sign-in", f"The sign-in service refuses ({_plain(error)[:60]})", who.person)


def _numbers(answer: Mapping[str, object]) -> list[int]:
    told = answer.get("error_codes")
    if isinstance(told, list) and told:
        return [one for one in told if isinstance(one, int)]
    return [int(one) for one in _NUMBER.findall(str(answer.get("error_description") or ""))]


def _said(answer: Mapping[str, object]) -> str:
    """The first sentence of the service's own words, which names the trouble; what follows are trace IDs."""
    words = _END_OF_SENTENCE.split(str(answer.get("error_description") or ""))[0]
    return _plain(words).rstrip(".")[:_LONGEST]


def _plain(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text).strip()

"""Reading error bodies, in every documented form and every other."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from .call import Reply
from .text import UNREADABLE, clean, excerpt, is_blank, key, read_json

__all__ = ["Fault", "read_fault", "speaks_of_mfa"]

_MFA: Final = re.compile(r"\bMFA\b|\bmulti-?factor\b", re.IGNORECASE)
_WORDS: Final = ("description", "message", "errordescription", "detail", "title")


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error answer says. ``message`` is the service's own words, possibly none; ``retryable`` is its
    own word on repeating, None where it gives none; ``readable`` is False where the body is not JSON, which
    means that something in between may have answered; ``empty`` is True where there is no body at all."""

    code: str | None
    message: str
    retryable: bool | None
    readable: bool
    empty: bool = False


def read_fault(reply: Reply, masked: Callable[[str], str] = str) -> Fault:
    """The fault of an error answer, its words ``masked`` before they are cut. Never raises.

    Documented forms: ``code`` and ``description`` with the code as text or number; ``statusCode`` and
    ``message`` (throttling guidance, July 2022); ``errorName`` with ``isRetryable`` (customer pages); a bare
    JSON string; plain text, HTML or nothing, with the reason phrase as the only words (MFA page).
    """
    value = read_json(reply.body) if reply.complete else UNREADABLE
    if value is UNREADABLE:
        return Fault(
            None,
            excerpt(reply.body, masked) or clean(masked(reply.reason)),
            retryable=None,
            readable=False,
            empty=reply.complete and is_blank(reply.body),
        )
    if isinstance(value, Mapping):
        return _from_members({key(str(name)): member for name, member in value.items()}, masked)
    words = clean(masked(value)) if isinstance(value, str) else ""
    return Fault(None, words, retryable=None, readable=True)


def _from_members(members: Mapping[str, object], masked: Callable[[str], str]) -> Fault:
    inner = members.get("error")
    if isinstance(inner, Mapping):
        members = {key(str(name)): member for name, member in inner.items()}
    words = (members.get(name) for name in _WORDS)
    message = next((clean(masked(word)) for word in words if isinstance(word, str) and word.strip()), "")
    retryable = members.get("isretryable")
    return Fault(
        _code(members.get("code")),
        message,
        retryable=retryable if isinstance(retryable, bool) else None,
        readable=True,
    )


def _code(value: object) -> str | None:
    if isinstance(value, str):
        return clean(value, 64) or None
    # Numbers far longer than any code cost quadratic time as text, and Python refuses them in the end.
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return str(value)
    return None


def speaks_of_mfa(reply: Reply) -> bool:
    """Whether a 401 says that the token lacks multi-factor authentication.

    The MFA page shows it in the reason phrase alone (``Unauthorized - MFA required``); the challenge header
    and the body are searched too.
    """
    places = (reply.reason, reply.headers.get("WWW-Authenticate", ""), read_fault(reply).message)
    return any(_MFA.search(place) for place in places)

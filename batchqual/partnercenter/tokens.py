"""Where tokens come from, and what can be read in one."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from ..errors import SignInNeeded
from .actions import refusal_hint
from .text import read_json
from .wire import text_of

__all__ = ["Claims", "GivenToken", "Privileges", "TokenProvider", "claims"]


class TokenProvider(Protocol):
    """Gives bearer tokens. Many calls ask at once: a provider renews once for all of them, under a lock of
    its own, and gives the token that it has when ``rejected`` is no longer that one."""

    async def token(self) -> str:
        """A token that is good for some minutes. Raises SignInNeeded."""
        ...

    async def renew(self, rejected: str) -> str:
        """A token other than ``rejected``, which the service has just refused; `token` gives it from then
        on. Raises SignInNeeded."""
        ...


@runtime_checkable
class Leavable(Protocol):
    """A provider that can be told that the run stops: whoever waits for a token of it gets NotSent."""

    def abandon(self) -> None:
        """Let nobody wait any more."""
        ...


@dataclass(frozen=True, slots=True)
class Privileges:
    """Whose token a call bears. Writes need a user's; reads may have the app's own, which is worth less to a
    thief (Partner Center docs, authentication page: POST takes app and user, GET takes the app alone too).

    ``write`` is None where nobody can submit.
    """

    write: TokenProvider | None
    read: TokenProvider


class GivenToken:
    """A token from outside: used as it is, never renewed. Raises SignInNeeded when it cannot be one."""

    def __init__(self, token: str, *, source: str = "BATCHQUAL_ACCESS_TOKEN") -> None:
        self._token = token.strip()
        self._source = source
        if (
            not self._token
            or not self._token.isascii()
            or not self._token.isprintable()
            or " " in self._token
        ):
            raise SignInNeeded(
                f"{source} does not hold an access token.",
                hint="Give the bare token, without a word before it.",
            )

    def __repr__(self) -> str:
        return f"GivenToken(source={self._source!r})"

    async def token(self) -> str:
        """The token."""
        return self._token

    async def renew(self, rejected: str) -> str:  # noqa: ARG002 - the Protocol's parameter
        """Raises SignInNeeded: there is no other token."""
        raise SignInNeeded(
            f"Partner Center no longer takes the access token in {self._source}, or never did.",
            hint="Such a token lives for about an hour and is not renewed: get a new one, then run the same "
            f"again. {refusal_hint(401, None)}",
        )


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says of itself, unverified: for checks beforehand, never for trust.

    Every member is None or empty where the token does not say, or is opaque.
    """

    tenant_id: str | None = None
    audience: str | None = None
    app_id: str | None = None
    scopes: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    expires_at: datetime | None = None

    @property
    def mfa(self) -> bool:
        """Whether the user signed in with multi-factor authentication (Partner Center docs, MFA page)."""
        return "mfa" in self.methods


def claims(token: str) -> Claims:
    """The claims of a token, decoded without verification. Never raises."""
    parts = token.split(".")
    if len(parts) != 3:
        return Claims()
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
    except (binascii.Error, ValueError):
        return Claims()
    value = read_json(payload)
    return _from_payload(value) if isinstance(value, Mapping) else Claims()


def _from_payload(payload: Mapping[object, object]) -> Claims:
    tenant = text_of(payload.get("tid"))
    methods = payload.get("amr")
    return Claims(
        tenant_id=tenant.lower() if tenant else None,
        audience=text_of(payload.get("aud")),
        app_id=text_of(payload.get("appid")) or text_of(payload.get("azp")),
        scopes=tuple((text_of(payload.get("scp")) or "").split()),
        methods=tuple(one for one in methods if isinstance(one, str)) if isinstance(methods, list) else (),
        expires_at=_moment(payload.get("exp")),
    )


def _moment(value: object) -> datetime | None:
    text = text_of(value)
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 11:
        return None
    return datetime.fromtimestamp(int(text), UTC)

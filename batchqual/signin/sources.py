"""Where a new access token comes from: a refresh token that rotates, or the app alone. They block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from batchqual.clock import Clock
from batchqual.errors import BatchqualError, SignInNeeded
from batchqual.failpoints import reached

from .failures import PASSING_CODES, Remedies, refusal
from .registration import Registration, fingerprint
from .store import Kept, TokenStore

if TYPE_CHECKING:
    from .apps import App

_USUAL_LIFE: Final = 3600.0
_LONGEST_LIFE: Final = 7 * 86400.0

__all__ = ["AppSource", "Grant", "Source", "UserSource", "grant_from", "username_in"]


@dataclass(frozen=True, slots=True)
class Grant:
    """An access token, when it was given and until when it is good (UTC)."""

    token: str = field(repr=False)
    given_at: datetime
    expires_at: datetime


class Source(Protocol):
    """Gives access tokens. Called from one thread at a time."""

    def acquire(self) -> Grant:
        """A token that was not given before. Raises SignInNeeded, UsageError, and Passing for what another
        try may mend."""
        ...


def grant_from(answer: Mapping[str, object], now: datetime, who: Remedies) -> Grant:
    """The token in an answer of msal. Raises SignInNeeded, with what ``who`` has to do, and Passing."""
    token = answer.get("access_token")
    if not isinstance(token, str):
        raise refusal(answer, who)
    return Grant(token, now, now + timedelta(seconds=_seconds(answer.get("expires_in"))))


def _seconds(told: object) -> float:
    """A life of a token that can be believed; an hour, the usual one, where none is told."""
    try:
        seconds = float(told)  # type: ignore[arg-type] # whatever a service may say, some as text
    except (TypeError, ValueError, OverflowError):
        return _USUAL_LIFE
    return seconds if 0 <= seconds <= _LONGEST_LIFE else _USUAL_LIFE


class UserSource:
    """Redeems a refresh token of a person. The rotated one is kept before the access token is used, first
    here, then in the vault that the configured one came from; the kept one counts until the configured
    value changes (Microsoft identity platform, refresh tokens page: a used one is not revoked, so a crash
    between answer and keeping loses nothing)."""

    def __init__(self, registration: Registration, store: TokenStore, key: str, clock: Clock) -> None:
        self._registration = registration
        self._store = store
        self._key = key
        self._clock = clock
        self._app: App | None = None

    def acquire(self) -> Grant:
        """Redeem, and keep what came. One process at a time."""
        with self._store.locked():
            kept = self._kept()
            answer = self._redeem(kept.refresh_token)
            now = self._clock.now()
            rotated = answer.get("refresh_token")
            renewed = str(rotated) if rotated else kept.refresh_token
            reached("token.redeemed")
            if rotated or "access_token" in answer:
                name = kept.username or username_in(answer)
                self._store.put(self._key, Kept(renewed, kept.seed, name, kept.obtained_at, now))
            reached("token.kept")
            grant = grant_from(answer, now, self._registration.remedies)
            if renewed != kept.refresh_token:
                self._write_back(renewed)
        return grant

    def _kept(self) -> Kept:
        kept = self._store.get(self._key)
        if not self._registration.refresh_token:
            if kept is None:
                raise SignInNeeded(
                    "Nobody is signed in on this machine as this account.",
                    hint="Run `batchqual login` once, as a partner user with MFA.",
                )
            return kept
        try:
            configured = self._registration.configured_refresh_token()
        except SignInNeeded as trouble:
            if kept is None or trouble.code not in PASSING_CODES:
                raise
            return kept  # the vault cannot be asked now; what is kept came from it
        seed = fingerprint(configured)
        if kept is not None and kept.seed == seed:
            return kept
        now = self._clock.now()
        return Kept(configured, seed, None, now, now)

    def _redeem(self, refresh_token: str) -> Mapping[str, object]:
        from .apps import App

        self._app = self._app or App(self._registration)
        return self._app.redeem(refresh_token)

    def _write_back(self, renewed: str) -> None:
        """The vault gets it second. When that fails the local copy still counts; `doctor` tells."""
        reference = self._registration.reference
        if reference is None:
            return
        reached("vault.before")
        try:
            self._registration.vault.write(reference, renewed)
        except BatchqualError:
            return
        reached("vault.written")
        kept = self._store.get(self._key)
        if kept is not None:
            seed = fingerprint(renewed)
            self._store.put(self._key, Kept(renewed, seed, kept.username, kept.obtained_at, kept.renewed_at))
        reached("vault.kept")


class AppSource:
    """Client credentials: the app alone, which may read and not write (Partner Center docs, section on
    authentication: qualifications are set by app and user)."""

    def __init__(self, registration: Registration, clock: Clock) -> None:
        self._registration = registration
        self._clock = clock
        self._app: App | None = None

    def acquire(self) -> Grant:
        """Ask for a token."""
        from .apps import App

        self._app = self._app or App(self._registration)
        return grant_from(self._app.by_itself(), self._clock.now(), self._registration.remedies)


def username_in(answer: Mapping[str, object]) -> str | None:
    """Who signed in, where the answer tells it."""
    told = answer.get("id_token_claims")
    name = told.get("preferred_username") if isinstance(told, Mapping) else None
    return str(name) if name else None

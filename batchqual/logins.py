"""Signing in for months, and forgetting it: what `login` and `logout` do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from .clock import Clock, SystemClock
from .credentials import means_of
from .errors import SignInNeeded, UsageError
from .partnercenter import claims
from .settings import Settings
from .signin import (
    Registration,
    TokenStore,
    by_browser,
    by_device_code,
    login_key,
    open_store,
    refresh_token_key,
)

__all__ = ["LoggedIn", "login", "logout"]


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Who is signed in now, where that is kept, and what is worth a warning."""

    username: str | None
    where: str
    warnings: tuple[str, ...]


def login(
    settings: Settings,
    *,
    open_page: Callable[[str], object],
    show: Callable[[str], object],
    clock: Clock | None = None,
    store: TokenStore | None = None,
) -> LoggedIn:
    """Have a person sign in, with MFA, and keep the refresh token for this account. Blocks for minutes.

    ``open_page`` opens an address in a browser; ``show`` tells what to do where a code is entered instead.
    Raises UsageError, SignInNeeded.
    """
    # A recipe that the account is set to is for its runs; here only the word of the person counts.
    asked = settings.auth if settings.origin_of("auth") == "--auth" else None
    if asked not in (None, "login", "device-code"):
        raise UsageError(
            f"Nobody signs in by {asked}.",
            hint="`batchqual login` opens a browser; --auth device-code shows a code to enter elsewhere.",
        )
    clock, store = clock or SystemClock(), store or open_store()
    if not store.lasting:
        raise UsageError(
            f"A login could be kept only in {store.where}.",
            hint="Set HOME to a folder of this account, then say the same again.",
            code="store-unusable",
        )
    registration = replace(_registration(settings, "login"), refresh_token="")
    key = login_key(registration)
    if asked == "device-code":
        found = by_device_code(registration, store, key, show=show, clock=clock)
    else:
        found = by_browser(registration, store, key, open_page=open_page, clock=clock)
    return LoggedIn(
        found.username, store.where, tuple(_warnings(settings, store, mfa=claims(found.access_token).mfa))
    )


def _warnings(settings: Settings, store: TokenStore, *, mfa: bool) -> Iterator[str]:
    if not mfa:
        yield (
            "The sign-in does not show multi-factor authentication, which Partner Center asks for: "
            "set up MFA for this user, then sign in again."
        )
    if not store.protected:
        yield (
            "The token is in a plain file, which only this account can read. A keyring is safer: "
            "install batchqual with its extra keyring, where the system has one."
        )
    for name in ("access_token", "refresh_token"):
        if getattr(settings, name):
            yield (
                f"BATCHQUAL_{name.upper()} is set and comes before this login: unset it, or say --auth login."
            )


def logout(settings: Settings, *, everything: bool = False, store: TokenStore | None = None) -> int:
    """Forget what is kept for the configured registration, or all of this account; how many tokens that were.

    Nothing is revoked at the sign-in service. Raises UsageError, SignInNeeded.
    """
    store = store or open_store()
    with store.locked():
        if everything:
            return sum(store.forget(key) for key in _all_keys(store))
        registration = _registration(settings, "logout")
        return sum(store.forget(key) for key in (login_key(registration), refresh_token_key(registration)))


def _all_keys(store: TokenStore) -> list[str]:
    try:
        return store.keys()
    except SignInNeeded:
        return [""]  # of what cannot be read, forgetting one is forgetting all


def _registration(settings: Settings, verb: str) -> Registration:
    registration = means_of(settings).registration
    if registration is None:
        raise UsageError(
            f"{verb} needs to know the partner's app registration.",
            hint="Set BATCHQUAL_TENANT_ID and BATCHQUAL_CLIENT_ID, or write tenant_id and client_id into "
            "batchqual.toml; docs/how-to/sign-in.md tells where to find them.",
        )
    return registration

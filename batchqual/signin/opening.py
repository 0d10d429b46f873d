"""From what is configured to the tokens of a run: which recipe, in which words, whose token for what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from batchqual.clock import Clock
from batchqual.errors import SignInNeeded
from batchqual.partnercenter import GivenToken, Privileges, TokenProvider

from .interactive import by_device_code
from .recipes import Configured, Recipe, choose
from .registration import Registration
from .renewing import Renewing
from .sources import AppSource, UserSource
from .store import TokenStore, open_store

__all__ = ["Means", "SignIn", "configured", "login_key", "refresh_token_key", "sign_in"]

Show = Callable[[str], object]
"""Tells a person at the terminal what to do now."""


@dataclass(frozen=True, slots=True)
class Means:
    """What this account has to sign in with: a token from outside, a registration, a store of tokens."""

    access_token: str = field(default="", repr=False)
    registration: Registration | None = None
    store: Callable[[], TokenStore] = open_store


@dataclass(frozen=True, slots=True)
class SignIn:
    """The tokens of a run. ``words`` say in one line whose they are."""

    recipe: Recipe
    words: str
    privileges: Privileges


def login_key(registration: Registration) -> str:
    """Where the store keeps what `login` brought."""
    return f"{registration.key} login"


def refresh_token_key(registration: Registration) -> str:
    """Where the store keeps what the configured refresh token has become."""
    return f"{registration.key} refresh-token"


def configured(means: Means, forced: str | None = None) -> Configured:
    """What there is to choose from. The store, which may be a keyring that asks its owner, is opened only
    where a login would be taken. Raises SignInNeeded when it cannot be read."""
    registration = means.registration
    given = bool(means.access_token)
    if registration is None:
        return Configured(access_token=given)
    wanted = forced == Recipe.LOGIN or not (forced or given or registration.refresh_token)
    return Configured(
        access_token=given,
        refresh_token=bool(registration.refresh_token),
        login=wanted and means.store().get(login_key(registration)) is not None,
        app=registration.confidential,
        registered=True,
    )


def sign_in(means: Means, *, forced: str | None, clock: Clock, show: Show | None = None) -> SignIn:
    """The tokens of a run. It blocks, and asks for nothing before the first call but a device code: ``show``
    tells it to a person, None means that there is none. Raises SignInNeeded, UsageError.

    Where both a user and the app can sign in, the user's token is for writes alone.
    """
    recipe = choose(configured(means, forced), forced)
    registration = means.registration
    app = _app(registration, clock)
    if recipe is Recipe.APP and app is not None:
        return SignIn(
            recipe, "Signing in as the app alone, which looks and cannot submit.", Privileges(None, app)
        )
    user = _user(recipe, means, clock, show)
    words = f"Signing in with {_WHOSE[recipe]}" + (", and as the app alone for looks." if app else ".")
    return SignIn(recipe, words, Privileges(user, app or user))


_WHOSE = {
    Recipe.TOKEN: "an access token from outside",
    Recipe.REFRESH_TOKEN: "the stored refresh token",
    Recipe.LOGIN: "the login of this account",
    Recipe.DEVICE_CODE: "a device code",
}


def _app(registration: Registration | None, clock: Clock) -> TokenProvider | None:
    if registration is None or not registration.confidential:
        return None
    return Renewing(AppSource(registration, clock), clock)


def _user(recipe: Recipe, means: Means, clock: Clock, show: Show | None) -> TokenProvider:
    registration = means.registration
    if recipe is Recipe.TOKEN or registration is None:
        return GivenToken(means.access_token)
    store = means.store()
    if recipe is Recipe.REFRESH_TOKEN:
        source = UserSource(registration, store, refresh_token_key(registration), clock)
    else:
        registration = replace(registration, refresh_token="")
        if recipe is Recipe.DEVICE_CODE:
            _have_code_entered(registration, store, clock, show)
        source = UserSource(registration, store, login_key(registration), clock)
    return Renewing(source, clock)


def _have_code_entered(
    registration: Registration, store: TokenStore, clock: Clock, show: Show | None
) -> None:
    """What an earlier sign-in brought is used as long as it is there; else a person has to enter a code."""
    key = login_key(registration)
    if store.get(key) is not None:
        return
    if show is None:
        raise SignInNeeded(
            "Sign-in by device code needs a person at the terminal.",
            hint="Run `batchqual login --auth device-code` once, at a terminal of this account.",
        )
    by_device_code(registration, store, key, show=show, clock=clock)

"""The five ways to a token, and which of them the settings choose."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from batchqual.errors import SignInNeeded

__all__ = ["Configured", "Recipe", "choose"]


class Recipe(StrEnum):
    """A way to a token, by the name that ``--auth`` gives it."""

    TOKEN = "token"  # noqa: S105 - the name of a recipe, nothing secret
    REFRESH_TOKEN = "refresh-token"  # noqa: S105 - the name of a recipe, nothing secret
    LOGIN = "login"
    DEVICE_CODE = "device-code"
    APP = "app"


@dataclass(frozen=True, slots=True)
class Configured:
    """What there is to sign in with. ``login`` says that a person signed in on this machine before."""

    access_token: bool = False
    refresh_token: bool = False
    login: bool = False
    app: bool = False
    registered: bool = False


_NEEDS = {
    Recipe.TOKEN: ("access_token", "Put an access token into BATCHQUAL_ACCESS_TOKEN."),
    Recipe.REFRESH_TOKEN: (
        "refresh_token",
        "Put a refresh token, or its place in a vault, into BATCHQUAL_REFRESH_TOKEN.",
    ),
    Recipe.LOGIN: ("login", "Run `batchqual login` on this machine, as the account that runs this."),
    Recipe.DEVICE_CODE: ("registered", "Set BATCHQUAL_TENANT_ID and BATCHQUAL_CLIENT_ID."),
    Recipe.APP: ("app", "Set BATCHQUAL_CLIENT_SECRET or BATCHQUAL_CLIENT_CERTIFICATE."),
}
_BY_ITSELF = (Recipe.TOKEN, Recipe.REFRESH_TOKEN, Recipe.LOGIN, Recipe.APP)


def choose(configured: Configured, forced: str | None = None) -> Recipe:
    """The recipe that ``--auth`` names, else the first that is configured: a token from outside, a refresh
    token, a login on this machine, the app alone. Raises SignInNeeded, saying what is missing."""
    if forced is not None:
        recipe = Recipe(forced)
        what, hint = _NEEDS[recipe]
        if not getattr(configured, what):
            raise SignInNeeded(f"Sign-in by {recipe} is not possible yet.", hint=hint)
        return recipe
    for recipe in _BY_ITSELF:
        if getattr(configured, _NEEDS[recipe][0]):
            return recipe
    raise SignInNeeded(
        "Sign-in is needed: nothing to sign in with is configured on this account.",
        hint="Run `batchqual login` once, as a partner user with MFA; docs/how-to/sign-in.md tells all ways. "
        "`batchqual rehearse` needs none.",
    )

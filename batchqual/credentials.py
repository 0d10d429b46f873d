"""What the settings have to sign in with, and the tokens that come of it."""

from __future__ import annotations

import asyncio

from pydantic import SecretStr

from .clock import Clock
from .clouds import CLOUDS
from .errors import SignInNeeded, UsageError
from .events import Listener, SigningIn
from .partnercenter import Privileges, trust
from .settings import Settings
from .signin import Means, Recipe, Registration, SignIn, Vault, authority_of, in_thread, sign_in

__all__ = ["means_of", "privileges_of"]

_OF_A_REGISTRATION = (
    *("client_id", "client_secret", "client_certificate"),
    *("client_certificate_password", "refresh_token", "authority"),
)
_LONGEST_PATH = 400


async def privileges_of(
    settings: Settings, *, say: Listener, clock: Clock, attended: bool = False
) -> Privileges:
    """The tokens for one run, and the word whose they are; ``attended``: a person is there to enter a code.

    Raises SignInNeeded, UsageError.
    """
    loop, means = asyncio.get_running_loop(), means_of(settings)

    def show(words: str) -> None:
        loop.call_soon_threadsafe(say, SigningIn(Recipe.DEVICE_CODE, words, awaited=True))

    found = await in_thread(
        lambda: sign_in(means, forced=settings.auth, clock=clock, show=show if attended else None)
    )
    say(SigningIn(found.recipe, found.words))
    await _use_user(found, say)
    return found.privileges


async def _use_user(found: SignIn, say: Listener) -> None:
    """Redeem the user's refresh token in every run, for unused it dies after 90 days.

    When it is lost already, that is said now, and the looks go on with the app's token.
    """
    user, app = found.privileges.write, found.privileges.read
    if user is None or user is app:
        return
    try:
        await user.token()
    except SignInNeeded as lost:
        say(SigningIn(found.recipe, f"{lost.message} Nothing can be submitted; looks go on. {lost.hint}"))


def means_of(settings: Settings) -> Means:
    """What the settings have to sign in with. Nothing is read or asked for yet. Raises UsageError."""
    return Means(_secret(settings.access_token), _registration_of(settings))


def _registration_of(settings: Settings) -> Registration | None:
    """The app registration; None when nothing of one is named. Raises UsageError for half of one."""
    named = [name for name in _OF_A_REGISTRATION if getattr(settings, name)]
    if not named:
        return None
    missing = [name for name in ("tenant_id", "client_id") if not getattr(settings, name)]
    if missing:
        raise UsageError(
            f"{_variables(named)} needs {_variables(missing)} as well.",
            hint="The app registration's overview page shows both IDs; docs/how-to/sign-in.md tells more.",
        )
    if settings.client_secret and settings.client_certificate:
        raise UsageError(
            "BATCHQUAL_CLIENT_SECRET and BATCHQUAL_CLIENT_CERTIFICATE are both set.",
            hint="Set one of them; the certificate is the safer one.",
        )
    if _is_pasted(settings.client_certificate or ""):
        raise UsageError(
            "BATCHQUAL_CLIENT_CERTIFICATE holds a certificate itself, not where it is.",
            hint="Write the path of the PEM or PFX file, or keyvault://VAULT/NAME; and replace this "
            "certificate if anybody may have seen its key.",
        )
    cloud = CLOUDS[settings.cloud]
    tenant = settings.tenant_id or ""
    return Registration(
        tenant,
        settings.client_id or "",
        authority_of(settings.authority or cloud.authority, tenant),
        cloud.scope,
        trust=lambda: trust(settings.ca_bundle),
        vault=Vault(suffix=cloud.vaults, ca_bundle=settings.ca_bundle),
        secret=_secret(settings.client_secret),
        certificate=settings.client_certificate or "",
        certificate_password=_secret(settings.client_certificate_password),
        refresh_token=_secret(settings.refresh_token),
    )


def _is_pasted(place: str) -> bool:
    """Whether this is the content of a file: PEM has lines, a PFX in base64 is longer than paths are."""
    return "-----BEGIN" in place or "\n" in place.strip() or len(place) > _LONGEST_PATH


def _variables(names: list[str]) -> str:
    return " and ".join(f"BATCHQUAL_{name.upper()}" for name in names)


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value().strip() if value else ""

"""Signing in, up to the point where a token is asked for: what is kept, who signs in, how the app
proves itself."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

from batchqual.machine import user_name
from batchqual.signin import (
    Certificate,
    Kept,
    Recipe,
    Registration,
    VaultReference,
    fingerprint,
    login_key,
    refresh_token_key,
    sign_in,
    vault_reference,
)

from .facts import Facts
from .finding import Finding, failed, passed, warned

__all__ = ["proof", "recipe", "refresh_token", "store", "vault"]

_BECAUSE: Final = {
    Recipe.TOKEN: "BATCHQUAL_ACCESS_TOKEN is set",
    Recipe.REFRESH_TOKEN: "BATCHQUAL_REFRESH_TOKEN is set",
    Recipe.LOGIN: "somebody signed in here with `batchqual login`",
    Recipe.DEVICE_CODE: "it was asked for",
    Recipe.APP: "the app can sign in, and no user is there",
}
#: A refresh token lives 90 days, and each use renews it (Partner Center docs, page on GDAP and the secure
#: application model, July 2023).
_LIFE, _LONG_UNUSED = timedelta(days=90), timedelta(days=60)
_SIGN_IN_AGAIN: Final = "Have a partner user sign in again with MFA: `batchqual login`."
_RENEW_SOON: Final = timedelta(days=30)
_NEW_CERTIFICATE: Final = (
    "Have whoever administers the app registration add a new certificate, and name its file in "
    "BATCHQUAL_CLIENT_CERTIFICATE."
)
_PROTECT: Final = (
    "On Linux unlock or install a keyring (Secret Service). On a server without one, keep the disk encrypted "
    "and the account to this job."
)


async def store(facts: Facts) -> Finding:
    """Where refresh tokens are kept for this account, and whether more than file rights protect them."""
    registration = facts.means.registration
    if registration is None:
        return passed("Nothing is kept: no app registration is set.")
    tokens = await asyncio.to_thread(facts.means.store)
    keys = await asyncio.to_thread(tokens.keys)
    own = [key for key in (refresh_token_key(registration), login_key(registration)) if key in keys]
    facts.place["token store"] = tokens.where
    facts.place["kept"] = ", ".join(key.rpartition(" ")[2] for key in own) or "nothing"
    words = f"Refresh tokens of the account {user_name()} are kept in {tokens.where}."
    return passed(words) if tokens.protected else warned(words, _PROTECT)


async def recipe(facts: Facts) -> Finding:
    """Which way of signing in the settings choose, and why; whose token is for what."""
    forced = facts.settings.auth
    found = await asyncio.to_thread(sign_in, facts.means, forced=forced, clock=facts.clock)
    facts.sign_in = found
    why = f"{facts.settings.origin_of('auth')} says so" if forced else _BECAUSE[found.recipe]
    facts.place["sign-in"] = str(found.recipe)
    words = f"By {found.recipe}, because {why}. {found.words}"
    privileges = found.privileges
    if privileges.write is None:
        return warned(words, "To submit, a partner user has to sign in: `batchqual login`.")
    shared = privileges.write is privileges.read
    return passed(f"{words} Submissions and looks use {'the same token' if shared else 'different tokens'}.")


async def refresh_token(facts: Facts) -> Finding:
    """How long ago the kept refresh token was used: before this very examination uses it."""
    registration = facts.means.registration
    if registration is None or facts.sign_in.recipe in (Recipe.TOKEN, Recipe.APP):
        return passed("None is used by this sign-in.")
    by_value = facts.sign_in.recipe is Recipe.REFRESH_TOKEN
    key = refresh_token_key(registration) if by_value else login_key(registration)
    kept = await asyncio.to_thread(lambda: facts.means.store().get(key))
    if by_value and (kept is None or not await asyncio.to_thread(_descends, kept, registration)):
        return passed("The configured one was not used here yet, so its age is not known.")
    if kept is None:
        return failed("None is kept for this account.", _SIGN_IN_AGAIN)
    now = facts.clock.now()
    unused = now - kept.renewed_at
    whose = f"That of {kept.username}" if kept.username else "The kept one"
    words = f"{whose} is {_days(now - kept.obtained_at)} old, and was last renewed {_days(unused)} ago."
    if unused >= _LIFE:
        again = registration.remedies.person if by_value else _SIGN_IN_AGAIN
        return warned(f"{words} After 90 days without use it has run out.", again)
    if unused >= _LONG_UNUSED:
        return warned(
            f"{words} After 90 days without use it runs out.", "Run batchqual more often than that."
        )
    return passed(words)


def _descends(kept: Kept, registration: Registration) -> bool:
    return kept.seed == fingerprint(registration.configured_refresh_token())


async def vault(facts: Facts) -> Finding:
    """Whether each value that stands in a vault can be read, and whether a renewed one came back there."""
    registration = facts.means.registration
    values = (
        []
        if registration is None
        else [
            *(registration.secret, registration.certificate),
            *(registration.certificate_password, registration.refresh_token),
        ]
    )
    references = [found for value in values if (found := vault_reference(value)) is not None]
    if registration is None or not references:
        return passed("No setting refers to a key vault.")
    for one in references:
        await asyncio.to_thread(registration.vault.read, one)
    named = ", ".join(map(str, references))
    reference = registration.reference
    if reference is not None and await asyncio.to_thread(_is_behind, facts, registration, reference):
        return warned(
            f"{named} can be read, but {reference} holds an older refresh token than this "
            "machine: the renewed one could not be written there.",
            "Whoever administers the vault has to give the identity of this machine the role Key Vault "
            "Secrets Officer.",
        )
    return passed(f"{named}: can be read.")


def _is_behind(facts: Facts, registration: Registration, reference: VaultReference) -> bool:
    kept = facts.means.store().get(refresh_token_key(registration))
    value = registration.vault.read(reference)
    return kept is not None and kept.seed == fingerprint(value) and kept.refresh_token != value


async def proof(facts: Facts) -> Finding:
    """How the app proves who it is, and how long that lasts."""
    registration = facts.means.registration
    if registration is None:
        return passed("No app registration is set.")
    shown = await asyncio.to_thread(registration.proof)
    if shown is None:
        return passed("A public client: it has no secret and no certificate.")
    if not isinstance(shown, Certificate):
        return passed("A client secret; its end is shown in the app registration.")
    left = shown.expires_at - facts.clock.now()
    words = f"The certificate ends on {shown.expires_at:%Y-%m-%d} UTC"
    if left <= timedelta():
        return failed(f"{words}: it is over.", _NEW_CERTIFICATE)
    words = f"{words}, in {_days(left)}."
    return warned(words, _NEW_CERTIFICATE) if left < _RENEW_SOON else passed(words)


def _days(span: timedelta) -> str:
    return "1 day" if span.days == 1 else f"{max(span.days, 0)} days"

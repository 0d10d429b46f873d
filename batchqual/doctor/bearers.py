"""The access tokens: each is asked for as a run does, and what it says of itself is read. None is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final

from batchqual.clouds import CLOUDS
from batchqual.partnercenter import Claims, TokenProvider, claims
from batchqual.signin import Recipe

from .facts import Facts
from .finding import Finding, State, failed, passed, skipped, warned

__all__ = ["for_looks", "for_submissions"]

_PARTNER_CENTER: Final = "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd"
"""The resource's app id, which version 2 tokens have as audience (Partner Center docs, permissions page)."""
_SECONDS: Final = 60.0
_SOON: Final = 5
_NEW_TOKEN: Final = (
    "Get a new access token for the partner's own tenant, and put it into BATCHQUAL_ACCESS_TOKEN."  # noqa: S105 - words that a person reads
)
_WITH_MFA: Final = (
    "Have a partner user sign in again with MFA (`batchqual login`, or a new refresh token), and the "
    "administrator of the tenant require MFA of that user."
)

_FOR_USERS: Final = (
    "Give the app the delegated permission user_impersonation of Microsoft Partner Center, with consent, and "
    "sign in as a user."
)

_Trouble = tuple[State, str, str]


async def for_submissions(facts: Facts) -> Finding:
    """The user's token, with which requests are submitted."""
    provider = facts.sign_in.privileges.write
    if provider is None:
        return skipped("Nobody can submit here: only the app signs in.")
    return await _examined(facts, provider, of_user=True)


async def for_looks(facts: Facts) -> Finding:
    """The token with which the service is looked at."""
    privileges = facts.sign_in.privileges
    if privileges.read is privileges.write:
        await privileges.read.token()
        return passed("The same as for submissions.")
    return await _examined(facts, privileges.read, of_user=False)


async def _examined(facts: Facts, provider: TokenProvider, *, of_user: bool) -> Finding:
    try:
        async with asyncio.timeout(_SECONDS):
            told = claims(await provider.token())
    except TimeoutError:
        return failed(
            f"The sign-in service gave no token within {_SECONDS:g} seconds.", "Try again later.", 12
        )
    if told == Claims():
        return warned(
            "There is a token, and what it says of itself cannot be read.",
            "If the service refuses it, " + _NEW_TOKEN[:1].lower() + _NEW_TOKEN[1:],
        )
    troubles = [*_of_anybody(facts, told), *(_of_user(told) if of_user else ())]
    if troubles:
        worst = State.FAIL if any(state is State.FAIL for state, _, _ in troubles) else State.WARN
        words, fixes = (
            " ".join(dict.fromkeys(part)) for part in zip(*((w, f) for _, w, f in troubles), strict=True)
        )
        return Finding(worst, words, fixes)
    minutes = "" if told.expires_at is None else f", good for {_minutes(facts, told)} minutes"
    whose = "a user who signed in with MFA" if of_user else "the app alone"
    return passed(f"A token of {whose}, for Partner Center{minutes}.")


def _of_anybody(facts: Facts, told: Claims) -> Iterator[_Trouble]:
    wanted = {CLOUDS[facts.settings.cloud].audience, _PARTNER_CENTER}
    again = _NEW_TOKEN if facts.sign_in.recipe is Recipe.TOKEN else "Check --cloud and BATCHQUAL_TENANT_ID."
    if (told.audience or "").rstrip("/").lower() not in wanted:
        yield State.FAIL, f"The token is for {told.audience or 'nobody'}, not for Partner Center.", again
    tenant = facts.settings.tenant_id
    if tenant and told.tenant_id != tenant:
        yield State.FAIL, f"The token is of the tenant {told.tenant_id}, not of {tenant}.", again
    if told.expires_at is not None and _minutes(facts, told) < _SOON:
        if told.expires_at <= facts.clock.now():
            yield State.FAIL, "The token has run out.", _NEW_TOKEN
        else:
            yield State.WARN, f"The token is good for {_minutes(facts, told)} minutes only.", _NEW_TOKEN


def _of_user(told: Claims) -> Iterator[_Trouble]:
    if "user_impersonation" not in told.scopes:
        yield (
            State.FAIL,
            "The token does not let the app act for a user (user_impersonation): it cannot submit.",
            _FOR_USERS,
        )
    if not told.mfa:
        yield (
            State.FAIL,
            "The token does not show multi-factor authentication, which Partner Center asks for.",
            _WITH_MFA,
        )


def _minutes(facts: Facts, told: Claims) -> int:
    return 0 if told.expires_at is None else int((told.expires_at - facts.clock.now()).total_seconds() // 60)

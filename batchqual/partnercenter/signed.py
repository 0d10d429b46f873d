"""The skin that signs each call with a token and has a refused token renewed."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ..errors import SignInNeeded, WriteSignInNeeded
from .call import Call, Counts, Door, Reply
from .judge import TokenRefused
from .tokens import Privileges, TokenProvider

__all__ = ["Signed"]

_HIDDEN = "•••"
_MOST_RENEWALS: Final = 3
_MOST_STRANGERS: Final = 2


class Signed:
    """Signs writes and reads, each with the token that is for them.

    A read for which the app gets no token is made with the user's; a write has no other.
    """

    def __init__(self, inner: Door, privileges: Privileges, counts: Counts) -> None:
        self._read = _Signer(inner, privileges.read, counts)
        self._write: _Signer | None = self._read
        if privileges.write is None:
            self._write = None
        elif privileges.write is not privileges.read:
            self._write = _Signer(inner, privileges.write, counts)

    async def send(self, call: Call) -> Reply:
        """Make the call. Raises what the inner door raises, SignInNeeded, and for a write WriteSignInNeeded
        when reads can go on."""
        if call.writes:
            return await self._submit(call)
        reader = self._read
        try:
            return await reader.send(call)
        except SignInNeeded:
            if self._write is None or reader is self._write:
                raise
        self._read = self._write
        return await self._write.send(call)

    async def _submit(self, call: Call) -> Reply:
        if self._write is None:
            raise nobody_to_submit()
        try:
            return await self._write.send(call)
        except SignInNeeded as lost:
            if self._read is self._write:
                raise
            raise WriteSignInNeeded(lost.message, hint=lost.hint, code=lost.code) from lost


def nobody_to_submit() -> WriteSignInNeeded:
    """There is no user: the app alone may look, and not submit."""
    return WriteSignInNeeded(
        "Submitting needs a signed-in partner user, and only the app can sign in here.",
        hint="Run `batchqual login` on this account, or submit from another one; this one goes on looking.",
        code="nobody-to-submit",
    )


class _Signer:
    """Signs with one token, and on a 401 asks for another and makes the same call again, with the same
    request id: a call with a refused token has not been processed.

    A token that the service took before has run out, and is renewed, three times in one call at most. One
    that it never took may be out of date in a cache: it is renewed once. Then a person is needed.
    """

    def __init__(self, inner: Door, tokens: TokenProvider, counts: Counts) -> None:
        self._inner = inner
        self._tokens = tokens
        self._counts = counts
        self._taken: set[str] = set()

    async def send(self, call: Call) -> Reply:
        """Make the call. Raises what the inner door raises, and SignInNeeded."""
        token = await self._tokens.token()
        renewals = strangers = 0
        while True:
            try:
                # A service that quotes the token in its words must not bring it into a report.
                masks = (*call.masks, (token, _HIDDEN))
                reply = await self._inner.send(replace(call, token=token, masks=masks))
            except TokenRefused as refused:
                words = refused.message
            else:
                self._taken.add(token)
                return reply
            strangers += token not in self._taken
            if renewals == _MOST_RENEWALS or strangers == _MOST_STRANGERS:
                raise _refused(words)
            rejected, token = token, await self._tokens.renew(token)
            if token == rejected:
                raise _refused(words)
            renewals += 1
            self._counts.retried += 1


def _refused(words: str) -> SignInNeeded:
    return SignInNeeded(
        f"Partner Center does not take the token: {words}.",
        hint="Sign in again, for the partner's own tenant, and give the new token.",
    )

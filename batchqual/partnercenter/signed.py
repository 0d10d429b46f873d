"""The skin that signs each call with a token and has a refused token renewed."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from typing import Final, TypeVar

from ..errors import AccessDenied, SignInNeeded, SignInUnreachable, WriteSignInNeeded
from ..events import Listener, SigningIn, deaf
from .actions import hint_for
from .call import Bearer, Call, Counts, Door, Reply
from .judge import AppRefused, TokenRefused
from .tokens import Privileges, TokenProvider

__all__ = ["Signed"]

T = TypeVar("T")

_MOST_RENEWALS: Final = 3
_MOST_STRANGERS: Final = 2


class Signed:
    """Signs writes and reads, each with the token that is for them.

    A read for which the app gets no token, or which it may not make, is made with the user's, and so are all
    that follow; a write has no other.
    """

    def __init__(self, inner: Door, privileges: Privileges, counts: Counts, say: Listener = deaf) -> None:
        self._say = say
        self._read = _Signer(inner, privileges.read, counts)
        self._write: _Signer | None = self._read
        if privileges.write is None:
            self._write = None
        elif privileges.write is not privileges.read:
            self._write = _Signer(inner, privileges.write, counts)

    async def send(self, call: Call) -> Reply:
        """Make the call. Raises what the inner door raises, SignInNeeded, and for a write WriteSignInNeeded
        when reads can go on."""
        return await (self._submit(call) if call.writes else self._look(call))

    @property
    def writes(self) -> bool:
        """Whether anybody is there to submit."""
        return self._write is not None

    async def ready_to_submit(self) -> None:
        """Whether a submission would have a token. Raises SignInNeeded as `send` does for a write."""
        if self._write is None:
            raise nobody_to_submit()
        await self._as_write(self._write.take())

    async def _look(self, call: Call) -> Reply:
        reader, user = self._read, self._write
        try:
            return await reader.send(call)
        except SignInUnreachable:
            raise
        except (SignInNeeded, AppRefused) as refused:
            if user is None or reader is user:
                if isinstance(refused, AppRefused):
                    raise AccessDenied(refused.message, hint=hint_for(refused.error_code)) from refused
                raise
            why = refused.message
        if self._read is not user:
            self._read = user
            self._say(SigningIn("user", f"The app alone cannot look: {why} Looks use the user's token now."))
        return await user.send(call)

    async def _submit(self, call: Call) -> Reply:
        if self._write is None:
            raise nobody_to_submit()
        return await self._as_write(self._write.send(call))

    async def _as_write(self, asked: Coroutine[None, None, T]) -> T:
        try:
            return await asked
        except SignInUnreachable:
            raise
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

    A token that the service took before has run out, and is renewed, three times in one call at most, unless
    another call has renewed it meanwhile. One that it never took may be out of date in a cache: it is renewed
    once. Then a person is needed.
    """

    def __init__(self, inner: Door, tokens: TokenProvider, counts: Counts) -> None:
        self._inner = inner
        self._tokens = tokens
        self._counts = counts
        self._taken: set[str] = set()

    async def take(self) -> None:
        """Have a token. Raises SignInNeeded."""
        await self._tokens.token()

    async def send(self, call: Call) -> Reply:
        """Make the call. Raises what the inner door raises, and SignInNeeded."""
        bearer = Bearer(self._tokens.token)
        # Whoever cannot sign in need not stand at the gate.
        await bearer.take()
        renewals = strangers = 0
        while True:
            try:
                reply = await self._inner.send(replace(call, bearer=bearer))
            except TokenRefused as refused:
                words = refused.message
            else:
                self._taken.add(bearer.token)
                return reply
            strangers += bearer.token not in self._taken
            if renewals == _MOST_RENEWALS or strangers == _MOST_STRANGERS:
                raise _refused(words)
            if await self._tokens.token() == bearer.token:
                if await self._tokens.renew(bearer.token) == bearer.token:
                    raise _refused(words)
                renewals += 1
            self._counts.retried += 1


def _refused(words: str) -> SignInNeeded:
    return SignInNeeded(
        f"Partner Center does not take the token: {words}.",
        hint="Sign in again, for the partner's own tenant, and give the new token.",
    )

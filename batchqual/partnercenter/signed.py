"""The skin that signs each call with a token and has a refused token renewed."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from typing import Final, TypeVar

from ..errors import BatchqualError, SignInNeeded, SignInUnreachable, WriteSignInNeeded
from ..events import Listener, SigningIn, deaf
from .actions import refusal_hint
from .call import Bearer, Call, Counts, Door, Reply
from .judge import Forbidden, TokenRefused
from .retry import new_id
from .tokens import Privileges, TokenProvider

__all__ = ["Signed"]

T = TypeVar("T")

_MOST_RENEWALS: Final = 3
_MOST_STRANGERS: Final = 2
_MOST_LEFT_TO_USER: Final = 3


class Signed:
    """Signs writes and reads, each with the token that is for them.

    A read for which the app gets no token is made with the user's, and so are all that follow. One that is
    refused to the app is made with the user's, too; after three that the user alone could make the user's
    token serves all of them. A write has no other.
    """

    def __init__(self, inner: Door, privileges: Privileges, counts: Counts, say: Listener = deaf) -> None:
        self._say = say
        self._left_to_user = 0
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
        except Forbidden as refused:
            if user is None or reader is user:
                raise refused.verdict from None
            return await self._look_as_user(call, user, refused.verdict)
        except SignInUnreachable:
            raise
        except SignInNeeded as lost:
            if user is None or reader is user:
                raise
            self._leave_to(user, lost.message)
        try:
            return await user.send(call)
        except Forbidden as refused:
            raise refused.verdict from None

    async def _look_as_user(self, call: Call, user: _Signer, refusal: BatchqualError) -> Reply:
        """What was refused to the app, made with the user's token. Where the user has none, or gets the same
        refusal, that stands."""
        try:
            reply = await user.send(replace(call, request_id=new_id()))
        except SignInUnreachable:
            raise
        except SignInNeeded:
            raise refusal from None
        except Forbidden as refused:
            raise refused.verdict from None
        self._left_to_user += 1
        if self._left_to_user >= _MOST_LEFT_TO_USER:
            self._leave_to(user, refusal.message)
        return reply

    def _leave_to(self, user: _Signer, why: str) -> None:
        """All reads that follow bear the user's token."""
        if self._read is not user:
            self._read = user
            said = f"The app alone cannot look: {why.rstrip('.')}. Looks use the user's token now."
            self._say(SigningIn("user", said))

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
                raise self._refused(words)
            if await self._tokens.token() == bearer.token:
                if await self._tokens.renew(bearer.token) == bearer.token:
                    raise self._refused(words)
                renewals += 1
            self._counts.retried += 1

    def _refused(self, words: str) -> SignInNeeded:
        again = "Sign in again, for the partner's own tenant, and give the new token."
        return SignInNeeded(
            f"Partner Center does not take the token ({words}).",
            hint=again if self._taken else f"{again} {refusal_hint(401, None)}",
        )

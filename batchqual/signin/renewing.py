"""A token that is renewed in time: once for all who ask, in a thread, so that msal never blocks the loop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from batchqual.clock import Clock
from batchqual.errors import NotSent, SignInNeeded, UsageError

from .failures import PASSING_CODES, Passing
from .sources import Grant, Source
from .threads import in_thread

__all__ = ["Renewing", "due_at"]

_MARGIN: Final = timedelta(minutes=5)
_WAITS: Final = (1.0, 2.0, 4.0, 8.0, 15.0)
_LONGEST_WAIT: Final = 60.0
_LATER: Final = timedelta(seconds=30)


def due_at(grant: Grant) -> datetime:
    """When a token is to be renewed: five minutes before it expires, or after half of a shorter life."""
    life = grant.expires_at - grant.given_at
    return grant.expires_at - min(_MARGIN, life / 2)


@dataclass(slots=True)
class _Held:
    grant: Grant
    due: datetime


class Renewing:
    """A token provider over a source.

    A passing fault of the sign-in service is waited out as long as the token is good, and for half a minute
    more. Once a person is needed everyone is told so, and the service is not asked again.
    """

    def __init__(self, source: Source, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._lock = asyncio.Lock()
        self._given_up = asyncio.Event()
        self._asked: asyncio.Future[Grant] | None = None
        self._held: _Held | None = None
        self._dead: SignInNeeded | None = None

    def __repr__(self) -> str:
        return f"Renewing({type(self._source).__name__})"

    def abandon(self) -> None:
        """Nobody waits any more: who does gets NotSent."""
        self._given_up.set()

    async def token(self) -> str:
        """A token that is good for minutes, if its life is that long. Raises SignInNeeded, NotSent."""
        held = self._held
        if held is not None and self._clock.now() < held.due:
            return held.grant.token
        async with self._lock:
            held = self._held
            if held is not None and self._clock.now() < held.due:
                return held.grant.token
            return (await self._renewed(held)).token

    async def renew(self, rejected: str) -> str:
        """Another token than the one that was refused. Raises SignInNeeded, NotSent."""
        async with self._lock:
            if self._held is not None and self._held.grant.token != rejected:
                return self._held.grant.token
            self._held = None
            return (await self._renewed(None)).token

    async def _renewed(self, held: _Held | None) -> Grant:
        if self._dead is not None:
            raise self._dead
        failure = _unreachable(Passing("nobody has asked yet"))
        for wait in (*_WAITS, None):
            try:
                grant = await self._ask()
            except Passing as trouble:
                failure, told = _unreachable(trouble), trouble.wait
            except SignInNeeded as needed:
                if needed.code not in PASSING_CODES:
                    self._dead = needed
                    raise
                failure, told = needed, 0.0
            except UsageError as wrong:
                # A certificate that cannot be read, in the middle of a run: rows wait as for any sign-in.
                self._dead = SignInNeeded(wrong.message, hint=wrong.hint, code=wrong.code)
                raise self._dead from None
            else:
                self._held = _Held(grant, due_at(grant))
                return grant
            if held is not None and self._clock.now() < held.grant.expires_at:
                held.due = self._clock.now() + _LATER
                return held.grant
            if wait is None or told > _LONGEST_WAIT:
                break
            await self._rest(max(wait, told))
        self._dead = failure
        raise failure

    async def _ask(self) -> Grant:
        """One call at a time: the one of somebody who was cancelled is waited for, and taken."""
        if self._asked is None:
            self._asked = in_thread(self._source.acquire)
        await self._until_given_up({self._asked})
        asked, self._asked = self._asked, None
        return asked.result()

    async def _rest(self, seconds: float) -> None:
        await self._until_given_up(set(), seconds)

    async def _until_given_up(self, wanted: set[asyncio.Future[Grant]], seconds: float | None = None) -> None:
        leaving = asyncio.ensure_future(self._given_up.wait())
        both: set[asyncio.Future[Any]] = {*wanted, leaving}
        try:
            await asyncio.wait(both, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
        if self._given_up.is_set() and not any(one.done() for one in wanted):
            raise NotSent("The run was stopped before it was signed in.")


def _unreachable(trouble: Passing) -> SignInNeeded:
    return SignInNeeded(
        f"Signing in is not possible now: {trouble}.",
        hint="`batchqual doctor` names the hop that fails; the same command goes on where it was.",
        code="sign-in-unreachable",
    )

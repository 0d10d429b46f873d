"""A token that is renewed in time: once for all who ask, in a thread, so that msal never blocks the loop."""

from __future__ import annotations

import asyncio
import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from batchqual.clock import Clock
from batchqual.errors import AccessDenied, NotSent, SignInNeeded, SignInUnreachable, UsageError
from batchqual.partnercenter import backoff_after

from .failures import PASSING_CODES, Passing
from .sources import Grant, Source
from .threads import in_thread

__all__ = ["Renewing", "due_at"]

_MARGIN: Final = timedelta(minutes=5)
_WAITS: Final = (1.0, 2.0, 4.0, 8.0, 15.0)
_LONGEST_WAIT: Final = 60.0
_LONGEST_PAUSE: Final = 86_400.0
_LATER: Final = timedelta(seconds=30)
# A timer may fire a clock resolution early.
_TICK: Final = 0.01


def due_at(grant: Grant) -> datetime:
    """When a token is to be renewed: five minutes before it expires, or after half of a shorter life."""
    life = grant.expires_at - grant.given_at
    return grant.expires_at - min(_MARGIN, life / 2)


@dataclass(slots=True)
class _Held:
    grant: Grant
    due: datetime


@dataclass(frozen=True, slots=True)
class _Outage:
    """Since when nobody could sign in, and when the service is asked again (seconds of the event loop)."""

    since: float
    tries: int
    ask_at: float
    words: str


class Renewing:
    """A token provider over a source.

    A passing fault of the sign-in service is waited out for half a minute before there is a first token. Once
    there has been one, it is an outage: the token in hand is used as long as it is good, then
    SignInUnreachable tells everyone when the service is asked again, and until then nobody asks. Once a
    person is needed everyone is told so, and the service is not asked any more.
    """

    def __init__(self, source: Source, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._lock = asyncio.Lock()
        self._given_up = asyncio.Event()
        self._asked: asyncio.Future[Grant] | None = None
        self._held: _Held | None = None
        self._dead: SignInNeeded | AccessDenied | None = None
        self._worked = False
        self._outage: _Outage | None = None

    def __repr__(self) -> str:
        return f"Renewing({type(self._source).__name__})"

    def abandon(self) -> None:
        """Nobody waits any more: who does gets NotSent."""
        self._given_up.set()

    async def token(self) -> str:
        """A token that is good for minutes, if its life is that long. Raises SignInNeeded,
        SignInUnreachable, NotSent."""
        held = self._held
        if held is not None and self._clock.now() < held.due:
            return held.grant.token
        async with self._lock:
            held = self._held
            if held is not None and self._clock.now() < held.due:
                return held.grant.token
            return (await self._renewed(held)).token

    async def renew(self, rejected: str) -> str:
        """Another token than the one that was refused. Raises SignInNeeded, SignInUnreachable, NotSent."""
        async with self._lock:
            if self._held is not None and self._held.grant.token != rejected:
                return self._held.grant.token
            self._held = None
            return (await self._renewed(None)).token

    async def _renewed(self, held: _Held | None) -> Grant:
        if self._dead is not None:
            raise self._dead
        grant = await (self._again(held) if self._worked else self._first())
        if held is None or grant is not held.grant:
            self._held = _Held(grant, due_at(grant))
            self._worked, self._outage = True, None
        return grant

    async def _first(self) -> Grant:
        waits = iter(_WAITS)
        while True:
            try:
                return await self._asked_once()
            except Passing as trouble:
                pause = max(next(waits, math.inf), trouble.wait)
                if pause > _LONGEST_WAIT:
                    self._dead = trouble.failure or _unreachable(trouble)
                    raise self._dead from None
            await self._rest(pause)

    async def _again(self, held: _Held | None) -> Grant:
        good = held if held is not None and self._clock.now() < held.grant.expires_at else None
        outage, now = self._outage, asyncio.get_running_loop().time()
        if good is not None or outage is None or now >= outage.ask_at - _TICK:
            try:
                return await self._asked_once()
            except Passing as trouble:
                if good is not None:
                    good.due = min(self._clock.now() + _LATER, good.grant.expires_at)
                    return good.grant
                outage = self._outage = _longer(outage, trouble)
                now = asyncio.get_running_loop().time()
        raise SignInUnreachable(outage.words, wait=max(0.0, outage.ask_at - now), since=outage.since)

    async def _asked_once(self) -> Grant:
        """Raises Passing for what another try may mend, SignInNeeded once a person is needed."""
        try:
            return await self._ask()
        except SignInNeeded as needed:
            if needed.code in PASSING_CODES:
                raise Passing(needed.message.rstrip("."), failure=needed) from None
            self._dead = needed
            raise
        except AccessDenied as refused:
            # A proxy wants a login: all who wait get the same answer, and it is not asked for each of them.
            self._dead = refused
            raise
        except UsageError as wrong:
            # A certificate that cannot be read, in the middle of a run: rows wait as for any sign-in.
            self._dead = SignInNeeded(wrong.message, hint=wrong.hint, code=wrong.code)
            raise self._dead from None

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


def _longer(outage: _Outage | None, trouble: Passing) -> _Outage:
    """The outage after one more try in vain. Entra asks clients to back off, and to obey Retry-After."""
    now = asyncio.get_running_loop().time()
    tries = outage.tries + 1 if outage else 1
    chance = random.random()  # noqa: S311 - spreads tries, guards nothing
    pause = min(max(backoff_after(tries, chance), trouble.wait), _LONGEST_PAUSE)
    return _Outage(outage.since if outage else now, tries, now + pause, _unreachable(trouble).message)


def _unreachable(trouble: Passing) -> SignInNeeded:
    return SignInNeeded(
        f"Signing in is not possible now: {trouble}.",
        hint="`batchqual doctor` names the hop that fails; the same command goes on where it was.",
        code="sign-in-unreachable",
    )

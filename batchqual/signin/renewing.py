"""A token that is renewed in time: once for all who ask, in a thread, so that msal never blocks the loop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from batchqual.clock import Clock
from batchqual.errors import SignInNeeded, UsageError

from .failures import Passing
from .sources import Grant, Source

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
        self._held: _Held | None = None
        self._dead: SignInNeeded | None = None

    def __repr__(self) -> str:
        return f"Renewing({type(self._source).__name__})"

    async def token(self) -> str:
        """A token that is good for minutes, if its life is that long. Raises SignInNeeded."""
        held = self._held
        if held is not None and self._clock.now() < held.due:
            return held.grant.token
        async with self._lock:
            held = self._held
            if held is not None and self._clock.now() < held.due:
                return held.grant.token
            return (await self._renewed(held)).token

    async def renew(self, rejected: str) -> str:
        """Another token than the one that was refused. Raises SignInNeeded."""
        async with self._lock:
            if self._held is not None and self._held.grant.token != rejected:
                return self._held.grant.token
            self._held = None
            return (await self._renewed(None)).token

    async def _renewed(self, held: _Held | None) -> Grant:
        if self._dead is not None:
            raise self._dead
        words, told = "", 0.0
        for wait in (*_WAITS, None):
            try:
                grant = await asyncio.to_thread(self._source.acquire)
            except Passing as trouble:
                words, told = str(trouble), trouble.wait
            except SignInNeeded as needed:
                self._dead = needed
                raise
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
            if wait is not None and told <= _LONGEST_WAIT:
                await asyncio.sleep(max(wait, told))
        self._dead = SignInNeeded(
            f"The sign-in service cannot be used now: {words}.",
            hint="`batchqual doctor` names the hop that fails; the same command goes on where it was.",
            code="sign-in-unreachable",
        )
        raise self._dead

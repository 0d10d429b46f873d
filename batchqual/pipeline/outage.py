"""Sign-in out of reach in the middle of a run: an outage like the API's, which is waited for."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from batchqual.durations import about
from batchqual.errors import PausedTooLong, RunStopped, SignInUnreachable
from batchqual.events import Listener, SigningIn
from batchqual.model import Problem
from batchqual.partnercenter import PartnerCenter

__all__ = ["SignInOutage"]

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class SignInOutage:
    """Says of each outage once that sign-in is out of reach, and knows how long a run waits for it: as long
    as for any pause that the service asks for. ``away`` is what the last look met, None once one was made."""

    service: PartnerCenter
    say: Listener
    away: SignInUnreachable | None = None
    _told: set[float] = field(default_factory=set)

    def tell(self, away: SignInUnreachable) -> None:
        """Say it, unless it was said of this outage."""
        if away.since not in self._told:
            self._told.add(away.since)
            words = f"{away.message} The run waits for it, and goes on by itself."
            self.say(SigningIn("waiting", words))

    def left(self, away: SignInUnreachable) -> float:
        """For how many seconds more it is waited for; not above zero when this run may wait no longer."""
        longest = self.service.gate.max_pause
        return math.inf if longest is None else longest - _lasted(away)

    async def waited_out(self, ask: Callable[[], Awaitable[T]]) -> T:
        """What ``ask`` gives, once signing in works. Raises what ``ask`` raises, PausedTooLong, and NotSent
        when the run is stopped meanwhile."""
        while True:
            try:
                return await ask()
            except SignInUnreachable as away:
                self.tell(away)
                if self.left(away) <= 0:
                    raise self.stop(away, looks_go_on=False) from away
                await self.service.gate.rest(min(away.wait, self.left(away)))

    def stop(self, away: SignInUnreachable, *, looks_go_on: bool) -> RunStopped:
        """Why nothing more is submitted."""
        kind = RunStopped if looks_go_on else PausedTooLong
        words = f"{away.message} It has been so for {about(_lasted(away))}; this run may wait no longer."
        return kind(words, hint=away.hint, code=away.code)

    def notice(self) -> Problem | None:
        """What the report says of an outage that the run did not see the end of."""
        if self.away is None:
            return None
        words = f"{self.away.message} For the last {about(_lasted(self.away))} of this run nothing could be"
        return Problem(self.away.code, f"{words} looked at.", source="")


def _lasted(away: SignInUnreachable) -> float:
    return asyncio.get_running_loop().time() - away.since

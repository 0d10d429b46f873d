"""When a call is made again: the policy, which is a pure function, and the skin that follows it."""

from __future__ import annotations

import random
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from ..errors import CallFailed, NotSent, Throttled, Unavailable
from ..events import Listener, Retried
from .call import Call, Counts, Door, Reply
from .pace import Abandoned

__all__ = ["RetryPolicy", "Retrying", "new_id"]


def new_id() -> str:
    """A new GUID, for MS-CorrelationId and for the MS-RequestId of a read.

    It traces calls and guards nothing, so it costs no system call: three in a customer's way are felt.
    """
    return str(uuid.UUID(int=_ids.getrandbits(128), version=4))


_ids = random.Random(uuid.uuid4().int)  # noqa: S311 - names, not secrets


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential back-off, spread by half to both sides, bounded in tries and in time (seconds)."""

    tries: int = 6
    seconds: float = 120.0
    first: float = 0.5
    longest: float = 30.0

    def wait(self, attempt: int, failure: CallFailed, elapsed: float, chance: float) -> float | None:
        """Seconds to wait after the failed try number ``attempt`` (from 1), None to give up.

        ``elapsed`` counts the time on the wire and of the waits before, not that of standing at the gate;
        ``chance`` is from 0 to 1.
        """
        if not isinstance(failure, NotSent | Unavailable) or isinstance(failure, Abandoned):
            return None
        if attempt >= self.tries:
            return None
        # The exponent is bounded because the policy allows any number of tries, and a float does not.
        pause = min(self.first * 2.0 ** min(attempt - 1, 60), self.longest) * (0.5 + chance)
        return pause if elapsed + pause <= self.seconds else None


class Retrying:
    """The outermost skin. Repeats what the door's contract allows: calls that were not processed, and reads.

    A throttled call goes back to the gate at once, which knows how long to hold it, and that is no try. The
    request id of a read is kept, unless 409 answered (Partner Center docs, headers page, June 2022: a new one
    for a new operation); that of a write belongs to the caller, and is never changed.
    """

    def __init__(
        self,
        inner: Door,
        policy: RetryPolicy,
        *,
        rest: Callable[[float], Awaitable[None]],
        counts: Counts,
        say: Listener,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._inner = inner
        self._policy = policy
        self._rest = rest
        self._counts = counts
        self._say = say
        self._chance = chance

    async def send(self, call: Call) -> Reply:
        """Make the call, and again."""
        attempt, rested = 0, 0.0
        while True:
            try:
                return await self._inner.send(call)
            except Throttled:
                continue
            except CallFailed as failed:
                attempt += 1
                wait = self._policy.wait(attempt, failed, call.stopwatch.seconds + rested, self._chance())
                if wait is None:
                    raise
                rested += wait
                self._counts.retried += 1
                self._say(Retried(call.endpoint, failed.message, wait))
                await self._rest(wait)
                if failed.http_status == 409 and not call.writes:
                    call = replace(call, request_id=new_id())

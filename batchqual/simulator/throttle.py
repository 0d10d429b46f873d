"""The budget of requests, and the 429 that tells it is spent."""

from __future__ import annotations

import math
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Literal

from .wording import Reply, dump

if TYPE_CHECKING:
    from collections.abc import Callable

RetryAfterForm = Literal["seconds", "date", "absent", "negative"]


class Throttle:
    """A token bucket of `burst` requests, refilled at `rate` a second (None: no limit). After a 429 all
    requests are refused until its Retry-After is over, `penalty` seconds at least."""

    def __init__(
        self,
        rate: float | None,
        burst: int,
        penalty: float,
        form: RetryAfterForm,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate = rate
        self._burst = burst
        self._penalty = penalty
        self._form = form
        self._clock = clock
        self._tokens = float(burst)
        self._filled = clock()
        self._closed_until = -math.inf

    def refusal(self) -> Reply | None:
        """Takes one request out of the budget: None, or the 429 that refuses it."""
        if self._rate is None and self._closed_until == -math.inf:
            return None
        now = self._clock()
        if now < self._closed_until:
            return self._reply(self._closed_until - now)
        if self._rate is None:
            return None
        self._tokens = min(float(self._burst), self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        if self._tokens >= 1:
            self._tokens -= 1
            return None
        return self.close(max(1.0, self._penalty, (1 - self._tokens) / self._rate))

    def close(self, seconds: float) -> Reply:
        """Closes the gate for `seconds`, rounded up to whole ones, and gives the 429 that says so."""
        wait = math.ceil(seconds)
        self._closed_until = max(self._closed_until, self._clock() + wait)
        return self._reply(wait)

    def _reply(self, wait: float) -> Reply:
        whole = math.ceil(wait)
        body = dump({"statusCode": 429, "message": f"Rate limit is exceeded. Try again in {whole} seconds."})
        told = {
            "seconds": (("Retry-After", str(whole)),),
            "date": (("Retry-After", formatdate(math.ceil(time.time() + wait), usegmt=True)),),
            "absent": (),
            "negative": (("Retry-After", "-1"),),
        }
        return Reply(429, body, headers=told[self._form])

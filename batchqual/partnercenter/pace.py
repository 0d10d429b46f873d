"""The gate: how fast, how many at once, and nobody while the service says wait."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

from aiolimiter import AsyncLimiter

from ..clock import Clock
from ..durations import about
from ..errors import NotSent, PausedTooLong, Throttled
from ..events import Listener
from ..events import Throttled as ThrottledEvent
from .call import Call, Counts, Door, Reply, Stopwatch

__all__ = ["Abandoned", "Gate", "Paced", "backoff_after"]

_LONGEST_BACKOFF: Final = 60.0
_LONGEST_PAUSE: Final = 86_400.0
_BURST: Final = 2
_LATER: Final = "Run the same command again later: it goes on where it was."
# A clock that moves only when all sleep never passes the last billionth of a second.
_ROUNDING: Final = 1e-6


class Abandoned(NotSent):
    """The gate was given up while the call waited for its turn. Not to be repeated."""


def backoff_after(throttles: int, chance: float) -> float:
    """Seconds to wait after so many throttles in a row, where the service did not say: 1, 2, 4 … 60, each
    spread by a quarter to both sides. ``chance`` is from 0 to 1."""
    return float(min(2 ** min(throttles - 1, 10) * (0.75 + chance / 2), _LONGEST_BACKOFF))


class Gate:
    """One gate per partner and event loop; every try passes it twice: for a slot, and when its bytes may
    leave.

    ``rate`` in requests a second, with a burst of two (None: no limit); ``concurrency`` tries at once at
    most; ``max_pause`` the longest closure in seconds that a try waits for (None: any), else it raises
    PausedTooLong. ``on_closed`` hears until when (UTC) a throttle has closed the gate, so that a later
    process can hold it. ``on_abandon`` is called when nobody is let through any more. ``chance`` gives
    numbers from 0 to 1.
    """

    def __init__(
        self,
        *,
        rate: float | None,
        concurrency: int,
        clock: Clock,
        max_pause: float | None = None,
        on_closed: Callable[[datetime], None] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._places = asyncio.Semaphore(concurrency)
        self._clock = clock
        self._max_pause = max_pause
        self._on_closed = on_closed
        self._chance = chance
        self._limiter: AsyncLimiter | None = None
        self._spacing = 0.0
        self._last_departure = -1.0
        self._opens_at = 0.0
        self._closed_at = -1.0
        self._throttles = 0
        self._abandoned = False
        self._waits: set[asyncio.Timeout] = set()
        self._slot_waits: set[asyncio.Timeout] = set()
        self.on_abandon: list[Callable[[], None]] = []
        self.set_rate(rate)

    @property
    def max_pause(self) -> float | None:
        """The longest pause in seconds that is waited for; None: any."""
        return self._max_pause

    def set_rate(self, rate: float | None) -> None:
        """Change the pace from now on; who waits already goes on at the new pace.

        A limiter's drip cannot be changed, so the limiter is replaced. A capacity of two is what keeps the
        pace to a percent: with one, a late wake-up is never made up for, and with more the bursts are too
        large.
        """
        self._limiter = AsyncLimiter(_BURST, _BURST / rate) if rate is not None else None
        self._spacing = 1 / (rate + 1) if rate is not None else 0.0
        _end(self._slot_waits)

    def hold_until(self, moment: datetime) -> None:
        """Stay closed until ``moment`` (UTC), as an earlier process was told to."""
        self._close_for((moment - self._clock.now()).total_seconds())

    def close(self, asked: float | None, departed: float) -> float:
        """A throttle: close for everyone, for the seconds ``asked``, else by a back-off of our own; return
        how long.

        ``departed`` is when the throttled call left: calls that were on their way when the gate closed are no
        second throttle. From the second in a row on the back-off counts even if the service asks for less
        (Partner Center docs, throttling guidance, July 2022). After a day the service is asked again, however
        long it said.
        """
        now = self._now()
        if departed > self._closed_at:
            self._throttles += 1
            self._closed_at = now
        seconds = min(asked or 0.0, _LONGEST_PAUSE)
        if not asked or self._throttles > 1:
            seconds = max(seconds, backoff_after(self._throttles, self._chance()))
        if self._close_for(seconds) and self._on_closed is not None:
            self._on_closed(self._clock.now() + timedelta(seconds=seconds))
        return seconds

    def check_patience(self, stopwatch: Stopwatch) -> None:
        """A call was throttled, perhaps again and again: together such pauses are bounded as a single one is.
        Raises PausedTooLong."""
        if stopwatch.first_throttled is None:
            stopwatch.first_throttled = self._now()
        waited = self._now() - stopwatch.first_throttled
        if self._max_pause is not None and waited > self._max_pause:
            raise PausedTooLong(
                f"Partner Center has put off the same call for {about(waited)}, "
                "longer than this run may wait.",
                hint=_LATER,
            )

    def answered(self, departed: float) -> None:
        """A call that left after the last closing was answered: the next throttle is the first in a row."""
        if departed > self._closed_at:
            self._throttles = 0

    def abandon(self) -> None:
        """Let nobody through any more: who waits, and who comes, gets `Abandoned`. Calls on the wire
        finish."""
        if not self._abandoned:
            self._abandoned = True
            for leave in self.on_abandon:
                leave()
            _end(self._waits)
            _end(self._slot_waits)

    @asynccontextmanager
    async def place(self, ready: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
        """One of the places in flight, and a slot of the pace. ``ready`` is awaited in between, when the gate
        is open: who waits there keeps nobody from a slot. Raises Abandoned, PausedTooLong, and what ``ready``
        raises."""
        if self._places.locked():
            async with self._leavable(self._waits):
                await self._places.acquire()
        else:
            await self._places.acquire()
        try:
            await self._slot(ready)
            yield
        finally:
            self._places.release()

    async def _slot(self, ready: Callable[[], Awaitable[object]]) -> None:
        while True:
            await self._opened()
            await ready()
            limiter = self._limiter
            if limiter is None:
                return
            async with self._leavable(self._slot_waits):
                await limiter.acquire()
            # While this try waited the gate may have closed, or the pace changed.
            if limiter is self._limiter and self._opens_at - self._now() <= _ROUNDING:
                return

    async def depart(self) -> None:
        """The last check, with the connection at hand: returns when bytes may leave, at once.

        Connecting takes time (DNS, TLS, a proxy), so slots that were given out evenly can come due in a
        bunch. Here they are spread again, a little closer than the pace: the rate and one in a second, so
        that whoever comes in time does not wait. Raises as `place`.
        """
        while True:
            await self._opened()
            wait = self._last_departure + self._spacing - self._now()
            if wait <= _ROUNDING:
                self._last_departure = self._now()
                return
            await self.rest(wait)

    async def rest(self, seconds: float) -> None:
        """Sleep between two tries, unless the gate is abandoned."""
        async with self._leavable(self._waits):
            await asyncio.sleep(seconds)

    async def _opened(self) -> None:
        while (left := self._opens_at - self._now()) > _ROUNDING:
            if self._max_pause is not None and left > self._max_pause:
                raise PausedTooLong(
                    f"Partner Center asks for a pause of {about(left)}, longer than this run may wait.",
                    hint=_LATER,
                )
            await self.rest(left)
        if self._abandoned:
            raise Abandoned("stopped before its turn")

    @asynccontextmanager
    async def _leavable(self, waits: set[asyncio.Timeout]) -> AsyncIterator[None]:
        """A wait that can be ended from outside: with Abandoned by `abandon`, quietly by a new pace."""
        if self._abandoned:
            raise Abandoned("stopped before its turn")
        try:
            async with asyncio.timeout(None) as wait:
                waits.add(wait)
                try:
                    yield
                finally:
                    waits.discard(wait)
        except TimeoutError:
            if self._abandoned:
                raise Abandoned("stopped before its turn") from None

    def _close_for(self, seconds: float) -> bool:
        """Close for at least so long; whether that is longer than it was closed anyway."""
        opens_at = self._now() + seconds
        longer = opens_at > self._opens_at
        self._opens_at = max(opens_at, self._opens_at)
        return longer

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def _end(waits: set[asyncio.Timeout]) -> None:
    while waits:
        waits.pop().reschedule(asyncio.get_running_loop().time())


class Paced:
    """The skin that takes a place at the gate for each try, and closes the gate when the service says
    wait."""

    def __init__(self, inner: Door, gate: Gate, counts: Counts, say: Listener) -> None:
        self._inner = inner
        self._gate = gate
        self._counts = counts
        self._say = say

    async def send(self, call: Call) -> Reply:
        """Make the call. Raises what the inner door raises, NotSent when the gate is abandoned,
        PausedTooLong."""
        async with self._gate.place(call.bearer.take):
            try:
                reply = await self._inner.send(call)
            except Throttled as throttled:
                self._counts.throttled += 1
                seconds = self._gate.close(throttled.retry_after, call.stopwatch.departed)
                self._say(ThrottledEvent(call.endpoint, seconds))
                self._gate.check_patience(call.stopwatch)
                raise
        self._gate.answered(call.stopwatch.departed)
        return reply

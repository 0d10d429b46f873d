"""The door: one call, one reply, and what everyone who stands in the doorway promises."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["Bearer", "Call", "Counts", "Door", "Reply", "Stopwatch"]


@dataclass(slots=True)
class Stopwatch:
    """What all tries of one call have cost so far.

    ``seconds`` were spent connecting, sending and reading, not waiting for a turn; ``departed`` is when the
    last try's bytes left, ``first_throttled`` when the service first put the call off, in seconds of the
    event loop.
    """

    seconds: float = 0.0
    departed: float = 0.0
    first_throttled: float | None = None


async def _nobody() -> str:
    return ""


@dataclass(slots=True)
class Bearer:
    """Whose token a call bears, and which it took last.

    It is taken when the gate is open: one that is taken sooner grows old there, and a pause can outlast it.
    """

    ask: Callable[[], Awaitable[str]] = _nobody
    token: str = field(default="", repr=False)

    async def take(self) -> str:
        """The token of this moment. Raises what its provider raises."""
        self.token = await self.ask()
        return self.token


@dataclass(frozen=True, slots=True)
class Call:
    """One logical call. Its tries share it, and with it the request id.

    ``path`` is already quoted and has no query; ``endpoint`` names the call in logs and metrics, without
    customer and query. ``writes`` decides what a lost answer means, not the method. ``headers`` are this
    call's own, besides those that every call has. ``masks`` pairs each secret of this call (a validation
    code) with what may be shown of it, should the service repeat it.
    """

    method: str
    path: str
    endpoint: str
    request_id: str
    writes: bool = False
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    masks: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    bearer: Bearer = field(default_factory=Bearer, repr=False)
    stopwatch: Stopwatch = field(default_factory=Stopwatch)

    def masked(self, text: str) -> str:
        """Text from outside, with this call's secrets masked."""
        for secret, shown in self.masks:
            text = text.replace(secret, shown)
        return text


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. ``headers`` are case-insensitive; ``complete`` is False when the body broke off or was
    longer than allowed; ``correlation_id`` is the one that was sent with this try."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    complete: bool
    correlation_id: str


class Door(Protocol):
    """Whatever can make a call: the wire itself, or a skin around another door.

    A door answers with a 2xx `Reply`, to a read a complete one of JSON (or nothing), and raises else:

    - `NotSent`, `Throttled`: the service has processed nothing. The same call may be made again, a write too,
      with the same request id.
    - `Unavailable` (reads): a passing fault. May be repeated.
    - `FateUnknown` (writes): the call may have been processed. Never repeated by a door; its caller looks.
    - `AlreadyThere`, `NotFound`, `Refused`: the service's final word on this call.
    - `AccessDenied`, `PausedTooLong`, `SignInNeeded`: the final word on every call of this run.

    A cancelled read has no effect. A cancelled write may have been processed: its fate is unknown. A cancel
    gives back every place and slot that the call held.
    """

    async def send(self, call: Call) -> Reply:
        """Make the call."""
        ...


@dataclass(slots=True)
class Counts:
    """Every try on the wire by method; answers that said wait; tries beyond the first for another reason."""

    get: int = 0
    post: int = 0
    put: int = 0
    throttled: int = 0
    retried: int = 0

    def departed(self, method: str) -> None:
        """One more try left this machine."""
        if method == "POST":
            self.post += 1
        elif method == "PUT":
            self.put += 1
        else:
            self.get += 1

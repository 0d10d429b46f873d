"""What the engine has said so far, in numbers, and how long it may still take."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from batchqual.events import (
    AnswerLost,
    Event,
    Retried,
    RunFinished,
    RunStarted,
    SigningIn,
    Standing,
    Stopping,
    Submitted,
    Throttled,
)
from batchqual.model import Outcome, Wish

__all__ = ["Phase", "Tally"]

_ENOUGH_TO_MEASURE = 10


class Phase(StrEnum):
    """What a run is at."""

    STARTING = "starting"
    SUBMITTING = "submitting"
    WATCHING = "watching"  # everything is submitted, and vetting is waited for
    STOPPING = "stopping"
    OVER = "over"


@dataclass(slots=True)
class Tally:
    """A listener that counts. It listens on the event loop of the run.

    ``rate`` is the ceiling in requests a second, None for no ceiling; ``wait`` how many seconds may be looked
    for after the last answer; ``now`` a monotonic clock. ``standings`` counts wishes, not rows.
    """

    rate: float | None = None
    wait: float = 0.0
    now: Callable[[], float] = time.monotonic
    run: RunStarted | None = None
    standings: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    submitted: int = 0
    throttled: int = 0
    retried: int = 0
    last_trouble: str = ""
    stop_reason: str = ""
    looks_go_on: bool = False
    outcome: RunFinished | None = None
    began: float = 0.0
    last_answer: float = 0.0
    _paused_until: float = 0.0
    _opening: bool = True
    _handled: set[Wish] = field(default_factory=set)

    def __call__(self, event: Event) -> None:
        """Count one event."""
        match event:
            case SigningIn():
                pass  # it is for those who speak
            case RunStarted():
                self._begin(event)
            case Standing():
                self._stand(event)
            case Submitted(wish=wish):
                self.submitted += 1
                self.last_answer = self.now()
                self._handled.add(wish)
            case AnswerLost(wish=wish):
                self._handled.add(wish)
            case Throttled(seconds=seconds):
                self.throttled += 1
                self._paused_until = max(self._paused_until, self.now() + seconds)
            case Retried(reason=reason):
                self.retried += 1
                self.last_trouble = reason
            case Stopping(reason=reason, looks_go_on=looks_go_on):
                self.stop_reason = reason
                self.looks_go_on = looks_go_on
            case RunFinished():
                self.outcome = event

    def _begin(self, event: RunStarted) -> None:
        self.run = event
        self.began = self.last_answer = self.now()
        # where the wishes stand that need not be offered is told in the same turn of the loop
        asyncio.get_running_loop().call_soon(self._end_opening)

    def _end_opening(self) -> None:
        self._opening = False

    def _stand(self, event: Standing) -> None:
        if event.before is not None:
            self.standings[event.before] -= 1
        elif not self._opening:
            self._handled.add(event.wish)
        self.standings[event.now] += 1

    @property
    def phase(self) -> Phase:
        """What the run is at."""
        if self.outcome is not None:
            return Phase.OVER
        if self.run is None:
            return Phase.STARTING
        if self.stop_reason:
            return Phase.WATCHING if self.looks_go_on else Phase.STOPPING
        return Phase.SUBMITTING if self.left else Phase.WATCHING

    @property
    def offered(self) -> int:
        """Wishes that may be submitted in this run."""
        return self.run.sendable if self.run else 0

    @property
    def left(self) -> int:
        """Wishes that are still to be looked at or submitted for the first time."""
        return max(0, self.offered - len(self._handled))

    @property
    def in_review(self) -> int:
        """Wishes whose vetting has not settled."""
        return self.standings[Outcome.IN_REVIEW]

    @property
    def elapsed(self) -> float:
        """Seconds since the run began its work."""
        return self.now() - self.began if self.run else 0.0

    @property
    def pause_left(self) -> float:
        """Seconds for which the service still wants everyone to wait."""
        return max(0.0, self._paused_until - self.now())

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the last submission, by the pace so far, pauses included; before that is known, by
        the ceiling. None when there is nothing to submit, or nothing to judge by."""
        if not self.left:
            return None
        handled = len(self._handled)
        if handled >= _ENOUGH_TO_MEASURE and self.elapsed > 0:
            guess = self.left * self.elapsed / handled
        elif self.rate:
            guess = 2 * self.left / self.rate  # a look and a submission each
        else:
            return None
        return max(guess, self.pause_left)

    @property
    def watch_left(self) -> float:
        """Seconds for which vetting is still waited for, at most; may be infinite. A plan does not wait."""
        if self.run is not None and self.run.command == "plan":
            return 0.0
        return max(0.0, self.last_answer + self.wait - self.now())

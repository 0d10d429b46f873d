"""Progress where no terminal is: a plain line at every change of phase, and one now and then."""

from __future__ import annotations

from collections.abc import Callable

from batchqual.events import Event, RunStarted, SigningIn, Stopping, Throttled

from .phrases import count_of, outcome_words, spell_span
from .tally import Phase, Tally

__all__ = ["Lines", "status_line"]

_LONGEST_REASON = 80


class Lines:
    """Says lines through ``write``. Tell the `Tally` first, then this; call `tick` every second or so.

    ``every`` is the time in seconds after which a line is due although nothing has changed.
    """

    def __init__(self, tally: Tally, write: Callable[[str], None], *, every: float = 30.0) -> None:
        self._tally = tally
        self._write = write
        self._every = every
        self._spoken_at = tally.now()
        self._phase = Phase.STARTING

    def __call__(self, event: Event) -> None:
        """Say what is worth a line of its own."""
        match event:
            case SigningIn(words=words):
                self._say(words)
            case RunStarted():
                self._phase = Phase.SUBMITTING if event.sendable else Phase.WATCHING
                self._say(_opening(event))
            case Throttled() if self._due(share=0.2):
                self._say(f"The service asks everyone to wait {spell_span(event.seconds)}.")
            case Stopping():
                self._phase = self._tally.phase
                self._say(event.reason)
            case _:
                self.tick()

    def tick(self) -> None:
        """Say a line if one is due."""
        phase = self._tally.phase
        turned = self._phase is Phase.SUBMITTING and phase is Phase.WATCHING and self._tally.in_review > 0
        if phase in (Phase.STARTING, Phase.OVER) or not (turned or self._due()):
            return
        self._phase = phase
        self._say(status_line(self._tally))

    def _due(self, share: float = 1.0) -> bool:
        return self._tally.now() - self._spoken_at >= share * self._every

    def _say(self, line: str) -> None:
        self._spoken_at = self._tally.now()
        self._write(line)


def status_line(tally: Tally) -> str:
    """Where the run stands, in a line."""
    where = outcome_words(tally.standings) or _silence(tally)
    match tally.phase:
        case Phase.SUBMITTING:
            left = tally.seconds_left
            about = f", about {spell_span(left)} left" if left is not None else ""
            return f"{tally.offered - tally.left:,} of {tally.offered:,} dealt with{about}: {where}."
        case Phase.WATCHING if tally.in_review and tally.watch_left:
            return f"Waiting for vetting, {spell_span(tally.watch_left)} at most: {where}."
        case Phase.STOPPING:
            return f"Stopping: {where}."
        case _:
            return f"{where[0].upper()}{where[1:]}."


def _silence(tally: Tally) -> str:
    """Why there is nothing to count: a service that answers with errors alone does answer."""
    if not tally.retried:
        return "no answers yet"
    failed = f"{count_of(tally.retried, 'call')} failed and will be made again"
    return f"no answers yet; {failed} ({tally.last_trouble[:_LONGEST_REASON].rstrip('.')})"


def _opening(event: RunStarted) -> str:
    customers = count_of(event.customers, "customer")
    if not event.sendable:
        return f"{customers} to look at; nothing to submit."
    submissions = count_of(event.sendable, "submission")
    if event.command == "plan":
        return f"{customers} to look at; a run would make {submissions} at most."
    return f"{customers} to look at; at most {submissions}."

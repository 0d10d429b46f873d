"""What may still be submitted: the first N, the failure threshold, a stop, a dry run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from batchqual.durations import Threshold
from batchqual.errors import (
    AccessDenied,
    CallFailed,
    NoClearAnswers,
    PausedTooLong,
    RefusedAlike,
    RunStopped,
    SignInNeeded,
    TooManyFailures,
    WriteSignInNeeded,
)
from batchqual.events import Event, Stopping
from batchqual.model import Outcome
from batchqual.partnercenter import alike_limit, hint_for

from .items import Item, Obstacle

__all__ = ["MOST_UNCLEAR", "Brakes"]

MOST_UNCLEAR = 10
"""So many submissions in a row without a clear answer, of which no look finds one, end a run's sending."""


@dataclass(slots=True)
class _Alike:
    """Of how many, in a row, the answer was the same refusal. ``at_first``: nothing was answered otherwise
    before."""

    kind: tuple[int | None, str] | None = None
    refused: set[object] = field(default_factory=set)
    at_first: bool = True

    def otherwise(self) -> None:
        """Another answer."""
        self.kind, self.refused, self.at_first = None, set(), False

    def once_more(self, whom: object, refusal: CallFailed) -> int:
        """A refusal; how many in a row it makes."""
        kind = (refusal.http_status, refusal.error_code or refusal.message)
        if self.kind not in (None, kind):
            self.otherwise()
        self.kind = kind
        self.refused.add(whom)
        return len(self.refused)


@dataclass(eq=False, slots=True)
class Brakes:
    """Says of each submission whether it may be made, and why not.

    ``dry`` submits nothing at all (`plan`); ``sends`` is False where nothing new may be sent (`resume`).
    ``chosen`` are the items that ``--first`` lets through, each once: a submission that is made again counts
    like any other.
    """

    threshold: Threshold
    say: Callable[[Event], None]
    dry: bool = False
    sends: bool = True
    interrupted: bool = False
    looks_ended: bool = False
    halted: RunStopped | SignInNeeded | None = None
    chosen: set[Item] | None = None
    answered: int = 0
    failed: int = 0
    looks: _Alike = field(default_factory=_Alike)
    submissions: _Alike = field(default_factory=_Alike)
    on_stop: list[Callable[[], None]] = field(default_factory=list)
    on_release: list[Callable[[], None]] = field(default_factory=list)
    unclear: list[_Unclear] = field(default_factory=list)

    def obstacle(self, item: Item) -> Obstacle | None:
        """Why ``item`` may not be submitted now; None when it may."""
        if self.interrupted:
            return _unsent("interrupted", "The run was interrupted before it.")
        if isinstance(self.halted, SignInNeeded):
            return _unsent("sign-in", f"Nobody was signed in to submit it: {self.halted.message}")
        if self.halted is not None:
            return _unsent("stopped", f"The run was stopped before it: {self.halted.message}")
        if self.chosen is not None and (item not in self.chosen or item.sent_at is not None):
            return _unsent("limit-first", "--first was reached before it.")
        if self.dry:
            return _unsent("would-be-sent", "Nothing stands in its way; a run would send it.")
        return None

    @property
    def finished(self) -> bool:
        """Nothing is to be done any more, not even looks: interrupted, or refused as a whole."""
        return self.interrupted or self.looks_ended

    @property
    def nothing_to_send(self) -> bool:
        """A look before the first write is of no use any more: none will follow, whatever the look shows."""
        return self.finished or (self.halted is not None and not self.dry)

    def interrupt(self) -> None:
        """The user wants to stop: what is on the wire is finished, nothing else is begun."""
        if not self.interrupted:
            self.interrupted = True
            self._stop("Stopping. Once more leaves at once; nothing that is known gets lost either way.")

    def halt(self, reason: RunStopped | SignInNeeded) -> None:
        """Nothing more may be submitted, and for some reasons nothing be looked at. Of several reasons the
        one counts whose exit code comes first: a lost sign-in, a refusal as a whole, anything else."""
        ends = _ends_looks(reason)
        told = self.looks_ended or not ends
        self.looks_ended |= ends
        if self.halted is None or _rank(reason) > _rank(self.halted):
            self.halted = reason
            told = False
        if not told:
            rest = "" if self.finished else f" Looks go on. {reason.hint}"
            self._stop(f"{reason.message}{rest}".rstrip())

    def end_looks(self, reason: str) -> None:
        """Nothing can be looked at any more, and nothing is left to be submitted."""
        self.looks_ended = True
        self._stop(reason)

    def _stop(self, reason: str) -> None:
        self.say(Stopping(reason, looks_go_on=not self.finished))
        for callback in (*self.on_stop, *self.on_release):
            callback()

    @property
    def hold(self) -> bool:
        """Nothing leaves while looks have to tell whether any of ten submissions in a row has arrived."""
        return self.halted is None and len(self.unclear) >= MOST_UNCLEAR

    def not_answered(self, item: Item) -> None:
        """A submission that left came to its end without a clear answer."""
        self.unclear.append(_Unclear(item))

    def found(self, item: Item) -> None:
        """A look has found a submission that had no clear answer: the service takes them."""
        places = [place for place, one in enumerate(self.unclear, start=1) if one.item is item]
        self._go_on_after(max(places, default=0))

    def not_found(self, item: Item) -> None:
        """Looks over the patience have shown nothing of what was sent for it, or can tell nothing more."""
        for one in self.unclear:
            one.looked_for = one.looked_for or one.item is item
        if self.hold and all(one.looked_for for one in self.unclear[:MOST_UNCLEAR]):
            self.halt(
                NoClearAnswers(
                    f"{MOST_UNCLEAR} submissions in a row got no clear answer, and looks found none of them.",
                    hint="What left is looked up before anything is sent again. Once the service takes "
                    "submissions, give the same command again: it goes on where it was.",
                )
            )

    def _go_on_after(self, count: int) -> None:
        held = self.hold
        del self.unclear[:count]
        if held and not self.hold:
            for callback in self.on_release:
                callback()

    def count(self, *, failed: bool) -> None:
        """A row was answered in this run. Where nothing is submitted there is nothing to stop."""
        if self.dry:
            return
        self.answered += 1
        self.failed += failed
        if self.threshold.exceeded(self.failed, self.answered):
            self.halt(
                TooManyFailures(
                    f"{self.failed} of {self.answered} rows answered so far failed, more than --max-failures "
                    f"{self.threshold} allows.",
                    hint="The report says of each row why it failed; the same command goes on afterwards.",
                )
            )

    def look_answered(self, whom: object, refusal: CallFailed | None = None) -> None:
        """A look before a submission was answered, or any look without a ``refusal``."""
        self._answered(self.looks, whom, refusal)

    def submission_answered(self, whom: object, refusal: CallFailed | None = None) -> None:
        """A submission was answered clearly."""
        self._go_on_after(len(self.unclear))
        self._answered(self.submissions, whom, refusal)

    def _answered(self, alike: _Alike, whom: object, refusal: CallFailed | None) -> None:
        """Many refusals of one kind in a row are the caller's, not each row's own."""
        if refusal is None:
            alike.otherwise()
            return
        count = alike.once_more(whom, refusal)
        limit = alike_limit(refusal.http_status, refusal.error_code, at_first=alike.at_first)
        if limit is not None and count >= limit and not self.dry:
            said = refusal.message.rstrip(".")
            hint = refusal.hint or hint_for(refusal.error_code)
            self.halt(
                RefusedAlike(
                    f"{count} in a row were refused alike, so it is not about one customer: {said}.",
                    hint=f"{hint} The same command goes on afterwards.",
                )
            )


@dataclass(eq=False, slots=True)
class _Unclear:
    """The end of a submission without a clear answer; ``looked_for``: looks have shown nothing of it."""

    item: Item
    looked_for: bool = False


def _ends_looks(reason: RunStopped | SignInNeeded) -> bool:
    return isinstance(reason, AccessDenied | PausedTooLong | SignInNeeded) and not isinstance(
        reason, WriteSignInNeeded
    )


def _rank(reason: RunStopped | SignInNeeded) -> int:
    if isinstance(reason, SignInNeeded):
        return 2 if isinstance(reason, WriteSignInNeeded) else 3
    return int(_ends_looks(reason))


def _unsent(code: str, message: str) -> Obstacle:
    return Obstacle(Outcome.NOT_ATTEMPTED, code, message)

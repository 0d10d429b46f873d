"""What everyone in a run works with: the ledger, the service, the rules of this run, the word."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from batchqual.clock import Clock
from batchqual.errors import CallFailed
from batchqual.events import Listener, Standing
from batchqual.ledger import Ledger
from batchqual.model import Outcome, Problem
from batchqual.partnercenter import PartnerCenter, remark_on

from .brakes import Brakes
from .items import Item, Obstacle
from .outage import SignInOutage
from .schedule import next_look_after
from .verdicts import standing_of

__all__ = ["Desk"]

_SILENCE = 300.0


@dataclass(eq=False, slots=True)
class Desk:
    """The table that a run is worked at. Durations in seconds; moments in seconds of the event loop.

    ``attempted`` holds the customers with an Education request before this run, who alone can be short of
    attempts.
    """

    ledger: Ledger
    service: PartnerCenter
    clock: Clock
    brakes: Brakes
    say: Listener
    origin: str
    partner: str
    columns: tuple[str, ...]
    poll_min: float
    poll_max: float
    patience: float
    wait: float
    one_value: bool = False
    resubmit_denied: bool = False
    allow_last_attempt: bool = False
    attempted: frozenset[str] = frozenset()
    started: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    last_answer: float = field(init=False)
    sign_in: SignInOutage = field(init=False)
    open_submissions: int = 0
    notices: list[Problem] = field(default_factory=list)
    most_failed_looks: int = 3
    silent_since: float | None = None
    remarks: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.last_answer = self.started
        self.sign_in = SignInOutage(self.service, self.say)

    def now(self) -> float:
        """The present moment, in seconds of the event loop: monotonic."""
        return asyncio.get_running_loop().time()

    @property
    def service_is_away(self) -> bool:
        """Whether looks have failed for so long, and none been answered, that no row is worth another one:
        ten thousand customers would have two each in vain before the brake is felt."""
        return self.silent_since is not None and self.now() - self.silent_since > _SILENCE

    def next_look(self, item: Item) -> float:
        """Seconds until the next look at an item in review, by its age."""
        record = item.record
        since = (record.submitted_at or record.enrolled_at) if record else None
        age = (self.clock.now() - since).total_seconds() if since else 0.0
        return next_look_after(age, poll_min=self.poll_min, poll_max=self.poll_max)

    def place(self, item: Item) -> None:
        """After a step: an item in review is looked at again later, any other is finished with."""
        item.offered = False
        item.failed_looks = 0
        if item.in_review:
            item.due = self.now() + self.next_look(item)
            self.report(item)
        else:
            self.close(item)

    def notice(self, item: Item, code: str, message: str) -> None:
        """Something about a row that is worth a warning, and hinders nothing."""
        row = item.row
        self.notices.append(
            Problem(code, message, source=row.source if row else "", row=row.row if row else None)
        )

    def remark(self, item: Item, refusal: CallFailed, first: str | None) -> None:
        """What a row's refusal says of more than the row, said once in a run; ``first`` as in `remark_on`."""
        said = remark_on(refusal.http_status, refusal.error_code, first)
        if said is not None and said not in self.remarks:
            self.remarks.add(said)
            self.notice(item, refusal.error_code or "refused-at-first", said)

    def close(self, item: Item, obstacle: Obstacle | None = None) -> None:
        """Nothing is left to do for an item in this run."""
        item.close(obstacle)
        if item.fate_unknown:
            self.brakes.not_found(item)
        self.report(item)

    def report(self, item: Item, *, counts: bool = True) -> None:
        """Say where an item stands, if that has changed; its first answer counts for the threshold."""
        now = standing_of(item)
        if now is item.reported:
            return
        before, item.reported = item.reported, now
        self.say(Standing(item.wish, before, now))
        if counts and before is None and now is not Outcome.NOT_ATTEMPTED and item.request is not None:
            self.brakes.count(failed=now is Outcome.FAILED)

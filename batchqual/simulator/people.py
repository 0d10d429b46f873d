"""The people of the world: customers, what they hold and until when, and the validation codes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from .names import DENIED, IN_REVIEW

Relation = Literal["own", "foreign", "unknown"]


class Verdict(NamedTuple):
    """How a vetting will end: `status` (None for a qualification that shows none), and after how many seconds
    (None: the settings' delay)."""

    status: str | None
    reason: str | None = None
    delay: float | None = None


class Sight(NamedTuple):
    """One qualification as the service tells it at a moment; `created` in seconds since 1970, UTC."""

    qualification: str
    status: str | None
    reason: str | None
    created: float


@dataclass(slots=True)
class Holding:
    """One submission that was accepted. Times in seconds since 1970. Nothing ever has to fire: what a reader
    sees follows from the clock."""

    qualification: str
    status: str | None
    reason: str | None = None
    created: float = 0.0
    settles: float = 0.0
    seen_from: float = 0.0
    gone_from: float = math.inf
    segment: str | None = None
    website: str | None = None
    code: str | None = None
    before: Holding | None = None

    def sight(self, now: float) -> Sight | None:
        """What the truth is at `now`, without the lag of reads; None once a denial is no longer shown."""
        if now >= self.gone_from:
            return None
        if now < self.settles:
            return Sight(self.qualification, IN_REVIEW, None, self.created)
        return Sight(self.qualification, self.status, self.reason, self.created)

    def read(self, now: float) -> Sight | None:
        """What a GET tells at `now`: the state before this submission for as long as reads lag behind it."""
        if now < self.seen_from:
            return self.before.read(now) if self.before else None
        return self.sight(now)

    def is_live(self, now: float) -> bool:
        """In review, approved or present without a status: whatever bars the same submission again."""
        sight = self.sight(now)
        return sight is not None and sight.status != DENIED


@dataclass(slots=True)
class Customer:
    """A customer tenant. `relation` "foreign" answers 403 (no relationship with this partner), "unknown"
    404. `verdicts` pins the end of a vetting per qualification; `refuse` makes each write fail with
    (status, code)."""

    id: str
    name: str = ""
    domain: str = ""
    relation: Relation = "own"
    attempts: int = 0
    holds: dict[str, Holding] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    refuse: tuple[int, str] | None = None

    def sights(self, now: float, *, lagging: bool) -> list[Sight]:
        """All that is held at `now`, as a GET would tell it (`lagging`) or as it is."""
        seen = (holding.read(now) if lagging else holding.sight(now) for holding in self.holds.values())
        return [sight for sight in seen if sight is not None]

    def holds_live(self, qualification: str, now: float) -> bool:
        """Whether `qualification` is in review, approved or present."""
        holding = self.holds.get(qualification)
        return holding is not None and holding.is_live(now)


@dataclass(slots=True)
class Code:
    """A GCC validation code; `remaining` None is a quota that the service does not tell (and never ends)."""

    code: str
    organization: str = "Contoso City Hall"
    max: int | None = 10
    remaining: int | None = 10

"""What a run would do at most, as far as the input and the ledger can tell. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from batchqual.durations import as_timedelta
from batchqual.ledger import Record
from batchqual.model import Intake, Outcome, Qualification, Wish
from batchqual.settings import Settings

from .assign import assign, gather
from .items import Item

__all__ = ["Plan", "plan_of"]


@dataclass(frozen=True, slots=True)
class Plan:
    """At most this: looks may show that less is to be sent.

    ``presets`` counts rows that the input alone decides, ``sendable`` the rows that may be sent, by
    qualification and within ``--first``; ``requests`` counts a look, a submission and one look afterwards
    for each of them, and a look for everything else; ``seconds`` is what they take at ``--rate``, without
    vetting.
    """

    rows: int
    presets: Mapping[Outcome, int]
    sendable: Mapping[Qualification, int]
    in_review: int
    unknown: int
    settled: int
    conflicts: int
    requests: int
    seconds: float

    @property
    def writes(self) -> bool:
        """Whether anything may be submitted, unknown fates included."""
        return self.most > 0

    @property
    def most(self) -> int:
        """Submissions at most, with those of unknown fate that may have to be sent again."""
        return self.total + self.unknown

    @property
    def total(self) -> int:
        """New submissions at most."""
        return sum(self.sendable.values())


def plan_of(intake: Intake, records: Iterable[Record], settings: Settings, *, now: datetime) -> Plan:
    """The plan for an input, given what the ledger holds for this origin and partner."""
    assignment = assign(
        intake.rows,
        {record.wish: record for record in records},
        now=now,
        resubmit_denied=settings.resubmit_denied,
        recheck=as_timedelta(settings.recheck),
    )
    today = sorted(assignment.today.values(), key=lambda item: item.position)
    offered = [item for item in today if item.offered][: settings.first]
    customers = len(gather(assignment))
    requests = customers + 2 * len(offered) + (1 if any(_is_gcc(item.wish) for item in offered) else 0)
    return Plan(
        rows=len(intake.rows),
        presets=Counter(row.preset for row in intake.rows if row.preset is not None),
        sendable=Counter(item.wish.qualification for item in offered),
        in_review=_count(today, "in_review"),
        unknown=_count(today, "fate_unknown"),
        settled=sum(1 for item in today if not item.open and item.obstacle is None),
        conflicts=sum(1 for item in today if item.obstacle is not None),
        requests=requests,
        seconds=requests / settings.rate if settings.rate else 0.0,
    )


def _count(items: Iterable[Item], attribute: str) -> int:
    return sum(1 for item in items if getattr(item, attribute))


def _is_gcc(wish: Wish) -> bool:
    return wish.qualification is Qualification.GCC

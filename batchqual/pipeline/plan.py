"""What a run would do at most, as far as the input and the ledger can tell. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from batchqual.durations import as_timedelta
from batchqual.ledger import Record
from batchqual.model import Intake, Outcome, Qualification, QualificationRequest, Wish
from batchqual.settings import Settings

from .assign import Assignment, assign, claims_of, gather
from .attempts import MOST_ATTEMPTS, held_back, used_by
from .items import Item
from .listing import FEW

__all__ = ["Plan", "plan_of"]


@dataclass(frozen=True, slots=True)
class Plan:
    """At most this: looks may show that less is to be sent.

    ``presets`` counts rows that the input alone decides, ``sendable`` the rows that may be sent, by
    qualification and within ``--first``; ``requests`` counts a look, a submission and one look afterwards
    for each of them, a look for everything else, one or two for each customer that is known by its domain
    alone (``lookups`` are those not looked up yet), one for each domain beside an ID (of more than `FEW` the
    list is read, whose pages nobody can count), and one for the codes; ``seconds`` is what they take at
    ``--rate``, without vetting. ``last_attempts`` of the sendable rows use up the last Education request
    of their customer; ``held_back`` are Education rows whose customer has none left, or, without
    ``--allow-last-attempt``, the last one alone. ``first`` is what ``--first`` says. Of unknown fate are
    ``unknown`` rows that may be sent again, ``renewed`` that ``--resend-unknown`` gives up and asks for anew,
    and ``worn_out`` for which nothing is sent without it.
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
    lookups: int = 0
    last_attempts: int = 0
    held_back: int = 0
    first: int | None = None
    renewed: int = 0
    worn_out: int = 0

    @property
    def writes(self) -> bool:
        """Whether anything may be submitted, unknown fates included."""
        return self.most > 0

    @property
    def most(self) -> int:
        """Submissions at most, with those of unknown fate that may have to be sent again."""
        most = self.total + self.unknown + self.renewed
        return most if self.first is None else min(most, self.first)

    @property
    def total(self) -> int:
        """New submissions at most."""
        return sum(self.sendable.values())


def plan_of(
    intake: Intake,
    records: Iterable[Record],
    attempts: Mapping[str, int],
    settings: Settings,
    *,
    now: datetime,
    given_up: Mapping[Wish, tuple[Record, ...]] | None = None,
) -> Plan:
    """The plan for an input, given what the ledger holds for this origin and partner: the latest record of
    each wish, what was given up before it, and the Education requests of each customer so far.

    A row whose customer is not looked up yet counts as one that may be sent.
    """
    assignment = assign(
        intake,
        {record.wish: record for record in records},
        now=now,
        resubmit_denied=settings.resubmit_denied,
        recheck=as_timedelta(settings.recheck),
        resend_unknown=settings.resend_unknown,
        given_up=given_up,
    )
    today = sorted(assignment.today.values(), key=lambda item: item.position)
    waiting = _waiting(intake)
    held = held_back(today, attempts, allow_last=settings.allow_last_attempt)
    offered = [(item.position, item.wish) for item in today if item.offered and item not in held]
    offered += [(position, Wish("", request.qualification)) for position, request in waiting.items()]
    chosen = [wish for _, wish in sorted(offered)[: settings.first]]
    sendable = Counter(wish.qualification for wish in chosen)
    lookups = len({request.domain for request in waiting.values()})
    requests = _looks(intake, assignment, lookups) + 2 * sendable.total() + bool(sendable[Qualification.GCC])
    return Plan(
        rows=len(intake.rows),
        presets=Counter(row.preset for row in intake.rows if row.preset is not None),
        sendable=sendable,
        in_review=_count(today, "in_review"),
        unknown=sum(1 for item in today if item.fate_unknown and not item.worn_out),
        renewed=_count(today, "renewable"),
        worn_out=sum(1 for item in today if _stays_unknown(item)),
        settled=sum(1 for item in today if item.decided and not item.offered and item.obstacle is None),
        conflicts=sum(1 for item in today if item.obstacle is not None),
        requests=requests,
        seconds=requests / settings.rate if settings.rate else 0.0,
        lookups=lookups,
        last_attempts=sum(1 for wish in chosen if used_by(wish, attempts) == MOST_ATTEMPTS - 1),
        held_back=len(held),
        first=settings.first,
    )


def _stays_unknown(item: Item) -> bool:
    return (item.worn_out or item.unresolved) and not (item.renewable or item.offered)


def _looks(intake: Intake, assignment: Assignment, lookups: int) -> int:
    """Requests that ask: for customers by domain, for their domains, and a look at each."""
    return 2 * lookups + _compared(intake, assignment) + len(gather(assignment)) + lookups


def _compared(intake: Intake, assignment: Assignment) -> int:
    """Requests to compare domains: one for each customer found by it, and for each domain beside an ID."""
    offered = (item for item in assignment.today.values() if item.offered)
    found = {item.wish.customer_id for item in offered if item.asked.domain}
    return len(found) + min(FEW, len(claims_of(intake, assignment)))


def _waiting(intake: Intake) -> dict[int, QualificationRequest]:
    """The requests whose customers are to be looked up, by the position of their row."""
    undecided = ((row.position, row.request) for row in intake.rows if row.preset is None)
    return {position: request for position, request in undecided if request and request.needs_lookup}


def _count(items: Iterable[Item], attribute: str) -> int:
    return sum(1 for item in items if getattr(item, attribute))

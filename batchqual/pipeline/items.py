"""What a run has in its hands: wishes, gathered by customer, with what is known of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from batchqual.errors import CallFailed
from batchqual.ledger import MAX_SENDS, Record, State
from batchqual.model import Holding, InputRow, Outcome, Qualification, QualificationRequest, Wish

__all__ = ["Customer", "Item", "Obstacle", "Unplaced"]

_EXCLUDED_BY = {
    Qualification.EDUCATION: Qualification.GCC,
    Qualification.GCC: Qualification.EDUCATION,
}
_SENDING_ORDER = {Qualification.GCC: 0, Qualification.EDUCATION: 1, Qualification.SOE: 2}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a row was not sent, or could not be: an outcome that the ledger does not know. ``lasting``: what
    the customer holds stands in the way, and will."""

    outcome: Outcome
    code: str
    message: str
    http_status: int | None = None
    correlation_id: str | None = None
    lasting: bool = False


@dataclass(eq=False, slots=True)
class Item:
    """One wish in this run.

    ``row`` is None for a wish of an earlier sheet: it is looked at and never sent. ``offered`` says that
    the wish is to be sent if the look allows it; ``open`` that something is left to do. Moments are in
    seconds of the event loop: ``due`` of the next look, ``nothing_since`` of the first look that showed
    nothing of a submission of unknown fate, ``suspect_since`` of the first that contradicted the ledger,
    perhaps in an earlier process, ``sent_at`` of the end of the last submission in this process. ``refusal``
    is what a later send of such a submission met; ``previous`` the denied request before, and ``begun`` the
    one that follows the denied ``record`` and was never taken. ``no_look`` says why a look told nothing.
    ``given_up`` are requests before this one of whose fate nobody knows, ``renewable`` says that this one is
    to be given up, too, when looks show nothing. ``held``: to be sent, as soon as the brakes allow it.
    """

    wish: Wish
    position: int
    record: Record | None
    row: InputRow | None = None
    obstacle: Obstacle | None = None
    offered: bool = False
    open: bool = True
    due: float = 0.0
    looked: bool = False
    code_checked: bool = False
    nothing_since: float | None = None
    refusal: CallFailed | None = None
    suspect_since: float | None = None
    sent_at: float | None = None
    failed_looks: int = 0
    no_look: str | None = None
    previous: Record | None = None
    begun: Record | None = None
    given_up: tuple[Record, ...] = ()
    renewable: bool = False
    held: bool = False
    reported: Outcome | None = None

    @property
    def request(self) -> QualificationRequest | None:
        """What today's row asks for; None for a wish of an earlier sheet."""
        return self.row.request if self.row else None

    @property
    def entry(self) -> Record:
        """Its record in the ledger, of an item that has one: everything that was enrolled."""
        if self.record is None:
            raise AssertionError(f"{self.wish} was never enrolled")
        return self.record

    @property
    def asked(self) -> QualificationRequest:
        """What today's row asks for, of an item that has one: everything that may be sent."""
        request = self.request
        if request is None:
            raise AssertionError(f"{self.wish} is not in today's input")
        return request

    @property
    def fate_unknown(self) -> bool:
        """Sent, and nobody knows yet whether it arrived."""
        return self.record is not None and self.record.state is State.SENDING

    @property
    def unresolved(self) -> bool:
        """It was not taken, and a request before it that was given up may have arrived."""
        return bool(self.given_up) and self.entry.state in (State.QUEUED, State.REFUSED)

    @property
    def worn_out(self) -> bool:
        """Of unknown fate, and not sent again: three times at most, once where one was given up before."""
        return self.fate_unknown and self.entry.sends >= (1 if self.given_up else MAX_SENDS)

    @property
    def may_be_sent(self) -> bool:
        """Offered, or of unknown fate and in today's input: a submission may be made for it in this run."""
        again = self.fate_unknown and (self.renewable or not self.worn_out)
        return self.offered or (self.open and again and self.row is not None)

    @property
    def refused(self) -> bool:
        """Refused by the service, in an earlier run or in this one."""
        return self.record is not None and self.record.state is State.REFUSED

    @property
    def in_review(self) -> bool:
        """Accepted, and vetting has not settled."""
        return self.record is not None and self.record.state is State.IN_REVIEW

    @property
    def decided(self) -> bool:
        """Settled, or taken back after that."""
        return self.record is not None and self.record.state in (State.SETTLED, State.REVERTED)

    def close(self, obstacle: Obstacle | None = None) -> None:
        """Nothing is left to do for it in this run. What was not sent is of unknown fate all the same where
        the request before it is."""
        if obstacle and self.given_up and obstacle.outcome in (Outcome.NOT_ATTEMPTED, Outcome.FAILED):
            obstacle = replace(obstacle, outcome=Outcome.UNKNOWN)
        self.obstacle = obstacle or self.obstacle
        self.offered = False
        self.open = False


@dataclass(eq=False, slots=True)
class Unplaced:
    """What rows ask for whose customer could not be looked up: the domains that name it, and the contents
    (segment and code) by qualification."""

    domains: set[str] = field(default_factory=set)
    contents: dict[Qualification, set[tuple[str | None, str | None]]] = field(
        default_factory=lambda: defaultdict(set)
    )

    def add(self, request: QualificationRequest) -> None:
        """One more such row."""
        self.domains.add(request.domain or "")
        self.contents[request.qualification].add(request.content)

    def contradict(self, asked: QualificationRequest) -> bool:
        """Whether one of these rows and ``asked`` could not both be sent if they were of one customer."""
        same = self.contents.get(asked.qualification, set())
        if len(same) > (asked.content in same):
            return True
        return _EXCLUDED_BY.get(asked.qualification) in self.contents


@dataclass(eq=False, slots=True)
class Customer:
    """A customer with its wishes, in the order of sending: GCC before StateOwnedEntity.

    ``seen`` keeps a survey's look and its moment, so that it serves the submission as well; ``gcc_in_doubt``
    says that the sheet has a GCC row for the customer which could not be taken as it is; ``unplaced`` are the
    rows whose customer may be this one.
    """

    customer_id: str
    items: list[Item]
    seen: tuple[float, tuple[Holding, ...]] | None = None
    domain: str | None = None
    gcc_in_doubt: bool = False
    unplaced: Unplaced = field(default_factory=Unplaced)

    def __post_init__(self) -> None:
        self.items.sort(key=lambda item: (_SENDING_ORDER[item.wish.qualification], item.position))

    @property
    def position(self) -> int:
        """Its place in input order: that of its first row."""
        return min(item.position for item in self.items)

    def open_items(self) -> Iterator[Item]:
        """Those with something left to do, in the order of sending."""
        return (item for item in self.items if item.open)

    def fate_unknown(self) -> bool:
        """Whether some submission of the customer may have arrived or not, and is still looked for."""
        return any(item.fate_unknown for item in self.open_items())

    def next_recovery(self) -> float:
        """When a submission of unknown fate is looked for next."""
        return min((item.due for item in self.open_items() if item.fate_unknown), default=0.0)

    def due(self) -> float | None:
        """When to look next; None when nothing is left to do, or all of it is held."""
        return min((item.due for item in self.open_items() if not item.held), default=None)

    def hold_back(self) -> None:
        """Nothing new is sent for it, for now."""
        for item in self.open_items():
            item.held = item.held or item.offered

    def let_go(self, now: float) -> bool:
        """What was held may go on, at once; whether anything was."""
        held = [item for item in self.open_items() if item.held]
        for item in held:
            item.held, item.due = False, now
        return bool(held)

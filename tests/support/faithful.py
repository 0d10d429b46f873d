"""A Partner Center that takes whatever comes, and remembers when: the books that a run is held against.

Nothing in it refuses or recognises a second request: a client that sends twice is found out. What a
submission meets is a `Fate`; time is that of a `Timeline`, which goes on from process to process.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from support.fake_service import holding

from batchqual.errors import AccessDenied, AlreadyThere, FateUnknown, NotFound, NotSent, Refused, Unavailable
from batchqual.failpoints import reached
from batchqual.model import NONE, Holding, Qualification, QualificationRequest, Wish
from batchqual.partnercenter import Customer, Submission, ValidationCode

__all__ = ["CALM", "CODES", "LATE", "Answer", "Dates", "Fate", "Taken", "Timeline", "World"]

FIRST_DAY: Final = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
#: How many creates the partner's codes have in all.
CODES: Final = {"0000111": 1, "0000222": 2}
#: After so many seconds a request arrives whose answer was lost before: less than any patience, with the lag.
LATE: Final = 20.0
_TRIP = 0.5


class Answer(StrEnum):
    """What the client hears of a submission, and whether it arrived."""

    ACCEPTED = "201"
    LOST = "arrives; the answer is lost"
    LATE = "the answer is lost; arrives later"
    SWALLOWED = "the answer is lost; never arrives"
    EXISTS = "409; never arrives"
    EXISTED = "arrives; 409"
    REFUSED = "400"
    NOT_SENT = "429 until it is given up"
    TURNED_AWAY = "403 to everybody"

    @property
    def arrives(self) -> bool:
        """Whether it takes effect."""
        return self in (Answer.ACCEPTED, Answer.LOST, Answer.LATE, Answer.EXISTED)


@dataclass(frozen=True, slots=True)
class Fate:
    """What befalls one submission: when looks begin to show it, and how vetting ends (None: some day).
    Seconds after its arrival."""

    answer: Answer = Answer.ACCEPTED
    lag: float = 0.0
    vetting: float | None = None
    verdict: str = "Approved"


CALM: Final = Fate()


class Timeline:
    """Seconds since the first day; they pass in a process and between processes, whose own clocks begin
    anew."""

    def __init__(self) -> None:
        self._begun = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._zero = 0.0

    def seconds(self) -> float:
        """The present moment."""
        return self._begun + (self._loop.time() - self._zero if self._loop is not None else 0.0)

    def now(self) -> datetime:
        """The present moment, as a `batchqual.clock.Clock` tells it."""
        return FIRST_DAY + timedelta(seconds=self.seconds())

    def pass_(self, seconds: float) -> None:
        """Nothing runs for so long."""
        self._begun += seconds

    def enter(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on time is that of a process."""
        self._zero, self._loop = loop.time(), loop

    def leave(self) -> None:
        """The process is over."""
        self._begun, self._loop = self.seconds(), None


@dataclass(eq=False, slots=True)
class Taken:
    """A request that the service has taken, or will when it arrives. Moments are in seconds.

    ``history`` holds what became of it and when; a status of None is *gone*. ``request_id`` is empty for one
    that somebody else made.
    """

    request: QualificationRequest
    request_id: str
    run: int
    left: float
    arrived: float
    lag: float
    history: list[tuple[float, str | None]]

    @property
    def ours(self) -> bool:
        """Whether batchqual sent it."""
        return bool(self.request_id)

    @property
    def wish(self) -> Wish:
        """What it is for."""
        return self.request.wish

    @property
    def shown_from(self) -> float:
        """When looks begin to show it."""
        return self.arrived + self.lag

    def status(self, moment: float) -> str | None:
        """Where it stands; None when it has not arrived, or is gone."""
        return next((status for since, status in reversed(self.history) if since <= moment), None)

    def live(self, moment: float) -> bool:
        """In review or granted."""
        return self.status(moment) not in (None, "Denied")

    def ever(self, status: str | None, until: float) -> bool:
        """Whether it has stood there."""
        return any(since <= until and one == status for since, one in self.history)

    def becomes(self, status: str | None, moment: float) -> None:
        """Vetting, or somebody, decides."""
        self.history = [step for step in self.history if step[0] <= moment]
        self.history.append((moment, status))


class Dates(StrEnum):
    """How much of a date an entry shows."""

    NONE = "none"
    DAY = "day"
    SECOND = "second"

    def of(self, moment: float) -> str | None:
        """The date of an entry that was made then."""
        if self is Dates.NONE:
            return None
        date = FIRST_DAY + timedelta(seconds=moment)
        return date.strftime("%m/%d/%Y: 00:00:00") if self is Dates.DAY else date.isoformat()


@dataclass(eq=False, slots=True)
class _Gate:
    abandoned: bool = False

    def abandon(self) -> None:
        self.abandoned = True


@dataclass(eq=False)
class World:
    """The service and its books. ``fates`` are those of the next submissions, ``usual`` is that of all after
    them, and ``looks`` says which of the next looks fail; ``looked_at`` are the customers that one has shown
    in this run. ``keeps``: an old entry is still listed beside a
    newer one; ``absent_is_404``: nothing is told as 404; ``flickers``: within the lag, every other look
    shows it; ``nameless``: a denial of Education does not say of what it is one."""

    timeline: Timeline = field(default_factory=Timeline)
    dates: Dates = Dates.SECOND
    keeps: bool = False
    absent_is_404: bool = False
    flickers: bool = False
    nameless: bool = False
    books: list[Taken] = field(default_factory=list)
    fates: deque[Fate] = field(default_factory=deque)
    usual: Fate = CALM
    looks: deque[bool] = field(default_factory=deque)
    asked: list[tuple[int, QualificationRequest, str]] = field(default_factory=list)
    gate: _Gate = field(default_factory=_Gate)
    run: int = 0
    looked_at: set[str] = field(default_factory=set)
    writes: bool = True
    _looked: int = 0

    # What the pipeline sees

    async def holdings(self, customer_id: str) -> tuple[Holding, ...]:
        await self._travel()
        if self.looks and self.looks.popleft():
            raise Unavailable("503, five times", http_status=503)
        self._looked += 1
        self.looked_at.add(customer_id)
        held = tuple(self._shown(customer_id))
        if not held and self.absent_is_404:
            raise NotFound("no qualification", http_status=404)
        return held

    async def customer(self, customer_id: str) -> Customer:
        await self._travel()
        return Customer(customer_id, None)

    async def validation_codes(self) -> tuple[ValidationCode, ...]:
        await self._travel()
        return tuple(ValidationCode(code, "", most, most - self.used(code)) for code, most in CODES.items())

    async def ready_to_submit(self) -> None:
        """Somebody is signed in."""

    async def submit(self, request: QualificationRequest, *, request_id: str) -> Submission:
        self._pass_gate()
        fate = self.fates.popleft() if self.fates else self.usual
        self.asked.append((self.run, request, request_id))
        reached("wire.leaving")
        if fate.answer.arrives:
            self._take(request, request_id, fate)
        reached("wire.left")
        await asyncio.sleep(_TRIP)
        reached("wire.answered")
        return _answered(fate.answer)

    async def _travel(self) -> None:
        self._pass_gate()
        await asyncio.sleep(_TRIP)

    def _pass_gate(self) -> None:
        if self.gate.abandoned:
            raise NotSent("stopped before its turn")

    # What happens at the service

    def _take(self, request: QualificationRequest, request_id: str, fate: Fate) -> None:
        left = self.timeline.seconds()
        arrived = left + (LATE if fate.answer is Answer.LATE else 0.0)
        soe = request.qualification is Qualification.SOE
        history: list[tuple[float, str | None]] = [(arrived, "Present" if soe else "InReview")]
        if fate.vetting is not None and not soe:
            history.append((arrived + fate.vetting, fate.verdict))
        self.books.append(Taken(request, request_id, self.run, left, arrived, fate.lag, history))

    def somebody_sets(self, request: QualificationRequest, status: str) -> None:
        """Another tool has made a request, long enough ago that looks show it."""
        moment = self.timeline.seconds()
        shown = "Present" if request.qualification is Qualification.SOE else status
        self.books.append(Taken(request, "", self.run, moment, moment, 0.0, [(moment, shown)]))

    def on_its_way(self) -> bool:
        """Whether something has yet to arrive, or to be shown."""
        return any(one.shown_from > self.timeline.seconds() for one in self.books)

    def of(self, wish: Wish) -> list[Taken]:
        """What was taken for a wish, in the order of arrival."""
        return sorted((one for one in self.books if one.wish == wish), key=lambda one: one.arrived)

    def used(self, code: str) -> int:
        """How many creates of a code are used."""
        now = self.timeline.seconds()
        return sum(one.request.validation_code == code and one.arrived <= now for one in self.books)

    def _shown(self, customer_id: str) -> Iterator[Holding]:
        for qualification in Qualification:
            entries = list(self._entries(self.of(Wish(customer_id, qualification))))
            yield from entries if self.keeps else entries[-1:]

    def _entries(self, taken: Iterable[Taken]) -> Iterator[Holding]:
        now = self.timeline.seconds()
        for one in taken:
            early = self.flickers and self._looked % 2
            moment = now if early else now - one.lag
            status = one.status(moment)
            if status is not None:
                entry = holding(
                    one.wish.qualification,
                    None if status == "Present" else status,
                    reason="not eligible" if status == "Denied" else None,
                    created=self.dates.of(one.arrived),
                )
                unnamed = self.nameless and entry.denied and entry.qualification is Qualification.EDUCATION
                yield replace(entry, qualification=None, raw_qualification=NONE) if unnamed else entry


def _answered(answer: Answer) -> Submission:
    if answer is Answer.ACCEPTED:
        return Submission(None, None, 201, "correlation")
    if answer in (Answer.LOST, Answer.LATE, Answer.SWALLOWED):
        raise FateUnknown("reset by peer")
    if answer in (Answer.EXISTS, Answer.EXISTED):
        raise AlreadyThere("a request is there", http_status=409)
    if answer is Answer.REFUSED:
        raise Refused("not eligible", http_status=400, error_code="3000")
    if answer is Answer.NOT_SENT:
        raise NotSent("throttled", http_status=429)
    raise AccessDenied("the agreement was not accepted")

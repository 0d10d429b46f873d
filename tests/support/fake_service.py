"""Partner Center in memory, for tests of the pipeline that let days pass in no time."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from batchqual.errors import NotFound, NotSent, SignInNeeded
from batchqual.model import Holding, Qualification, QualificationRequest, VettingStatus
from batchqual.partnercenter import Customer, Submission, ValidationCode
from batchqual.partnercenter.moments import read_moment

__all__ = ["FakeService", "LoopClock", "holding"]

BASE = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


class LoopClock:
    """Stamps that go with the event loop, virtual or not."""

    def now(self) -> datetime:
        return BASE + timedelta(seconds=asyncio.get_running_loop().time())


def holding(
    qualification: Qualification | None,
    status: str | None = "Approved",
    *,
    reason: str | None = None,
    created: str | None = None,
) -> Holding:
    """An entry as the wire would give it; no status is what StateOwnedEntity has."""
    known = {one.value: one for one in VettingStatus}
    kind = VettingStatus.MISSING if status is None else known.get(status, VettingStatus.UNKNOWN)
    name = qualification.value if qualification else "Nonprofit"
    moment = read_moment(created) if created else None
    return Holding(qualification, name, kind, status, reason, created_at=moment, created_raw=created)


@dataclass
class _FakeGate:
    abandoned: bool = False
    max_pause: float | None = None

    def abandon(self) -> None:
        self.abandoned = True

    async def rest(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if self.abandoned:
            raise NotSent("stopped before its turn")


@dataclass
class FakeService:
    """Scripted: ``answers`` are what the next submissions meet (an exception, or None for the normal course);
    ``looks`` what the next looks of a customer meet. ``vetting`` seconds after its submission a qualification
    shows ``verdict``; ``lag`` seconds pass before it shows at all."""

    vetting: float = 60.0
    verdict: str = "Approved"
    lag: float = 0.0
    strangers: set[str] = field(default_factory=set)
    answers: deque[BaseException | None] = field(default_factory=deque)
    looks: dict[str, deque[BaseException | tuple[Holding, ...]]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    codes: tuple[ValidationCode, ...] | BaseException = ()
    domains: dict[str, str] = field(default_factory=dict)
    world: dict[str, list[Holding]] = field(default_factory=lambda: defaultdict(list))
    arrived: dict[tuple[str, Qualification], float] = field(default_factory=dict)
    submissions: list[tuple[QualificationRequest, str]] = field(default_factory=list)
    lost_before_arrival: bool = False
    looked_at: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    gate: _FakeGate = field(default_factory=_FakeGate)
    refusal: str | None = None
    writes: bool = True
    nobody: SignInNeeded | None = None

    async def holdings(self, customer_id: str) -> tuple[Holding, ...]:
        await self._gate()
        self.looked_at[customer_id].append(self._now())
        if self.looks[customer_id]:
            scripted = self.looks[customer_id].popleft()
            if isinstance(scripted, BaseException):
                raise scripted
            return scripted
        if customer_id in self.strangers:
            raise NotFound("no such customer", http_status=404)
        return (*self.world[customer_id], *self._vetted(customer_id))

    async def ready_to_submit(self) -> None:
        if self.nobody is not None:
            raise self.nobody

    async def submit(self, request: QualificationRequest, *, request_id: str) -> Submission:
        await self._gate()
        self.submissions.append((request, request_id))
        answer = self.answers.popleft() if self.answers else None
        if answer is None or not self.lost_before_arrival:
            self.arrived.setdefault((request.customer_id, request.qualification), self._now())
        if answer is not None:
            raise answer
        return Submission(None, self.refusal, 201, "correlation")

    async def customer(self, customer_id: str) -> Customer:
        await self._gate()
        if customer_id in self.strangers:
            raise NotFound("no such customer", http_status=404)
        return Customer(customer_id, self.domains.get(customer_id))

    async def validation_codes(self) -> tuple[ValidationCode, ...]:
        await self._gate()
        if isinstance(self.codes, BaseException):
            raise self.codes
        return self.codes

    async def _gate(self) -> None:
        await asyncio.sleep(0)
        if self.gate.abandoned:
            raise NotSent("stopped before its turn")

    def _vetted(self, customer_id: str) -> Iterable[Holding]:
        for (who, qualification), moment in self.arrived.items():
            age = self._now() - moment
            if who == customer_id and age >= self.lag:
                yield holding(qualification, self.verdict if age >= self.vetting else "InReview")

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

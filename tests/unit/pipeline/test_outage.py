"""An outage of submissions: ten in a row without a clear answer, of which looks find none, end it."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.fake_service import FakeService
from support.ledgers import customer, education
from support.results import codes, ids, outcomes
from support.runs import drive

from batchqual.errors import AlreadyThere, FateUnknown, NoClearAnswers, NotSent, Refused, Unavailable
from batchqual.events import Event, Stopping
from batchqual.model import Outcome, QualificationRequest
from batchqual.partnercenter import Submission
from batchqual.pipeline import StopSwitch

pytestmark = pytest.mark.looptime

DAY = 86400.0
LOST = FateUnknown("HTTP 500", http_status=500)
ROWS = [education(number) for number in range(1, 61)]


def now() -> float:
    return asyncio.get_running_loop().time()


@dataclass
class Outage(FakeService):
    """Every submission takes a second, that of customer 1 ``first``; those that end before ``ends`` get no
    clear answer, also those that arrive."""

    first: float = 1.0
    ends: float = DAY
    arrives: frozenset[str] = frozenset()
    left: list[float] = field(default_factory=list)

    async def submit(self, request: QualificationRequest, *, request_id: str) -> Submission:
        self.left.append(now())
        await asyncio.sleep(self.first if request.customer_id == customer(1) else 1.0)
        if now() >= self.ends:
            return await super().submit(request, request_id=request_id)
        self.submissions.append((request, request_id))
        if request.customer_id in self.arrives:
            self.arrived.setdefault((request.customer_id, request.qualification), now())
        raise LOST


def outage(*, arrives: Iterable[int] = (), lag: float = 0.0) -> Outage:
    return Outage(lag=lag, arrives=frozenset(map(customer, arrives)))


@pytest.mark.parametrize("concurrency", [1, 4, 16, 40])
async def test_ten_in_a_row_stop_the_sending(path: Path, concurrency: int) -> None:
    """At most ten and those in flight leave; what left is looked for, what did not is sendable."""
    service, events = outage(), list[Event]()
    results = await drive(
        path, service, ROWS, concurrency=concurrency, max_failures="100%", wait="0", events=events
    )
    assert isinstance(results.halted, NoClearAnswers)
    assert 13 == results.halted.exit_code
    sends = len(service.left)
    assert 10 <= sends < 10 + concurrency
    assert Counter(outcomes(results)) == {Outcome.UNKNOWN: sends, Outcome.NOT_ATTEMPTED: 60 - sends}
    assert {"stopped"} == set(codes(results)[sends:])
    assert all(service.looked_at[customer(number)][-1] >= 60 for number in range(1, sends + 1))
    assert [] == [number for number in range(sends + concurrency, 61) if service.looked_at[customer(number)]]
    assert 1 == sum(isinstance(event, Stopping) for event in events)


async def test_the_same_command_goes_on_when_the_outage_is_over(path: Path) -> None:
    """By the ordinary rule: what was unclear is sent again with its id after looks over the patience."""
    service = outage()
    await drive(path, service, ROWS, wait="0")
    sends = len(service.left)
    service.ends = now()
    results = await drive(path, service, ROWS)
    assert {Outcome.APPROVED} == set(outcomes(results))
    assert 60 + sends == len(service.left)
    assert 60 == len(set(ids(service)))


async def test_a_service_that_takes_them_stops_nothing(path: Path) -> None:
    """It answers 500 all the same: looks find each of them, and none is sent twice."""
    service = outage(arrives=range(1, 61))
    results = await drive(path, service, ROWS)
    assert results.halted is None
    assert {Outcome.APPROVED} == set(outcomes(results))
    assert 60 == len(service.left)


async def test_looks_that_lag_are_waited_for(path: Path) -> None:
    """Nothing more leaves until looks have told; then the rest does."""
    service = outage(arrives=range(1, 61), lag=30.0)
    results = await drive(path, service, ROWS, concurrency=4)
    assert results.halted is None
    assert {Outcome.APPROVED} == set(outcomes(results))
    assert 60 == len(service.left)
    assert sum(moment < 30 for moment in service.left) < 10 + 4


async def test_one_found_in_ten_goes_on(path: Path) -> None:
    """In a row means in a row: each tenth is taken, and the run comes to its end."""
    service = outage(arrives=range(10, 61, 10))
    results = await drive(path, service, ROWS[:50], concurrency=1)
    assert results.halted is None or len(service.left) > 50
    assert {number for number, one in enumerate(outcomes(results), 1) if one is Outcome.APPROVED} == {
        *range(10, 51, 10)
    }


@pytest.mark.parametrize(
    "clear",
    [
        pytest.param(None, id="accepted"),
        pytest.param(Refused("no", http_status=400), id="refused"),
        pytest.param(AlreadyThere("there", http_status=409), id="409"),
    ],
)
async def test_a_clear_answer_begins_the_count_anew(path: Path, clear: BaseException | None) -> None:
    """Nine without one, one with: nothing is stopped in the first round, however long it lasts."""
    answers = [answer for _ in range(4) for answer in (*[LOST] * 9, clear)]
    service = FakeService(answers=deque(answers), lost_before_arrival=True)
    results = await drive(path, service, ROWS[:40], concurrency=1, max_failures="100%")
    assert results.halted is None
    assert Outcome.UNKNOWN not in outcomes(results)


async def test_what_never_left_is_no_answer(path: Path) -> None:
    """It neither counts nor begins the count anew."""
    answers = [answer for _ in range(10) for answer in (LOST, NotSent("no route"))]
    service = FakeService(answers=deque(answers), lost_before_arrival=True)
    results = await drive(path, service, ROWS, concurrency=1, wait="0", max_failures="100%")
    assert isinstance(results.halted, NoClearAnswers)
    assert 10 + 9 == len(service.submissions)


@pytest.mark.parametrize(("rows", "sends", "stopped"), [(3, 9, False), (4, 10, True), (9, 18, True)])
async def test_sends_count_and_not_rows(path: Path, rows: int, sends: int, *, stopped: bool) -> None:
    """Three rows use up their sends before there are ten; of more the resends stop as well."""
    service = FakeService(answers=deque([LOST] * 99), lost_before_arrival=True)
    results = await drive(path, service, ROWS[:rows], wait="0", concurrency=16)
    assert stopped == isinstance(results.halted, NoClearAnswers)
    assert {Outcome.UNKNOWN} == set(outcomes(results))
    assert sends <= len(service.submissions) < sends + 3


async def test_resends_of_yesterday_stop_as_well(path: Path) -> None:
    """Rows of unknown fate, and the outage goes on: ten resends, and those in flight."""
    service = outage()
    await drive(path, service, ROWS, wait="0", concurrency=16)
    yesterday = len(service.left)
    results = await drive(path, service, ROWS, wait="0", concurrency=4)
    assert isinstance(results.halted, NoClearAnswers)
    assert 10 <= len(service.left) - yesterday < 10 + 4
    assert Outcome.NOT_ATTEMPTED in outcomes(results)


async def test_looks_that_fail_find_none(path: Path) -> None:
    """The whole service is away: the sending ends all the same, and nobody waits for ever."""
    service = outage()
    for row in ROWS:
        service.looks[row.customer_id] += [(), *[Unavailable("500", http_status=500)] * 20]
    results = await drive(path, service, ROWS, wait="0", concurrency=4)
    assert isinstance(results.halted, NoClearAnswers)
    assert len(service.left) < 10 + 4


async def test_an_interrupt_ends_the_wait_for_looks(path: Path) -> None:
    """While nothing leaves, Ctrl-C is heard at once."""
    service, stop = outage(), StopSwitch()
    run = asyncio.create_task(drive(path, service, ROWS, stop=stop, concurrency=4))
    await asyncio.sleep(30)
    stop.press()
    results = await run
    assert now() < 31
    assert results.interrupted
    assert len(service.left) < 10 + 4
    assert {Outcome.UNKNOWN, Outcome.NOT_ATTEMPTED} == set(outcomes(results))


async def test_an_outage_that_ends_while_looks_are_waited_for(path: Path) -> None:
    """One in flight is accepted: the row of ten is broken, and the run goes on."""
    service = outage()
    service.first, service.ends = 20.0, 10.0
    results = await drive(path, service, ROWS, concurrency=4)
    assert results.halted is None
    assert {Outcome.APPROVED} == set(outcomes(results))

"""Sign-in out of reach in the middle of a run: waited for, said once, and no row is lost for it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest
from support.fake_service import FakeService
from support.ledgers import ORIGIN, PARTNER, education, gcc
from support.results import codes, left_unknown, outcomes
from support.runs import drive

from batchqual.errors import FateUnknown, PausedTooLong, RunStopped, SignInUnreachable
from batchqual.events import Event, SigningIn, Stopping, Submitted
from batchqual.ledger import State, read_only
from batchqual.model import Holding, Outcome, QualificationRequest
from batchqual.partnercenter import Submission, ValidationCode
from batchqual.pipeline import StopSwitch

pytestmark = pytest.mark.looptime

HOUR = 3600.0
WORDS = "Signing in is not possible now: HTTP 503."
Gap = tuple[float, float]


def now() -> float:
    return asyncio.get_running_loop().time()


class Service(FakeService):
    """Nobody can sign in to look, or to submit, from one moment to another."""

    def __init__(self, *, looks: Gap = (0, 0), submits: Gap = (0, 0), max_pause: float | None = None) -> None:
        super().__init__()
        self.no_looks, self.no_submits = looks, submits
        self.gate.max_pause = max_pause
        self.on_outage: Callable[[], object] = lambda: None
        self.tries = 0

    def _sign(self, gap: Gap) -> None:
        if gap[0] <= now() < gap[1]:
            self.tries += 1
            self.on_outage()
            raise SignInUnreachable(WORDS, wait=60.0, since=gap[0])

    async def holdings(self, customer_id: str) -> tuple[Holding, ...]:
        self._sign(self.no_looks)
        return await super().holdings(customer_id)

    async def validation_codes(self) -> tuple[ValidationCode, ...]:
        self._sign(self.no_looks)
        return await super().validation_codes()

    async def ready_to_submit(self) -> None:
        self._sign(self.no_submits)

    async def submit(self, request: QualificationRequest, *, request_id: str) -> Submission:
        self._sign(self.no_submits)
        return await super().submit(request, request_id=request_id)


def lost() -> FakeService:
    """The next submission arrives nowhere, and nobody can tell."""
    return FakeService(answers=deque([FateUnknown("reset")]), lost_before_arrival=True)


def waiting(events: list[Event]) -> list[str]:
    """What was said of the outage."""
    return [one.words for one in events if isinstance(one, SigningIn)]


async def test_an_outage_within_the_wait_costs_nothing_but_time(path: Path) -> None:
    """Two hundred rows, an hour without sign-in: all sent once, and it is said once."""
    service, events = Service(looks=(0, HOUR), submits=(0, HOUR)), list[Event]()
    rows = [education(number) for number in range(1, 201)]
    results = await drive(path, service, rows, events=events, wait="8h")
    assert {Outcome.APPROVED} == set(outcomes(results))
    assert 200 == len(service.submissions)
    assert [f"{WORDS} The run waits for it, and goes on by itself."] == waiting(events)
    assert (None, ()) == (results.halted, results.notices)
    assert service.tries < 16 * 62


async def test_what_is_in_review_stays_so_to_the_end_of_the_wait(path: Path) -> None:
    """No halt, no 12: the report says since when nobody could look."""
    service = Service(looks=(120, 100 * HOUR), max_pause=8 * HOUR)
    service.vetting = 9 * HOUR
    results = await drive(path, service, [education(1), education(2)], wait="8h")
    assert [Outcome.IN_REVIEW] * 2 == outcomes(results)
    assert results.halted is None
    assert ["sign-in-unreachable"] == [notice.code for notice in results.notices]
    assert 8 * HOUR - 61 <= now() <= 8 * HOUR + 61


async def test_unsent_rows_wait_as_long_as_for_any_pause(path: Path) -> None:
    """Then they are not attempted, queued, and the run was stopped (13); nobody is told to sign in."""
    service, events = Service(looks=(0, 100 * HOUR), max_pause=300), list[Event]()
    results = await drive(path, service, [education(1), education(2)], events=events, wait="0")
    assert [Outcome.NOT_ATTEMPTED] * 2 == outcomes(results)
    assert ["stopped"] * 2 == codes(results)
    assert isinstance(results.halted, PausedTooLong)
    assert (13, "sign-in-unreachable") == (results.halted.exit_code, results.halted.code)
    assert "about 5 minutes" in results.halted.message
    assert 300 == now()
    assert 1 == sum(isinstance(event, Stopping) for event in events)
    with read_only(path) as view:
        assert 2 == len(view.by_state(ORIGIN, PARTNER, State.QUEUED))


async def test_a_look_that_was_due_is_waited_for_even_without_a_wait(path: Path) -> None:
    """``--wait 0`` looks once at each row: also when that takes some minutes."""
    first = Service()
    first.vetting = HOUR
    await drive(path, first, [education(1)], wait="0")
    await asyncio.sleep(2 * HOUR)
    began = now()
    service = Service(looks=(began, began + 200), max_pause=300)
    service.arrived, service.vetting = first.arrived, 0
    results = await drive(path, service, [education(1)], wait="0")
    assert [Outcome.APPROVED] == outcomes(results)


async def test_an_unknown_fate_stays_unknown_when_the_wait_for_sign_in_ends(path: Path) -> None:
    """There is nothing to submit that was never sent: the run ends, and was not halted."""
    await left_unknown(path, lost(), [education(1)])
    began = now()
    service = Service(looks=(began, began + 100 * HOUR), max_pause=300)
    events: list[Event] = []
    results = await drive(path, service, [education(1)], events=events, wait="0")
    assert [Outcome.UNKNOWN] == outcomes(results)
    assert results.halted is None
    assert "may wait no longer" in next(one.reason for one in events if isinstance(one, Stopping))


async def test_looks_go_on_while_only_the_user_cannot_sign_in(path: Path) -> None:
    """Rows wait their turn; those in review are looked at meanwhile; no intent is written in vain."""
    before = Service()
    before.vetting = HOUR
    await drive(path, before, [education(1)], wait="0")
    began = now()
    service = Service(submits=(began, began + 2 * HOUR))
    service.arrived, service.vetting = before.arrived, HOUR
    events: list[Event] = []
    results = await drive(path, service, [education(1), education(2)], events=events, wait="8h")
    assert [Outcome.APPROVED] * 2 == outcomes(results)
    assert any(began < moment < began + 2 * HOUR for moment in service.looked_at[education(1).customer_id])
    assert 1 == len(waiting(events))
    with read_only(path) as view:
        [record] = [
            one for one in view.records(ORIGIN, PARTNER) if one.customer_id == education(2).customer_id
        ]
        assert 1 == record.sends


async def test_the_user_is_waited_for_as_long_as_for_any_pause(path: Path) -> None:
    """Then nothing more is submitted, and looks go on."""
    service, events = Service(submits=(0, 100 * HOUR), max_pause=300), list[Event]()
    results = await drive(path, service, [education(1)], events=events)
    assert [Outcome.NOT_ATTEMPTED] == outcomes(results)
    assert RunStopped is type(results.halted)
    [stopping] = [event for event in events if isinstance(event, Stopping)]
    assert stopping.looks_go_on


async def test_a_stop_ends_the_waiting_at_once(path: Path) -> None:
    """Ctrl-C while sign-in is away: interrupted, not a minute later."""
    service, stop = Service(looks=(0, 100 * HOUR), max_pause=None), StopSwitch()
    service.on_outage = lambda: asyncio.get_running_loop().call_later(5, stop.press)
    results = await drive(path, service, [education(1)], stop=stop, wait="forever")
    assert results.interrupted
    assert [Outcome.NOT_ATTEMPTED] == outcomes(results)
    assert 5 == now()


async def test_a_resend_waits_as_a_first_send_does(path: Path) -> None:
    """The second send is not written down before somebody is signed in."""
    await left_unknown(path, lost(), [education(1)])
    began = now()
    service = Service(submits=(began, began + HOUR))
    results = await drive(path, service, [education(1)], wait="8h")
    assert [Outcome.APPROVED] == outcomes(results)
    assert 1 == len(service.submissions)


async def test_a_token_that_is_lost_between_question_and_send_takes_the_intent_back(path: Path) -> None:
    """The wish stays queued, and is sent when signing in works again."""
    service = Service()
    service.answers.append(SignInUnreachable(WORDS, wait=60.0, since=0.0))
    service.lost_before_arrival = True
    results = await drive(path, service, [education(1)])
    assert [Outcome.APPROVED] == outcomes(results)
    assert 2 == len(service.submissions)


async def test_the_survey_waits_as_well(path: Path) -> None:
    """GCC rows are counted before the first write, however long that takes."""
    service = Service(looks=(0, HOUR))
    service.codes = (ValidationCode("123456", "Contoso", 10, 10),)
    results = await drive(path, service, [gcc(1, "123456")], wait="8h")
    assert [Outcome.APPROVED] == outcomes(results)


async def test_the_survey_waits_no_longer_than_a_run(path: Path) -> None:
    """And says why it stopped."""
    service = Service(looks=(0, 100 * HOUR), max_pause=300)
    results = await drive(path, service, [gcc(1, "123456"), education(2)])
    assert isinstance(results.halted, PausedTooLong)
    assert [Outcome.NOT_ATTEMPTED] * 2 == outcomes(results)


async def test_a_stop_ends_the_survey_at_once(path: Path) -> None:
    """Its rows are not attempted."""
    service, stop, events = Service(looks=(0, 100 * HOUR)), StopSwitch(), list[Event]()
    service.on_outage = stop.press
    results = await drive(path, service, [gcc(1, "123456")], stop=stop, events=events, wait="forever")
    assert results.interrupted
    assert [Outcome.NOT_ATTEMPTED] == outcomes(results)
    assert not any(isinstance(event, Submitted) for event in events)

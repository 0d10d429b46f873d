"""Plain lines: at changes of phase, now and then in between, and not more."""

from __future__ import annotations

import asyncio

from support.hearing import HandClock, standing, started, submitted

from batchqual.events import Event, Retried, RunFinished, SigningIn, Stopping, Throttled
from batchqual.model import Outcome
from batchqual.telemetry import Lines, Tally, fan_out


class Stage:
    """A tally and the lines that it makes."""

    def __init__(self, *, wait: float = 3600.0) -> None:
        self.clock = HandClock()
        self.written: list[str] = []
        self.tally = Tally(rate=5.0, wait=wait, now=self.clock)
        self.lines = Lines(self.tally, self.written.append, every=30.0)
        self.say = fan_out(self.tally, self.lines)

    async def begin(self, event: Event) -> None:
        """The start, and the turn of the loop that follows it."""
        self.say(event)
        await asyncio.sleep(0)

    def later(self, seconds: float) -> list[str]:
        """What a tick says after so many seconds."""
        self.clock.seconds += seconds
        before = len(self.written)
        self.lines.tick()
        return self.written[before:]


async def test_how_it_signs_in_is_a_line() -> None:
    """Before the start; it is no progress."""
    stage = Stage()
    stage.say(SigningIn("login", "Signing in with the login of this account."))
    assert ["Signing in with the login of this account."] == stage.written


async def test_the_start_says_what_is_ahead() -> None:
    """Customers to look at, and submissions at most."""
    stage = Stage()
    await stage.begin(started())
    assert ["40 customers to look at; at most 37 submissions."] == stage.written


async def test_a_run_that_submits_nothing_says_so() -> None:
    """Nothing to submit is worth saying."""
    stage = Stage()
    await stage.begin(started(customers=1, sendable=0))
    assert ["1 customer to look at; nothing to submit."] == stage.written


async def test_a_plan_promises_no_submissions() -> None:
    """It says what a run would do, and does not wait for vetting."""
    stage = Stage()
    await stage.begin(started(customers=2, sendable=1, command="plan"))
    assert ["2 customers to look at; a run would make 1 submission at most."] == stage.written
    stage.say(standing(1, Outcome.NOT_ATTEMPTED))
    stage.say(standing(2, Outcome.IN_REVIEW))
    assert ["1 not attempted, 1 in review."] == stage.written[1:]


async def test_a_line_now_and_then() -> None:
    """Half a minute after the last line, with what is left of the time."""
    stage = Stage()
    await stage.begin(started())
    for number in range(12):
        stage.say(submitted(number))
        stage.say(standing(number, Outcome.IN_REVIEW if number > 2 else Outcome.APPROVED))
    assert [] == stage.later(29)
    assert ["12 of 37 dealt with, about 63 s left: 3 approved, 9 in review."] == stage.later(1)
    assert [] == stage.later(29)


async def test_a_line_before_any_answer() -> None:
    """Nothing came back yet: that, too, is said."""
    stage = Stage()
    stage.tally.rate = None
    await stage.begin(started())
    assert ["0 of 37 dealt with: no answers yet."] == stage.later(30)


async def test_a_service_that_answers_with_errors_alone_is_told_so() -> None:
    """Not that it is silent: with the latest of its words."""
    stage = Stage()
    stage.tally.rate = None
    await stage.begin(started())
    for reason in ("HTTP 503: Busy", f"HTTP 500: {'Oops ' * 40}"):
        stage.say(Retried("customers/{id}", reason, 1.0))
    [line] = stage.later(30)
    assert line.startswith(
        "0 of 37 dealt with: no answers yet; 2 calls failed and will be made again (HTTP 500: Oops"
    )
    assert len(line) < 180


async def test_the_turn_to_watching_is_said_at_once() -> None:
    """Everything is submitted: from now on vetting is waited for."""
    stage = Stage()
    await stage.begin(started(sendable=1))
    stage.say(submitted(1))
    stage.say(standing(1, Outcome.IN_REVIEW))
    assert ["Waiting for vetting, 60 min at most: 1 in review."] == stage.written[1:]
    assert [] == stage.later(1)
    assert ["Waiting for vetting, 60 min at most: 1 in review."] == stage.later(29)


async def test_where_nothing_is_waited_for_it_is_not_said() -> None:
    """With --wait 0 the line only counts."""
    stage = Stage(wait=0.0)
    await stage.begin(started(sendable=1))
    stage.say(submitted(1))
    stage.say(standing(1, Outcome.IN_REVIEW))
    assert ["1 in review."] == stage.written[1:]


async def test_pauses_are_told_but_not_each_of_them() -> None:
    """A hundred refusals within a few seconds are one pause."""
    stage = Stage()
    await stage.begin(started())
    stage.clock.seconds += 6
    for _ in range(100):
        stage.say(Throttled("submit", 20.0))
    assert ["The service asks everyone to wait 20 s."] == stage.written[1:]


async def test_a_stop_is_told_with_its_reason() -> None:
    """The reason at once, then where things stand."""
    stage = Stage()
    await stage.begin(started())
    stage.say(standing(1, Outcome.FAILED))
    stage.say(Stopping("Too many rows failed."))
    assert "Too many rows failed." == stage.written[-1]
    assert ["Stopping: 1 failed."] == stage.later(30)


async def test_before_and_after_the_run_it_is_silent() -> None:
    """Without a run there is nothing to say."""
    stage = Stage()
    assert [] == stage.later(60)
    await stage.begin(started())
    stage.say(RunFinished("run-1", {}, 0))
    assert [] == stage.later(60)

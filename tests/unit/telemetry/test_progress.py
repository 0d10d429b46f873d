"""The live display shows what the tally knows, in any width, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import io

import pytest
from rich.console import Console
from support.hearing import HandClock, standing, started, submitted

from batchqual.events import Event, RunFinished, Stopping, Throttled
from batchqual.model import Outcome
from batchqual.telemetry import Progress, Tally, fan_out
from batchqual.telemetry.progress import render


def terminal(width: int = 100) -> Console:
    """A terminal of this width."""
    return Console(
        file=io.StringIO(), force_terminal=True, width=width, color_system=None, legacy_windows=False
    )


def text_of(console: Console) -> str:
    """All that was written to it."""
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


async def picture(*events: Event, command: str = "run", sendable: int = 4, width: int = 100) -> str:
    """What is drawn after the start of a run and ``events``."""
    tally = Tally(rate=5.0, wait=3600.0, now=HandClock())
    tally(started(customers=6, sendable=sendable, command=command))
    await asyncio.sleep(0)
    for event in events:
        tally(event)
    console = terminal(width)
    console.print(render(tally))
    return text_of(console)


async def test_submitting_shows_how_far_it_is() -> None:
    """A bar, numbers, what is left of the time, and every outcome so far."""
    drawn = await picture(submitted(1), standing(1, Outcome.IN_REVIEW), standing(2, Outcome.CONFLICT))
    for part in (
        "Submitting",
        "2 of 4, about 1 s left",
        "1 in review",
        "1 conflict",
        "(1 submission answered)",
    ):
        assert part in drawn


async def test_a_plan_does_not_claim_to_submit() -> None:
    """The title tells a plan from a run."""
    assert "Would submit" in await picture(command="plan")


async def test_watching_shows_for_how_long_at_most() -> None:
    """What is in review, and the end of the wait."""
    drawn = await picture(submitted(1), standing(1, Outcome.IN_REVIEW), sendable=1)
    assert "Looking" in drawn
    assert "1 request in review, 60 min at most" in drawn


async def test_what_is_not_waited_for_has_no_time() -> None:
    """A plan looks once; "60 min at most" would be a promise."""
    shown = await picture(standing(1, Outcome.IN_REVIEW), command="plan", sendable=0)
    assert "1 request in review" in shown
    assert "at most" not in shown


async def test_looking_without_reviews_counts_customers() -> None:
    """Nothing to submit and nothing in review: customers are looked at."""
    assert "6 customers" in await picture(sendable=0)


def test_before_the_run_it_is_empty_of_numbers() -> None:
    """A display without a run draws without a fault."""
    console = terminal()
    console.print(render(Tally(now=HandClock())))
    assert "Looking" in text_of(console)


async def test_a_pause_counts_down_and_a_stop_says_why() -> None:
    """The two things a person asks when nothing moves."""
    drawn = await picture(Throttled("submit", 28.0), Stopping("Interrupted by hand."))
    assert "asks everyone to wait: 28 s left" in drawn
    assert "Stopping" in drawn
    assert "Interrupted by hand." in drawn


@pytest.mark.parametrize("width", [20, 40, 200])
async def test_it_fits_any_terminal(width: int) -> None:
    """No line is wider than the terminal."""
    drawn = await picture(submitted(1), standing(1, Outcome.IN_REVIEW), width=width)
    assert width >= max(len(line) for line in drawn.splitlines())


async def test_it_comes_with_the_run_and_goes_with_it() -> None:
    """Nothing is drawn before the start, so that a question can be asked; the end takes it away."""
    console = terminal()
    tally = Tally(now=HandClock())
    progress = Progress(tally, console)
    say = fan_out(tally, progress)
    progress.tick()
    assert "" == text_of(console)
    say(started())
    say(submitted(1))
    progress.tick()
    assert "Submitting" in text_of(console)
    say(RunFinished("run-1", {}, 0))
    drawn = len(text_of(console))
    progress.tick()
    assert drawn == len(text_of(console))


async def test_closing_forgives_a_terminal_that_is_gone() -> None:
    """The end of the display is no reason to fail."""
    console = terminal()
    tally = Tally(now=HandClock())
    progress = Progress(tally, console)
    fan_out(tally, progress)(started())
    console.file.close()
    progress.close()
    progress.tick()  # nothing is drawn any more, or writing to the closed file would raise

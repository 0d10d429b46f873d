"""What may still be submitted, and which reason to stop has the last word."""

from __future__ import annotations

import pytest
from support.ledgers import wish

from batchqual.durations import Threshold
from batchqual.errors import (
    AccessDenied,
    InputWarnings,
    PausedTooLong,
    RunStopped,
    SignInNeeded,
    TooManyFailures,
)
from batchqual.events import Event
from batchqual.pipeline.brakes import Brakes
from batchqual.pipeline.items import Item

STRICT, FAILURES = InputWarnings("--strict"), TooManyFailures("too many")
REFUSED, PAUSED, SIGN_IN = AccessDenied("refused"), PausedTooLong("paused"), SignInNeeded("expired")


def brakes(said: list[Event] | None = None, *, most: int = 5) -> Brakes:
    return Brakes(Threshold(count=most), (said if said is not None else []).append)


@pytest.mark.parametrize(
    ("reasons", "last"),
    [
        pytest.param([STRICT, FAILURES], STRICT, id="the first of two that end the writes"),
        pytest.param([STRICT, REFUSED], REFUSED, id="one that ends the looks as well"),
        pytest.param([REFUSED, FAILURES], REFUSED, id="which a lighter one does not replace"),
        pytest.param([REFUSED, PAUSED], REFUSED, id="nor one of the same weight"),
        pytest.param([PAUSED, SIGN_IN], SIGN_IN, id="a lost sign-in outranks all"),
        pytest.param([SIGN_IN, REFUSED], SIGN_IN, id="and stays"),
    ],
)
def test_the_weightiest_reason_is_the_reason(
    reasons: list[RunStopped | SignInNeeded], last: RunStopped | SignInNeeded
) -> None:
    """Ending the writes, ending the looks, needing a person: in that order."""
    these = brakes()
    for reason in reasons:
        these.halt(reason)
    assert last is these.halted
    assert (last not in (STRICT, FAILURES)) == these.finished


def test_every_stop_is_said_once_and_wakes_those_who_wait() -> None:
    """Somebody who presses twice is not told twice."""
    said: list[Event] = []
    woken: list[str] = []
    these = brakes(said)
    these.on_stop.append(lambda: woken.append("woken"))
    these.interrupt()
    these.interrupt()
    these.halt(REFUSED)
    these.halt(FAILURES)
    assert (2, 2) == (len(said), len(woken))


def test_an_interruption_is_the_reason_of_every_unsent_row() -> None:
    """Whatever else had stopped the writes before."""
    these, item = brakes(), Item(wish(1), 0, None)
    assert these.obstacle(item) is None
    these.halt(REFUSED)
    these.interrupt()
    obstacle = these.obstacle(item)
    assert obstacle is not None
    assert "interrupted" == obstacle.code


def test_failures_are_counted_against_what_is_allowed() -> None:
    """The sentence has the numbers and names the option."""
    these = brakes(most=5)
    for number in range(24):
        these.count(failed=number % 4 == 0)
    assert isinstance(these.halted, TooManyFailures)
    assert "6 of 21" in these.halted.message
    assert "--max-failures 5" in these.halted.message


def test_what_was_never_enrolled_has_no_record() -> None:
    """A step that needs one and has none is a defect that is told at once, not an id of nothing."""
    item = Item(wish(1), 0, None)
    with pytest.raises(AssertionError, match="never enrolled"):
        _ = item.entry
    with pytest.raises(AssertionError, match="not in today's input"):
        _ = item.asked

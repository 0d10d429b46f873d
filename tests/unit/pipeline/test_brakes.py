"""What may still be submitted, and which reason to stop has the last word."""

from __future__ import annotations

import pytest
from support.ledgers import wish

from batchqual.durations import Threshold
from batchqual.errors import (
    AccessDenied,
    InputWarnings,
    PausedTooLong,
    Refused,
    RefusedAlike,
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


def refusal(code: str | None = None, words: str = "HTTP 403: Forbidden") -> Refused:
    return Refused(words, http_status=403, error_code=code)


@pytest.mark.parametrize(
    ("refusals", "stops"),
    [
        pytest.param([(n, refusal()) for n in range(9)], False, id="nine"),
        pytest.param([(n, refusal()) for n in range(10)], True, id="ten"),
        pytest.param([(n // 2, refusal()) for n in range(18)], False, id="nine customers, twice each"),
        pytest.param([(n, refusal(words=f"No {n}.")) for n in range(30)], False, id="each in other words"),
        pytest.param(
            [(n, refusal("7", f"No {n}.")) for n in range(10)], True, id="other words, the same code"
        ),
        pytest.param([(n, refusal("20002")) for n in range(30)], False, id="the customers' own"),
        pytest.param([(n, refusal("2032")) for n in range(3)], True, id="the first three"),
        pytest.param(
            [(0, refusal()), *((n, refusal("2032")) for n in range(1, 10))], False, id="not the first ones"
        ),
    ],
)
@pytest.mark.parametrize("kind", ["looks", "submissions"])
def test_refusals_in_a_row_are_the_callers(
    refusals: list[tuple[int, Refused]], stops: bool, kind: str
) -> None:
    """Of one kind and of as many customers, or as many submissions; a plan stops nothing."""
    for dry in (False, True):
        these = brakes()
        these.dry = dry
        answered = these.look_answered if kind == "looks" else these.submission_answered
        for whom, refused in refusals:
            answered(whom, refused)
        assert (stops and not dry) == isinstance(these.halted, RefusedAlike)
        assert not these.finished


def test_looks_that_are_answered_do_not_count_for_submissions() -> None:
    """Each has a row of its own: ten submissions are refused while looks go well."""
    these = brakes()
    for number in range(10):
        these.look_answered(number)
        these.submission_answered(number, refusal())
    assert isinstance(these.halted, RefusedAlike)
    assert "10 in a row were refused alike" in these.halted.message
    assert "doctor" not in these.halted.message

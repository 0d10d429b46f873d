"""Several reasons to stop, one after the other: which is told, which counts, and what goes on."""

from __future__ import annotations

import pytest

from batchqual.durations import Threshold
from batchqual.errors import (
    AccessDenied,
    InputWarnings,
    PausedTooLong,
    RunStopped,
    SignInNeeded,
    TooManyFailures,
    WriteSignInNeeded,
)
from batchqual.events import Event, Stopping
from batchqual.pipeline.brakes import Brakes

STRICT, REFUSED, PAUSED = InputWarnings("--strict"), AccessDenied("refused"), PausedTooLong("paused")
SIGN_IN, WRITES = SignInNeeded("expired"), WriteSignInNeeded("no user")


@pytest.mark.parametrize(
    ("reasons", "counts", "told"),
    [
        pytest.param([STRICT], STRICT, [True], id="writes end"),
        pytest.param([STRICT, TooManyFailures("many")], STRICT, [True], id="nothing new: writes have ended"),
        pytest.param([STRICT, WRITES], WRITES, [True, True], id="a person can help"),
        pytest.param([STRICT, REFUSED], REFUSED, [True, False], id="looks end, too"),
        pytest.param([REFUSED], REFUSED, [False], id="all ends"),
        pytest.param([REFUSED, PAUSED], REFUSED, [False], id="nothing new: all has ended"),
        pytest.param([REFUSED, WRITES], WRITES, [False, False], id="all has ended, and a person can help"),
        pytest.param([WRITES, REFUSED], WRITES, [True, False], id="looks end, for the lesser reason"),
        pytest.param([WRITES, SIGN_IN], SIGN_IN, [True, False], id="the other sign-in is lost, too"),
        pytest.param([SIGN_IN, WRITES], SIGN_IN, [False], id="nothing new: nobody is signed in"),
        pytest.param([REFUSED, SIGN_IN], SIGN_IN, [False, False], id="all has ended, and a sign-in is lost"),
    ],
)
def test_what_is_told_of_several_reasons(
    reasons: list[RunStopped | SignInNeeded], counts: RunStopped | SignInNeeded, told: list[bool]
) -> None:
    """Each that changes something, with whether looks go on, in words as well."""
    said: list[Event] = []
    brakes = Brakes(Threshold(count=5), said.append)
    for reason in reasons:
        brakes.halt(reason)
    assert counts is brakes.halted
    stops = [event for event in said if isinstance(event, Stopping)]
    assert told == [event.looks_go_on for event in stops]
    assert told == ["Looks go on." in event.reason for event in stops]


@pytest.mark.parametrize(
    ("reason", "dry", "nothing"),
    [
        pytest.param(None, False, False, id="a run"),
        pytest.param(STRICT, False, True, id="whose writes have ended"),
        pytest.param(REFUSED, False, True, id="which was refused as a whole"),
        pytest.param(None, True, False, id="a plan"),
        pytest.param(STRICT, True, False, id="which tells what it would send"),
        pytest.param(REFUSED, True, True, id="unless it cannot look"),
    ],
)
def test_when_nothing_is_left_to_send(reason: RunStopped | None, *, dry: bool, nothing: bool) -> None:
    """Looks before the first write are of no use then."""
    brakes = Brakes(Threshold(count=5), lambda event: None, dry=dry)
    if reason is not None:
        brakes.halt(reason)
    assert nothing == brakes.nothing_to_send


def test_too_many_failures_say_what_to_do() -> None:
    """Where the reasons stand, and that the same command goes on."""
    brakes = Brakes(Threshold(count=0), lambda event: None)
    brakes.count(failed=True)
    assert isinstance(brakes.halted, TooManyFailures)
    assert "The report says of each row why it failed" in brakes.halted.hint
    assert "sheet" not in brakes.halted.hint

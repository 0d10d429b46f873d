"""Several listeners as one."""

from __future__ import annotations

import pytest

from batchqual.events import Event, Stopping
from batchqual.telemetry import fan_out

EVENT = Stopping("Enough.")


def test_everybody_hears_everything_in_order() -> None:
    """The order of the listeners is the order of hearing."""
    heard: list[tuple[str, Event]] = []
    say = fan_out(lambda event: heard.append(("first", event)), lambda event: heard.append(("second", event)))
    say(EVENT)
    assert [("first", EVENT), ("second", EVENT)] == heard


def test_a_listener_whose_terminal_is_gone_is_not_told_any_more() -> None:
    """A closed stream ends the listening, not the run."""
    calls: list[str] = []

    def gone(_event: Event) -> None:
        calls.append("gone")
        raise BrokenPipeError

    say = fan_out(gone, lambda _event: calls.append("here"))
    say(EVENT)
    say(EVENT)
    assert ["gone", "here", "here"] == calls


def test_a_defect_in_a_listener_is_not_hidden() -> None:
    """Only what a stream does wrong is forgiven."""

    def broken(_event: Event) -> None:
        raise KeyError("defect")

    with pytest.raises(KeyError):
        fan_out(broken)(EVENT)

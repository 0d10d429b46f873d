"""Log lines: one an event, every name in one table, nothing secret, nothing forged."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

import pytest
from support.hearing import standing, started, submitted, wish

from batchqual.events import AnswerLost, Event, Retried, RunFinished, SigningIn, Stopping, Throttled
from batchqual.model import Outcome
from batchqual.telemetry import HIDDEN, LOG_EVENTS, log_listener, open_log

EVENTS: list[Event] = [
    started(),
    standing(1, Outcome.IN_REVIEW),
    submitted(1),
    AnswerLost(wish(2), "request-2", "the connection was reset"),
    Throttled("submit", 12.0),
    Retried("fetch", "503", 0.51),
    Stopping("Interrupted."),
    RunFinished("run-1", {Outcome.APPROVED: 30}, 0),
]


@dataclass
class Book:
    """Lines of a log, and the log."""

    form: Literal["text", "json"] = "json"
    level: Literal["debug", "info", "warning", "error"] = "debug"

    def __post_init__(self) -> None:
        self.lines: list[str] = []
        self.log = open_log(self.lines.append, form=self.form, level=self.level)

    def records(self) -> list[dict[str, object]]:
        """The lines, read again."""
        return [json.loads(line) for line in self.lines]


def told(book: Book) -> Book:
    """The book after all events."""
    listen = log_listener(book.log)
    for event in EVENTS:
        listen(event)
    return book


def test_every_event_has_a_name_of_the_table() -> None:
    """Names of events and messages are known beforehand, in order, each under `batchqual.`."""
    names = [str(record["event"]) for record in told(Book()).records()]
    assert list(LOG_EVENTS)[: len(EVENTS)] == names
    assert all(name.startswith("batchqual.") for name in LOG_EVENTS)


def test_how_a_run_signs_in_is_logged() -> None:
    """Before there is a run to name."""
    book = Book()
    log_listener(book.log)(SigningIn("app", "Signing in as the app alone."))
    [record] = book.records()
    assert ("batchqual.signing_in", "info", "app") == (record["event"], record["level"], record["recipe"])


def test_every_line_has_its_time_level_and_run() -> None:
    """From the start of the run on, lines say which run they are of, first things first."""
    for record in told(Book()).records():
        assert ["timestamp", "level", "event"] == list(record)[:3]
        assert "run-1" == record["run_id"]
        assert LOG_EVENTS[str(record["event"])] == record["level"]


def test_fields_are_those_of_the_event() -> None:
    """A wish is spelt out; outcomes are counted by name."""
    records = {str(record["event"]): record for record in told(Book()).records()}
    row = records["batchqual.row_submitted"]
    assert (wish(1).customer_id, "Education", 201) == (
        row["customer_id"],
        row["qualification"],
        row["http_status"],
    )
    assert 30 == records["batchqual.run_finished"]["approved"]
    assert "in_review" == records["batchqual.row_standing"]["now"]


@pytest.mark.parametrize(
    ("count", "level"),
    [
        pytest.param(8, "debug", id="all"),
        pytest.param(7, "info", id="no repeats"),
        pytest.param(3, "warning", id="what goes wrong"),
        pytest.param(0, "error", id="errors only"),
    ],
)
def test_the_level_decides_what_is_written(
    count: int, level: Literal["debug", "info", "warning", "error"]
) -> None:
    """Below the level nothing is written."""
    assert count == len(told(Book(level=level)).lines)


def test_text_lines_read_well() -> None:
    """Time, level, name, then fields; what is not known is left out."""
    line = told(Book("text")).lines[1]
    time, level, name, *fields = line.split()
    assert ("Z", "info", "batchqual.row_standing") == (time[-1], level, name)
    assert "now=in_review" in fields
    assert "before" not in line


def test_a_line_without_fields_is_fine() -> None:
    """The name alone."""
    book = Book("text")
    book.log.info("batchqual.message")
    assert book.lines[0].endswith(" batchqual.message")


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_value_can_forge_a_line(form: Literal["text", "json"]) -> None:
    """A reason that holds a line of its own stays one line."""
    book = Book(form)
    log_listener(book.log)(
        Stopping('bye\n2026-01-01T00:00:00Z info batchqual.run_finished exit_code=0\u2028"')
    )
    assert 1 == len(book.lines)
    assert 1 == len(book.lines[0].splitlines())


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_secret_is_written(form: Literal["text", "json"]) -> None:
    """Secrets are hidden by the name of their field, and by their form."""
    book = Book(form)
    book.log.info(
        "batchqual.message", validation_code="AB12CD", text="sent ?code=AB12CD&x=1 with Bearer abcdefgh1"
    )
    assert "AB12CD" not in book.lines[0]
    assert "abcdefgh1" not in book.lines[0]
    assert 3 == book.lines[0].count(HIDDEN)

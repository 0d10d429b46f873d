"""Numbers and times as people say them."""

from __future__ import annotations

import math

import pytest

from batchqual.model import Outcome
from batchqual.telemetry import count_of, outcome_words, spell_span


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        pytest.param("0 s", -3, id="past"),
        pytest.param("0 s", 0, id="now"),
        pytest.param("1 s", 0.2, id="less than a second"),
        pytest.param("89 s", 89, id="seconds"),
        pytest.param("2 min", 90, id="minutes"),
        pytest.param("61 min", 3601, id="an hour and a second"),
        pytest.param("2 h", 7200, id="hours"),
        pytest.param("2 h 10 min", 7800, id="hours and minutes"),
        pytest.param("3 days", 259_200, id="days"),
        pytest.param("as long as it takes", math.inf, id="for ever"),
    ],
)
def test_spans_are_as_precise_as_anybody_wants_them(words: str, seconds: float) -> None:
    """Seconds for a minute, minutes for an hour, and never less than is left."""
    assert words == spell_span(seconds)


def test_counts_know_their_plural() -> None:
    """One row, many rows, with separators."""
    assert "1 row" == count_of(1, "row")
    assert "12,000 rows" == count_of(12_000, "row")
    assert "0 row needs" != count_of(0, "row needs", "rows need") == "0 rows need"


def test_outcomes_are_named_in_the_order_of_reports() -> None:
    """What is zero is not worth a word."""
    counts = {Outcome.IN_REVIEW: 9, Outcome.APPROVED: 3000, Outcome.DENIED: 0}
    assert "3,000 approved, 9 in review" == outcome_words(counts)
    assert "" == outcome_words({})

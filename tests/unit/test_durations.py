"""Durations and thresholds are read as people write them, and refused in words."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchqual.durations import (
    Threshold,
    about,
    as_timedelta,
    parse_duration,
    parse_threshold,
    spell_duration,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        pytest.param(0.0, "0", id="nothing"),
        pytest.param(0.0, 0, id="a number"),
        pytest.param(90.0, "90s", id="seconds"),
        pytest.param(900.0, "15m", id="minutes"),
        pytest.param(28_800.0, "8h", id="hours"),
        pytest.param(259_200.0, "3d", id="days"),
        pytest.param(1.5, "1.5", id="no unit is seconds"),
        pytest.param(0.2, ".2s", id="without a leading zero"),
        pytest.param(5400.0, " 1.5 H ", id="blanks and capitals"),
    ],
)
def test_durations_are_read(seconds: float, text: object) -> None:
    """A number and a unit."""
    assert seconds == parse_duration(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "-5s",
        "5 weeks",
        "1h30m",
        "s",
        "1e3",
        pytest.param("٣d", id="digits of another script"),
        pytest.param("nan", id="no number"),
        pytest.param("forever", id="for ever, where that makes no sense"),
    ],
)
def test_other_words_are_refused_with_examples(text: str) -> None:
    """The refusal shows how to write one."""
    with pytest.raises(ValueError, match="write 0, 90s, 15m, 8h, 3d or a number of seconds"):
        parse_duration(text)


def test_ten_years_are_enough() -> None:
    """What is longer is a slip."""
    assert 315_360_000.0 == parse_duration("3650d")
    with pytest.raises(ValueError, match="longer than ten years"):
        parse_duration("3651d")


@pytest.mark.parametrize("text", ["forever", "Forever", "inf"])
def test_forever_is_a_duration_where_it_is_allowed(text: str) -> None:
    """--wait forever."""
    assert math.inf == parse_duration(text, forever=True)


def test_the_refusal_names_forever_where_it_is_allowed() -> None:
    """The examples are those of the option."""
    with pytest.raises(ValueError, match="3d, forever or"):
        parse_duration("soon", forever=True)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("0", 0.0, id="nothing"),
        pytest.param("0.2s", 0.2, id="part of a second"),
        pytest.param("90s", 90.0, id="seconds"),
        pytest.param("1h", 3600.0, id="the largest unit"),
        pytest.param("30d", 2_592_000.0, id="days"),
        pytest.param("forever", math.inf, id="for ever"),
    ],
)
def test_durations_are_spelt(text: str, seconds: float) -> None:
    """In the largest unit that divides them."""
    assert text == spell_duration(seconds)


@given(st.integers(0, 999_999))
def test_what_is_spelt_is_read_again(seconds: int) -> None:
    """Spelling and reading are inverse."""
    assert seconds == parse_duration(spell_duration(float(seconds)))


def test_forever_has_a_date() -> None:
    """For dates, for ever is ten years."""
    assert timedelta(seconds=90) == as_timedelta(90.0)
    assert timedelta(days=3650) == as_timedelta(math.inf)


@pytest.mark.parametrize(
    ("threshold", "text"),
    [
        pytest.param(Threshold(count=10), "10", id="a number of rows"),
        pytest.param(Threshold(count=0), " 0 ", id="none at all"),
        pytest.param(Threshold(share=0.25), "25%", id="a part"),
        pytest.param(Threshold(share=0.125), "12.5 %", id="a fraction of a percent"),
        pytest.param(Threshold(share=1.0), "100%", id="all"),
        pytest.param(Threshold(count=3), Threshold(count=3), id="one that was read already"),
    ],
)
def test_thresholds_are_read_and_spelt(threshold: Threshold, text: object) -> None:
    """A number, or a part of the rows answered."""
    assert threshold == parse_threshold(text)
    assert threshold == parse_threshold(str(threshold))


@pytest.mark.parametrize("text", ["", "many", "-1", "101%", "5.5", "%"])
def test_other_thresholds_are_refused_with_examples(text: str) -> None:
    """The refusal shows how to write one."""
    with pytest.raises(ValueError, match="write 10 or 25%"):
        parse_threshold(text)


@pytest.mark.parametrize(
    ("exceeded", "text", "failed", "answered"),
    [
        pytest.param(False, "3", 3, 3, id="as many as allowed"),
        pytest.param(True, "3", 4, 4, id="one more"),
        pytest.param(True, "0", 1, 1, id="none allowed"),
        pytest.param(False, "25%", 19, 19, id="too few answers to judge"),
        pytest.param(False, "25%", 5, 20, id="exactly the part"),
        pytest.param(True, "25%", 6, 20, id="more than the part"),
        pytest.param(False, "100%", 20, 20, id="all may fail"),
    ],
)
def test_a_threshold_is_exceeded_by_more_than_it_says(
    exceeded: bool, text: str, failed: int, answered: int
) -> None:
    """A part counts from twenty answers on; a number at once."""
    assert exceeded is parse_threshold(text).exceeded(failed, answered)


def test_a_threshold_of_nothing_is_never_exceeded() -> None:
    """Neither a number nor a part: no limit."""
    assert not Threshold().exceeded(1000, 1000)


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        pytest.param("1 second", 0.2, id="less than one"),
        pytest.param("119 seconds", 118.1, id="seconds"),
        pytest.param("about 2 minutes", 120, id="minutes"),
        pytest.param("about 89 minutes", 89 * 60, id="many minutes"),
        pytest.param("about 2 hours", 7199, id="hours"),
        pytest.param("about 35 hours", 35.4 * 3600, id="many hours"),
        pytest.param("about 2 days", 36 * 3600, id="days"),
    ],
)
def test_durations_are_told_as_people_do(words: str, seconds: float) -> None:
    """No more precisely than anybody wants it."""
    assert words == about(seconds)

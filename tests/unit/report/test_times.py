"""Moments and numbers as text."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from batchqual.model import Cell
from batchqual.report.times import plain, stamp


def test_a_moment_is_utc_in_whole_seconds() -> None:
    """Whatever zone it came in."""
    east = datetime(2026, 1, 31, 12, 30, 0, 999_999, tzinfo=timezone(timedelta(hours=3)))

    assert "2026-01-31T09:30:00Z" == stamp(east)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("text", "text", id="text"),
        pytest.param(None, None, id="nothing"),
        pytest.param(True, True, id="boolean"),
        pytest.param(7, 7, id="integer"),
        pytest.param(12345.0, 12345, id="whole float, as Excel shows it"),
        pytest.param(0.5, 0.5, id="float"),
        pytest.param(1e300, 1e300, id="large float"),
        pytest.param(float("nan"), "nan", id="not a number, which JSON has not"),
        pytest.param(float("-inf"), "-inf", id="infinity"),
        pytest.param(date(2026, 1, 31), "2026-01-31", id="day"),
        pytest.param(time(9, 30), "09:30:00", id="time of day"),
        pytest.param(datetime.fromisoformat("2026-01-31T09:30:00"), "2026-01-31T09:30:00", id="theirs"),
        pytest.param(datetime(2026, 1, 31, tzinfo=UTC), "2026-01-31T00:00:00Z", id="our moment"),
    ],
)
def test_a_cell_in_a_text_file(value: Cell, expected: object) -> None:
    """A user's date and time has no zone, so none is claimed."""
    assert expected == plain(value)

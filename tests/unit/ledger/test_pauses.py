"""How long a pause that was stored is believed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from support.ledgers import NOON

from batchqual.ledger.pauses import bound_pause, pause_left

DAY, HOUR, MOMENT = timedelta(days=1), timedelta(hours=1), timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("closed_until", "left"),
    [
        pytest.param(None, None, id="none"),
        pytest.param(NOON - HOUR, None, id="over"),
        pytest.param(NOON, None, id="over now"),
        pytest.param(NOON + MOMENT, NOON + MOMENT, id="nearly over"),
        pytest.param(NOON + DAY, NOON + DAY, id="the longest"),
        pytest.param(NOON + DAY + HOUR, NOON + DAY + HOUR, id="the longest, by a clock that was set back"),
        pytest.param(NOON + DAY + HOUR + MOMENT, None, id="nobody can have said that"),
    ],
)
def test_what_is_left_of_a_pause(closed_until: datetime | None, left: datetime | None) -> None:
    """What no clock that was right can have written is not kept."""
    assert left == pause_left(closed_until, NOON)


@pytest.mark.parametrize(("asked", "kept"), [(HOUR, HOUR), (DAY, DAY), (400 * DAY, DAY)])
def test_a_pause_is_kept_for_a_day_at_most(asked: timedelta, kept: timedelta) -> None:
    """A longer one is asked about again; and what was stored by a clock that was wrong gives way."""
    stored = {name: datetime.fromisoformat(text) for name, text in bound_pause(NOON + asked, NOON).items()}
    assert {"closed_until": NOON + kept, "believed": NOON + DAY + HOUR} == stored

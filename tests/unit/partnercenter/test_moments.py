"""Vetting dates and Retry-After."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from multidict import CIMultiDict

from batchqual.partnercenter.moments import read_moment, retry_after

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("2020-12-04T20:54:24Z", datetime(2020, 12, 4, 20, 54, 24, tzinfo=UTC), id="Z"),
        pytest.param(
            "2020-12-03T10:37:38.885Z",
            datetime(2020, 12, 3, 10, 37, 38, 885000, tzinfo=UTC),
            id="milliseconds",
        ),
        pytest.param(
            "2021-05-06T19:59:56.6832021+00:00",
            datetime(2021, 5, 6, 19, 59, 56, 683202, tzinfo=UTC),
            id="seven digits",
        ),
        pytest.param("2021-05-06T21:00:00+02:00", datetime(2021, 5, 6, 19, tzinfo=UTC), id="offset"),
        pytest.param("2021-07-14T18:02:00", datetime(2021, 7, 14, 18, 2, tzinfo=UTC), id="no zone is UTC"),
        pytest.param("07/09/2020: 00:00:00", datetime(2020, 7, 9, tzinfo=UTC), id="slashes, month first"),
        pytest.param(
            "25/09/2020: 10:11:12", datetime(2020, 9, 25, 10, 11, 12, tzinfo=UTC), id="slashes, day first"
        ),
        pytest.param("7/9/2020", datetime(2020, 7, 9, tzinfo=UTC), id="slashes, no time"),
        pytest.param("12/09/2020", datetime(2020, 12, 9, tzinfo=UTC), id="slashes, the last month first"),
        pytest.param("13/09/2020", datetime(2020, 9, 13, tzinfo=UTC), id="slashes, no month in front"),
        pytest.param(" 2020-12-04T20:54:24Z\n", datetime(2020, 12, 4, 20, 54, 24, tzinfo=UTC), id="padded"),
        pytest.param("31/31/2020: 00:00:00", None, id="no such month"),
        pytest.param("0001-01-01T00:00:00+14:00", None, id="before the first year"),
        pytest.param("yesterday", None, id="words"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_every_documented_date_form_is_read_as_utc(text: str, moment: datetime | None) -> None:
    """The four documented forms are read; what cannot be read is None, never an error."""
    assert moment == read_moment(text)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"Retry-After": "57"}, 57.0, id="seconds"),
        pytest.param({"retry-after": " 1.5 "}, 1.5, id="part of a second, other case"),
        pytest.param({"Retry-After": "Sun, 01 Mar 2026 12:00:30 GMT"}, 30.0, id="date"),
        pytest.param(
            {"Retry-After": "Sun, 01 Mar 2026 09:00:30 GMT", "Date": "Sun, 01 Mar 2026 09:00:20 GMT"},
            10.0,
            id="date by the service's own clock",
        ),
        pytest.param({"Retry-After": "Sun, 01 Mar 2026 12:00:30 -0000"}, 30.0, id="date without a zone"),
        pytest.param({"Retry-After": "Sun, 01 Mar 2026 12:00:01 GMT"}, 1.0, id="the next second"),
        pytest.param({"Retry-After": "Sun, 01 Mar 2026 12:00:00 GMT"}, None, id="now"),
        pytest.param({"Retry-After": "Sun, 01 Mar 2026 11:59:00 GMT"}, None, id="past"),
        pytest.param({"Retry-After": "0"}, None, id="zero"),
        pytest.param({"Retry-After": "-5"}, None, id="negative"),
        pytest.param({"Retry-After": "1e9"}, None, id="exponent"),
        pytest.param({"Retry-After": "9" * 40}, None, id="for ever"),
        pytest.param({"Retry-After": "Sun, 01 Mar 99999 12:00:30 GMT"}, None, id="year out of range"),
        pytest.param({"Retry-After": f"Sun, 01 Mar {'9' * 40} 12:00:30 GMT"}, None, id="year beyond numbers"),
        pytest.param({"Retry-After": "17 June , 2026"}, None, id="half a date"),
        pytest.param({"Retry-After": "soon"}, None, id="words"),
        pytest.param({"Retry-After": ""}, None, id="empty"),
        pytest.param({}, None, id="absent"),
    ],
)
def test_retry_after_in_seconds_and_as_a_date(headers: dict[str, str], seconds: float | None) -> None:
    """Sense is taken as it is, and nonsense is as good as nothing."""
    assert seconds == retry_after(CIMultiDict(headers), NOW)

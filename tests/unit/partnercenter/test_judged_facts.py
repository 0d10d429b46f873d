"""What a verdict carries for the report, and what it does not take from words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from support.scripted_door import CORRELATION_ID, a_call, a_reply

from batchqual.errors import (
    AccessDenied,
    AlreadyThere,
    BatchqualError,
    CallFailed,
    FateUnknown,
    Refused,
    Throttled,
    Unavailable,
)
from batchqual.partnercenter import hint_for
from batchqual.partnercenter.call import Reply
from batchqual.partnercenter.judge import judge

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SAID = b'{"code":"1","description":"Words."}'
YES = b'{"code":"1","description":"Words.","isRetryable":true}'
NO = b'{"code":"1","description":"Words.","isRetryable":false}'


@pytest.mark.parametrize(
    ("reply", "error", "facts"),
    [
        pytest.param(a_reply(429, b'{"code":"1"}'), Throttled, (429, "1", CORRELATION_ID), id="wait"),
        pytest.param(a_reply(200, b"<html>"), Unavailable, (200, None, CORRELATION_ID), id="unreadable"),
    ],
)
def test_facts_of_an_answer(
    reply: Reply, error: type[CallFailed], facts: tuple[int, str | None, str]
) -> None:
    """Status, code and correlation id."""
    with pytest.raises(error) as caught:
        judge(a_call(), reply, NOW)
    assert facts == (caught.value.http_status, caught.value.error_code, caught.value.correlation_id)


def test_only_a_401_lacks_mfa() -> None:
    """A refusal that happens to speak of it concerns its row."""
    with pytest.raises(Refused):
        judge(a_call(writes=True), a_reply(400, b'{"code":"1","description":"MFA required"}'), NOW)


@pytest.mark.parametrize(
    ("reply", "read", "write"),
    [
        pytest.param(a_reply(399, SAID), Unavailable, FateUnknown, id="below 400 nothing is final"),
        pytest.param(a_reply(425, SAID), Unavailable, FateUnknown, id="too early"),
        pytest.param(a_reply(499, SAID), Refused, Refused, id="the last of the final ones"),
        pytest.param(a_reply(499, YES), Unavailable, FateUnknown, id="which says of itself that it passes"),
        pytest.param(a_reply(501, YES), AccessDenied, FateUnknown, id="what passes, where nothing is made"),
        pytest.param(a_reply(405, NO), AccessDenied, AccessDenied, id="final for everyone"),
        pytest.param(a_reply(408, NO), Refused, FateUnknown, id="a time-out that is final"),
        pytest.param(a_reply(409, NO), Unavailable, AlreadyThere, id="in progress, and that is final"),
    ],
)
def test_what_an_answer_says_of_repeating(
    reply: Reply, read: type[BatchqualError], write: type[BatchqualError]
) -> None:
    """It decides between repeating a read and refusing it, and never makes a write that may have arrived a
    refused one."""
    for writes, error in ((False, read), (True, write)):
        with pytest.raises(error):
            judge(a_call(writes=writes), reply, NOW)


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("2030", "Agreement"),
        ("800039", "membership"),
        ("900123", "enrolled"),
        ("900124", "enrolled"),
        ("900127", "--cloud"),
        ("900141", "sandbox"),
        ("900149", "membership"),
        ("900309", "Conditional Access"),
        ("900329", "app-only"),
    ],
)
def test_whoever_stops_a_run_is_told_why(code: str, word: str) -> None:
    """Each code of the service that is final for everyone has a hint of its own."""
    assert word in hint_for(code)
    assert hint_for(code) != hint_for(None)

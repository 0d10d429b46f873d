"""From answers to errors."""

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
    NotFound,
    Refused,
    SignInNeeded,
    Throttled,
    Unavailable,
)
from batchqual.partnercenter import hint_for
from batchqual.partnercenter.call import Reply
from batchqual.partnercenter.judge import Forbidden, TokenRefused, judge

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SAID = b'{"code":"1","description":"Words."}'
YES = b'{"code":"1","description":"Words.","isRetryable":true}'
NO = b'{"code":"1","description":"Words.","isRetryable":false}'
HTML = b"<html><h1>Busy</h1></html>"


def verdict(reply: Reply, *, writes: bool) -> type[BatchqualError] | None:
    """The class of the error, None where the reply is what was wanted."""
    try:
        judge(a_call(writes=writes), reply, NOW)
    except Forbidden as refused:
        return type(refused.verdict)
    except BatchqualError as error:
        return type(error)
    return None


@pytest.mark.parametrize(
    ("reply", "read", "write"),
    [
        pytest.param(a_reply(200, b"[]"), None, None, id="200"),
        pytest.param(a_reply(204, b""), None, None, id="204"),
        pytest.param(a_reply(201, HTML), Unavailable, None, id="unreadable 2xx"),
        pytest.param(a_reply(200, b"[]", complete=False), Unavailable, None, id="truncated 2xx"),
        pytest.param(a_reply(302, b""), Unavailable, FateUnknown, id="redirect"),
        pytest.param(a_reply(400, SAID), Refused, Refused, id="400"),
        pytest.param(a_reply(400, YES), Unavailable, FateUnknown, id="400 retryable"),
        pytest.param(a_reply(400, NO), Refused, Refused, id="400 not retryable"),
        pytest.param(a_reply(400, HTML), Unavailable, FateUnknown, id="400 html"),
        pytest.param(a_reply(400, b""), Refused, Refused, id="400 empty"),
        pytest.param(a_reply(400, SAID, complete=False), Unavailable, FateUnknown, id="400 truncated"),
        pytest.param(a_reply(400, b'"Denied."'), Refused, Refused, id="400 bare string"),
        pytest.param(a_reply(401, HTML), TokenRefused, TokenRefused, id="401, any body"),
        pytest.param(a_reply(401, b'{"code":900421}'), SignInNeeded, SignInNeeded, id="401 900421"),
        pytest.param(
            a_reply(401, b"", reason="Unauthorized - MFA required"), SignInNeeded, SignInNeeded, id="401 MFA"
        ),
        pytest.param(a_reply(403, b'{"code":"20002"}'), Refused, Refused, id="403 row"),
        pytest.param(a_reply(403, b'{"code":"900329"}'), AccessDenied, AccessDenied, id="403 run"),
        pytest.param(a_reply(401, b'{"code":1002}'), AccessDenied, AccessDenied, id="401 1002"),
        pytest.param(a_reply(401, b""), TokenRefused, TokenRefused, id="401 empty"),
        pytest.param(a_reply(403, HTML), Unavailable, FateUnknown, id="403 html"),
        pytest.param(a_reply(403, b""), Refused, Refused, id="403 empty"),
        pytest.param(a_reply(403, b" \r\n"), Refused, Refused, id="403 blank"),
        pytest.param(a_reply(403, b"", complete=False), Unavailable, FateUnknown, id="403 that broke off"),
        pytest.param(a_reply(404, b""), NotFound, Refused, id="404 empty"),
        pytest.param(a_reply(405, b""), AccessDenied, AccessDenied, id="405 empty"),
        pytest.param(a_reply(406, b""), AccessDenied, AccessDenied, id="406 empty"),
        pytest.param(a_reply(408, b""), Unavailable, FateUnknown, id="408 empty"),
        pytest.param(a_reply(409, b""), Unavailable, AlreadyThere, id="409 empty"),
        pytest.param(a_reply(410, b""), Refused, Refused, id="410 empty"),
        pytest.param(a_reply(412, b""), Refused, Refused, id="412 empty"),
        pytest.param(a_reply(417, b""), Refused, Refused, id="417 empty"),
        pytest.param(a_reply(425, b""), Unavailable, FateUnknown, id="425 empty"),
        pytest.param(a_reply(429, b""), Throttled, Throttled, id="429 empty"),
        pytest.param(a_reply(500, b""), Unavailable, FateUnknown, id="500 empty"),
        pytest.param(a_reply(501, b""), Unavailable, FateUnknown, id="501 empty"),
        pytest.param(a_reply(503, b""), Unavailable, FateUnknown, id="503 empty"),
        pytest.param(a_reply(404, SAID), NotFound, Refused, id="404"),
        pytest.param(a_reply(404, HTML), Unavailable, FateUnknown, id="404 html"),
        pytest.param(a_reply(405, SAID), AccessDenied, AccessDenied, id="405"),
        pytest.param(a_reply(408, SAID), Unavailable, FateUnknown, id="408"),
        pytest.param(a_reply(409, SAID), Unavailable, AlreadyThere, id="409"),
        pytest.param(a_reply(409, YES), Unavailable, AlreadyThere, id="409 retryable"),
        pytest.param(a_reply(409, HTML), Unavailable, FateUnknown, id="409 html"),
        pytest.param(a_reply(429, HTML), Throttled, Throttled, id="429, any body"),
        pytest.param(
            a_reply(429, NO, headers={"Retry-After": "5"}), Throttled, Throttled, id="429 not retryable"
        ),
        pytest.param(a_reply(500, SAID), Unavailable, FateUnknown, id="500"),
        pytest.param(a_reply(500, NO), Refused, FateUnknown, id="500 not retryable"),
        pytest.param(a_reply(501, SAID), AccessDenied, FateUnknown, id="501"),
        pytest.param(a_reply(503, HTML), Unavailable, FateUnknown, id="503"),
        pytest.param(
            a_reply(503, HTML, headers={"Retry-After": "5"}), Throttled, Throttled, id="503 says wait"
        ),
        pytest.param(
            a_reply(503, b"", headers={"Retry-After": "?"}), Throttled, Throttled, id="503 says nonsense"
        ),
        pytest.param(a_reply(418, b"3"), Refused, Refused, id="an unheard-of status"),
        pytest.param(a_reply(399, SAID), Unavailable, FateUnknown, id="399: below 400 nothing is final"),
        pytest.param(a_reply(425, SAID), Unavailable, FateUnknown, id="425"),
        pytest.param(a_reply(499, SAID), Refused, Refused, id="499"),
        pytest.param(a_reply(499, YES), Unavailable, FateUnknown, id="499 retryable"),
        pytest.param(a_reply(501, YES), AccessDenied, FateUnknown, id="501 retryable"),
        pytest.param(a_reply(405, NO), AccessDenied, AccessDenied, id="405 not retryable"),
        pytest.param(a_reply(408, NO), Refused, FateUnknown, id="408 not retryable"),
        pytest.param(a_reply(409, NO), Unavailable, AlreadyThere, id="409 not retryable"),
    ],
)
def test_verdicts(
    reply: Reply, read: type[BatchqualError] | None, write: type[BatchqualError] | None
) -> None:
    """A read may be repeated on what a write has to look up; only JSON is a clear answer, or a refusal
    without a body. What it says of repeating never makes a write that may have arrived a refused one."""
    assert read is verdict(reply, writes=False)
    assert write is verdict(reply, writes=True)


def test_every_status_has_a_verdict() -> None:
    """Total over statuses, bodies and methods; only 2xx comes through."""
    for status in range(100, 600):
        for body in (b"", b"null", SAID, YES, NO, HTML):
            for writes in (False, True):
                found = verdict(a_reply(status, body), writes=writes)
                if found is None:
                    assert 200 <= status < 300


@pytest.mark.parametrize(
    ("reply", "error", "facts"),
    [
        pytest.param(a_reply(429, b'{"code":"1"}'), Throttled, (429, "1", CORRELATION_ID), id="wait"),
        pytest.param(a_reply(200, HTML), Unavailable, (200, None, CORRELATION_ID), id="unreadable"),
    ],
)
def test_facts_of_an_answer(
    reply: Reply, error: type[CallFailed], facts: tuple[int, str | None, str]
) -> None:
    """Status, code and correlation id."""
    with pytest.raises(error) as caught:
        judge(a_call(), reply, NOW)
    assert facts == (caught.value.http_status, caught.value.error_code, caught.value.correlation_id)


def test_an_error_carries_the_service_s_words() -> None:
    """Words, status, code and correlation id are those of the answer."""
    with pytest.raises(Refused) as caught:
        judge(a_call(writes=True), a_reply(400, SAID), NOW)
    error = caught.value
    assert ("Words.", 400, "1", CORRELATION_ID) == (
        error.message,
        error.http_status,
        error.error_code,
        error.correlation_id,
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(HTML, "HTTP 500: <html><h1>Busy</h1></html>", id="html"),
        pytest.param(b"{}", "HTTP 500", id="no words"),
        pytest.param(b"", "HTTP 500: Oops", id="the reason phrase"),
    ],
)
def test_without_words_the_status_speaks(body: bytes, message: str) -> None:
    """An error says something in any case."""
    with pytest.raises(Unavailable) as caught:
        judge(a_call(), a_reply(500, body, reason="Oops"), NOW)
    assert message == caught.value.message


def test_a_throttle_carries_the_pause() -> None:
    """In seconds."""
    with pytest.raises(Throttled) as caught:
        judge(a_call(), a_reply(429, b"", headers={"Retry-After": "57"}), NOW)
    assert 57.0 == caught.value.retry_after


def test_a_code_that_the_service_repeats_is_masked() -> None:
    """A validation code is shown by its last two characters alone."""
    call = a_call(writes=True, masks=(("123456", "••••56"),))
    with pytest.raises(Refused) as caught:
        judge(call, a_reply(400, b'{"code":"1","description":"Code 123456 is unknown."}'), NOW)
    assert "Code ••••56 is unknown." == caught.value.message
    assert '{"code":"1","description":"Code ••••56 is unknown."}' == caught.value.body


@pytest.mark.parametrize(
    ("body", "part"),
    [
        pytest.param("{words}", "body", id="the body"),
        pytest.param("{words}", "message", id="plain text"),
        pytest.param('"{words}"', "message", id="a bare string"),
        pytest.param('{{"description":"{words}"}}', "message", id="a description"),
    ],
)
def test_a_code_at_the_end_of_what_is_kept_is_masked(body: str, part: str) -> None:
    """Before it is cut: half a code would not be found."""
    call = a_call(writes=True, masks=(("123456", "••••56"),))
    words = f"{'x' * 1019} 123456 is unknown"
    with pytest.raises(FateUnknown) as caught:
        judge(call, a_reply(500, body.format(words=words).encode()), NOW)
    assert "1234" not in getattr(caught.value, part)
    assert "x ••••" in getattr(caught.value, part)


def test_a_stop_has_words_and_a_hint() -> None:
    """What the service said, and what to do."""
    with pytest.raises(AccessDenied) as caught:
        judge(a_call(writes=True), a_reply(403, b'{"code":"900149","description":"Inactive."}'), NOW)
    assert "Inactive." in caught.value.message
    assert "membership" in caught.value.hint


def test_missing_mfa_is_said_in_words() -> None:
    """With the service's own, where there are any."""
    with pytest.raises(SignInNeeded) as caught:
        judge(a_call(), a_reply(401, b'{"code":"900421","description":"No MFA."}'), NOW)
    assert "multi-factor authentication (No MFA.)" in caught.value.message
    assert "mfa-needed" == caught.value.code


def test_only_a_401_lacks_mfa() -> None:
    """A refusal that happens to speak of it concerns its row."""
    with pytest.raises(Refused):
        judge(a_call(writes=True), a_reply(400, b'{"code":"1","description":"MFA required"}'), NOW)


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("1002", "registered"),
        ("800039", "membership"),
        ("900124", "Agreement"),
        ("900127", "--api"),
        ("900141", "--api"),
        ("900149", "membership"),
        ("900309", "Conditional Access"),
        ("900329", "app-only"),
    ],
)
def test_whoever_stops_a_run_is_told_why(code: str, word: str) -> None:
    """Each code of the service that is final for everyone has a hint of its own, which names no cause that no
    page names."""
    assert "sandbox" not in hint_for(code)
    assert word in hint_for(code)
    assert hint_for(code) != hint_for(None)


@pytest.mark.parametrize(
    ("reply", "forbidden"),
    [
        pytest.param(a_reply(403, b""), True, id="403 empty"),
        pytest.param(a_reply(403, b'{"code":900124}'), True, id="403 with a code that ends runs"),
        pytest.param(a_reply(401, b'{"code":"1002"}'), True, id="authorization failed"),
        pytest.param(a_reply(403, HTML), False, id="403 of a gateway"),
        pytest.param(a_reply(404, b""), False, id="404"),
        pytest.param(a_reply(405, b""), False, id="405"),
    ],
)
def test_what_another_token_may_be_let_through_with(reply: Reply, *, forbidden: bool) -> None:
    """A look alone: nobody but the user submits."""
    with pytest.raises((Forbidden, BatchqualError)) as caught:
        judge(a_call(), reply, NOW)
    assert forbidden == isinstance(caught.value, Forbidden)
    assert verdict(reply, writes=True) is not None
    with pytest.raises(BatchqualError):
        judge(a_call(writes=True), reply, NOW)

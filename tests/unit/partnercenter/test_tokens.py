"""Tokens from outside, and what they say of themselves."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from batchqual.errors import SignInNeeded
from batchqual.partnercenter import Claims, GivenToken, claims


def a_token(payload: object) -> str:
    """An unsigned token with this payload."""
    middle = base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")
    return f"e30.{middle}.c2ln"


async def test_a_given_token_is_used_as_it_is() -> None:
    """But for the white space around it."""
    assert "a.b.c" == await GivenToken(" a.b.c\n").token()


async def test_a_given_token_is_not_renewed() -> None:
    """The words say where it came from and what to do."""
    with pytest.raises(SignInNeeded) as caught:
        await GivenToken("a.b.c").renew("a.b.c")
    assert "BATCHQUAL_ACCESS_TOKEN" in caught.value.message
    assert "get a new one" in caught.value.hint


def test_a_given_token_does_not_show_itself() -> None:
    """Not in a log, not in a traceback."""
    assert "secret" not in repr(GivenToken("secret"))


@pytest.mark.parametrize("text", ["", "  ", "Bearer abc", "a\nb", "tökén", "a\x00b"])
def test_what_cannot_be_a_token_is_refused(text: str) -> None:
    """Before anything is sent."""
    with pytest.raises(SignInNeeded):
        GivenToken(text)


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        pytest.param(
            {
                "tid": "00000000-0000-4000-8000-0000000000AA",
                "aud": "https://api.partnercenter.microsoft.com",
                "appid": "app",
                "scp": "user_impersonation other",
                "amr": ["pwd", "mfa", 1],
                "exp": 1772366400,
            },
            Claims(
                "00000000-0000-4000-8000-0000000000aa",
                "https://api.partnercenter.microsoft.com",
                "app",
                ("user_impersonation", "other"),
                ("pwd", "mfa"),
                datetime(2026, 3, 1, 12, tzinfo=UTC),
            ),
            id="whole",
        ),
        pytest.param({"azp": "app", "amr": "mfa", "exp": "never"}, Claims(app_id="app"), id="odd"),
        pytest.param({"exp": 10**15}, Claims(), id="beyond all dates"),
        pytest.param([], Claims(), id="not an object"),
    ],
)
def test_claims(payload: object, found: Claims) -> None:
    """Read without verification; what is not there is None."""
    assert found == claims(a_token(payload))


@pytest.mark.parametrize("token", ["", "opaque", "a.b", "a.%%%.c", "a.AAAAA.c", "a.é.c", "..."])
def test_opaque_tokens_have_no_claims(token: str) -> None:
    """And raise nothing."""
    assert Claims() == claims(token)


def test_mfa_is_a_method() -> None:
    """The claim ``amr`` names it."""
    assert claims(a_token({"amr": ["pwd", "mfa"]})).mfa
    assert not claims(a_token({"amr": ["pwd"]})).mfa

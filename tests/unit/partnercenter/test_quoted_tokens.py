"""An answer that repeats the token brings it into no message, however it spells it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from support.scripted_door import a_call, a_reply

from batchqual.errors import CallFailed
from batchqual.partnercenter.call import Bearer, Reply
from batchqual.partnercenter.judge import judge

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TOKEN = 'to/ken"<1>&2'


def message(reply: Reply, token: str = TOKEN) -> str:
    """What a person would read."""
    with pytest.raises(CallFailed) as caught:
        judge(replace(a_call(), bearer=Bearer(token=token)), reply, NOW)
    return caught.value.message


@pytest.mark.parametrize(
    "spelled",
    [
        pytest.param('to/ken"<1>&2', id="as it is"),
        pytest.param("to%2Fken%22%3C1%3E%262", id="in an address"),
        pytest.param("to/ken&quot;&lt;1&gt;&amp;2", id="in a page"),
        pytest.param('to/ken\\"<1>&2', id="in JSON"),
        pytest.param('to\\/ken"<1>&2', id="in JSON, with slashes escaped"),
    ],
)
def test_a_token_in_a_body_is_hidden(spelled: str) -> None:
    """In the spelling of whoever repeats it; the words around it stay."""
    assert "Bad token [hidden] here." in message(a_reply(400, f"Bad token {spelled} here.".encode()))


def test_a_token_in_the_reason_is_hidden() -> None:
    """A body that says nothing lets the reason phrase speak."""
    assert "Bad [hidden]" in message(a_reply(400, b"", reason=f"Bad {TOKEN}"))


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        pytest.param("1234567", "Bad [hidden].", id="a token"),
        pytest.param("123456", "Bad 123456.", id="too short for one"),
        pytest.param("", "Bad 123456.", id="none"),
    ],
)
def test_what_is_too_short_stands_in_other_words(token: str, shown: str) -> None:
    """It would be hidden in the middle of them."""
    assert shown in message(a_reply(400, f"Bad {token or '123456'}.".encode()), token)


def test_an_answer_without_the_token_is_left_alone() -> None:
    """The reply itself comes back."""
    reply = a_reply(200, b"[]")
    assert reply is judge(replace(a_call(), bearer=Bearer(token=TOKEN)), reply, NOW)

"""Bytes and text from a stranger."""

from __future__ import annotations

import pytest

from batchqual.partnercenter.text import UNREADABLE, clean, is_blank, key, read_json


@pytest.mark.parametrize(
    ("body", "value"),
    [
        pytest.param(b'{"a": 1}', {"a": 1}, id="object"),
        pytest.param(b'\xef\xbb\xbf"x"', "x", id="byte order mark"),
        pytest.param(b"null", None, id="null"),
        pytest.param(b"", UNREADABLE, id="nothing"),
        pytest.param(b"<html>", UNREADABLE, id="html"),
        pytest.param(b'[{"a": 1},]', UNREADABLE, id="trailing comma"),
        pytest.param(b'"\xff"', UNREADABLE, id="not utf-8"),
        pytest.param(b"[" * 200_000, UNREADABLE, id="deeper than the parser"),
        pytest.param(b"9" * 10_000, UNREADABLE, id="a number longer than Python reads"),
    ],
)
def test_json_or_unreadable(body: bytes, value: object) -> None:
    """A body is JSON, or it is unreadable; nothing raises."""
    assert value == read_json(body)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(" two \r\n lines ", "two lines", id="lines"),
        pytest.param("bell\x07 and\x1b[31m", "bell and [31m", id="control characters"),
        pytest.param("turned\u202eround", "turned round", id="direction override"),
        pytest.param("half\ud800", "half", id="lone surrogate"),
        pytest.param("x" * 5000, "x" * 1024, id="too long"),
    ],
)
def test_text_can_be_shown(text: str, shown: str) -> None:
    """Text from outside becomes one line that terminals, workbooks and databases can take."""
    assert shown == clean(text)


def test_names_are_matched_without_case_and_punctuation() -> None:
    """The documents' three spellings of a name are one."""
    assert {"governmentcommunitycloud"} == {
        key(name)
        for name in ("GovernmentCommunityCloud", "governmentcommunitycloud", "government_community_cloud")
    }


@pytest.mark.parametrize("body", [b"", b" \r\n", b"\xef\xbb\xbf \n"])
def test_blank_bodies(body: bytes) -> None:
    """White space and a byte order mark are nothing."""
    assert is_blank(body)
    assert not is_blank(body + b"0")

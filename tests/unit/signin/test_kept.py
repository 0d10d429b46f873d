"""The document of refresh tokens: what is written is read; what cannot be is told, and never quoted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from batchqual.errors import SignInNeeded
from batchqual.signin.kept import Kept, UnreadableTokens, document_of, tokens_in

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "0.AXsecret-refresh-token"
TOKENS = {
    "one": Kept(SECRET, "", "user@contoso.example", NOON, NOON + timedelta(hours=1)),
    "two": Kept("another", "ab" * 32, None, NOON, NOON),
}


def test_what_is_written_is_read() -> None:
    """Every field of every token."""
    assert TOKENS == tokens_in(document_of(TOKENS), "the file")


def test_times_are_kept_in_utc() -> None:
    """Wherever they come from."""
    there = datetime(2026, 3, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    (kept,) = tokens_in(document_of({"key": Kept("x", "", None, there, there)}), "the file").values()
    assert (NOON, UTC) == (kept.renewed_at, kept.renewed_at.tzinfo)


def test_a_token_is_in_no_repr() -> None:
    """Neither is it in its str."""
    assert SECRET not in f"{TOKENS['one']!r} {TOKENS['one']}"


def _with(**changes: object) -> str:
    document = json.loads(document_of(TOKENS))
    document["tokens"]["one"].update(changes)
    return json.dumps(document)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("", id="empty"),
        pytest.param(document_of(TOKENS)[:-30], id="cut"),
        pytest.param(f'"{SECRET}"', id="a text"),
        pytest.param("[" * 100_000, id="too deep"),
        pytest.param("null", id="null"),
        pytest.param(f'{{"tokens": "{SECRET}"}}', id="no version"),
        pytest.param(f'{{"version": "{SECRET}", "tokens": {{}}}}', id="a text for a version"),
        pytest.param('{"version": 0, "tokens": {}}', id="version 0"),
        pytest.param('{"version": 1}', id="no tokens"),
        pytest.param(f'{{"version": 1, "tokens": ["{SECRET}"]}}', id="a list of tokens"),
        pytest.param(f'{{"version": 1, "tokens": {{"one": "{SECRET}"}}}}', id="a text for a token"),
        pytest.param(_with(refresh_token=None), id="no token"),
        pytest.param(_with(username=7), id="a number for a name"),
        pytest.param(_with(renewed_at="yesterday"), id="no time"),
        pytest.param(_with(renewed_at="2026-03-01T12:00:00"), id="a time of nowhere"),
    ],
)
def test_a_damaged_document_is_told(document: str) -> None:
    """In words that name the place and the way out, and quote nothing of it."""
    with pytest.raises(UnreadableTokens, match=r"in the file cannot be read: they are damaged\.") as told:
        tokens_in(document, "the file")
    assert (12, "sign-in") == (told.value.exit_code, told.value.code)
    assert "Run `batchqual logout`, then `batchqual login`." == told.value.hint
    assert SECRET not in str(told.value)
    assert told.value.__context__ is None


def test_a_document_of_a_newer_version_is_told() -> None:
    """Whatever it holds: nobody guesses what it means."""
    with pytest.raises(SignInNeeded, match="kept by a newer version of batchqual") as told:
        tokens_in('{"version": 2, "secrets": []}', "the file")
    assert "Use that version. Or else: run `batchqual logout`, then `batchqual login`." == told.value.hint

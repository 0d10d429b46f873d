"""A refresh token that is kept, and the document in which all of them are written down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from batchqual.errors import SignInNeeded

__all__ = ["Kept", "UnreadableTokens", "document_of", "tokens_in"]

_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """A refresh token that is kept.

    ``seed`` is the SHA-256, in hex, of the configured value that it descends from; empty when a person signed
    in here. ``obtained_at`` is when that person signed in, or the configured value was first used;
    ``renewed_at`` when the service last gave a new one. Both are in UTC.
    """

    refresh_token: str = field(repr=False)
    seed: str
    username: str | None
    obtained_at: datetime
    renewed_at: datetime


class UnreadableTokens(SignInNeeded):
    """What is kept cannot be read: damaged, or written by a newer version."""

    hint = "Run `batchqual logout`, then `batchqual login`."


def document_of(tokens: Mapping[str, Kept]) -> str:
    """The document that holds these: JSON, with the version of its form."""
    return json.dumps(
        {"version": _VERSION, "tokens": {key: _written(kept) for key, kept in tokens.items()}}, indent=1
    )


def tokens_in(document: str, where: str) -> dict[str, Kept]:
    """The tokens of a document. Raises UnreadableTokens, which names ``where`` it was and nothing of it."""
    version, tokens = _opened(document)
    if isinstance(version, int) and version > _VERSION:
        raise UnreadableTokens(
            f"The refresh tokens in {where} were kept by a newer version of batchqual.",
            hint=f"Use that version. Or else: {UnreadableTokens.hint[0].lower()}{UnreadableTokens.hint[1:]}",
        )
    if version != _VERSION or tokens is None:
        raise UnreadableTokens(f"The refresh tokens in {where} cannot be read: they are damaged.")
    return tokens


def _opened(document: str) -> tuple[object, dict[str, Kept] | None]:
    """Version and tokens; None for what is not there. No error leaves here: json's own quote the document."""
    try:
        told = json.loads(document)
        version = told["version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None, None
    try:
        return version, {str(key): _read(one) for key, one in told["tokens"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return version, None


def _written(kept: Kept) -> dict[str, str | None]:
    return {
        "refresh_token": kept.refresh_token,
        "seed": kept.seed,
        "username": kept.username,
        "obtained_at": kept.obtained_at.astimezone(UTC).isoformat(),
        "renewed_at": kept.renewed_at.astimezone(UTC).isoformat(),
    }


def _read(told: Mapping[str, Any]) -> Kept:
    username = told["username"]
    return Kept(
        _text(told["refresh_token"]),
        _text(told["seed"]),
        None if username is None else _text(username),
        _moment(told["obtained_at"]),
        _moment(told["renewed_at"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    value.encode()  # half a character, which JSON can spell, could be sent nowhere: ValueError
    return value


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)

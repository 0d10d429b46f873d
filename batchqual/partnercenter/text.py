"""Reading bytes that a stranger sent: JSON or not, and text that can be shown and stored."""

from __future__ import annotations

import codecs
import functools
import json
import unicodedata
from collections.abc import Callable
from enum import Enum
from typing import Final

__all__ = ["MOST_CHARACTERS", "UNREADABLE", "Unreadable", "clean", "excerpt", "is_blank", "key", "read_json"]

_SHORT = 64
MOST_CHARACTERS: Final = 1024  # of a message (Partner Center docs, error codes page, June 2023)

# Control characters and lone surrogates break terminals, workbooks and databases; the format characters
# among them (Cf) can turn the direction of the text around.
_UNSHOWABLE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class Unreadable(Enum):
    """The type of `UNREADABLE`: what a body is that is not JSON."""

    UNREADABLE = "unreadable"


UNREADABLE: Final = Unreadable.UNREADABLE


def is_blank(body: bytes) -> bool:
    """Whether a body holds nothing but white space, and perhaps a byte order mark."""
    return not body.removeprefix(codecs.BOM_UTF8).strip()


def read_json(body: bytes) -> object:
    """The value of a JSON body, or `UNREADABLE`. Never raises.

    A byte order mark is tolerated. A body deeper than the parser can go is unreadable too.
    """
    try:
        value: object = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return UNREADABLE
    return value


def clean(text: str, most: int = MOST_CHARACTERS) -> str:
    """Text from outside on one line, without control characters, cut to ``most`` characters."""
    if len(text) <= most and text.isprintable():
        return " ".join(text.split())
    # Cut first, generously: a megabyte of text must not cost a megabyte of look-ups.
    shown = "".join(" " if unicodedata.category(one) in _UNSHOWABLE else one for one in text[: 4 * most])
    return " ".join(shown.split())[:most]


def excerpt(body: bytes, masked: Callable[[str], str] = str) -> str:
    """The beginning of a body as text, like `clean`. It is ``masked`` before it is cut: half a secret would
    not be found."""
    return clean(masked(body[: 4 * MOST_CHARACTERS].decode("utf-8", errors="replace")))


def key(text: str) -> str:
    """A name without case and punctuation: the documents spell every name in two or three ways."""
    return _key(text) if len(text) <= _SHORT else _letters(text)


def _letters(text: str) -> str:
    return "".join(one for one in text.lower() if one.isalnum())


# The same few names come with every answer.
_key = functools.lru_cache(maxsize=512)(_letters)

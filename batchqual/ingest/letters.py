"""The letters of a text as they are compared: without what cannot be seen, in the usual width."""

from __future__ import annotations

import unicodedata

from batchqual.model import trimmed, without_invisible

__all__ = ["clean", "narrowed"]


def clean(text: str) -> str:
    """The text without characters that have no width, and without blanks of any kind around it."""
    return trimmed(without_invisible(text))


def narrowed(text: str) -> str:
    """The text with the usual letters in place of full-width ones, and the usual digits for any."""
    return text if text.isascii() else "".join(map(_narrow, text))


def _narrow(letter: str) -> str:
    if unicodedata.decomposition(letter).startswith("<wide>"):
        return unicodedata.normalize("NFKC", letter)
    digit = unicodedata.decimal(letter, None)
    return letter if digit is None else str(digit)

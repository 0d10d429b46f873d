"""Domains that are spelt in two ways."""

from __future__ import annotations

import unicodedata

__all__ = ["plain_domain"]

_ENCODED = "xn--"


def plain_domain(text: str) -> str:
    """A domain as a person reads it, to be compared: lower case, composed (NFC), and its ``xn--`` labels in
    letters (RFC 3492) where that is their one spelling."""
    text = text.lower()
    if text.isascii() and _ENCODED not in text:
        return text
    return ".".join(map(_plain, unicodedata.normalize("NFC", text).split(".")))


def _plain(label: str) -> str:
    if not label.startswith(_ENCODED):
        return label
    encoded = label.removeprefix(_ENCODED)
    try:
        plain = unicodedata.normalize("NFC", encoded.encode("ascii").decode("punycode").lower())
        same = plain.encode("punycode").decode("ascii") == encoded
    except UnicodeError:
        return label
    return plain if same and not plain.isascii() else label

"""Text that may be shown: no secrets in it, and no characters that could forge a line or drive a terminal."""

from __future__ import annotations

import re

__all__ = ["HIDDEN", "neutral", "redacted", "secret_name"]

HIDDEN = "[hidden]"

_FORGING = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters, the escape of terminal sequences among them
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # separators of lines and paragraphs, changes of direction
    "\ud800-\udfff]"  # halves of pairs, which no encoding can write
)
_SECRETS = (
    (re.compile(r"eyJ[\w-]{8,}(?:\.[\w-]+){1,4}"), HIDDEN),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (
        re.compile(
            r"(?i)([?&](?:code|sig|assertion|[\w-]*(?:token|secret|password))=)[^&\s\"'<>]+",
        ),
        rf"\1{HIDDEN}",
    ),
    (
        re.compile(  # after --map stands the heading of a column
            r"(?i)(?<!--map )(?<!--map \")"
            r"(\b(?:(?:validation|device|user)_?code|code_verifier|client_?assertion"
            r"|[\w-]*(?:token|secret|password))[\"'\\]*\s*[:=]\s*[\"'\\]*)"
            r"[^\s\"',&}]+"
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(//)[^/\s@]+@"), rf"\1{HIDDEN}@"),
)
_SECRET_NAMES = re.compile(r"(?i)token|secret|password|authorization|validation_?code|assertion")


def neutral(text: str) -> str:
    """The text on one line: what could break a line, hide or reorder text is written as an escape."""
    return _FORGING.sub(_escape, text)


def redacted(text: str) -> str:
    """The text without tokens, passwords and validation codes, as far as their form or their name tells."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def secret_name(name: str) -> bool:
    """Whether a field of this name holds something that is never written down."""
    return bool(_SECRET_NAMES.search(name))


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"

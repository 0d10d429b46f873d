"""What each exit code means, for the help of each verb."""

from __future__ import annotations

__all__ = ["MEANINGS", "meanings_of"]

MEANINGS = {
    0: "every row is quiet: approved, already there, duplicate, not attempted",
    3: "finished, and some row needs attention",
    4: "finished, none needs attention, some are in review",
    1: "unexpected failure; the message says where the log is",
    2: "wrong usage or settings, or not confirmed; nothing was sent",
    10: "the input cannot be read, or has no usable heading",
    11: "the ledger is in use, or cannot be used; nothing was sent",
    12: "sign-in needed, or refused",
    13: "stopped: too many failures, --strict and a warning, or the API refuses the partner",
    130: "interrupted; what is known is in the ledger and in the report",
}
"""In the order in which help shows them."""


def meanings_of(codes: dict[int, str] | tuple[int, ...]) -> dict[int, str]:
    """Code and meaning; a verb may give words of its own."""
    own = codes if isinstance(codes, dict) else {}
    return {code: own.get(code) or meaning for code, meaning in MEANINGS.items() if code in codes}

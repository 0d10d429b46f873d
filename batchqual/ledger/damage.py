"""Damage that SQLite cannot see: a sound page with a value in it that batchqual never writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from batchqual.errors import LedgerError

__all__ = ["NONSENSE", "damaged", "sense_expected"]

NONSENSE = (ValueError, TypeError, KeyError, AttributeError)
"""What reading such a value raises."""


def damaged(what: str, error: Exception) -> LedgerError:
    """The error for it. ``what`` names the line: ``request 7 (…, Education)``."""
    return LedgerError(
        f"The ledger is damaged: {what} holds a value that batchqual never writes ({error}).",
        hint="`batchqual verify` says what else is not as it was written. Put a back-up in its place, and "
        "keep the damaged file.",
        code="ledger-damaged",
    )


@contextmanager
def sense_expected(what: str) -> Iterator[None]:
    """Turn what reading such a value raises into `LedgerError`."""
    try:
        yield
    except NONSENSE as error:
        raise damaged(what, error) from error

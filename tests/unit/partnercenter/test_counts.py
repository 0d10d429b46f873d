"""Counting."""

from __future__ import annotations

from batchqual.partnercenter import Counts


def test_tries_are_counted_by_method() -> None:
    """What is neither POST nor PUT reads."""
    counts = Counts()
    for method in ("GET", "POST", "PUT", "GET"):
        counts.departed(method)
    assert (2, 1, 1) == (counts.get, counts.post, counts.put)

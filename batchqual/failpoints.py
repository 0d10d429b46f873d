"""Named points at which a test may end the process: around every commit, and around every await beside one.

A point costs one comparison as long as nobody heeds it, and nobody does outside of tests: there is no option
and no variable that could switch it on.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["heed", "reached"]

_heeded: Callable[[str], object] | None = None


def reached(point: str) -> None:
    """The program has come to this point. ``point`` is a literal, and stands in one place of the source."""
    if _heeded is not None:
        _heeded(point)


def heed(listener: Callable[[str], object] | None) -> None:
    """From now on ``listener`` is called at every point, in whatever thread comes to it; None for nobody."""
    global _heeded  # noqa: PLW0603 - one switch for the process, read at every point
    _heeded = listener

"""Processes whose coverage nobody measures: one that is killed has nothing to tell of it, and for the rest it
takes half as long again. `tests/cli` measures the program as people start it."""

from __future__ import annotations

import os

__all__ = ["unmeasured"]

_MEASURING = "COVERAGE_"


def unmeasured() -> dict[str, str]:
    """The variables of this process, but for those that make a child measure itself."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_MEASURING)}

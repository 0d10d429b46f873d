"""Which files this process has open."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

__all__ = ["handles_of"]


def handles_of(path: Path) -> list[int]:
    """The numbers under which this process has a file open. Skips the test where nobody can say."""
    if sys.platform == "win32":
        pytest.skip("an open file has no number there that all libraries share")
    found = []
    for entry in Path("/dev/fd").iterdir():
        handle = int(entry.name)
        try:
            status = os.fstat(handle)
        except OSError:
            continue  # the one under which the list itself was read
        if os.path.samestat(status, path.stat()):
            found.append(handle)
    return found

"""The door of the package."""

from __future__ import annotations

import subprocess
import sys

import pytest

import batchqual.telemetry as door


def test_every_name_of_the_door_is_there() -> None:
    """What `__all__` promises can be had."""
    for name in door.__all__:
        assert getattr(door, name) is not None


def test_other_names_are_refused() -> None:
    """A name that is not there is an AttributeError, as with any module."""
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = door.nothing


def test_the_door_costs_neither_rich_nor_structlog() -> None:
    """Both are loaded at the first use of what needs them."""
    code = "import sys, batchqual.telemetry; print([m for m in ('rich', 'structlog') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert "[]" == done.stdout.strip()

"""The package's door."""

from __future__ import annotations

import subprocess
import sys

import pytest

import batchqual.partnercenter as package


def test_every_exported_name_is_there() -> None:
    """`__all__` is the truth, and sorted."""
    assert sorted(
        package.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name)
    ) == list(package.__all__)
    assert all(getattr(package, name) for name in package.__all__)


def test_no_other_name_is_there() -> None:
    """A typing error is told."""
    with pytest.raises(AttributeError, match="open_partner_centre"):
        _ = package.open_partner_centre


def test_the_names_cost_no_http_library() -> None:
    """aiohttp is loaded with `open_partner_center` alone."""
    script = "import sys, batchqual.partnercenter; print('aiohttp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True)
    assert "False" == done.stdout.strip()

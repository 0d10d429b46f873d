"""What every run of the pipeline's tests needs."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The ledger, kept from run to run."""
    return tmp_path / "ledger.sqlite3"

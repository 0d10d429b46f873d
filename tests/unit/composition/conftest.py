"""Where each of these tests stands, and the sheets that they share."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.sheets import customer
from support.unreached import sheet_of


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with nothing in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sheet(folder: Path) -> str:
    """Four rows: two that can be sent, a duplicate, an invalid one."""
    state_owned = (customer(2), "StateOwnedEntity", "")
    education = (customer(1), "Education", "K12")
    return sheet_of(folder, education, state_owned, state_owned, ("not an id", "Education", "K12"))


@pytest.fixture
def two(folder: Path) -> str:
    """Education for the first two customers."""
    return sheet_of(folder)

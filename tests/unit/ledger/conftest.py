"""A ledger with a past, once for each module, and a copy of it to be spoilt."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support.journals import in_memory, lived_ledger


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived_ledger(tmp_path_factory.mktemp("journal"))


@pytest.fixture
def copy(journal: Path) -> Iterator[sqlite3.Connection]:
    with closing(in_memory(journal)) as connection:
        yield connection

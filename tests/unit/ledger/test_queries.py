"""The named statements."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.ledgers import NOON

from batchqual.ledger.files import connect, prepare
from batchqual.ledger.queries import QUERIES, parse_queries
from batchqual.ledger.schema import migrate


def test_names_and_statements_are_taken_apart() -> None:
    """A name stands alone on its line; what precedes the first one is a remark."""
    text = "-- a remark\n\n-- one --\n-- why\nSELECT 1;\n\n-- two --\nSELECT 2;\n"
    assert {"one": "-- why\nSELECT 1;", "two": "SELECT 2;"} == parse_queries(text)


def test_a_name_occurs_once() -> None:
    """Two statements of one name are a mistake, not a choice."""
    with pytest.raises(ValueError, match="one"):
        parse_queries("-- one --\nSELECT 1;\n-- one --\nSELECT 2;\n")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    path = tmp_path / "ledger.sqlite3"
    prepare(path)
    connection = connect(path, write=True)
    migrate(connection, NOON)
    yield connection
    connection.close()


def bound(statement: str) -> Any:
    """A value for every place in a statement: its names, or its question marks."""
    code = re.sub(r"--.*", "", statement)
    return dict.fromkeys(re.findall(r":(\w+)", code), 1) or (1,) * code.count("?")


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_every_statement_fits_the_schema(name: str, connection: sqlite3.Connection) -> None:
    """SQLite understands every statement, and each says its purpose in a comment."""
    statement = QUERIES[name]
    assert statement.startswith("-- ")
    assert statement.endswith(";")
    assert connection.execute(f"EXPLAIN {statement}", bound(statement)).fetchall()


@pytest.mark.parametrize(
    "name", ["education_attempts", "history_of_wish", "events_of_request", "move_requests"]
)
def test_what_is_asked_for_every_row_uses_an_index(name: str, connection: sqlite3.Connection) -> None:
    """A run over 100,000 customers must not read the whole table for each of them."""
    statement = QUERIES[name]
    plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", bound(statement)).fetchall()
    steps = [step["detail"] for step in plan]
    searched = [step for step in steps if step != "SCAN json_each VIRTUAL TABLE INDEX 1:"]
    assert searched
    assert all(step.startswith("SEARCH") for step in searched), steps
    if name in ("education_attempts", "history_of_wish"):
        assert "customer_id=?" in steps[0]

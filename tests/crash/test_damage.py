"""The suite sees what it looks for: each kind of damage, done on purpose, is told."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest
from support.bare_client import GCC, ID, QUICK, Client
from support.credulous import credulous
from support.damage import Damage, compare, compare_report, inspect_ledger, inspect_report
from support.journals import lived_ledger

from batchqual.simulator import World

CODE = "0123"
WISHED = {("a", "GCC"): 1, ("b", "GCC"): 1, ("c", "Education"): 1}
CODES = {"a": CODE, "b": "0456"}
TAKEN = {
    ("a", "GovernmentCommunityCloud"): 1,
    ("b", "GovernmentCommunityCloud"): 1,
    ("c", "Education"): 1,
}
USED = {CODE: 1, "0456": 1}


async def test_a_credulous_service_takes_a_wish_twice_and_counts_both() -> None:
    """And a create of its code with each, also where there is none to spare."""
    world = World.from_dict({"customers": [], "codes": [{"code": CODE, "max": 1, "remaining": 1}]})
    async with credulous(QUICK, world) as simulator, aiohttp.ClientSession() as session:
        for _ in range(2):
            answer = await Client(session, simulator).submit(GCC, query=f"?code={CODE}")
            assert answer.status in {200, 201}
    assert {(ID, "GovernmentCommunityCloud"): 2} == dict(simulator.books.accepted)
    assert {CODE: 2} == dict(simulator.books.creates_used)
    assert -1 == world.codes[CODE].remaining


@pytest.mark.parametrize(
    ("taken", "used", "lost", "doubled"),
    [
        ({}, {}, 0, 0),
        ({("a", "GovernmentCommunityCloud"): 2}, {}, 0, 1),
        ({("b", "GovernmentCommunityCloud"): 0}, {}, 1, 0),
        ({("d", "Education"): 1}, {}, 0, 1),
        ({}, {CODE: 2}, 0, 1),
        ({}, {CODE: 2, "0456": 0}, 1, 1),
        ({}, {"0789": 1}, 0, 1),
    ],
)
def test_what_was_taken_is_held_against_what_was_wished_for(
    taken: Mapping[tuple[str, str], int], used: Mapping[str, int], lost: int, doubled: int
) -> None:
    """A wish or a create too many is doubled, one too few is lost; the sum of all creates proves nothing."""
    damage = Damage()
    compare(WISHED, CODES, {**TAKEN, **taken}, {**USED, **used}, damage)
    assert (lost, doubled) == (len(damage.lost), len(damage.doubled))


def test_a_ledger_that_somebody_wrote_into_is_damage(tmp_path: Path) -> None:
    """SQLite finds it sound; the ledger's own audit does not."""
    path, damage = lived_ledger(tmp_path), Damage()
    inspect_ledger(path, damage)
    assert not damage
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE run SET exit_code = 0 WHERE exit_code = 4")
    inspect_ledger(path, damage)
    assert 1 == len(damage.lost)
    assert "chain" in damage.lost[0]


@pytest.mark.parametrize(
    "document",
    [
        "",
        '{"rows": [], "outco',
        json.dumps({"rows": [], "outcomes": {}, "rows_in": 1}),
        json.dumps({"rows": [{"row": 2, "outcome": "approved"}], "outcomes": {"denied": 1}, "rows_in": 1}),
    ],
)
def test_half_a_report_and_one_that_does_not_balance_are_damage(document: str, tmp_path: Path) -> None:
    """Whatever run left it."""
    path, damage = tmp_path / "report.json", Damage()
    path.write_text(document, encoding="utf-8")
    inspect_report(path, damage)
    assert 1 == len(damage.lost)


def test_a_row_that_is_missing_from_the_report_is_damage(tmp_path: Path) -> None:
    """So is one that says something else."""
    path, damage = tmp_path / "report.json", Damage()
    rows = [{"row": 2, "outcome": "approved", "error_message": None}]
    path.write_text(json.dumps({"rows": rows}), encoding="utf-8")
    compare_report(path, ["approved"], damage)
    assert not damage
    for outcomes in (["approved", "denied"], ["denied"]):
        compare_report(path, outcomes, damage)
    assert 2 == len(damage.lost)

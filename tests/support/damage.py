"""What an attack has done: rows, wishes and creates that are missing are lost, those too many are doubled."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from batchqual.ledger import read_only

__all__ = ["Damage", "compare", "compare_report", "inspect_ledger", "inspect_report"]

_NAMES = {"Education": "Education", "GCC": "GovernmentCommunityCloud", "SOE": "StateOwnedEntity"}


@dataclass(slots=True)
class Damage:
    """Nothing, if all is well."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.lost or self.doubled)

    def weigh(self, what: str, found: int, wanted: int) -> None:
        """Something was to happen so many times."""
        if found != wanted:
            (self.doubled if found > wanted else self.lost).append(f"{what} {found} times, not {wanted}")


def inspect_ledger(path: Path, damage: Damage) -> None:
    """SQLite finds it sound, and so does what `batchqual verify` does: chain, lives, totals and all."""
    with closing(sqlite3.connect(path)) as connection:
        found = [
            *connection.execute("PRAGMA integrity_check"),
            *connection.execute("PRAGMA foreign_key_check"),
        ]
    if found != [("ok",)]:
        damage.lost.append(f"the ledger is damaged: {found}")
    with read_only(path) as view:
        audit = view.audit()
    if not audit.intact:
        damage.lost.append(f"the ledger is not as it was written: {audit.findings}")


def inspect_report(path: Path, damage: Damage) -> None:
    """It is whole, and its totals balance."""
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        damage.lost.append(f"half a report: {error}")
        return
    rows = document["rows"]
    totals = {name: n for name, n in document["outcomes"].items() if n}
    if totals != Counter(row["outcome"] for row in rows) or document["rows_in"] != len(rows):
        damage.lost.append(f"the totals do not balance: {totals}, rows in {document['rows_in']}")


def compare_report(path: Path, outcomes: Sequence[str], damage: Damage) -> None:
    """Every row of the sheet is in it, and says what it should."""
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
    told = [(row["row"], row["outcome"]) for row in rows]
    if [*enumerate(outcomes, start=2)] != told:
        damage.lost.append(f"the report says {told}: {[row['error_message'] for row in rows]}")


def compare(
    wished: Mapping[tuple[str, str], int],
    codes: Mapping[str, str],
    taken: Mapping[tuple[str, str], int],
    used: Mapping[str, int],
    damage: Damage,
) -> None:
    """What the service has taken against what was wished for; of each code as many creates as wishes of it.

    ``codes`` has that of each customer who is to have one.
    """
    found, wanted = Counter(taken), Counter[tuple[str, str]]()
    creates, right = Counter(used), Counter[str]()
    for (customer, name), times in wished.items():
        wanted[customer, _NAMES[name]] += times
        if name == "GCC":
            right[codes[customer]] += times
    for wish in sorted(found.keys() | wanted.keys()):
        damage.weigh(f"{wish} was accepted", found[wish], wanted[wish])
    for code in sorted(creates.keys() | right.keys()):
        damage.weigh(f"a create of {code} was used", creates[code], right[code])

"""Headings: how they are compared, which row holds them, and how they are told apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from batchqual.model import Cell, blank, trimmed, without_invisible

from .aliases import NEVER, STRONG, WEAK
from .table import RawTable, column_letters

__all__ = [
    "HeadingRow",
    "distinct",
    "find_heading_row",
    "headings_seen",
    "key",
    "not_a_customer",
    "strong_field",
]

HeadingRow = tuple[int, tuple[str, ...], int]
"""Index of the heading row in the table, its texts, and the index of the first row below it."""

_LOOK_AT = 20
_SEEN = 20
_DEEPEST = 3
_SUBSCRIPTION = re.compile(r"subscription\w*id$")


@lru_cache(maxsize=4096)
def key(heading: str) -> str:
    """What is left of a heading for comparison: case-folded letters and digits of any script."""
    folded = unicodedata.normalize("NFKC", heading).casefold()
    folded = without_invisible(unicodedata.normalize("NFKC", folded))
    return "".join(letter for letter in folded if letter.isalnum())


_STRONG = {key(name): field for field, names in STRONG.items() for name in names}
_WEAK_ID = frozenset(key(name) for name in WEAK["customer_id"])
_NEVER = {key(name): meaning for name, meaning in NEVER.items()}


def strong_field(heading: str) -> str | None:
    """The field that this heading names for certain, or None.

    ``customer_id`` is our own spelling; ``CustomerId`` is what several exports call something else, so the
    two differ by the underscore alone.
    """
    if unicodedata.normalize("NFKC", trimmed(without_invisible(heading))).casefold() == "customer_id":
        return "customer_id"
    return _STRONG.get(key(heading))


def not_a_customer(heading: str) -> str | None:
    """What a column is that looks like the customer's ID and is not, or None."""
    folded = key(heading)
    return _NEVER.get(folded) or ("a subscription" if _SUBSCRIPTION.search(folded) else None)


def find_heading_row(
    table: RawTable, wanted: Iterable[str] = (), skipped: Callable[[Sequence[str]], bool] | None = None
) -> HeadingRow | None:
    """The row among the first 20 in which most headings are known, or None.

    ``wanted`` are headings that the user named; rows that are ``skipped`` hold none. A title above the table
    may hold a known word, so the row that knows most wins, and the upper one of two equals.
    """
    asked = {key(heading) for heading in wanted} - {""}
    best: tuple[int, int] | None = None
    for index in range(min(_LOOK_AT, len(table.cells))):
        texts, _ = _texts(table, index)
        score = 0 if skipped and skipped(texts) else _score(texts, asked)
        if score and (best is None or score > best[0]):
            best = (score, index)
    if best is None:
        return None
    texts, last_row = _texts(table, best[1])
    below = best[1] + 1
    while below < len(table.cells) and table.numbers[below] <= last_row:
        below += 1
    return best[1], texts, below


def _score(texts: Sequence[str], asked: set[str]) -> int:
    strong = {field for field in map(strong_field, texts) if field}
    keys = {key(text) for text in texts}
    mapped = len(asked & keys)
    weak_id = bool(keys & _WEAK_ID)
    identity = bool(strong & {"customer_id", "domain"}) or weak_id
    if not strong and not mapped and not keys & (_WEAK_ID - {"id", "tenant"}):
        return 0
    return 8 * mapped + 2 * len(strong) + 2 * identity + weak_id


def _texts(table: RawTable, index: int) -> tuple[tuple[str, ...], int]:
    """Headings of a row and the last row that they reach: a heading merged over two rows counts in both.

    One that is merged further down than headings are deep reaches over the data, which is not lost for that.
    """
    number = table.numbers[index]
    texts = [_text(cell) for cell in table.cells[index]]
    last_row = number
    for merged in table.facts.merged:
        if not (merged.top <= number <= merged.bottom and merged.bottom > merged.top):
            continue
        if merged.left >= len(texts):
            continue
        if not texts[merged.left]:
            texts[merged.left] = _text(_cell_at(table, merged.top, merged.left))
        if texts[merged.left] and merged.bottom - number < _DEEPEST:
            last_row = max(last_row, merged.bottom)
    return tuple(texts), last_row


def _cell_at(table: RawTable, number: int, column: int) -> Cell:
    for index in range(min(_LOOK_AT, len(table.cells))):
        if table.numbers[index] == number and column < len(table.cells[index]):
            return table.cells[index][column]
    return None


def _text(cell: Cell) -> str:
    return "" if blank(cell) else " ".join(trimmed(str(cell)).replace("\ufeff", "").split())


def distinct(texts: Sequence[str]) -> tuple[str, ...]:
    """Column names for the report: a heading that comes again gets a number, a missing one its letters."""
    names: list[str] = []
    taken: set[str] = set()
    for column, text in enumerate(texts):
        name = text or f"Column {column_letters(column)}"
        number = 2
        while name in taken:
            name = f"{text or 'Column'} ({number})"
            number += 1
        taken.add(name)
        names.append(name)
    return tuple(names)


def headings_seen(headings: Iterable[str]) -> str:
    """The headings of a table, for a hint on which of them may be meant."""
    texts = [f"“{heading}”" for heading in headings if heading]
    more = f" and {len(texts) - _SEEN} more" if len(texts) > _SEEN else ""
    return f"Headings seen: {', '.join(texts[:_SEEN])}{more}."

"""What the cells of a column say about the column: do they look like what its heading promises?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from batchqual.model import Cell

from .addresses import looks_like_domain, read_website
from .aliases import WEAK
from .cells import is_empty, read_id, read_qualification, read_segment
from .codes import read_code
from .headings import HeadingRow, key, not_a_customer, strong_field
from .letters import clean
from .table import RawTable, column_letters

__all__ = ["NEEDED_SHARE", "Column", "fits", "labels_a_value", "offered"]

NEEDED_SHARE = 0.8
"""Of the filled cells of a column, how many must look like a field that its heading does not name."""

_PREFIX = re.compile(r"[\w-]{1,63}").fullmatch
_WEAKLY = {key(name): field for field in ("domain", "customer_id") for name in WEAK[field]}
_PARTS_OF_A_DOMAIN = frozenset({"onmicrosoft", "domainprefix"})


class Column:
    """One column of a table, below its heading."""

    def __init__(self, table: RawTable, heading: HeadingRow, index: int) -> None:
        self._table = table
        self._below = heading[2]
        self.index = index
        self.text = heading[1][index]
        self.row = table.numbers[heading[0]]

    def cells(self) -> Iterator[Cell]:
        """The cells in order; a row that is too short gives None."""
        index = self.index
        rows = self._table.cells
        for at in range(self._below, len(rows)):
            row = rows[at]
            yield row[index] if index < len(row) else None

    def filled(self, field: str) -> Iterator[Cell]:
        """The cells that are neither empty nor a placeholder."""
        return (cell for cell in self.cells() if not is_empty(cell, field))

    @property
    def rows(self) -> int:
        """How many rows stand below the heading."""
        return len(self._table.cells) - self._below

    def share(self, field: str, shape: Callable[[Cell], bool]) -> tuple[int, int]:
        """How many of the filled cells have the shape, and how many are filled."""
        right = total = 0
        for cell in self.filled(field):
            total += 1
            right += shape(cell)
        return right, total

    def sole_value(self) -> str | None:
        """The one value (as an ID, lower case) that every row holds; None when there is none."""
        first: str | None = None
        for cell in self.cells():
            value = _as_id(cell)
            if not value or (first is not None and value != first):
                return None
            first = value
        return first

    def differs_from(self, other: Column) -> int | None:
        """The index (from 0, below the heading) of the first row in which the two disagree, or None."""
        for index, (mine, theirs) in enumerate(zip(self.cells(), other.cells(), strict=True)):
            if _as_id(mine) != _as_id(theirs):
                return index
        return None


def offered(columns: Iterable[Column]) -> str:
    """A sentence for each column of IDs or domains, with the ``--map`` that takes it; empty where none is."""
    columns = list(columns)
    headings = [column.text for column in columns]
    sentences = []
    for field, what in (("customer_id", "IDs"), ("domain", "domains")):
        for column in columns:
            right, total = column.share(field, fits(field, key(column.text)))
            if total and right >= NEEDED_SHARE * total and not not_a_customer(column.text):
                name = f"“{column.text}”" if column.text else f"Column {column_letters(column.index)}"
                sentences.append(
                    f"{name} holds {what}: if they are the customers', say {_map(field, column, headings)}."
                )
    return " ".join(sentences[:3])


def _map(field: str, column: Column, headings: Sequence[str]) -> str:
    if not column.text or headings.count(column.text) > 1:
        return f"--map {field}=column:{column_letters(column.index)}"
    said = f"{field}={column.text}"
    return f"--map {said}" if column.text.isidentifier() else f'--map "{said}"'


def _as_id(cell: Cell) -> str:
    if is_empty(cell, "customer_id"):
        return ""
    return read_id(cell)[0] or clean(str(cell)).casefold()


def fits(field: str, folded: str) -> Callable[[Cell], bool]:
    """The shape that cells of a weakly named column must have to be taken for the field."""
    if field == "domain" and folded in _PARTS_OF_A_DOMAIN:
        return lambda cell: isinstance(cell, str) and (_is_domain(cell) or bool(_PREFIX(clean(cell))))
    if field == "customer_name" and folded == "customertenantname":
        return lambda cell: isinstance(cell, str) and not _is_domain(cell)
    return _SHAPES[field]


def labels_a_value(texts: Sequence[str]) -> bool:
    """Whether a row is a label with its value (``Tenant ID`` and an ID), as it stands on a cover sheet."""
    filled = [text for text in texts if text]
    if len(filled) != 2 or strong_field(filled[1]):
        return False
    field = strong_field(filled[0]) or _WEAKLY.get(key(filled[0]))
    return field in {"customer_id", "domain"} and _SHAPES[field](filled[1])


def _is_domain(cell: Cell) -> bool:
    return isinstance(cell, str) and looks_like_domain(clean(cell))


def _is_name(cell: Cell) -> bool:
    return isinstance(cell, str) and read_id(cell)[0] is None


def _is_digits(cell: Cell) -> bool:
    code = read_code(cell)[0]
    return code is not None and code.isdecimal()


_SHAPES: dict[str, Callable[[Cell], bool]] = {
    "customer_id": lambda cell: read_id(cell)[0] is not None,
    "domain": _is_domain,
    "qualification": lambda cell: read_qualification(cell)[0] is not None,
    "validation_code": _is_digits,
    "education_segment": lambda cell: read_segment(cell)[0] is not None,
    "website": lambda cell: read_website(cell)[0] is not None,
    "customer_name": _is_name,
    "account_owner": _is_name,
}

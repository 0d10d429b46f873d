"""Cells that Excel's fill handle counted up: sound to look at, and wrong from the second row on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from batchqual.model import Cell

from .layout import Layout

__all__ = ["counted_up"]

_RUN = 3
_TRAILING = re.compile(r"(.*?)(\d{1,15})$", re.DOTALL).fullmatch


def counted_up(layout: Layout, field: str) -> Iterator[int]:
    """Indices of rows, each once, whose cell equals the one above but for a trailing number one higher.

    Only runs of three rows or more count, and the first row of a run is not among them: it is the one that
    somebody entered.
    """
    column = layout.fields.get(field)
    if column is None:
        return
    run = 0
    before = ""
    rows = layout.table.cells
    for index in range(layout.heading[2], len(rows)):
        row = rows[index]
        text = _text(row[column]) if column < len(row) else ""
        if _next_of(before, text):
            run += 1
            if run == _RUN - 1:
                yield from range(index - run + 1, index)
            if run >= _RUN - 1:
                yield index
        else:
            run = 0
        before = text


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool) or not isinstance(cell, (int, float)):
        return ""
    return str(int(cell)) if float(cell).is_integer() else ""


def _next_of(before: str, text: str) -> bool:
    if text[:1] != before[:1] or not text[-1:].isdecimal():
        # A lone number may change its first digit (99999 to 100000); everything else keeps its beginning.
        return len(text) < 16 and text.isdecimal() and before.isdecimal() and int(text) == int(before) + 1
    one, other = _TRAILING(before.strip()), _TRAILING(text.strip())
    return bool(one and other and one[1] == other[1] and int(other[2]) == int(one[2]) + 1)

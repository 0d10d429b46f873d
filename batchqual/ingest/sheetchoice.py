"""Which sheet of a workbook is read, when the first visible one is a cover, an index or empty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from batchqual.errors import InputError

from .book import Sheet, quoted
from .layout import Layout, lay_out
from .reading import Reading
from .table import RawTable, show
from .workbook import Workbook

__all__ = ["lay_out_workbook"]

_LOOKED_AT = 200
_MOST_SHEETS = 100
_NAME_IT = "Another sheet is named with --sheet NAME."
_NO_TABLE = frozenset({"empty", "no-heading", "no-such-heading"})


def lay_out_workbook(workbook: Workbook, table: RawTable, reading: Reading, *, lenient: bool) -> Layout:
    """The layout of the sheet that is meant; where that has no usable headings and nobody named it, of the
    one other visible sheet that has, with a notice. Raises InputError, also where several have."""
    try:
        return _laid_out(workbook, workbook.meant, table, reading, lenient=lenient)
    except InputError as problem:
        if problem.code not in _NO_TABLE or reading.sheet is not None or not workbook.others:
            raise
        first = problem
    if len(workbook.others) > _MOST_SHEETS:
        raise InputError(first.message, hint=f"{first.hint} {_NAME_IT}", code=first.code) from first
    found = _search(workbook, table, reading, lenient=lenient)
    usable = found.usable or found.broken[:1]
    if len(usable) > 1:
        raise InputError(
            f"{table.path}: the first sheet “{show(workbook.meant.name)}” has no usable headings, and several"
            f" others have: {quoted(usable)}.",
            hint=f'Say which one is meant: --sheet "{show(usable[0].name)}"',
            code="several-sheets",
        ) from first
    if not usable:
        raise _none(workbook, first)
    fresh = RawTable(table.path, table.sha256, notices=list(table.notices))
    fresh.notice(
        "sheet-chosen",
        f"the first sheet “{show(workbook.meant.name)}” has no usable headings; the rows are read from"
        f" “{show(usable[0].name)}”, the only other visible sheet that has.",
    )
    return _laid_out(workbook, usable[0], fresh, reading, lenient=lenient)


def _laid_out(
    workbook: Workbook, sheet: Sheet, table: RawTable, reading: Reading, *, lenient: bool
) -> Layout:
    workbook.fill(table, sheet)
    return lay_out(table, reading, lenient=lenient)


class _Found(NamedTuple):
    """Sheets with headings, those included whose headings leave a question, and sheets that cannot be read:
    where there is nothing better, the user is told what is wrong with one of them."""

    usable: list[Sheet]
    broken: list[Sheet]


def _search(workbook: Workbook, of: RawTable, reading: Reading, *, lenient: bool) -> _Found:
    """Look at the first rows of all other visible sheets."""
    found = _Found([], [])
    for sheet in workbook.others:
        table = RawTable(of.path, of.sha256)
        try:
            workbook.fill(table, sheet, _LOOKED_AT)
        except InputError:
            found.broken.append(sheet)
            continue
        try:
            lay_out(table, reading, lenient=lenient)
        except InputError as problem:
            if problem.code in _NO_TABLE:
                continue
        found.usable.append(sheet)
    return found


def _none(workbook: Workbook, first: InputError) -> InputError:
    others: Sequence[Sheet] = workbook.others
    return InputError(
        f"{first.message} The other visible sheet{'s have' if len(others) > 1 else ' has'} none either:"
        f" {quoted(others)}.",
        hint=f"{first.hint} {_NAME_IT}",
        code=first.code,
    )

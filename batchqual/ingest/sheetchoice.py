"""Which sheet of a workbook is read, when the first visible one is a cover, an index or empty."""

from __future__ import annotations

from collections.abc import Sequence

from batchqual.errors import InputError

from .book import Sheet, quoted
from .layout import Layout, lay_out
from .reading import Reading
from .table import RawTable, show
from .workbook import Workbook

__all__ = ["lay_out_workbook"]

_LOOKED_AT = 200
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
    usable = [sheet for sheet in workbook.others if _usable(workbook, sheet, table, reading, lenient=lenient)]
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


def _usable(workbook: Workbook, sheet: Sheet, of: RawTable, reading: Reading, *, lenient: bool) -> bool:
    """Whether the first rows of a sheet have headings. A sheet with headings that leave a question, or one
    that is damaged, counts: when it is the only one, the user is told what is wrong with it."""
    table = RawTable(of.path, of.sha256)
    try:
        workbook.fill(table, sheet, _LOOKED_AT)
        lay_out(table, reading, lenient=lenient)
    except InputError as problem:
        return problem.code not in _NO_TABLE
    return True


def _none(workbook: Workbook, first: InputError) -> InputError:
    others: Sequence[Sheet] = workbook.others
    return InputError(
        f"{first.message} The other visible sheet{'s have' if len(others) > 1 else ' has'} none either:"
        f" {quoted(others)}.",
        hint=f"{first.hint} A sheet is named with --sheet NAME.",
        code=first.code,
    )

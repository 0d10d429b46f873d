"""What a workbook may come to in memory, before the Excel engine opens it."""

from __future__ import annotations

from collections.abc import Sequence

from batchqual.errors import InputError

from .archive import too_much_unpacked
from .limits import Limits
from .sheetxml import Area
from .table import RawTable, cell_name

__all__ = ["overfull", "require_bounds"]

_LAST_ROW = 1_048_576


def require_bounds(areas: Sequence[Area], characters: int, table: RawTable, limits: Limits) -> None:
    """Refuse what the engine would hold: of most kinds of workbooks it reads all sheets, whichever is wanted.

    Raises InputError.
    """
    for area in areas:
        _require_area(area, table, limits)
    cells = sum(area.cells for area in areas)
    if cells > limits.used_area:
        raise InputError(
            f"{table.path}: the used areas of its sheets have {cells:,} cells together; at most"
            f" {limits.used_area:,} are read.",
            hint="Copy the sheet with the table into a workbook of its own.",
            code="too-large",
        )
    if characters > limits.unpacked_bytes:
        raise too_much_unpacked(table, limits)


def overfull(table: RawTable, limits: Limits) -> InputError:
    """The error for a sheet of which more is to be noted than is kept."""
    return InputError(
        f"{table.path}: the sheet has more than {limits.remarks:,} formulas, errors, merged cells and hidden"
        " rows.",
        hint="Copy the table into a new workbook, as values.",
        code="too-large",
    )


def _require_area(area: Area, table: RawTable, limits: Limits) -> None:
    if (
        area.cells <= limits.used_area
        and area.right < limits.columns
        and area.bottom <= max(limits.rows, _LAST_ROW)
    ):
        return
    stray = sorted({cell_name(column, row) for row, column in (area.lowest, area.rightmost)})
    raise InputError(
        f"{table.path}: the used area of the sheet reaches to {cell_name(area.right, area.bottom)}, because"
        f" something stands in {' and '.join(stray)}, far from the table.",
        hint="Delete that cell's row or column (select it, Delete), save the workbook, and try again.",
        code="stray-cell",
    )

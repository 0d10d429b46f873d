"""Damage that a row has taken before anybody reads it: ragged lines, formulas, merged and error cells,
hidden rows, cells that the fill handle counted up."""

from __future__ import annotations

from batchqual.model import Cell, blank

from .cells import Finding
from .codes import REPLACED_CODE
from .fillhandle import counted_up
from .formats import digits_shown, is_scientific
from .layout import Layout
from .problems import RowProblems
from .reading import IDENTITY
from .table import Merged, cell_name, column_letters

__all__ = ["Damage"]

_SENT = ("customer_id", "domain", "qualification", "validation_code", "education_segment", "website")


class Damage:
    """Finds damage in the rows of one table."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._facts = layout.table.facts
        self._fields = [(field, layout.fields[field]) for field in _SENT if field in layout.fields]
        self._needs = max(layout.fields.values(), default=0) + 1
        self._counted_ids = frozenset(counted_up(layout, "customer_id"))
        self._counted_codes = frozenset(counted_up(layout, "validation_code"))
        self._merged = self._merged_cells()
        self._touched = self._touched_rows()
        self._tell_hidden_columns()

    def look(self, index: int, cells: tuple[Cell, ...], found: RowProblems) -> None:
        """Add what is wrong with the row at ``index`` of the table."""
        layout = self._layout
        number = layout.table.numbers[index]
        if layout.table.delimiter or layout.surplus is not None:
            self._ragged(cells, found)
        if number in self._touched:
            self._touched_row(number, cells, found)
        if index in self._counted_ids:
            self._counted_up("customer_id", cells[layout.fields["customer_id"]], found)
        if index in self._counted_codes:
            self._counted_up("validation_code", cells[layout.fields["validation_code"]], found)

    def _ragged(self, cells: tuple[Cell, ...], found: RowProblems) -> None:
        layout = self._layout
        at = layout.surplus if layout.surplus is not None else layout.width
        if len(cells) > at and not all(map(blank, cells[at:])):
            found.row_error(
                "too-many-fields",
                f"the line has more fields than there are headings ({at}), so its values may stand in the"
                " wrong columns; a value with the delimiter in it belongs in quotation marks.",
            )
        if layout.table.delimiter is None or len(cells) >= layout.width:
            return
        short = f"the line has {len(cells)} fields where the headings have {layout.width}"
        if len(cells) < self._needs:
            found.row_error("too-few-fields", f"{short}; it may be broken, so nothing of it is sent.")
        else:
            found.row_warning("short-line", f"{short}; the missing ones are not used.")

    def _touched_row(self, number: int, cells: tuple[Cell, ...], found: RowProblems) -> None:
        facts = self._facts
        if number in facts.hidden_rows:
            found.row_warning("hidden-row", "the row is hidden or filtered out; it is read all the same.")
        for field, column in self._fields:
            cell = cells[column] if column < len(cells) else None
            if number in facts.formulas.get(column, ()):
                self._formula(field, cell, found)
            merged = self._merged.get(column, {}).get(number)
            if merged is not None:
                found.missing(
                    "merged-cell",
                    field,
                    f"{field} is part of the merged cells {merged.name}, whose value stands in"
                    f" {cell_name(merged.left, merged.top)} alone: unmerge them and fill in each row.",
                )
            shown = facts.formats.at(number, column) if field == "validation_code" else None
            if shown is not None and is_scientific(shown) and isinstance(cell, (int, float)):
                found.error(field, cell, REPLACED_CODE)
            elif shown is not None and _shorter(cell, shown):
                found.warning(
                    field,
                    cell,
                    Finding(
                        "zeros-shown-only",
                        f"is a number that its format ({shown}) shows with zeros which it does not have;"
                        " if they belong to the code, format the column as Text and enter it again",
                    ),
                )

    def _formula(self, field: str, cell: Cell, found: RowProblems) -> None:
        finding = Finding(
            "formula-cell",
            "is the result of a formula; copy the column and paste it as values (Paste Special)",
        )
        (found.error if field in IDENTITY else found.warning)(field, cell, finding)

    def _counted_up(self, field: str, cell: Cell, found: RowProblems) -> None:
        words = "counts up from the row above, as Excel's fill handle does"
        if field == "customer_id":
            found.error(field, cell, Finding("counted-up", f"{words}; it is nobody's ID"))
        else:
            found.warning(field, cell, Finding("counted-up", f"{words}; one code serves many customers"))

    def _merged_cells(self) -> dict[int, dict[int, Merged]]:
        """By column and row, the merged range of each cell that has its value elsewhere."""
        table = self._layout.table
        below = self._layout.heading[2]
        if not self._facts.merged or below >= len(table.numbers):
            return {}
        first, last = table.numbers[below], table.numbers[-1]
        cells: dict[int, dict[int, Merged]] = {}
        for merged in self._facts.merged:
            for _, column in self._fields:
                if not merged.left <= column <= merged.right:
                    continue
                for row in range(max(first, merged.top), min(last, merged.bottom) + 1):
                    if (row, column) != (merged.top, merged.left):
                        cells.setdefault(column, {})[row] = merged
        return cells

    def _touched_rows(self) -> set[int]:
        facts = self._facts
        touched = set(facts.hidden_rows)
        for field, column in self._fields:
            touched.update(facts.formulas.get(column, ()), self._merged.get(column, ()))
            if field == "validation_code":
                for first, last, code in facts.formats.runs(column):
                    if digits_shown(code) > 1 or is_scientific(code):
                        touched.update(range(first, last + 1))
        return touched

    def _tell_hidden_columns(self) -> None:
        for field, column in self._fields:
            if column in self._facts.hidden_columns:
                letters = column_letters(column)
                self._layout.table.notice(
                    "hidden-column", f"column {letters} is hidden; {field} is read from it all the same."
                )


def _shorter(cell: Cell, shown: str) -> bool:
    """Whether a number has fewer digits than its format shows."""
    return isinstance(cell, int) and len(str(abs(cell))) < digits_shown(shown)

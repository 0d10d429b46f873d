"""The problems of one row while they are being found."""

from __future__ import annotations

from batchqual.model import Cell, Problem, mask_code, trimmed

from .cells import EXAMPLES, Finding
from .table import cell_name, show

__all__ = ["RowProblems"]

_EXCEL_ERRORS = frozenset(
    {"#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)
_ERROR_CELL = Finding("error-cell", "is an error that Excel shows in place of a value")


class RowProblems:
    """Collects errors and warnings of one row, each with its cell. Validation codes are masked here."""

    __slots__ = ("_columns", "_row", "_source", "errors", "warnings")

    def __init__(self, source: str, row: int, columns: dict[str, int]) -> None:
        self._source = source
        self._row = row
        self._columns = columns
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []

    def error(self, field: str, cell: Cell, finding: Finding) -> None:
        """Something that keeps the row from being sent."""
        if isinstance(cell, str) and trimmed(cell).upper() in _EXCEL_ERRORS:
            finding = _ERROR_CELL
        self.errors.append(self._problem(field, cell, finding))

    def warning(self, field: str, cell: Cell, finding: Finding) -> None:
        """Something worth knowing, which blocks only under ``--strict``."""
        self.warnings.append(self._problem(field, cell, finding))

    def told(self, field: str) -> bool:
        """Whether an error of this field is known already, so that its value need not be judged."""
        return bool(self.errors) and any(problem.field == field for problem in self.errors)

    def row_error(self, code: str, message: str) -> None:
        """An error of the row as a whole."""
        self.errors.append(Problem(code, message, self._source, row=self._row))

    def row_warning(self, code: str, message: str) -> None:
        """A warning about the row as a whole."""
        self.warnings.append(Problem(code, message, self._source, row=self._row))

    def missing(self, code: str, field: str, message: str, cell: Cell = None) -> None:
        """An error about a cell that ought to be filled."""
        self.errors.append(
            Problem(
                code,
                message,
                self._source,
                row=self._row,
                cell=self._cell_name(field),
                field=field,
                value=None if cell is None else show(cell) or None,
                example=EXAMPLES.get(field),
            )
        )

    def _cell_name(self, field: str) -> str | None:
        column = self._columns.get(field)
        return None if column is None else cell_name(column, self._row)

    def _problem(self, field: str, cell: Cell, finding: Finding) -> Problem:
        value = mask_code(show(cell)) if field == "validation_code" else show(cell)
        return Problem(
            finding.code,
            f"{field} “{value}” {finding.message}.",
            self._source,
            row=self._row,
            cell=self._cell_name(field),
            field=field,
            value=value,
            example=EXAMPLES.get(field),
        )

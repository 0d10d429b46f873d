"""What a reader should know besides the rows: notices about files, warnings of rows, cut cells."""

from __future__ import annotations

from collections.abc import Iterator

from ..exceltext import CELL_LIMIT, too_long
from ..model import Problem
from .columns import error_message_of
from .run_report import RunReport

__all__ = ["all_notices"]


def all_notices(report: RunReport) -> Iterator[Problem]:
    """Notices of the run, warnings of rows that are not among them, and the cells that a workbook cuts."""
    yield from report.notices
    told = set(report.notices)
    for result in report.rows:
        yield from (warning for warning in result.row.warnings if warning not in told)
    yield from _cut_cells(report)


def _cut_cells(report: RunReport) -> Iterator[Problem]:
    for result in (*report.rows, *report.earlier):
        named = list(zip(report.columns, result.row.values, strict=False))
        if result.verdict.outcome.attention != "quiet":
            named.append(("Error Message", error_message_of(result)))
        for heading, value in named:
            if isinstance(value, str) and too_long(value):
                yield Problem(
                    code="cell-cut",
                    message=f"The text under {heading!r} has {len(value):,} characters and was cut to the "
                    f"{CELL_LIMIT:,} that an Excel cell holds. The CSV and JSON reports have all of it.",
                    source=result.row.source,
                    row=result.row.row,
                )

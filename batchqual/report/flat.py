"""The ``.csv`` report: one table, names in snake case."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from ..atomic import written_whole
from ..exceltext import apostrophed
from ..model import Cell
from .balance import reconcile
from .columns import COLUMNS, Formatted, formatted_values, our_values, user_headings, user_values
from .run_report import RunReport
from .times import plain

__all__ = ["result_records", "write"]


def write(report: RunReport, path: Path) -> Path:
    """Write the rows as CSV; returns the path really written.

    UTF-8 with a byte order mark, because Excel takes a file without one for the machine's old code page and
    spoils every accent. Rows of earlier sheets are left out: one table has no place to show them apart.
    """
    reconcile(report.rows_in, report.rows)
    with written_whole(path) as whole, _text_file(whole.temp) as file:
        csv.writer(file).writerows(_lines(report))
    return whole.path


def _text_file(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8-sig", errors="replace", newline="")


def result_records(report: RunReport) -> tuple[list[str], list[list[Cell]]]:
    """The columns of the CSV report and its rows as values: numbers, dates, moments, None."""
    width = len(report.columns)
    return _names(report), [user_values(result, width) + our_values(result) for result in report.rows]


def _names(report: RunReport) -> list[str]:
    return user_headings(report.columns) + [column.name for column in COLUMNS]


def _lines(report: RunReport) -> Iterator[list[str]]:
    width = len(report.columns)
    yield [apostrophed(name) for name in _names(report)]
    for result in report.rows:
        yield [_field(value) for value in (*formatted_values(result, width), *our_values(result))]


def _field(value: Cell | Formatted) -> str:
    if isinstance(value, Formatted):
        value = _with_zeros(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    text = plain(value)
    return apostrophed(text) if isinstance(text, str) else str(text)


def _with_zeros(cell: Formatted) -> Cell:
    """A whole number with the zeros that its format shows before it: text has no other way to show them."""
    value, code = cell
    return (
        str(value).zfill(len(code))
        if isinstance(value, int) and not code.strip("0") and value >= 0
        else value
    )

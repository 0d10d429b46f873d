"""An input workbook with everything that helps to fill it in well: empty, or with customers in it."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from batchqual.atomic import written_whole
from batchqual.exceltext import apostrophed, cell_text, looks_like_formula
from batchqual.model import EducationSegment, Qualification

from .cells import EXAMPLES

__all__ = ["write_prefilled", "write_template"]

_LAST_ROW = 10_000
_WIDTH = 24
_HEADING_FILL = "FF1F3864"


class _Column(NamedTuple):
    field: str
    width: int
    needed: str
    note: str
    choices: tuple[str, ...] = ()
    text: bool = True


_COLUMNS = (
    _Column(
        "customer_id",
        40,
        "always, or domain",
        "The customer's Microsoft ID (tenant ID, a GUID). It is in the customer list that the Partner Center"
        " dashboard exports, in the column Microsoft ID.",
    ),
    _Column("customer_name", 32, "no", "For your own reading; it comes back in the report.", text=False),
    _Column(
        "qualification",
        20,
        "always, or --qualification",
        "What you ask for. One row asks for one qualification of one customer.",
        tuple(qualification.short for qualification in Qualification),
    ),
    _Column(
        "education_segment",
        20,
        "for Education",
        "K12 for primary and secondary schools, HigherEducation for universities and colleges.",
        tuple(segment.value for segment in EducationSegment),
    ),
    _Column("website", 34, "no", "Education only: the school's website, which helps vetting."),
    _Column(
        "validation_code",
        18,
        "for GCC",
        "Your GCC validation code; `batchqual codes` lists yours. One code serves several customers.",
    ),
    _Column(
        "domain",
        30,
        "where there is no customer_id",
        "The customer's default domain. Without a customer_id the customer is looked up by it; beside one the"
        " ID counts, and a domain of another customer is a conflict.",
    ),
    _Column("account_owner", 24, "no", "For your own reading; it comes back in the report.", text=False),
)


_Row = Mapping[str, str]
"""Cells by their headings."""


def write_template(path: str | Path) -> Path:
    """Write an input workbook to fill in: headings, drop-downs, notes, text columns, an explanation.

    It has no rows. Returns where it stands.
    """
    return _write_workbook(path, (), {})


def write_prefilled(path: str | Path, rows: Sequence[_Row], beside: Mapping[str, str]) -> Path:
    """Write the template with these rows in it, all of them text; ``.csv`` is the same without the help.

    ``beside`` are headings of columns that stand beside ours, each with a note. Returns where it stands.
    """
    if Path(path).suffix.lower() == ".csv":
        return _write_csv(path, rows, beside)
    return _write_workbook(path, rows, beside)


def _write_workbook(path: str | Path, rows: Sequence[_Row], beside: Mapping[str, str]) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    customers = book.create_sheet("Customers")
    columns = (*_COLUMNS, *(_Column(name, _WIDTH, "no", note) for name, note in beside.items()))
    for number, column in enumerate(columns, start=1):
        _write_column(customers, number, column, last_row=max(_LAST_ROW, len(rows) + 1))
    customers.freeze_panes = "A2"
    customers.row_dimensions[1].height = 22
    for at, row in enumerate(rows, start=2):
        for number, column in enumerate(columns, start=1):
            if text := row.get(column.field):
                _write_text(customers, at, number, text)
    _explain(book.create_sheet("How to fill in"))
    with written_whole(path) as writing:
        book.save(writing.temp)
    return writing.path


def _write_csv(path: str | Path, rows: Sequence[_Row], beside: Mapping[str, str]) -> Path:
    """UTF-8 with a byte order mark: Excel takes a file without one for the machine's old code page."""
    names = [*(column.field for column in _COLUMNS), *beside]
    with (
        written_whole(path) as writing,
        writing.temp.open("w", encoding="utf-8-sig", errors="replace", newline="") as file,
    ):
        lines = csv.writer(file)
        lines.writerow(names)
        lines.writerows([apostrophed(row.get(name, "")) for name in names] for row in rows)
    return writing.path


def _write_text(sheet: Worksheet, row: int, column: int, text: str) -> None:
    cell = sheet.cell(row, column)
    cell.value = cell_text(text)
    cell.data_type = "s"  # else a text that begins with "=" becomes a formula
    cell.number_format = "@"
    if looks_like_formula(text):
        cell.quotePrefix = True


def _write_column(sheet: Worksheet, number: int, column: _Column, *, last_row: int) -> None:
    heading = sheet.cell(1, number, column.field)
    heading.font = Font(bold=True, color="FFFFFFFF")
    heading.fill = PatternFill("solid", fgColor=_HEADING_FILL)
    heading.alignment = Alignment(vertical="center")
    heading.comment = Comment(f"Needed: {column.needed}. {column.note}", "batchqual", width=320, height=110)
    letter = get_column_letter(number)
    sheet.column_dimensions[letter].width = column.width
    if column.text:
        # The format of the whole column: a cell that is typed later takes it, and keeps its leading zeros.
        sheet.column_dimensions[letter].number_format = "@"
    if column.choices:
        choice = DataValidation(type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
        choice.error = f"Choose one of: {', '.join(column.choices)}."
        choice.errorTitle, choice.showErrorMessage = column.field, True
        choice.add(f"{letter}2:{letter}{last_row}")
        sheet.add_data_validation(choice)


def _explain(sheet: Worksheet) -> None:

    sheet.append(["Column", "Needed", "What it is", "Example"])
    for column in _COLUMNS:
        example = EXAMPLES.get(column.field, "")
        sheet.append([column.field, column.needed, column.note, example])
    sheet.append([])
    sheet.append(["Columns of your own may stand beside these; they come back in the report unharmed."])
    sheet.append(["Check the sheet before you send anything: batchqual check FILE.xlsx"])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for letter, width in zip("ABCD", (20, 26, 80, 42), strict=True):
        sheet.column_dimensions[letter].width = width
    for row in sheet.iter_rows(min_row=2, max_row=len(_COLUMNS) + 1, min_col=3, max_col=3):
        row[0].alignment = Alignment(wrap_text=True, vertical="top")

"""An empty input workbook with everything that helps to fill it in well."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from batchqual.atomic import written_whole
from batchqual.model import EducationSegment, Qualification

from .cells import EXAMPLES

__all__ = ["write_template"]

_LAST_ROW = 10_000
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
        "always",
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
        "no",
        "The customer's default domain. It is compared with the one that the service knows.",
    ),
    _Column("account_owner", 24, "no", "For your own reading; it comes back in the report.", text=False),
)


def write_template(path: str | Path) -> Path:
    """Write an input workbook to fill in: headings, drop-downs, notes, text columns, an explanation.

    It has no rows. Returns where it stands.
    """

    book = Workbook()
    book.remove(book.worksheets[0])
    customers = book.create_sheet("Customers")
    for number, column in enumerate(_COLUMNS, start=1):
        _write_column(customers, number, column)
    customers.freeze_panes = "A2"
    customers.row_dimensions[1].height = 22
    _explain(book.create_sheet("How to fill in"))
    with written_whole(path) as writing:
        book.save(writing.temp)
    return writing.path


def _write_column(sheet: Worksheet, number: int, column: _Column) -> None:

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
        choice.add(f"{letter}2:{letter}{_LAST_ROW}")
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

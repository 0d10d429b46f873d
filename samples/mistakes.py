#!/usr/bin/env python3
"""The workbook in which every mistake that `batchqual check` knows is made once. `make.py` saves it.

Rows that can be wrong one by one stand on the first sheet. What makes a whole sheet unreadable, or is a
remark about a sheet, has a sheet of its own, called after it: `batchqual check … --sheet heading-twice`.
"""

from __future__ import annotations

import hashlib
from datetime import date
from types import EllipsisType
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

Cell = str | int | float | bool | date | None

PARTNER = "00000000-0000-4000-8000-00000000cafe"
"""Stands for the partner's own tenant: `check` knows it when BATCHQUAL_TENANT_ID says so."""

_HEADINGS = {
    "Mistake": 24,
    "What is wrong": 72,
    "Customer Name": 30,
    "Microsoft ID": 46,
    "Primary domain": 28,
    "Qualification": 26,
    "Education Segment": 22,
    "Website": 34,
    "Validation Code": 18,
}
_SOUND = "(sound)"


def invented_id(name: str) -> str:
    """A plainly fictitious tenant ID, always the same for the same name."""
    return f"00000000-0000-4000-8000-{hashlib.sha256(f'{name}/9123'.encode()).hexdigest()[:12]}"


_A, _B, _C, _D = (invented_id(name) for name in ("Marblewick", "Otterly", "Pennyfold", "Rushmere"))
_EDU, _GCC, _SOE = ("Education", "K12"), ("GCC", None), ("StateOwnedEntity", None)


class Row(NamedTuple):
    """One row of the first sheet; what is not said is sound. ``...`` stands for an ID of the row's own."""

    mistake: str
    wrong: str
    customer: Cell | EllipsisType = ...
    domain: Cell = None
    wish: tuple[Cell, Cell] = _EDU
    website: Cell = None
    code: Cell = None


_SAME = Row("", "", _A, "marblewick.example", _EDU, "https://marblewick.example")
_ROWS = [
    Row("missing-customer-id", "there is neither an ID nor a domain", None),
    Row(_SOUND, "a domain alone: a run looks the customer up", None, "pinewick.example"),
    Row("not-a-guid", "a name where the ID belongs", "Marblewick School"),
    Row("clipped-guid", "the last digits were cut off", invented_id("cut")[:-4]),
    Row("thirteen-digits", "one digit too many at the end", f"{invented_id('long')[:-1]}10"),
    Row("scientific-notation", "Excel made a number of it", "1.23457E+11"),
    Row("number-in-id", "a number: somebody else's customer number", 1000105107),
    Row("order-id", "an order, not a tenant", "ORD" + "0123456789abcdef" * 2),
    Row("guid-in-text", "the ID is part of a name", f"GDAP_2026_{invented_id('gdap')}"),
    Row("empty-guid", "nobody's ID", "00000000-0000-0000-0000-000000000000"),
    Row("date-cell", "a date cell where the ID belongs", date(2026, 1, 5)),
    Row("boolean-cell", "TRUE where the ID belongs", True),
    Row("error-cell", "a look-up that failed", "#REF!"),
    Row("formula-cell", "a formula; paste it as a value", f'=LOWER("{invented_id("formula").upper()}")'),
    Row("partner-tenant", "your own tenant, if BATCHQUAL_TENANT_ID says so", PARTNER),
    Row("hyphens-missing", "warning: read with hyphens", invented_id("bare").replace("-", "")),
    Row("quotes-removed", "warning: read without the quotation marks", f"“{invented_id('quoted')}”"),
    Row(_SOUND, "somebody typed this ID and pulled the cell down", f"{invented_id('pulled')[:-2]}a1"),
    Row("counted-up", "Excel's fill handle counted up", f"{invented_id('pulled')[:-2]}a2"),
    Row("counted-up", "and again", f"{invented_id('pulled')[:-2]}a3"),
    Row(_SOUND, "its ID is merged with the cell below"),
    Row("merged-cell", "the ID stands in the cell above alone", None),
    Row("address-not-domain", "an e-mail address", domain="it@otterly.example"),
    Row("not-a-domain", "no domain name", domain="otterly example"),
    Row("domain-completed", "warning: read as otterly.onmicrosoft.com", domain="otterly"),
    Row("missing-qualification", "nothing is asked for", wish=(None, None)),
    Row("cannot-be-set", "exists, but cannot be asked for", wish=("Nonprofit", None)),
    Row("status-not-wish", "pasted from the portal", wish=("In Review since 12/8/2025", None)),
    Row("unknown-qualification", "no such qualification", wish=("Charity", None)),
    Row("numbered-qualification", "warning: 1 is read as Education", wish=(1, "K12")),
    Row("missing-segment", "Education needs a segment", wish=("Education", None)),
    Row("neither-segment", "nobody can guess which one", wish=("Education", "Museum")),
    Row("unknown-segment", "no such segment", wish=("Education", "Kindergarten")),
    Row("segment-ignored", "warning: GCC has no segment", wish=("GCC", "K12"), code="730162"),
    Row("not-a-website", "an e-mail address", website="head@pennyfold.example"),
    Row("website-ignored", "warning: only Education has one", wish=_SOE, website="https://rail.example"),
    Row("full-width", "warning: read with the usual digits", wish=_GCC, code="７３０１６２"),
    Row("missing-code", "GCC needs a validation code", wish=_GCC),
    Row("not-a-code", "no code", wish=_GCC, code="ask Ines?"),
    Row("grouped-digits", "thousands separators", wish=_GCC, code="730,162"),
    Row("code-in-text", "more than the code", wish=_GCC, code="Code: 730162"),
    Row("zeros-shown-only", "warning: the zeros are only shown", wish=_GCC, code=730162),
    Row(_SOUND, "the code begins with a zero", wish=_GCC, code="047110"),
    Row("zeros-dropped", "warning: the same code without its zero?", wish=_GCC, code="47110"),
    Row("code-ignored", "warning: only GCC has one", code="730162"),
    _SAME._replace(mistake=_SOUND, wrong="see the three rows below"),
    _SAME._replace(mistake="duplicate", wrong="the same again: sent once"),
    _SAME._replace(mistake="website-differs", wrong="warning: another website", website="https://mw.example"),
    _SAME._replace(mistake="domain-differs", wrong="warning: another domain", domain="mw.example"),
    Row("content-differs", "two segments: neither is sent", _B),
    Row("content-differs", "the other one", _B, wish=("Education", "HigherEducation")),
    Row("education-with-gcc", "cannot be both: neither is sent", _C),
    Row("education-with-gcc", "the other one", _C, wish=_GCC, code="730162"),
]

_OURS: list[Cell] = [PARTNER, *_EDU]
# sheet, what is wrong with it, its table
_SHEETS: list[tuple[str, str, list[list[Cell]]]] = [
    ("heading-twice", "Two columns have the same heading.",
     [["Tenant ID", "Tenant ID", "Qualification", "Segment"], [_A, _B, *_EDU], [_C, _D, *_EDU]]),
    ("two-columns", "Two columns name the customer, and they differ.",
     [["Microsoft ID", "CustomerTenantId", "Qualification", "Segment"], [_A, _B, *_EDU], [_C, _D, *_EDU]]),
    ("partner-column", "The same ID in every row: that is the partner.",
     [["CustomerTenantId", "Qualification", "Segment"], _OURS, _OURS, _OURS]),
    ("no-heading", "No column that could be the customer.",
     [["Client", "Wanted", "Seats"], ["Marblewick", "Education", 90], ["Otterly", "Education", 40]]),
    ("no-qualification", "No column says what is asked for.",
     [["Microsoft ID", "Segment"], [_A, "K12"], [_B, "K12"]]),
    ("empty", "", []),
    ("no-rows", "Headings without rows: a warning.", [["Microsoft ID", "Qualification"]]),
    ("stray-cell", "Something stands far to the right of the table.",
     [["Microsoft ID", "Qualification", "Segment"], [_A, *_EDU]]),
    ("columns-passed-over", "A remark: the other column cannot be the customer.",
     [["Tenant ID", "Customer ID", "Qualification", "Segment"], ["T-1", _A, *_EDU], ["T-9", _B, *_EDU]]),
    ("hidden", "Warnings: row 5 and the segment's column are hidden, and read all the same.",
     [["Microsoft ID", "Qualification", "Segment"], [_A, *_EDU], [_B, *_EDU], [_C, *_EDU]]),
]  # fmt: skip


def mistakes_workbook() -> Workbook:
    """All mistakes that a workbook can show."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Customers"
    _write_rows(sheet)
    for name, wrong, table in _SHEETS:
        _write_sheet(book.create_sheet(name), wrong, table)
    book["stray-cell"].cell(9, 2_500, "?")
    book["hidden"].row_dimensions[5].hidden = True
    book["hidden"].column_dimensions["C"].hidden = True
    return book


def _write_rows(sheet: Worksheet) -> None:
    sheet.append(list(_HEADINGS))
    for number, row in enumerate(_ROWS, start=2):
        customer = invented_id(f"row {number}") if row.customer is ... else row.customer
        name = f"Example {number}"
        sheet.append([row.mistake, row.wrong, name, customer, row.domain, *row.wish, row.website, row.code])
        if row.mistake == "merged-cell":
            sheet.merge_cells(start_row=number - 1, end_row=number, start_column=4, end_column=4)
        text = "00000000" if row.mistake == "zeros-shown-only" else "@"
        sheet.cell(number, len(_HEADINGS)).number_format = text
        if row.mistake != _SOUND:
            sheet.cell(number, 1).font = Font(name="Calibri", size=11, bold=True)
    for column, width in enumerate(_HEADINGS.values(), start=1):
        head(sheet, column, width)
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = sheet.dimensions


def _write_sheet(sheet: Worksheet, wrong: str, table: list[list[Cell]]) -> None:
    if wrong:
        sheet.append([wrong])
        sheet.append([])
    for row in table:
        sheet.append(row)
    for column in range(1, len(table[0]) + 1 if table else 1):
        head(sheet, column, 40, row=3)


def head(sheet: Worksheet, column: int, width: int, row: int = 1) -> None:
    """Dress a heading, and give its column a width."""
    sheet.column_dimensions[get_column_letter(column)].width = width
    cell = sheet.cell(row, column)
    cell.font = Font(name="Calibri", size=11, bold=True, color="FFFFFFFF")
    cell.fill = PatternFill("solid", fgColor="FF1F3864")
    cell.alignment = Alignment(vertical="center")

"""The ``.xlsx`` report: openpyxl makes the workbook with all but the rows, which are streamed into it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import chain, islice
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.packaging.custom import StringProperty
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ..atomic import written_whole
from ..ownreports import PROPERTY
from .balance import reconcile
from .look import colour_outcomes, dress_heading, page_for_print, register_styles, text_cell
from .ooxml import Styles, sheet_rows
from .run_report import RunReport
from .summary_sheet import fill_summary
from .tables import Shown, Table, attention_table, earlier_table, results_table, review_table, sheets_of

__all__ = ["SHEET_ROWS", "write"]

SHEET_ROWS = 1_048_575
"""Rows that Excel's sheets hold below the heading."""

_ROWS_IN_A_CHUNK = 500

# Codes are text on purpose; without this Excel puts a green triangle into each such cell.
_NO_TRIANGLES = '<ignoredErrors><ignoredError sqref="A1:{}" numberStoredAsText="1"/></ignoredErrors>'


def write(report: RunReport, path: Path, *, rows_in_a_sheet: int = SHEET_ROWS) -> Path:
    """Write the workbook; returns the path really written. Raises `errors.Unbalanced`."""
    counts = reconcile(report.rows_in, report.rows)
    tables = _tables(report, rows_in_a_sheet)
    book = Workbook()
    summary = book.worksheets[0]
    fill_summary(summary, report, counts)
    for table in tables:
        _shell_of(book.create_sheet(table.title), table)
    book.properties.creator = "batchqual"
    mark = StringProperty(name=PROPERTY, value=report.run_id)
    book.custom_doc_props.append(mark)  # type: ignore[attr-defined]  # the stubs of openpyxl lack it
    book.properties.created = report.finished_at.replace(tzinfo=None)
    styles = register_styles(book, _formats_of(report))
    shell = BytesIO()
    book.save(shell)
    parts = {f"xl/worksheets/sheet{number}.xml": table for number, table in enumerate(tables, start=2)}
    with written_whole(path) as whole, ZipFile(shell) as source, _packed(whole.temp) as target:
        for name in source.namelist():
            _copy(source, target, name, parts.get(name), styles)
    return whole.path


def _formats_of(report: RunReport) -> list[str]:
    """The number formats of the user's cells, each once, in a fixed order."""
    rows = {result.row.formats for result in report.rows}
    return sorted({code for formats in rows for code in formats if code})


def _packed(path: Path) -> ZipFile:
    return ZipFile(path, "w", ZIP_DEFLATED)


def _tables(report: RunReport, limit: int) -> list[Table]:
    tables = [results_table(report), attention_table(report), review_table(report)]
    if report.earlier:
        tables.append(earlier_table(report))
    return list(chain.from_iterable(sheets_of(table, limit) for table in tables))


def _shell_of(sheet: Worksheet, table: Table) -> None:
    """Everything of a table's sheet but its rows."""
    last = max(table.count, 1) + 1
    for place, heading in enumerate(table.headings, start=1):
        dress_heading(text_cell(sheet, 1, place, heading.text), ours=heading.ours)
        sheet.column_dimensions[get_column_letter(place)].width = heading.width
    sheet.row_dimensions[1].height = 30
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.headings))}{last}"
    page_for_print(sheet, table=True)
    if table.outcome is not None:
        colour_outcomes(sheet, table.outcome + 1, first=2, last=last)


def _copy(source: ZipFile, target: ZipFile, name: str, table: Table | None, styles: Styles) -> None:
    """Copy one part of the shell; a table's sheet gets its rows in front of ``</sheetData>``."""
    content = source.read(name)
    if table is None:
        target.writestr(name, content)
        return
    before, end, after = content.decode("utf-8").rpartition("</sheetData>")
    corner = f"{get_column_letter(len(table.headings))}{max(table.count, 1) + 1}"
    before = re.sub(r'<dimension ref="[^"]*"', f'<dimension ref="A1:{corner}"', before, count=1)
    after = after.replace("</worksheet>", f"{_NO_TRIANGLES.format(corner)}</worksheet>")
    rows = sheet_rows(_rows_or_remark(table), table.headings, styles)
    with target.open(name, "w") as part:
        part.write(before.encode("utf-8"))
        for chunk in _chunks(rows):
            part.write(chunk)
        part.write((end + after).encode("utf-8"))


def _rows_or_remark(table: Table) -> Iterator[Sequence[Shown]]:
    if table.count or not table.empty:
        return table.rows()
    return iter([(table.empty, *[None] * (len(table.headings) - 1))])


def _chunks(rows: Iterator[str]) -> Iterator[bytes]:
    while chunk := "".join(islice(rows, _ROWS_IN_A_CHUNK)):
        yield chunk.encode("utf-8")

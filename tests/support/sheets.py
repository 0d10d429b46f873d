"""Invented spreadsheets for tests: IDs that do not count up, CSV and XLSX files in one line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from openpyxl import Workbook

from batchqual.ingest import Reading, read
from batchqual.model import Cell, InputRow, Intake

__all__ = ["HEADINGS", "csv_file", "customer", "intake", "rows_of", "sole", "xlsx_file"]

HEADINGS = (
    "customer_id",
    "qualification",
    "education_segment",
    "validation_code",
    "website",
    "customer_name",
)


def customer(number: int) -> str:
    """An invented customer ID, scattered, because IDs that count up are taken for a filled-down column."""
    scattered = (number * 7919 + 104_729) % 0xFFFF_FFFF
    return f"{scattered:08x}-0000-4000-8000-{number * 1_000_003 % 0xFFFFFFFFFFFF:011x}a"


def csv_file(
    folder: Path, rows: Iterable[Sequence[object]], *, name: str = "customers.csv", delimiter: str = ","
) -> str:
    """Write rows as UTF-8 CSV and return the path."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path = folder / name
    path.write_bytes(text.getvalue().encode())
    return str(path)


def xlsx_file(folder: Path, rows: Iterable[Sequence[Cell]], *, name: str = "customers.xlsx") -> str:
    """Write rows as the first sheet of a workbook, ``Customers``, and return the path."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Customers"
    for row in rows:
        sheet.append(list(row))
    path = folder / name
    book.save(path)
    return str(path)


def intake(*paths: str, **said: object) -> Intake:
    """Read files; keywords are fields of `Reading`."""
    return read(paths, Reading(**said))  # type: ignore[arg-type] # the names are checked by Reading itself


def rows_of(folder: Path, *rows: Sequence[object], **said: object) -> tuple[InputRow, ...]:
    """Read rows below `HEADINGS` from a CSV file."""
    return intake(csv_file(folder, [HEADINGS, *rows]), **said).rows


def sole(folder: Path, *row: object, **said: object) -> InputRow:
    """Read one row below `HEADINGS`."""
    (found,) = rows_of(folder, row, **said)
    return found

"""The user's own columns come back unharmed: value and number format, whatever kind of cell it is."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from support.report_sample import report_of
from support.sheets import customer

from batchqual.ingest import Reading, read, write_fixed
from batchqual.ledger.cells import decode_row, encode_row
from batchqual.model import InputRow, Intake, Outcome, RowResult, Verdict
from batchqual.report import write_report

Kind = tuple[object, str]

whole_seconds = st.builds(time, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
elapsed = st.integers(-400_000, 40_000_000).map(lambda seconds: timedelta(seconds=seconds))
moments = st.datetimes(datetime(1900, 3, 1), datetime(9998, 12, 31)).map(  # noqa: DTZ001 - Excel knows no zones
    lambda moment: moment.replace(microsecond=0)
)
numbers = st.integers(-(10**14), 10**14) | st.floats(-1e14, 1e14, allow_subnormal=False)


def kinds(values: st.SearchStrategy[object], *formats: str) -> st.SearchStrategy[Kind]:
    """Cells of such values under each of these number formats."""
    return st.tuples(values, st.sampled_from(formats))


CELLS = st.one_of(
    kinds(elapsed, "[h]:mm:ss", "[hh]:mm", "[mm]:ss", "[h]:mm"),
    kinds(whole_seconds, "h:mm:ss", "hh:mm", "h:mm AM/PM", "mm:ss"),
    kinds(
        moments, "yyyy-mm-dd hh:mm:ss", "d.m.yyyy", "mmmm yyyy", "m/d/yy h:mm", "[$-409]d-mmm-yy;@", "h:mm"
    ),
    kinds(st.floats(-600_000, -1e-3), "yyyy-mm-dd", "h:mm:ss", "m/d/yy h:mm"),
    kinds(st.integers(0, 999_999), "000000", '"0"00000', "000-000", "@", "General"),
    kinds(
        numbers, "0%", "0.00%", '#,##0.00 "€"', "#,##0.00_);[Red](#,##0.00)", "0.00E+00", "# ?/?", "General"
    ),
    kinds(st.booleans(), "General"),
    kinds(st.sampled_from(["#N/A", "004815", "=1+1", "-5", "text", "１２"]), "General"),
    kinds(st.none(), "General"),
)


def put(sheet: Worksheet, row: int, kind: Kind) -> None:
    value, code = kind
    cell = sheet.cell(row, 3)
    cell.value = value  # type: ignore[assignment] # every value here is one of a cell
    if isinstance(value, str):
        cell.data_type = "s"
    cell.number_format = code


def shown(path: Path, sheet: str, rows: int) -> list[tuple[object, str]]:
    """Value and number format of the user's column, as another program reads them."""
    page = load_workbook(path)[sheet]
    cells = [page.cell(row, 3) for row in range(2, rows + 2)]
    return [(cell.value, cell.number_format) for cell in cells]


def through_the_ledger(row: InputRow) -> InputRow:
    return decode_row(row.position, encode_row(row))


def report_on(intake: Intake, path: Path) -> None:
    rows = [RowResult(through_the_ledger(row), Verdict(Outcome.NOT_ATTEMPTED)) for row in intake.rows]
    write_report(report_of(*rows, columns=intake.columns), path)


@given(st.lists(CELLS, min_size=1, max_size=8))
@settings(deadline=None, max_examples=25)
def test_every_kind_of_cell_comes_back_with_its_value_and_its_format(cells: list[Kind]) -> None:
    """In the report, also from the ledger, and in the repaired copy."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        book = Workbook()
        page = book.worksheets[0]
        page.append(["customer_id", "qualification", "Mine"])
        for row, kind in enumerate(cells, start=2):
            page.cell(row, 1, customer(row))
            page.cell(row, 2, "SOE")
            put(page, row, kind)
        book.save(folder / "in.xlsx")
        intake = read([str(folder / "in.xlsx")], Reading())
        report_on(intake, folder / "out.xlsx")
        write_fixed(intake, folder / "fixed.xlsx")
        expected = shown(folder / "in.xlsx", "Sheet", len(cells))
        assert expected == shown(folder / "out.xlsx", "Results", len(cells))
        assert expected == shown(folder / "fixed.xlsx", "Customers", len(cells))

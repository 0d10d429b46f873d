"""The workbook, read back with openpyxl."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from support.report_sample import FINISHED, full_report, guid, report_of, result

from batchqual.model import Cell, Outcome, Problem, Verdict
from batchqual.report import ErrorNote, Requests, write_report
from batchqual.report.workbook import write


def opened(path: Path) -> Workbook:
    """The workbook as openpyxl reads it."""
    return load_workbook(path)


def sheet(book: Workbook, title: str) -> Worksheet:
    """One sheet, typed."""
    found = book[title]
    assert isinstance(found, Worksheet)
    return found


def column(page: Worksheet, heading: str) -> list[object]:
    """All values under a heading."""
    names = [cell.value for cell in page[1]]
    return [row[names.index(heading)] for row in page.iter_rows(min_row=2, values_only=True)]


def labels(page: Worksheet) -> dict[object, object]:
    """Column A and B of the summary."""
    return {row[0]: row[1] for row in page.iter_rows(values_only=True) if row[0] is not None}


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    """The report that has everything."""
    return opened(write_report(full_report(), tmp_path_factory.mktemp("full") / "r.xlsx"))


def test_the_sheets_are_the_promised_ones(full: Workbook, tmp_path: Path) -> None:
    """Earlier sheets only where there were any."""
    quiet = opened(write_report(report_of(result(0, Outcome.APPROVED)), tmp_path / "r.xlsx"))

    assert ["Summary", "Results", "Needs attention", "In review", "Earlier sheets"] == full.sheetnames
    assert ["Summary", "Results", "Needs attention", "In review"] == quiet.sheetnames


def test_results_have_every_row_in_input_order(full: Workbook) -> None:
    """The user's columns first, ours in title case, outcomes in words."""
    results = sheet(full, "Results")

    assert list(range(2, 23)) == column(results, "Row")
    assert [
        "Company",
        "Microsoft ID",
        "Wish",
        "Code",
        "Contract Start",
        "Seats",
        "Outcome (input)",
        "Note",
    ] == [cell.value for cell in results[1][:8]]
    assert {outcome.words for outcome in Outcome} == set(column(results, "Outcome"))


@pytest.mark.parametrize(
    ("value", "kept", "kind"),
    [
        pytest.param("=SUM(A1)", "=SUM(A1)", "s", id="formula"),
        pytest.param("#N/A", "#N/A", "s", id="error word"),
        pytest.param("0123", "0123", "s", id="leading zero"),
        pytest.param(" padded ", " padded ", "s", id="spaces"),
        pytest.param("a<b>&\"'", "a<b>&\"'", "s", id="markup"),
        pytest.param("bell\x07", "bell_x0007_", "s", id="control character, in Excel's escape"),
        pytest.param(True, True, "b", id="boolean"),
        pytest.param(-5, -5, "n", id="integer"),
        pytest.param(0.1, 0.1, "n", id="float"),
        pytest.param(12345678901234567, "12345678901234567", "s", id="an integer that Excel would round"),
        pytest.param(float("nan"), "nan", "s", id="not a number"),
        pytest.param(date(2026, 2, 28), datetime.fromisoformat("2026-02-28"), "d", id="day"),
        pytest.param(date(1815, 12, 10), "1815-12-10", "s", id="a day before Excel's calendar"),
        pytest.param(datetime.fromisoformat("1815-12-10T01:02:03"), "1815-12-10T01:02:03", "s", id="of old"),
        pytest.param(time(9, 30), time(9, 30), "d", id="time of day"),
        pytest.param(
            datetime.fromisoformat("2026-02-28T09:30:15"),
            datetime.fromisoformat("2026-02-28T09:30:15"),
            "d",
            id="moment",
        ),
    ],
)
def test_the_user_s_cells_come_back_unharmed(tmp_path: Path, value: Cell, kept: object, kind: str) -> None:
    """What was a number, a date or a text is one still."""
    report = report_of(result(0, Outcome.APPROVED, values=(value,)), columns=("Mine",))
    cell = sheet(opened(write_report(report, tmp_path / "r.xlsx")), "Results")["A2"]

    assert kept == cell.value
    assert kind == cell.data_type


@pytest.mark.parametrize("text", ["=1+1", "+49", "-x", "@a", "\tx", "\rx", "=a\nb"])
def test_formulas_are_quoted_in_cells_and_headings(tmp_path: Path, text: str) -> None:
    """A text cell with the quote-prefix style, which survives an edit in Excel."""
    report = report_of(result(0, Outcome.APPROVED, values=(text,)), columns=(text,))
    page = sheet(opened(write_report(report, tmp_path / "r.xlsx")), "Results")

    for place in ("A1", "A2"):
        assert text.replace("\r", "_x000D_") == page[place].value
        assert "s" == page[place].data_type
        assert page[place].quotePrefix


def test_a_blank_heading_and_a_short_row_are_no_trouble(tmp_path: Path) -> None:
    """Rows may have fewer cells than there are headings, and headings may be empty."""
    report = report_of(result(0, Outcome.APPROVED, values=("x", "")), columns=("A", "", "C"))
    page = sheet(opened(write_report(report, tmp_path / "r.xlsx")), "Results")

    assert ["A", None, "C", "Row"] == [cell.value for cell in page[1][:4]]
    assert ["x", None, None, 2] == [cell.value for cell in page[2][:4]]


def test_our_times_are_real_dates_that_say_utc(full: Workbook) -> None:
    """A date cell, to the second, with its zone in the number format."""
    page = sheet(full, "Results")
    cell = page.cell(2, 1 + [c.value for c in page[1]].index("Settled At"))

    assert datetime.fromisoformat("2026-11-20T22:15:05") == cell.value
    assert "UTC" in cell.number_format


@pytest.mark.parametrize("title", ["Results", "Needs attention", "In review", "Earlier sheets"])
def test_each_table_can_be_filtered_and_printed(full: Workbook, title: str) -> None:
    """Frozen headings, a filter over all rows, landscape, the heading on every page."""
    page = sheet(full, title)

    assert "A2" == page.freeze_panes
    assert page.dimensions == page.auto_filter.ref
    assert "landscape" == page.page_setup.orientation
    assert "$1:$1" == page.print_title_rows
    assert all(8 <= (page.column_dimensions[letter].width or 0) <= 65 for letter in page.column_dimensions)


def test_outcomes_are_coloured_by_rule(full: Workbook) -> None:
    """Four rules over the outcome column: good, waiting, attention, quiet."""
    page = sheet(full, "Results")
    [area] = page.conditional_formatting

    assert "M2:M22" == str(area.sqref)
    assert 4 == len(area.rules)


def test_the_rows_that_need_attention_are_grouped_by_what_to_do(full: Workbook) -> None:
    """By outcome, then those with the same task together, with reason and next step."""
    page = sheet(full, "Needs attention")
    outcomes = column(page, "Outcome")

    assert [*["Denied"] * 9, "Invalid", "Conflict", "Conflict", "Failed", "Unknown"] == outcomes
    assert "Correct cells B18 and C18 of customers.xlsx, then run again." == column(page, "What To Do")[9]
    assert "The code •••••56 is not in your list." == column(page, "Reason")[11]
    assert all(column(page, "What To Do"))


def test_rows_with_the_same_task_stand_together(tmp_path: Path) -> None:
    """Even when the number of used requests makes their sentences differ."""
    reasons = ["Not an eligible Museum", "Not an eligible Library"] * 2
    rows = [
        result(n, Verdict(Outcome.DENIED, "Denied", reason, attempts=n)) for n, reason in enumerate(reasons)
    ]
    page = sheet(opened(write_report(report_of(*rows), tmp_path / "r.xlsx")), "Needs attention")

    assert [3, 5, 2, 4] == column(page, "Row")


def test_the_rows_in_review_are_shown_oldest_first(full: Workbook) -> None:
    """With their age in days; one that somebody else submitted has none."""
    page = sheet(full, "In review")

    assert [2.5, 0.2, None] == column(page, "Age In Days")
    assert ["InReview", None, "InReview"] == column(page, "Last Status")


def test_empty_tables_say_so(tmp_path: Path) -> None:
    """An empty sheet looks like a fault."""
    book = opened(write_report(report_of(), tmp_path / "r.xlsx"))

    assert "Nothing needs attention." == sheet(book, "Needs attention")["A2"].value
    assert "Nothing is in review." == sheet(book, "In review")["A2"].value
    assert 1 == sheet(book, "Results").max_row


def test_the_summary_balances(full: Workbook) -> None:
    """One line per outcome, the sum, the rows that came in, and that they are the same."""
    told = labels(sheet(full, "Summary"))

    assert 9 == told["Denied"]
    assert 21 == told["Sum of outcomes"] == told["Rows in"]
    assert "yes" == told["Balanced"]
    assert 14 == told["Rows that need attention"]


def test_a_run_without_an_end_has_no_finish_and_no_requests(tmp_path: Path) -> None:
    """It was killed, or is still going: its rows are told as of now, and nothing is counted as zero."""
    report = replace(
        full_report(), ended=False, error=ErrorNote("killed", "The run did not come to its end.")
    )
    page = sheet(load_workbook(write_report(report, tmp_path / "killed.xlsx")), "Summary")
    told = labels(page)
    texts = [cell for row in page.iter_rows(values_only=True) for cell in row]
    assert "Finished" not in told
    assert FINISHED.replace(tzinfo=None) == told["Rows as of"]
    assert "none: the run has no end" == told["Exit code"]
    assert "POST (submissions)" not in told
    assert "Not known: a run counts them at its end." in texts
    assert "The run did not come to its end." == page["A4"].value


def test_the_summary_tells_the_facts_of_the_run(full: Workbook) -> None:
    """Run, files with their hashes, requests, notices, and on top why the run ended early."""
    page = sheet(full, "Summary")
    told = labels(page)
    texts = [cell for row in page.iter_rows(values_only=True) for cell in row]

    assert "Customer qualification report" == page["A1"].value
    assert "21 rows: 1 approved" in str(page["A2"].value)
    assert "The run ended early: More than 25% of the rows answered in this run failed." == page["A4"].value
    assert FINISHED.replace(tzinfo=None) == told["Finished"]
    assert "13: stopped" == told["Exit code"]
    assert 9 == told["POST (submissions)"]
    assert "5e" * 32 in texts
    assert "Read as cp1252, because it is not UTF-8." in texts
    assert "Open requests of earlier sheets: 1." in str(page["A3"].value)


def test_an_error_without_a_hint_and_an_odd_exit_code_still_read_well(tmp_path: Path) -> None:
    """No empty sentences."""
    error = replace(full_report().error or pytest.fail("has one"), hint="")
    report = replace(
        report_of(result(0, Outcome.DENIED)), error=error, exit_code=77, requests=Requests(put=1)
    )
    page = sheet(opened(write_report(report, tmp_path / "r.xlsx")), "Summary")

    assert "What to do: run the same command again." == page["A4"].value
    assert "77" == labels(page)["Exit code"]
    assert "1 row: 1 denied. 1 needs attention." == page["A2"].value


def test_warnings_of_rows_and_cut_cells_are_told_on_the_summary(tmp_path: Path) -> None:
    """Nothing is cut in silence."""
    warning = Problem(
        "website-differs", "Another website.", "customers.xlsx", 2, "D2", example="contoso.example"
    )
    report = report_of(
        result(0, Outcome.APPROVED, values=("x" * 40_000,), warnings=(warning,)),
        result(1, Verdict(Outcome.FAILED, error_message="y" * 33_000), values=("short",)),
        columns=("Note",),
    )
    book = opened(write_report(report, tmp_path / "r.xlsx"))
    told = [row for row in sheet(book, "Summary").iter_rows(values_only=True) if row[0] == "customers.xlsx"]

    assert (
        "customers.xlsx",
        "D2",
        "website-differs",
        "Another website. Accepted: contoso.example.",
    ) == told[1]
    assert ("customers.xlsx", "row 2", "cell-cut") == told[2][:3]
    assert "40,000 characters" in str(told[2][3])
    assert "'Error Message' has 33,000" in str(told[3][3])
    assert 32_767 == len(str(sheet(book, "Results")["A2"].value))


def test_a_warning_that_is_a_notice_already_is_told_once(tmp_path: Path) -> None:
    """Some callers collect the warnings of rows themselves."""
    warning = Problem("website-differs", "Another site.", "customers.xlsx", 2, "D2")
    report = report_of(result(0, Outcome.APPROVED, warnings=(warning,)), notices=(warning,))
    page = sheet(opened(write_report(report, tmp_path / "r.xlsx")), "Summary")

    assert 1 == [cell.value for cell in page["D"]].count("Another site.")


def test_too_many_notices_are_counted(tmp_path: Path) -> None:
    """A thousand are shown; the rest has a number."""
    notices = tuple(Problem("n", f"Notice {number}.", "customers.xlsx") for number in range(1_003))
    page = sheet(opened(write_report(replace(report_of(), notices=notices), tmp_path / "r.xlsx")), "Summary")

    assert "3 more are not shown." == page.cell(page.max_row, 4).value


def test_a_run_without_input_files_has_no_block_for_them(tmp_path: Path) -> None:
    """Following up earlier sheets alone reads no file."""
    report = replace(report_of(), files=(), earlier=full_report().earlier)
    page = sheet(opened(write_report(report, tmp_path / "r.xlsx")), "Summary")

    assert "Input file" not in labels(page)
    assert 0 == labels(page)["Rows in"]


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(tmp_path: Path) -> None:
    """Each with its headings; no row is lost at the seam."""
    rows = [result(number, Outcome.APPROVED) for number in range(5)]
    book = opened(write(report_of(*rows), tmp_path / "r.xlsx", rows_in_a_sheet=2))

    assert ["Results", "Results 2", "Results 3"] == book.sheetnames[1:4]
    assert [[2, 3], [4, 5], [6]] == [column(sheet(book, title), "Row") for title in book.sheetnames[1:4]]


def test_broken_lines_make_a_row_as_high_as_they_need(full: Workbook) -> None:
    """Programs other than Excel do not work it out on loading."""
    assert 30 == sheet(full, "Results").row_dimensions[5].height
    assert all((sheet(full, "Needs attention").row_dimensions[row].height or 0) >= 30 for row in range(2, 16))


def test_earlier_sheets_stand_apart(full: Workbook) -> None:
    """Their rows are in no total and not among the results."""
    page = sheet(full, "Earlier sheets")

    assert ["last-week.xlsx"] == column(page, "Source")
    assert ["Earlier Academy"] == column(page, "Customer Name")
    assert "last-week.xlsx" not in column(sheet(full, "Results"), "Source")


def test_the_xml_says_how_large_each_sheet_is(tmp_path: Path) -> None:
    """Readers that trust the dimension see every row; each part is well-formed."""
    path = write_report(full_report(), tmp_path / "r.xlsx")
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    for content in parts.values():
        ET.fromstring(content)

    assert b'<dimension ref="A1:Y22"' in parts["xl/worksheets/sheet2.xml"]
    assert b'numberStoredAsText="1"' in parts["xl/worksheets/sheet2.xml"]


def test_excel_s_rival_reader_sees_the_same_text(tmp_path: Path) -> None:
    """The engine that reads inputs takes the report back, escapes undone."""
    calamine = pytest.importorskip("python_calamine")
    report = report_of(result(0, Outcome.APPROVED, values=("bell\x07 _x0041_",)), columns=("Note",))
    path = write_report(report, tmp_path / "r.xlsx")
    rows = calamine.CalamineWorkbook.from_path(path).get_sheet_by_name("Results").to_python()

    assert [guid(0), "Education", "Approved"] == rows[1][3:6]


def test_a_moment_of_another_zone_is_shown_in_utc(tmp_path: Path) -> None:
    """Ours are UTC always."""
    verdict = Verdict(Outcome.APPROVED, settled_at=datetime(2026, 1, 1, tzinfo=UTC).astimezone())
    page = sheet(opened(write_report(report_of(result(0, verdict)), tmp_path / "r.xlsx")), "Results")

    assert [datetime.fromisoformat("2026-01-01")] == column(page, "Settled At")


def test_nothing_heavy_is_loaded_before_a_workbook_is_written() -> None:
    """Checking a path needs no openpyxl."""
    code = "import sys, batchqual.report; sys.exit('openpyxl' in sys.modules)"

    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode

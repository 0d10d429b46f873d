"""The sheet ``Summary``: what came of the rows, with totals that balance, and the facts of the run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice

from openpyxl.styles import Alignment, Border, Side
from openpyxl.worksheet.worksheet import Worksheet

from ..model import Attention, Outcome, Problem
from .look import (
    ALARM,
    INK,
    MOMENT_FORMAT,
    colour_outcomes,
    dress_heading,
    grey_zeros,
    letters,
    page_for_print,
    text_cell,
)
from .meanings import EXIT_MEANINGS, OUTCOME_MEANINGS, headline
from .notices import all_notices
from .run_report import RunReport

__all__ = ["fill_summary"]

_WIDTHS = {"A": 30, "B": 25, "C": 22, "D": 84}
_NOTICES_SHOWN = 1000
_ROWS_ON_A_PAGE = 60

_Value = str | int | datetime | None


def fill_summary(sheet: Worksheet, report: RunReport, counts: Mapping[Outcome, int]) -> None:
    """Fill the first sheet from top to bottom: headline, error, totals, run, files, requests, notices."""
    page = _Page(sheet)
    page.title("Customer qualification report")
    page.line(headline(report, counts))
    if report.earlier:
        page.line(
            f"Open requests of earlier sheets: {len(report.earlier):,}. See the sheet Earlier sheets; they "
            "are not part of the totals."
        )
    if report.error:
        page.alarm(f"The run ended early: {report.error.message}" if report.ended else report.error.message)
        page.alarm(f"What to do: {report.error.hint or 'run the same command again.'}")
    _totals(page, report, counts)
    _run(page, report)
    _files(page, report)
    _requests(page, report)
    _notices(page, report)
    sheet.title = "Summary"
    sheet.sheet_view.showGridLines = False
    for letter, width in _WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    page_for_print(sheet, table=False)
    sheet.page_setup.fitToHeight = 1 if page.row <= _ROWS_ON_A_PAGE else 0


class _Page:
    """A cursor that goes down the sheet."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet
        self.row = 0

    def put(self, column: int, value: _Value) -> None:
        """One cell of the current row."""
        if isinstance(value, str):
            cell = text_cell(self.sheet, self.row, column, value)
        elif isinstance(value, datetime):
            moment = value.astimezone(UTC).replace(tzinfo=None, microsecond=0)
            cell = self.sheet.cell(self.row, column, moment)
            cell.number_format = MOMENT_FORMAT
        else:
            cell = self.sheet.cell(self.row, column, value if value is not None else "")
        wraps = column == len(_WIDTHS)
        cell.alignment = Alignment(horizontal="left", vertical="top", wrap_text=wraps or None)

    def entry(self, *values: _Value) -> None:
        """One row of values from column A on."""
        self.row += 1
        for column, value in enumerate(values, start=1):
            self.put(column, value)

    def title(self, text: str) -> None:
        """The name of the whole sheet."""
        self.entry(text)
        self.sheet.cell(self.row, 1).font = letters(bold=True, size=16, color=INK)
        self.sheet.row_dimensions[self.row].height = 26

    def line(self, text: str) -> None:
        """A sentence over the whole width."""
        self.entry(text)
        self.sheet.merge_cells(start_row=self.row, end_row=self.row, start_column=1, end_column=len(_WIDTHS))
        self.sheet.cell(self.row, 1).alignment = Alignment(wrap_text=True, vertical="top")
        self.sheet.row_dimensions[self.row].height = 15 * (1 + len(text) // 165)

    def alarm(self, text: str) -> None:
        """A sentence that must not be missed."""
        self.line(text)
        self.sheet.cell(self.row, 1).font = letters(bold=True, color=ALARM)

    def section(self, *headings: str) -> None:
        """An empty row, then the headings of a block."""
        self.row += 1
        self.entry(*headings, *[None] * (len(_WIDTHS) - len(headings)))
        for column in range(1, len(_WIDTHS) + 1):
            dress_heading(self.sheet.cell(self.row, column), ours=True)

    def strong(self) -> None:
        """Make the current row a sum: bold, under a rule."""
        for column in range(1, len(_WIDTHS) + 1):
            self.sheet.cell(self.row, column).font = letters(bold=True)
            self.sheet.cell(self.row, column).border = Border(top=Side(style="thin", color=INK))


def _totals(page: _Page, report: RunReport, counts: Mapping[Outcome, int]) -> None:
    page.section("Outcome", "Rows", "Class", "Meaning")
    first = page.row + 1
    for outcome, count in counts.items():
        page.entry(outcome.words, count, outcome.attention.capitalize(), OUTCOME_MEANINGS[outcome])
    colour_outcomes(page.sheet, 1, first, page.row)
    grey_zeros(page.sheet, f"A{first}:D{page.row}", f"$B{first}")
    page.entry("Sum of outcomes", sum(counts.values()))
    page.strong()
    page.entry("Rows in", report.rows_in)
    page.entry("Balanced", "yes")
    attention = sum(count for outcome, count in counts.items() if outcome.attention is Attention.NEEDED)
    page.entry("Rows that need attention", attention)


def _run(page: _Page, report: RunReport) -> None:
    page.section("Run")
    meaning = EXIT_MEANINGS.get(report.exit_code, "")
    code = f"{report.exit_code}: {meaning}" if meaning else str(report.exit_code)
    facts: dict[str, _Value] = {
        "Run ID": report.run_id,
        "Command": report.command,
        "Started": report.started_at,
        ("Finished" if report.ended else "Rows as of"): report.finished_at,
        "Exit code": code if report.ended else "none: the run has no end",
        "Times": "UTC in every sheet",
        **report.facts,
    }
    for label, value in facts.items():
        page.entry(label, value)


def _files(page: _Page, report: RunReport) -> None:
    if not report.files:
        return
    page.section("Input file", "Rows", "Sheet", "SHA-256")
    for file in report.files:
        page.entry(file.path, file.rows, file.sheet, file.sha256)


def _requests(page: _Page, report: RunReport) -> None:
    asked = report.requests
    page.section("Requests", "Count")
    if not report.ended:
        page.line("Not known: a run counts them at its end.")
        return
    page.entry("GET (looks)", asked.get)
    page.entry("POST (submissions)", asked.post)
    page.entry("PUT (submissions)", asked.put)
    page.entry("Throttled by the service", asked.throttled)
    page.entry("Repeated", asked.retried)


def _notices(page: _Page, report: RunReport) -> None:
    notices = all_notices(report)
    shown = list(islice(notices, _NOTICES_SHOWN))
    if not shown:
        return
    page.section("Notice about", "Place", "Code", "Notice")
    for notice in shown:
        page.entry(notice.source, _place(notice), notice.code, _sentence(notice))
    if more := sum(1 for _ in notices):
        page.entry("", None, None, f"{more:,} more are not shown.")


def _place(notice: Problem) -> str | None:
    if notice.cell:
        return notice.cell
    return f"row {notice.row}" if notice.row is not None else None


def _sentence(notice: Problem) -> str:
    return f"{notice.message} Accepted: {notice.example}." if notice.example else notice.message

"""The end of a run: numbers that balance, and what to do next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.report_sample import full_report, report_of, result

from batchqual.cli.ending import conclude, next_steps, summary_table
from batchqual.cli.voice import Voice
from batchqual.errors import Unbalanced
from batchqual.model import Outcome, Problem, Verdict
from batchqual.report import ErrorNote, RunReport, reconcile
from batchqual.settings import Settings, load_settings

QUIET = [Outcome.APPROVED, Outcome.ALREADY_QUALIFIED, Outcome.DUPLICATE]


def steps(*outcomes: Outcome, **changes: Any) -> list[str]:
    """What is said after a run with these outcomes."""
    report = report_of(*(result(place, outcome) for place, outcome in enumerate(outcomes)), **changes)
    return next_steps(report, reconcile(report.rows_in, report.rows))


def said(
    report: RunReport, capsys: pytest.CaptureFixture[str], settings: Settings | None = None
) -> tuple[str, str]:
    """Data and talk at the end of it."""
    conclude(report, settings or load_settings({}), Voice())
    out, err = capsys.readouterr()
    return out, err


@pytest.mark.parametrize(
    ("words", "outcomes", "changes"),
    [
        pytest.param("Nothing is left to do.", QUIET, {}, id="quiet"),
        pytest.param(
            "2 rows need attention: the sheet Needs attention of the report says what to do about each.",
            [Outcome.DENIED, Outcome.INVALID],
            {"reports": ("out.csv", "out.xlsx")},
            id="attention in a workbook",
        ),
        pytest.param(
            "1 row needs attention: the column what_to_do of the report says what to do about each.",
            [Outcome.UNKNOWN],
            {"reports": ("out.csv",)},
            id="attention in a flat file",
        ),
        pytest.param(
            "the lines above say", [Outcome.INVALID], {"command": "check"}, id="attention in findings"
        ),
        pytest.param(
            "1 row is in review. Vetting takes days: give the same", [Outcome.IN_REVIEW], {}, id="review"
        ),
        pytest.param(
            "`batchqual resume` again", [Outcome.IN_REVIEW], {"command": "resume"}, id="review, resumed"
        ),
        pytest.param("--wait gives it", [Outcome.IN_REVIEW], {"command": "rehearse"}, id="review, rehearsed"),
        pytest.param("A run looks", [Outcome.IN_REVIEW], {"command": "plan"}, id="review, planned"),
        pytest.param("without --first goes on", [Outcome.NOT_ATTEMPTED], {}, id="canary"),
        pytest.param("1 row would be submitted", [Outcome.NOT_ATTEMPTED], {"command": "plan"}, id="plan"),
        pytest.param("1 row found sound", [Outcome.NOT_ATTEMPTED], {"command": "check"}, id="check"),
        pytest.param(
            "with their sheet sends them", [Outcome.NOT_ATTEMPTED], {"command": "resume"}, id="resume"
        ),
    ],
)
def test_what_to_do_next_is_said(words: str, outcomes: list[Outcome], changes: dict[str, object]) -> None:
    """By command and by outcome."""
    [step] = steps(*outcomes, **changes)
    assert words in step


def test_after_an_error_the_error_says_what_to_do() -> None:
    """Rows that were not attempted are explained by the reason for the stop."""
    assert [] == steps(
        Outcome.NOT_ATTEMPTED, error=ErrorNote("stopped", "Too many failed.", "See the sheet.")
    )


def test_earlier_sheets_are_told_apart() -> None:
    """They are outside the totals."""
    denied = result(9, Outcome.DENIED)
    assert "Besides, 1 request of earlier sheets was open." == steps(earlier=(denied,))[-1]
    assert "Besides, 2 requests of earlier sheets were open." == steps(earlier=(denied, denied))[-1]


def test_only_first_is_answered_by_leaving_it_out() -> None:
    """A row that waits for another one is not told that --first held it back."""
    waits = result(0, Verdict(Outcome.NOT_ATTEMPTED, error_code="waits-for-gcc"))
    report = report_of(waits)
    [step] = next_steps(report, reconcile(report.rows_in, report.rows))
    assert "--first" not in step
    assert "the report says of each why; the same command goes on" in step


def test_everything_is_told_in_its_order(capsys: pytest.CaptureFixture[str]) -> None:
    """Notes, the table, the error, the steps; then the paths on standard output."""
    notices = tuple(Problem(f"kind-{n}", f"Notice {n}.", "customers.xlsx", row=n + 10) for n in range(15))
    report = report_of(
        result(0, Outcome.APPROVED),
        result(1, Outcome.DENIED),
        notices=notices,
        reports=("out.xlsx",),
        error=ErrorNote("stopped", "Stopped early.", "Give the same command again."),
    )
    out, err = said(report, capsys)
    assert "out.xlsx\n" == out
    wanted = [
        "note: customers.xlsx, row 10: Notice 0.",
        "Notice 11.",
        "3 more notes: the sheet Summary of the report has all of them.",
        "Approved",
    ]
    wanted += ["Rows in", "error: Stopped early.", "hint: Give the same", "1 row needs attention"]
    places = [err.index(words) for words in wanted]
    assert sorted(places) == places
    assert "Notice 12" not in err


def test_a_report_that_was_open_elsewhere_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """The user asked for one name and got another."""
    report = report_of(result(0, Outcome.APPROVED), reports=("out (2).xlsx",))
    out, err = said(report, capsys, load_settings({"report": ["out.xlsx"]}))
    assert "out (2).xlsx\n" == out
    assert "out.xlsx is open in another program; the report is in a file beside it." in err


def test_numbers_that_do_not_balance_are_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """It raises before a word is said."""
    report = report_of(result(0, Outcome.APPROVED), result(0, Outcome.APPROVED))
    with pytest.raises(Unbalanced):
        said(report, capsys)
    assert ("", "") == capsys.readouterr()


def test_the_table_shows_what_is_not_zero() -> None:
    """And the sum, which is the number of rows that came in."""
    report = full_report()
    counts = reconcile(report.rows_in, report.rows)
    present = sum(1 for count in counts.values() if count)
    assert present + 1 == summary_table(counts).row_count


def test_a_terminal_gets_the_label_with_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where data and talk meet on one screen, the path is introduced."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    _, err = said(report_of(result(0, Outcome.APPROVED), reports=("out.xlsx",)), capsys)
    assert err.endswith("Report:\n")

"""The JSON document, and the reports as JSON and CSV."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.report_sample import full_report, guid, report_of, result

from batchqual.errors import Unbalanced, UsageError
from batchqual.model import InputFile, Outcome
from batchqual.report import ErrorNote, RunReport, result_records, summary_document, write_report
from batchqual.report.columns import COLUMNS

KEYS = """
    run_id command inputs rows_in outcomes balanced exit_code requests started_at finished_at reports error
"""


def rows_of(path: Path) -> list[list[str]]:
    """The lines of a CSV file, heading first."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_the_document_is_the_promised_one() -> None:
    """Every key, in order, and every outcome, zero included."""
    document = summary_document(replace(report_of(result(0, Outcome.APPROVED)), reports=("r.xlsx",)))

    assert KEYS.split() == list(document)
    assert {
        "run_id": "run-0001",
        "command": "run",
        "inputs": [{"path": "customers.xlsx", "sha256": "5e" * 32, "rows": 1}],
        "rows_in": 1,
        "outcomes": {outcome.value: int(outcome is Outcome.APPROVED) for outcome in Outcome},
        "balanced": True,
        "exit_code": 0,
        "requests": {"get": 0, "post": 0, "put": 0, "throttled": 0, "retried": 0},
        "started_at": "2026-11-20T22:00:00Z",
        "finished_at": "2026-11-20T22:41:30Z",
        "reports": ["r.xlsx"],
        "error": None,
    } == document


def test_an_error_has_code_message_and_hint() -> None:
    """Early ends print the document too."""
    document = summary_document(report_of(error=ErrorNote("sign-in", "No token.", "Sign in."), exit_code=12))

    assert {"code": "sign-in", "message": "No token.", "hint": "Sign in."} == document["error"]


def test_a_run_without_an_end_claims_none() -> None:
    """Neither a moment at which it finished, nor that it made no requests."""
    document = summary_document(replace(report_of(result(0, Outcome.UNKNOWN)), ended=False))

    assert KEYS.split() == list(document)
    assert document["finished_at"] is None
    assert dict.fromkeys(("get", "post", "put", "throttled", "retried")) == document["requests"]


def test_the_written_json_is_the_document_with_rows(tmp_path: Path) -> None:
    """Streamed or made in memory, it is the same."""
    report = full_report()
    path = write_report(report, tmp_path / "r.json")
    written = json.loads(path.read_text(encoding="utf-8"))

    assert summary_document(report, with_rows=True) == written
    assert [*KEYS.split(), "rows", "earlier"] == list(written)
    assert ["input", *(column.name for column in COLUMNS)] == list(written["rows"][0])
    assert "todo" == written["rows"][0]["input"]["Outcome"]
    assert "=SUM(A1:A9)" == written["rows"][1]["input"]["Company"]
    assert "2026-09-01" == written["rows"][0]["input"]["Contract Start"]


def test_a_report_without_rows_is_json_too(tmp_path: Path) -> None:
    """Headings without rows, or a run that never got so far."""
    path = write_report(report_of(), tmp_path / "r.json")

    assert [] == json.loads(path.read_text(encoding="utf-8"))["rows"]


def test_without_input_files_the_rows_at_hand_are_the_rows_in() -> None:
    """Following up earlier rows has no file to count."""
    assert 1 == summary_document(report_of(result(0, Outcome.APPROVED), files=()))["rows_in"]


def test_headings_that_repeat_lose_no_value_in_json() -> None:
    """JSON keys must differ."""
    report = report_of(result(0, Outcome.APPROVED, values=(1, 2, 3)), columns=("Note", "Note", "Note"))
    rows = summary_document(report, with_rows=True)["rows"]

    assert isinstance(rows, list)
    assert isinstance(rows[0], dict)
    assert {"Note": 1, "Note (again)": 2, "Note (again 2)": 3} == rows[0]["input"]


def test_csv_has_the_user_s_columns_first_and_ours_in_snake_case(tmp_path: Path) -> None:
    """The same rows as in the workbook."""
    lines = rows_of(write_report(full_report(), tmp_path / "r.csv"))

    assert ["Seats", "Outcome (input)", "Note", "row", "source"] == lines[0][5:10]
    assert 22 == len(lines)
    assert {25} == {len(line) for line in lines}
    assert ["1200.5", "todo", "", "2", "customers.xlsx", guid(0), "Education", "approved"] == lines[1][5:13]


def test_the_rows_can_be_had_as_values() -> None:
    """For frames: the same columns as CSV, with numbers and moments as they are."""
    report = full_report()
    names, records = result_records(report)
    first = dict(zip(names, records[0], strict=True))

    assert 21 == len(records)
    assert [1200.5, "approved"] == [first["Seats"], first["outcome"]]
    assert report.rows[0].verdict.submitted_at == first["submitted_at"]
    assert first["error_code"] is None


def test_csv_cannot_run(tmp_path: Path) -> None:
    """Formulas get an apostrophe; numbers stay numbers."""
    lines = rows_of(write_report(full_report(), tmp_path / "r.csv"))

    assert [lines[2][0], lines[2][5], lines[2][7]] == ["'=SUM(A1:A9)", "TRUE", "'+49 221 000"]
    assert [lines[3][5], lines[3][7]] == ["-5", "'@home"]


def test_csv_headings_cannot_run_either(tmp_path: Path) -> None:
    """A heading is the user's text as well."""
    report = report_of(result(0, Outcome.APPROVED, values=(False,)), columns=("=cmd", "Short"))
    lines = rows_of(write_report(report, tmp_path / "r.csv"))

    assert ["'=cmd", "Short"] == lines[0][:2]
    assert ["FALSE", ""] == lines[1][:2]


def test_csv_is_what_excel_opens_right(tmp_path: Path) -> None:
    """A byte order mark, and lines that end as Windows ends them."""
    written = write_report(full_report(), tmp_path / "r.csv").read_bytes()

    assert written.startswith(b"\xef\xbb\xbfCompany")
    assert written.endswith(b"\r\n")
    assert "Köln".encode() in written


@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_a_lone_surrogate_does_not_stop_a_report(tmp_path: Path, suffix: str) -> None:
    """No file can hold one; the row is there all the same."""
    report = report_of(result(0, Outcome.APPROVED, values=("a\ud800b",)), columns=("Note",))

    assert "a?b" in write_report(report, tmp_path / f"r{suffix}").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("suffix", [".xlsx", ".csv", ".json"])
def test_numbers_that_do_not_balance_leave_no_file(tmp_path: Path, suffix: str) -> None:
    """And an older report is left as it was."""
    unbalanced: RunReport = replace(
        report_of(result(0, Outcome.APPROVED)), files=(InputFile("customers.xlsx", "5e" * 32, 2),)
    )
    (tmp_path / f"old{suffix}").write_text("old", encoding="utf-8")
    for name in (f"old{suffix}", f"new{suffix}"):
        with pytest.raises(Unbalanced):
            write_report(unbalanced, tmp_path / name)

    assert ["old"] == [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()]


@pytest.mark.parametrize("name", ["r.html", "r.txt", "r"])
def test_an_unknown_suffix_is_refused(tmp_path: Path, name: str) -> None:
    """In words, as the check before the run would have."""
    with pytest.raises(UsageError, match=r"HTML|not one of them"):
        write_report(report_of(), tmp_path / name)

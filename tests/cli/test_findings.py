"""What is said of the input: in row order, with the user's own words for the place, and never twenty thousand
lines."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console
from support.report_sample import report_of, result

from batchqual.cli.findings import findings_of, headings_hint, notes_of, on_screen, plain
from batchqual.model import InputFile, Outcome, Problem, RowResult, Verdict
from batchqual.report import RunReport

COLUMNS = ("School", "Microsoft ID", "Wish")
FIELDS = (("customer_name", 0), ("customer_id", 1), ("qualification", 2))


def problem(row: int | None, code: str = "not-a-guid", **more: Any) -> Problem:
    """Something wrong in the column B."""
    cell = f"B{row}" if row is not None else None
    known = {"cell": cell, "field": "customer_id", "source": "customers.xlsx"}
    return Problem(code, "customer_id “x” is no ID.", row=row, **{**known, **more})


def bad(position: int, *problems: Problem, name: str = "", **more: Any) -> RowResult:
    """An invalid row with these problems."""
    return result(position, Outcome.INVALID, problems=problems, name=name, **more)


def report(*rows: RowResult, sheet: str | None = "Customers", **changes: Any) -> RunReport:
    """What `check` found in a sheet with three columns."""
    file = InputFile("folder/customers.xlsx", "5e" * 32, len(rows), sheet, FIELDS)
    return report_of(*rows, **{"columns": COLUMNS, "files": (file,), "command": "check", **changes})


def lines(one: RunReport) -> list[str]:
    """The findings, one a line."""
    return [plain(finding) for finding in findings_of(one)]


@pytest.mark.parametrize(
    ("sheet", "name", "place"),
    [
        pytest.param(
            "Customers", "Northpole School", "row 2 (Northpole School), Customers!B2", id="all known"
        ),
        pytest.param("Customers", "", "row 2, Customers!B2", id="no name"),
        pytest.param(None, "Two\nlines", "row 2 (Two lines), B2", id="no sheet"),
        pytest.param("Tom's list", "N" * 50, f"row 2 ({'N' * 39}…), 'Tom''s list'!B2", id="awkward names"),
        pytest.param("S", "\x1b[31mred", "row 2 (\\x1b[31mred), S!B2", id="terminal codes"),
    ],
)
def test_a_place_is_told_in_the_users_words(sheet: str | None, name: str, place: str) -> None:
    """File, row, customer, sheet, cell and heading."""
    [line] = lines(report(bad(0, problem(2), name=name), sheet=sheet))
    assert f"error: customers.xlsx, {place} “Microsoft ID”: customer_id “x” is no ID." == line


def test_rows_come_in_order_and_the_file_comes_first() -> None:
    """Errors, warnings and notes of a row together, whatever was found first."""
    twice = RowResult(bad(1, problem(3, "duplicate")).row, Verdict(Outcome.DUPLICATE))
    warned = result(2, Outcome.NOT_ATTEMPTED, warnings=(problem(4, "braces"),))
    notice = problem(None, "encoding")
    told = lines(report(bad(0, problem(2), problem(2, "empty", cell=None)), twice, warned, notices=(notice,)))
    assert [
        "warning: customers.xlsx:",
        "error: customers.xlsx, row 2, Customers!B2",
        "error: customers.xlsx, row 2:",
        "note: customers.xlsx, row 3, Customers!B3",
        "warning: customers.xlsx, row 4, Customers!B4",
    ] == [line.partition(" “Microsoft")[0].partition(" customer_id “")[0] for line in told]


def test_what_occurs_often_is_shown_three_times_and_counted() -> None:
    """Twenty thousand rows of two kinds are eight lines, and the kinds are counted apart."""
    rows = [bad(n, problem(n + 2), problem(n + 2, "bad-zip")) for n in range(20_000)]
    told = lines(report(*rows))
    assert 8 == len(told)
    more = "error: customers.xlsx, rows 5 to 20001: 19,997 more like the three before (customer_id, "
    assert [f"{more}{code})." for code in ("not-a-guid", "bad-zip")] == [
        line for line in told if "more" in line
    ]


def test_one_more_than_three_is_counted_by_its_row() -> None:
    """No range of one row; and what has no field is named by its code."""
    rows = [bad(n, problem(n + 2, field=None)) for n in range(4)]
    assert (
        "error: customers.xlsx, row 5: 1 more like the three before (not-a-guid)." == lines(report(*rows))[-1]
    )


def test_many_remarks_about_a_file_have_no_rows() -> None:
    """They are counted without a place."""
    notices = tuple(problem(None, "two-columns") for _ in range(5))
    assert (
        "warning: customers.xlsx: 2 more like the three before (customer_id, two-columns)."
        == lines(report(notices=notices))[-1]
    )


def test_notes_of_a_run_stand_in_row_order() -> None:
    """Looks come back in any order; the reader goes down the sheet."""
    rows = [result(n, Outcome.APPROVED, name=f"School {n}") for n in range(4)]
    notices = (*(problem(row, "odd", cell=None) for row in (5, 2, 4)), problem(None, "encoding"))
    told = [plain(note) for note in notes_of(report(*rows, notices=notices))]
    assert ["customers.xlsx", "row 2 (School 0)", "row 4 (School 2)", "row 5 (School 3)"] == [
        line.split(": ")[1].rpartition(", ")[2] for line in told
    ]
    assert all(line.startswith("note: ") for line in told)


def test_two_files_of_one_name_are_told_apart() -> None:
    """By their paths, as everywhere."""
    files = tuple(InputFile(path, "5e" * 32, 1, "S", FIELDS) for path in ("a/x.xlsx", "b/x.xlsx"))
    rows = [bad(n, problem(2, source=path)) for n, path in enumerate(("a/x.xlsx", "b/x.xlsx"))]
    told = lines(report(*rows, files=files))
    assert [line.split(", row")[0] for line in told] == ["error: a/x.xlsx", "error: b/x.xlsx"]


def test_an_unknown_source_keeps_its_cell() -> None:
    """What nobody can place is told as it is."""
    [line] = lines(report(bad(0, problem(2, source="stdin"))))
    assert "error: stdin, row 2, B2: " in line


def test_a_missing_column_lists_the_headings() -> None:
    """And says how to name the right one; a cell that is empty needs no such hint."""
    missing = problem(2, "missing-segment", cell=None, field="education_segment")
    hint = headings_hint(report(bad(0, missing)))
    assert "Headings seen: “School”, “Microsoft ID”, “Wish”." in hint
    assert "--map education_segment=HEADING" in hint
    assert "" == headings_hint(report(bad(0, problem(2, "missing-customer-id"))))
    many = report(bad(0, missing), columns=tuple(f"H{n}" for n in range(30)))
    assert "“H19” and 10 more." in headings_hint(many)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_it_fits_any_terminal(width: int) -> None:
    """No line is longer, nothing is lost, and the file is said once."""
    rows = [bad(0, problem(2), name="Northpole School"), bad(1, problem(3))]
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    console.print(on_screen(findings_of(report(*rows, notices=(problem(None, "encoding"),)))))
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert max(map(len, text.splitlines())) <= width
    assert 1 == text.count("customers.xlsx")
    assert "Row 2 (Northpole School)" in " ".join(text.split())


def test_several_files_are_named_at_each_finding() -> None:
    """A terminal shows them one after the other."""
    files = tuple(InputFile(path, "5e" * 32, 1, None, FIELDS) for path in ("a.csv", "b.csv"))
    rows = [bad(n, problem(2, source=path)) for n, path in enumerate(("a.csv", "b.csv"))]
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system=None)
    console.print(on_screen(findings_of(report(*rows, files=files))))
    assert isinstance(console.file, io.StringIO)
    assert "A.csv, row 2" not in console.file.getvalue()
    assert "a.csv, row 2, B2 “Microsoft ID”" in console.file.getvalue()

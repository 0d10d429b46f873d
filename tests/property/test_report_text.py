"""Whatever text stands in a cell, it comes back as it was, and nothing runs."""

from __future__ import annotations

import csv
import json
import re
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from support.report_sample import report_of, result

from batchqual.exceltext import CELL_LIMIT, cell_text
from batchqual.model import Cell, Outcome
from batchqual.report import reconcile, write_report

ANY_TEXT = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("_x0041\x00\x01\r\n\t=+-@'\"<&")),
    max_size=60,
)


def as_excel_reads(stored: str) -> str:
    """Excel's own reading of a stored text: escapes undone from left to right."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), stored)


@given(ANY_TEXT)
def test_excel_shows_the_text_that_was_meant(text: str) -> None:
    """Escaping loses nothing and invents nothing."""
    assert text == as_excel_reads(cell_text(text))


@given(ANY_TEXT, st.integers(500, 2_000))
def test_a_cut_text_is_a_beginning_of_the_whole(text: str, times: int) -> None:
    """However long, the stored form fits, and no escape is cut in two."""
    stored = cell_text(text * times)

    assert len(stored.encode("utf-16-le")) <= 2 * CELL_LIMIT
    assert (text * times).startswith(as_excel_reads(stored))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(ANY_TEXT, st.one_of(st.integers(), st.booleans(), st.none())), min_size=1, max_size=5)
)
def test_every_report_gives_every_row_back(pairs: list[tuple[str, Cell]]) -> None:
    """Workbook, CSV and JSON hold the same rows, and no cell is a formula."""
    rows = [result(place, Outcome.APPROVED, values=pair) for place, pair in enumerate(pairs)]
    report = report_of(*rows, columns=("Text", "Other"))
    with tempfile.TemporaryDirectory() as folder:
        book = load_workbook(write_report(report, Path(folder) / "r.xlsx"))["Results"]
        in_json = json.loads(write_report(report, Path(folder) / "r.json").read_text(encoding="utf-8"))[
            "rows"
        ]
        with write_report(report, Path(folder) / "r.csv").open(encoding="utf-8-sig", newline="") as file:
            in_csv = list(csv.reader(file))[1:]

    assert [text for text, _ in pairs] == [
        as_excel_reads(str(book.cell(n + 2, 1).value or "")) for n in range(len(pairs))
    ]
    assert all(cell.data_type != "f" for row in book.iter_rows() for cell in row)
    assert [{"Text": text, "Other": other} for text, other in pairs] == [row["input"] for row in in_json]
    assert [text for text, _ in pairs] == [plain_of(row[0]) for row in in_csv]


def plain_of(field: str) -> str:
    """A CSV field without the apostrophe that keeps it from running."""
    return field[1:] if re.match(r"'[=+\-@\t\r]", field) else field


@given(st.lists(st.sampled_from(list(Outcome)), max_size=200))
def test_the_outcomes_always_sum_up_to_the_rows(outcomes: list[Outcome]) -> None:
    """Whatever the mixture."""
    counts = reconcile(len(outcomes), [result(place, outcome) for place, outcome in enumerate(outcomes)])

    assert len(outcomes) == sum(counts.values())
    assert {outcome: outcomes.count(outcome) for outcome in Outcome} == counts

"""The work for a sheet goes with its rows, not with their square: counted in steps, not in seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import SupportsIndex, overload

import pytest
from support.ledgers import customer, education, gcc

from batchqual.ingest.crossrow import compare_claims, compare_rows
from batchqual.ingest.fillhandle import counted_up
from batchqual.ingest.layout import lay_out
from batchqual.ingest.reading import Reading
from batchqual.ingest.table import RawTable
from batchqual.model import InputRow, QualificationRequest

A, B = customer(1), customer(2)
MANY = 200
AS_OFTEN = 30
"""How often a row is taken up at most, however many there are."""


class Counting(list[InputRow]):
    """Rows that count how often one of them is taken up."""

    taken = 0

    @overload
    def __getitem__(self, index: SupportsIndex) -> InputRow: ...

    @overload
    def __getitem__(self, index: slice) -> list[InputRow]: ...

    def __getitem__(self, index: SupportsIndex | slice) -> InputRow | list[InputRow]:
        self.taken += 1
        return super().__getitem__(index)


def rows(asked: Callable[[int], QualificationRequest]) -> Counting:
    """Many rows, each of which asks for something."""
    return Counting(
        InputRow(position, "customers.csv", position + 2, (), asked(position)) for position in range(MANY)
    )


def gcc_by_domain(domain: str, code: str) -> QualificationRequest:
    """A row whose customer nobody has looked up."""
    return replace(gcc(1), customer_id="", domain=domain, validation_code=code)


SHEETS = {
    "one customer, a code each": lambda n: replace(gcc(1), validation_code=str(n)),
    "Education and GCC in turn": lambda n: gcc(1) if n % 2 else education(1),
    "one row, again and again": lambda n: education(1),
    "one domain, beside and without IDs": lambda n: (
        replace(education(n + 1), claim="one.example") if n % 2 else gcc_by_domain("one.example", str(n))
    ),
    "one customer beside every domain": lambda n: (
        replace(education(1), claim=f"d{n}.example") if n % 2 else gcc_by_domain(f"d{n + 1}.example", "1")
    ),
}


@pytest.mark.parametrize("asked", [pytest.param(one, id=name) for name, one in SHEETS.items()])
def test_each_row_is_taken_up_a_few_times(asked: Callable[[int], QualificationRequest]) -> None:
    """And what is said of it names a few rows, however many contradict it."""
    sheet = rows(asked)
    compare_rows(sheet)
    compare_claims(sheet)
    assert sheet.taken <= AS_OFTEN * MANY
    said = [problem.message for row in list(sheet) for problem in row.problems]
    assert all(len(message) < 300 for message in said)


def test_what_contradicts_is_named_with_how_many_more() -> None:
    """The first five that are not the row itself."""
    sheet = rows(SHEETS["one customer, a code each"])
    compare_rows(sheet)
    said = [row.problems[0].message for row in (sheet[0], sheet[3], sheet[MANY - 1])]
    assert "row 3, row 4, row 5, row 6, row 7 and 194 more;" in said[0]
    assert "row 2, row 3, row 4, row 6, row 7 and 194 more;" in said[1]
    assert "row 2, row 3, row 4, row 5, row 6 and 194 more;" in said[2]


def test_rows_beside_a_domain_that_was_not_looked_up_contradict_all_that_wait_for_it() -> None:
    """On both sides, in the sheet's order; the customers are not held against each other."""
    sheet = rows(SHEETS["one domain, beside and without IDs"])
    compare_claims(sheet)
    assert {"conflict"} == {row.preset for row in list(sheet)}
    assert "a row for GCC (row 2, row 4, row 6, row 8, row 10 and 95 more)" in sheet[1].problems[0].message
    assert ["education-with-gcc"] == [problem.code for problem in sheet[0].problems]
    two = rows(lambda n: replace(education(n + 1), claim="one.example", segment=None if n else "K12"))  # type: ignore[arg-type] # a segment is its text
    compare_claims(two)
    assert {None} == {row.preset for row in list(two)}


def test_a_row_that_counts_up_is_told_once() -> None:
    """However long the run is; the first of it is not told, and two are no run."""
    table = RawTable("customers.csv", "", delimiter=",")
    codes = ["900001", *map(str, range(500_000, 500_000 + MANY)), "7", "8"]
    for number, cells in enumerate(
        [("customer_id", "qualification", "code"), *((A, "GCC", c) for c in codes)]
    ):
        table.numbers.append(number + 1)
        table.cells.append(cells)
    layout = lay_out(table, Reading(mapping={"validation_code": "code", "customer_id": "customer_id"}))
    assert list(range(3, MANY + 2)) == list(counted_up(layout, "validation_code"))
    assert [] == list(counted_up(layout, "domain"))

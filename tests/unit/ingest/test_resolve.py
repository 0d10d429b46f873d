"""Rows by domain, after the look-up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from support.sheets import csv_file, customer, intake

from batchqual.ingest import domains_of, recalled, resolved
from batchqual.model import InputRow, Intake, Outcome, Verdict

A, B = customer(1), customer(2)
HEADINGS = ("customer_id", "domain", "qualification", "education_segment", "validation_code", "website")
KNOWN = {"a.example": A, "b.example": B}
UNKNOWN = Verdict(Outcome.INVALID, error_code="unknown-domain", error_message="nobody's.")
UNREAD = Verdict(Outcome.FAILED, error_code="lookup-failed", error_message="could not be looked up.")


def sheet(folder: Path, *rows: tuple[str, ...], name: str = "customers.csv") -> str:
    return csv_file(
        folder, [HEADINGS, *((*row, *[""] * (len(HEADINGS) - len(row))) for row in rows)], name=name
    )


def after(
    read: Intake,
    found: Mapping[str, str | Verdict] = KNOWN,
    claims: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[InputRow, ...]:
    """The rows after this look-up."""
    return resolved(read, found, claims).rows


def codes(row: InputRow) -> list[str]:
    return [problem.code for problem in row.problems]


def test_each_domain_is_looked_up_once_in_input_order(tmp_path: Path) -> None:
    """Not those beside an id, and not those of invalid rows."""
    read = intake(
        sheet(
            tmp_path,
            ("", "b.example", "SOE"),
            ("", "a.example", "SOE"),
            ("", "B.example", "EDU", "K12"),
            (A, "c.example", "SOE"),
            ("", "d.example", "Charity"),
        )
    )
    assert ("b.example", "a.example") == domains_of(read)


def test_an_input_by_ids_alone_is_left_as_it_is(tmp_path: Path) -> None:
    """There is nothing to look up, and nothing is compared again."""
    read = intake(sheet(tmp_path, (A, "", "SOE")))
    assert read is resolved(read, {})


def test_the_customer_takes_the_place_of_the_domain(tmp_path: Path) -> None:
    """The request names the customer; what the user wrote stays, and so does the claim of the domain."""
    [row] = after(intake(sheet(tmp_path, ("", "A.example", "SOE"))))
    assert row.request
    assert (A, "a.example", A) == (row.request.customer_id, row.request.domain, row.customer_id)
    assert ("", "A.example") == row.values[:2]


@pytest.mark.parametrize("order", [1, -1])
def test_a_row_by_domain_and_a_row_by_id_are_of_one_customer(tmp_path: Path, order: int) -> None:
    """The later one is the duplicate, whichever it is."""
    rows = [("", "a.example", "SOE"), (A, "", "SOE")][::order]
    first, second = after(intake(sheet(tmp_path, *rows)))
    assert (None, Outcome.DUPLICATE) == (first.preset, second.preset)
    assert "the same as customers.csv row 2." == second.problems[0].message


@pytest.mark.parametrize("order", [1, -1])
def test_contradictions_between_a_domain_and_an_id_are_conflicts(tmp_path: Path, order: int) -> None:
    """Another segment, and Education with GCC, in any order."""
    rows = [
        ("", "a.example", "EDU", "K12"),
        (A, "", "EDU", "HigherEducation"),
        ("", "b.example", "GCC", "", "123456"),
        (B, "", "EDU", "K12"),
    ][::order]
    found = after(intake(sheet(tmp_path, *rows)))
    assert [Outcome.CONFLICT] * 4 == [row.preset for row in found]
    assert [["content-differs"]] * 2 + [["education-with-gcc"]] * 2 == [codes(row) for row in found][::order]


def test_two_domains_of_one_customer_are_compared_again(tmp_path: Path) -> None:
    """What was said before the look-up is said again once, not twice."""
    read = intake(
        sheet(
            tmp_path,
            ("", "a.example", "EDU", "K12", "", "one.example"),
            ("", "a.example", "EDU", "K12", "", "two.example"),
            ("", "b.example", "EDU", "K12", "", "one.example"),
        )
    )
    rows = after(read, {"a.example": A, "b.example": A})
    assert [None, Outcome.DUPLICATE, Outcome.DUPLICATE] == [row.preset for row in rows]
    assert [["duplicate"]] * 2 == [codes(row) for row in rows[1:]]
    assert ["website-differs", "domain-differs"] == [one.code for row in rows for one in row.warnings]


def test_a_domain_that_names_nobody_makes_its_rows_invalid(tmp_path: Path) -> None:
    """With the cell, and without a say in what becomes of other rows."""
    rows = after(
        intake(sheet(tmp_path, ("", "x.example", "SOE"), ("", "x.example", "SOE"), ("", "a.example", "SOE"))),
        {**KNOWN, "x.example": UNKNOWN},
    )
    assert [Outcome.INVALID, Outcome.INVALID, None] == [row.preset for row in rows]
    assert [None, None] == [row.request for row in rows[:2]]
    [problem] = rows[1].problems
    assert ("unknown-domain", "customers.csv", 3, "B3", "domain", "x.example") == (
        problem.code,
        problem.source,
        problem.row,
        problem.cell,
        problem.field,
        problem.value,
    )
    assert "customers.csv, B3: nobody's." == problem.sentence


def test_of_several_files_the_row_is_named(tmp_path: Path) -> None:
    """Their columns were joined, so that the cell is not known any more."""
    files = [sheet(tmp_path, ("", "x.example", "SOE"), name=name) for name in ("one.csv", "two.csv")]
    _, second = after(intake(*files), {"x.example": UNKNOWN})
    assert "two.csv, row 2: nobody's." == second.problems[0].sentence


def test_a_list_that_cannot_be_read_decides_what_no_other_row_does(tmp_path: Path) -> None:
    """The first row fails and goes on waiting for its customer; what the sheet settles stays settled."""
    rows = after(
        intake(
            sheet(
                tmp_path,
                ("", "x.example", "SOE"),
                ("", "x.example", "SOE"),
                ("", "y.example", "EDU", "K12"),
                ("", "y.example", "GCC", "", "123456"),
            )
        ),
        {"x.example": UNREAD, "y.example": UNREAD},
    )
    expected = [Outcome.FAILED, Outcome.DUPLICATE, Outcome.CONFLICT, Outcome.CONFLICT]
    assert expected == [row.preset for row in rows]
    assert ["lookup-failed"] == codes(rows[0])
    assert all(row.request and row.request.needs_lookup for row in rows)


def test_a_domain_that_nobody_looked_up_is_no_customer(tmp_path: Path) -> None:
    """Whoever looks has to answer for every domain."""
    with pytest.raises(KeyError):
        resolved(intake(sheet(tmp_path, ("", "a.example", "SOE"))), {})


@pytest.mark.parametrize("order", [1, -1])
def test_a_row_with_another_customers_domain_is_a_conflict_and_no_first_of_any(
    tmp_path: Path, order: int
) -> None:
    """Whether the domain was looked up for this row or for another; the sound row of the customer goes on."""
    rows = [(A, "b.example", "SOE"), ("", "a.example", "SOE"), (A, "", "SOE")][::order]
    found = after(intake(sheet(tmp_path, *rows)), claims={"b.example": (B,)})
    assert [Outcome.CONFLICT, None, Outcome.DUPLICATE] == sorted(
        (row.preset for row in found), key=lambda one: (one is Outcome.DUPLICATE, one is None)
    )
    [wrong] = [row for row in found if row.preset is Outcome.CONFLICT]
    assert (["domain-differs"], "B") == (codes(wrong), (wrong.problems[0].cell or "")[0])
    rows = [(A, "b.example", "SOE"), ("", "b.example", "SOE")][::order]
    found = after(intake(sheet(tmp_path, *rows)))[::order]
    assert [Outcome.CONFLICT, None] == [row.preset for row in found]
    assert f"another customer ({B})" in found[0].problems[0].message


def test_a_domain_that_is_nobodys_is_a_warning_of_its_row(tmp_path: Path) -> None:
    """The row goes by its ID; what nobody looked up, and what is settled in the sheet, is no matter."""
    read = intake(
        sheet(
            tmp_path,
            (A, "school.example", "SOE"),
            (A, "school.example", "SOE"),
            (A, "a.example", "EDU", "K12"),
            (B, "b.example", "SOE"),
            (B, "unread.example", "EDU", "K12"),
        )
    )
    found = resolved(read, {}, {"school.example": (), "a.example": (A,), "b.example": (B,)})
    assert [None, Outcome.DUPLICATE, None, None, None] == [row.preset for row in found.rows]
    assert ["domain-of-nobody"] == [warning.code for row in found.rows for warning in row.warnings]
    [warning] = found.rows[0].warnings
    assert "customers.csv, B2: “school.example” is the default domain of none" in warning.sentence
    assert () == found.notices


@pytest.mark.parametrize(
    ("strange", "sound", "warnings", "notices"),
    [
        pytest.param(1, 0, 1, 0, id="a single row"),
        pytest.param(1, 1, 1, 0, id="half of two"),
        pytest.param(2, 1, 0, 1, id="most of three"),
        pytest.param(50, 50, 50, 0, id="half of a hundred"),
        pytest.param(51, 60, 0, 1, id="more than fifty"),
    ],
)
def test_domains_that_are_nobodys_are_told_once_where_they_are_many(
    strange: int, sound: int, warnings: int, notices: int, tmp_path: Path
) -> None:
    """Once for the file, with how many, and the first three by row and domain."""
    rows = [(customer(n), f"d{n}.example", "SOE") for n in range(strange + sound)]
    claims = {f"d{n}.example": () if n < strange else (customer(n),) for n in range(strange + sound)}
    found = resolved(intake(sheet(tmp_path, *rows)), {}, claims)
    assert (warnings, notices) == (sum(len(row.warnings) for row in found.rows), len(found.notices))
    for notice in found.notices:
        assert f"in {strange} of {strange + sound} rows" in notice.sentence
        assert "rows 2 (d0.example), 3 (d1.example)" in notice.sentence
        assert ("and 48 more" in notice.sentence) is (strange == 51)


def test_a_row_with_a_wrong_domain_still_contradicts(tmp_path: Path) -> None:
    """Which of its cells is right nobody knows, so nothing is sent that was a conflict before."""
    rows = [
        (A, "b.example", "EDU", "K12"),
        (A, "", "EDU", "HigherEducation"),
        ("", "b.example", "SOE"),
    ]
    found = after(intake(sheet(tmp_path, *rows)))
    assert [Outcome.CONFLICT, Outcome.CONFLICT, None] == [row.preset for row in found]
    assert [["domain-differs", "content-differs"], ["content-differs"]] == [codes(row) for row in found[:2]]


@pytest.mark.parametrize("order", [1, -1])
def test_what_was_not_looked_up_contradicts_an_id_with_the_same_domain(tmp_path: Path, order: int) -> None:
    """And all rows of that ID; but it is no duplicate, and a row by another ID is not concerned."""
    rows = [
        (A, "x.example", "SOE"),
        (A, "", "EDU", "K12"),
        ("", "x.example", "GCC", "", "123456"),
        ("", "x.example", "SOE"),
        (B, "", "EDU", "K12"),
    ][::order]
    found = after(intake(sheet(tmp_path, *rows)), {"x.example": UNREAD})[::order]
    expected = [None, Outcome.CONFLICT, Outcome.CONFLICT, Outcome.FAILED, None]
    assert expected == [row.preset for row in found]


def test_what_is_known_already_takes_its_place_and_the_rest_goes_on_waiting(tmp_path: Path) -> None:
    """As far as the ledger tells, before anybody is asked."""
    read = intake(sheet(tmp_path, ("", "a.example", "SOE"), (A, "", "SOE"), ("", "b.example", "SOE")))
    assert read is recalled(read, {})
    first, second, third = recalled(read, {"a.example": A}).rows
    assert (A, Outcome.DUPLICATE, None) == (first.customer_id, second.preset, third.preset)
    assert third.request
    assert third.request.needs_lookup

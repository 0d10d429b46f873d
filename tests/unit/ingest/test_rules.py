"""The rules of one row, and of rows against each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.sheets import HEADINGS, csv_file, customer, intake, rows_of, sole

from batchqual.model import EducationSegment, InputRow, Qualification, QualificationRequest

A, B, C = customer(1), customer(2), customer(3)


def codes(row: InputRow) -> list[str]:
    return [problem.code for problem in row.problems]


def warned(row: InputRow) -> list[str]:
    return [warning.code for warning in row.warnings]


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        pytest.param(
            (A, "Education", "K12", "", "https://s.example", "S"),
            QualificationRequest(A, Qualification.EDUCATION, EducationSegment.K12, "https://s.example"),
            id="education",
        ),
        pytest.param(
            (f"{{{A.upper()}}}", "gcc", "", "012345", "", "S"),
            QualificationRequest(A, Qualification.GCC, validation_code="012345"),
            id="gcc",
        ),
        pytest.param((A, "SOE", "", "", "", "S"), QualificationRequest(A, Qualification.SOE), id="soe"),
    ],
)
def test_a_sound_row_is_a_request(tmp_path: Path, row: tuple[str, ...], wanted: QualificationRequest) -> None:
    """Everything in its place, nothing to remark."""
    found = sole(tmp_path, *row)
    assert (wanted, None, (), ()) == (found.request, found.preset, found.problems, found.warnings)


def test_every_problem_of_a_row_is_told_at_once_with_its_cell(tmp_path: Path) -> None:
    """Field, A1 reference, row, value, rule and an accepted example, for each."""
    found = sole(tmp_path, "x", "Education", "Museum", "", "our site", "S")
    assert found.preset == "invalid"
    assert found.request is None
    assert [("A2", "customer_id"), ("C2", "education_segment"), ("E2", "website")] == [
        (problem.cell, problem.field) for problem in found.problems
    ]
    assert all(p.row == 2 and p.value and p.example and p.source == "customers.csv" for p in found.problems)


@pytest.mark.parametrize(
    ("row", "said", "expected"),
    [
        pytest.param(("", "SOE", "", "", "", "S"), {}, ["missing-customer-id"], id="no-id"),
        pytest.param((A, "", "", "", "", "S"), {}, ["missing-qualification"], id="no-qualification"),
        pytest.param((A, "EDU", "", "", "", "S"), {}, ["missing-segment"], id="no-segment"),
        pytest.param((A, "EDU", "N/A", "", "", "S"), {}, ["missing-segment"], id="placeholder-segment"),
        pytest.param((A, "EDU", "", "", "", "S"), {"segment_required": False}, [], id="segment-not-asked"),
        pytest.param(
            (A, "EDU", "", "", "", "S"), {"education_segment": EducationSegment.K12}, [], id="default"
        ),
        pytest.param((A, "GCC", "", "", "", "S"), {}, ["missing-code"], id="no-code"),
        pytest.param((A, "GCC", "", "0", "", "S"), {}, ["missing-code"], id="looked-up-zero"),
        pytest.param((A, "", "", "", "", "S"), {"qualification": Qualification.SOE}, [], id="default-wish"),
        pytest.param((A, "None", "", "", "", "S"), {}, ["cannot-be-set"], id="none"),
        pytest.param((A, "SOE", "", "", "", "S"), {"partner_id": A}, ["partner-tenant"], id="partner"),
        pytest.param(
            (A, "SOE", "", "", "", "S"),
            {"partner_id": f"{{{A.upper()}}}"},
            ["partner-tenant"],
            id="partner-form",
        ),
        pytest.param(
            ("#REF!", "#VALUE!", "", "", "", "S"), {}, ["error-cell", "error-cell"], id="excel-errors"
        ),
        pytest.param(
            (A, "x", "Museum", "12,345", "", "S"),
            {},
            ["unknown-qualification", "neither-segment", "grouped-digits"],
            id="unknown-wish",
        ),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    tmp_path: Path, row: tuple[str, ...], said: dict[str, object], expected: list[str]
) -> None:
    """A stable word for each rule."""
    assert expected == codes(sole(tmp_path, *row, **said))


def test_a_missing_segment_names_the_ways_out(tmp_path: Path) -> None:
    """The option for all rows, and the APIs that ask for none."""
    (problem,) = sole(tmp_path, A, "EDU", "", "", "", "").problems
    assert "--education-segment" in problem.message
    assert "--api" in problem.message


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param(
            (A, "GCC", "K12", "123", "www.s.example", "S"), ["segment-ignored", "website-ignored"], id="gcc"
        ),
        pytest.param((A, "EDU", "K12", "123", "", "S"), ["code-ignored"], id="education"),
        pytest.param(
            (A, "SOE", "K12", "123", "x", "S"),
            ["segment-ignored", "website-ignored", "code-ignored"],
            id="soe",
        ),
        pytest.param(
            (A.replace("-", ""), "1", "K12", "", "", "S"),
            ["hyphens-missing", "numbered-qualification"],
            id="forms",
        ),
    ],
)
def test_what_does_not_belong_to_the_wish_is_ignored_aloud(
    tmp_path: Path, row: tuple[str, ...], expected: list[str]
) -> None:
    """The row is sent without it, and a warning says so."""
    found = sole(tmp_path, *row)
    assert found.request
    assert expected == warned(found)


def test_an_odd_segment_is_a_warning_where_none_is_asked_for(tmp_path: Path) -> None:
    """The older APIs send no segment."""
    found = sole(tmp_path, A, "EDU", "Museum", "", "", "S", segment_required=False)
    assert found.request
    assert found.request.segment is None
    assert ["neither-segment"] == warned(found)


def test_a_code_is_masked_in_messages(tmp_path: Path) -> None:
    """Only the last two characters are shown."""
    (problem,) = sole(tmp_path, A, "GCC", "", "Code: 9876543", "", "S").problems
    assert "98765" not in problem.message + str(problem.value)
    assert str(problem.value).endswith("43")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param(("", "contoso.example"), ("", "contoso.example"), id="the domain alone"),
        pytest.param(("N/A", "CONTOSO.example."), ("", "contoso.example"), id="a placeholder for the ID"),
        pytest.param(("", "contoso"), ("", "contoso.onmicrosoft.com"), id="the first part alone"),
        pytest.param((A, "Contoso.example"), (A, "contoso.example"), id="both"),
        pytest.param((A, "n/a"), (A, None), id="the ID alone"),
        pytest.param(("", "a@contoso.example"), ["address-not-domain"], id="an address"),
        pytest.param((A, "a@contoso.example"), ["address-not-domain"], id="an address beside the ID"),
        pytest.param(("contoso", "contoso.example"), ["not-a-guid"], id="an ID that is none"),
        pytest.param(("", "n/a"), ["missing-customer-id"], id="neither"),
    ],
)
def test_a_row_names_its_customer_by_id_or_by_domain(
    tmp_path: Path, cells: tuple[str, str], expected: tuple[str, str | None] | list[str]
) -> None:
    """A domain alone is sound and waits for its look-up; what is written must be right in either cell."""
    path = csv_file(tmp_path, [("customer_id", "domain", "qualification"), (*cells, "SOE")])
    (row,) = intake(path).rows
    asked = row.request
    assert expected == ((asked.customer_id, asked.domain or asked.claim) if asked else codes(row))
    assert asked is None or asked.needs_lookup is (not asked.customer_id) is bool(asked.domain)


def test_a_sheet_with_domains_and_no_ids_has_sound_rows(tmp_path: Path) -> None:
    """The heading is usable without a column of IDs."""
    (row,) = intake(csv_file(tmp_path, [("Primary domain", "qualification"), ("a.example", "SOE")])).rows
    assert ([], None) == (codes(row), row.preset)


def test_before_the_look_up_the_same_domain_is_the_same_customer(tmp_path: Path) -> None:
    """Duplicates, contradictions, and Education with GCC are found among rows by domain."""
    headings = ("customer_id", "domain", "qualification", "education_segment", "validation_code")
    rows = [
        ("", "a.example", "EDU", "K12", ""),
        ("", "A.example", "EDU", "K12", ""),
        ("", "b.example", "EDU", "K12", ""),
        ("", "b.example", "EDU", "HigherEducation", ""),
        ("", "c.example", "EDU", "K12", ""),
        ("", "c.example", "GCC", "", "123456"),
        (A, "a.example", "EDU", "K12", ""),
    ]
    found = intake(csv_file(tmp_path, [headings, *rows])).rows
    assert [None, "duplicate", *["conflict"] * 4, None] == [row.preset for row in found]
    assert [["content-differs"]] * 2 + [["education-with-gcc"]] * 2 == [codes(row) for row in found[2:6]]


def test_the_rows_own_words_are_kept_where_no_request_is(tmp_path: Path) -> None:
    """The report shows what stood there."""
    found = sole(tmp_path, " broken ", "Educaton", "", "", "", " School ")
    assert ("broken", "Educaton", "School") == (found.customer_id, found.qualification, found.customer_name)


def test_ids_that_a_fill_handle_counted_up_are_invalid_from_the_second_on(tmp_path: Path) -> None:
    """Three sound-looking rows, of which somebody entered one."""
    start = "7f3b2c1d-0000-4000-8000-0000000000a"
    rows = rows_of(
        tmp_path,
        *[(f"{start}{n}", "SOE", "", "", "", "S") for n in (7, 8, 9, 10)],
        (B, "SOE", "", "", "", ""),
    )
    assert [None, "invalid", "invalid", "invalid", None] == [row.preset for row in rows]
    assert ["counted-up"] == codes(rows[1])
    assert ["counted-up"] == codes(rows[3])[:1]


@pytest.mark.parametrize(
    ("values", "counted"),
    [
        pytest.param(("12345", "12346", "12347"), [False, True, True], id="three"),
        pytest.param(("99999", "100000", "100001"), [False, True, True], id="carry"),
        pytest.param(("12345", "12346", "99"), [False, False, False], id="two-are-chance"),
        pytest.param(("12345", "12345", "12345"), [False, False, False], id="one-code-for-many"),
        pytest.param(("AB7", "AB8", "AB9"), [False, True, True], id="letters-first"),
        pytest.param(("12345.0", "12346", "12347"), [False, False, False], id="not-the-same-form"),
    ],
)
def test_codes_that_count_up_are_warned_about(
    tmp_path: Path, values: tuple[str, ...], counted: list[bool]
) -> None:
    """One code serves many customers; codes that count up are a filled-down cell."""
    rows = rows_of(tmp_path, *[(customer(n), "GCC", "", code, "", "S") for n, code in enumerate(values)])
    assert counted == ["counted-up" in warned(row) for row in rows]
    assert all(row.request for row in rows)


def test_a_code_shorter_than_siblings_with_zeros_is_warned_about(tmp_path: Path) -> None:
    """Excel has eaten its zero; codes with letters are left alone."""
    values = ("012345", "12345", "NOTREAL", "0123")
    rows = rows_of(tmp_path, *[(customer(n), "GCC", "", code, "", "S") for n, code in enumerate(values)])
    assert [[], ["zeros-dropped"], [], []] == [warned(row) for row in rows]


def test_rule_6_the_same_content_is_a_duplicate_of_the_first_valid_row(tmp_path: Path) -> None:
    """Case, braces and blanks do not make a difference; the earlier row is named."""
    rows = rows_of(
        tmp_path,
        ("broken", "EDU", "K12", "", "", "S"),
        (A, "Education", "K12", "", "", "S"),
        (f" {{{A.upper()}}}", "edu", "k-12", "", "", "Other name"),
        (A, "EDU", "K 12", "", "", "S"),
    )
    assert ["invalid", None, "duplicate", "duplicate"] == [row.preset for row in rows]
    assert "the same as customers.csv row 3." == rows[2].problems[0].message
    assert rows[3].request


def test_rule_6_another_segment_or_code_makes_all_of_them_conflicts(tmp_path: Path) -> None:
    """None is sent until they agree, the equal ones included."""
    rows = rows_of(
        tmp_path,
        (A, "EDU", "K12", "", "", ""),
        (A, "EDU", "HigherEducation", "", "", ""),
        (A, "EDU", "K12", "", "", ""),
        (B, "GCC", "", "123456", "", ""),
        (B, "GCC", "", "654321", "", ""),
        (C, "GCC", "", "123456", "", ""),
    )
    assert ["conflict"] * 5 + [None] == [row.preset for row in rows]
    assert {"content-differs"} == {code for row in rows for code in codes(row)}
    assert "row 3, row 4" in rows[0].problems[0].message


def test_rule_6_only_another_website_is_a_duplicate_with_a_warning(tmp_path: Path) -> None:
    """The first row's website is the one that is sent."""
    first, second = rows_of(
        tmp_path, (A, "EDU", "K12", "", "a.example", ""), (A, "EDU", "K12", "", "b.example", "")
    )
    assert (None, "duplicate", ["website-differs"]) == (first.preset, second.preset, warned(second))


def test_another_domain_of_a_duplicate_is_a_warning(tmp_path: Path) -> None:
    """Only the first row's domain is compared with the service's."""
    rows = [("customer_id", "domain", "qualification"), (A, "a.example", "SOE"), (A, "b.example", "SOE")]
    assert ["domain-differs"] == warned(intake(csv_file(tmp_path, rows)).rows[1])


@pytest.mark.parametrize(
    "order", [("EDU", "GCC", "SOE", "EDU"), ("SOE", "GCC", "EDU", "EDU"), ("EDU", "EDU", "SOE", "GCC")]
)
def test_rule_7_education_with_gcc_is_a_conflict_in_any_order(tmp_path: Path, order: tuple[str, ...]) -> None:
    """Both, duplicates included; StateOwnedEntity goes with either."""
    rows = rows_of(
        tmp_path, *[(A, wish, "K12", "123456", "", "") for wish in order], (B, "EDU", "K12", "", "", "")
    )
    expected = [None if wish == "SOE" else "conflict" for wish in order]
    assert [*expected, None] == [row.preset for row in rows]
    assert {"education-with-gcc"} == {code for row in rows for code in codes(row)}


def test_duplicates_are_found_across_files(tmp_path: Path) -> None:
    """The earlier file's row is named; files of one name are told apart by their paths."""
    (tmp_path / "b").mkdir()
    row = (A, "SOE", "", "", "", "")
    one, two = csv_file(tmp_path, [HEADINGS, row]), csv_file(tmp_path / "b", [HEADINGS, row])
    found = intake(one, two).rows
    assert [None, "duplicate"] == [row.preset for row in found]
    assert f"the same as {one} row 2." == found[1].problems[0].message
    assert [0, 1] == [row.position for row in found]


def test_many_contradictions_are_told_in_few_words(tmp_path: Path) -> None:
    """No more than five places are listed."""
    rows = rows_of(
        tmp_path, *[(A, "GCC", "", f"{n * 37}99", "", "") for n in range(1, 9)], (B, "SOE", "", "", "", "")
    )
    assert "and 2 more" in rows[0].problems[0].message

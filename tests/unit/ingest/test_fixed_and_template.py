"""The repaired copy, and the workbook to begin with."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.sheets import HEADINGS, csv_file, customer, intake, xlsx_file

from batchqual import ingest
from batchqual.ingest import parse_mapping, parse_qualification, parse_segment, write_fixed, write_template
from batchqual.model import Cell, EducationSegment, Intake, Qualification

A, B, C = customer(1), customer(2), customer(3)
MESS = [
    (*HEADINGS, "Notes", "When"),
    (
        f" {{{A.upper()}}} ",
        "edu",
        "Primary & Secondary Education / K-12",
        "",
        "www.a.example",
        " Ann ",
        "=1+1",
        "x",
    ),
    (B.replace("-", "\u2011"), "Government_community_cloud", "", "12345.0", "", "Bo\x0b_x000B_", "", ""),
    ("broken", "Nonprofit", "", "", "", "", "keep", ""),
    (C, "SOE", "", "", "", "", "", ""),
    (C, "SOE", "", "", "", "", "", ""),
    (customer(5), "GCC", "", "Code: 123456", "", "", "", ""),
    (customer(6), "n/a", "", "", "", "", "", ""),
]


def problems(found: Intake) -> list[str]:
    return [problem.code for row in found.rows for problem in row.problems]


def test_a_repaired_copy_reads_the_same_or_better(tmp_path: Path) -> None:
    """Same requests, no more problems, and the user's own cells unharmed."""
    before = intake(csv_file(tmp_path, MESS))
    after = intake(str(write_fixed(before, tmp_path / "fixed.xlsx")))
    assert [row.request for row in before.rows] == [row.request for row in after.rows]
    assert problems(before) == problems(after)
    assert (*before.columns, "Problem (batchqual)") == after.columns
    assert (A, "Education", "K12", None, "www.a.example", "Ann", "=1+1", "x") == after.rows[0].values[:8]
    assert (B, "GovernmentCommunityCloud", "12345", "Bo\x0b_x000B_") == tuple(
        after.rows[1].values[i] for i in (0, 1, 3, 5)
    )
    assert (None, None) == (after.rows[0].values[-1], after.rows[1].values[-1])


def test_what_cannot_be_repaired_is_marked_and_left(tmp_path: Path) -> None:
    """A red cell, a note, and words at the end of the row; a code is masked there."""
    path = write_fixed(intake(csv_file(tmp_path, MESS)), tmp_path / "fixed.xlsx")
    sheet = load_workbook(path)["Customers"]
    assert ("broken", "FFFFD9D9") == (sheet["A4"].value, sheet["A4"].fill.fgColor.rgb)
    assert sheet["A4"].comment
    assert "not a customer ID" in sheet["A4"].comment.text
    assert "not a customer ID" in str(sheet["I4"].value)
    assert "Nonprofit" in str(sheet["I4"].value)
    assert str(sheet["I6"].value).startswith("Not an error: the same as customers.csv row 5.")
    assert "Code: 1234" not in str(sheet["I7"].value)
    assert "Code: 123456" == sheet["D7"].value


def test_texts_are_text_cells_and_nothing_is_a_formula(tmp_path: Path) -> None:
    """IDs and codes keep their form when the copy is opened and saved."""
    sheet = load_workbook(write_fixed(intake(csv_file(tmp_path, MESS)), tmp_path / "fixed.xlsx"))["Customers"]
    assert ("=1+1", "s") == (sheet["G2"].value, sheet["G2"].data_type)
    assert ("12345", "@") == (sheet["D3"].value, sheet["D3"].number_format)


def test_a_copy_of_a_copy_is_the_same(tmp_path: Path) -> None:
    """The column of problems is written anew, not twice."""
    once = intake(str(write_fixed(intake(csv_file(tmp_path, MESS)), tmp_path / "one.xlsx")))
    twice = intake(str(write_fixed(once, tmp_path / "two.xlsx")))
    assert once.columns == twice.columns
    assert [row.request for row in once.rows] == [row.request for row in twice.rows]


def test_native_cells_stay_native(tmp_path: Path) -> None:
    """Dates of the user's own columns stay dates; a wrong one in our columns is marked as it is."""
    rows: list[tuple[Cell, ...]] = [
        (*HEADINGS, "When"),
        (True, date(2024, 1, 2), None, 1.5, None, None, date(2024, 1, 2)),
    ]
    before = intake(xlsx_file(tmp_path, rows))
    after = intake(str(write_fixed(before, tmp_path / "fixed.xlsx")))
    assert (True, date(2024, 1, 2), None, 1.5) == after.rows[0].values[:4]
    assert (date(2024, 1, 2), problems(before)) == (after.rows[0].values[6], problems(after))


def test_several_files_become_one_sheet(tmp_path: Path) -> None:
    """Columns that hold the same field under two names become one."""
    one = csv_file(tmp_path, [("customer_id", "qualification", "Notes"), (A, "soe", "x")], name="one.csv")
    two = csv_file(tmp_path, [("Microsoft ID", "qualification"), (B.upper(), "SOE")], name="two.csv")
    after = intake(str(write_fixed(intake(one, two), tmp_path / "fixed.xlsx")))
    assert ("customer_id", "qualification", "Notes", "Problem (batchqual)") == after.columns
    assert [A, B] == [row.customer_id for row in after.rows]


def test_a_line_with_surplus_fields_stays_unsent_in_the_copy(tmp_path: Path) -> None:
    """Its values may stand in the wrong columns until somebody has looked."""
    path = csv_file(tmp_path, [HEADINGS, (A, "SOE", "", "", "", "City", " Inc")])
    after = intake(str(write_fixed(intake(path), tmp_path / "fixed.xlsx")))
    assert ["too-many-fields"] == problems(after)


def test_a_prefix_of_a_domain_is_not_completed_in_silence(tmp_path: Path) -> None:
    """The copy keeps the warning."""
    heading = ("customer_id", "domain", "qualification")
    before = intake(csv_file(tmp_path, [heading, (A, "contoso", "SOE"), (B, "Contoso.EXAMPLE ", "SOE")]))
    after = intake(str(write_fixed(before, tmp_path / "fixed.xlsx")))
    assert ["contoso", "contoso.example"] == [row.values[1] for row in after.rows]
    assert "Warning: " in str(after.rows[0].values[-1])


def test_the_template_is_accepted_as_it_stands(tmp_path: Path) -> None:
    """No rows is a notice, and every field has its column."""
    found = intake(str(write_template(tmp_path / "template.xlsx")))
    assert ((), ["no-rows"]) == (found.rows, [notice.code for notice in found.notices])
    assert set(ingest.FIELDS) == {field for field, _ in found.files[0].fields}


def test_the_template_is_accepted_once_filled(tmp_path: Path) -> None:
    """With the words of its own drop-downs, and codes with leading zeros."""
    path = write_template(tmp_path / "template.xlsx")
    book = load_workbook(path)
    sheet = book["Customers"]
    choices = {
        str(rule.sqref)[0]: rule.formula1.strip('"').split(",")
        for rule in sheet.data_validations.dataValidation
    }
    for number, wish in enumerate(choices["C"], start=2):
        segment = choices["D"][number % 2] if wish == "Education" else None
        code = "012345" if wish == "GCC" else None
        sheet.append([customer(number), "Name", wish, segment, None, code])
    book.save(path)
    rows = intake(str(path)).rows
    assert [Qualification.EDUCATION, Qualification.GCC, Qualification.SOE] == [
        row.request.qualification for row in rows if row.request
    ]
    assert [()] * 3 == [row.warnings for row in rows]


def test_the_template_keeps_ids_and_codes_as_text(tmp_path: Path) -> None:
    """The columns are formatted as Text, and the headings have notes."""
    sheet = load_workbook(write_template(tmp_path / "template.xlsx"))["Customers"]
    assert {"@"} == {sheet.column_dimensions[letter].number_format for letter in "ACDEFG"}
    assert all(cell.comment for cell in sheet[1])


@pytest.mark.parametrize(("text", "wanted"), [("edu", Qualification.EDUCATION), ("GCC", Qualification.GCC)])
def test_a_qualification_as_an_option(text: str, wanted: Qualification) -> None:
    """Read with the same eyes as cells."""
    assert wanted is parse_qualification(text)


def test_a_segment_as_an_option() -> None:
    """Usual spellings."""
    assert EducationSegment.HIGHER_EDUCATION is parse_segment("higher-ed")


def test_wrong_options_are_told_in_words() -> None:
    """What was said, why it is wrong, what is accepted."""
    with pytest.raises(ValueError, match=r"cannot be set.* Say Education, GCC"):
        parse_qualification("Nonprofit")
    with pytest.raises(ValueError, match=r"not an education segment\. Say K12"):
        parse_segment("x")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("customer_id=Tenant = x", ("customer_id", "Tenant = x")),
        ("Validation-Code = column:D", ("validation_code", "column:D")),
    ],
)
def test_a_mapping_as_an_option(text: str, wanted: tuple[str, str]) -> None:
    """FIELD=HEADING; the heading may hold an equals sign."""
    assert wanted == parse_mapping(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [("customer_id", "not FIELD=HEADING"), ("customer_id= ", "not FIELD"), ("tenant=x", "not a field")],
)
def test_a_wrong_mapping_is_told_in_words(text: str, words: str) -> None:
    """The fields are listed."""
    with pytest.raises(ValueError, match=words):
        parse_mapping(text)


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    """The writers are loaded late, and nothing else is."""
    with pytest.raises(AttributeError):
        _ = ingest.nothing

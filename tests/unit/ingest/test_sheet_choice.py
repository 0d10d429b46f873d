"""Which sheet is read: the one that is named, the first visible one, or the only other one with headings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook
from support.hostile_workbooks import packed
from support.sheets import customer, intake
from support.sound_workbooks import document_sheets

from batchqual.errors import InputError
from batchqual.ingest import write_template
from batchqual.model import Cell

TABLE = (("Microsoft ID", "Qualification"), (customer(1), "SOE"), (customer(2), "SOE"))
WEAK = (("Tenant ID", "Qualification"), (customer(1), "SOE"), (customer(2), "SOE"))
DOMAINS = (("Domain", "Qualification"), ("contoso.example", "SOE"), ("fabrikam.example", "SOE"))
EMPTY: tuple[tuple[str, ...], ...] = ()
COVER = (("Customers of the north",), ("as of", "1 December"), ("prepared by", "Dana"))
NUMBERS = (
    ("", "This document was exported from Numbers. Each table was converted to an Excel worksheet."),
    ("", "Numbers Sheet Name", "Numbers Table Name", "Excel Worksheet Name"),
    ("", "Sheet 1"),
    ("", "", "Table 1", "Sheet 1 - Table 1"),
)
NAMES = (("Company name", "Note"), ("Contoso", "x"))
LABELS = (("Partner", "Fabrikam"), ("Domain", "fabrikam.example"), ("Tenant ID", customer(9)))
GLOSSARY = (("customer_id", "the ID"), ("qualification", "the wish"), ("website", "the school's"))
Sheets = Sequence[tuple[str, Sequence[Sequence[Cell]]]]


def xlsx(folder: Path, sheets: Sheets, hidden: Sequence[str] = ()) -> str:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
        for row in rows:
            sheet.append([cell or None for cell in row])
    path = folder / "a.xlsx"
    book.save(path)
    return str(path)


def ods(folder: Path, sheets: Sheets, hidden: Sequence[str] = ()) -> str:
    path = folder / "a.ods"
    path.write_bytes(packed(document_sheets([(name, rows) for name, rows in sheets], hidden)))
    return str(path)


@pytest.mark.parametrize("write", [xlsx, ods])
@pytest.mark.parametrize(
    "cover",
    [
        pytest.param(EMPTY, id="empty"),
        pytest.param(COVER, id="cover"),
        pytest.param(NUMBERS, id="numbers"),
        pytest.param(NAMES, id="names without an ID"),
        pytest.param(GLOSSARY, id="glossary"),
        pytest.param(LABELS, id="labels with values"),
    ],
)
@pytest.mark.parametrize("table", [TABLE, WEAK, DOMAINS], ids=["strong", "weak", "domain"])
def test_the_only_other_sheet_with_headings_is_read(
    write: Callable[[Path, Sheets], str],
    cover: Sequence[Sequence[str]],
    table: Sequence[Sequence[str]],
    tmp_path: Path,
) -> None:
    """With a notice that names both, and with the rows and the name of the sheet that is read."""
    path = write(tmp_path, [("Cover", cover), ("Notes", COVER), ("List 2026", table)])
    found = intake(path)
    assert ("List 2026", [2, 3]) == (found.files[0].sheet, [row.row for row in found.rows])
    (notice,) = found.notices
    assert "sheet-chosen" == notice.code
    assert "“Cover”" in notice.message
    assert "“List 2026”" in notice.message


@pytest.mark.parametrize("write", [xlsx, ods])
def test_several_sheets_with_headings_are_a_question(
    write: Callable[[Path, Sheets], str], tmp_path: Path
) -> None:
    """Exit code 10, naming them, and the option that answers it."""
    path = write(tmp_path, [("Cover", COVER), ("North", TABLE), ("South", WEAK), ("Notes", COVER)])
    with pytest.raises(InputError) as told:
        intake(path)
    assert ("several-sheets", 10) == (told.value.code, told.value.exit_code)
    assert "“North”, “South”." in told.value.message
    assert '--sheet "North"' in told.value.hint
    assert "South" == intake(path, sheet="south").files[0].sheet


@pytest.mark.parametrize("write", [xlsx, ods])
def test_the_first_visible_sheet_wins_when_it_has_headings(
    write: Callable[[Path, Sheets], str], tmp_path: Path
) -> None:
    """Also without rows; whatever stands in others."""
    path = write(tmp_path, [("First", TABLE[:1]), ("Second", TABLE)])
    found = intake(path)
    assert ("First", ["no-rows"]) == (found.files[0].sheet, [notice.code for notice in found.notices])


@pytest.mark.parametrize("write", [xlsx, ods])
def test_hidden_sheets_are_read_only_by_name(
    write: Callable[[Path, Sheets, Sequence[str]], str], tmp_path: Path
) -> None:
    """A hidden sheet with headings is no answer to a cover."""
    sheets = [("Old", TABLE), ("Cover", COVER), ("Hidden", TABLE)]
    path = write(tmp_path, sheets, ["Old", "Hidden"])
    with pytest.raises(InputError) as told:
        intake(path)
    assert "no-heading" == told.value.code
    assert "Old" == intake(path, sheet="old").files[0].sheet


@pytest.mark.parametrize("write", [xlsx, ods])
def test_a_sheet_that_is_named_is_the_one(write: Callable[[Path, Sheets], str], tmp_path: Path) -> None:
    """Nobody looks elsewhere then."""
    path = write(tmp_path, [("Cover", COVER), ("List", TABLE)])
    with pytest.raises(InputError) as told:
        intake(path, sheet="Cover")
    assert ("no-heading", False) == (told.value.code, "“List”" in told.value.message)


@pytest.mark.parametrize("write", [xlsx, ods])
def test_no_sheet_with_headings_is_told_once(write: Callable[[Path, Sheets], str], tmp_path: Path) -> None:
    """What was seen in the first sheet, and that the others were looked at."""
    path = write(tmp_path, [("Cover", COVER), ("Notes", NUMBERS), ("Blank", EMPTY)])
    with pytest.raises(InputError) as told:
        intake(path)
    assert "no-heading" == told.value.code
    assert "Customers of the north" in told.value.message
    assert "“Notes”, “Blank”" in told.value.message
    assert "--sheet" in told.value.hint


def test_a_heading_that_the_user_names_decides_too(tmp_path: Path) -> None:
    """``--map`` names a heading that stands in the second sheet alone."""
    path = xlsx(tmp_path, [("Cover", COVER), ("List", (("Kunde", "Qualification"), (customer(1), "SOE")))])
    found = intake(path, mapping={"customer_id": "Kunde"})
    assert ("List", customer(1)) == (found.files[0].sheet, found.rows[0].customer_id)


def test_headings_that_leave_a_question_are_told(tmp_path: Path) -> None:
    """The only sheet with headings has one of them twice: that is what the user has to know."""
    twice = (("Microsoft ID", "Microsoft ID", "Qualification"), (customer(1), customer(2), "SOE"))
    with pytest.raises(InputError) as told:
        intake(xlsx(tmp_path, [("Cover", COVER), ("List", twice)]))
    assert "heading-twice" == told.value.code


def test_a_sheet_that_cannot_be_read_stands_back(tmp_path: Path) -> None:
    """It is told only where no other sheet has headings."""
    stray = [(*TABLE[0], *[""] * 3_000, "far away"), *TABLE[1:]]
    assert (
        "List" == intake(xlsx(tmp_path, [("Cover", COVER), ("Far", stray), ("List", TABLE)])).files[0].sheet
    )
    with pytest.raises(InputError) as told:
        intake(xlsx(tmp_path, [("Cover", COVER), ("Far", stray)]))
    assert "stray-cell" == told.value.code


def test_a_hundred_sheets_are_looked_at_and_not_more(tmp_path: Path) -> None:
    """Beyond that somebody has to name one."""
    many = [("Cover", COVER), *((f"Sheet {number}", EMPTY) for number in range(101)), ("List", TABLE)]
    path = xlsx(tmp_path, many)
    with pytest.raises(InputError) as told:
        intake(path)
    assert ("no-heading", True) == (told.value.code, "--sheet" in told.value.hint)
    assert "List" == intake(path, sheet="List").files[0].sheet


def test_a_label_above_the_table_is_no_heading(tmp_path: Path) -> None:
    """The partner's own ID above the list: the headings are those of the list."""
    rows = (LABELS[2], (), *WEAK)
    found = intake(xlsx(tmp_path, [("List", rows)]))
    assert ([4, 5], ()) == ([row.row for row in found.rows], found.notices)


def test_a_link_to_another_program_is_no_sheet(tmp_path: Path) -> None:
    """OpenDocument keeps what came over a link in tables without names."""
    parts = document_sheets([("Cover", COVER), ("List", TABLE), ("", TABLE), ("", TABLE)])
    path = tmp_path / "a.ods"
    path.write_bytes(packed(parts))
    assert "List" == intake(str(path)).files[0].sheet


def test_a_long_sheet_behind_a_cover_is_read_to_its_end(tmp_path: Path) -> None:
    """Its first rows decide, and all of them are read."""
    rows = [(customer(number), "SOE") for number in range(500)]
    found = intake(xlsx(tmp_path, [("Cover", COVER), ("List", (TABLE[0], *rows))]))
    assert 500 == len(found.rows)


def test_a_sheet_of_a_chart_in_front_is_no_sheet(tmp_path: Path) -> None:
    """It has no cells; the first one with cells is the first."""
    book = Workbook()
    for row in TABLE:
        book.worksheets[0].append(row)
    book.create_chartsheet("Chart", 0)
    path = tmp_path / "a.xlsx"
    book.save(path)
    found = intake(str(path))
    assert (2, ()) == (len(found.rows), found.notices)


def test_our_own_template_behind_a_cover_is_read(tmp_path: Path) -> None:
    """Its second sheet explains the columns, and is no table; filled in or not."""
    from openpyxl import load_workbook

    path = write_template(tmp_path / "a.xlsx")
    book = load_workbook(path)
    book["Customers"]["A2"], book["Customers"]["C2"] = customer(1), "SOE"
    book.move_sheet("How to fill in", -1)
    book.create_sheet("Cover", 0)["A1"] = "Customers"
    book.save(path)
    found = intake(str(path))
    assert ("Customers", [customer(1)]) == (found.files[0].sheet, [row.customer_id for row in found.rows])

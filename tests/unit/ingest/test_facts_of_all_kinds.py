"""What a sheet says of its cells besides their values is found in every kind of workbook alike.

The workbooks beside this file were written by LibreOffice: a cover with damage of its own, five customers
with damage, and a hidden sheet. The binary one is made here, because nothing that is free writes that kind.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from support.binary_sheets import damaged_parts
from support.hostile_workbooks import packed
from support.sheets import intake

from batchqual.errors import InputError
from batchqual.ingest import Limits, Reading
from batchqual.ingest.kinds import Kind
from batchqual.ingest.table import RawTable
from batchqual.ingest.workbook import opened_workbook

IDS = [
    f"{head}-9556-4809-93a7-46ef9f127842"
    for head in ("e3a8212b", "61fd44f6", "aaaaaaaa", "bbbbbbbb", "cccccccc")
]
HERE = Path(__file__).parent / "workbooks"
KINDS = {"xlsx": Kind.XLSX, "xls": Kind.XLS, "ods": Kind.ODS, "xlsb": Kind.XLSB}


@pytest.fixture(params=KINDS)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The same workbook in each kind."""
    if request.param != "xlsb":
        return HERE / f"damage.{request.param}"
    made = tmp_path / "damage.xlsb"
    made.write_bytes(packed(damaged_parts(IDS)))
    return made


def test_the_same_damage_is_found_in_every_kind(path: Path) -> None:
    """Formulas, hidden rows, merged cells, errors, zeros of a format; nothing of the cover's own damage."""
    found = intake(str(path))
    assert {"sheet-chosen", "hidden-column"} >= {notice.code for notice in found.notices}
    assert [IDS[0], IDS[0], *IDS[2:]] == [row.values[0] for row in found.rows]
    assert [None, None, "#DIV/0!", None, None] == [row.values[4] for row in found.rows]
    assert [
        [],
        [("formula-cell", "A3")],
        [],
        [("merged-cell", "B5")],
        [],
    ] == [[(one.code, one.cell) for one in row.problems] for row in found.rows]
    assert [
        [("zeros-shown-only", "D2")],
        [("zeros-shown-only", "D3")],
        [("formula-cell", "E4"), ("website-ignored", "E4"), ("zeros-shown-only", "D4")],
        [("hidden-row", None), ("zeros-shown-only", "D5")],
        [("zeros-shown-only", "D6")],
    ] == [
        sorted((one.code, one.cell) for one in row.warnings if one.code != "counted-up") for row in found.rows
    ]


def test_the_facts_are_one_value_whatever_the_kind(path: Path) -> None:
    """Rows and columns hidden, merged ranges, array formulas, and a number format for each number."""
    kind = KINDS[path.suffix[1:]]
    table = RawTable(path.name, "")
    with path.open("rb") as stream, opened_workbook(kind, stream, table, Reading(sheet="customers")) as book:
        book.fill(table, book.meant)
    facts = table.facts
    assert ({5}, {5}) == (facts.hidden_rows, facts.hidden_columns)
    assert ["B4:B5"] == [merged.name for merged in facts.merged]
    assert {0: {3}, 4: {4}, 9: {2, 3, 4}} == facts.formulas
    assert {4: {4: "#DIV/0!"}} == facts.errors
    assert ["000000", "[h]:mm:ss"] == [
        facts.formats.at(2, 3),
        facts.formats.at(2, 7 if kind is not Kind.XLSB else 6),
    ]
    assert None is facts.formats.at(2, 0)


def test_facts_and_values_come_from_the_sheet_that_is_named(path: Path) -> None:
    """A hidden sheet is read when somebody names it, and has no damage of the others."""
    found = intake(str(path), sheet=" hidden")
    assert ("Hidden", [IDS[0]], ()) == (
        found.files[0].sheet,
        [row.customer_id for row in found.rows],
        found.notices,
    )
    assert [((), ())] == [(row.problems, row.warnings) for row in found.rows]


def test_more_damage_than_is_kept_is_refused(path: Path) -> None:
    """Facts have a bound in every kind."""
    with pytest.raises(InputError, match="more than 3 formulas") as told:
        intake(str(path), sheet="Customers", limits=Limits(remarks=3))
    assert "too-large" == told.value.code

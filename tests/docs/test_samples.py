"""The samples are what they say they are, and `make samples` makes them again."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest
from support.house import ROOT
from support.problem_codes import problem_codes
from support.unmeasured import unmeasured

from batchqual.errors import InputError
from batchqual.ingest import Reading, read
from batchqual.model import Intake, Outcome
from batchqual.settings import Settings, load_settings

SAMPLES = ROOT / "samples"
MISTAKES = SAMPLES / "customers-with-mistakes.xlsx"
PARTNER = "00000000-0000-4000-8000-00000000cafe"
SAME_BYTES = ("customers.csv", "customers.xlsx", "customers-with-mistakes.xlsx")

#: Problems that no workbook can show, with the reason.
NOT_IN_A_WORKBOOK = {
    "cell-too-long": "Excel itself stops a cell at this length; only text files can have more",
    "line-too-long": "only text files have lines",
    "open-quote": "only text files have quotation marks around cells",
    "not-text": "only text files have an encoding",
    "encoding": "only text files have an encoding",
    "encoding-ignored": "it is about --encoding",
    "too-few-fields": "only lines of text can be ragged",
    "too-many-fields": "only lines of text can be ragged",
    "short-line": "only lines of text can be ragged",
    "sheet-ignored": "it is about --sheet with a text file",
    "no-input": "it is about the command line",
    "no-such-file": "there is no file",
    "folder": "it is about a folder",
    "unreadable": "it is about the rights on a file",
    "only-reports": "it is about several files",
    "own-report": "it is about several files",
    "report-among-sheets": "it is about several files",
    "named-twice": "it is about the command line",
    "no-such-heading": "it is about --map",
    "no-such-sheet": "it is about --sheet",
    "encrypted": "the whole file would be locked",
    "labelled": "the whole file would be locked",
    "sheet-chosen": "the whole file would have no headings in its first sheet",
    "several-sheets": "the whole file would have no headings in its first sheet",
    "damaged": "the whole file would be unreadable",
    "not-a-sheet": "the whole file would be something else",
    "misnamed": "the whole file would have another suffix",
    "zip-bomb": "the whole file would be a bomb",
    "too-large": "the whole file would be too large",
    "domain-of-nobody": "it takes a look at the partner's customers",
}


def mistakes(sheet: str | None = None) -> Intake:
    """The workbook of mistakes as the owner of the partner tenant reads it."""
    return read([str(MISTAKES)], Reading(sheet=sheet, partner_id=PARTNER))


def other_sheets() -> list[str]:
    """The sheets after the first, each called after what it shows."""
    return openpyxl.load_workbook(MISTAKES, read_only=True).sheetnames[1:]


def shown_by(sheet: str) -> set[str]:
    """The codes of everything that is wrong with a sheet."""
    try:
        intake = mistakes(sheet)
    except InputError as error:
        return {error.code}
    rows = [problem for row in intake.rows for problem in (*row.problems, *row.warnings)]
    return {problem.code for problem in (*intake.notices, *rows)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the samples were made again."""
    folder = tmp_path_factory.mktemp("samples")
    command = [sys.executable, str(SAMPLES / "make.py"), str(folder)]
    subprocess.run(command, env=unmeasured(), check=True, capture_output=True, cwd=ROOT)
    return folder


@pytest.mark.parametrize("name", SAME_BYTES)
def test_samples_are_made_again_byte_for_byte(made: Path, name: str) -> None:
    """What lies in samples/ is what `make samples` makes, whenever it is called."""
    assert (SAMPLES / name).read_bytes() == (made / name).read_bytes()


def test_both_customer_files_say_the_same() -> None:
    """The CSV and the workbook hold the same rows, so either can be tried: forty customers, 42 rows."""
    csv, xlsx = (read([str(SAMPLES / name)], Reading()) for name in ("customers.csv", "customers.xlsx"))
    assert [row.request for row in csv.rows] == [row.request for row in xlsx.rows]
    assert (42, 40) == (len(xlsx.rows), len({row.customer_id for row in xlsx.rows}))
    assert ("Customer Name", "Microsoft ID", "Special Qualification") == xlsx.columns[:3] == csv.columns[:3]


def test_the_customers_are_sound_but_for_one_duplicate() -> None:
    """The sample that the demo uses shows no problem but the duplicate that it is meant to show."""
    intake = read([str(SAMPLES / "customers.xlsx")], Reading())
    assert () == intake.notices
    assert [Outcome.DUPLICATE] == [row.preset for row in intake.rows if row.preset or row.warnings]
    assert [] == [row.row for row in intake.rows if row.request is None]


def test_every_mistake_row_has_the_mistake_that_it_names() -> None:
    """The column Mistake tells what `check` finds in the row, and nothing else is wrong with it."""
    intake = mistakes()
    column = intake.columns.index("Mistake")
    told = {row.row: str(row.values[column]) for row in intake.rows}
    found = {row.row: {problem.code for problem in (*row.problems, *row.warnings)} for row in intake.rows}
    for row, mistake in told.items():
        assert ("(sound)" == mistake) == (set() == found[row]), row
        assert {mistake} - {"(sound)"} == found[row] - ({"duplicate"} - {mistake}), row


@pytest.mark.parametrize("sheet", other_sheets())
def test_every_other_sheet_has_the_mistake_that_it_is_called_after(sheet: str) -> None:
    """A sheet called ``heading-twice`` has a heading twice, and nothing else is wrong with it."""
    expected = {"hidden-row", "hidden-column"} if sheet == "hidden" else {sheet}
    assert expected == shown_by(sheet)


def test_the_mistakes_are_all_that_check_knows() -> None:
    """Each problem that ingest can name is in the workbook, or there is a reason why it cannot be."""
    rows = {problem.code for row in mistakes().rows for problem in (*row.problems, *row.warnings)}
    shown = rows.union(*map(shown_by, other_sheets()))
    assert set() == problem_codes() - shown - NOT_IN_A_WORKBOOK.keys()
    assert set() == shown & NOT_IN_A_WORKBOOK.keys()
    assert set() == (shown | NOT_IN_A_WORKBOOK.keys()) - problem_codes()


def settings_without(names: Mapping[str, object]) -> dict[str, object]:
    """What a file with these settings gives."""
    return load_settings({}, environ={}, defaults=names).model_dump(by_alias=True, exclude={"origins"})


def uncommented() -> dict[str, object]:
    """The settings file with every setting switched on."""
    text = (SAMPLES / "batchqual.toml").read_text(encoding="utf-8")
    return tomllib.loads(re.sub(r"^#(?=[a-z_]+ = )", "", text, flags=re.MULTILINE))


def test_the_settings_file_changes_nothing_as_it_stands() -> None:
    """Whoever copies the sample file gets the defaults."""
    flags = {"config": str(SAMPLES / "batchqual.toml")}
    assert Settings() == load_settings(flags, environ={})


def test_the_settings_file_is_complete_and_at_its_defaults() -> None:
    """Every setting but the secrets stands there once, with its default or an example."""
    settings = uncommented()
    known = {field.alias or name: field for name, field in Settings.model_fields.items()}
    secrets = {"access_token", "client_secret", "client_certificate_password", "refresh_token"}
    assert known.keys() - {"origins"} - secrets == settings.keys()
    plain = settings_without({})
    with_default = {name: value for name, value in settings.items() if plain[name] not in (None, (), {})}
    assert plain == settings_without(with_default)
    load_settings({}, environ={}, defaults=settings)


@pytest.mark.parametrize("fresh", [pytest.param(False, id="kept"), pytest.param(True, id="made again")])
def test_the_example_report_is_one(made: Path, fresh: bool) -> None:
    """The example has the sheets and headings of a report, every row of the input, and sums that balance."""
    book = openpyxl.load_workbook((made if fresh else SAMPLES) / "report-example.xlsx", read_only=True)
    assert ["Summary", "Results", "Needs attention", "In review"] == book.sheetnames
    summary = {row[0]: row[1] for row in book["Summary"].values if row[0]}
    assert (42, 42, "yes") == (summary["Sum of outcomes"], summary["Rows in"], summary["Balanced"])
    headings, *rows = book["Results"].values
    assert ("Customer Name", "Microsoft ID") == headings[:2]
    ours = (*("Row", "Source", "Customer ID", "Qualification", "Outcome"), "Vetting Status", "Vetting Reason")
    assert ours == headings[10:17]
    assert 42 == len(rows)
    outcomes = [row[headings.index("Outcome")] for row in rows]
    counts = (35, 1, 1, 3, 2)
    words = ("Approved", "Already qualified", "Duplicate", "Denied", "Failed")
    assert counts == tuple(map(outcomes.count, words))

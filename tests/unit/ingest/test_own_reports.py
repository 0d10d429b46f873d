"""Reports of ours among the input: wildcards pass over them, and named outright they are read."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.report_sample import full_report
from support.sheets import HEADINGS, csv_file, customer, intake, xlsx_file

from batchqual.composition import check
from batchqual.errors import InputError
from batchqual.ingest import Limits
from batchqual.ingest.reports import is_report
from batchqual.model import Intake
from batchqual.ownreports import OUR_COLUMNS, PROPERTY
from batchqual.report import write_report
from batchqual.report.columns import COLUMNS
from batchqual.settings import load_settings

ROWS = [HEADINGS, (customer(1), "SOE", "", "", "", "Contoso")]


def _unmarked(path: Path) -> None:
    """As the first version wrote it: without the custom property."""
    old = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(old)) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            if name != "docProps/custom.xml":
                target.writestr(name, source.read(name))


def _saved_again(path: Path) -> None:
    """By another program, which keeps custom properties and forgets who made it."""
    book = load_workbook(path)
    book.properties.creator = "Somebody"
    del book["In review"]
    book.save(path)


def _with_semicolons(path: Path) -> None:
    """As Excel saves CSV where the comma is the decimal sign."""
    path.write_text(path.read_text("utf-8-sig").replace(",", ";"), encoding="utf-16")


def _as_it_is(_path: Path) -> None: ...


@pytest.mark.parametrize(
    ("suffix", "change"),
    [
        pytest.param(".xlsx", _as_it_is, id="workbook"),
        pytest.param(".xlsx", _unmarked, id="workbook of the first version"),
        pytest.param(".xlsx", _saved_again, id="workbook saved by another program"),
        pytest.param(".csv", _as_it_is, id="CSV"),
        pytest.param(".csv", _with_semicolons, id="CSV with semicolons in UTF-16"),
        pytest.param(".json", _as_it_is, id="JSON"),
    ],
)
def test_a_wildcard_passes_over_our_reports(
    tmp_path: Path, suffix: str, change: Callable[[Path], None]
) -> None:
    """On the second night the folder has one: it is passed over, and a note says so."""
    sheet = xlsx_file(tmp_path, ROWS)
    report = write_report(full_report(), tmp_path / f"customers-report-20260301-020000{suffix}")
    change(report)
    found = intake(str(tmp_path / "customers*"))
    assert [sheet] == [file.path for file in found.files]
    [note] = found.notices
    assert ("own-report", False) == (note.code, note.is_warning)
    assert report.name in note.sentence


def test_a_pattern_that_matches_reports_alone_says_so(tmp_path: Path) -> None:
    """Nothing is read, and the hint says how to read one."""
    for number in range(5):
        write_report(full_report(), tmp_path / f"report-{number}.csv")
    with pytest.raises(InputError, match=r"report-0\.csv, report-1\.csv, report-2\.csv and 2 more") as told:
        intake(str(tmp_path / "*.csv"))
    assert "only-reports" == told.value.code
    assert "named outright" in told.value.hint


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_a_report_that_is_named_gives_back_the_sheet(tmp_path: Path, suffix: str) -> None:
    """Every row and the user's own columns, none of ours, and each heading as it was."""
    names = ("Customer ID", "Qualification", "Outcome", "Note")
    rows = [(customer(1), "SOE", "wish", "x"), (customer(2), "SOE", "no", "y"), (customer(2), "?", "no", "z")]
    sheet, report = csv_file(tmp_path, [names, *rows]), tmp_path / f"report{suffix}"
    check([sheet], load_settings({"report": [str(report)]}, environ={}))
    before, after = intake(sheet), intake(str(report))
    assert before.columns == after.columns
    assert [row.values for row in before.rows] == [row.values for row in after.rows]
    assert [row.request for row in before.rows] == [row.request for row in after.rows]


def test_a_report_among_sheets_says_how_a_wildcard_would_pass_over_it(tmp_path: Path) -> None:
    """A shell that expands wildcards names every report outright; alone or among reports it is meant."""
    sheet = csv_file(tmp_path, ROWS)
    reports = [str(tmp_path / f"report-{number}.csv") for number in (1, 2)]
    check([sheet], load_settings({"report": reports}, environ={}))
    found = intake(sheet, *reports)
    warned = [note for note in found.notices if note.code == "report-among-sheets"]
    assert ["report-1.csv", "report-2.csv"] == [note.source for note in warned]
    assert all(note.is_warning and '"*.xlsx"' in note.message for note in warned)
    assert "report-among-sheets" not in {note.code for note in intake(*reports).notices}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        pytest.param("template.xlsx", b"", id="a template"),
        pytest.param("a.csv", ",".join(name for name, _ in OUR_COLUMNS[1:]).encode(), id="a column less"),
        pytest.param("a.csv", ",".join([*(n for n, _ in OUR_COLUMNS), "x"]).encode(), id="a column more"),
        pytest.param("a.csv", b"row;source,customer_id", id="some headings"),
        pytest.param("a.json", b'{"run": 1}', id="another document"),
        pytest.param("a.xlsx", b"PK\x03\x04 and nothing more", id="a broken archive"),
        pytest.param("a.csv", b"", id="nothing"),
    ],
)
def test_what_is_no_report_of_ours_is_not_taken_for_one(tmp_path: Path, name: str, data: bytes) -> None:
    """Not even what resembles one."""
    if name == "template.xlsx":
        data = Path(xlsx_file(tmp_path, ROWS)).read_bytes()
    assert not is_report(io.BytesIO(data), Limits())


class _Counted(io.BytesIO):
    """Counts the bytes that are read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(size)
        self.taken += len(content)
        return content


def test_recognising_reads_little_of_a_large_file(tmp_path: Path) -> None:
    """A million rows are not read to find out what they are."""
    line = b"a,b,c\r\n"
    large = _Counted(line * 1_000_000)
    assert not is_report(large, Limits())
    assert large.taken < 300_000
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", line * 1_000_000)
        archive.writestr("docProps/custom.xml", f'<x name="{PROPERTY}"/>'.encode() + b" " * 5_000_000)
    counted = _Counted(packed.getvalue())
    assert is_report(counted, Limits())
    assert counted.taken < 1_000_000


def test_the_marks_are_the_columns_of_the_report() -> None:
    """One list for whoever writes and whoever recognises."""
    assert OUR_COLUMNS == tuple((column.name, column.heading) for column in COLUMNS)


def test_temporary_and_hidden_names_are_passed_over_in_silence(tmp_path: Path) -> None:
    """What Excel, editors, browsers and our own export leave beside a sheet is no sheet."""
    sheet = csv_file(tmp_path, ROWS, name="a.csv")
    left = ("~$a.csv", ".a.csv", ".~lock.a.csv#", "a.csv.part", "a.csv.tmp", "a.csv~", "a.csv.crdownload")
    for name in left:
        (tmp_path / name).write_text("x", encoding="utf-8")
    found: Intake = intake(str(tmp_path / "*"))
    assert ([sheet], ()) == ([file.path for file in found.files], found.notices)


def test_a_json_report_is_a_document(tmp_path: Path) -> None:
    """So its mark is where it is looked for."""
    path = write_report(full_report(), tmp_path / "r.json")
    assert ["run_id", "command"] == list(json.loads(path.read_text("utf-8")))[:2]

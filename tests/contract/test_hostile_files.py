"""Files made to harm end as a sentence or as rows, within the memory and the time of an honest file."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from support.confined import confined
from support.hostile_workbooks import HOSTILE, packed, workbook
from support.old_workbook import old_workbook

from batchqual.errors import InputError
from batchqual.ingest import Limits, Reading, read
from batchqual.ingest.archive import listed
from batchqual.ingest.compound import Compound

MOST_MIB = 250.0
"""Far below what each would take if it were believed: gigabytes, or without end."""

DDE = (
    '<row r="3"><c r="A3" t="str"><f>cmd|\' /c calc\'!A1</f><v>DDE</v></c>'
    '<c r="B3" t="str"><f>WEBSERVICE("https://fabrikam.example")</f><v>SOE</v></c></row>'
)

READ = """
from batchqual.errors import InputError
from batchqual.ingest import Reading, read
from batchqual.model import Qualification

started = peak()
try:
    found = read([sys.argv[1]], Reading(qualification=Qualification.SOE))
except InputError as told:
    assert told.message and told.hint
    ended(told.code)
else:
    ended("")
"""


@pytest.mark.parametrize("what", HOSTILE)
def test_a_file_made_to_harm_is_harmless(what: str, tmp_path: Path) -> None:
    """It is refused in words, or read; the process lives, and memory stays bounded."""
    name, code, made = HOSTILE[what]
    path = tmp_path / name
    path.write_bytes(made())
    done = confined(READ, str(path))
    assert code == done.words
    assert done.mib < MOST_MIB


@pytest.mark.parametrize(
    ("line", "times", "code"),
    [
        pytest.param("x," * 1_000_000, 1, "too-large", id="a million columns"),
        pytest.param("x," * 50_000, 200, "line-too-long", id="ten million columns"),
        pytest.param('"\n",', 3_000_000, "line-too-long", id="a record of a million lines"),
        pytest.param("x" * 1_000_000, 50, "line-too-long", id="a cell of 50 MB"),
    ],
)
def test_text_made_to_harm_is_harmless(line: str, times: int, code: str, tmp_path: Path) -> None:
    """Text without end, in any direction, is read up to its bound."""
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("customer_id,qualification\n")
        file.writelines(line for _ in range(times))
    done = confined(READ, str(path))
    assert code == done.words
    assert done.mib < MOST_MIB


def test_text_of_more_cells_than_are_read_is_refused(tmp_path: Path) -> None:
    """A gigabyte of commas is half a billion cells."""
    path = tmp_path / "a.csv"
    path.write_text("customer_id,qualification\n" + "a,a\n" * 60, encoding="utf-8")
    with pytest.raises(InputError, match="more than 100 cells") as told:
        read([str(path)], Reading(limits=Limits(used_area=100)))
    assert "too-large" == told.value.code


def test_names_from_a_workbook_cannot_forge_a_line(tmp_path: Path) -> None:
    """A sheet called like a line of ours, with a terminal's red in it, is shown on one line and without."""
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        parts: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    book = str(parts["xl/workbook.xml"], "utf-8")  # type: ignore[arg-type] # bytes until here
    parts["xl/workbook.xml"] = book.replace(
        'name="Customers"', 'name="a&#10;error: all rows were sent&#x202e;"'
    )
    path.write_bytes(packed(parts))
    with pytest.raises(InputError) as told:
        read([str(path)], Reading(sheet="Other"))
    assert "no-such-sheet" == told.value.code
    assert "all rows were sent" in told.value.hint
    assert told.value.hint.isprintable()


def test_a_name_of_a_file_cannot_forge_a_line(tmp_path: Path) -> None:
    """Line breaks and escapes in a file's name do not reach messages, nor the report's column of sources."""
    path = tmp_path / "a\nerror: all rows were sent\x1b[31m.csv"
    path.write_text("nothing\nof use\n", encoding="utf-8")
    with pytest.raises(InputError) as told:
        read([str(tmp_path / "*.csv")], Reading())
    assert "all rows were sent" in told.value.message
    assert told.value.message.isprintable()
    with pytest.raises(InputError) as told:
        read([str(tmp_path / "b\nerror: gone.csv")], Reading())
    assert (told.value.message + told.value.hint).isprintable()


def test_names_of_parts_lead_nowhere(tmp_path: Path) -> None:
    """Nothing is unpacked to disk, whatever parts are called; formulas stay uncalculated."""
    folder = tmp_path / "in"
    folder.mkdir()
    path = folder / "a.xlsx"
    with zipfile.ZipFile(io.BytesIO(workbook(DDE))) as archive:
        parts: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    path.write_bytes(packed(parts | {"../evil.txt": b"x", "/evil.txt": b"x", "C:\\evil.txt": b"x"}))
    rows = read([str(path)], Reading()).rows
    assert ["formula-cell"] == [problem.code for problem in rows[1].problems if problem.cell == "A3"]
    assert None is rows[1].request
    assert [folder] == list(tmp_path.iterdir())
    assert [path] == list(folder.iterdir())


def test_a_sheet_of_old_macros_is_no_sheet(tmp_path: Path) -> None:
    """Excel 4 keeps macros in sheets. Nobody reads such a workbook, also not its other sheets."""
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    relation = (
        b'<Relationship Type="http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet"'
        b' Target="macrosheets/sheet1.xml" Id="rId99" />'
    )
    rels, book = "xl/_rels/workbook.xml.rels", "xl/workbook.xml"
    parts[rels] = parts[rels].replace(b"</Relationships>", relation + b"</Relationships>")
    entry = b'<sheet name="Macro1" sheetId="99" r:id="rId99"/>'
    parts[book] = parts[book].replace(b"<sheets>", b"<sheets>" + entry)
    parts["xl/macrosheets/sheet1.xml"] = b"<f>EXEC(1)</f>"
    path = tmp_path / "a.xlsx"
    path.write_bytes(packed(parts))
    for sheet in (None, "Macro1"):
        with pytest.raises(InputError) as told:
            read([str(path)], Reading(sheet=sheet))
        assert "damaged" == told.value.code


def test_macros_of_an_old_workbook_are_out_of_sight() -> None:
    """The engine would unpack them: it gets a copy in which they go by another name."""
    name = "_VBA_PROJECT_CUR".encode("utf-16-le")
    sound, macros = (old_workbook(["a"], b"", macros=have) for have in (False, True))
    assert None is Compound(io.BytesIO(sound)).without_macros()
    copy = Compound(io.BytesIO(macros)).without_macros()
    assert copy is not None
    assert name in macros
    assert name not in copy.read()


def test_a_list_of_parts_is_read_up_to_its_bound() -> None:
    """Twenty million parts would be gigabytes before the first of them is looked at."""
    _, _, made = HOSTILE["a list of 100,000 parts"]
    stream = io.BytesIO(made())
    with pytest.raises(zipfile.BadZipFile, match="too long a list"), listed(stream, Limits()):
        pass
    with listed(stream, Limits(directory_bytes=1 << 30)) as archive:
        assert 100_000 == len(archive.infolist())

"""Parts of a workbook are found as the package format says; the engine reads those that were looked at."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from support.binary_sheets import bundle, damaged_parts
from support.hostile_workbooks import packed
from support.sheets import HEADINGS, customer, intake, xlsx_file
from support.sound_workbooks import document_parts, shared_parts

from batchqual.errors import InputError

Parts = dict[str, bytes | str]
ROWS = (("customer_id", "qualification"), (customer(1), "SOE"))
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"


def parts_of(folder: Path) -> Parts:
    """The parts of an ordinary workbook, all of its texts shared ones."""
    with zipfile.ZipFile(xlsx_file(folder, ROWS)) as archive:
        found: Parts = {name: archive.read(name) for name in archive.namelist()}
    return found | shared_parts(ROWS)


def text(parts: Mapping[str, bytes | str], name: str) -> str:
    part = parts[name]
    return part if isinstance(part, str) else part.decode()


def moved(parts: Parts, **places: str) -> Parts:
    """The parts under other names; ``__`` in a key stands for a slash, ``_`` at its end for ``.xml``."""
    found = dict(parts)
    for key, place in places.items():
        name = key.replace("__", "/")
        found[place] = found.pop(name.removesuffix("_") + ".xml" if name.endswith("_") else name)
    return found


def changed(parts: Parts, name: str, *pairs: tuple[str, str]) -> Parts:
    """One part with some of its text replaced."""
    new = text(parts, name)
    for old, other in pairs:
        assert old in new
        new = new.replace(old, other)
    return {**parts, name: new}


def backslashes(parts: Parts) -> Parts:
    return {name.replace("/", "\\"): part for name, part in parts.items()}


def capitals(parts: Parts) -> Parts:
    return {name.upper(): part for name, part in parts.items()}


def at_the_root(parts: Parts) -> Parts:
    parts = changed(parts, "_rels/.rels", ("xl/workbook.xml", "workbook.xml"))
    parts = changed(parts, "xl/_rels/workbook.xml.rels", ("/xl/worksheets", "xl/worksheets"))
    parts = moved(parts, xl__workbook_="workbook.xml")
    parts["_rels/workbook.xml.rels"] = parts.pop("xl/_rels/workbook.xml.rels")
    return changed(parts, "[Content_Types].xml", ("/xl/workbook.xml", "/workbook.xml"))


def another_name(parts: Parts) -> Parts:
    """All that the package says leads to ``/data/Book.xml``, and nothing has a usual name."""
    parts = changed(parts, "_rels/.rels", ("xl/workbook.xml", "/data/Book.xml"))
    parts = changed(parts, "[Content_Types].xml", ("/xl/workbook.xml", "/data/book.xml"))
    parts = changed(parts, "xl/_rels/workbook.xml.rels", ("/xl/worksheets/sheet1.xml", "pages/p%201.xml"))
    links = text(parts, "xl/_rels/workbook.xml.rels").replace(
        "</Relationships>",
        f'<Relationship Id="s" Type="{LINKS}/sharedStrings" Target="../words.xml"/></Relationships>',
    )
    del parts["xl/_rels/workbook.xml.rels"]
    parts = moved(parts, xl__workbook_="data/Book.xml", xl__sharedStrings_="words.xml")
    parts["data/pages/p 1.xml"] = parts.pop("xl/worksheets/sheet1.xml")
    return parts | {"data/_rels/book.xml.rels": links}


def strict(parts: Parts) -> Parts:
    """Strict Open XML: other namespaces, and other types of relations."""
    return {name: text(parts, name).replace(LINKS, STRICT).replace(MAIN, STRICT_MAIN) for name in parts}


def slashed(parts: Parts) -> Parts:
    return {f"/{name}": part for name, part in parts.items()}


def another_prefix(parts: Parts) -> Parts:
    return changed(parts, "xl/workbook.xml", ("r:id=", "rel:id="))


def nothing_said(parts: Parts) -> Parts:
    return {name: part for name, part in parts.items() if name not in {"_rels/.rels", "[Content_Types].xml"}}


def up_and_down(parts: Parts) -> Parts:
    return changed(
        parts, "xl/_rels/workbook.xml.rels", ("/xl/worksheets/sheet1.xml", "../xl/./worksheets/sheet1.xml")
    )


def old_dates(parts: Parts) -> Parts:
    return backslashes(changed(parts, "xl/workbook.xml", ("<workbookPr ", '<workbookPr date1904="1" ')))


@pytest.mark.parametrize(
    "change",
    [
        dict,
        backslashes,
        capitals,
        at_the_root,
        another_name,
        strict,
        slashed,
        another_prefix,
        nothing_said,
        up_and_down,
        old_dates,
    ],
)
def test_a_workbook_is_read_whatever_its_parts_are_called(
    change: Callable[[Parts], Parts], tmp_path: Path
) -> None:
    """The package's own relations lead from part to part; names are compared as the format compares them."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(packed(change(parts_of(tmp_path))))
    found = intake(str(path))
    assert ([customer(1)], ()) == ([row.customer_id for row in found.rows], found.notices)


@pytest.mark.parametrize("change", [dict, backslashes, capitals])
def test_a_binary_workbook_is_read_whatever_its_parts_are_called(
    change: Callable[[Parts], Parts], tmp_path: Path
) -> None:
    """Found by the same names, handed to the engine under those that it knows."""
    path = tmp_path / "a.xlsb"
    path.write_bytes(packed(change(damaged_parts([customer(number) for number in range(5)]))))
    assert "Customers" == intake(str(path)).files[0].sheet
    assert [customer(0)] == [row.customer_id for row in intake(str(path), sheet="Hidden").rows]


def no_mimetype(parts: Parts) -> Parts:
    """The manifest alone says what it is."""
    name = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    entry = f'<m:file-entry m:full-path="/" m:media-type="{parts["mimetype"]!s}"/>'
    manifest = f'<m:manifest xmlns:m="{name}">{entry}</m:manifest>'
    return {"content.xml": parts["content.xml"], "META-INF/manifest.xml": manifest}


@pytest.mark.parametrize("change", [dict, backslashes, capitals, no_mimetype])
def test_an_opendocument_sheet_is_read_whatever_its_parts_are_called(
    change: Callable[[Parts], Parts], tmp_path: Path
) -> None:
    """Found by the same names, handed to the engine under those that it knows."""
    path = tmp_path / "a.ods"
    path.write_bytes(packed(change(document_parts(ROWS))))
    assert [customer(1)] == [row.customer_id for row in intake(str(path)).rows]


def twice(parts: Parts) -> Parts:
    return parts | {"xl\\worksheets\\sheet1.xml": parts["xl/worksheets/sheet1.xml"]}


def book_twice(parts: Parts) -> Parts:
    return parts | {"xl\\workbook.xml": parts["xl/workbook.xml"]}


def strings_twice(parts: Parts) -> Parts:
    return parts | {"xl/shared%53trings.xml": parts["xl/sharedStrings.xml"]}


def relation_twice(parts: Parts) -> Parts:
    links = text(parts, "xl/_rels/workbook.xml.rels")
    first = links[links.index("<Relationship ") : links.index("/>") + 2]
    return changed(parts, "xl/_rels/workbook.xml.rels", (first, first + first))


def long_relations(parts: Parts) -> Parts:
    return changed(parts, "_rels/.rels", ("</Relationships>", "<a/>" * 1_100_000 + "</Relationships>"))


def leads_nowhere(parts: Parts) -> Parts:
    return changed(parts, "xl/workbook.xml", ("r:id=", "id="))


def no_sheets(parts: Parts) -> Parts:
    return changed(parts, "xl/workbook.xml", ("<sheet ", "<leaf "))


@pytest.mark.parametrize(
    "change", [twice, book_twice, strings_twice, relation_twice, long_relations, leads_nowhere, no_sheets]
)
def test_a_workbook_of_two_readings_is_damaged(change: Callable[[Parts], Parts], tmp_path: Path) -> None:
    """Two entries that claim one part: two readers could see two different sheets."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(packed(change(parts_of(tmp_path))))
    with pytest.raises(InputError) as told:
        intake(str(path))
    assert "damaged" == told.value.code


def test_the_engine_sees_the_part_that_was_looked_at(tmp_path: Path) -> None:
    """A target that can be read in two ways, to two parts: ours is the package format's, and the engine has
    no other to choose."""
    parts = parts_of(tmp_path)
    parts = changed(parts, "xl/_rels/workbook.xml.rels", ("/xl/worksheets/", "worksheets/"))
    other = text(parts, "xl/worksheets/sheet1.xml")
    parts["worksheets/sheet1.xml"] = other.replace("<v>2</v>", "<v>3</v>")
    path = tmp_path / "a.xlsx"
    path.write_bytes(packed(parts))
    assert [customer(1)] == [row.values[0] for row in intake(str(path)).rows]


def test_sheets_of_one_name_are_told_apart_by_their_place(tmp_path: Path) -> None:
    """The first of them is read, facts and values alike."""
    parts = damaged_parts([customer(number) for number in range(5)])
    parts["xl/workbook.bin"] = bundle(("A", 1, "r3"), ("A", 0, "r2"))
    path = tmp_path / "a.xlsb"
    path.write_bytes(packed(parts))
    assert 1 == len(intake(str(path), sheet="A").rows)
    assert 5 == len(intake(str(path)).rows)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        pytest.param(
            "[Content_Types].xml",
            '<Types><Override PartName="/book.xml" ContentType="application/vnd.openxmlformats-officedocument'
            '.presentationml.presentation.main+xml"/></Types>',
            "PowerPoint",
            id="presentation",
        ),
        pytest.param("mimetype", "application/vnd.oasis.opendocument.text", "OpenDocument", id="text"),
    ],
)
def test_other_packages_are_called_what_they_are(name: str, content: str, words: str, tmp_path: Path) -> None:
    """They look like workbooks to those who judge by the archive alone."""
    path = tmp_path / "a.xlsx"
    link = f'<Relationship Id="a" Type="{LINKS}/officeDocument" Target="book.xml"/>'
    rels = f"<Relationships>{link}</Relationships>"
    book = {"_rels/.rels": rels, "book.xml": "<x/>"} if name != "mimetype" else {"content.xml": "<x/>"}
    path.write_bytes(packed({name: content, **book}))
    with pytest.raises(InputError, match=words) as told:
        intake(str(path))
    assert "not-a-sheet" == told.value.code


def test_headings_alone_are_enough(tmp_path: Path) -> None:
    """The helper above makes what it says."""
    path = tmp_path / "b.xlsx"
    path.write_bytes(packed(backslashes(parts_of(tmp_path)) | {"xl\\": b""}))
    assert HEADINGS[0] == intake(str(path)).columns[0]

"""Number formats: kept by cell, and how many zeros they show."""

from __future__ import annotations

import io
import struct
from datetime import timedelta

import pytest

from batchqual.ingest.biffsheet import OldSheet
from batchqual.ingest.binarynumbers import double, short_number
from batchqual.ingest.formats import CellFormats, digits_shown, duration_in, number_in, shows_moment
from batchqual.ingest.sheetxml import Remarks, cell_formats
from batchqual.ingest.table import SheetFacts
from batchqual.model import Cell


@pytest.mark.parametrize(
    ("code", "digits"),
    [
        ("000000", 6),
        ('"0"00000', 6),
        ("\\0000", 4),
        ("000-000", 6),
        ('"Code "00000', 5),
        ("[Red]0000;[Blue]-000000", 4),
        ("[>99999]000-000;00000", 6),
        ("00000_);(00000)", 5),
        ("0000.00", 4),
        ("0", 1),
        ("#,##0", 1),
        ("#", 0),
        ("yyyy-mm-dd", 0),
        ("[h]:mm:ss.00", 0),
        ("00E+00", 0),
        ("00%", 0),
        ("# ?/00", 0),
        ("@", 0),
        ("", 0),
    ],
)
def test_a_format_shows_so_many_digits_at_least(code: str, digits: int) -> None:
    """Placeholders and literal zeros before the decimal point count; what shows no whole number has none."""
    assert digits == digits_shown(code)


def test_formats_are_kept_as_runs_down_a_column() -> None:
    """Cells of one format below one another cost one entry; a gap or another format begins a new run."""
    formats = CellFormats()
    began = [
        formats.note(row, 2, code)
        for row, code in ((2, "00"), (3, "00"), (5, "00"), (6, "0.0"), (4, "00"), (1 << 40, "00"), (-1, "00"))
    ]
    assert [True, False, True, True, False, False, False] == began
    assert formats.note(7, 0, "00", 1 << 40)
    assert [None, "00", "00", None, "00", "0.0", None] == [formats.at(row, 2) for row in range(1, 8)]
    assert None is formats.at(2, 1)
    assert [(2, 3, "00"), (5, 5, "00"), (6, 6, "0.0")] == list(formats.runs(2))
    assert [(7, 1_048_576, "00")] == list(formats.runs(0))
    assert [] == list(formats.runs(9))


def test_styles_of_a_workbook_lead_to_formats() -> None:
    """Those of the workbook's own, and those that every workbook has; General is left out."""
    styles = (
        b'<styleSheet><numFmts><numFmt numFmtId="170" formatCode="000000"/></numFmts>'
        b'<cellStyleXfs><xf numFmtId="170"/></cellStyleXfs>'
        b'<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="49"/><xf numFmtId="46"/>'
        b'<xf numFmtId="999"/></cellXfs></styleSheet>'
    )
    assert {"1": "000000", "2": "@", "3": "[h]:mm:ss"} == cell_formats(io.BytesIO(styles))


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        pytest.param(struct.pack("<i", -5 << 2 | 2), -5.0, id="whole"),
        pytest.param(struct.pack("<i", -525 << 2 | 3), -5.25, id="whole-in-hundredths"),
        pytest.param(struct.pack("<d", -0.25)[4:], -0.25, id="front-half"),
    ],
)
def test_short_numbers_of_binary_workbooks_are_read(raw: bytes, number: float) -> None:
    """As whole numbers, in hundredths, or as the front half of a double."""
    assert number == short_number(raw)
    assert number == double(struct.pack("<d", number))


def old_facts(kind: int, content: bytes) -> SheetFacts:
    sheet = OldSheet(content, (), [None, "yyyy-mm-dd"], Remarks(10))
    sheet.take(kind, 0, len(content))
    return sheet.facts


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        pytest.param(0x203, struct.pack("<HHHd", 4, 2, 1, -5.0), id="double"),
        pytest.param(0x27E, struct.pack("<HHHi", 4, 2, 1, -5 << 2 | 2), id="short"),
        pytest.param(0xBD, struct.pack("<HHHiH", 4, 2, 1, -5 << 2 | 2, 2), id="several-short"),
        pytest.param(0x06, struct.pack("<HHHdHIH", 4, 2, 1, -5.0, 0, 0, 0), id="formula"),
    ],
)
def test_a_negative_date_of_an_old_workbook_keeps_its_number(kind: int, content: bytes) -> None:
    """The engine would call it a time of day."""
    facts = old_facts(kind, content)
    assert ("yyyy-mm-dd", {2: {5: -5.0}}) == (facts.formats.at(5, 2), facts.negative)


@pytest.mark.parametrize("number", [45000.0, 0.0, float("-inf"), float("nan")])
def test_only_numbers_below_zero_are_noted(number: float) -> None:
    """The engine reads all others rightly, and infinity is no date."""
    assert {} == old_facts(0x203, struct.pack("<HHHd", 4, 2, 1, number)).negative


@pytest.mark.parametrize(
    ("code", "moment"),
    [
        ("yyyy-mm-dd", True),
        ("h:mm AM/PM", True),
        ("[$-409]d-mmm;@", True),
        ("[h]:mm:ss", False),
        ("0.00", False),
        ('0 "days"', False),
        ("[Red]0", False),
        ("@", False),
    ],
)
def test_formats_of_moments_are_known(code: str, moment: bool) -> None:
    """A duration is none, nor is a word in quotation marks or a colour."""
    assert moment == shows_moment(code)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("PT36H30M00S", timedelta(hours=36, minutes=30)),
        ("-PT06H00M00S", timedelta(hours=-6)),
        ("PT1.5S", timedelta(seconds=1.5)),
        ("PTA meeting", "PTA meeting"),
        (5, 5),
    ],
)
def test_durations_of_opendocument_are_durations(text: Cell, duration: Cell) -> None:
    """And a text that only begins like one stays a text."""
    assert duration == duration_in(text)


def test_a_moment_that_is_written_out_has_no_number() -> None:
    """ISO 8601 in a cell of type ``d``."""
    assert 0.0 == number_in("-2024-01-05")

"""Number formats: kept by cell, and how many zeros they show."""

from __future__ import annotations

import io

import pytest

from batchqual.ingest.formats import CellFormats, digits_shown
from batchqual.ingest.sheetxml import cell_formats


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
    """Those of the workbook's own, and those that every workbook has; General and Text are left out."""
    styles = (
        b'<styleSheet><numFmts><numFmt numFmtId="170" formatCode="000000"/></numFmts>'
        b'<cellStyleXfs><xf numFmtId="170"/></cellStyleXfs>'
        b'<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="49"/><xf numFmtId="46"/>'
        b'<xf numFmtId="999"/></cellXfs></styleSheet>'
    )
    assert {"1": "000000", "3": "[h]:mm:ss"} == cell_formats(io.BytesIO(styles))

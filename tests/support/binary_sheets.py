"""A binary workbook (.xlsb) with all that a sheet says of cells besides their values, record by record."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from .hostile_workbooks import binary_record as record

__all__ = ["bundle", "damaged_parts", "wide"]

_RELATION = (
    '<Relationship Id="r{0}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{1}"'
    ' Target="{2}"/>'
)


def wide(text: str) -> bytes:
    """Text after a number that says how long it is."""
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def bundle(*sheets: tuple[str, int, str]) -> bytes:
    """The book: each sheet with its name, its state (0 visible, 1 hidden) and the relation to its part."""
    entries = b"".join(
        record(156, struct.pack("<II", state, number) + wide(identity) + wide(name))
        for number, (name, state, identity) in enumerate(sheets, start=1)
    )
    return record(131, b"") + record(143, b"") + entries + record(144, b"") + record(132, b"")


def _text(column: int, text: str) -> bytes:
    return record(6, struct.pack("<II", column, 0) + wide(text))


def _row(number: int, *cells: bytes, hidden: bool = False) -> bytes:
    head = struct.pack("<IIHBB", number - 1, 0, 300, 0, 0x10 if hidden else 0) + b"\0" * 5
    return record(0, head) + b"".join(cells)


def _styles(*codes: str) -> bytes:
    formats = b"".join(record(44, struct.pack("<H", 164 + at) + wide(code)) for at, code in enumerate(codes))
    cells = b"".join(record(47, struct.pack("<HH", 0, number) + b"\0" * 12) for number in (0, 164, 165, 46))
    parents = record(626, b"\1\0\0\0") + record(47, b"\xff\xff\xa5\0" + b"\0" * 12) + record(627, b"")
    formats = record(615, struct.pack("<I", len(codes))) + formats + record(616, b"")
    return formats + parents + record(617, b"\4\0\0\0") + cells + record(618, b"")


def damaged_parts(ids: Sequence[str]) -> dict[str, bytes | str]:
    """The parts of a workbook like ``damage.xlsx`` beside the tests of ingest: a cover with damage of its
    own, a sheet of five customers with damage, and a hidden one."""
    size = record(148, struct.pack("<IIII", 0, 5, 0, 9))
    headings = "customer_id qualification education_segment validation_code website customer_name"
    rows = [_row(1, *(_text(at, name) for at, name in enumerate(headings.split())))]
    for at, identity in enumerate(ids):
        number = 2 + at
        style = 2 if number == 6 else 1
        shown = ids[0] if number == 3 else identity
        cells = [
            record(8, struct.pack("<II", 0, 0) + wide(shown) + b"\0\0" + b"\0" * 8)
            if number == 3
            else _text(0, identity),
            _text(1, "GCC"),
            record(5, struct.pack("<IId", 3, style, 4_815.0 + at)),
            record(11, struct.pack("<II", 4, 0) + b"\x07" + b"\0" * 10) if number == 4 else b"",
            _text(5, "N"),
            record(5, struct.pack("<IId", 6, 3, 1.5)),
        ]
        rows.append(_row(number, *cells, hidden=number == 5))
    columns = record(390, b"") + record(60, struct.pack("<IIIIH", 5, 5, 2_560, 0, 1)) + record(391, b"")
    merged = record(177, b"\1\0\0\0") + record(176, struct.pack("<IIII", 3, 4, 1, 1)) + record(178, b"")
    spilt = record(426, struct.pack("<IIII", 1, 3, 9, 9) + b"\0" * 9)
    sheet = size + columns + record(145, b"") + b"".join(rows) + spilt + record(146, b"") + merged
    cover = (
        size
        + record(145, b"")
        + _row(1, _text(0, "Customers of Contoso"))
        + _row(2, _text(0, "x"), hidden=True)
    )
    hidden = _row(1, _text(0, "customer_id"), _text(1, "qualification"))
    hidden += _row(2, _text(0, ids[0]), _text(1, "SOE"))
    links = [
        *(_RELATION.format(at, "worksheet", f"worksheets/sheet{at}.bin") for at in (1, 2, 3)),
        _RELATION.format(4, "styles", "styles.bin"),
    ]
    return {
        "xl/workbook.bin": bundle(("Cover", 0, "r1"), ("Customers", 0, "r2"), ("Hidden", 1, "r3")),
        "xl/_rels/workbook.bin.rels": f"<Relationships>{''.join(links)}</Relationships>",
        "xl/worksheets/sheet1.bin": record(129, b"") + cover + record(146, b"") + record(130, b""),
        "xl/worksheets/sheet2.bin": record(129, b"") + sheet + record(130, b""),
        "xl/worksheets/sheet3.bin": size + record(145, b"") + hidden + record(146, b""),
        "xl/styles.bin": _styles("000000", "000-000"),
    }

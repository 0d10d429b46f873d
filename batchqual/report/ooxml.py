"""Rows of a worksheet as XML text.

openpyxl makes the workbook: sheets, headings, styles, filters. The rows are written here, because its
styled cells took 39 s of CPU for 100,000 rows where the whole report now takes 9, and because it guesses: a
text that begins with ``=`` would become a formula, ``#N/A`` an error, and a long text would be cut within an
escape.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from math import isfinite
from textwrap import wrap
from xml.sax.saxutils import escape

from openpyxl.utils import get_column_letter

from ..exceltext import cell_text, looks_like_formula
from ..model import Cell
from .columns import Formatted
from .tables import Heading, Shown
from .times import plain

__all__ = ["Styles", "sheet_rows"]

_DAY_ZERO, _MARCH_1900 = datetime(1899, 12, 30), datetime(1900, 3, 1)  # noqa: DTZ001 - Excel knows no zones
_DAY = timedelta(days=1)
_FIRST_YEAR = 1901  # programs differ about the days of 1900; a cell that came with a format keeps its number
_EXACT = 10**15  # Excel keeps fifteen digits
_LINE, _TALLEST = 15, 405  # points; Excel allows 409
_LINES_COUNTED = 30


@dataclass(frozen=True, slots=True)
class Styles:
    """Numbers of the workbook's cell styles. All stand at the top of their row; ``count`` and ``moment`` are
    centred, the quoted ones have Excel's quote prefix. ``formats`` are those of the user's number formats."""

    text: int
    quoted: int
    wrapped: int
    wrapped_quoted: int
    count: int
    moment: int
    local: int
    day: int
    clock: int
    elapsed: int
    formats: Mapping[str, int] = field(default_factory=dict)


def sheet_rows(
    rows: Iterable[Sequence[Shown]], headings: Sequence[Heading], styles: Styles, *, first: int = 2
) -> Iterator[str]:
    """The XML of each row, numbered from ``first``; empty cells are left out.

    Rows with broken lines say how high they are: programs other than Excel do not work it out on loading.
    """
    columns = [(get_column_letter(place), heading) for place, heading in enumerate(headings, start=1)]
    for number, row in enumerate(rows, start=first):
        cells: list[str] = []
        lines = 1
        for (letter, heading), value in zip(columns, row, strict=True):
            if value is None or value == "":
                continue
            broken = isinstance(value, str) and (heading.wrapped or "\n" in value)
            if broken:
                lines = max(lines, _lines(str(value), heading))
            cells.append(_cell(f"{letter}{number}", value, broken, styles, ours=heading.ours))
        height = f' ht="{min(lines * _LINE, _TALLEST)}" customHeight="1"' if lines > 1 else ""
        yield f'<row r="{number}"{height}>{"".join(cells)}</row>'


def _lines(text: str, heading: Heading) -> int:
    lines = text.splitlines()[:_LINES_COUNTED]
    if not heading.wrapped:
        return len(lines)
    return sum(len(wrap(line, int(heading.width) - 1)) or 1 for line in lines)


def _cell(place: str, value: Shown, broken: bool, styles: Styles, *, ours: bool) -> str:
    if isinstance(value, str):
        return _text(place, value, broken, styles)
    code = None
    if isinstance(value, Formatted):
        value, code = value
    number = _number(value, styles, ours=ours, formatted=code is not None)
    if number is None:
        return _text(place, str(plain(value)), broken, styles)
    style, kind, digits = number
    style = styles.formats.get(code, style) if code else style
    return f'<c r="{place}" s="{style}"{kind}><v>{digits}</v></c>'


def _text(place: str, value: str, broken: bool, styles: Styles) -> str:
    style = styles.wrapped if broken else styles.text
    if looks_like_formula(value):
        style = styles.wrapped_quoted if broken else styles.quoted
    text = escape(cell_text(value))
    space = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t{space}>{text}</t></is></c>'


def _number(value: Cell, styles: Styles, *, ours: bool, formatted: bool) -> tuple[int, str, str] | None:
    """Style, type and digits of a value that Excel keeps as a number; None for one that it would spoil."""
    style = styles.count if ours else styles.text
    first_year = 1900 if formatted else _FIRST_YEAR
    found = None
    match value:
        case bool():
            found = 0, ' t="b"', str(int(value))
        case int() if abs(value) < _EXACT:
            found = style, "", str(value)
        case float() if isfinite(value):
            found = style, "", repr(value)
        case datetime() if value.year >= first_year:
            found = _moment(value, styles)
        case date() if value.year >= first_year and not isinstance(value, datetime):
            found = styles.day, "", str(round(_days(datetime.combine(value, time()))))
        case time():
            day = datetime.combine(_DAY_ZERO, value)
            found = styles.clock, "", repr((day - _DAY_ZERO) / _DAY)
        case timedelta():
            found = styles.elapsed, "", repr(value / _DAY)
        case _:
            pass
    return found


def _moment(value: datetime, styles: Styles) -> tuple[int, str, str]:
    if value.tzinfo is None:
        return styles.local, "", repr(_days(value))
    return styles.moment, "", repr(_days(value.astimezone(UTC).replace(microsecond=0, tzinfo=None)))


def _days(value: datetime) -> float:
    """A serial number; Excel's 1900 has a 29 February, so that days before it count from another one."""
    return (value - (_DAY_ZERO if value >= _MARCH_1900 else _DAY_ZERO + _DAY)) / _DAY

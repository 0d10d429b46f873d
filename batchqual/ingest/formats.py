"""Number formats: which one each cell of a sheet has, and how many leading zeros one of them shows."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterator
from datetime import timedelta
from functools import lru_cache

from batchqual.model import Cell

__all__ = [
    "BUILT_IN",
    "PLAIN",
    "CellFormats",
    "digits_shown",
    "duration_in",
    "is_scientific",
    "number_in",
    "shows_moment",
]

PLAIN = frozenset({"", "general"})
"""Formats (in lower case) that are none; they are not noted."""

BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: '"$"#,##0_);("$"#,##0)',
    6: '"$"#,##0_);[Red]("$"#,##0)',
    7: '"$"#,##0.00_);("$"#,##0.00)',
    8: '"$"#,##0.00_);[Red]("$"#,##0.00)',
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "mm-dd-yy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "m/d/yy h:mm",
    37: "#,##0_);(#,##0)",
    38: "#,##0_);[Red](#,##0)",
    39: "#,##0.00_);(#,##0.00)",
    40: "#,##0.00_);[Red](#,##0.00)",
    41: r'_(* #,##0_);_(* \(#,##0\);_(* "-"_);_(@_)',
    42: r'_("$"* #,##0_);_("$"* \(#,##0\);_("$"* "-"_);_(@_)',
    43: r'_(* #,##0.00_);_(* \(#,##0.00\);_(* "-"??_);_(@_)',
    44: r'_("$"* #,##0.00_)_("$"* \(#,##0.00\)_("$"* "-"??_)_(@_)',
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mmss.0",
    48: "##0.0E+0",
    49: "@",
}
"""Formats that every workbook has without a word, by their number (ECMA-376 part 1, section 18.8.30), as
Excel's dialog spells them in English."""

_LAST_ROW = 1_048_576
_ASIDE = re.compile(r"\[[^\]]*\]|_.|\*.")  # colours, conditions and locales; room for a letter; a filler
_QUOTED = re.compile(r'"[^"]*"|\\.')
_EXPONENT = re.compile(r"[0#?]E[+-]", re.IGNORECASE)
_DURATION = re.compile(r"(-?)PT(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?").fullmatch
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_MOMENT = re.compile(r"[ymdhs]", re.IGNORECASE)
_NOT_DIGITS = re.compile(r"[ymdhsge%?/@]", re.IGNORECASE)  # dates, exponents, percent, fractions, text


class CellFormats:
    """The number format of each cell that holds a number: a date, a time and a duration are numbers too.

    Formats are strings as Excel spells them (``000000``, ``[h]:mm:ss``, ``yyyy-mm-dd``). Cells without a
    format of their own (General), and cells that hold text, are not here. Rows count
    from 1, columns from 0. Cells of one format below one another are kept as one run.
    """

    __slots__ = ("_runs",)

    def __init__(self) -> None:
        self._runs: dict[int, tuple[array[int], array[int], list[str]]] = {}

    def note(self, row: int, column: int, code: str, rows: int = 1) -> bool:
        """Take a cell, or ``rows`` of them; whether that began a new run. A row that stands above one that
        was taken before, or below where sheets end, is left out: no sound sheet has one."""
        end = min(row + rows - 1, _LAST_ROW)
        if not 1 <= row <= end:
            return False
        found = self._runs.get(column)
        if found is None:
            found = self._runs[column] = (array("L"), array("L"), [])
        starts, ends, codes = found
        if ends:
            last = ends[-1]
            if row <= last:
                return False
            if row == last + 1 and codes[-1] == code:
                ends[-1] = end
                return False
        starts.append(row)
        ends.append(end)
        codes.append(code)
        return True

    @property
    def columns(self) -> Collection[int]:
        """The columns in which any cell has a format."""
        return self._runs.keys()

    def at(self, row: int, column: int) -> str | None:
        """The format of a cell, or None for one that is not here."""
        found = self._runs.get(column)
        if found is None:
            return None
        starts, ends, codes = found
        place = bisect_right(starts, row) - 1
        return codes[place] if place >= 0 and row <= ends[place] else None

    def runs(self, column: int) -> Iterator[tuple[int, int, str]]:
        """First row, last row and format of each run of a column, downwards."""
        return zip(*self._runs[column], strict=True) if column in self._runs else iter(())


@lru_cache(maxsize=1024)
def digits_shown(code: str) -> int:
    """How many digits a format shows at least of a whole number, literal zeros among them; 0 for formats of
    dates, exponents, fractions and percentages. ``000000`` shows 6, ``"0"000`` 4, ``000-000`` 6, ``0.00`` 1.
    """
    section = _ASIDE.sub("", _QUOTED.sub(_zeros, code).partition(";")[0])
    whole = section.partition(".")[0]
    return 0 if _NOT_DIGITS.search(section) else whole.count("0")


@lru_cache(maxsize=1024)
def is_scientific(code: str) -> bool:
    """Whether a format shows an exponent, as Excel's does of a code such as ``1E5`` that became a number."""
    return bool(_EXPONENT.search(_ASIDE.sub("", _QUOTED.sub("", code))))


@lru_cache(maxsize=1024)
def shows_moment(code: str) -> bool:
    """Whether a format shows a number as a date or a time of day; a duration (``[h]:mm``) is neither."""
    return not _ELAPSED.search(code) and bool(_MOMENT.search(_ASIDE.sub("", _QUOTED.sub("", code))))


def number_in(text: str) -> float:
    """The number of a cell; zero for a moment that is written out."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def duration_in(cell: Cell) -> Cell:
    """The duration that a text spells in ISO 8601 (``PT36H30M00S``), else the cell as it is."""
    match = _DURATION(cell) if isinstance(cell, str) else None
    if match is None:
        return cell
    sign, hours, minutes, seconds = match.groups()
    duration = timedelta(hours=int(hours or 0), minutes=int(minutes or 0), seconds=float(seconds or 0))
    return -duration if sign else duration


def _zeros(quoted: re.Match[str]) -> str:
    """What counts of literal text: its zeros."""
    return "0" * quoted[0].count("0")

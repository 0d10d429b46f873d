"""A cell: what it may hold, and what counts as nothing in cells, headings, rows and files alike."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

__all__ = ["Cell", "blank", "trimmed", "without_invisible"]

Cell = str | int | float | bool | date | datetime | time | timedelta | None
"""A cell as the file holds it: text, in a workbook also a number, boolean, date or duration, or nothing."""

_CONTROLS = "\x00-\x1f\x7f-\x9f"
# Default_Ignorable_Code_Point of the Unicode Character Database, without variation selectors, which belong to
# the character before them; and the marks of interlinear annotation.
_WITHOUT_WIDTH = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff"
    "\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff"
)
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_EMPTY_BRAILLE = "\u2800"

_SPACE = rf"\s{_CONTROLS}{_EMPTY_BRAILLE}{_WITHOUT_WIDTH}"
_ASCII = "".join(letter for letter in map(chr, range(128)) if letter.isspace() or not letter.isprintable())
_BLANK = re.compile(rf"[{_SPACE}{_SELECTORS}]*").fullmatch
_WITHIN = re.compile(rf"[{_SPACE}]*(.*[^{_SPACE}])?", re.DOTALL).match
_INVISIBLE = re.compile(f"[{_WITHOUT_WIDTH}{_SELECTORS}]+")


def blank(cell: Cell) -> bool:
    """Nothing, or text in which nothing can be seen: blanks of any width, controls, marks without width."""
    return cell is None or (isinstance(cell, str) and _BLANK(cell) is not None)


def trimmed(text: str) -> str:
    """The text without blanks, controls and marks without width around it."""
    if text.isascii():
        return text.strip(_ASCII)
    found = _WITHIN(text)
    return (found and found[1]) or ""


def without_invisible(text: str) -> str:
    """The text without characters that have no width, wherever they stand."""
    return text if text.isascii() else _INVISIBLE.sub("", text)

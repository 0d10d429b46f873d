"""Text that a spreadsheet program might run, and text that a workbook cannot hold."""

from __future__ import annotations

import re
from itertools import accumulate

__all__ = ["CELL_LIMIT", "apostrophed", "cell_text", "looks_like_formula", "sound_format", "too_long"]

CELL_LIMIT = 32_767
"""Characters in one Excel cell, counted in UTF-16 units."""

_LONGEST_FORMAT = 255
_ILLEGAL = "\x00-\x08\x0b-\x1f\ufffe\uffff"
_SUSPECT = re.compile(f"[{_ILLEGAL}\ud800-\udfff]|_x")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# An underscore that would read as the start of an escape, also once what is behind it is escaped.
_FALSE_ESCAPE = re.compile(f"_(?=x[0-9A-Fa-f]{{4}}[_{_ILLEGAL}])")
_UNPRINTABLE = re.compile(f"[{_ILLEGAL}]")
_WORST_GROWTH = len("_x0000_")
_PIECE = re.compile("_x[0-9A-F]{4}_|.", re.DOTALL)


def sound_format(number_format: str) -> bool:
    """Whether a number format can stand in a workbook: Excel calls one damaged in which it is longer."""
    return len(number_format) <= _LONGEST_FORMAT and number_format.isprintable()


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet program might take the text for a formula or a command."""
    return text.startswith(("=", "+", "-", "@", "\t", "\r"))


def apostrophed(text: str) -> str:
    """A text as a CSV file may hold it: a leading ``'`` keeps a formula from running."""
    return "'" + text if looks_like_formula(text) else text


def cell_text(text: str) -> str:
    """A text in Excel's own escapes (ECMA-376, ST_Xstring), cut to what a cell holds.

    Control characters become ``_x0001_``, and a text that already looks like such an escape is protected.
    A lone surrogate, which no file can hold, becomes U+FFFD.
    """
    escaped = _escaped(text)
    return escaped if _fits(escaped) else _cut(escaped)


def too_long(text: str) -> bool:
    """Whether a cell cannot hold the whole text; its escaped form counts."""
    return len(text) * _WORST_GROWTH > CELL_LIMIT and not _fits(_escaped(text))


def _escaped(text: str) -> str:
    if not _SUSPECT.search(text):
        return text
    text = _LONE_SURROGATE.sub("\ufffd", text)
    text = _FALSE_ESCAPE.sub("_x005F_", text)
    return _UNPRINTABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def _fits(escaped: str) -> bool:
    return len(escaped) * 2 <= CELL_LIMIT or _units(escaped) <= CELL_LIMIT


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def _cut(escaped: str) -> str:
    pieces = _PIECE.findall(escaped)
    ends = accumulate(map(_units, pieces))
    return "".join(piece for piece, end in zip(pieces, ends, strict=True) if end <= CELL_LIMIT)

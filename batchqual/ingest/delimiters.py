"""Which sign divides the cells of a text file: Excel's own first line says it, or the headings do."""

from __future__ import annotations

import csv
import io
import re

from .headings import key, strong_field

__all__ = ["delimiter_of"]

_DELIMITERS = (",", ";", "\t", "|")
_SNIFFED_ROWS = 30
_SEP_LINE = re.compile(r'"?sep=(.)"?\r?\n?', re.IGNORECASE).fullmatch


def delimiter_of(sample: str, wanted: frozenset[str]) -> tuple[int, str]:
    """How many lines to skip, and the delimiter. ``wanted`` are headings that the user named."""
    first, separator = _sep_line(sample)
    return first, separator or _sniff(sample, wanted)


def _sep_line(sample: str) -> tuple[int, str | None]:
    """Excel's own first line that names the delimiter: 1 line to skip and the delimiter, or 0 and None."""
    first = sample.split("\n", 1)[0]
    match = _SEP_LINE(first)
    return (1, match[1]) if match else (0, None)


def _sniff(sample: str, wanted: frozenset[str]) -> str:
    """The delimiter under which most headings are known; among equals the one with the steadiest rows."""
    scores = [(_score(sample, delimiter, wanted), -at) for at, delimiter in enumerate(_DELIMITERS)]
    return _DELIMITERS[-max(scores)[1]]


def _score(sample: str, delimiter: str, wanted: frozenset[str]) -> tuple[int, float, int]:
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            rows.append(row)
            if len(rows) == _SNIFFED_ROWS:
                break
    except csv.Error:
        return (0, 0.0, 0)
    known = max((_known(row, wanted) for row in rows), default=0)
    widths = [len(row) for row in rows if len(row) > 1]
    if not widths:
        return (known, 0.0, 0)
    usual = max(set(widths), key=widths.count)
    return (known, widths.count(usual) / len(rows), usual)


def _known(row: list[str], wanted: frozenset[str]) -> int:
    return sum(bool(strong_field(text)) or key(text) in wanted for text in row)

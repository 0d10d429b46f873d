"""GCC validation codes: text as people write it, and what Excel makes of one that it takes for a number."""

from __future__ import annotations

import re
import unicodedata

from batchqual.model import Cell

from .cells import Finding, Read, in_usual_letters, plain_text, wrong_kind
from .headings import key
from .spellings import TOTALS

__all__ = ["REPLACED_CODE", "read_code"]

# What programs write of a number in place of a code has a decimal separator, a plus, or Excel's negative
# exponent of two digits. Without any of them (481E16) it is a code.
_REPLACED = re.compile(r"[+-]?(?:\d+[.,٫]\d*[eE][+-]?\d+|\d+[eE]\+\d+|\d[eE]-\d{2,3})").fullmatch
_WHOLE = re.compile(r"(\d+)[.,]00?").fullmatch  # 12.000 may be twelve thousand
_CODE = re.compile(r"[^\W_][\w-]{0,99}").fullmatch
_EXACT = 10**15  # Excel keeps fifteen digits of a number

REPLACED_CODE = Finding(
    "scientific-notation",
    "is a number in scientific notation: Excel has replaced the code."
    " Format the column as Text and enter the code again",
)


def read_code(cell: Cell) -> Read[str]:
    """A GCC validation code, as text. A whole number is read digit by digit; nothing is padded."""
    finding = wrong_kind(cell, "validation_code")
    if finding:
        return None, finding
    if isinstance(cell, (int, float)):
        finding = _what_is_wrong_with_number(cell)
        return (None, finding) if finding else (plain_text(cell), None)
    text, warning = in_usual_letters(plain_text(cell))
    whole = _WHOLE(text)
    if whole:
        text = whole[1]
    sound = _CODE(text) and unicodedata.is_normalized("NFKC", text)
    if sound and not _REPLACED(text) and key(text) not in TOTALS:
        return text, warning
    return None, _what_is_wrong_with_text(text)


def _what_is_wrong_with_number(cell: float) -> Finding | None:
    if abs(cell) >= _EXACT:
        return Finding(
            "scientific-notation",
            "is a number of more than 15 digits, of which Excel keeps 15 and replaces the others by zeros."
            " Format the column as Text and enter the code again",
        )
    if cell < 0 or not float(cell).is_integer():
        return Finding("not-a-code", "is not a whole number; a validation code is text, mostly digits")
    return None


def _what_is_wrong_with_text(text: str) -> Finding:
    if _REPLACED(text):
        return REPLACED_CODE
    if key(text) in TOTALS:
        return Finding("not-a-code", "is the word of a line of totals, and no code")
    digits = re.findall(r"\d+", text)
    if digits and re.fullmatch(r"\d{1,3}(?:[ ,.'’\xa0\u202f]\d{3})+", text):
        return Finding("grouped-digits", "has thousands separators; enter the digits alone")
    if len(digits) == 1:
        return Finding("code-in-text", "is longer text with a number in it; enter the code alone")
    return Finding("not-a-code", "is not a validation code: letters and digits without blanks are expected")

"""What counts as nothing in a cell."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from batchqual.model import blank, trimmed, without_invisible

BLANKS = {
    "space": " ",
    "tab": "\t",
    "form-feed": "\f",
    "nul": "\0",
    "end-of-file": "\x1a",
    "next-line": "\x85",
    "no-break": "\xa0",
    "soft-hyphen": "\xad",
    "hangul-filler": "\u3164",
    "ogham": "\u1680",
    "narrow-no-break": "\u202f",
    "ideographic": "\u3000",
    "zero-width": "\u200b",
    "joiner": "\u200d",
    "left-to-right": "\u200e",
    "isolate": "\u2066",
    "word-joiner": "\u2060",
    "byte-order-mark": "\ufeff",
    "empty-braille": "\u2800",
    "grapheme-joiner": "\u034f",
    "line-separator": "\u2028",
    "tag": "\U000e0041",
}


@pytest.mark.parametrize("letter", [pytest.param(text, id=name) for name, text in BLANKS.items()])
def test_what_cannot_be_seen_is_blank_and_no_part_of_a_text(letter: str) -> None:
    """Alone it is nothing, around a text it is dropped, and beside a letter the cell is not blank."""
    assert blank(letter)
    assert blank(letter + " " + letter)
    assert not blank(f"{letter}x")
    assert "x y" == trimmed(f"{letter}x y{letter}{letter}")


def test_nothing_is_blank_and_a_value_is_not() -> None:
    """None and the empty text are nothing; zero and FALSE are values."""
    assert blank(None)
    assert blank("")
    assert not blank(0)
    assert not blank(False)


def test_every_space_and_control_of_unicode_is_blank() -> None:
    """The definition does not lag behind the tables of the running Python."""
    seen = [
        f"U+{number:04X}"
        for number in range(sys.maxunicode + 1)
        if (unicodedata.category(chr(number)) in {"Zs", "Zl", "Zp", "Cc"} or chr(number).isspace())
        and not blank(chr(number))
    ]
    assert [] == seen


def test_a_mark_without_width_within_a_text_goes_only_where_it_cannot_belong() -> None:
    """An ID has none; in a name a joiner belongs to the letters."""
    assert "abc" == without_invisible("a\u200bb\u200dc\ufe0f")
    assert "\u0645\u06cc\u200c\u0631" == trimmed(" \u0645\u06cc\u200c\u0631 ")

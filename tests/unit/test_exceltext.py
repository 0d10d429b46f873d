"""Text that must stay text."""

from __future__ import annotations

import pytest

from batchqual.exceltext import CELL_LIMIT, apostrophed, cell_text, looks_like_formula, too_long


@pytest.mark.parametrize("text", ["=1+1", "+49", "-5", "@SUM(A1)", "\tx", "\rx"])
def test_what_might_run_is_kept_from_it(text: str) -> None:
    """The six beginnings that spreadsheet programs take for formulas or commands."""
    assert looks_like_formula(text)
    assert "'" + text == apostrophed(text)


@pytest.mark.parametrize("text", ["", "a=1", " =1", "'=1", "5-5"])
def test_what_cannot_run_is_left_alone(text: str) -> None:
    """Only the first character counts."""
    assert text == apostrophed(text)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        pytest.param("plain\ttext\n", "plain\ttext\n", id="tab and line feed are legal"),
        pytest.param("a\x00b\x1f", "a_x0000_b_x001F_", id="control characters"),
        pytest.param("a\rb", "a_x000D_b", id="carriage return, which XML would turn into a line feed"),
        pytest.param("\ufffe\uffff", "_xFFFE__xFFFF_", id="characters that XML forbids"),
        pytest.param("_x0041_", "_x005F_x0041_", id="looks like an escape"),
        pytest.param("_x0041_x0042_", "_x005F_x0041_x005F_x0042_", id="two that share an underscore"),
        pytest.param("_x0041\x01", "_x005F_x0041_x0001_", id="an escape that ours would complete"),
        pytest.param("_x004_ _X0041_ _xyz", "_x004_ _X0041_ _xyz", id="only nearly an escape"),
        pytest.param("a\ud800b", "a\ufffdb", id="a lone surrogate"),
        pytest.param("😀", "😀", id="a pair is one character"),
    ],
)
def test_a_cell_holds_it_in_excel_s_own_escapes(text: str, stored: str) -> None:
    """Excel shows the user's text again."""
    assert stored == cell_text(text)


@pytest.mark.parametrize(
    ("text", "kept", "cut"),
    [
        pytest.param("x" * CELL_LIMIT, CELL_LIMIT, False, id="just fits"),
        pytest.param("x" * (CELL_LIMIT + 1), CELL_LIMIT, True, id="one too many"),
        pytest.param("😀" * 16_383, 16_383, False, id="two units each, fits"),
        pytest.param("😀" * 16_384, 16_383, True, id="two units each, one too many"),
        pytest.param("\x01" * 4_681, 4_681 * 7, False, id="escapes that just fit"),
        pytest.param("\x01" * 5_000, 4_681 * 7, True, id="no escape is cut in two"),
        pytest.param("short", 5, False, id="short"),
    ],
)
def test_a_long_text_is_cut_to_what_a_cell_holds(text: str, kept: int, cut: bool) -> None:
    """UTF-16 units count, as in Excel, and whether something was lost can be asked."""
    assert kept == len(cell_text(text))
    assert cut == too_long(text)

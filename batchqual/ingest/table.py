"""A sheet as it stands in its file: cells with their coordinates, before any of it is understood."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from batchqual.model import Cell, Problem, cell_name, column_letters

from .formats import CellFormats

__all__ = [
    "Merged",
    "RawTable",
    "SheetFacts",
    "cell_name",
    "column_letters",
    "column_number",
    "show",
]

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged range; rows count from 1 as Excel shows them, columns from 0."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def name(self) -> str:
        """The range as Excel writes it: ``A5:A7``."""
        return f"{cell_name(self.left, self.top)}:{cell_name(self.right, self.bottom)}"


@dataclass(slots=True)
class SheetFacts:
    """What a workbook says about cells besides their values. Rows count from 1, columns from 0.

    ``formulas`` and ``errors`` (with the text, ``#N/A``) are by column, then row; ``formats`` are the number
    formats of cells that hold a number. ``negative`` are numbers below zero that are shown as a moment, which
    the Excel engine takes for a time of day, by column, then row. ``number_formulas`` are the rows with a
    formula that gives a number: when such a row looks blank, it was never calculated.
    """

    formulas: dict[int, set[int]] = field(default_factory=dict)
    errors: dict[int, dict[int, str]] = field(default_factory=dict)
    formats: CellFormats = field(default_factory=CellFormats)
    negative: dict[int, dict[int, float]] = field(default_factory=dict)
    number_formulas: set[int] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[Merged] = field(default_factory=list)

    def note_moment(self, row: int, column: int, number: float) -> bool:
        """Take the number of a cell that is shown as a moment; whether there was something to note."""
        if not number < 0 or number == float("-inf"):
            return False
        self.negative.setdefault(column, {})[row] = number
        return True


@dataclass(slots=True)
class RawTable:
    """One sheet, or one delimited file: ``cells[i]`` is the row that Excel numbers ``numbers[i]``.

    Blank rows are left out. Rows keep their own length: a delimited file may be ragged. ``delimiter`` is
    None for a workbook. ``notices`` are about the file as a whole. ``of_report``: it is one of ours.
    """

    path: str
    sha256: str
    sheet: str | None = None
    delimiter: str | None = None
    numbers: array[int] = field(default_factory=lambda: array("L"))
    cells: list[tuple[Cell, ...]] = field(default_factory=list)
    facts: SheetFacts = field(default_factory=SheetFacts)
    notices: list[Problem] = field(default_factory=list)
    of_report: bool = False

    def notice(self, code: str, message: str, *, cell: str | None = None, value: str | None = None) -> None:
        """Add a remark about the file."""
        self.notices.append(Problem(code, message, self.path, cell=cell, value=value))


def column_number(letters: str) -> int:
    """The column that the letters name, from 0. Raises ValueError for anything but A to ZZZ."""
    if not (1 <= len(letters) <= 3 and letters.isascii() and letters.isalpha()):
        raise ValueError(letters)
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def show(cell: Cell) -> str:
    """A value as it may stand in a sentence: one line, cut to a readable length."""
    text = " ".join(str(cell).split()) if cell is not None else ""
    text = "".join(letter if letter.isprintable() else "�" for letter in text)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"

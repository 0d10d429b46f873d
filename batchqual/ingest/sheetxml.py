"""What a sheet's XML says and the Excel engine does not show: formulas, hidden rows, merged and error cells,
and how large the used area is, before anything of that size is allocated."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import IO
from xml.parsers import expat

from .formats import BUILT_IN, PLAIN, number_in, shows_moment
from .table import Merged, SheetFacts, column_number

__all__ = ["Area", "ForbiddenXmlError", "Overfull", "Remarks", "SheetScan", "cell_formats", "parse_xml"]

_CHUNK = 1 << 18
_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})").fullmatch
_SPILL_CELLS = 200_000
_SPILLS_IN_ALL = 2_000_000
_COLUMNS = 16_384
_TRUE = frozenset({"1", "true"})
_NUMBERS = frozenset({None, "n", "d"})
Attributes = dict[str, str]


class ForbiddenXmlError(ValueError):
    """The XML declares a document type, as no workbook does: entities could make it unpack without end."""


class Overfull(Exception):
    """More is to be noted of a sheet's cells than is kept."""


class Remarks:
    """How much may still be noted of a sheet's cells."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._spills_left = _SPILLS_IN_ALL

    def take(self, count: int = 1) -> None:
        """Note so much more. Raises Overfull."""
        self._left -= count
        if self._left < 0:
            raise Overfull

    def spill(self, block: Merged, facts: SheetFacts) -> None:
        """Note an array formula in all cells that it fills; one beyond measure in none."""
        cells = (block.bottom - block.top + 1) * (block.right - block.left + 1)
        if cells <= min(_SPILL_CELLS, self._spills_left):
            self._spills_left -= cells
            for column in range(block.left, block.right + 1):
                facts.formulas.setdefault(column, set()).update(range(block.top, block.bottom + 1))


class Area:
    """The rectangle of cells that hold something, with a witness at its far edges.

    Rows count from 1, columns from 0.
    """

    def __init__(self) -> None:
        self.top = self.left = 1 << 30
        self.bottom = self.right = -1
        self.lowest = self.rightmost = (0, 0)

    def add(self, row: int, column: int, *, rows: int = 1, columns: int = 1) -> None:
        """Take a cell, or a block of repeated ones, into the area."""
        self.top, self.left = min(self.top, row), min(self.left, column)
        if row + rows - 1 > self.bottom:
            self.bottom, self.lowest = row + rows - 1, (row + rows - 1, column)
        if column + columns - 1 > self.right:
            self.right, self.rightmost = column + columns - 1, (row, column + columns - 1)

    @property
    def cells(self) -> int:
        """Rows times columns: what the Excel engine allocates."""
        return max(0, self.bottom - self.top + 1) * max(0, self.right - self.left + 1)


def parse_xml(
    stream: IO[bytes],
    start: Callable[[str, Attributes], None],
    *,
    prepare: Callable[[expat.XMLParserType], None] | None = None,
) -> None:
    """Stream XML through expat; prefixes are dropped from element names. Raises ForbiddenXmlError for a
    document type, expat.ExpatError for broken XML."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def element(name: str, attributes: Attributes) -> None:
        start(name.rpartition(":")[2] if ":" in name else name, attributes)

    def doctype(*_: object) -> None:
        raise ForbiddenXmlError

    parser.StartElementHandler = element
    parser.StartDoctypeDeclHandler = doctype
    if prepare:
        prepare(parser)
    while chunk := stream.read(_CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


class SheetScan:
    """Streams one worksheet of an XLSX file. ``formats`` are the number formats by the number of the style.

    ``shared`` counts the cells that show a shared text. Raises Overfull when there is more to note than that.
    """

    def __init__(self, formats: dict[str, str], most_remarks: int) -> None:
        self.facts = SheetFacts()
        self.area = Area()
        self.shared = 0
        self._remarks = Remarks(most_remarks)
        self._hidden_left = _COLUMNS
        self._formats = formats
        self._row = self._column = 0
        self._type: str | None = None
        self._format: str | None = None
        self._letters: dict[str, int] = {}
        self._heard: list[str] | None = None
        self._hear: Callable[[], None] = lambda: None
        self._elements: dict[str, Callable[[Attributes], None]] = {
            "row": self._start_row,
            "c": self._start_cell,
            "f": self._start_formula,
            "v": self._start_value,
            "is": self._start_value,
            "col": self._start_column,
            "mergeCell": self._start_merged,
        }

    def read(self, stream: IO[bytes]) -> None:
        """Read the sheet's XML to its end."""
        parse_xml(stream, self._start, prepare=self._listen)

    def _listen(self, parser: expat.XMLParserType) -> None:
        def end(name: str) -> None:
            if self._heard is not None and name.endswith("v"):
                self._take_value("".join(self._heard).strip())
                self._heard = None
                parser.CharacterDataHandler = None
                parser.EndElementHandler = None

        def text(data: str) -> None:
            if self._heard is not None:
                self._heard.append(data)

        def hear() -> None:
            self._heard = []
            parser.CharacterDataHandler, parser.EndElementHandler = text, end

        self._hear = hear

    def _start(self, name: str, attributes: Attributes) -> None:
        handler = self._elements.get(name)
        if handler:
            handler(attributes)

    def _start_row(self, attributes: Attributes) -> None:
        number = attributes.get("r")
        self._row = int(number) if number else self._row + 1
        self._column = -1
        if attributes.get("hidden") in _TRUE or attributes.get("ht") == "0":
            self._remarks.take()
            self.facts.hidden_rows.add(self._row)

    def _start_cell(self, attributes: Attributes) -> None:
        place = attributes.get("r")
        if place is None:
            self._column += 1
        else:
            letters = place.rstrip("0123456789")
            column = self._letters.get(letters)
            if column is None:
                column = self._letters[letters] = column_number(letters)
            self._column = column
        self._type = attributes.get("t")
        style = attributes.get("s")
        self._format = self._formats.get(style) if style and self._formats else None

    def _start_formula(self, attributes: Attributes) -> None:
        self._remarks.take()
        if self._type is None:
            self.facts.number_formulas.add(self._row)
        self.facts.formulas.setdefault(self._column, set()).add(self._row)
        block = attributes.get("ref") if attributes.get("t") == "array" else None
        merged = _block(block) if block else None
        if merged is not None:
            self._remarks.spill(merged, self.facts)

    def _start_value(self, _: Attributes) -> None:
        row, column, area = self._row, self._column, self.area
        if row > area.bottom or column > area.right or column < area.left or row < area.top:
            area.add(row, column)
        if self._type == "s":
            self.shared += 1
        elif self._type == "e":
            self._remarks.take()
            self._hear()
        elif self._format is not None and self._type in _NUMBERS:
            if self.facts.formats.note(row, column, self._format):
                self._remarks.take()
            if shows_moment(self._format):
                self._hear()

    def _take_value(self, text: str) -> None:
        if self._type == "e":
            self.facts.errors.setdefault(self._column, {})[self._row] = text
        elif text.startswith("-") and self.facts.note_moment(self._row, self._column, number_in(text)):
            self._remarks.take()

    def _start_column(self, attributes: Attributes) -> None:
        if attributes.get("hidden") in _TRUE:
            first, last = int(attributes.get("min", "1")), int(attributes.get("max", "1"))
            columns = range(max(first, 1) - 1, min(last, _COLUMNS))
            if len(columns) <= self._hidden_left:  # no column is described twice
                self._hidden_left -= len(columns)
                self.facts.hidden_columns.update(columns)

    def _start_merged(self, attributes: Attributes) -> None:
        merged = _block(attributes.get("ref", ""))
        if merged is not None:
            self._remarks.take()
            self.facts.merged.append(merged)


def _block(reference: str) -> Merged | None:
    """A range reference as rows from 1 and columns from 0, or None."""
    first, _, last = reference.partition(":")
    start, end = _CELL(first), _CELL(last or first)
    if not start or not end:
        return None
    return Merged(int(start[2]), column_number(start[1]), int(end[2]), column_number(end[1]))


def cell_formats(stream: IO[bytes]) -> dict[str, str]:
    """From a workbook's styles: the number format of each style of a cell, by its number. Styles that show a
    number as it is (General, Text) are left out."""
    codes = {str(number): code for number, code in BUILT_IN.items()}
    styles: dict[str, str] = {}
    counter = -1
    within = False

    def start(name: str, attributes: Attributes) -> None:
        nonlocal counter, within
        if name == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name in {"cellXfs", "cellStyleXfs", "cellStyles"}:
            within = name == "cellXfs"
        elif name == "xf" and within:
            counter += 1
            code = codes.get(attributes.get("numFmtId", ""), "")
            if code.lower() not in PLAIN:
                styles[str(counter)] = code

    parse_xml(stream, start)
    return styles

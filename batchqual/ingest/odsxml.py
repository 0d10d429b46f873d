"""OpenDocument spreadsheets: their sheets, what one of them holds besides its values, and how large they are.
Repeated cells are counted, not unrolled."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import BinaryIO
from xml.parsers import expat

from .book import Keys, Scan, Sheet, names_same
from .odsstyles import Styles
from .package import Package, packed
from .sheetxml import Area, ForbiddenXmlError, Remarks, parse_xml
from .table import Merged, SheetFacts

__all__ = ["DocumentBook"]

_HIDDEN = frozenset({"collapse", "filter"})
_NUMBERS = frozenset({"float", "percentage", "currency", "date", "time"})
_LAST_ROW = 1_048_576
_COLUMNS = 16_384
_SPAN = ("table:number-rows-spanned", "table:number-columns-spanned")
_MATRIX = ("table:number-matrix-rows-spanned", "table:number-matrix-columns-spanned")
SPREADSHEET = "application/vnd.oasis.opendocument.spreadsheet"
_PARTS = ("mimetype", "content.xml", "META-INF/manifest.xml")


class DocumentBook:
    """An ODS file. Raises ValueError, KeyError or expat.ExpatError where it is no sound one."""

    def __init__(self, package: Package, wanted: str | None, most_remarks: int) -> None:
        """``wanted`` is the name of the sheet that will be asked for, or None for the first visible one: its
        facts are taken in the one pass that finds out which sheets there are."""
        self._package = package
        self._styles = Styles()
        if package.entry("styles.xml"):
            with package.open("styles.xml") as part:
                parse_xml(part, self._styles.start, prepare=self._styles.listen)
        self._first = self._read(
            lambda sheet: not sheet.hidden if wanted is None else names_same(sheet.name, wanted), most_remarks
        )
        self.sheets = self._first.sheets
        if len({sheet.name for sheet in self.sheets}) != len(self.sheets):
            raise ForbiddenXmlError

    def scan(self, sheet: Sheet, most_remarks: int) -> Scan:
        """The facts of one sheet, and the size of all: the engine reads them all."""
        found = self._first
        if found.mine != sheet:
            found = self._read(lambda one: one == sheet, most_remarks)
        return Scan(found.facts, found.areas, found.characters)

    def for_engine(self) -> tuple[BinaryIO | None, Keys]:
        """The file itself, or a copy in which its parts bear the names that the format gives them."""
        found = {name: self._package.entry(name) for name in _PARTS}
        keys = {sheet.place: sheet.name for sheet in self.sheets}
        if all(entry == name for name, entry in found.items()):
            return None, keys
        parts = {name: name for name in _PARTS[1:] if found[name]}
        return packed(self._package, {"mimetype": SPREADSHEET}, parts), keys

    def _read(self, choose: Callable[[Sheet], bool], most_remarks: int) -> _Content:
        content = _Content(self._styles, choose, most_remarks)
        with self._package.open("content.xml") as part:
            parse_xml(part, content.start, prepare=content.listen)
        return content


class _Content:
    """Streams ``content.xml``: the used area of every sheet, and the facts of the first one that ``choose``
    accepts, which is ``mine`` then.

    ``characters`` is the text of all cells that are repeated, as often as they are, and of blanks that are
    only counted. Raises Overfull when there is more to note of cells than ``most_remarks``.
    """

    def __init__(self, styles: Styles, choose: Callable[[Sheet], bool], most_remarks: int) -> None:
        self.characters = 0
        self.facts = SheetFacts()
        self.areas: list[Area] = []
        self.sheets: list[Sheet] = []
        self.mine: Sheet | None = None
        self._styles = styles
        self._choose = choose
        self._remarks = Remarks(most_remarks)
        self._noting = False
        self._row = self._rows = self._column = self._columns = 0
        self._row_style: str | None = None
        self._column_ends: list[int] = []
        self._column_styles: list[str] = []

    def listen(self, parser: expat.XMLParserType) -> None:
        """Use this parser for the text of cells, and of formats."""
        self._parser = parser
        self._styles.listen(parser)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        if name == "table":
            self._start_table(attributes)
        elif name == "table-column":
            self._start_column(attributes)
        elif name == "table-row":
            self._start_row(attributes)
        elif name in {"table-cell", "covered-table-cell"}:
            self._start_cell(attributes)
        elif name == "p":
            self._fill()
        elif name == "s":
            self.characters += _count(attributes, "text:c") * self._repeats
        elif not self.areas:
            self._styles.start(name, attributes)

    def _start_table(self, attributes: dict[str, str]) -> None:
        self._parser.CharacterDataHandler = None
        hidden = attributes.get("table:style-name", "") in self._styles.hidden_tables
        sheet = Sheet(attributes.get("table:name", ""), hidden, len(self.areas))
        self.areas.append(Area())
        if sheet.name:  # the cache of a link to another program has none
            self.sheets.append(sheet)
        self._noting = bool(sheet.name) and self.mine is None and self._choose(sheet)
        if self._noting:
            self.mine = sheet
        self._row, self._rows, self._column, self._columns = 1, 0, 0, 0
        self._column_ends, self._column_styles = [], []

    def _start_column(self, attributes: dict[str, str]) -> None:
        first = self._column_ends[-1] if self._column_ends else 0
        if not self._noting or first >= _COLUMNS:
            return
        end = min(first + _count(attributes, "table:number-columns-repeated"), _COLUMNS)
        self._column_ends.append(end)
        self._column_styles.append(attributes.get("table:default-cell-style-name", ""))
        if attributes.get("table:visibility") in _HIDDEN:
            self.facts.hidden_columns.update(range(first, end))

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._row += self._rows
        self._rows = _count(attributes, "table:number-rows-repeated")
        self._column = self._columns = 0
        self._row_style = attributes.get("table:default-cell-style-name")
        hidden = self._noting and attributes.get("table:visibility") in _HIDDEN
        if hidden and self._row + self._rows <= _LAST_ROW + 1:
            self._remarks.take(self._rows)
            self.facts.hidden_rows.update(range(self._row, self._row + self._rows))

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._column += self._columns
        self._columns = _count(attributes, "table:number-columns-repeated")
        repeats = self._repeats
        self.characters += len(attributes.get("office:string-value", "")) * repeats
        self._parser.CharacterDataHandler = self._hear if repeats > 1 else None
        kind = attributes.get("office:value-type")
        if kind is not None:
            self._fill()
        if not self._noting:
            return
        if kind in _NUMBERS:
            self._format(attributes)
        if attributes.get("calcext:value-type") == "error":
            self._error()
        if "table:formula" in attributes:
            self._formula(attributes)
        block = self._block(attributes, *_SPAN)
        if block is not None:
            self._remarks.take()
            self.facts.merged.append(block)

    def _formula(self, attributes: dict[str, str]) -> None:
        """A formula stands in every cell over which it is repeated, or which it fills as a matrix."""
        self._remarks.take()
        self.facts.formulas.setdefault(self._column, set()).add(self._row)
        repeated = Merged(
            self._row, self._column, self._row + self._rows - 1, self._column + self._columns - 1
        )
        block = self._block(attributes, *_MATRIX) or (repeated if self._repeats > 1 else None)
        if block is not None:
            self._remarks.spill(block, self.facts)

    def _error(self) -> None:
        """The engine shows an error as an empty cell; its text is below."""
        self._remarks.take()
        row, errors = self._row, self.facts.errors.setdefault(self._column, {})
        errors[row] = ""

        def hear(text: str) -> None:
            errors[row] += text
            self._hear(text)

        self._parser.CharacterDataHandler = hear

    def _format(self, attributes: dict[str, str]) -> None:
        style = attributes.get("table:style-name") or self._row_style or self._style_of_column()
        code = self._styles.code(style)
        if code is None:
            return
        columns = range(self._column, min(self._column + self._columns, _COLUMNS))
        if len(columns) > 1:
            self._remarks.take(len(columns))
        for column in columns:
            if self.facts.formats.note(self._row, column, code, self._rows):
                self._remarks.take()

    def _style_of_column(self) -> str:
        at = bisect_right(self._column_ends, self._column)
        return self._column_styles[at] if at < len(self._column_styles) else ""

    def _block(self, attributes: dict[str, str], rows: str, columns: str) -> Merged | None:
        """The cells over which a cell is said to reach, or None when it is alone."""
        high, wide = _count(attributes, rows), _count(attributes, columns)
        if wide == high == 1:
            return None
        return Merged(self._row, self._column, self._row + high - 1, self._column + wide - 1)

    @property
    def _repeats(self) -> int:
        return max(1, self._rows) * max(1, self._columns)

    def _hear(self, text: str) -> None:
        self.characters += len(text) * self._repeats

    def _fill(self) -> None:
        if not self.areas:
            return  # a cell before any sheet
        self.areas[-1].add(self._row, self._column, rows=max(1, self._rows), columns=max(1, self._columns))


def _count(attributes: dict[str, str], name: str) -> int:
    return max(1, int(attributes.get(name, "1")))

"""The same facts from an OpenDocument sheet: repeated cells say how large it is."""

from __future__ import annotations

from typing import IO
from xml.parsers import expat

from .sheetxml import Area, Remarks, parse_xml
from .table import Merged, SheetFacts

__all__ = ["OdsScan"]

_HIDDEN = frozenset({"collapse", "filter"})
_LAST_ROW = 1_048_576


class OdsScan:
    """Streams ``content.xml``: the used area of every sheet, and the facts of the wanted one.

    Without a wanted sheet the facts are those of the first. ``characters`` is the text of all cells that are
    repeated, as often as they are, and of blanks that are only counted. Raises Overfull when there is more to
    note of cells than ``most_remarks``.
    """

    def __init__(self, wanted: str | None, most_remarks: int) -> None:
        self.characters = 0
        self._remarks = Remarks(most_remarks)
        self.facts = SheetFacts()
        self.areas: list[Area] = []
        self._wanted = wanted.strip().casefold() if wanted else None
        self._mine = False
        self._row = self._rows = self._column = self._columns = 0

    def read(self, stream: IO[bytes]) -> None:
        """Read the document to its end."""
        parse_xml(stream, self._start, prepare=self._listen)

    def _listen(self, parser: expat.XMLParserType) -> None:
        self._parser = parser

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table":
            self._start_table(attributes.get("table:name", ""))
        elif name == "table-row":
            self._row += self._rows
            self._rows = _count(attributes, "table:number-rows-repeated")
            self._column = self._columns = 0
            hidden = self._mine and attributes.get("table:visibility") in _HIDDEN
            if hidden and self._row + self._rows <= _LAST_ROW + 1:
                self._remarks.take(self._rows)
                self.facts.hidden_rows.update(range(self._row, self._row + self._rows))
        elif name in {"table-cell", "covered-table-cell"}:
            self._start_cell(attributes)
        elif name == "p":
            self._fill()
        elif name == "s":
            self.characters += _count(attributes, "text:c") * self._repeats

    def _start_table(self, name: str) -> None:
        first = not self.areas
        self.areas.append(Area())
        self._mine = first if self._wanted is None else name.strip().casefold() == self._wanted
        self._row, self._rows, self._column, self._columns = 1, 0, 0, 0

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._column += self._columns
        self._columns = _count(attributes, "table:number-columns-repeated")
        repeats = self._repeats
        self.characters += len(attributes.get("office:string-value", "")) * repeats
        self._parser.CharacterDataHandler = self._hear if repeats > 1 else None
        if "office:value-type" in attributes:
            self._fill()
        if not self._mine:
            return
        if "table:formula" in attributes:
            self._remarks.take()
            self.facts.formulas.setdefault(self._column, set()).add(self._row)
        rows = _count(attributes, "table:number-rows-spanned")
        columns = _count(attributes, "table:number-columns-spanned")
        if rows > 1 or columns > 1:
            self._remarks.take()
            self.facts.merged.append(
                Merged(self._row, self._column, self._row + rows - 1, self._column + columns - 1)
            )

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

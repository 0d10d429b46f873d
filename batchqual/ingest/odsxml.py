"""The same facts from an OpenDocument sheet: repeated cells say how large it is."""

from __future__ import annotations

from typing import IO

from .sheetxml import Area, parse_xml
from .table import Merged, SheetFacts

__all__ = ["OdsScan"]

_HIDDEN = frozenset({"collapse", "filter"})


class OdsScan:
    """Streams ``content.xml``: the used area of every sheet, and the facts of the wanted one.

    Without a wanted sheet the facts are those of the first.
    """

    def __init__(self, wanted: str | None) -> None:
        self.facts = SheetFacts()
        self.areas: list[Area] = []
        self._wanted = wanted.strip().casefold() if wanted else None
        self._mine = False
        self._row = self._rows = self._column = self._columns = 0

    def read(self, stream: IO[bytes]) -> None:
        """Read the document to its end."""
        parse_xml(stream, self._start)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table":
            self._start_table(attributes.get("table:name", ""))
        elif name == "table-row":
            self._row += self._rows
            self._rows = _count(attributes, "table:number-rows-repeated")
            self._column = self._columns = 0
            if self._mine and attributes.get("table:visibility") in _HIDDEN and self._rows <= 1_048_576:
                self.facts.hidden_rows.update(range(self._row, self._row + self._rows))
        elif name in {"table-cell", "covered-table-cell"}:
            self._start_cell(attributes)
        elif name == "p" and self.areas:
            self._fill()

    def _start_table(self, name: str) -> None:
        first = not self.areas
        self.areas.append(Area())
        self._mine = first if self._wanted is None else name.strip().casefold() == self._wanted
        self._row, self._rows, self._column, self._columns = 1, 0, 0, 0

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._column += self._columns
        self._columns = _count(attributes, "table:number-columns-repeated")
        if "office:value-type" in attributes:
            self._fill()
        if not self._mine:
            return
        if "table:formula" in attributes:
            self.facts.formulas.setdefault(self._column, set()).add(self._row)
        rows = _count(attributes, "table:number-rows-spanned")
        columns = _count(attributes, "table:number-columns-spanned")
        if rows > 1 or columns > 1:
            self.facts.merged.append(
                Merged(self._row, self._column, self._row + rows - 1, self._column + columns - 1)
            )

    def _fill(self) -> None:
        self.areas[-1].add(self._row, self._column, rows=max(1, self._rows), columns=max(1, self._columns))


def _count(attributes: dict[str, str], name: str) -> int:
    return max(1, int(attributes.get(name, "1")))

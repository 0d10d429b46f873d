"""Workbooks of XML: their sheets, and what one of them holds."""

from __future__ import annotations

from typing import BinaryIO

from .book import Keys, Scan, Sheet
from .package import Package
from .sharedtext import characters_shown
from .sheetparts import LINKS, SheetParts
from .sheetxml import SheetScan, cell_formats, parse_xml

__all__ = ["XmlBook"]

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TRUE = frozenset({"1", "true"})


class XmlBook:
    """An XLSX file. Raises KeyError, ForbiddenXmlError or expat.ExpatError where it is no sound one."""

    def __init__(self, package: Package, enough: int) -> None:
        """``enough`` is how many characters need not be counted."""
        self._parts = SheetParts(package, "xml")
        self._enough = enough
        self._old_dates = False
        self._plain = True
        self.sheets: list[Sheet] = []
        self._place = 0
        with package.open(self._parts.book) as stream:
            parse_xml(stream, self._start)
        if not self._place:
            raise KeyError("no sheet")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "workbookPr" and attributes.get("date1904") in _TRUE:
            self._old_dates = True
        if name != "sheet":
            return
        key = next((key for key in attributes if key.endswith(":id")), "")
        self._plain = self._plain and key == "r:id"
        part = self._parts.sheet(attributes.get(key, ""))
        if part is not None:
            hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append(Sheet(attributes.get("name", ""), hidden, self._place, part))
        self._place += 1

    def scan(self, sheet: Sheet, most_remarks: int) -> Scan:
        """The facts of the sheet, and how large it is."""
        parts, package = self._parts, self._parts.package
        formats: dict[str, str] = {}
        if parts.styles:
            with package.open(parts.styles) as stream:
                formats = cell_formats(stream)
        found = SheetScan(formats, most_remarks)
        with package.open(sheet.part) as stream:
            found.read(stream)
        shown = characters_shown(package, parts.strings, sheet.part, found.shared, self._enough)
        return Scan(found.facts, [found.area], shown)

    def for_engine(self) -> tuple[BinaryIO | None, Keys]:
        """The workbook itself where the engine reads the same parts; else a copy of these parts alone."""
        if self._plain and self._parts.read_alike([one.name for one in self.sheets]):
            return None, {sheet.place: sheet.name for sheet in self.sheets}
        dates = '<workbookPr date1904="1"/>' if self._old_dates else ""
        entries = "".join(
            f'<sheet name="{number}" sheetId="{number}" r:id="rId{number}"/>'
            for number in range(1, len(self.sheets) + 1)
        )
        book = f'<workbook xmlns="{_MAIN}" xmlns:r="{LINKS}">{dates}<sheets>{entries}</sheets></workbook>'
        copy = self._parts.copy([sheet.part for sheet in self.sheets], book)
        return copy, {sheet.place: at for at, sheet in enumerate(self.sheets)}

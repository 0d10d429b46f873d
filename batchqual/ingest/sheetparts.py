"""The parts of a workbook of Excel's that are read, and the Excel engine kept to them.

Where the engine could take another part for one of them (it reads names by rules of its own, and no scan of
ours would have seen what it reads), it gets a copy that holds these alone, under the names that it knows.
"""

from __future__ import annotations

from typing import BinaryIO

from .package import Package, Relation, packed
from .sheetxml import ForbiddenXmlError

__all__ = ["LINKS", "SheetParts"]

LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"
_TYPES = {
    "xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "bin": "application/vnd.ms-excel.sheet.binary.macroEnabled.main",
}


class SheetParts:
    """What the book of a package refers to; ``suffix`` is ``xml`` or ``bin``. Raises ForbiddenXmlError for a
    workbook with sheets of macros."""

    def __init__(self, package: Package, suffix: str) -> None:
        self.package = package
        self.book = package.book or ""
        self._suffix = suffix
        self._relations = package.relations(self.book)
        kinds = [relation.kind for relation in self._relations]
        if "xlMacrosheet" in kinds:
            raise ForbiddenXmlError
        self._once = package.books == 1 and max(kinds.count("sharedStrings"), kinds.count("styles")) <= 1
        self.strings = package.related(self._relations, "sharedStrings", f"sharedStrings.{suffix}")
        self.styles = package.related(self._relations, "styles", f"styles.{suffix}")
        self._identities = {relation.identity: relation for relation in self._relations}

    def sheet(self, identity: str) -> str | None:
        """The part of the sheet that the book refers to so; None for what is no sheet with cells. Raises
        KeyError for what leads nowhere."""
        relation = self._identities[identity]
        return relation.part if relation.kind == "worksheet" else None

    def read_alike(self, names: list[str]) -> bool:
        """Whether the engine reads the same parts, and finds each of the sheets by its name."""
        kinds = {relation.kind: relation for relation in self._relations}
        return (
            self._once
            and all(self.package.entry(name) == name for name in ("[Content_Types].xml", "_rels/.rels"))
            and len(set(names)) == len(names)
            and self._usual(self.book, "workbook")
            and self._usual(self.strings, "sharedStrings")
            and self._usual(self.styles, "styles")
            and all(
                self._unmistakable(one) for kind, one in kinds.items() if kind in {"sharedStrings", "styles"}
            )
            and all(
                self._unmistakable(one, "worksheets/") for one in self._relations if one.kind == "worksheet"
            )
        )

    def _usual(self, part: str | None, stem: str) -> bool:
        """Whether this is the part that has the usual name, if any has."""
        usual = f"xl/{stem}.{self._suffix}"
        entry = self.package.entry(usual)
        return entry in {None, usual} and entry == (self.package.entry(part) if part else None)

    def _unmistakable(self, relation: Relation, folder: str = "") -> bool:
        """Whether a target leads to its part in whichever way it is read."""
        entry = self.package.entry(relation.part) or ""
        plain = relation.target.removeprefix("/")
        return (
            entry.startswith(f"xl/{folder}")
            and relation.target in {f"/{entry}", entry.removeprefix("xl/")}
            and not any(map(self.package.entry, {plain, f"xl/{plain}"} - {entry}))
        )

    def copy(self, sheets: list[str], book: str | bytes) -> BinaryIO:
        """A workbook with these sheets, which ``book`` calls ``rId1`` and so on. The caller closes it."""
        links = [
            ("worksheet", f"worksheets/sheet{number}.{self._suffix}", sheet)
            for number, sheet in enumerate(sheets, start=1)
        ]
        for kind, part in (("sharedStrings", self.strings), ("styles", self.styles)):
            if part:
                links.append((kind, f"{kind}.{self._suffix}", part))
        name = f"workbook.{self._suffix}"
        types = (
            f'<Default Extension="rels" ContentType="{_RELATIONS}"/>'
            f'<Override PartName="/xl/{name}" ContentType="{_TYPES[self._suffix]}"/>'
        )
        parts = {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">{types}</Types>',
            "_rels/.rels": _lines([("officeDocument", f"xl/{name}")]),
            f"xl/_rels/{name}.rels": _lines([(kind, target) for kind, target, _ in links]),
            f"xl/{name}": book,
        }
        return packed(self.package, parts, {f"xl/{target}": part for _, target, part in links})


def _lines(links: list[tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{number}" Type="{LINKS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(links, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'

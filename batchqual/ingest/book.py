"""What every kind of workbook can say of itself, and which of its sheets is meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple, Protocol

from batchqual.errors import InputError

from .sheetxml import Area
from .table import RawTable, SheetFacts, show

__all__ = ["Book", "Keys", "Scan", "Sheet", "names_same", "quoted", "sheet_meant"]

_SHOWN_SHEETS = 20


Keys = Mapping[int, int | str]
"""By a sheet's place: the number or the name under which the Excel engine knows it."""


class Sheet(NamedTuple):
    """A sheet with cells; ``place`` counts all sheets of the workbook from 0, those without cells too."""

    name: str
    hidden: bool
    place: int
    part: str = ""


@dataclass(slots=True)
class Scan:
    """What was found out about a sheet before the Excel engine opens the file: its facts, the used areas
    that the engine would hold (of some kinds of workbooks those of all sheets), and how much text that is."""

    facts: SheetFacts
    areas: Sequence[Area]
    characters: int


class Book(Protocol):
    """A workbook of any kind. ``sheets`` are those with cells, in the workbook's order."""

    @property
    def sheets(self) -> Sequence[Sheet]: ...

    def scan(self, sheet: Sheet, most_remarks: int) -> Scan:
        """Find out what one sheet holds. Raises ValueError, Overfull and what the XML parser raises."""
        ...

    def for_engine(self) -> tuple[BinaryIO | None, Keys]:
        """A file that the engine reads as this program does (None: the workbook itself is one), and how it
        knows the sheets. The caller closes it."""
        ...


def sheet_meant(sheets: Sequence[Sheet], wanted: str | None, table: RawTable) -> Sheet:
    """The sheet that the user named, in any case; else the first visible one. Raises InputError."""
    if wanted is not None:
        same = [sheet for sheet in sheets if names_same(sheet.name, wanted)]
        if same:
            return min(same, key=lambda one: (one.name != wanted, one.name.strip() != wanted.strip()))
        raise InputError(
            f"{table.path} has no sheet “{show(wanted)}”.",
            hint=f"Its sheets are: {quoted(sheets)}.",
            code="no-such-sheet",
        )
    for sheet in sheets:
        if not sheet.hidden:
            return sheet
    raise InputError(
        f"{table.path} has no visible sheet with cells.",
        hint="Name one with --sheet NAME.",
        code="no-such-sheet",
    )


def names_same(name: str, wanted: str) -> bool:
    """Whether a sheet's name is the wanted one, in any case."""
    return name.strip().casefold() == wanted.strip().casefold()


def quoted(sheets: Sequence[Sheet]) -> str:
    """The names of sheets, as they may stand in a sentence."""
    names = ", ".join(f"“{show(sheet.name)}”" for sheet in sheets[:_SHOWN_SHEETS])
    return names + (", …" if len(sheets) > _SHOWN_SHEETS else "")

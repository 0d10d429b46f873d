"""How much text the cells of a workbook come to: each shared text as often as it is shown, because the Excel
engine makes a copy for each cell."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from contextlib import suppress
from typing import IO
from xml.parsers import expat

from .package import Package
from .sheetxml import ForbiddenXmlError, parse_xml

__all__ = ["characters_shown"]

_MOST_CELLS = 1 << 34  # of a sheet


class _Seen(Exception):
    """The first element was read; the rest is of no interest."""


def characters_shown(package: Package, strings: str | None, sheet: str, cells: int, enough: int) -> int:
    """The characters of all shared texts that the sheet shows, or 0 when it is no more than ``enough``.

    ``strings`` and ``sheet`` are names of parts, ``cells`` the number of cells with a shared text. What is
    known without counting is not counted: most workbooks are through after one multiplication.
    """
    if strings is None:
        return 0
    size = package.size(strings)
    with package.open(strings) as part:
        _require_honest_count(part, size)
    if cells * size <= enough:
        return 0
    with package.open(strings) as part:
        lengths = _lengths(part)
    if cells * max(lengths, default=0) <= enough:
        return 0
    with package.open(sheet) as part:
        return _shown(part, lengths)


def _require_honest_count(part: IO[bytes], size: int) -> None:
    """The engine makes room for as many texts as the list says it has. Raises ForbiddenXmlError."""

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "sst":
            said = max(int(attributes.get(count, "0")) for count in ("count", "uniqueCount"))
            honest = int(attributes.get("uniqueCount", "0")) <= size and said <= _MOST_CELLS
            raise _Seen if honest else ForbiddenXmlError

    with suppress(_Seen):
        parse_xml(part, start)


def _lengths(part: IO[bytes]) -> array[int]:
    lengths = array("L")

    def start(name: str, _: dict[str, str]) -> None:
        if name == "si":
            lengths.append(0)

    def text(data: str) -> None:
        if lengths:
            lengths[-1] += len(data)

    parse_xml(part, start, prepare=_hearing(text))
    return lengths


def _shown(part: IO[bytes], lengths: array[int]) -> int:
    total, shared, index = 0, False, ""

    def count() -> None:
        nonlocal total, index
        number = int(index) if index.isascii() and index.isdigit() else len(lengths)
        total += lengths[number] if number < len(lengths) else 0
        index = ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal shared
        if name == "c":
            count()
            shared = attributes.get("t") == "s"

    def text(data: str) -> None:
        nonlocal index
        if shared:
            index = (index + data.strip())[:20]

    parse_xml(part, start, prepare=_hearing(text))
    count()
    return total


def _hearing(text: Callable[[str], None]) -> Callable[[expat.XMLParserType], None]:
    def prepare(parser: expat.XMLParserType) -> None:
        parser.CharacterDataHandler = text

    return prepare

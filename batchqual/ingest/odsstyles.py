"""Styles of an OpenDocument spreadsheet: which tables are hidden, and the number format of a cell's style,
spelt as Excel spells it (OpenDocument 1.3 part 3, sections 16 and 19)."""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

from .formats import PLAIN

__all__ = ["Styles"]

_MOST_DIGITS = 30
_MOST_PARENTS = 16
_MOST_SECTIONS = 3
_ANY_NUMBER = "E+308"  # a condition that only text does not meet
_USUAL_SECTIONS: tuple[list[str], ...] = (
    [],
    ["value()>=0"],
    ["value()>0", "value()<0"],
    ["value()>0", "value()<0", "value()=0"],
)
_NUMBER, _PERCENTAGE, _CURRENCY = "number-style", "percentage-style", "currency-style"
_DATE, _TIME, _TEXT, _BOOLEAN = "date-style", "time-style", "text-style", "boolean-style"
_DATA_STYLES = frozenset({_NUMBER, _PERCENTAGE, _CURRENCY, _DATE, _TIME, _TEXT, _BOOLEAN})
_SHORT_AND_LONG = {
    "year": ("yy", "yyyy"),
    "month": ("m", "mm"),
    "day": ("d", "dd"),
    "day-of-week": ("ddd", "dddd"),
    "hours": ("h", "hh"),
    "minutes": ("m", "mm"),
    "seconds": ("s", "ss"),
    "am-pm": ("AM/PM", "AM/PM"),
}
_PLAIN_TEXT = {_DATE: "-/:. ,", _TIME: "-/:. ,", _PERCENTAGE: "%-() "}


class Styles:
    """Collects the styles of a document while it is parsed."""

    def __init__(self) -> None:
        self.hidden_tables: set[str] = set()
        self._codes: dict[str, list[str]] = {}
        self._cells: dict[str, tuple[str, str]] = {}
        self._found: dict[str, str | None] = {}
        self._pieces: list[str] | None = None
        self._kind = self._data = ""
        self._maps: dict[str, list[tuple[str, str]]] = {}
        self._table = ""
        self._elapsed = False
        self._parser: expat.XMLParserType | None = None

    def listen(self, parser: expat.XMLParserType) -> None:
        """Use this parser for the text in formats."""
        self._parser = parser

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        self._hear(None)
        if name in _DATA_STYLES:
            self._kind, self._data = name, attributes.get("style:name", "")
            self._pieces = self._codes[attributes.get("style:name", "")] = ["@"] if name == _TEXT else []
            self._elapsed = attributes.get("number:truncate-on-overflow") == "false"
        elif name == "style":
            self._pieces = None
            self._start_style(attributes)
        elif name == "table-properties" and attributes.get("table:display") == "false":
            self.hidden_tables.add(self._table)
        elif name == "map" and self._pieces is not None:
            applied = attributes.get("style:apply-style-name", "")
            self._maps.setdefault(self._data, []).append((attributes.get("style:condition", ""), applied))
        elif self._pieces is not None:
            self._piece(name, attributes, self._pieces)

    def code(self, style: str | None) -> str | None:
        """The number format of a cell's style; None for one that shows a number as it is."""
        if not style:
            return None
        if style not in self._found:
            self._found[style] = self._code_of(style)
        return self._found[style]

    def _start_style(self, attributes: dict[str, str]) -> None:
        name, family = attributes.get("style:name", ""), attributes.get("style:family")
        self._table = name if family == "table" else ""
        if family == "table-cell":
            parent = attributes.get("style:parent-style-name", "")
            self._cells[name] = (attributes.get("style:data-style-name", ""), parent)

    def _code_of(self, style: str) -> str | None:
        for _ in range(_MOST_PARENTS):
            data, parent = self._cells.get(style, ("", ""))
            if data:
                code = self._sections(data)
                return None if code.lower() in PLAIN else code
            style = parent
        return None

    def _sections(self, data: str) -> str:
        """A format behind those for its conditions: ``positive;negative;zero`` where they are these."""
        maps = self._maps.get(data, [])[:_MOST_SECTIONS]
        usual = [condition for condition, _ in maps] in _USUAL_SECTIONS or _ANY_NUMBER in str(maps)
        sections = []
        for condition, applied in maps:
            when = "" if usual else f"[{condition.removeprefix('value()')}]"
            sections.append(when + "".join(self._codes.get(applied, ())))
        return ";".join([*sections, "".join(self._codes.get(data, ()))])

    def _piece(self, name: str, attributes: dict[str, str], pieces: list[str]) -> None:
        if name == "number":
            pieces.append(_digits(attributes))
        elif name == "scientific-number":
            pieces.append("0.00E+00")
        elif name == "fraction":
            pieces.append("# ?/?")
        elif name in {"text", "currency-symbol"}:
            self._hear(lambda text: pieces.append(_literal(text, _PLAIN_TEXT.get(self._kind, "-() "))))
        elif name in _SHORT_AND_LONG:
            pieces.append(self._moment(name, attributes))

    def _moment(self, name: str, attributes: dict[str, str]) -> str:
        code = _SHORT_AND_LONG[name][attributes.get("number:style") == "long"]
        if name == "month" and attributes.get("number:textual") == "true":
            code = "mmmm" if code == "mm" else "mmm"
        if self._elapsed:
            self._elapsed, code = False, f"[{code}]"
        decimals = _count(attributes, "number:decimal-places", 0) if name == "seconds" else 0
        return f"{code}.{'0' * decimals}" if decimals else code

    def _hear(self, text: Callable[[str], None] | None) -> None:
        if self._parser is not None:
            self._parser.CharacterDataHandler = text


def _digits(attributes: dict[str, str]) -> str:
    """The placeholders of a number; nothing for the number as it is (General)."""
    whole = _count(attributes, "number:min-integer-digits", 0)
    if "number:decimal-places" not in attributes and whole <= 1:
        return ""
    decimals = _count(attributes, "number:decimal-places", 0)
    least = min(decimals, _count(attributes, "number:min-decimal-places", decimals))
    code = "0" * whole or "#"
    if attributes.get("number:grouping") == "true":
        code = "#," + code.rjust(3, "#")
    return f"{code}.{'0' * least}{'#' * (decimals - least)}" if decimals else code


def _literal(text: str, plain: str) -> str:
    """Text that stands in a format as it is."""
    if all(letter in plain for letter in text):
        return text
    return f'"{text}"' if '"' not in text else "".join(f"\\{letter}" for letter in text)


def _count(attributes: dict[str, str], name: str, default: int) -> int:
    said = attributes.get(name, "")
    return min(int(said), _MOST_DIGITS) if said.isascii() and said.isdigit() and len(said) < 9 else default

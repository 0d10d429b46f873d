"""The settings as a flat table of options, for a command line to offer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import MISSING, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, get_args, get_origin, get_type_hints

from .faults import Faults
from .settings import SimulatorSettings, Span
from .shapes import Shapes

if TYPE_CHECKING:
    from collections.abc import Mapping

Parser = Callable[[str], object]


class Knob(NamedTuple):
    """One option. `name` is its key in `settings_from_options`, `option` its spelling, `choices` all
    values it takes (empty: free), `default` and `metavar` as text to show."""

    name: str
    option: str
    help: str
    default: str
    metavar: str
    choices: tuple[str, ...]
    parse: Parser


def knobs() -> tuple[Knob, ...]:
    """All knobs: the simulator's own, then `--fault-*`, then `--shape-*`."""
    own = _knobs(SimulatorSettings, "", skip=("faults", "shapes"))
    return (*own, *_knobs(Faults, "fault_"), *_knobs(Shapes, "shape_"))


def settings_from_options(options: Mapping[str, str]) -> SimulatorSettings:
    """Settings from option values as text, by `Knob.name`; what is left out keeps its default. Raises
    ValueError that names the option and the value."""
    table = {knob.name: knob for knob in knobs()}
    strange = sorted(set(options) - set(table))
    if strange:
        raise ValueError(f"there is no knob {strange[0]!r}")
    parsed = {name: _parsed(table[name], text) for name, text in options.items()}
    own = {name: value for name, value in parsed.items() if not name.startswith(_PREFIXES)}
    return SimulatorSettings(
        faults=Faults(**_part(parsed, "fault_")), shapes=Shapes(**_part(parsed, "shape_")), **own
    )


_PREFIXES: Final = ("fault_", "shape_")


def _part(parsed: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in parsed.items() if name.startswith(prefix)}


def _parsed(knob: Knob, text: str) -> Any:
    try:
        return knob.parse(text)
    except ValueError as wrong:
        expected = f"one of {', '.join(knob.choices)}" if knob.choices else knob.metavar
        raise ValueError(f"{knob.option}: {text!r} is not {expected}") from wrong


def _knobs(kind: type, prefix: str, skip: tuple[str, ...] = ()) -> list[Knob]:
    hints = get_type_hints(kind)
    return [
        _knob(prefix + item.name, item.metadata["help"], item.default, hints[item.name])
        for item in fields(kind)
        if item.name not in skip
    ]


def _knob(name: str, text: str, default: object, hint: object) -> Knob:
    option = "--" + name.replace("_", "-")
    shown = "" if default is MISSING else _shown(default)
    if get_origin(hint) is Literal:
        choices = tuple(str(choice) for choice in get_args(hint))
        return Knob(name, option, text, shown, "NAME", choices, _one_of(choices))
    if hint is bool:
        return Knob(name, option, text, shown, "on|off", ("on", "off"), _switch)
    metavar, parse = _READERS[hint]
    return Knob(name, option, text, shown, metavar, (), parse)


def _one_of(choices: tuple[str, ...]) -> Parser:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(text)
        return text

    return parse


def _switch(text: str) -> bool:
    return _one_of(("on", "off"))(text) == "on"


def _span(text: str) -> Span:
    least, _, most = text.partition(":")
    return float(least), float(most or least)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _maybe_float(text: str) -> float | None:
    return None if text == "none" else float(text)


_READERS: Final[dict[object, tuple[str, Parser]]] = {
    int: ("INTEGER", int),
    float: ("NUMBER", float),
    float | None: ("NUMBER|none", _maybe_float),
    str: ("TEXT", str),
    Span: ("LEAST:MOST", _span),
    frozenset[str]: ("TEXT,TEXT", lambda text: frozenset(_words(text))),
    tuple[str, ...]: ("TEXT,TEXT", _words),
    Path | None: ("FILE", Path),
}


def _shown(default: object) -> str:
    """A default as its own parser would read it."""
    if default is None:
        return "none"
    if isinstance(default, bool):
        return "on" if default else "off"
    if isinstance(default, tuple):
        return ":".join(f"{part:g}" for part in default)
    if isinstance(default, frozenset):
        return ",".join(sorted(default))
    return f"{default:g}" if isinstance(default, float) and not math.isinf(default) else str(default)

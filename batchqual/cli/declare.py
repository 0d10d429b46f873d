"""Turns the table of options into a typer command."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from .exits import meanings_of
from .options import Argument, Kind, Option
from .stopping import Interrupted

__all__ = ["Flags", "FrontPage", "declare", "plain_epilog"]

Flags = dict[str, object]
"""What the user typed, as text, by the name of the setting; what was not typed is None."""

_MOST_REPEATS = 3
"""-vvvv is no more than -vvv."""

Body = Callable[[Flags], int]


def declare(
    app: typer.Typer,
    name: str,
    body: Body,
    *,
    summary: str,
    description: str = "",
    arguments: Iterable[Argument] = (),
    options: Iterable[Option] = (),
    examples: Mapping[str, str],
    exits: dict[int, str] | tuple[int, ...],
    rehearsal: bool = False,
    panel: str | None = None,
) -> None:
    """Add a verb. ``body`` gets all that was typed and returns the exit code; ``examples`` maps a command to
    what it does; ``rehearsal`` shows the defaults of `rehearse`."""
    parameters = [_parameter_for(argument) for argument in arguments]
    parameters += [_parameter_of(option, rehearsal=rehearsal) for option in options]
    app.command(
        name,
        cls=_Page,
        help=f"{summary}\n\n{description}",
        short_help=summary,
        epilog=plain_epilog(examples, meanings_of(exits)),
        rich_help_panel=panel,
    )(_Verb(name, body, parameters))


class _Verb:
    """A function whose signature is made from a table: typer asks `inspect.signature`."""

    def __init__(self, name: str, body: Body, parameters: list[inspect.Parameter]) -> None:
        self.__name__ = name
        self.__signature__ = inspect.Signature(parameters)
        self.__annotations__: dict[str, object] = {}  # typing asks for them, although the signature has all
        self._body = body

    def __call__(self, **typed: object) -> int:
        try:
            return self._body({name: _as_typed(value) for name, value in typed.items()})
        except KeyboardInterrupt:  # typer would end without a word
            raise Interrupted("Interrupted.") from None


def _as_typed(value: object) -> object:
    """A switch that was not given is not one that was turned off: a settings file may turn it on."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = min(value, _MOST_REPEATS)
    return value or None


class FrontPage(TyperGroup):
    """Help of the program: the sections at its end stand as they are."""

    def format_epilog(self, _ctx: Any, formatter: Any) -> None:
        """Write the sections."""
        formatter.write(f"\n{self.epilog}\n")


class _Page(TyperCommand):
    """Help in plain text, options in groups: quick, and good to search and to pipe."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        options, *words = super().collect_usage_pieces(ctx)
        return [options, *(word.removesuffix("...").strip("[]") for word in words)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            positional = parameter.param_type_name == "argument"
            group = getattr(parameter, "rich_help_panel", None) or ("Arguments" if positional else "Options")
            name, text = parameter.get_help_record(ctx) or ("", "")
            groups.setdefault(group, []).append((name.partition(" <")[0] if positional else name, text))
        for group, records in groups.items():
            with formatter.section(group):
                formatter.write_dl(records)

    def format_epilog(self, _ctx: Any, formatter: Any) -> None:
        formatter.write(f"\n{self.epilog}\n")


def _parameter(name: str, kind: object, info: object) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=info, annotation=kind)


def _parameter_for(argument: Argument) -> inspect.Parameter:
    info = typer.Argument(default=None, metavar=argument.metavar, help=argument.help, show_default=False)
    return _parameter(argument.name, list[str] | None if argument.many else str | None, info)


def _parameter_of(option: Option, *, rehearsal: bool) -> inspect.Parameter:
    default = (rehearsal and option.rehearsal) or option.default
    annotation, untyped = _TYPES[option.kind]
    info = typer.Option(
        untyped,
        *filter(None, (option.short, option.spelling)),
        metavar=option.metavar or None,
        help=f"{option.help} [default: {default}]" if default else option.help,
        rich_help_panel=option.panel,
        show_default=False,
        count=option.kind is Kind.COUNT,
        autocompletion=_completion(option.choices) if option.choices else None,
    )
    return _parameter(option.name, annotation, info)


_TYPES: dict[Kind, tuple[object, object]] = {
    Kind.VALUE: (str | None, None),
    Kind.MANY: (list[str] | None, None),
    Kind.SWITCH: (bool, False),
    Kind.COUNT: (int, 0),
}
"""What typer makes of a value, and what it is when nothing was typed."""


def _completion(choices: tuple[str, ...]) -> Callable[[str], list[str]]:
    def complete(incomplete: str) -> list[str]:
        return [choice for choice in choices if choice.lower().startswith(incomplete.lower())]

    return complete


def plain_epilog(examples: Mapping[str, str], exits: Mapping[int, str]) -> str:
    """The sections at the end of help, which the formatter must leave as they are."""
    shown = [f"  {command}\n      {purpose}" for command, purpose in examples.items()]
    codes = [f"  {code:<4} {meaning}" for code, meaning in exits.items()]
    return "\n".join(["Examples:", *shown, "", "Exit status:", *codes])

"""The program as typer sees it: its verbs in the order of help, and what stands in front of them."""

from __future__ import annotations

from importlib.metadata import version

import typer
from typer.main import get_command

from . import (
    check,
    codes,
    customers,
    doctor,
    login,
    logout,
    plan,
    rehearse,
    report,
    resume,
    run,
    simulate,
    status,
    support,
    template,
    verify,
)
from .declare import FrontPage, plain_epilog
from .exits import MEANINGS

__all__ = ["PROGRAM", "VERBS", "invoke"]

PROGRAM = "batchqual"

_VERBS = {
    "run": run,
    "resume": resume,
    "plan": plan,
    "check": check,
    "rehearse": rehearse,
    "status": status,
    "report": report,
    "verify": verify,
    "support": support,
    "codes": codes,
    "customers": customers,
    "doctor": doctor,
    "template": template,
    "login": login,
    "logout": logout,
    "simulate": simulate,
}
VERBS = tuple(_VERBS)

# a switch that is not given is None to typer, which then imports pydantic to find out that it is no value
_SWITCHES = dict.fromkeys(("help", "install_completion", "show_completion"), False)

_EXAMPLES = {
    "batchqual check customers.xlsx": "find the mistakes in a spreadsheet, offline",
    "batchqual rehearse customers.xlsx": "try it out against the bundled simulator",
    "batchqual run customers.xlsx": "submit, wait for vetting, write the report",
    "batchqual resume": "look again at what is in review",
}


def invoke(arguments: list[str]) -> int:
    """Parse the command line and do what it says; returns the exit code.

    Raises BatchqualError, and typer's own exceptions for a command line that makes no sense.
    """
    result = get_command(_app()).main(arguments, prog_name=PROGRAM, standalone_mode=False)
    return result if isinstance(result, int) else 0


def _app() -> typer.Typer:
    app = typer.Typer(
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        cls=FrontPage,
        context_settings={"help_option_names": ["-h", "--help"], "default_map": _SWITCHES},
        epilog=plain_epilog(_EXAMPLES, MEANINGS),
    )
    app.callback(no_args_is_help=True)(_front)
    for verb in _VERBS.values():
        verb.add_to(app)
    return app


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{PROGRAM} {version(PROGRAM)}")
        raise typer.Exit


def _front(
    version: bool = typer.Option(
        False, "--version", callback=_say_version, is_eager=True, help="Show the version."
    ),
) -> None:
    """Qualify many Microsoft CSP customers from a spreadsheet: never twice, never lost.

    Every verb explains itself: batchqual VERB --help.
    """

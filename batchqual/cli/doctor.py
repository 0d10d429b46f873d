"""`batchqual doctor`: all that a run needs, checked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from batchqual.telemetry import neutral, redacted

from . import console
from .declare import Flags, declare
from .failure import wants_json
from .options import Kind, Option, options_named

if TYPE_CHECKING:
    from batchqual.doctor import Diagnosis

__all__ = ["add_to"]

_OWN = (
    Option(
        "as_scheduled",
        "Look as a scheduler would: without a terminal, with next to no environment, in the home folder.",
        kind=Kind.SWITCH,
    ),
)
_COMMON = options_named(("rate", "api", "base_url", "cloud", "auth", "ledger", "report", "json", "config"))


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    declare(
        app,
        "doctor",
        _doctor,
        summary="Check all that a run needs: a table of pass, warn, fail, with the fix.",
        description=(
            "Settings, files, sign-in, each hop of the way to the service, the clock, the tokens, one read. "
            "It submits nothing. The exit code is that of the first failure. Standard output gets the table, "
            "or JSON. No secret is shown."
        ),
        options=(*_OWN, *_COMMON),
        examples={
            "batchqual doctor": "is everything in order?",
            "batchqual doctor --as-scheduled": "would it be, at night?",
            "batchqual doctor --json": "the same for a script",
        },
        exits={
            0: "nothing failed",
            1: "the API cannot be reached, or something is not installed",
            2: "the settings, or the folder of the report",
            11: "the ledger",
            12: "signing in, the way to the sign-in service, or this machine's clock",
            13: "the service refuses the partner",
            130: "interrupted",
        },
    )


def _doctor(flags: Flags) -> int:
    scheduled = flags.pop("as_scheduled", None)
    from batchqual.doctor import as_scheduled, document_of, examine

    diagnosis = asyncio.run(as_scheduled(flags) if scheduled else examine(flags))
    if _wants_json(flags):
        console.json_data({name: _shown(value) for name, value in document_of(diagnosis).items()})
    elif console.stdout_is_terminal():
        _show(diagnosis)
    else:
        console.data_lines(_lines(diagnosis))
    return diagnosis.exit_code


def _wants_json(flags: Flags) -> bool:
    """Also when the settings cannot be read."""
    words = ["--json"] if flags.get("json") else []
    return wants_json([*words, "--config", str(flags["config"])] if flags.get("config") else words)


def _show(diagnosis: Diagnosis) -> None:
    from .tables import table_of

    rows = [(one.name, one.state.value, redacted(one.words), redacted(one.fix)) for one in diagnosis.findings]
    console.show_data(table_of(("Check", "", "Found", "Fix"), rows))
    changed = [one for one in diagnosis.settings if not one.is_default]
    if changed:
        told = [(one.name, redacted(one.value or ""), one.origin) for one in changed]
        console.show_data(table_of(("Setting", "Value", "From"), told))


def _lines(diagnosis: Diagnosis) -> Iterator[str]:
    for one in diagnosis.findings:
        yield neutral(f"{one.state.value:8}{one.name}: {redacted(one.words)}")
        if one.fix:
            yield neutral(f"{'':8}fix: {redacted(one.fix)}")
    for setting in diagnosis.settings:
        if not setting.is_default:
            value = redacted(setting.value or "")
            yield neutral(f"{'setting':8}{setting.name} is {value} ({setting.origin})")


def _shown(value: object) -> object:
    """The same without anything that has the form of a secret."""
    if isinstance(value, dict):
        return {name: _shown(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_shown(one) for one in value]
    return redacted(value) if isinstance(value, str) else value

"""`batchqual check`: validate a spreadsheet, offline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from batchqual.errors import UsageError
from batchqual.paths import OUTPUT

from . import console
from .declare import Flags, declare
from .driving import paths_in, settings_and_voice, stdin_for
from .options import CHECK, INPUTS, Option

if TYPE_CHECKING:
    from batchqual.settings import Settings

    from .findings import Finding
    from .voice import Voice

__all__ = ["add_to"]

_FIX = Option(
    "fix", "Write a repaired copy of the input, as a workbook; it must not exist yet.", "OUT.xlsx", "Output"
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    declare(
        app,
        "check",
        _check,
        summary="Find the mistakes in a spreadsheet, offline: no network, no ledger.",
        description=(
            "Standard output gets the findings in the order of the rows, one a line, each with file, row, "
            "customer, cell and heading as Excel shows them. What occurs more than three times is counted; a "
            "report lists every row. With --json one document instead, and the findings go to standard error."
        ),
        arguments=(INPUTS,),
        options=(*CHECK, _FIX),
        examples={
            "batchqual check customers.xlsx": "list every mistake with its cell",
            "batchqual check customers.xlsx --fix repaired.xlsx": "repair what can be, mark the rest",
            "batchqual check customers.csv --map customer_id=Tenant": "the file calls a column otherwise",
        },
        exits={
            0: "every row can be sent, or is a duplicate",
            3: "some row cannot be sent",
            13: "--strict, and the input has a warning",
            1: "",
            2: "",
            10: "",
        },
    )


def _check(flags: Flags) -> int:
    from batchqual import composition

    from .ending import conclude
    from .findings import findings_of, headings_hint

    paths = paths_in(flags, "check")
    fix = _fresh(flags.pop("fix", None))
    settings, voice = settings_and_voice(flags)
    report, intake = composition.checked(paths, settings, stdin=stdin_for(paths))
    _tell(findings_of(report), settings, voice)
    if hint := headings_hint(report):
        voice.say(f"hint: {hint}")
    if fix is not None:
        from batchqual.ingest import write_fixed

        voice.say(f"Repaired copy: {write_fixed(intake, fix)}")
    conclude(report, settings, voice)
    return report.exit_code


def _fresh(path: object) -> Path | None:
    """The file for the repaired copy. Raises UsageError for one that is there, which may be the input."""
    if path is None:
        return None
    target = Path(str(path))
    if target.suffix.lower() != ".xlsx":
        raise UsageError(f"{target}: the repaired copy is a workbook.", hint="End its name with .xlsx.")
    if OUTPUT.exists(target):
        raise UsageError(f"{target} is there already.", hint="Name another file with --fix.")
    return target


def _tell(findings: Sequence[Finding], settings: Settings, voice: Voice) -> None:
    from .findings import on_screen, plain

    if settings.json_output:
        for finding in findings:
            voice.say(plain(finding))
    elif findings and console.stdout_is_terminal():
        console.show_data(on_screen(findings))
    else:
        console.data_lines(map(plain, findings))

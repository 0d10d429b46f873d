"""`batchqual template`: an empty input workbook."""

from __future__ import annotations

from pathlib import Path

import typer

from batchqual.errors import UsageError
from batchqual.paths import OUTPUT

from . import console
from .declare import Flags, declare
from .options import Argument, Kind, Option

__all__ = ["add_to"]

_FILE = Argument("file", "FILE.xlsx", "Where to write it.")
_FORCE = Option("force", "Write over a file that is there.", kind=Kind.SWITCH)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    declare(
        app,
        "template",
        _template,
        summary="Write an input workbook to fill in: headings, drop-downs and notes.",
        description="Standard output gets its path.",
        arguments=(_FILE,),
        options=(_FORCE,),
        examples={"batchqual template customers.xlsx": "an empty sheet, ready to fill in"},
        exits={0: "the workbook was written", 1: "", 2: "wrong usage, or the file cannot be written"},
    )


def _template(flags: Flags) -> int:
    if not flags["file"]:
        raise UsageError(
            "template needs the name of the workbook.", hint="For example: batchqual template customers.xlsx"
        )
    path = Path(str(flags["file"]))
    if path.suffix.lower() != ".xlsx":
        raise UsageError(f"{path}: the template is a workbook.", hint="End its name with .xlsx.")
    if OUTPUT.exists(path) and not flags["force"]:
        raise UsageError(f"{path} is there already.", hint="Choose another name, or give --force.")
    from batchqual.ingest import write_template

    console.data(str(write_template(path)))
    return 0

"""`batchqual run`: the main job."""

from __future__ import annotations

import typer

from .declare import Flags, declare
from .driving import drive, paths_in, start_of
from .options import INPUTS, RUN

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    declare(
        app,
        "run",
        _run,
        summary="Submit the qualifications of a spreadsheet, wait for vetting, write the report.",
        description=(
            "Looks at every customer first, submits what is not there yet, and polls until vetting has "
            "settled or --wait is over. Nothing is ever submitted twice: give the same command again "
            "whenever you like. Standard output gets the paths of the reports, one a line, or with --json "
            "one document."
        ),
        arguments=(INPUTS,),
        options=RUN,
        examples={
            "batchqual run customers.xlsx": "look, ask, submit, and poll for an hour",
            "batchqual run customers.xlsx --yes --wait 8h": "unattended, through the night",
            "batchqual run customers.xlsx --first 5": "five submissions only, to see how it goes",
            "batchqual run *.csv --qualification Education --education-segment K12": "several files at once",
        },
        exits=(0, 3, 4, 1, 2, 10, 11, 12, 13, 130),
    )


def _run(flags: Flags) -> int:
    return drive(flags, start_of("run", paths_in(flags, "run")))

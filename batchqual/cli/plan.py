"""`batchqual plan`: everything that a run does but the writes."""

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
        "plan",
        _plan,
        summary="Show what a run would submit, what it costs, and what blocks; writes nothing.",
        description=(
            "Looks at every customer as a run does. Rows that would be submitted are 'not attempted' in the "
            "report. Standard output gets the paths of the reports, or with --json one document."
        ),
        arguments=(INPUTS,),
        options=RUN,
        examples={
            "batchqual plan customers.xlsx": "look, and write a report of what would be done",
            "batchqual plan customers.xlsx --json": "the counts, for a script",
        },
        exits=(0, 3, 4, 1, 2, 10, 11, 12, 13, 130),
    )


def _plan(flags: Flags) -> int:
    return drive(flags, start_of("plan", paths_in(flags, "plan")))

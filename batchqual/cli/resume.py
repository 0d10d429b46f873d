"""`batchqual resume`: look again at what is open."""

from __future__ import annotations

import typer

from .declare import Flags, declare
from .driving import drive, start_of
from .options import RUN

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    declare(
        app,
        "resume",
        _resume,
        summary="Look again at what is in review or of unknown fate; submits nothing new.",
        description=(
            "Needs no input: the ledger knows what is open, from every earlier sheet. Standard output gets "
            "the paths of the reports, or with --json one document."
        ),
        options=RUN,
        examples={
            "batchqual resume": "look at everything that is open, for an hour at most",
            "batchqual resume --wait 0 --report today.xlsx": "one look at each, and a report of it",
        },
        exits=(0, 3, 4, 1, 2, 11, 12, 13, 130),
    )


def _resume(flags: Flags) -> int:
    return drive(flags, start_of("resume", ()), submits=False)

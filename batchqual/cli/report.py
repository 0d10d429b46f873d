"""`batchqual report`: the report of an earlier run, once more."""

from __future__ import annotations

import typer

from .declare import Flags, declare
from .driving import settings_and_voice
from .options import REPORT, Option

__all__ = ["add_to"]

_RUN_ID = Option("run", "Which run.", "ID", "Options", default="the last one")


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    declare(
        app,
        "report",
        _report,
        summary="Write the report of an earlier run again, from the ledger.",
        description=(
            "Standard output gets the paths of the reports, or with --json the document of that run. The "
            "exit status is about the writing: how the run itself ended is in the report."
        ),
        options=(_RUN_ID, *REPORT),
        examples={
            "batchqual report": "the last run's workbook again",
            "batchqual report --run ID --report again.csv": "of another run (see `batchqual status`), as CSV",
        },
        exits={
            0: "the report was written",
            1: "",
            2: "wrong usage, or there is no such run",
            11: "there is no ledger, or it cannot be read",
        },
    )


def _report(flags: Flags) -> int:
    from batchqual import overview

    from .ending import conclude

    run_id = flags.pop("run", None)
    settings, voice = settings_and_voice(flags)
    report = overview.report_again(settings, run_id=str(run_id) if run_id else None)
    conclude(report, settings, voice)
    return 0

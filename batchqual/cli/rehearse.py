"""`batchqual rehearse`: a whole run against the bundled simulator."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

import typer

from .declare import Flags, declare
from .driving import drive, paths_in, stdin_for
from .options import INPUTS, RUN

if TYPE_CHECKING:
    from batchqual.events import Listener
    from batchqual.pipeline import Plan, StopSwitch
    from batchqual.report import RunReport
    from batchqual.settings import Settings

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    declare(
        app,
        "rehearse",
        _rehearse,
        summary="Do a whole run against the bundled simulator: nothing leaves this machine.",
        description=(
            "Starts a Partner Center of its own that knows the customers of your spreadsheet, and does all "
            "that a run does, over real HTTP, in seconds. It approves most and denies some, so that the "
            "report shows what a real one looks like. The ledger is thrown away unless --ledger names one."
        ),
        arguments=(INPUTS,),
        options=RUN,
        rehearsal=True,
        examples={
            "batchqual rehearse customers.xlsx": "see what the report will look like",
            "batchqual rehearse customers.xlsx --json": "the same for a script",
        },
        exits=(0, 3, 4, 1, 2, 10, 11, 13, 130),
    )


def _rehearse(flags: Flags) -> int:
    from batchqual.settings import REHEARSAL

    paths = paths_in(flags, "rehearse")

    def start(
        settings: Settings, say: Listener, stop: StopSwitch, _confirm: Callable[[Plan], bool] | None
    ) -> Coroutine[None, None, RunReport]:
        from batchqual.rehearsal import rehearse

        return rehearse(paths, settings, say=say, stop=stop, stdin=stdin_for(paths))

    return drive(flags, start, defaults=REHEARSAL)

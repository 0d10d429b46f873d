"""`batchqual simulate`: the simulator by itself."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from batchqual.errors import UsageError
from batchqual.machine import on_stop_signals
from batchqual.paths import OUTPUT, PathRole
from batchqual.simulator import knobs, settings_from_options

from . import console
from .declare import Flags, declare
from .options import Option

if TYPE_CHECKING:
    from batchqual.simulator import Simulator, SimulatorSettings

__all__ = ["add_to"]

_PANELS = {"fault": "Faults", "shape": "Shapes of answers"}


def add_to(app: typer.Typer) -> None:
    """Add the verb, with an option for each knob of the simulator."""
    declare(
        app,
        "simulate",
        _simulate,
        summary="Serve a Partner Center on this machine until interrupted.",
        description=(
            "Prints its address on standard output. Any token is taken: BATCHQUAL_ACCESS_TOKEN=x batchqual "
            "run customers.xlsx --base-url ADDRESS."
        ),
        options=[
            Option(
                knob.name,
                knob.help,
                knob.metavar,
                _PANELS.get(knob.name.partition("_")[0], "Options"),
                default=knob.default,
                choices=knob.choices,
            )
            for knob in knobs()
        ],
        examples={
            "batchqual simulate --port 8080": "at a port of your choice",
            "batchqual simulate --rate 5 --fault-server-error 0.05": "with a limit, and some trouble",
            "batchqual simulate --state world.json": "keep its world from one time to the next",
        },
        exits={0: "interrupted, as it should be", 1: "", 2: "wrong usage, or the port is taken"},
    )


def _simulate(flags: Flags) -> int:
    try:
        settings = settings_from_options(
            {name: str(value) for name, value in flags.items() if value is not None}
        )
    except ValueError as error:
        raise UsageError(f"{error}.", hint="`batchqual simulate --help` explains each knob.") from None
    _check_state(settings.state)
    try:
        asyncio.run(_serve(settings))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            f"The simulator cannot be served at {settings.host}:{settings.port}: {reason}.",
            hint="Choose another --port; 0 takes a free one.",
        ) from None
    return 0


def _check_state(state: Path | None) -> None:
    """Make sure that its world can be kept there. Raises UsageError."""
    if state is None:
        return
    if OUTPUT.is_folder(state):
        raise UsageError(f"{state} is a folder.", hint="Name a file in it with --state.")
    with OUTPUT.told(state), tempfile.TemporaryFile(dir=state.parent):
        pass


async def _serve(settings: SimulatorSettings) -> None:
    from batchqual.simulator import Simulator

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    with on_stop_signals(lambda _number: _post(loop, stopped)):
        async with _built(Simulator, settings) as simulator:
            console.data(simulator.base_url)
            console.talk("Serving until interrupted (Ctrl-C).")
            await stopped.wait()


_STATE = PathRole(UsageError, "{} cannot be read", "Name another file with --state.", "unreadable")


def _post(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    loop.call_soon_threadsafe(stopped.set)


def _built(kind: type[Simulator], settings: SimulatorSettings) -> Simulator:
    try:
        with _STATE.told(str(settings.state)):
            return kind(settings)
    except ValueError as error:
        raise UsageError(f"{settings.state} is not a world of this simulator: {error}.") from None

"""A Partner Center on your desk. It serves the qualification calls of the remote API over real HTTP, vets by
chance (the same chance for the same seed), fails when told to, and keeps books of what it was asked and when.
It imports nothing else of this project and writes its own words for everything, so that it cannot share a
mistake with the client.

The two names that need aiohttp, `Simulator` and `serve_in_thread`, are loaded at first use: the table of
knobs must cost a command line nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .books import Books, Entry
from .faults import Fault, Faults
from .knobs import Knob, knobs, settings_from_options
from .people import Code, Customer, Holding, Sight, Verdict
from .population import Person, population_for
from .settings import SimulatorSettings
from .shapes import Shapes
from .world import World

if TYPE_CHECKING:
    from .serve import Simulator, serve_in_thread

__all__ = [
    "Books",
    "Code",
    "Customer",
    "Entry",
    "Fault",
    "Faults",
    "Holding",
    "Knob",
    "Person",
    "Shapes",
    "Sight",
    "Simulator",
    "SimulatorSettings",
    "Verdict",
    "World",
    "knobs",
    "population_for",
    "serve_in_thread",
    "settings_from_options",
]


def __getattr__(name: str) -> object:
    if name in {"Simulator", "serve_in_thread"}:
        return getattr(import_module(".serve", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

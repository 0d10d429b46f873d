"""Qualify many Microsoft CSP customers for Education or GCC from a spreadsheet: never twice, never lost.

One customer::

    async with batchqual.connect(token) as partner_center:
        await partner_center.submit(request, request_id=str(uuid.uuid4()))
        holdings = await partner_center.holdings(request.customer_id)

A whole sheet::

    settings = batchqual.load_settings({"yes": True, "wait": "8h"})
    report = await batchqual.run(["customers.xlsx"], settings)

Names are loaded at first use, so that importing this package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import BatchqualError
    from .frames import read_frame, to_frame
    from .model import EducationSegment, Outcome, Qualification, QualificationRequest
    from .python import connect, read_rows, run
    from .report import RunReport, write_report
    from .settings import Settings, load_settings

    __version__: str

__all__ = [
    "BatchqualError",
    "EducationSegment",
    "Outcome",
    "Qualification",
    "QualificationRequest",
    "RunReport",
    "Settings",
    "__version__",
    "connect",
    "load_settings",
    "read_frame",
    "read_rows",
    "run",
    "to_frame",
    "write_report",
]

_HOMES = {
    "BatchqualError": "errors",
    "EducationSegment": "model",
    "Outcome": "model",
    "Qualification": "model",
    "QualificationRequest": "model",
    "RunReport": "report",
    "Settings": "settings",
    "connect": "python",
    "load_settings": "settings",
    "read_frame": "frames",
    "read_rows": "python",
    "run": "python",
    "to_frame": "frames",
    "write_report": "report",
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 - costs more than the rest of this module

        return version("batchqual")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)

"""One call for every kind of report."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Protocol

from .paths import FORMATS, format_of
from .run_report import RunReport

__all__ = ["write_report"]


class _Write(Protocol):
    def __call__(self, report: RunReport, path: Path) -> Path: ...


def write_report(report: RunReport, path: str | Path) -> Path:
    """Write the report, whole or not at all, and return the path really written.

    The suffix chooses ``.xlsx``, ``.csv`` or ``.json``. Another path comes back when the file was open in
    another program. Raises `errors.UsageError` for a suffix or folder that will not do, `errors.Unbalanced`
    when rows in are not the sum of outcomes.
    """
    module = import_module(
        f".{FORMATS[format_of(path)]}", __package__
    )  # openpyxl is only for those who need it
    write: _Write = module.write
    return write(report, Path(path))

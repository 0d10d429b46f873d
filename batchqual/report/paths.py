"""Where a report goes, and whether it can go there: asked before anything is sent."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from ..atomic import place_beside
from ..errors import UsageError
from ..paths import OUTPUT

__all__ = ["FORMATS", "check_report_path", "default_report_path", "format_of", "keep_from_harm"]

FORMATS = {".xlsx": "workbook", ".csv": "flat", ".json": "document"}
"""The module that writes each kind of report; the suffix of the path chooses."""


def format_of(path: str | Path) -> str:
    """The suffix of a path, lower case. Raises `errors.UsageError` for one that cannot be written."""
    suffix = Path(path).suffix.lower()
    if suffix in FORMATS:
        return suffix
    if suffix == ".html":
        message = f"{path}: HTML reports are not available in this version."
    else:
        message = (
            f"{path}: the suffix chooses the kind of report, and {suffix or 'no suffix'} is not one of them."
        )
    raise UsageError(message, hint="End the name with .xlsx, .csv or .json.", code="report-suffix")


def check_report_path(path: str | Path) -> None:
    """Make sure that a report can be written to ``path``: known suffix, and a folder that takes files.

    Raises `errors.UsageError`. Access rights tell only half (read-only shares, quotas), so a file is tried.
    """
    format_of(path)
    target = Path(path)
    try:
        with suppress(FileNotFoundError, NotADirectoryError):
            os.lstat(place_beside(target))
    except OSError as error:
        raise UsageError(
            f"The report cannot be written to {target}: {error.strerror or error}.",
            hint="Choose another name with --report.",
            code="report-name",
        ) from error
    if OUTPUT.is_folder(target):
        raise UsageError(f"{target} is a folder.", hint="Name a file in it.", code="report-folder")
    if not OUTPUT.is_folder(target.parent):
        raise UsageError(
            f"The folder {target.parent} for the report does not exist.",
            hint="Create it, or choose another place with --report.",
            code="report-folder",
        )
    try:
        with tempfile.TemporaryFile(dir=target.parent):
            pass
    except OSError as error:
        raise UsageError(
            f"The report cannot be written to {target.parent}: {error.strerror or error}.",
            hint="Choose a folder that you may write to with --report.",
            code="report-folder",
        ) from error


def keep_from_harm(reports: Iterable[Path], inputs: Iterable[str | Path], ledger: Path | None = None) -> None:
    """Raise `errors.UsageError` for a report that would take the place of an input, or of the ledger."""
    kept = [(Path(path), "an input") for path in inputs]
    kept += [(ledger, "the ledger")] if ledger is not None else []
    for report in reports:
        for path, what in kept:
            with suppress(OSError):  # one of them is not there
                if report.samefile(path):
                    raise UsageError(
                        f"The report {report} would take the place of {what}.",
                        hint="Choose another name with --report.",
                        code="report-in-place",
                    )


def default_report_path(first_input: str, started_at: datetime) -> Path:
    """``<input stem>-report-<YYYYMMDD-HHMMSS>.xlsx`` beside the first input; in the current folder for ``-``,
    and for the names that a system gives to pipes.

    The stamp is the machine's local time, the one on the clock of the person who looks for the file.
    """
    stamp = f"{started_at.astimezone():%Y%m%d-%H%M%S}"
    if first_input.startswith(("-", "/dev/", "/proc/")):
        return Path(f"stdin-report-{stamp}.xlsx")
    source = Path(first_input)
    return source.with_name(f"{source.stem}-report-{stamp}.xlsx")

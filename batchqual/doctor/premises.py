"""This machine: room for files, its time zone, and what is installed."""

from __future__ import annotations

import platform
import shutil
import sqlite3
from datetime import UTC
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from batchqual.machine import system_name
from batchqual.paths import LEDGER, OUTPUT, PathRole, working_folder
from batchqual.report import check_report_path

from .facts import Facts
from .finding import Finding, failed, passed, warned

__all__ = ["disk_of_ledger", "disk_of_report", "existing_folder", "report", "time_zone", "versions"]

_ENOUGH, _LEAST = 1_000_000_000, 100_000_000
"""Bytes."""
_PACKAGES: Final = ("batchqual", "msal", "aiohttp")


def existing_folder(path: Path, role: PathRole = OUTPUT) -> Path:
    """The innermost folder of a path that is there. Raises what the role raises."""
    parents = role.full(path).parents
    return next((one for one in parents if role.exists(one)), Path(path.anchor or "."))


def report(facts: Facts) -> Finding:
    """Whether reports can be written where the settings want them; beside the input, if nowhere else."""
    for path in _reports(facts):
        check_report_path(path)
    if not facts.settings.report:
        return passed(f"Reports go beside the input; this folder ({working_folder()}) takes them.")
    return passed(f"{', '.join(map(str, facts.settings.report))} can be written.")


def disk_of_ledger(facts: Facts) -> Finding:
    """The room that the ledger has to grow."""
    return _room(existing_folder(facts.target.ledger, LEDGER), 11)


def disk_of_report(facts: Facts) -> Finding:
    """The room that a report has."""
    return _room(existing_folder(_reports(facts)[0]), 2)


def _reports(facts: Facts) -> tuple[Path, ...]:
    return facts.settings.report or (Path("report.xlsx"),)


def _room(folder: Path, exit_code: int) -> Finding:
    free = shutil.disk_usage(folder).free
    words = f"{free / 1_000_000_000:,.1f} GB are free at {folder}."
    fix = "Make room on that disk: what was sent has to be written down before it counts."
    if free < _LEAST:
        return failed(words, fix, exit_code)
    return warned(words, fix) if free < _ENOUGH else passed(words)


def time_zone(facts: Facts) -> Finding:
    """What the clock on the wall says, and what reports say."""
    now = facts.clock.now()
    here = now.astimezone()
    return passed(
        f"Here it is {here:%Y-%m-%d %H:%M} ({here.tzname()}, UTC{here:%z}); reports say "
        f"{now.astimezone(UTC):%Y-%m-%d %H:%M} UTC."
    )


def versions(_facts: Facts) -> Finding:
    """What is installed."""
    try:
        packages = [f"{name} {version(name)}" for name in _PACKAGES]
    except PackageNotFoundError as missing:
        return failed(f"{missing.name} is not installed as it should be.", "Install batchqual again.")
    return passed(
        f"{', '.join(packages)}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{system_name()}."
    )

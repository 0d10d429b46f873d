"""The ledger: where it stands, whether it can be written, and whether it is whole."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from batchqual.ledger import holder_of, read_only, shared_place
from batchqual.machine import default_ledger_path
from batchqual.paths import LEDGER
from batchqual.target import check_ledger_origin

from .facts import Facts
from .finding import Finding, failed, passed
from .premises import existing_folder

__all__ = ["integrity", "lock", "place", "writable"]

_OTHER_PLACE = "Check who may write the file and its folder, or name another file with --ledger."


def place(facts: Facts) -> Finding:
    """Whether one machine alone has it: a share and a folder that is synchronised are no place for it."""
    path = facts.target.ledger
    found = shared_place(path)
    if found is not None:
        return failed(f"{path} stands {found}.", "Keep the ledger on a local disk: name it with --ledger.")
    return passed(f"{path}, on a disk of this machine.")


def writable(facts: Facts) -> Finding:
    """Whether it is a ledger of this service, and can be written; nothing is made for the question."""
    path = facts.target.ledger
    with read_only(path, missing_ok=True) as view:
        check_ledger_origin(view, facts.target)
        outdated = view.outdated
    if not LEDGER.exists(path):
        return _to_be_made(path)
    with LEDGER.told(path), path.open("r+b"), tempfile.TemporaryFile(dir=path.parent):
        pass
    if outdated:
        return passed("It is of an earlier version, and is brought up to date when it is next written.")
    return passed("It can be written, and is of this version.")


def _to_be_made(path: Path) -> Finding:
    path = LEDGER.full(path)
    folder = path.parent
    if not LEDGER.is_folder(folder) and path != LEDGER.full(default_ledger_path().with_name(path.name)):
        return failed(
            f"There is no folder {folder} for it.",
            "Check the spelling of --ledger, or make the folder first.",
        )
    if not os.access(existing_folder(path, LEDGER), os.W_OK | os.X_OK):
        return failed(f"It cannot be made: {existing_folder(path, LEDGER)} cannot be written.", _OTHER_PLACE)
    return passed("There is none yet; the first run makes it.")


def lock(facts: Facts) -> Finding:
    """Who has it now."""
    holder = holder_of(facts.target.ledger)
    if holder is None:
        return passed("No run is on.")
    return passed(f"In use: {holder.words}. Another run has to wait until that is over.")


def integrity(facts: Facts) -> Finding:
    """Whether SQLite finds its pages in order."""
    if not LEDGER.exists(facts.target.ledger):
        return passed("There is none yet.")
    with read_only(facts.target.ledger) as view:
        view.integrity_check(quick=True)
    return passed("SQLite finds it in order.")

"""Where a ledger may stand: on a disk of this machine, in a folder that no program synchronizes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from batchqual import machine
from batchqual.errors import LedgerError
from batchqual.paths import LEDGER

__all__ = ["place_for", "shared_place"]

#: As the programs spell their folders, alone or with an account behind.
_SYNCHRONIZED: Final = re.compile(
    r"(OneDrive|Google ?Drive|iCloud ?Drive|com~apple~CloudDocs)(?:$| - | \()|(Dropbox) \("
)
_NAMES: Final = {"OneDrive": "OneDrive", "GoogleDrive": "Google Drive", "Dropbox": "Dropbox"}
#: In these macOS has whatever a program synchronizes: ``OneDrive-Contoso``, ``Box-Box``.
_CLOUD_STORAGE: Final = ("Library", "CloudStorage")
_OF_ONEDRIVE: Final = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")
"""Variables that name its folders on Windows, whatever these are called."""


def shared_place(path: Path) -> str | None:
    """Where it stands, if others may write there too: the end of a sentence. None for a place of its own."""
    path = LEDGER.full(path)
    LEDGER.status(path)  # whatever may not be entered on the way is told of the ledger's own path
    share = machine.network_share(path)
    if share is not None:
        return f"on a network share ({share})"
    for folder in path.parents:
        name = _synchronizer(folder)
        if name is not None:
            return f"in a folder that {name} synchronizes ({folder.name})"
    return None


def _synchronizer(folder: Path) -> str | None:
    """Which program synchronizes a folder; None where nothing says so. A bare name says little: Dropbox puts
    a mark into its folders, and of the others the exact spelling counts."""
    if folder.parts[-3:-1] == _CLOUD_STORAGE:
        name = folder.name.partition("-")[0]
        return _NAMES.get(name, name)
    found = _SYNCHRONIZED.match(folder.name)
    if found:
        return _NAMES.get((found[1] or found[2]).replace(" ", ""), "iCloud")
    if LEDGER.is_file(folder / ".dropbox") or LEDGER.is_folder(folder / ".dropbox.cache"):
        return "Dropbox"
    own = [os.environ.get(name) for name in _OF_ONEDRIVE]
    return "OneDrive" if any(one and folder == Path(one) for one in own) else None


def place_for(path: Path) -> Path:
    """The full path of a ledger. Raises `LedgerError` where others may write too: its files are locked and
    written as on one machine, and two could send the same."""
    path = LEDGER.full(path)
    with LEDGER.told(path):
        found = shared_place(path)
    if found is not None:
        raise LedgerError(
            f"The ledger {path} stands {found}, where another machine may change it.",
            hint="Keep the ledger on a local disk (--ledger); move the one that is there together with its "
            "companions, while no run is on.",
            code="ledger-not-local",
        )
    return path

"""Where a ledger may stand: on a disk of this machine, in a folder that no program synchronizes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from batchqual import machine
from batchqual.errors import LedgerError

__all__ = ["check_place", "shared_place"]

#: As the programs call their folders, alone or with an account behind; with a hyphen in macOS.
_SYNCHRONIZED: Final = re.compile(
    r"(onedrive|dropbox|google ?drive|icloud ?drive|com~apple~clouddocs)(?:$| - | \(|(?<=drive)-)",
    re.IGNORECASE,
)
_NAMES: Final = {"onedrive": "OneDrive", "dropbox": "Dropbox", "googledrive": "Google Drive"}


def shared_place(path: Path) -> str | None:
    """Where it stands, if others may write there too: the end of a sentence. None for a place of its own."""
    path = path.expanduser().resolve()
    share = machine.network_share(path)
    if share is not None:
        return f"on a network share ({share})"
    for folder in path.parent.parts:
        found = _SYNCHRONIZED.match(folder)
        if found:
            name = _NAMES.get(found[1].lower().replace(" ", ""), "iCloud")
            return f"in a folder that {name} synchronizes ({folder})"
    return None


def check_place(path: Path) -> None:
    """Refuse such a place: its files are locked and written as on one machine, and two could send the same.

    Raises `LedgerError`.
    """
    found = shared_place(path)
    if found is not None:
        raise LedgerError(
            f"The ledger {path} stands {found}, where another machine may change it.",
            hint="Keep the ledger on a local disk (--ledger); move the one that is there together with its "
            "companions, while no run is on.",
            code="ledger-not-local",
        )

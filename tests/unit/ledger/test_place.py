"""A ledger stands where one machine alone writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.ledgers import HandClock

from batchqual import machine
from batchqual.errors import LedgerError
from batchqual.ledger import Ledger, shared_place


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        pytest.param("OneDrive", "OneDrive", id="OneDrive"),
        pytest.param("OneDrive - Contoso", "OneDrive", id="OneDrive for work"),
        pytest.param("Library/CloudStorage/OneDrive-Contoso", "OneDrive", id="OneDrive on macOS"),
        pytest.param("Dropbox (Contoso)", "Dropbox", id="Dropbox"),
        pytest.param("Google Drive/My Drive", "Google Drive", id="Google Drive"),
        pytest.param(
            "Library/CloudStorage/GoogleDrive-agent/My Drive", "Google Drive", id="Google Drive on macOS"
        ),
        pytest.param("Library/CloudStorage/Dropbox-Personal", "Dropbox", id="Dropbox on macOS"),
        pytest.param("Library/CloudStorage/Box-Box", "Box", id="any other on macOS"),
        pytest.param("iCloudDrive", "iCloud", id="iCloud on Windows"),
        pytest.param("Mobile Documents/com~apple~CloudDocs", "iCloud", id="iCloud"),
    ],
)
def test_a_folder_that_is_synchronized_is_refused(folder: str, name: str, tmp_path: Path) -> None:
    """Before anything is made there, with the way out."""
    path = tmp_path / folder / "deeper" / "ledger.sqlite3"
    path.parent.mkdir(parents=True)
    with pytest.raises(LedgerError) as caught, Ledger.open(path, clock=HandClock(), command="run"):
        pytest.fail("it was opened")
    assert ("ledger-not-local", 11) == (caught.value.code, caught.value.exit_code)
    assert f"{name} synchronizes" in caught.value.message
    assert "--ledger" in caught.value.hint
    assert [] == list(path.parent.iterdir())


@pytest.mark.parametrize(
    "folder",
    [
        *("onedrives", "my dropbox notes", "drive", "Dropboxes", "dropbox", "Dropbox"),
        *("onedrive-migration", "OneDrive-backup", "Google Drive-exports", "CloudStorage/exports"),
    ],
)
def test_other_folders_are_left_alone(folder: str, tmp_path: Path) -> None:
    """A name that only sounds so is none; and the name of the file does not count."""
    assert None is shared_place(tmp_path / folder / "OneDrive")


@pytest.mark.parametrize("mark", [".dropbox", ".dropbox.cache"])
def test_a_folder_of_dropbox_is_known_by_its_mark(mark: str, tmp_path: Path) -> None:
    """Whatever it is called. The program's own settings in the home folder are no such mark."""
    folder = tmp_path / "Contoso Team" / "ledgers"
    folder.mkdir(parents=True)
    (tmp_path / ".dropbox").mkdir()
    assert None is shared_place(folder / "ledger.sqlite3")
    if mark == ".dropbox":
        (folder.parent / mark).touch()
    else:
        (folder.parent / mark).mkdir()
    assert "in a folder that Dropbox synchronizes (Contoso Team)" == shared_place(folder / "ledger.sqlite3")


def test_a_folder_of_onedrive_is_known_by_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However somebody has called it."""
    monkeypatch.setenv("OneDriveCommercial", str(tmp_path / "Contoso"))
    assert shared_place(tmp_path / "Contoso" / "ledger.sqlite3") is not None
    assert None is shared_place(tmp_path / "Contoso 2" / "ledger.sqlite3")


def test_a_place_that_cannot_be_looked_at_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As any trouble with the file."""

    def refuses(_path: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(machine, "network_share", refuses)
    with (
        pytest.raises(LedgerError, match="Permission denied"),
        Ledger.open(tmp_path / "ledger.sqlite3", clock=HandClock(), command="run"),
    ):
        pytest.fail("it was opened")


def test_a_network_share_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the system calls it."""
    monkeypatch.setattr(machine, "network_share", lambda _path: "/mnt/contoso, nfs4")
    with (
        pytest.raises(LedgerError, match=r"on a network share \(/mnt/contoso, nfs4\)"),
        Ledger.open(tmp_path / "ledger.sqlite3", clock=HandClock(), command="run"),
    ):
        pytest.fail("it was opened")


def test_a_link_does_not_hide_it(tmp_path: Path) -> None:
    """What counts is where the file really is."""
    real = tmp_path / "OneDrive"
    real.mkdir()
    link = tmp_path / "here"
    link.symlink_to(real, target_is_directory=True)
    assert shared_place(link / "ledger.sqlite3") is not None

"""Where refresh tokens are kept on a machine, and what is said about it."""

from __future__ import annotations

import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from keyring.errors import KeyringLocked
from support.keyrings import MemoryKeyring, PlaintextKeyring, keyring_set, no_keyring

from batchqual import machine
from batchqual.errors import SignInNeeded, UsageError
from batchqual.signin.store import Kept, TokenStore, open_store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ENTRY = ("batchqual", "refresh-tokens")
SPARE = ("batchqual", "refresh-tokens-next")
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="speaks of POSIX permissions")


def kept(token: str, hours: int = 0) -> Kept:
    """A token, and so many hours after noon it was given."""
    return Kept(token, "", "user@contoso.example", NOON, NOON + timedelta(hours=hours))


@pytest.fixture(autouse=True)
def _no_keyring() -> object:
    with keyring_set(no_keyring()):
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "batchqual"


def with_keyring(folder: Path, backend: MemoryKeyring) -> TokenStore:
    """A store as a process finds it whose keyring is this one."""
    with keyring_set(backend):
        return open_store(folder)


class Flipped:
    """A seal that anybody can break, but only by meaning to."""

    def __init__(self) -> None:
        self.broken = False

    def flip(self, raw: bytes) -> bytes:
        if self.broken:
            raise OSError(13, "The data is invalid")
        return bytes(byte ^ 0xFF for byte in raw)


@pytest.fixture
def seal(monkeypatch: pytest.MonkeyPatch) -> Flipped:
    """What Windows does for an account, played."""
    flipped = Flipped()
    monkeypatch.setattr(machine, "account_seal", lambda: machine.Seal(flipped.flip, flipped.flip))
    return flipped


def test_what_is_put_is_there_for_the_next_process(folder: Path) -> None:
    """Under its key, until it is forgotten."""
    store = open_store(folder)
    assert (None, []) == (store.get("a"), store.keys())
    store.put("b", kept("token-b"))
    store.put("a", kept("token-a"))
    store.put("a", kept("token-a2"))
    later = open_store(folder)
    assert (kept("token-a2"), ["a", "b"]) == (later.get("a"), later.keys())
    assert later.forget("a")
    assert not later.forget("a")
    assert (None, kept("token-b")) == (store.get("a"), store.get("b"))


def test_the_default_is_the_data_folder_of_the_account(empty_home: Path) -> None:
    """Beside the ledger."""
    open_store().put("a", kept("token"))
    assert (machine.data_folder() / "tokens.json").is_file()
    assert machine.data_folder().is_relative_to(empty_home)


@posix_only
def test_a_plain_file_is_for_its_owner_alone_and_says_what_it_is(folder: Path) -> None:
    """Its rights protect it, and nothing else does."""
    store = open_store(folder)
    store.put("a", kept("token"))
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "tokens.json")]
    assert [0o700, 0o600] == modes
    assert not store.protected
    words = f"the file {folder / 'tokens.json'}, which is not encrypted and which only this account can read"
    assert (words, f"TokenStore({words})") == (store.where, repr(store))


def test_nothing_is_left_when_the_last_token_goes(folder: Path) -> None:
    """Not even an empty document, and nothing of an unfinished one."""
    store = open_store(folder)
    store.put("a", kept("token"))
    assert store.forget("a")
    assert [] == list(folder.iterdir())


@pytest.mark.parametrize("forgets", [False, True])
def test_what_a_killed_process_left_unfinished_goes(folder: Path, forgets: bool) -> None:
    """It holds tokens, too; a file of another name is somebody else's."""
    folder.mkdir()
    for name in (".tokens-0123abcd.json", ".tokens-0123abcd.csv"):
        (folder / name).write_text("token", encoding="utf-8")
    store = open_store(folder)
    if forgets:
        assert not store.forget("a")
    else:
        store.put("a", kept("token"))
    assert {".tokens-0123abcd.csv"} == {path.name for path in folder.iterdir()} - {"tokens.json"}


def test_a_keyring_holds_the_document_where_there_is_one(folder: Path) -> None:
    """One entry, and no file."""
    backend = MemoryKeyring()
    store = with_keyring(folder, backend)
    store.put("a", kept("token"))
    assert (kept("token"), True) == (with_keyring(folder, backend).get("a"), store.protected)
    assert [ENTRY] == list(backend.entries)
    assert not (folder / "tokens.json").exists()
    assert "the keyring (keyrings MemoryKeyring)" == store.where
    assert store.forget("a")
    assert {} == backend.entries


@pytest.mark.parametrize("steps", range(5))
def test_a_keyring_that_replaces_in_two_steps_loses_nothing(folder: Path, steps: int) -> None:
    """Wherever the process ends, the old document or the new one is found by the next."""
    backend = MemoryKeyring()
    store = with_keyring(folder, backend)
    store.put("a", kept("old"))
    backend.steps, backend.dies_after = 0, steps
    with pytest.raises(KeyboardInterrupt):
        store.put("a", kept("new", hours=1))
    backend.dies_after = None
    assert store.get("a") in (kept("old"), kept("new", hours=1))
    assert store.forget("a")
    assert {} == backend.entries


def test_a_locked_keyring_gives_way_to_the_file(folder: Path) -> None:
    """With words for it; once it is open again it gets what was written meanwhile, and the file goes."""
    backend = MemoryKeyring()
    store = with_keyring(folder, backend)
    store.put("a", kept("token-a"))
    store.put("b", kept("token-b", hours=9))
    backend.trouble = KeyringLocked("holds token-a")
    assert (None, False) == (store.get("a"), store.protected)
    assert store.where.endswith("cannot be used now (KeyringLocked))")
    assert "the file" in store.where
    store.put("a", kept("token-a2", hours=1))
    store.put("b", kept("token-b0", hours=2))
    assert kept("token-a2", hours=1) == store.get("a")
    backend.trouble = None
    assert kept("token-a2", hours=1) == store.get("a"), "the one that was renewed last counts"
    assert kept("token-b", hours=9) == store.get("b")
    store.put("c", kept("token-c"))
    assert (["a", "b", "c"], True) == (store.keys(), store.protected)
    assert "token-a2" in backend.entries[ENTRY]
    assert not (folder / "tokens.json").exists()


def test_a_keyring_that_shuts_between_read_and_write_gives_way_too(folder: Path) -> None:
    """All that is known goes into the file then."""
    backend = MemoryKeyring()
    store = with_keyring(folder, backend)
    store.put("a", kept("token-a"))

    class Shutting(MemoryKeyring):
        """Reads, and writes no more."""

        def set_password(self, service: str, username: str, password: str) -> None:
            raise RuntimeError(password)

    again = Shutting()
    again.entries = backend.entries
    store = with_keyring(folder, again)
    store.put("b", kept("token-b"))
    assert not store.protected
    assert ["a", "b"] == open_store(folder).keys()


def test_forgetting_says_so_when_the_keyring_is_shut(folder: Path) -> None:
    """What it may hold still is not called forgotten; the file is emptied all the same."""
    backend = MemoryKeyring()
    store = with_keyring(folder, backend)
    store.put("a", kept("token-a"))
    backend.trouble = OSError("no bus")
    store.put("a", kept("token-a2", hours=1))
    with pytest.raises(SignInNeeded, match=r"cannot be used now \(OSError\), and may still hold a") as told:
        store.forget("a")
    assert "Unlock it, then say the same again." == told.value.hint
    assert [] == open_store(folder).keys()


@pytest.mark.parametrize(
    "backend", [pytest.param(no_keyring(), id="none"), pytest.param(PlaintextKeyring(), id="plaintext")]
)
def test_a_keyring_that_protects_nothing_is_none(folder: Path, backend: MemoryKeyring) -> None:
    """The file is used, and is what it says."""
    store = with_keyring(folder, backend)
    store.put("a", kept("token"))
    assert (False, True) == (store.protected, (folder / "tokens.json").is_file())


def test_without_the_package_there_is_no_keyring(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert not open_store(folder).protected


def test_a_keyring_that_cannot_be_chosen_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting of the package that names something unknown is not our end."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "no.such.Keyring")
    monkeypatch.setattr("keyring.core._keyring_backend", None)
    assert not open_store(folder).protected


def test_on_windows_the_file_is_encrypted_for_the_account(folder: Path, seal: Flipped) -> None:
    """Before any keyring, whose entries are too small there."""
    backend = MemoryKeyring()
    store = with_keyring(folder, backend)
    store.put("a", kept("token"))
    assert (kept("token"), True) == (open_store(folder).get("a"), store.protected)
    assert b"token" not in (folder / "tokens.sealed").read_bytes()
    assert "which Windows has encrypted for this account" in store.where
    assert {} == backend.entries


def test_what_windows_does_not_decrypt_is_told(folder: Path, seal: Flipped) -> None:
    """A copied profile, say."""
    store = open_store(folder)
    store.put("a", kept("token"))
    seal.broken = True
    with pytest.raises(SignInNeeded, match="Windows does not decrypt them for this account"):
        store.get("a")
    with pytest.raises(SignInNeeded, match="Windows does not decrypt"):
        store.put("a", kept("other"))
    assert store.forget("a"), "the way out that the hint names"
    assert [] == list(folder.iterdir())


def test_what_windows_does_not_encrypt_is_not_written(folder: Path, seal: Flipped) -> None:
    """Never in the clear instead."""
    seal.broken = True
    with pytest.raises(UsageError, match=r"cannot be used: The data is invalid\.") as told:
        open_store(folder).put("a", kept("token"))
    assert "store-unusable" == told.value.code
    assert [] == list(folder.iterdir())


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe\x00secret", b'{"version": 99}'])
def test_a_document_that_cannot_be_read_is_neither_used_nor_replaced(folder: Path, content: bytes) -> None:
    """Until it is forgotten."""
    folder.mkdir()
    path = folder / "tokens.json"
    path.write_bytes(content)
    store = open_store(folder)
    for act in (store.keys, lambda: store.get("a"), lambda: store.put("a", kept("token"))):
        with pytest.raises(SignInNeeded, match=r"tokens\.json"):
            act()
    assert content == path.read_bytes()
    assert store.forget("a")
    assert [] == store.keys()


@pytest.mark.parametrize("place", [ENTRY, SPARE])
def test_a_damaged_entry_of_the_keyring_is_forgotten_too(folder: Path, place: tuple[str, str]) -> None:
    """Whichever it is."""
    backend = MemoryKeyring()
    backend.entries[place] = "{"
    store = with_keyring(folder, backend)
    with pytest.raises(SignInNeeded, match=r"in the keyring .* cannot be read"):
        store.get("a")
    assert store.forget("a")
    assert {} == backend.entries


@pytest.mark.parametrize("path", ["batchqual", "batchqual/tokens.json"], ids=["no folder", "no file"])
def test_a_place_that_cannot_be_written_is_told(folder: Path, path: str) -> None:
    """A folder where a file should be, or the other way round."""
    wrong = folder.parent / path
    if path == "batchqual":
        wrong.write_text("", encoding="utf-8")
    else:
        wrong.mkdir(parents=True)
    store = open_store(folder)
    with pytest.raises(UsageError, match="cannot be used: ") as told:
        store.put("a", kept("token"))
    assert "Refresh tokens are kept there" in told.value.hint


def test_a_file_that_is_being_read_is_replaced_a_moment_later(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses to replace it meanwhile. It never gets another name."""
    refusals = [PermissionError(13, "in use")] * 3
    real = Path.replace

    def replace(this: Path, target: Path) -> Path:
        if refusals:
            raise refusals.pop()
        return real(this, target)

    monkeypatch.setattr(Path, "replace", replace)
    open_store(folder).put("a", kept("token"))
    assert [folder / "tokens.json"] == list(folder.iterdir())


def test_a_file_that_stays_open_elsewhere_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old one stays, and nothing lies about."""

    real = Path.replace

    def refuse(this: Path, target: Path) -> Path:
        if target == folder / "tokens.json":
            raise PermissionError(13, "Permission denied")
        return real(this, target)

    store = open_store(folder)
    store.put("a", kept("old"))
    monkeypatch.setattr("batchqual.signin.places._REPLACING_SECONDS", 0.0)
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(UsageError, match=r"tokens\.json cannot be replaced: another program"):
        store.put("a", kept("new"))
    assert kept("old") == store.get("a")
    assert [folder / "tokens.json"] == list(folder.iterdir())


def test_where_files_cannot_be_locked_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some network shares are so."""

    def refuse(_handle: int) -> bool:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(machine, "try_lock", refuse)
    with (
        pytest.raises(UsageError, match=r"cannot be locked, .* \(No locks available\)") as told,
        open_store(folder).locked(),
    ):
        pass
    assert "no-lock" == told.value.code

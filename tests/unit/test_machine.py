"""What differs between POSIX and Windows; the other one is played by a fake."""

from __future__ import annotations

import ctypes
import errno
import getpass
import importlib.util
import os
import platform
import signal
import stat
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, cast

import pytest

from batchqual import machine

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="speaks of POSIX permissions and signals")


class Machine(Protocol):
    """The door of the module, which a copy that believes itself on Windows has, too."""

    def try_lock(self, handle: int) -> bool: ...
    def unlock(self, handle: int) -> None: ...
    def is_locked(self, handle: int) -> bool: ...
    def make_private_file(self, path: Path) -> None: ...
    def make_private_folder(self, path: Path) -> None: ...
    def flush_folder(self, path: Path) -> None: ...
    def network_share(self, path: Path) -> str | None: ...
    def account_seal(self) -> machine.Seal | None: ...
    def on_stop_signals(self, callback: Callable[[signal.Signals], None]) -> AbstractContextManager[None]: ...


class FakeMsvcrt(ModuleType):
    """The part of msvcrt that locks: one owner per byte, and it remembers which byte."""

    LK_NBLCK, LK_UNLCK = 2, 0

    def __init__(self) -> None:
        super().__init__("msvcrt")
        self.owner: int | None = None
        self.bytes_asked: list[tuple[int, int]] = []

    def locking(self, handle: int, mode: int, count: int) -> None:
        self.bytes_asked.append((os.lseek(handle, 0, os.SEEK_CUR), count))
        if mode == self.LK_UNLCK:
            self.owner = None
        elif self.owner not in (None, handle):
            raise PermissionError(errno.EACCES, "Permission denied")
        else:
            self.owner = handle


class FakeDpapi:
    """crypt32 and kernel32, as far as they encrypt: takes blobs, gives blobs, and counts what comes back."""

    def __init__(self) -> None:
        self.given: list[Any] = []
        self.freed = 0
        self.asked: list[tuple[object, ...]] = []
        self.works = True

    def CryptProtectData(self, *arguments: Any) -> int:  # noqa: N802 - as Windows spells it
        return self._call(arguments, lambda raw: b"sealed:" + raw[::-1])

    def CryptUnprotectData(self, *arguments: Any) -> int:  # noqa: N802 - as Windows spells it
        return self._call(arguments, lambda raw: raw.removeprefix(b"sealed:")[::-1])

    def LocalFree(self, data: Any) -> None:  # noqa: N802 - as Windows spells it
        held = [ctypes.addressof(one) for one in self.given]
        self.freed += ctypes.cast(data, ctypes.c_void_p).value in held

    def _call(self, arguments: tuple[Any, ...], change: Callable[[bytes], bytes]) -> int:
        source, *between, result = arguments
        self.asked.append(tuple(between))
        raw = change(ctypes.string_at(source._obj.data, source._obj.size))
        self.given.append(ctypes.create_string_buffer(raw, len(raw)))
        result._obj.size = len(raw)
        result._obj.data = ctypes.cast(self.given[-1], ctypes.POINTER(ctypes.c_char))
        return int(self.works)


@pytest.fixture
def dpapi(monkeypatch: pytest.MonkeyPatch) -> FakeDpapi:
    fake = FakeDpapi()
    monkeypatch.setattr(ctypes, "WinDLL", lambda _name, **_how: fake, raising=False)
    monkeypatch.setattr(ctypes, "get_last_error", lambda: 13, raising=False)
    monkeypatch.setattr(
        ctypes, "WinError", lambda number: OSError(number, "The data is invalid"), raising=False
    )
    return fake


@pytest.fixture
def msvcrt() -> FakeMsvcrt:
    return FakeMsvcrt()


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch, msvcrt: FakeMsvcrt) -> Machine:
    """A copy of the module that was loaded where the platform calls itself Windows."""
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "msvcrt", msvcrt)
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGUSR1, raising=False)
    spec = importlib.util.spec_from_file_location("machine_on_windows", machine.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return cast("Machine", module)


@pytest.fixture
def two_handles(tmp_path: Path) -> tuple[int, int]:
    path = tmp_path / "lock"
    path.write_text("who holds it", encoding="utf-8")
    return os.open(path, os.O_RDWR), os.open(path, os.O_RDWR)


@posix_only
def test_a_lock_is_for_one(two_handles: tuple[int, int]) -> None:
    """The second one is told, and gets it once the first gave it back."""
    first, second = two_handles
    assert machine.try_lock(first)
    assert not machine.try_lock(second)
    machine.unlock(first)
    assert machine.try_lock(second)


@posix_only
def test_asking_for_a_lock_takes_nothing(two_handles: tuple[int, int], tmp_path: Path) -> None:
    """Held or not, the answer is true, also for who may only read, and nothing is kept afterwards."""
    first, second = two_handles
    reader = os.open(tmp_path / "lock", os.O_RDONLY)
    assert not machine.is_locked(reader)
    assert machine.try_lock(first)
    assert machine.is_locked(reader)
    machine.unlock(first)
    assert not machine.is_locked(reader)
    assert machine.try_lock(second)


@posix_only
def test_those_who_ask_do_not_meet_each_other(two_handles: tuple[int, int]) -> None:
    """One who is just asking is not taken for a run."""
    first, second = two_handles
    fcntl = pytest.importorskip("fcntl")
    fcntl.flock(first, fcntl.LOCK_SH)
    assert not machine.is_locked(second)


@posix_only
def test_a_file_that_cannot_be_locked_raises() -> None:
    """Trouble with locking is not taken for a lock that somebody holds."""
    with pytest.raises(OSError, match="Bad file descriptor"):
        machine.try_lock(1_000_000)


def test_on_windows_a_lock_is_for_one(
    windows: Machine, msvcrt: FakeMsvcrt, two_handles: tuple[int, int]
) -> None:
    """The same belief there; the byte is far behind the text, which others may thus read."""
    first, second = two_handles
    assert windows.try_lock(first)
    assert not windows.try_lock(second)
    windows.unlock(first)
    assert windows.try_lock(second)
    assert {(0x4000_0000, 1)} == set(msvcrt.bytes_asked)


def test_on_windows_asking_for_a_lock_keeps_nothing(
    windows: Machine, msvcrt: FakeMsvcrt, two_handles: tuple[int, int]
) -> None:
    """What is free is free again after the question; what is held stays with its holder."""
    first, second = two_handles
    assert not windows.is_locked(second)
    assert msvcrt.owner is None
    assert windows.try_lock(first)
    assert windows.is_locked(second)
    assert first == msvcrt.owner
    assert {(0x4000_0000, 1)} == set(msvcrt.bytes_asked)


@posix_only
@pytest.mark.parametrize("before", [None, 0o644, 0o600], ids=["new", "readable for all", "private already"])
def test_a_file_is_for_its_owner_alone(tmp_path: Path, before: int | None) -> None:
    """A new file is, an older one is made so, and its content stays."""
    path = tmp_path / "ledger"
    if before is not None:
        path.write_text("kept", encoding="utf-8")
        path.chmod(before)
    machine.make_private_file(path)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert ("" if before is None else "kept") == path.read_text(encoding="utf-8")


@posix_only
def test_a_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    """The new folder is; one that exists stays as it is."""
    path = tmp_path / "above" / "folder"
    machine.make_private_folder(path)
    assert 0o700 == stat.S_IMODE(path.stat().st_mode)
    path.chmod(0o750)
    machine.make_private_folder(path)
    assert 0o750 == stat.S_IMODE(path.stat().st_mode)


def test_on_windows_files_inherit_from_the_profile(windows: Machine, tmp_path: Path) -> None:
    """There is nothing to do there but to make them; a second time changes nothing."""
    for _ in range(2):
        windows.make_private_folder(tmp_path / "above" / "folder")
        windows.make_private_file(tmp_path / "above" / "folder" / "ledger")
    assert "" == (tmp_path / "above" / "folder" / "ledger").read_text(encoding="utf-8")


def test_on_windows_secrets_are_encrypted_for_the_account(windows: Machine, dpapi: FakeDpapi) -> None:
    """What comes out opens again, nothing asks a person, and the system's memory is given back."""
    seal = windows.account_seal()
    assert seal is not None
    raw = b"a\0token" * 1000
    closed = seal.closed(raw)
    assert closed.startswith(b"sealed:")
    assert raw == seal.opened(closed)
    assert {(None, None, None, None, 0x1)} == set(dpapi.asked)
    assert 2 == dpapi.freed
    assert b"" == seal.opened(seal.closed(b""))


def test_on_windows_a_refusal_to_decrypt_is_an_error_of_the_system(
    windows: Machine, dpapi: FakeDpapi
) -> None:
    """The account is another one, say."""
    seal = windows.account_seal()
    assert seal is not None
    dpapi.works = False
    with pytest.raises(OSError, match="The data is invalid"):
        seal.opened(b"sealed:")


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/contoso /mnt/contoso\\040data nfs4 rw 0 0
//server/share /mnt/share cifs rw 0 0
agent@server: /mnt/far fuse.sshfs rw 0 0
/dev/sdb1 /mnt/share/local ext4 rw 0 0
tmpfs /mnt/over nfs rw 0 0
/dev/sdc1 /mnt/over xfs rw 0 0
"""


@posix_only
@pytest.mark.parametrize(
    ("share", "path"),
    [
        pytest.param("/mnt/contoso data, nfs4", "/mnt/contoso data/a/ledger.sqlite3", id="NFS, with a blank"),
        pytest.param("/mnt/share, cifs", "/mnt/share/ledger.sqlite3", id="SMB"),
        pytest.param("/mnt/far, fuse.sshfs", "/mnt/far/ledger.sqlite3", id="over SSH"),
        pytest.param(None, "/mnt/share/local/ledger.sqlite3", id="a disk below a share"),
        pytest.param(None, "/mnt/over/ledger.sqlite3", id="the later of two counts"),
        pytest.param(None, "/mnt/shared/ledger.sqlite3", id="a name that begins alike"),
        pytest.param(None, "/var/ledger.sqlite3", id="the root"),
    ],
)
def test_a_network_share_is_known_by_its_mount(
    share: str | None, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The innermost mount says whose it is."""
    monkeypatch.setattr(machine, "_MOUNTS", tmp_path / "mounts")
    (tmp_path / "mounts").write_text(MOUNTS, encoding="utf-8")
    assert share == machine.network_share(Path(path))


@posix_only
@pytest.mark.parametrize(
    ("line", "shared"),
    [
        pytest.param("C:\\134 /mnt/c 9p rw,noatime,aname=drvfs;path=C:\\134 0 0", True, id="WSL 2"),
        pytest.param("C: /mnt/c drvfs rw 0 0", True, id="WSL 1"),
        pytest.param("D: /disks/d 9p rw,aname=drvfs;path=D: 0 0", True, id="WSL 2, elsewhere"),
        pytest.param("none / 9p rw 0 0", False, id="a container of 9p"),
        pytest.param("none /home 9p rw 0 0", False, id="a folder of such a container"),
        *(
            pytest.param(f"x /far {kind} rw 0 0", True, id=kind)
            for kind in (
                *("vboxsf", "vmhgfs", "fuse.vmhgfs-fuse", "fuse.gvfsd-fuse", "fuse.gcsfuse", "gpfs"),
                *("fuse.blobfuse2", "fuse.onedriver", "smb3", "nfs4"),
            )
        ),
        *(
            pytest.param(f"x /near {kind} rw 0 0", False, id=kind)
            for kind in ("overlay", "tmpfs", "btrfs", "zfs", "virtiofs", "fuse.encfs", "fuseblk")
        ),
    ],
)
def test_what_another_system_has_as_well_is_no_disk_of_this_one(
    line: str, *, shared: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the kind of the file system; 9p is that of Windows below WSL, and of whole containers elsewhere."""
    monkeypatch.setattr(machine, "_MOUNTS", tmp_path / "mounts")
    (tmp_path / "mounts").write_text(f"/dev/sda1 / ext4 rw 0 0\n{line}\n", encoding="utf-8")
    path = Path(line.split(" ")[1]) / "ledger.sqlite3"
    assert shared == (machine.network_share(path) is not None)


@posix_only
@pytest.mark.parametrize("sign", ["\u2028", "\x85", "\x0c", "\x1c", "\r"])
def test_an_odd_mount_is_passed_over(sign: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name may hold what ends a line elsewhere, and a line may be short."""
    monkeypatch.setattr(machine, "_MOUNTS", tmp_path / "mounts")
    lines = f"/dev/sda1 / ext4 rw 0 0\nodd\n\nserver:/x /mnt/a{sign}b nfs rw 0 0\n"
    (tmp_path / "mounts").write_bytes(lines.encode())
    assert None is machine.network_share(tmp_path)
    assert machine.network_share(Path(f"/mnt/a{sign}b/ledger.sqlite3")) is not None


@posix_only
def test_without_a_list_of_mounts_nothing_is_a_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS keeps none."""
    monkeypatch.setattr(machine, "_MOUNTS", tmp_path / "none")
    assert None is machine.network_share(tmp_path)


@pytest.mark.parametrize(
    ("share", "path"),
    [
        pytest.param("\\\\server\\share", "\\\\server\\share\\ledger.sqlite3", id="UNC"),
        pytest.param("Z:", "Z:\\ledger.sqlite3", id="a drive that stands for a share"),
        pytest.param(None, "C:\\ledger.sqlite3", id="a disk"),
    ],
)
def test_on_windows_a_network_share_is_known_by_its_drive(
    share: str | None, path: str, windows: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the form of the path, or by what Windows says of the drive."""

    class Kernel:
        def GetDriveTypeW(self, root: str) -> int:  # noqa: N802 - its name in Windows
            return 4 if root == "Z:\\" else 3

    monkeypatch.setattr(ctypes, "WinDLL", lambda _name, **_how: Kernel(), raising=False)
    assert share == windows.network_share(Path(path))


@posix_only
def test_elsewhere_nothing_encrypts_for_an_account() -> None:
    """Nobody shall believe that a file is encrypted when it is not."""
    assert None is machine.account_seal()


@posix_only
def test_the_names_in_a_folder_are_brought_to_disk(
    windows: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder itself is flushed; Windows needs nothing of the kind."""
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: flushed.append(os.fstat(handle).st_ino))
    windows.flush_folder(tmp_path)
    assert [] == flushed
    machine.flush_folder(tmp_path)
    assert [tmp_path.stat().st_ino] == flushed


@posix_only
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stop_signals_call_back(number: signal.Signals) -> None:
    """Each of the three calls back, and afterwards the old handler is there again."""
    before = signal.getsignal(number)
    heard: list[signal.Signals] = []
    with machine.on_stop_signals(heard.append):
        signal.raise_signal(number)
    assert [number] == heard
    assert before == signal.getsignal(number)


@posix_only
def test_handlers_come_back_after_a_crash() -> None:
    """Also when the block ends with an error."""
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(RuntimeError), machine.on_stop_signals(lambda _: None):
        raise RuntimeError
    assert before == signal.getsignal(signal.SIGTERM)


@posix_only
def test_what_the_parent_ignores_stays_ignored() -> None:
    """``nohup batchqual run`` survives the end of the session."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with machine.on_stop_signals(lambda _: pytest.fail("heard")):
            assert signal.SIG_IGN is signal.getsignal(signal.SIGHUP)
            signal.raise_signal(signal.SIGHUP)
        assert signal.SIG_IGN is signal.getsignal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


@posix_only
def test_a_handler_from_outside_python_becomes_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python names such a handler None, and could not put it back."""
    installed: dict[int, object] = {}

    def fake_signal(number: int, handler: object) -> None:
        installed[number] = handler

    monkeypatch.setattr(signal, "signal", fake_signal)
    with machine.on_stop_signals(lambda _: None):
        pass
    assert {signal.SIG_DFL} == set(installed.values())


def test_on_windows_control_break_stops_too(windows: Machine) -> None:
    """SIGBREAK takes the place of SIGHUP there."""
    heard: list[signal.Signals] = []
    with windows.on_stop_signals(heard.append):
        signal.raise_signal(signal.SIGUSR1)
        signal.raise_signal(signal.SIGINT)
    assert [signal.SIGUSR1, signal.SIGINT] == heard


def test_the_ledger_stands_in_the_users_data_folder(empty_home: Path) -> None:
    """By default it is the user's own, and bears this program's name."""
    path = machine.default_ledger_path()
    assert ("ledger.sqlite3", "batchqual") == (path.name, path.parent.name)
    assert path.is_relative_to(empty_home)


@pytest.mark.parametrize("error", [KeyError("uid"), ImportError("pwd"), OSError("no such user")])
def test_a_user_without_a_name_is_unknown(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """A container may run under a number that no table knows."""

    def nobody() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert "unknown" == machine.user_name()


def test_user_and_host_have_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are those of the system; a host without a name is unknown."""
    monkeypatch.setattr(getpass, "getuser", lambda: "someone")
    monkeypatch.setattr(platform, "node", lambda: "desk")
    assert ("someone", "desk") == (machine.user_name(), machine.host_name())
    monkeypatch.setattr(platform, "node", lambda: "")
    assert "unknown" == machine.host_name()

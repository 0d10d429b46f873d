"""Everything that differs between POSIX and Windows, and who and where we are."""

from __future__ import annotations

import errno
import getpass
import os
import platform
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from types import FrameType

import platformdirs

if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes
else:
    import fcntl

__all__ = [
    "Seal",
    "account_seal",
    "data_folder",
    "default_ledger_path",
    "flush_folder",
    "host_name",
    "is_locked",
    "log_folder",
    "make_private_file",
    "make_private_folder",
    "network_share",
    "on_stop_signals",
    "system_name",
    "try_lock",
    "unlock",
    "user_name",
]

_LOCKED_BYTE = 0x4000_0000
"""Windows locks ranges, and forbids others to read them: a byte far behind the text leaves it readable."""
_NO_DIALOG = 0x1
"""CRYPTPROTECT_UI_FORBIDDEN: fail rather than ask."""
_DRIVE_REMOTE = 4
_MOUNTS = Path("/proc/mounts")
_NETWORK = re.compile(
    r"(?:fuse\.)?(?:nfs|cifs|smb|afs|ceph|gluster|lustre|ncp|beegfs|gpfs|sshfs|davfs|rclone|s3fs|gcsfuse|blobfuse"
    r"|gvfsd|onedriver|google-drive-ocamlfuse|vmhgfs|vboxsf|drvfs)[\w-]*"
)


@dataclass(frozen=True, slots=True)
class Seal:
    """Encryption that the system does for an account: ``opened(closed(raw)) == raw`` there, nowhere else.

    Both raise ``OSError`` where the system refuses.
    """

    closed: Callable[[bytes], bytes]
    opened: Callable[[bytes], bytes]


def data_folder() -> Path:
    """The user's own data folder. Raises ``OSError`` for an account that has none."""
    return _of_account(platformdirs.user_data_path)


def log_folder() -> Path:
    """The user's own folder for logs. Raises ``OSError`` for an account that has none."""
    return _of_account(platformdirs.user_log_path)


def _of_account(find: Callable[..., Path]) -> Path:
    """Without HOME, and without an entry in the password file, platformdirs leaves ``~`` in its answer, which
    would make a folder of that name (version 4.3), or raises RuntimeError (later ones)."""
    with suppress(RuntimeError):
        folder = find("batchqual", appauthor=False)
        if folder.is_absolute():
            return folder
    raise FileNotFoundError(errno.ENOENT, "this account has no home folder (HOME is not set)")


def default_ledger_path() -> Path:
    """Where the ledger stands unless told otherwise; below ``~``, which nobody can open, without a home."""
    try:
        folder = data_folder()
    except OSError:
        folder = Path("~")
    return folder / "ledger.sqlite3"


def user_name() -> str:
    """Who runs this program; ``unknown`` in a container whose user has no name."""
    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError):
        return "unknown"


def system_name() -> str:
    """Which system this is. `platform.platform` would start a process to ask for the processor, and who
    writes a crash log had better start none."""
    system = platform.uname()
    return f"{system.system} {system.release} {system.machine}"


def host_name() -> str:
    """The name of this machine; ``unknown`` when it has none."""
    return platform.node() or "unknown"


if sys.platform == "win32":

    def try_lock(handle: int) -> bool:
        """Take an exclusive lock on an open file without waiting; False when another process has it.

        Raises ``OSError`` where files cannot be locked at all. The lock ends with the process.
        """
        os.lseek(handle, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def unlock(handle: int) -> None:
        """Give the lock of `try_lock` back."""
        os.lseek(handle, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

    def is_locked(handle: int) -> bool:
        """Whether somebody holds the lock of `try_lock`; the open file may be one for reading alone.

        There is no shared lock here: whoever asks holds it for a moment, and keeps others out meanwhile.
        """
        if not try_lock(handle):
            return True
        unlock(handle)
        return False

    def make_private_file(path: Path) -> None:
        """Make the file if it is missing. The user's profile lets nobody else in: its files inherit that."""
        path.touch()

    def make_private_folder(path: Path) -> None:
        """Make the folder and those above it. The user's profile lets nobody else in: they inherit that."""
        path.mkdir(parents=True, exist_ok=True)

    def flush_folder(_path: Path) -> None:
        """Nothing to do: NTFS keeps a journal of names, and does not let a folder be flushed."""

    def network_share(path: Path) -> str | None:
        """The share, or the drive that stands for one, on which an absolute path is; None on a local disk."""
        drive = PureWindowsPath(path).drive
        if drive.startswith("\\\\") and not drive.startswith(("\\\\?\\", "\\\\.\\")):
            return drive
        if drive.upper().startswith("\\\\?\\UNC\\"):
            return drive
        kind = ctypes.WinDLL("kernel32").GetDriveTypeW(f"{drive}\\")
        return drive if kind == _DRIVE_REMOTE else None

    def account_seal() -> Seal | None:
        """What Windows does for an account (DPAPI)."""
        return Seal(
            lambda raw: _through_dpapi("CryptProtectData", raw),
            lambda raw: _through_dpapi("CryptUnprotectData", raw),
        )

    def _through_dpapi(function: str, raw: bytes) -> bytes:
        """One of two functions of the same form (Windows docs, dpapi.h)."""

        class Blob(ctypes.Structure):
            _fields_ = (("size", wintypes.DWORD), ("data", ctypes.POINTER(ctypes.c_char)))

        library = ctypes.WinDLL("crypt32", use_last_error=True)
        given = ctypes.create_string_buffer(raw, len(raw))
        source = Blob(len(raw), ctypes.cast(given, ctypes.POINTER(ctypes.c_char)))
        result = Blob()
        done = getattr(library, function)(
            ctypes.byref(source), None, None, None, None, _NO_DIALOG, ctypes.byref(result)
        )
        if not done:
            raise ctypes.WinError(ctypes.get_last_error())
        try:
            return ctypes.string_at(result.data, result.size)
        finally:
            ctypes.WinDLL("kernel32").LocalFree(result.data)

    def _stop_signals() -> tuple[signal.Signals, ...]:
        return (signal.SIGINT, signal.SIGTERM, signal.SIGBREAK)

else:

    def try_lock(handle: int) -> bool:
        """Take an exclusive lock on an open file without waiting; False when another process has it.

        Raises ``OSError`` where files cannot be locked at all. The lock ends with the process.
        """
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def unlock(handle: int) -> None:
        """Give the lock of `try_lock` back."""
        fcntl.flock(handle, fcntl.LOCK_UN)

    def is_locked(handle: int) -> bool:
        """Whether somebody holds the lock of `try_lock`; the open file may be one for reading alone.

        Those who ask share a lock for a moment: they do not meet each other, but keep `try_lock` out.
        """
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return True
        unlock(handle)
        return False

    def make_private_file(path: Path) -> None:
        """Make the file if it is missing, readable and writable for its owner alone; make an older one so."""
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.fstat(handle).st_mode & 0o077:
                os.fchmod(handle, 0o600)
        finally:
            os.close(handle)

    def make_private_folder(path: Path) -> None:
        """Make the folder for its owner alone, and those above it; one that exists stays as it is."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)

    def flush_folder(path: Path) -> None:
        """Bring the names in a folder to disk: a file that was moved there stands there after a power cut."""
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def network_share(path: Path) -> str | None:
        """The network file system, or that of another system around this one, on which an absolute path is;
        None on a local disk, and where the system keeps no list of what is mounted."""
        found = ("", "", "")
        try:
            # A name may hold whatever else ends a line for Python.
            lines = _MOUNTS.read_bytes().decode("utf-8", "surrogateescape").split("\n")
        except OSError:
            return None
        for line in lines:
            _, where, kind, options = (*line.split(" "), "", "", "", "")[:4]
            where = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), where)
            if kind and path.is_relative_to(where) and len(where) >= len(found[0]):
                found = (where, kind, options)
        where, kind, options = found
        return f"{where}, {kind}" if _NETWORK.fullmatch(kind) or _is_windows(*found) else None

    def _is_windows(where: str, kind: str, options: str) -> bool:
        """Whether it is a disk of the Windows around a WSL; some containers have 9p for all files."""
        return kind == "9p" and ("aname=drvfs" in options or where.startswith("/mnt/"))

    def account_seal() -> Seal | None:
        """None: no system but Windows encrypts for an account without being asked to set it up."""
        return None

    def _stop_signals() -> tuple[signal.Signals, ...]:
        return (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def on_stop_signals(callback: Callable[[signal.Signals], None]) -> Iterator[None]:
    """Call back when a person or the system asks us to stop; put the old handlers back afterwards.

    The signals are SIGINT and SIGTERM, SIGHUP on POSIX, SIGBREAK on Windows. One that our parent chose to
    ignore (``nohup``) stays ignored. The callback runs between two instructions of the main thread: wake an
    event loop with ``call_soon_threadsafe``. Only the main thread may do this (``ValueError``).
    """

    def handler(number: int, _frame: FrameType | None) -> None:
        callback(signal.Signals(number))

    heeded = [one for one in _stop_signals() if signal.getsignal(one) is not signal.SIG_IGN]
    before = [(one, signal.signal(one, handler)) for one in heeded]
    try:
        yield
    finally:
        for one, old in before:
            # None: somebody outside Python had installed it, and Python cannot name it
            signal.signal(one, signal.SIG_DFL if old is None else old)

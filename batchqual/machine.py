"""Everything that differs between POSIX and Windows, and who and where we are."""

from __future__ import annotations

import getpass
import os
import platform
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import platformdirs

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

__all__ = [
    "default_ledger_path",
    "host_name",
    "is_locked",
    "make_private_file",
    "make_private_folder",
    "on_stop_signals",
    "try_lock",
    "unlock",
    "user_name",
]

_LOCKED_BYTE = 0x4000_0000
"""Windows locks ranges, and forbids others to read them: a byte far behind the text leaves it readable."""


def default_ledger_path() -> Path:
    """Where the ledger stands unless told otherwise: the user's own data folder."""
    return platformdirs.user_data_path("batchqual", appauthor=False) / "ledger.sqlite3"


def user_name() -> str:
    """Who runs this program; ``unknown`` in a container whose user has no name."""
    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError):
        return "unknown"


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

"""Paths that somebody named: the one door between them and the system.

`pathlib` answers "no" to some troubles and raises others, not the same ones in every version of Python: a
folder that may not be entered, a name that is too long, links that go in a circle, a working folder that was
deleted, an account without a home. Here each of them is the error that belongs to what the path is for.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .errors import BatchqualError, InputError, LedgerError, UsageError

__all__ = ["INPUT", "LEDGER", "OUTPUT", "SETTINGS", "PathRole", "working_folder"]

_NO_HOME = "this account has no home folder (HOME is not set)"
_NO_NAME_ON_WINDOWS = 123
"""ERROR_INVALID_NAME (Windows docs, system error codes): what a wildcard is, taken for a name."""


@dataclass(frozen=True, slots=True)
class PathRole:
    """What paths are for, and so which error their troubles are. Every method raises that error."""

    error: Callable[..., BatchqualError]
    cannot: str
    hint: str
    code: str

    @contextmanager
    def told(self, path: str | Path) -> Iterator[None]:
        """Troubles of the system within the block, in words."""
        try:
            yield
        except OSError as problem:
            raise self._trouble(path, problem.strerror or "it is not a file") from problem

    def status(self, path: str | Path) -> os.stat_result | None:
        """What stands there; None where nothing does."""
        with self.told(path):
            try:
                return os.stat(path)  # noqa: PTH116 - this is the door
            except ValueError:
                raise self._trouble(path, "it holds a character that no path has") from None
            except OSError as problem:
                nothing = problem.errno == errno.ENOENT
                if nothing or getattr(problem, "winerror", None) == _NO_NAME_ON_WINDOWS:
                    return None
                raise

    def exists(self, path: str | Path) -> bool:
        """Whether anything stands there."""
        return self.status(path) is not None

    def is_folder(self, path: str | Path) -> bool:
        """Whether a folder stands there."""
        found = self.status(path)
        return found is not None and stat.S_ISDIR(found.st_mode)

    def is_file(self, path: str | Path) -> bool:
        """Whether an ordinary file stands there."""
        found = self.status(path)
        return found is not None and stat.S_ISREG(found.st_mode)

    def entries(self, folder: str | Path) -> list[Path]:
        """What is in a folder, sorted."""
        with self.told(folder):
            return sorted(Path(folder).iterdir())

    def at_home(self, path: str | Path) -> Path:
        """The path with ``~`` replaced by a home folder."""
        try:
            return Path(path).expanduser()
        except RuntimeError:
            own = str(path).startswith(("~/", "~\\"))
            reason = _NO_HOME if own else "there is no such home folder"
            raise self._trouble(path, reason) from None

    def full(self, path: str | Path) -> Path:
        """The one spelling of a path: from the root on, without ``~``, without links."""
        path = self.at_home(path)
        with self.told(path):
            try:
                return path.resolve()
            except FileNotFoundError:
                raise self._trouble(path, "the folder in which the program was started is gone") from None
            except RuntimeError:  # Python up to 3.12; later ones leave the circle to whoever opens it
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from None
            except ValueError:
                raise self._trouble(path, "it holds a character that no path has") from None

    def _trouble(self, path: str | Path, reason: str) -> BatchqualError:
        shown = "".join(letter if letter.isprintable() else "�" for letter in str(path))
        return self.error(f"{self.cannot.format(shown)}: {reason}.", hint=self.hint, code=self.code)


INPUT = PathRole(
    InputError,
    "{} cannot be opened",
    "If it is open in Excel, close it there, and check that you may read it.",
    "unreadable",
)
OUTPUT = PathRole(
    UsageError,
    "{} cannot be written",
    "Choose a file name in a folder that exists and that you may write to.",
    "unwritable",
)
LEDGER = PathRole(
    LedgerError,
    "The ledger {} cannot be opened",
    "Check the path and who may write there, or name another file with --ledger.",
    "ledger-unopened",
)
SETTINGS = PathRole(
    UsageError,
    "The settings file {} cannot be read",
    "Check the path and who may read it, or name another file with --config.",
    "settings-unreadable",
)


def working_folder() -> Path | None:
    """The folder in which the program was started; None when it was deleted since."""
    try:
        return Path.cwd()
    except OSError:
        return None

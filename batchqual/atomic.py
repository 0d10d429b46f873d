"""Files that are written whole or not at all.

The bytes go into a file beside the target and are moved into its place when all of them are on disk, so that
nobody ever opens half a workbook, and a failure leaves the old one as it was.
"""

from __future__ import annotations

import errno
import glob
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from .errors import UsageError
from .failpoints import reached
from .paths import OUTPUT

__all__ = ["Writing", "place_beside", "unfinished", "written_whole"]

_NUMBERED_NAMES = range(2, 100)
_RANDOM_BYTES = 4
_DIGITS = "[0-9a-f]" * 2 * _RANDOM_BYTES
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(slots=True)
class Writing:
    """A file that is being written: write to ``temp``; after the ``with`` block ``path`` is where it stands.

    ``path`` differs from the one asked for when that one was open in another program; ``renamed`` says so.
    """

    temp: Path
    path: Path
    renamed: bool = False


@contextmanager
def written_whole(
    path: str | Path, *, private: bool = False, replace: Callable[[Path, Path], object] = os.replace
) -> Iterator[Writing]:
    """Yield a `Writing` whose temp file is moved to ``path`` when the block ends without an error.

    The file is flushed to disk before the move. When the target may not be replaced because another program
    holds it open (Excel on Windows does), a numbered name beside it is taken: ``name (2).xlsx``. On POSIX a
    ``private`` one is for its owner alone, from its first byte on. Raises UsageError when the folder or the
    file cannot be written, also from within the block; an error of the block's own leaves no file behind.
    """
    target = Path(path)
    writing = Writing(_claim(target, 0o600 if private else 0o666), target)
    try:
        reached("file.claimed")
        yield writing
        reached("file.written")
        _flush(writing.temp)
        reached("file.flushed")
        _move(writing, replace)
        reached("file.replaced")
    except OSError as problem:
        raise _unwritable(target, problem) from problem
    finally:
        with suppress(FileNotFoundError):
            writing.temp.unlink()


def place_beside(target: Path) -> Path:
    """A name beside the target, with its suffix, that nobody else has."""
    return target.with_name(f".{target.stem}-{secrets.token_hex(_RANDOM_BYTES)}{target.suffix}")


def unfinished(path: Path) -> list[Path]:
    """What is being written for this file now, or was when its process was killed."""
    return list(path.parent.glob(f".{glob.escape(path.stem)}-{_DIGITS}{glob.escape(path.suffix)}"))


def _claim(target: Path, mode: int) -> Path:
    """Create an empty file beside the target, with the target's suffix and a name that nobody else has.

    The umask takes from ``mode``.
    """
    temp = place_beside(target)
    try:
        if target.is_dir():
            raise IsADirectoryError
        os.close(os.open(temp, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
    except OSError as problem:
        raise _unwritable(target, problem) from problem
    return temp


def _flush(temp: Path) -> None:
    with temp.open("rb+") as written:
        os.fsync(written.fileno())


def _move(writing: Writing, replace: Callable[[Path, Path], object]) -> None:
    asked = writing.path
    try:
        replace(writing.temp, asked)
    except PermissionError as problem:
        for number in _NUMBERED_NAMES:
            beside = asked.with_name(f"{asked.stem} ({number}){asked.suffix}")
            if OUTPUT.exists(beside):
                continue
            with suppress(PermissionError):
                replace(writing.temp, beside)
                writing.path, writing.renamed = beside, True
                return
        raise _unwritable(asked, problem) from problem


def _unwritable(target: Path, problem: OSError) -> UsageError:
    reason = problem.strerror or "it is a folder"
    hint = "Choose a file name in a folder that exists and that you may write to."
    return UsageError(
        f"{target} cannot be written: {reason}.",
        hint="Make room there, or choose another place." if problem.errno in _NO_ROOM else hint,
        code="unwritable",
    )

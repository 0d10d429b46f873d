"""Input files by name: wildcards, standard input, what a file really is, and its hash."""

from __future__ import annotations

import difflib
import glob
import hashlib
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from batchqual.errors import InputError

from .limits import Limits

__all__ = ["STDIN", "Source", "expand", "labels", "open_source"]

STDIN = "-"
_STDIN_LABEL = "stdin"
_CHUNK = 1 << 20
_SUFFIXES = {".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
_WILDCARDS = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Source:
    """One input: its path as the user gave it (or `STDIN`), and the name under which it is spoken of."""

    path: str
    label: str


def expand(paths: Sequence[str]) -> tuple[list[str], list[str]]:
    """The files that the arguments mean, in order, and those that were named more than once.

    Wildcards are expanded here, because not every shell does; Excel's lock files (``~$…``) are left out.
    """
    found: list[str] = []
    twice: list[str] = []
    seen: set[str] = set()
    for path in paths:
        for name in _matches(path):
            identity = name if name == STDIN else str(Path(name).resolve())
            if identity in seen:
                twice.append(name)
            else:
                found.append(name)
            seen.add(identity)
    if not found:
        raise InputError(
            "No input file was named.", hint="Say: batchqual check customers.xlsx", code="no-input"
        )
    return found, twice


def _matches(path: str) -> list[str]:
    if path == STDIN or Path(path).exists() or not _WILDCARDS & set(path):
        return [path]
    found = glob.glob(path, recursive=True)  # noqa: PTH207 - Path.glob refuses absolute patterns
    names = sorted(name for name in found if Path(name).is_file() and not Path(name).name.startswith("~$"))
    if not names:
        raise InputError(
            f"No file matches {_one_line(path)}.",
            hint="Check the folder and the pattern.",
            code="no-such-file",
        )
    return names


def labels(paths: Sequence[str]) -> list[Source]:
    """How the files are spoken of: by their names, and by their paths where two names are the same."""
    names = [_STDIN_LABEL if path == STDIN else Path(path).name for path in paths]
    return [
        Source(path, _one_line(name if names.count(name) == 1 else path))
        for path, name in zip(paths, names, strict=True)
    ]


def _one_line(name: str) -> str:
    """A file's name as it may stand in a sentence: a line break in it would make two of them."""
    return "".join(letter if letter.isprintable() else "�" for letter in name)


def open_source(source: Source, stdin: BinaryIO | None, limits: Limits) -> tuple[BinaryIO, str]:
    """A seekable stream of the file's bytes, and their SHA-256. Raises InputError when there is none."""
    if source.path == STDIN:
        return _spool(stdin, limits)
    path = Path(source.path)
    if path.is_dir():
        raise InputError(
            f"{_one_line(source.path)} is a folder.",
            hint=f'Name the files in it: "{path / "*.xlsx"}"',
            code="folder",
        )
    try:
        size = path.stat().st_size
        _refuse_size(source.label, size, limits)
        stream = path.open("rb")
    except FileNotFoundError as problem:
        raise InputError(
            f"{_one_line(source.path)} does not exist.", hint=_did_you_mean(path), code="no-such-file"
        ) from problem
    except OSError as problem:
        raise InputError(
            f"{_one_line(source.path)} cannot be opened: {problem.strerror or 'it is not a file'}.",
            hint="If it is open in Excel, close it there, and check that you may read it.",
            code="unreadable",
        ) from problem
    digest = hashlib.file_digest(stream, "sha256").hexdigest()
    stream.seek(0)
    return stream, digest


def _spool(stdin: BinaryIO | None, limits: Limits) -> tuple[BinaryIO, str]:
    if stdin is None:
        raise InputError(
            "There is no standard input to read.", hint="Name a file instead of “-”.", code="no-such-file"
        )
    with ExitStack() as until_read:
        spool = until_read.enter_context(tempfile.TemporaryFile())
        digest, size = hashlib.sha256(), 0
        while chunk := stdin.read(_CHUNK):
            size += len(chunk)
            _refuse_size(_STDIN_LABEL, size, limits)
            digest.update(chunk)
            spool.write(chunk)
        _refuse_size(_STDIN_LABEL, size, limits)
        spool.seek(0)
        until_read.pop_all()
    return spool, digest.hexdigest()


def _refuse_size(label: str, size: int, limits: Limits) -> None:
    if size == 0:
        raise InputError(
            f"{label} is empty (0 bytes).", hint="Was it saved, or downloaded in full?", code="empty"
        )
    if size > limits.file_bytes:
        raise InputError(
            f"{label} has {size / 2**20:,.0f} MiB; more than {limits.file_bytes / 2**20:,.0f} are not read.",
            hint="Split the file into several; they can be run together.",
            code="too-large",
        )


def _did_you_mean(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"There is no folder {folder} either; check the path."
    there = sorted(entry.name for entry in folder.iterdir() if entry.suffix.lower() in _SUFFIXES)
    by_lower = {name.lower(): name for name in there}
    close = difflib.get_close_matches(path.name.lower(), list(by_lower), n=1, cutoff=0.6)
    if close:
        return f"Did you mean {_one_line(str(folder / by_lower[close[0]]))}?"
    return (
        f"In {folder.resolve()} there is: {_one_line(', '.join(there[:5]))}."
        if there
        else "Check the name and the folder."
    )

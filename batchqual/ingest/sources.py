"""Input files by name: wildcards, standard input, what a file really is, and its hash."""

from __future__ import annotations

import difflib
import glob
import hashlib
import itertools
import re
import stat
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Protocol

from batchqual.errors import InputError
from batchqual.model import OWN_REPORT, Problem
from batchqual.paths import INPUT

from .limits import Limits
from .reports import is_report

__all__ = ["STDIN", "Source", "expand", "labels", "open_source"]

STDIN = "-"
_STDIN_LABEL = "stdin"
_CHUNK = 1 << 20
_SUFFIXES = {".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
_WILDCARDS = frozenset("*?[")
_TEMPORARY = re.compile(
    r"~\$.*|~WRL.*|.*~|.*\.(?:tmp|temp|part|partial|crdownload|download|lock)", re.IGNORECASE
)
"""What Excel, Word, editors, browsers and `batchqual customers` leave beside a file while they are at it."""
_NAMED_AT_MOST = 3


class SupportsRead(Protocol):
    """Whatever bytes can be read from."""

    def read(self, size: int, /) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Source:
    """One input: its path as the user gave it (or `STDIN`), and the name under which it is spoken of."""

    path: str
    label: str


def expand(paths: Sequence[str], limits: Limits) -> tuple[list[str], list[Problem]]:
    """The files that the arguments mean, in order, and notices about those that are not read, or read once.

    Wildcards are expanded here, because not every shell does. Temporary and hidden files are left out, and
    so are reports of ours.
    """
    found: list[str] = []
    notices: list[Problem] = []
    seen: set[str] = set()
    for path in paths:
        names, passed_over = _matches(path, limits)
        notices += passed_over
        for name in names:
            identity = name if name == STDIN else str(INPUT.full(name))
            if identity in seen:
                notices.append(
                    Problem("named-twice", "the file was named more than once; it is read once.", name)
                )
            else:
                found.append(name)
            seen.add(identity)
    if not found:
        raise InputError(
            "No input file was named.", hint="Say: batchqual check customers.xlsx", code="no-input"
        )
    return found, notices


def _matches(path: str, limits: Limits) -> tuple[list[str], list[Problem]]:
    if path == STDIN or INPUT.exists(path) or not _WILDCARDS & set(path):
        return [path], []
    found = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 - Path.glob refuses absolute patterns
    names = [name for name in found if INPUT.is_file(name) and not _TEMPORARY.fullmatch(Path(name).name)]
    reports = [name for name in names if _is_report(name, limits)]
    if len(names) > len(reports):
        sheets = [name for name in names if name not in reports]
        return sheets, [_passed_over(path, reports)] if reports else []
    if reports:
        raise InputError(
            f"{_one_line(path)} matches nothing but reports of batchqual: {_some(reports)}.",
            hint="Name the sheet that you want to read; a report is read when it is named outright.",
            code="only-reports",
        )
    INPUT.entries(_folder_of(path))  # a folder that may not be read says so
    raise InputError(
        f"No file matches {_one_line(path)}.", hint="Check the folder and the pattern.", code="no-such-file"
    )


def _folder_of(pattern: str) -> Path:
    """The folder in which a pattern begins to be one, or the nearest above that is there."""
    plain = itertools.takewhile(lambda part: not _WILDCARDS & set(part), Path(pattern).parts)
    folder = Path(*plain)
    return next(one for one in (folder, *folder.parents, Path()) if INPUT.is_folder(one))


def _is_report(name: str, limits: Limits) -> bool:
    """Whether it is one. A file that cannot be opened is not: whoever reads it says why."""
    try:
        with Path(name).open("rb") as stream:
            return is_report(stream, limits)
    except OSError:
        return False


def _passed_over(pattern: str, reports: Sequence[str]) -> Problem:
    one = len(reports) == 1
    words = f"{_some(reports)} {'is a report' if one else 'are reports'} of batchqual and passed over"
    return Problem(
        OWN_REPORT, f"{words}; name {'it' if one else 'one'} outright to read it.", _one_line(pattern)
    )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(_one_line(Path(name).name) for name in names[:_NAMED_AT_MOST])
    more = len(names) - _NAMED_AT_MOST
    return f"{shown} and {more} more" if more > 0 else shown


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
    """A seekable stream of the file's bytes, and their SHA-256. Raises InputError when there is none.

    What is no ordinary file (a pipe, ``/dev/stdin``, the ``<(…)`` of a shell) is read to its end, once.
    """
    if source.path == STDIN:
        if stdin is None:
            raise InputError(
                "There is no standard input to read.", hint="Name a file instead of “-”.", code="no-such-file"
            )
        return _spooled(stdin, source.label, limits)
    path = Path(source.path)
    found = INPUT.status(path)
    if found is None:
        raise InputError(
            f"{_one_line(source.path)} does not exist.", hint=_did_you_mean(path), code="no-such-file"
        )
    if stat.S_ISDIR(found.st_mode):
        raise InputError(
            f"{_one_line(source.path)} is a folder.",
            hint=f'Name the files in it: "{path / "*.xlsx"}"',
            code="folder",
        )
    if not stat.S_ISREG(found.st_mode):
        with _PIPE.told(path), path.open("rb", buffering=0) as pipe:
            return _spooled(pipe, source.label, limits)
    _refuse_size(source.label, found.st_size, limits)
    with INPUT.told(path), ExitStack() as until_read:
        stream = until_read.enter_context(path.open("rb"))
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        stream.seek(0)
        until_read.pop_all()
    return stream, digest


_PIPE = replace(INPUT, hint="For standard input say “-” instead of its name.")


def _spooled(stream: SupportsRead, label: str, limits: Limits) -> tuple[BinaryIO, str]:
    with ExitStack() as until_read, INPUT.told(label):
        spool = until_read.enter_context(tempfile.TemporaryFile())
        digest, size = hashlib.sha256(), 0
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            _refuse_size(label, size, limits)
            digest.update(chunk)
            spool.write(chunk)
        _refuse_size(label, size, limits)
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
    try:
        if not INPUT.is_folder(folder):
            return f"There is no folder {folder} either; check the path."
        there = [entry.name for entry in INPUT.entries(folder) if entry.suffix.lower() in _SUFFIXES]
        by_lower = {name.lower(): name for name in there}
        close = difflib.get_close_matches(path.name.lower(), list(by_lower), n=1, cutoff=0.6)
        if close:
            return f"Did you mean {_one_line(str(folder / by_lower[close[0]]))}?"
        if there:
            return f"In {INPUT.full(folder)} there is: {_one_line(', '.join(there[:5]))}."
    except InputError:  # the folder may not be read
        pass
    return "Check the name and the folder."

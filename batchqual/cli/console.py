"""The only place that prints: data goes to standard output, talk to standard error."""

from __future__ import annotations

import errno
import io
import json
import os
import stat
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from batchqual.errors import BatchqualError
from batchqual.telemetry import neutral, redacted

if TYPE_CHECKING:
    from rich.console import RenderableType

    from .screen import Screen

__all__ = [
    "DataLost",
    "answer_to",
    "data",
    "data_lines",
    "flush",
    "is_terminal",
    "json_data",
    "last_words",
    "prepare",
    "release_terminal",
    "show",
    "show_data",
    "stderr_console",
    "stderr_is_terminal",
    "stdout_is_terminal",
    "talk",
    "talk_error",
]

_READER_GONE = {errno.EPIPE, errno.EINVAL}
"""A closed pipe: EPIPE, or EINVAL on Windows."""


class DataLost(BatchqualError):
    """Standard output takes nothing: a full disk, say. Unlike a reader that went away, nobody chose that."""

    code = "data-lost"


def prepare() -> None:
    """Make the streams bear any text: what their encoding cannot write becomes ``?``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def data(text: str) -> None:
    """One line of data on standard output, flushed; nothing happens when nobody reads any more."""
    _write_data(f"{text}\n")


def data_lines(lines: Iterable[str]) -> None:
    """Many lines of data, each as it comes."""
    for line in lines:
        _write_data(f"{line}\n", flush=False)
    _write_data("")


def json_data(document: Mapping[str, object]) -> None:
    """One JSON document on standard output, in ASCII: any shell of any code page passes it on unharmed."""
    data(json.dumps(document, indent=2))


def show_data(renderable: RenderableType) -> None:
    """A table as data: in full width, and without colours unless standard output is a terminal."""
    from rich.console import Console

    width = None if _is_terminal(sys.stdout) else 200
    buffer = Console(
        file=io.StringIO(), width=width, force_terminal=_is_terminal(sys.stdout), highlight=False
    )
    with buffer.capture() as capture:
        buffer.print(renderable)
    _write_data("".join(f"{line.rstrip()}\n" for line in capture.get().strip("\n").splitlines()))


def talk(text: str) -> None:
    """Lines for a person, on standard error. Never fails: a run must not end because nobody listens."""
    # RuntimeError: a signal came while a line was being written
    with suppress(OSError, ValueError, RuntimeError):
        if sys.stderr is not None:
            for line in text.split("\n"):
                sys.stderr.write(f"{neutral(redacted(line))}\n")
            sys.stderr.flush()


def last_words(text: str) -> None:
    """One line from a signal handler, before the process ends: past the stream, which may be in the middle of
    another line and would refuse."""
    with suppress(OSError, ValueError, AttributeError):
        os.write(sys.stderr.fileno(), f"{text}\n".encode("ascii", "replace"))


def talk_error(message: str, hint: str = "") -> None:
    """What went wrong, and what to do about it."""
    talk(f"error: {message}")
    if hint:
        talk(f"hint: {hint}")


def show(renderable: RenderableType) -> None:
    """A table for a person, on standard error."""
    with suppress(OSError, ValueError):
        stderr_console().print(renderable)


def stderr_console() -> Screen:
    """Standard error for what is more than lines: tables and the live display."""
    from .screen import Screen

    return Screen()


def is_terminal() -> bool:
    """Whether a person can be asked: standard input and standard error are a terminal."""
    return _is_terminal(sys.stdin) and _is_terminal(sys.stderr)


def stderr_is_terminal() -> bool:
    """Whether somebody watches standard error."""
    return _is_terminal(sys.stderr)


def stdout_is_terminal() -> bool:
    """Whether data and talk end up on the same screen."""
    return _is_terminal(sys.stdout)


def release_terminal() -> None:
    """Show the cursor again, which a live display had hidden; also from a signal handler, when the stream is
    in the middle of another line and refuses."""
    if stderr_is_terminal():
        try:
            stderr_console().show_cursor(True)
        except RuntimeError:
            with suppress(OSError, ValueError):
                os.write(sys.stderr.fileno(), b"\x1b[?25h")


def answer_to(question: str) -> bool:
    """Ask at the terminal; True for yes. No answer, the end of the input and a terminal that is gone mean
    no."""
    try:
        sys.stderr.write(f"{question} [y/N] ")
        sys.stderr.flush()
        answer = sys.stdin.readline()
    except OSError:
        return False
    if not answer.endswith("\n"):
        talk("")
    return answer.strip().lower() in ("y", "yes")


def flush() -> None:
    """Write out what is still held back. What cannot be written goes nowhere: the interpreter would try once
    more at its end, and put its own exit code, 120, in the place of ours."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(ValueError, RuntimeError):
            try:
                if stream is not None:
                    stream.flush()
            except OSError:
                _discard(stream)


def _is_terminal(stream: TextIO | None) -> bool:
    with suppress(ValueError):  # closed
        return stream is not None and stream.isatty()
    return False


def _write_data(text: str, *, flush: bool = True) -> None:
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(text)
        if flush:
            sys.stdout.flush()
    except OSError as problem:
        nobody_reads = problem.errno in _READER_GONE or _terminal_is_gone(sys.stdout, problem)
        _discard(sys.stdout)
        if not nobody_reads:
            raise DataLost(
                f"Standard output cannot be written: {problem.strerror or problem}.",
                hint="Send it somewhere else. Nothing else is lost: reports are files of their own.",
            ) from problem


def _terminal_is_gone(stream: TextIO, problem: OSError) -> bool:
    """Whether its window was closed: EIO, which of a file means a broken disk."""
    with suppress(OSError, ValueError):
        return problem.errno == errno.EIO and stat.S_ISCHR(os.fstat(stream.fileno()).st_mode)
    return False


def _discard(stream: TextIO) -> None:
    """Let what follows go nowhere, or the interpreter complains at its end about what it could not write."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)

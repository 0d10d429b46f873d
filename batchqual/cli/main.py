"""The way in, and the one place where errors become words and exit codes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from . import console
from .failure import Failure, failure_of, tell

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Do what a command line says (default: the program's own); returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    console.prepare()
    try:
        with _Boundary(arguments) as boundary:
            from .app import invoke

            boundary.exit_code = invoke(arguments)
    finally:
        console.flush()
    return boundary.exit_code


class _Boundary:
    """Whatever goes wrong inside ends here: told in words, with an exit code, without a traceback."""

    def __init__(self, arguments: list[str]) -> None:
        self._arguments = arguments
        self.exit_code = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is None or isinstance(error, SystemExit | GeneratorExit):
            return False
        failure: Failure = failure_of(error, self._arguments)
        self.exit_code = failure.exit_code
        tell(failure, self._arguments)
        return True

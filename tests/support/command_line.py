"""The command line as a user meets it: in this process for most tests, as a process for some."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.sheets import csv_file, customer

from batchqual.cli import main

__all__ = ["QUICK", "CommandLine", "Done", "command", "sheet"]

HEADINGS = ("Customer ID", "Customer Name", "Qualification", "Education Segment", "Validation Code")
QUICK = ("--rate", "none", "--poll-min", "0.05s", "--poll-max", "0.2s", "--patience", "1s")


@dataclass(frozen=True, slots=True)
class Done:
    """What a command did: its exit code, its data and its talk."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Standard output as the one JSON document that it is."""
        found: dict[str, Any] = json.loads(self.out)
        return found


class CommandLine:
    """Gives commands in this process; ``defaults`` go before what is said each time, which therefore wins."""

    def __init__(self, capsys: pytest.CaptureFixture[str], defaults: Sequence[str] = ()) -> None:
        self._capsys = capsys
        self.defaults = tuple(defaults)

    def __call__(self, *arguments: object) -> Done:
        self._capsys.readouterr()
        words = [str(word) for word in arguments]
        code = main([*words[:1], *self.defaults, *words[1:]])
        said = self._capsys.readouterr()
        assert "Traceback" not in said.err
        return Done(code, said.out, said.err)


def sheet(
    folder: Path, count: int = 3, *, name: str = "customers.csv", extra: Sequence[Sequence[object]] = ()
) -> Path:
    """A sheet of invented schools, and rows of your own."""
    rows = [(customer(n), f"Contoso School {n}", "Education", "K12", "") for n in range(count)]
    return Path(csv_file(folder, [HEADINGS, *rows, *extra], name=name))


def command(
    *arguments: object, environ: Mapping[str, str] | None = None, **how: Any
) -> subprocess.Popen[str]:
    """The program as a process of its own."""
    options: dict[str, Any] = {
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "stdin": subprocess.DEVNULL,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "batchqual", *map(str, arguments)],
        env={**os.environ, **(environ or {})},
        text=True,
        encoding="utf-8",
        **(options | how),
    )

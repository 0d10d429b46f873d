"""Help is quick: nothing heavy is loaded on the way to it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

HEAVY = {"aiohttp", "msal", "numpy", "openpyxl", "pandas", "python_calamine"}


def _loaded(*arguments: str) -> set[str]:
    """The top-level packages that Python loads for a command line."""
    command = [sys.executable, "-X", "importtime", *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert 0 == done.returncode, "\n".join(done.stderr.splitlines()[-5:])
    return set(re.findall(r"^import time:.*\|\s+(\w+)", done.stderr, flags=re.MULTILINE))


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--help"], id="help"),
        pytest.param(["--version"], id="version"),
        pytest.param(["run", "--help"], id="help of a verb"),
    ],
)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    """No network library, no spreadsheet engine, no sign-in library before there is work for it."""
    assert set() == HEAVY & _loaded("-m", "batchqual", *arguments)


def test_importing_the_package_loads_nothing_heavy() -> None:
    """``import batchqual`` costs next to nothing until a name is used."""
    assert set() == HEAVY & _loaded("-c", "import batchqual")


def test_a_heavy_import_is_seen() -> None:
    """The measure sees what it is there to see."""
    assert {"openpyxl"} <= _loaded("-c", "import openpyxl")

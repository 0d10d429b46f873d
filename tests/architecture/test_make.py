"""`make` explains itself, stays small, and says clearly what a machine lacks."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.house import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
SCRIPTS = sorted(path for path in (ROOT / ".ci").iterdir() if path.is_file())
TARGETS = re.findall(r"^([a-z]+):", MAKEFILE, flags=re.MULTILINE)

pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or shutil.which("make") is None, reason="make and sh are not at home here"
)


def _say(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    bare = {"PATH": "/usr/bin:/bin", **environment}
    return subprocess.run(
        command, cwd=ROOT, env=bare, capture_output=True, encoding="utf-8", timeout=60, check=False
    )


def test_make_alone_explains_every_target() -> None:
    """Each target has a line of help, in the order of the file."""
    told = re.findall(r"^  ([a-z]+) +\S", _say("make").stdout, flags=re.MULTILINE)
    assert TARGETS == told
    assert {"setup", "demo", "test", "check", "bench", "samples", "clean"} <= set(told)


def test_no_target_is_taken_for_a_file() -> None:
    """A folder called ``samples`` does not make `make samples` do nothing."""
    phony = re.findall(r"^\.PHONY: (.*)", MAKEFILE, flags=re.MULTILINE)
    assert set(TARGETS) == set(" ".join(phony).split())


def test_recipes_are_short() -> None:
    """What needs more than three lines is a script with a name."""
    recipes = re.findall(r"^(\S+):.*\n((?:\t.*\n)+)", MAKEFILE, flags=re.MULTILINE)
    assert [] == [target for target, lines in recipes if lines.count("\n") > 3]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_can_be_run(script: Path) -> None:
    """Each script is executable, says which shell it is for, and its grammar is right."""
    assert script.stat().st_mode & 0o111
    first = script.read_text(encoding="utf-8").splitlines()[0]
    shell = {"#!/bin/sh": "sh", "#!/usr/bin/env bash": "bash"}[first]
    assert "" == _say(shell, "-n", script).stderr


def _python(folder: Path, body: str) -> str:
    """A Python that answers every question with a shell script."""
    path = folder / "python3"
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("body", "sentences"),
    [
        pytest.param(
            '[ "$1" = --version ] || exit 1; echo Python 3.9.2',
            ["needs Python 3.11 or newer", "here is Python 3.9.2", "apt install python3 python3-venv"],
            id="too old",
        ),
        pytest.param(
            'case "$2" in *ensurepip*) exit 1 ;; esac',
            ["cannot make virtual environments", "the package python3-venv is missing"],
            id="Debian without python3-venv",
        ),
    ],
)
def test_a_python_that_will_not_do_is_named(tmp_path: Path, body: str, sentences: list[str]) -> None:
    """A machine without what setup needs gets a sentence and the package's name, and no half environment."""
    done = _say(".ci/make-env", tmp_path / "venv", PYTHON=_python(tmp_path, body))
    assert 1 == done.returncode
    assert [] == [sentence for sentence in sentences if sentence not in done.stderr]
    assert not (tmp_path / "venv").exists()


def test_a_python_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A wrong PYTHON= is said back."""
    done = _say(".ci/make-env", tmp_path / "venv", PYTHON=str(tmp_path / "nowhere"))
    assert 1 == done.returncode
    assert f"here is no {tmp_path}/nowhere" in done.stderr

"""Commands as an account gives them that may not do everything: also where the tests run as root.

Root reads and enters whatever it likes. A process that lost two of root's privileges for good (Linux,
capabilities(7): CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH) is held to the rights of files like everybody else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

__all__ = ["POSSIBLE", "Command", "Told", "barred", "nameless"]

POSSIBLE = sys.platform == "linux"

_BOUNDED = """
import ctypes, os, sys
if os.geteuid() == 0:
    for capability in (1, 2):
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
os.execv(sys.executable, [sys.executable, "-P", "-c", *sys.argv[1:]])
"""
_EACH = """
import ctypes, json, os, sys, tempfile
import batchqual.cli.app, batchqual.directory, batchqual.doctor, batchqual.overview, batchqual.rehearsal

def become_nameless():
    ctypes.CDLL(None).prctl(28, 4, 0, 0, 0)  # keep root's privileges over a change of the user
    os.setresuid(54321, 54321, 54321)

def in_child(command, out):
    os.chdir(command["folder"])
    if command["then"] == "deleted":
        os.rmdir(command["folder"])
    elif command["then"] == "shut":
        os.chmod(command["folder"], 0)
    if command["nameless"]:
        become_nameless()
    os.environ.clear()
    os.environ.update(command["environ"])
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    code = batchqual.cli.main(command["arguments"])
    sys.stdout.flush()
    sys.stderr.flush()
    return code

told = []
for command in json.loads(sys.argv[1]):
    with tempfile.TemporaryFile() as out:
        child = os.fork()
        if child == 0:
            os._exit(in_child(command, out.fileno()))
        _, status = os.waitpid(child, 0)
        out.seek(0)
        told.append([os.waitstatus_to_exitcode(status), out.read().decode()])
print(json.dumps(told))
"""


@dataclass(frozen=True, slots=True)
class Command:
    """What is typed, and where. ``then`` the folder is "deleted" or "shut", under whoever stands in it."""

    arguments: Sequence[str]
    folder: str
    environ: dict[str, str] = field(default_factory=dict)
    then: str = ""
    nameless: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """How a command ended, and what it said on both streams."""

    code: int
    words: str


def barred(commands: Sequence[Command]) -> list[Told]:
    """Each command in a process of its own that is held to the rights of files."""
    return _told(["-P", "-c", _BOUNDED, _EACH], commands)


def nameless(commands: Sequence[Command]) -> list[Told]:
    """Each command as a user without an entry in the password file. Needs root."""
    return _told(["-P", "-c", _EACH], [Command(**{**asdict(one), "nameless": True}) for one in commands])


def _told(program: Sequence[str], commands: Sequence[Command]) -> list[Told]:
    done = subprocess.run(
        [sys.executable, *program, json.dumps([asdict(one) for one in commands])],
        cwd=Path(__file__).parents[2],
        env={"PATH": os.defpath, "LANG": "C.UTF-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )
    assert 0 == done.returncode, done.stderr[-2000:]
    return [Told(code, words) for code, words in json.loads(done.stdout.splitlines()[-1])]

"""A process of its own with bounds: how it ended, and what it cost at its worst."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

__all__ = ["Ended", "confined"]

_SECONDS: Final = 60.0
_PRELUDE: Final = """
import json, sys

def peak():
    if sys.platform == "win32":
        import psutil
        return psutil.Process().memory_info().peak_wset / 2**20
    import resource
    told = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return told / (2**20 if sys.platform == "darwin" else 2**10)

def ended(words):
    print(json.dumps({"words": words, "mib": peak() - started}))

try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
except (ImportError, ValueError, OSError):
    pass
"""
"""The bound of the address space keeps a test that fails from taking the machine with it."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a child said at its end, and how many MiB it took beyond what it had when it began."""

    words: str
    mib: float


def confined(program: str, *arguments: str) -> Ended:
    """Run Python that imports what it needs, says ``started = peak()``, and in the end ``ended(words)``.

    Fails the test when the process is killed, ends with an error, or does not end within a minute.
    """
    done = subprocess.run(
        [sys.executable, "-c", _PRELUDE + program, *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=_SECONDS,
        check=False,
    )
    assert 0 == done.returncode, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    return Ended(told["words"], told["mib"])

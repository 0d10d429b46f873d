"""What `make fuzz` runs: one reader after the other under atheris, so many seconds each, in its own process.

Called as ``python -m support.fuzzing CORPUS SECONDS [TARGET...]``. What is found is kept in the corpus folder
as ``TARGET/crash-...``, and belongs into a test.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Final

__all__ = ["main"]

_ONE: Final = "--one"
_MOST_MIB, _MOST_SECONDS, _MOST_BYTES = 2048, 20, 16_384


def main(arguments: list[str]) -> int:
    """Fuzz; 1 when anything was found."""
    if arguments[0] == _ONE:
        _one(arguments[1], arguments[2:])
        return 0
    corpus, seconds, *names = arguments
    from .fuzz_targets import TARGETS

    found = 0
    for name in names or TARGETS:
        folder = Path(corpus) / name
        folder.mkdir(parents=True, exist_ok=True)
        for at, seed in enumerate(TARGETS[name].seeds):
            (folder / f"seed-{at}").write_bytes(seed)
        found += _run(name, folder, seconds)
    return min(found, 1)


def _run(name: str, folder: Path, seconds: str) -> int:
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={_MOST_BYTES}",
        f"-rss_limit_mb={_MOST_MIB}",
        f"-timeout={_MOST_SECONDS}",
        f"-artifact_prefix={folder}/",
        "-print_final_stats=1",
    ]
    command = [sys.executable, "-m", __spec__.name, _ONE, name, *options, str(folder)]
    # the engine breaks off at much of what it is given, and naming the place takes longer than all the rest
    brief = {**os.environ, "RUST_BACKTRACE": "0"}
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", errors="replace", env=brief, check=False
    )
    count = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    ended = "nothing" if done.returncode == 0 else f"FOUND: {_last_words(done.stderr)}"
    print(f"{name:<16} {int(count[1]) if count else 0:>10,} runs  {ended}", flush=True)  # noqa: T201 - what a script says to whoever called it
    return done.returncode != 0


def _last_words(told: str) -> str:
    lines = [line for line in told.splitlines() if re.match(r"(\w+Error|==\d+== ?ERROR|.*panicked)", line)]
    return lines[-1] if lines else told[-300:]


def _one(name: str, options: list[str]) -> None:
    atheris = import_module("atheris")  # brought by make fuzz alone
    with atheris.instrument_imports(include=["batchqual"]):
        from .fuzz_targets import TARGETS
    atheris.Setup(["fuzz", *options], TARGETS[name].attack)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

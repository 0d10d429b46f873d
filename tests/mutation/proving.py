"""Takes each promise and rule out of a copy of the program, and demands that a test says so.

``PYTHONPATH=tests python -m mutation.proving [--only NAME ...] [--write-docs]``. ``NAME`` is that of a
mutant, or of a part: ``rule 2``. Ends with 1 when a change goes unnoticed, or when the tables are behind the
program.
"""

from __future__ import annotations

import argparse
import os
import queue
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mutation.guarded import PAGE, ROOT, Mutant, Part, faults, page, parts
from support.tree import files

__all__ = ["Fate", "fate_of", "main"]

#: Fails unless the tests, and the processes that they start, import the tree in which they stand.
AT_HOME = "tests/mutation/test_guarded.py::test_the_tests_are_about_their_own_tree"
_SECONDS = 60
_FAILED = re.compile(r"^FAILED (\S+?::.*?)(?: - .*)?$", re.MULTILINE)
_WHY = re.compile(r"^E +(.+)$", re.MULTILINE)


class Fate(StrEnum):
    """What became of a mutant."""

    CAUGHT = "caught"
    SURVIVED = "SURVIVED"
    BROKEN = "BROKEN"  # no test has spoken: they could not be collected, or pytest itself failed


def fate_of(exit_code: int, failed: str) -> Fate:
    """What pytest says by its exit code, and by the test that failed (pytest docs, exit codes). Only a failed
    test has caught anything: not one whose surroundings failed, or that could not be collected."""
    if exit_code == 0:
        return Fate.SURVIVED
    return Fate.CAUGHT if exit_code == 1 and failed else Fate.BROKEN


@dataclass(frozen=True, slots=True)
class Trial:
    """One run of pytest: its fate, the test that failed first, why, and how long it took (seconds)."""

    fate: Fate
    test: str
    why: str
    seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the tree, which tests may be run in and which may be changed; and a Python whose batchqual it
    is, whatever the environment of a process says."""

    root: Path
    python: Path

    def run(self, tests: Sequence[str]) -> Trial:
        """Run these until the first one fails. Where none has spoken they run once more: on a busy machine
        the watch over real waiting may strike."""
        trial = self._run(tests)
        return self._run(tests) if trial.fate is Fate.BROKEN else trial

    def _run(self, tests: Sequence[str]) -> Trial:
        began = time.monotonic()
        # A compiled file tells by the second and the size that its source has changed: none is written here.
        environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        environ.pop("PYTHONPATH", None)
        how = (
            "-x",
            "-q",
            "--no-header",
            "--tb=short",
            "-rf",
            "-p",
            "no:cacheprovider",
            f"--timeout={_SECONDS}",
        )
        done = subprocess.run(
            [self.python, "-m", "pytest", *how, f"--basetemp={self.root}.tests", *tests],
            cwd=self.root,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        found = _FAILED.search(done.stdout)
        failed, why = found[1] if found else "", _WHY.search(done.stdout.partition(" FAILURES ")[2])
        return Trial(
            fate_of(done.returncode, failed),
            failed,
            why[1] if why else "",
            time.monotonic() - began,
            done.stdout,
        )

    def try_out(self, one: Mutant) -> Trial:
        """The same with a mutant in place. Raises ValueError when its old text is not there exactly once."""
        path = self.root / one.file
        sound = path.read_bytes()
        path.write_bytes(one.applied_to(sound.decode("utf-8")).encode("utf-8"))
        try:
            return self.run(one.caught_by)
        finally:
            path.write_bytes(sound)


@contextmanager
def copies(count: int) -> Iterator[list[Copy]]:
    """Copies of what is or could be committed, all of the same moment."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        first = Path(folder).resolve() / "0"
        for path in files():
            target = first / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
        roots = [first, *(first.with_name(str(number)) for number in range(1, count))]
        for other in roots[1:]:
            shutil.copytree(first, other)
        yield [Copy(root, _python_for(root)) for root in roots]


def _python_for(root: Path) -> Path:
    """An environment with our packages, and with the copy in the place of the tree that is installed.

    What a path file names is put on the path, and path files in there count for nothing (Python docs, site):
    the one that leads to the tree itself is not followed.
    """
    place = root.with_name(f"{root.name}.python")
    builder = venv.EnvBuilder(symlinks=os.name != "nt")
    builder.create(place)
    python = Path(builder.ensure_directories(place).env_exe)
    asked = (python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    packages = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    (packages / "copy.pth").write_text(f"{root}\n{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    # Compiled files that are checked by the hash of their source: quick, and never out of date.
    compiling = ("-m", "compileall", "-qq", "--invalidation-mode", "checked-hash", "batchqual", "tests")
    subprocess.run([python, *compiling], cwd=root, check=False)
    return python


def chosen(all_parts: Sequence[Part], names: Sequence[str]) -> list[tuple[Part, Mutant]]:
    """The mutants with these names, or of these parts; all of them without names. Raises SystemExit."""
    pairs = [(part, one) for part in all_parts for one in part.mutants]
    known = {name for part, one in pairs for name in (part.of, one.name)}
    if strangers := [name for name in names if name not in known]:
        raise SystemExit(f"there is no {', '.join(strangers)}")
    return [(part, one) for part, one in pairs if not names or {part.of, one.name} & set(names)]


def prove(pairs: Sequence[tuple[Part, Mutant]], width: int) -> int:
    """Run the tests unchanged, then with each mutant; how many of these no test has caught."""
    with copies(width) as made, ThreadPoolExecutor(width) as pool:
        tests = [AT_HOME, *dict.fromkeys(test for _, one in pairs for test in one.caught_by)]
        shares = [[AT_HOME, *tests[number + 1 :: width]] for number in range(width)]
        for trial in pool.map(Copy.run, made, shares):
            if trial.fate is not Fate.SURVIVED:
                _say(f"Without any change a test fails already:\n{trial.text}")
                return len(pairs)
        _say(f"{len(tests) - 1} tests pass without a change; now {len(pairs)} changes, {width} at a time.")
        free: queue.SimpleQueue[Copy] = queue.SimpleQueue()
        for copy in made:
            free.put(copy)

        def judge(pair: tuple[Part, Mutant]) -> bool:
            copy = free.get()
            try:
                return _tell(pair, copy.try_out(pair[1]))
            finally:
                free.put(copy)

        return list(pool.map(judge, pairs)).count(False)


def _tell(pair: tuple[Part, Mutant], trial: Trial) -> bool:
    part, one = pair
    words = (
        f"{trial.test}: {trial.why}"
        if trial.fate is Fate.CAUGHT
        else f"without {one.takes_out!r} ({one.file})"
    )
    _say(f"{trial.fate:8} {part.of:10} {one.name}  {trial.seconds:.1f} s  {words}")
    if trial.fate is Fate.BROKEN:
        _say(trial.text)
    return trial.fate is Fate.CAUGHT


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m mutation.proving", description=__doc__)
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="this mutant, or part, alone"
    )
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (2)")
    parser.add_argument("--write-docs", action="store_true", help=f"write {PAGE.relative_to(ROOT)} and end")
    asked = parser.parse_args(arguments)
    all_parts = parts()
    if asked.write_docs:
        PAGE.write_text(page(all_parts), encoding="utf-8")
        return 0
    if wrong := faults(all_parts):
        _say("\n".join(wrong))
        return 1
    began = time.monotonic()
    pairs = chosen(all_parts, asked.only)
    missed = prove(pairs, max(1, min(asked.jobs, len(pairs))))
    _say(f"{len(pairs) - missed} of {len(pairs)} changes caught, in {time.monotonic() - began:.0f} s.")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())

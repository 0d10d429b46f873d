"""A disk that is full, for one run: what it writes gets a budget of bytes; afterwards there is room again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.attack import Attack, Scene, attacked
from support.nursery import Life, Nursery

if sys.platform != "win32":
    import resource

__all__ = ["Apart", "Squeezed", "a_full_disk", "files_cut_short", "small_disk", "squeezed"]

_PAGE = 4096
#: What an attack takes for damage, and a full disk explains.
_EXPLAINED = ("ended with", "no report")
#: How a person is told of it; the last one is a bound for each file.
_REASONS = ("the disk is full", "No space left", "the disk, or a network share, failed", "File too large")

Squeeze = Callable[[Nursery, Path, int], AbstractContextManager[None]]
"""Leaves so many bytes to what is forked by a nursery, or on the disk of a folder."""


@dataclass(slots=True)
class Apart(Nursery):
    """Runs whose notes (points, standard streams) lie in a folder with room, whatever befalls their own. The
    next run is made inside of ``around``."""

    notes: Path = Path()
    around: AbstractContextManager[None] | None = None

    async def live(self, folder: Path, arguments: Sequence[str], **how: Any) -> Life:
        """As in `Nursery`; reports stand in ``folder`` all the same."""
        words = [
            f"--report={folder / word.removeprefix('--report=')}" if word.startswith("--report=") else word
            for word in arguments
        ]
        around, self.around = self.around or nullcontext(), None
        with around:
            return await Nursery.live(self, self.notes, words, **how)


@contextmanager
def files_cut_short(home: Nursery, _folder: Path, budget: int) -> Iterator[None]:
    """Who is forked in this block may write no file beyond so many bytes (EFBIG, setrlimit(2)). What it has
    open already, for its notes, is shorter or goes nowhere."""
    pid, what = home.process.pid, resource.RLIMIT_FSIZE
    before, hard = resource.prlimit(pid, what)
    resource.prlimit(pid, what, (budget, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, what, (before, hard))


@contextmanager
def small_disk(folder: Path, kib: int = 4096) -> Iterator[None]:
    """A file system of its own at ``folder``; skips the test where none may be made."""
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk of its own may be mounted here (needs root on Linux): a full one is not shown")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def a_full_disk(_home: Nursery, folder: Path, budget: int) -> Iterator[None]:
    """All but so many bytes of the disk are taken (ENOSPC)."""
    ballast = folder / "ballast"
    with ballast.open("wb") as file:
        for _ in range((shutil.disk_usage(folder).free - budget) // _PAGE):
            file.write(bytes(_PAGE))
    try:
        yield
    finally:
        ballast.unlink()


@dataclass(frozen=True, slots=True)
class Squeezed:
    """How the run on the full disk ended, how many submissions it made, which files stood there then, which
    reports were asked for, what was lost or doubled when all was over, and after how many runs that was."""

    budget: int
    life: Life
    posts: int
    files: frozenset[str]
    suffixes: tuple[str, ...]
    damage: str
    runs: int

    @property
    def wrong(self) -> str:
        """What no run may do to whom a full disk happens; nothing if all is well."""
        code, err = self.life.exit_code, self.life.err
        in_words = code in (0, 3) or ("error: " in err and "hint: " in err)
        why = code in (0, 3) or any(reason in err for reason in _REASONS)
        whole = {f"report-1.{suffix}" for suffix in self.suffixes} <= self.files
        found = {
            self.damage: bool(self.damage),
            "a traceback": "Traceback" in err or "nobody foresaw" in err,
            "not documented": code not in (0, 1, 3, 11, 12),
            "no hint": not in_words,
            "not the reason": not why,
            "11 says that nothing was sent": code == 11 and self.posts > 0,
            "a report is missing": code in (0, 3) and not whole,
        }
        words = "; ".join(name for name, true in found.items() if true)
        return f"{words}: {self.budget} bytes, exit code {code}: {err}" if words else ""


async def squeezed(scene: Scene, folder: Path, home: Nursery, squeeze: Squeeze, budget: int) -> Squeezed:
    """One run within the budget; then there is room, and the same command runs on to its end."""
    notes = folder.with_name(f"{folder.name}-notes-{budget}")
    notes.mkdir()
    apart = Apart(home.process, home.numbers, home.waiting, notes=notes)
    async with attacked(scene, folder / str(budget), apart) as attack:
        apart.around = squeeze(home, folder, budget)
        life = await attack.run()
        posts, files = attack.posts(), frozenset(path.name for path in attack.folder.iterdir())
        _forgive(attack)
        await attack.end(twice=False)
        damage = str(attack.damage) if attack.damage else ""
        return Squeezed(budget, life, posts, files, scene.reports, damage, attack.runs)


def _forgive(attack: Attack) -> None:
    damage = attack.damage
    damage.lost[:] = [one for one in damage.lost if not any(words in one for words in _EXPLAINED)]

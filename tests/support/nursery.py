"""Runs of the program that cost milliseconds to start and to kill: forked from a process that is warm."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support import warm
from support.unmeasured import unmeasured

__all__ = ["CAN_FORK", "Life", "Nursery", "nursery"]

CAN_FORK = sys.platform != "win32"
KILLED = -9
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Life:
    """One run: how it ended, how long it took (seconds), and the fail points that it came to, in order."""

    exit_code: int
    seconds: float
    points: tuple[str, ...]
    out: str
    err: str

    @property
    def killed(self) -> bool:
        """Whether it died by SIGKILL."""
        return self.exit_code == KILLED

    @property
    def hits(self) -> Counter[str]:
        """How often it came to each point."""
        return Counter(self.points)


@dataclass(slots=True)
class Nursery:
    """Gives orders to the warm process. Many runs may be on at once."""

    process: asyncio.subprocess.Process
    numbers: itertools.count[int] = field(default_factory=itertools.count)
    waiting: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    lives: int = 0
    kills: int = 0

    async def listen(self) -> None:
        """Hand the ends of runs to those who wait for them."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            told = json.loads(line)
            self.waiting.pop(told["number"]).set_result(told)
        for future in self.waiting.values():
            future.set_exception(ChildProcessError("the warm process has ended"))

    async def live(
        self,
        folder: Path,
        arguments: Sequence[str],
        *,
        environ: Mapping[str, str],
        deaths: Mapping[str, Sequence[int]] | None = None,
        dies_after: float | None = None,
    ) -> Life:
        """One run in ``folder``. ``deaths`` names the arrivals at a fail point that kill it, from 1; after
        ``SIGINT ``, ``REDO `` or ``DISK `` those of a mishap (`support.warm`). ``dies_after`` is in seconds
        from its birth."""
        number = next(self.numbers)
        order = {
            "number": number,
            "folder": str(folder),
            "arguments": list(arguments),
            "environ": dict(environ),
            "deaths": {point: list(which) for point, which in (deaths or {}).items()},
            "dies_after": dies_after,
        }
        self.waiting[number] = ended = asyncio.get_running_loop().create_future()
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        told = await ended
        said = {name: _text(folder / f"{number}.{name}") for name in ("points", "out", "err")}
        life = Life(
            told["exit_code"], told["seconds"], tuple(said["points"].split()), said["out"], said["err"]
        )
        self.lives += 1
        self.kills += life.killed
        return life


def _text(path: Path) -> str:
    """What a run has left there; nothing when it was killed before it could."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


@asynccontextmanager
async def nursery() -> AsyncIterator[Nursery]:
    """A warm process, for the length of a block; at the end of it nothing of it is left."""
    environ = unmeasured()
    environ["PYTHONPATH"] = os.pathsep.join([str(_ROOT), str(_ROOT / "tests")])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, warm.__file__),
        env=environ,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert await process.stdout.readline()
    home = Nursery(process)
    listening = asyncio.create_task(home.listen())
    try:
        yield home
    finally:
        process.stdin.close()
        await process.wait()
        await listening

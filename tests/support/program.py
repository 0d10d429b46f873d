"""The program as a process of its own: started, listened to, and killed."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .unmeasured import unmeasured

__all__ = ["Ended", "Program", "until"]

_QUICK: Mapping[str, str] = {
    "rate": "none",
    "wait": "5s",
    "poll-min": "0.05s",
    "poll-max": "0.2s",
    "patience": "0.5s",
}


async def until(true: Callable[[], bool]) -> None:
    """Wait for what another process, or another task, does without a word."""
    while not true():  # noqa: ASYNC110 - a process and a book of requests set no event
        await asyncio.sleep(0.002)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process came to its end."""

    exit_code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Program:
    """`batchqual run`, with times pressed together, in a folder, against a service."""

    folder: Path
    base_url: str
    token: str = "a-token"
    options: Mapping[str, str] = field(default_factory=dict)
    yes: bool = True

    @property
    def ledger(self) -> Path:
        """The kept ledger."""
        return self.folder / "ledger.sqlite3"

    @asynccontextmanager
    async def started(self, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """The process, for the length of a block; at the end of it nothing of it is left."""
        named = {"base-url": self.base_url, "ledger": str(self.ledger), **_QUICK, **self.options}
        options = [f"--{name}={value}" for name, value in named.items()]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "batchqual", *arguments, *options, *(["--yes"] if self.yes else [])),
            cwd=self.folder,
            env={**unmeasured(), "BATCHQUAL_ACCESS_TOKEN": self.token, "PYTHONUTF8": "1"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def __call__(self, *arguments: str) -> Ended:
        """Run it to its end."""
        async with self.started(*arguments) as process:
            out, err = await process.communicate()
        return Ended(process.returncode or 0, out.decode(), err.decode())

"""The file that keeps a world between two lives of the simulator."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

from .world import World

if TYPE_CHECKING:
    from pathlib import Path


def load(path: Path) -> World | None:
    """The world in `path`, or None when there is no such file. Raises ValueError naming a file that is no
    world."""
    return World.from_file(path) if path.exists() else None


def save(path: Path, world: World) -> None:
    """Writes the whole world beside `path` and moves it into place."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(json.dumps(world.to_dict()), encoding="utf-8")
    beside.replace(path)


class Keeper:
    """Saves a world when it has changed, every `seconds` at most, and never for more than a tenth of the
    time: the loop stands still while a large world is written."""

    def __init__(self, path: Path, world: World, seconds: float) -> None:
        self._path = path
        self._world = world
        self._seconds = seconds
        self._saved = -1

    def save(self) -> None:
        """Saves now, if anything changed since the last time."""
        if self._saved != self._world.version:
            self._saved = self._world.version
            save(self._path, self._world)

    async def run(self) -> None:
        """Saves for as long as it is not cancelled."""
        took = 0.0
        while True:
            await asyncio.sleep(max(self._seconds, 10 * took))
            start = time.monotonic()
            self.save()
            took = time.monotonic() - start

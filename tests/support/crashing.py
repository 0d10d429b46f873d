"""Attacks by the dozen: which points a scene comes to, many attacks side by side, and a table of them."""

from __future__ import annotations

import ast
import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from support.attack import Attack, Kill, Scene, attacked
from support.house import ROOT
from support.nursery import Life, Nursery, nursery

__all__ = ["Plan", "Siege", "besieging", "points_of_the_source"]

_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """One attack: the kills of a scene, one after the other."""

    scene: Scene
    kills: Sequence[Kill]


@dataclass(slots=True)
class Siege:
    """Many attacks on the program, and what they have done to it."""

    home: Nursery
    folder: Path
    numbers: itertools.count[int] = field(default_factory=itertools.count)
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def calm(self, scenes: Iterable[Scene], *, twice: bool = True) -> Mapping[str, Life]:
        """Each scene without a kill, to its end: the life of the run that would be attacked. Fails for a
        scene that is damaged by nothing at all."""
        scenes = list(scenes)
        lives = await asyncio.gather(*(self._one(Plan(scene, ()), twice=twice) for scene in scenes))
        wrong = [sentence for _, sentence in lives if sentence]
        assert [] == wrong, "\n".join(wrong)
        return {scene.name: life for scene, ([life], _) in zip(scenes, lives, strict=True)}

    async def attack(self, name: str, plans: Iterable[Plan], *, twice: bool = True) -> list[list[Life]]:
        """Do all of them, say one line of the table, and fail if anything was lost or doubled.

        ``twice``: at the end of each the run is made once more, and submits nothing.
        """
        runs, kills = self.home.lives, self.home.kills
        done = await asyncio.gather(*(self._one(plan, twice=twice) for plan in plans))
        wrong = [sentence for _, sentence in done if sentence]
        lost = sum("lost" in sentence for sentence in wrong)
        doubled = sum("doubled" in sentence for sentence in wrong)
        row = (name, len(done), self.home.lives - runs, self.home.kills - kills, lost, doubled)
        print("| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else cell for cell in row) + " |")  # noqa: T201 - the table is what `make crash` is for
        assert [] == wrong, "\n".join(wrong)
        return [lives for lives, _ in done]

    async def _one(self, plan: Plan, *, twice: bool) -> tuple[list[Life], str]:
        async with self.places, attacked(plan.scene, self.folder / str(next(self.numbers)), self.home) as one:
            lives = await one.attack(*plan.kills)
            await one.end(twice=twice)
            return lives, _words(plan, one)


def _words(plan: Plan, one: Attack) -> str:
    """What went wrong, with all that is needed to make it go wrong again; nothing if all is well."""
    if not one.damage:
        return ""
    kinds = {"lost": one.damage.lost, "doubled": one.damage.doubled}
    said = "; ".join(f"{kind}: {', '.join(which)}" for kind, which in kinds.items() if which)
    return f"{plan.scene.name}, killed at {list(plan.kills)} in {one.folder}: {said}"


@asynccontextmanager
async def besieging(folder: Path) -> AsyncIterator[Siege]:
    """A warm process, and a folder for each attack."""
    async with nursery() as home:
        yield Siege(home, folder)


def points_of_the_source() -> list[str]:
    """Every fail point, as the source has it. One whose name is not a literal has none: that is an error."""
    found = []
    for path in sorted((ROOT / "batchqual").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "reached":
                [name] = node.args
                assert isinstance(name, ast.Constant), (
                    f"{path}:{node.lineno}: the name of a point is a literal"
                )
                found.append(str(name.value))
    return found

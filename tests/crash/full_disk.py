"""The long form of the full disk: a budget for every page that a run writes. It says its lines of a table."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from support.attack import Scene
from support.nursery import CAN_FORK, Nursery, nursery
from support.scenes import sheet_scene
from support.squeezed import Squeezed, a_full_disk, small_disk, squeezed
from support.verb_scenes import VERB_SCENES

SHEET = replace(sheet_scene("a sheet of everything"), reports=("json", "xlsx", "csv"))
SIGNED_IN = next(scene for scene in VERB_SCENES if scene.name == "signed in by a rotated token")
AT_ONCE = 6

pytestmark = [
    pytest.mark.skipif(not CAN_FORK, reason="this system cannot fork: full disks are not shown"),
    pytest.mark.timeout(900),
]


@pytest.mark.parametrize("scene", [SHEET, SIGNED_IN], ids=lambda scene: scene.name)
async def test_a_disk_without_room_loses_nothing(scene: Scene, tmp_path: Path) -> None:
    """Step by step of 4 KiB, until there is room for all."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(home: Nursery, budget: int) -> Squeezed:
        disk = tmp_path / f"disk-{budget}"
        async with places:
            with small_disk(disk):
                return await squeezed(scene, disk, home, a_full_disk, budget)

    async with nursery() as home:
        done = await asyncio.gather(*(one(home, budget) for budget in range(0, 700_000, 4096)))
    wrong, runs = [each.wrong for each in done if each.wrong], sum(each.runs for each in done)
    lost, doubled = (sum(word in sentence for sentence in wrong) for word in ("lost=['", "doubled=['"))
    print(f"| a full disk: {scene.name} | {len(done)} | {runs} | 0 | {lost} | {doubled} |")  # noqa: T201 - its table is what `make crash` is for
    assert "" == "\n".join(wrong)

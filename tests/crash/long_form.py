"""The long form of the crash suite, which `make crash` runs: every scene killed at every point that it comes
to, late arrivals, two kills in a row, and random instants. Each test says its line of the table. The storms
of `long_storm.py` are part of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.attack import Kill, Scene
from support.crash_table import LATE, RANDOM, SEEDS, TWO_KILLS, line_of
from support.crashing import Plan, besieging
from support.nursery import CAN_FORK, Life
from support.scenes import SCENES, sheet_scene
from support.verb_scenes import VERB_SCENES

INSTANTS = 8
ALL = (*SCENES, *VERB_SCENES)
BIG = sheet_scene("a larger sheet", 24)

pytestmark = [
    pytest.mark.skipif(not CAN_FORK, reason="this system cannot fork: killing the program is not shown"),
    pytest.mark.timeout(900),
]


@pytest.fixture(scope="module", autouse=True)
def _table() -> None:
    print("\n| killed | attacks | runs | kills | lost | doubled |\n|---|---:|---:|---:|---:|---:|")  # noqa: T201 - its table is what `make crash` is for


@pytest.mark.parametrize("scene", ALL, ids=lambda scene: scene.name)
async def test_killed_at_each_point_of_a_scene(scene: Scene, tmp_path: Path) -> None:
    """At the first arrival at each point that the scene comes to; where it comes to none, at instants."""
    async with besieging(tmp_path) as siege:
        life = (await siege.calm([scene]))[scene.name]
        kills: list[Kill] = [{point: [1]} for point in life.hits] or [
            life.seconds * part / INSTANTS for part in range(INSTANTS)
        ]
        line = line_of(scene, has_points=bool(life.hits))
        await siege.attack(line, [Plan(scene, [kill]) for kill in kills])


async def test_killed_at_late_arrivals(tmp_path: Path) -> None:
    """In the larger sheet: at the second, the middle and the last arrival at each point."""
    async with besieging(tmp_path) as siege:
        calm = await siege.calm([BIG])
        plans = [
            Plan(BIG, [{point: [which]}])
            for point, count in calm[BIG.name].hits.items()
            for which in sorted({2, (count + 1) // 2, count} - {1})
            if which <= count
        ]
        await siege.attack(LATE, plans)


async def test_killed_again_during_recovery(tmp_path: Path) -> None:
    """A run dies between intent and answer, and the one that recovers dies at each point that it comes to."""
    scene = SCENES[0]
    first: Kill = {"intend.after": [1]}
    async with besieging(tmp_path) as siege:
        [[_, second]] = await siege.attack("killed between intent and answer", [Plan(scene, [first, {}])])
        assert {"recover.nothing", "recover.patient", "resend.before", "resend.after"} <= second.hits.keys()
        plans = [Plan(scene, [first, {point: [1]}]) for point in second.hits]
        await siege.attack(TWO_KILLS, plans)


@pytest.mark.parametrize("kills", [1, 2])
async def test_killed_at_random_instants(kills: int, tmp_path: Path) -> None:
    """At any moment of any scene, and twice in a row."""
    scenes = [scene for scene in (*ALL, BIG) if scene.bears]
    async with besieging(tmp_path) as siege:
        calm = await siege.calm(scenes)
        plans = [
            Plan(scene, list(_instants(seed, calm[scene.name], min(kills, scene.bears))))
            for seed in range(SEEDS)
            for scene in [scenes[seed % len(scenes)]]
        ]
        await siege.attack(RANDOM[kills - 1], plans)


def _instants(seed: int, calm: Life, kills: int) -> Iterator[float]:
    """Seconds from a run's birth."""
    chance = random.Random(f"{seed} {kills}")
    for _ in range(kills):
        yield chance.uniform(0.0, calm.seconds)

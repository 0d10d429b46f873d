"""The long form of the crash suite, which `make crash` runs: every scene killed at every point that it comes
to, late arrivals, two kills in a row, and random instants. Each test says its line of the table."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.attack import Kill, Scene
from support.crashing import Plan, besieging
from support.nursery import CAN_FORK, Life
from support.scenes import SCENES, sheet_scene

SEEDS = 240
#: Seconds that a run stands at the gate after one that was killed.
HELD = 1.0
#: Here a send is lost already: with two more the row would be `unknown`, and rightly so.
ONCE = "requests lost before the write"
BIG = sheet_scene("a larger sheet", 24)

pytestmark = [
    pytest.mark.skipif(not CAN_FORK, reason="this system cannot fork: killing the program is not shown"),
    pytest.mark.timeout(900),
]


@pytest.fixture(scope="module", autouse=True)
def _table() -> None:
    print("\n| attack | attacks | runs | kills | lost | doubled |\n|---|---:|---:|---:|---:|---:|")  # noqa: T201 - its table is what `make crash` is for


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_killed_at_each_point_of_a_scene(scene: Scene, tmp_path: Path) -> None:
    """At the first arrival at each point that the scene comes to."""
    async with besieging(tmp_path) as siege:
        calm = await siege.calm([scene])
        await siege.attack(scene.name, [Plan(scene, [{point: [1]}]) for point in calm[scene.name].hits])


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
        await siege.attack("late arrivals at every fail point", plans)


async def test_killed_again_during_recovery(tmp_path: Path) -> None:
    """A run dies between intent and answer, and the one that recovers dies at each point that it comes to."""
    scene = SCENES[0]
    first: Kill = {"intend.after": [1]}
    async with besieging(tmp_path) as siege:
        [[_, second]] = await siege.attack("killed between intent and answer", [Plan(scene, [first, {}])])
        assert {"recover.nothing", "recover.patient", "resend.before", "resend.after"} <= second.hits.keys()
        plans = [Plan(scene, [first, {point: [1]}]) for point in second.hits]
        await siege.attack("two kills, the second during recovery", plans)


@pytest.mark.parametrize("kills", [1, 2])
async def test_killed_at_random_instants(kills: int, tmp_path: Path) -> None:
    """At any moment of any scene, and twice in a row."""
    scenes = [*SCENES, BIG]
    async with besieging(tmp_path) as siege:
        calm = await siege.calm(scenes)
        plans = [
            Plan(scene, list(_instants(seed, calm[scene.name], kills if scene.name != ONCE else 1)))
            for seed in range(SEEDS)
            for scene in [scenes[seed % len(scenes)]]
        ]
        words = "random instants" if kills == 1 else "random instants, twice in a row"
        await siege.attack(f"{words}, {SEEDS} seeds", plans)


def _instants(seed: int, calm: Life, kills: int) -> Iterator[float]:
    """Seconds from a run's birth. The second run first stands at the gate for a second."""
    chance = random.Random(f"{seed} {kills}")
    for kill in range(kills):
        yield chance.uniform(0.0, calm.seconds) + (HELD if kill and chance.random() < 0.8 else 0.0)

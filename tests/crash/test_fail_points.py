"""Killed at every fail point once, by SIGKILL, and run on to the end: the short form of `make crash`."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from support.attack import attacked
from support.crashing import Plan, besieging, points_of_the_source
from support.nursery import CAN_FORK, nursery
from support.scenes import SCENES

from batchqual import failpoints

LAG = next(scene for scene in SCENES if scene.name == "reads that lag behind writes")

forking = pytest.mark.skipif(
    not CAN_FORK, reason="this system cannot fork: killing at fail points is not shown"
)


def test_each_point_stands_in_one_place() -> None:
    """A name says where the program is."""
    assert [] == [point for point, count in Counter(points_of_the_source()).items() if count > 1]


def test_a_point_is_heeded_until_nobody_listens() -> None:
    """The listener hears each name, and nothing after it was taken away."""
    heard: list[str] = []
    failpoints.heed(heard.append)
    try:
        failpoints.reached("one")
    finally:
        failpoints.heed(None)
    failpoints.reached("two")
    assert ["one"] == heard


def test_nothing_in_the_program_heeds_them() -> None:
    """No option and no variable can end the process of a user: only tests listen."""
    sources = Path(failpoints.__file__).parent.rglob("*.py")
    hearing = [
        path.name
        for path in sources
        if re.search(r"\bfailpoints\.heed|import .*\bheed\b", path.read_text("utf-8"))
    ]
    assert [] == hearing


@forking
@pytest.mark.timeout(300)
async def test_killed_at_every_point_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    """Each point of the source is come to, and a run that is killed there loses and doubles nothing."""
    points = points_of_the_source()
    async with besieging(tmp_path) as siege:
        calm = await siege.calm(SCENES, twice=False)
        scene_of = {
            point: next((one for one in SCENES if calm[one.name].hits[point]), None) for point in points
        }
        assert [] == [point for point, scene in scene_of.items() if scene is None], "nobody comes to these"
        plans = [Plan(scene, [{point: [1]}]) for point, scene in scene_of.items() if scene is not None]
        lives = await siege.attack("every fail point, the first arrival", plans, twice=False)
    wrong = [
        (point, life.exit_code)
        for point, [life] in zip(scene_of, lives, strict=True)
        if not (life.killed and life.hits[point] == 1)
    ]
    assert [] == wrong, "these were not killed where they should have been"


@forking
async def test_damage_is_seen(tmp_path: Path) -> None:
    """Where reads lag for longer than the patience, and the service knows no request ID again, the same
    request is taken twice: that is what patience guards, and the suite says so."""
    hasty = replace(LAG, service=replace(LAG.service, read_lag_seconds=3.0), options={"patience": "0.3s"})
    async with nursery() as home, attacked(hasty, tmp_path / "hasty", home) as attack:
        await attack.attack()
        await attack.end(twice=False)
    assert attack.damage.doubled


@forking
async def test_loss_is_seen(tmp_path: Path) -> None:
    """A wish that the service never heard of, and a row that is not in the report, are damage."""
    more = replace(SCENES[0], accepted={**SCENES[0].accepted, ("nobody", "Education"): 1})
    fewer = replace(SCENES[0], outcomes=(*SCENES[0].outcomes, "approved"))
    async with nursery() as home:
        for number, scene in enumerate((more, fewer)):
            async with attacked(scene, tmp_path / str(number), home) as attack:
                await attack.attack()
                await attack.end(twice=False)
            assert attack.damage.lost
            assert not attack.damage.doubled

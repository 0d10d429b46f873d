"""Killed at every fail point once, by SIGKILL, and run on to the end: the short form of `make crash`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from support.attack import attacked
from support.crashing import Plan, besieging, points_of_the_source
from support.nursery import CAN_FORK, nursery
from support.scenes import SCENES
from support.verb_scenes import VERB_SCENES

from batchqual import failpoints

ALL = (*SCENES, *VERB_SCENES)
LAG = next(scene for scene in SCENES if scene.name == "reads that lag behind writes")

#: Each fail point in the scene that is killed there here. The long form kills every scene everywhere.
KILLED_AT: Mapping[str, tuple[str, ...]] = {
    "a sheet of everything": ("lock.left", "lookup.asking", "lookup.kept"),
    "answers lost after the write": ("lock.leaving", "recover.arrived", "answer.over"),
    "requests lost before the write": ("file.flushed", "run.starting", "resend.before", "resend.after"),
    "creates of codes": ("run.ending", "ledger.delivering"),
    "reads that lag behind writes": ("lock.taken", "recover.nothing"),
    "refused for good": ("run.ended", "ledger.statement", "answer.refused"),
    "the partner refused as a whole": ("wire.leaving", "stopped.before", "stopped.after"),
    "stopped at a closed gate": ("gate.closed", "withdraw.before", "withdraw.after"),
    "the first rows only": ("file.replaced", "run.started", "intend.before"),
    "denied rows again": ("intend.after",),
    "another content": ("content.before", "content.after"),
    "a domain that moves": ("doubt.before", "doubt.after"),
    "a ledger of the first version": ("ledger.opened", "recover.patient"),
    "a request ID that is known again": ("ledger.closing", "answer.lost"),
    "there already, and not to be seen": ("ledger.made", "recover.given-up"),
    "refused after a send that was lost": ("enrol.before", "recover.refused"),
    "never a clear answer": ("enrol.after", "recover.unknown"),
    "a fate that is given up": ("abandon.before", "abandon.after"),
    "grants that are taken away": ("recheck.seen", "recheck.reverted"),
    "reviews that are dropped": ("review.dropped",),
    "denied before we came": ("enrol-again.before", "enrol-again.after", "denial.before"),
    "commits that are done again": ("ledger.committed", "ledger.undone", "ledger.redone"),
    "a disk that fails": ("migration.statement", "ledger.written", "ledger.broken"),
    "three reports": ("run.reported", "wire.answered", "review.seen"),
    "the synchronous API": ("migration.committed", "ledger.begin", "answer.accepted"),
    "signed in by a rotated token": ("token.redeemed", "tokens.moved", "token.kept"),
    "signed in by a token of a key vault": ("vault.before", "vault.written", "vault.kept"),
    "`login`, once more": ("login.answered", "tokens.flushed", "login.kept"),
    "`plan`": ("lookup.answered", "adopt.before"),
    "`plan` of what is open": ("work.done",),
    "`resume`": ("work.flushed",),
    "`resume` of a ledger of the first version": ("lock.signed", "migration.written"),
    "`status`": (),
    "`status` of a ledger of the first version": ("migration.begin",),
    "`report` of a killed run": ("file.claimed",),
    "`report` of a run": ("file.written",),
    "`codes`": ("gate.leaving", "gate.left"),
    "`customers`, page by page": ("export.written", "export.listed", "export.page-kept"),
    "`customers`, with the sheet written": ("export.tidying",),
    "`customers` and what they hold": ("export.over", "export.look-kept", "export.page", "export.read"),
}

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


def test_each_point_has_a_scene_in_which_it_is_killed() -> None:
    """And each scene is attacked."""
    assert sorted(points_of_the_source()) == sorted(
        point for points in KILLED_AT.values() for point in points
    )
    assert [scene.name for scene in ALL] == list(KILLED_AT)


@forking
@pytest.mark.timeout(300)
async def test_killed_at_every_point_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    """Each point of the source is come to, and a run that is killed there loses and doubles nothing."""
    targets = [(scene, point) for scene in ALL for point in KILLED_AT[scene.name]]
    async with besieging(tmp_path) as siege:
        calm = [Plan(scene, ()) for scene in ALL if not KILLED_AT[scene.name]]
        plans = [Plan(scene, [{point: [1]}]) for scene, point in targets]
        lives = await siege.attack("every fail point, the first arrival", [*plans, *calm], twice=False)
    wrong = [
        (scene.name, point, life.exit_code)
        for (scene, point), [life] in zip(targets, lives, strict=False)
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

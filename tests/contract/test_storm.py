"""Everything goes wrong at once, for a whole run: nothing is sent twice, nothing is missing, and no row has
failed for a fault that passes.

Several storms blow side by side, because most of one is waiting: each pause that the service asks for costs
a second. Eight over 250 customers each are the short form; `make crash`, which CI runs as well, has ten over
2,000 (`tests/crash/long_storm.py`).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from support.credulous import credulous
from support.drive import Drive, education
from support.stormy import LATE, assert_weathered, ride_out, stormy, weather

from batchqual.simulator import Simulator, SimulatorSettings


@pytest.mark.timeout(300)
async def test_a_storm_sends_nothing_twice_and_loses_nothing(tmp_path: Path) -> None:
    """5 % of each fault at once, 2,000 customers in all."""
    async with asyncio.TaskGroup() as group:
        for seed in range(1, 9):
            group.create_task(ride_out(tmp_path / str(seed), seed, 250))


async def test_a_storm_keeps_the_pace(tmp_path: Path) -> None:
    """Retries, renewals and pauses included, the worst second by arrival stays within the rate and two."""
    rate = 60
    async with credulous(stormy(11)) as simulator:
        told = await weather(tmp_path / "paced", simulator, 100, rate=rate)
        await asyncio.sleep(LATE)
    assert_weathered(told, simulator)
    assert simulator.books.most_within(1.0) <= rate + 2


async def test_after_a_storm_the_same_command_submits_nothing_more(tmp_path: Path) -> None:
    """What the storm left open is looked up in good weather, and nothing that was accepted is sent again."""
    async with credulous(stormy(12)) as simulator:
        await weather(tmp_path / "first", simulator, 200, wait="0")
        before = dict(simulator.books.accepted)
        world = simulator.world
    settings = SimulatorSettings(seed=12, port=_port(simulator), deduplicate=False)
    async with credulous(settings, world) as calm:
        drive = Drive(tmp_path / "first", calm.base_url)
        told = await drive(education(tmp_path / "first", *range(200)))
    assert {"approved", "denied"} >= set(told.outcomes) - {"unknown"}
    both = Counter(before) + Counter(dict(calm.books.accepted))
    assert {1} == set(both.values())


def _port(simulator: Simulator) -> int:
    return int(simulator.base_url.rpartition(":")[2])

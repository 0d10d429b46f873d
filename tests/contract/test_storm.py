"""Everything goes wrong at once, for a whole run: nothing is sent twice, nothing is missing, and no row has
failed for a fault that passes.

Several seeds run side by side, because most of a storm is waiting: each pause that the service asks for costs
a second.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.drive import Drive, Told, education
from support.truth import accepted, assert_report_matches, submissions

from batchqual.partnercenter import Limits, RetryPolicy
from batchqual.simulator import Fault, Faults, Simulator, SimulatorSettings

CUSTOMERS = 2_000
CHANCE = 0.05
#: The client gives up on an answer sooner than a late one comes; its patience is longer than reads lag.
LIMITS = Limits(read=2.0, total=2.0)
LATE, LAG, PATIENCE = 3.0, 0.5, 1.5
RETRY = RetryPolicy(first=0.1)
#: `throttled` is no fault but the service's right, and `server_error` brings its share of pauses.
FAULTS = [fault for fault in Fault if fault is not Fault.THROTTLED]


class FreshTokens:
    """A new token at each renewal; one renewal for all who were refused the same one."""

    def __init__(self) -> None:
        self.number = 0

    async def token(self) -> str:
        """The token of now."""
        return f"token-{self.number}"

    async def renew(self, rejected: str) -> str:
        """Another one than ``rejected``."""
        if rejected == await self.token():
            self.number += 1
        return await self.token()


def stormy(seed: int) -> SimulatorSettings:
    """Each fault for one request in twenty, and no deduplication to hide behind."""
    return SimulatorSettings(
        seed=seed,
        vetting_delay=(0.0, 0.5),
        deduplicate=False,
        faults=Faults.every(CHANCE),
        late_seconds=LATE,
        read_lag_seconds=LAG,
    )


async def weather(folder: Path, simulator: Simulator, count: int, **flags: Any) -> Told:
    """One run in the storm."""
    drive = Drive(folder, simulator.base_url)
    calm: dict[str, Any] = {"patience": f"{PATIENCE}s", "poll_min": "0.6s", "poll_max": "3s", "wait": "2m"}
    return await drive(
        education(folder, *range(count)),
        tokens=FreshTokens(),
        limits=LIMITS,
        retry=RETRY,
        **{**calm, "concurrency": 32, **flags},
    )


def assert_weathered(told: Told, simulator: Simulator) -> None:
    """What the storm must not have done."""
    assert_report_matches(told, simulator)
    counts = simulator.books.accepted
    assert [] == [wish for wish, count in counts.items() if count > 1], "sent twice"
    failed = [(row["row"], row["error_message"]) for row in told.rows if row["outcome"] == "failed"]
    assert [] == failed, "failed for a passing fault"
    done = {"approved", "denied", "in_review"}
    assert {*done, "unknown"} >= set(told.outcomes), told.document["error"]
    arrived = Counter(entry.customer for entry in submissions(simulator))
    for row in told.rows:
        took, sends = accepted(simulator, row["customer_id"]), arrived[row["customer_id"]]
        assert took == (row["outcome"] in done), row
        assert row["outcome"] in done or sends >= 3, row
        assert row["attempts"] == 1, row


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seeds", [range(1, 6), range(6, 11)], ids=["seeds-1-5", "seeds-6-10"])
async def test_a_storm_sends_nothing_twice_and_loses_nothing(seeds: range, tmp_path: Path) -> None:
    """5 % of each fault at once, 2,000 customers, ten seeds."""

    async def storm(seed: int) -> None:
        async with Simulator(stormy(seed)) as simulator:
            told = await weather(tmp_path / str(seed), simulator, CUSTOMERS)
            await asyncio.sleep(LATE)
        assert [] == [fault for fault in FAULTS if not simulator.books.faults[fault]], seed
        assert_weathered(told, simulator)

    async with asyncio.TaskGroup() as group:
        for seed in seeds:
            group.create_task(storm(seed))


async def test_a_storm_keeps_the_pace(tmp_path: Path) -> None:
    """Retries, renewals and pauses included, the worst second by arrival stays within the rate and two."""
    rate = 60
    async with Simulator(stormy(11)) as simulator:
        told = await weather(tmp_path / "paced", simulator, 100, rate=rate)
        await asyncio.sleep(LATE)
    assert_weathered(told, simulator)
    assert simulator.books.most_within(1.0) <= rate + 2


async def test_after_a_storm_the_same_command_submits_nothing_more(tmp_path: Path) -> None:
    """What the storm left open is looked up in good weather, and nothing that was accepted is sent again."""
    async with Simulator(stormy(12)) as simulator:
        await weather(tmp_path / "first", simulator, 200, wait="0")
        before = dict(simulator.books.accepted)
        world = simulator.world
    async with Simulator(SimulatorSettings(seed=12, port=_port(simulator)), world) as calm:
        drive = Drive(tmp_path / "first", calm.base_url)
        told = await drive(education(tmp_path / "first", *range(200)))
    assert {"approved", "denied"} >= set(told.outcomes) - {"unknown"}
    both = Counter(before) + Counter(dict(calm.books.accepted))
    assert {1} == set(both.values())


def _port(simulator: Simulator) -> int:
    return int(simulator.base_url.rpartition(":")[2])

"""A storm: everything goes wrong at once, for a whole run, before a service that takes whatever comes."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from support.credulous import credulous
from support.drive import Drive, Told, education
from support.truth import accepted, assert_report_matches, submissions

from batchqual.partnercenter import Limits, RetryPolicy
from batchqual.simulator import Fault, Faults, Simulator, SimulatorSettings

__all__ = ["LATE", "assert_weathered", "ride_out", "stormy", "weather"]

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


async def ride_out(folder: Path, seed: int, count: int) -> int:
    """A whole storm over so many customers, and what it must not have done; how many requests there were."""
    async with credulous(stormy(seed)) as simulator:
        told = await weather(folder, simulator, count)
        await asyncio.sleep(LATE)
    assert [] == [fault for fault in FAULTS if not simulator.books.faults[fault]], seed
    assert_weathered(told, simulator)
    return simulator.books.total


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

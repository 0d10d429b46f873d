"""Where patience begins: with each attempt, and with each process."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.fake_service import FakeService, LoopClock
from support.ledgers import education
from support.results import ids, left_unknown, outcomes
from support.runs import drive

from batchqual.errors import FateUnknown
from batchqual.model import Outcome, QualificationRequest
from batchqual.partnercenter import Submission

pytestmark = pytest.mark.looptime

PATIENCE = 60.0
RESET = FateUnknown("reset")


@dataclass
class Watched(FakeService):
    """Notes the moment of each submission."""

    moments: list[float] = field(default_factory=list)

    async def submit(self, request: QualificationRequest, *, request_id: str) -> Submission:
        self.moments.append(asyncio.get_running_loop().time())
        return await super().submit(request, request_id=request_id)


class HastyClock(LoopClock):
    """Somebody puts it on, again and again: an hour for each second."""

    def now(self) -> datetime:
        return super().now() + timedelta(hours=asyncio.get_running_loop().time())


async def test_patience_goes_by_a_clock_that_nobody_sets(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hours on the machine's clock are no look at the service."""
    monkeypatch.setattr("support.runs.LoopClock", HastyClock)
    service = Watched(answers=deque([RESET]), lost_before_arrival=True)
    await drive(path, service, [education(1)], wait="0")
    first, second = service.moments
    assert PATIENCE <= second - first


async def test_each_lost_send_has_a_patience_of_its_own(path: Path) -> None:
    """The second send may have arrived as well as the first: looks over another patience come before the
    third."""
    service = Watched(answers=deque([RESET, RESET]), lost_before_arrival=True)
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))
    first, second, third = service.moments
    assert PATIENCE <= second - first
    assert PATIENCE <= third - second


async def test_a_new_process_has_a_patience_of_its_own(path: Path) -> None:
    """An hour after the attempt: what was seen before this process, nobody remembers."""
    service = Watched(answers=deque([RESET]), lost_before_arrival=True)
    await left_unknown(path, service, [education(1)])
    await asyncio.sleep(3600)
    began = asyncio.get_running_loop().time()
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [education(1)]))
    assert PATIENCE <= service.moments[1] - began
    assert 1 == len(set(ids(service)))

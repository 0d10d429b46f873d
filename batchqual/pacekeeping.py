"""What the pace must remember from process to process: a closed gate, and the last second of a run."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from .failpoints import reached
from .ledger import Ledger, pause_left
from .target import Target

__all__ = ["Doorkeeper", "hold_until"]

_SECOND = timedelta(seconds=1)


def hold_until(ledger: Ledger, target: Target, now: datetime) -> datetime | None:
    """Until when nothing may leave: as the service told an earlier process, and one second after that
    process's end, so that two in a row keep the pace of one. A killed run may have ended just now."""
    ends = [min(last.finished_at or now, now) + _SECOND for last in ledger.runs(1)]
    moments = [pause_left(ledger.closed_until(target.origin, target.partner), now), *ends]
    return max((moment for moment in moments if moment is not None and moment > now), default=None)


@dataclass(slots=True)
class Doorkeeper:
    """Writes down until when the gate is closed."""

    ledger: Ledger
    target: Target
    kept: asyncio.Future[None] | None = None

    def closed(self, until: datetime) -> None:
        """The service has told everyone to wait until then."""
        self.kept = self.ledger.keep_closed_until(self.target.origin, self.target.partner, until)
        reached("gate.closed")

    async def leave(self, now: datetime) -> None:
        """A process that is no run ends: its last second is kept as a closed gate."""
        reached("gate.leaving")
        await self.ledger.keep_closed_until(self.target.origin, self.target.partner, now + _SECOND)
        reached("gate.left")

"""One run of the pipeline on a fake service and a real ledger, under whatever clock the loop has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from support.fake_service import FakeService, LoopClock
from support.ledgers import ORIGIN, PARTNER, InlineWriter

from batchqual.events import Event
from batchqual.ledger import Ledger
from batchqual.model import InputRow, Intake, QualificationRequest
from batchqual.partnercenter import PartnerCenter
from batchqual.pipeline import Job, Results, StopSwitch, execute
from batchqual.settings import Settings, load_settings

__all__ = ["an_intake", "drive"]


def an_intake(*requests: QualificationRequest) -> Intake:
    """Rows that ask for these, in order."""
    rows = tuple(
        InputRow(position, "customers.csv", position + 2, (f"Customer {position}",), request)
        for position, request in enumerate(requests)
    )
    return Intake((), ("Customer",), rows)


async def drive(
    path: Path,
    service: FakeService,
    intake: Intake | Sequence[QualificationRequest],
    *,
    command: str = "run",
    stop: StopSwitch | None = None,
    events: list[Event] | None = None,
    **flags: object,
) -> Results:
    """Run the pipeline once, with these options; the ledger at ``path`` is kept from run to run."""
    settings: Settings = load_settings({"yes": True, **flags}, environ={})
    intake = intake if isinstance(intake, Intake) else an_intake(*intake)
    job = Job(f"run-{len(events or [])}", command, intake, settings, ORIGIN, PARTNER)
    clock = LoopClock()
    service.gate.abandoned = False
    with Ledger.open(path, clock=clock, command=command, make_writer=InlineWriter) as ledger:
        return await execute(
            job,
            ledger=ledger,
            service=cast(PartnerCenter, service),
            clock=clock,
            say=events.append if events is not None else lambda event: None,
            stop=stop or StopSwitch(),
        )

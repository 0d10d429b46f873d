"""What came of a run on the fake service, in the words of its tests; and a run that dies too soon."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from support.fake_service import FakeService
from support.ledgers import customer
from support.runs import an_intake, drive

from batchqual.model import Intake, Outcome, Problem, Qualification, QualificationRequest, RowResult, Verdict
from batchqual.pipeline import Results, StopSwitch

__all__ = ["codes", "ids", "left_unknown", "only", "outcomes", "sent", "soe", "warned"]


def soe(number: int) -> QualificationRequest:
    """StateOwnedEntity for an invented customer."""
    return QualificationRequest(customer(number), Qualification.SOE)


def outcomes(rows: Results | Iterable[RowResult]) -> list[Outcome]:
    """The outcomes, in input order; of ``results.earlier`` those of earlier sheets."""
    return [result.verdict.outcome for result in (rows.rows if isinstance(rows, Results) else rows)]


def codes(rows: Results | Iterable[RowResult]) -> list[str | None]:
    """The error codes, in input order."""
    return [result.verdict.error_code for result in (rows.rows if isinstance(rows, Results) else rows)]


def only(results: Results) -> Verdict:
    """The verdict on the only row."""
    [result] = results.rows
    return result.verdict


def sent(service: FakeService) -> list[tuple[int, str]]:
    """Who was submitted for what, in order: the customer's number and the short name."""
    return [
        (int(request.customer_id[-12:]), request.qualification.short) for request, _ in service.submissions
    ]


def ids(service: FakeService) -> list[str]:
    """The request ids, one for each submission, in order."""
    return [request_id for _, request_id in service.submissions]


def warned(*requests: QualificationRequest) -> Intake:
    """Rows of a file that is worth a warning."""
    return replace(an_intake(*requests), notices=(Problem("odd", "Odd.", "customers.csv"),))


async def left_unknown(path: Path, service: FakeService, rows: Sequence[QualificationRequest]) -> None:
    """A run that is interrupted a second after its start: a lost answer is still being looked for."""
    stop = StopSwitch()
    run = asyncio.create_task(drive(path, service, rows, stop=stop))
    await asyncio.sleep(1)
    stop.press()
    assert Outcome.UNKNOWN in outcomes(await run)

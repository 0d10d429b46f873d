"""Runs against a service that is never reached: sheets, settings, refusals, and the ledger before them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.ledgers import new_request
from support.sheets import csv_file, customer

from batchqual.composition import run
from batchqual.errors import BatchqualError
from batchqual.ledger import Ledger, NewRequest, Record, State
from batchqual.model import EducationSegment, Qualification, QualificationRequest
from batchqual.pipeline import Plan
from batchqual.report import RunReport
from batchqual.settings import Settings, load_settings

__all__ = [
    "ELSEWHERE",
    "SERVICE",
    "accepted",
    "answer",
    "asked_for",
    "code_of",
    "files",
    "outcomes",
    "sent",
    "settings",
    "settled",
    "sheet_of",
    "tried",
]

SERVICE = "http://127.0.0.1:9"
ELSEWHERE = "https://api.partnercenter.example"


def sheet_of(folder: Path, *rows: tuple[str, str, str], name: str = "customers.csv") -> str:
    """A sheet with a customer, a qualification and a segment in each row; unless told otherwise, Education
    for the first two customers."""
    rows = rows or ((customer(1), "Education", "K12"), (customer(2), "Education", "K12"))
    return csv_file(folder, [("customer_id", "qualification", "education_segment"), *rows], name=name)


def settings(folder: Path, *, token: str = "", **flags: Any) -> Settings:
    """Settings of a run against a service that is never reached."""
    own = {"base_url": SERVICE, "ledger": str(folder / "ledger.sqlite3"), "patience": "1s"}
    environ = {"BATCHQUAL_ACCESS_TOKEN": token} if token else {}
    return load_settings({**own, "report": [str(folder / "report.json")], **flags}, environ=environ)


def files(folder: Path, pattern: str = "*") -> list[str]:
    """The names of what is there."""
    return sorted(path.name for path in folder.glob(pattern))


def outcomes(report: RunReport) -> list[str]:
    return [result.verdict.outcome.value for result in report.rows]


def code_of(report: RunReport) -> tuple[int, str | None]:
    """The exit code, and the code of the error."""
    return report.exit_code, report.error.code if report.error else None


async def tried(*paths: str, using: Settings, **more: Any) -> BatchqualError:
    """How a run is refused; ``more`` are keywords of `run`."""
    with pytest.raises(BatchqualError) as caught:
        await run("run", paths, using, **more)
    return caught.value


def answer(asked: list[Plan], *, yes: bool) -> Callable[[Plan], bool]:
    """Somebody at the terminal who answers like this."""

    def confirm(plan: Plan) -> bool:
        asked.append(plan)
        return yes

    return confirm


def asked_for(number: int) -> NewRequest:
    """Education for a customer of this test's sheets, as a run against the service enrols it."""
    request = QualificationRequest(customer(number), Qualification.EDUCATION, EducationSegment.K12)
    return new_request(request, origin=SERVICE, partner="")


async def sent(ledger: Ledger, number: int) -> Record:
    """Its submission is on its way."""
    [record] = await ledger.enrol([asked_for(number)])
    return await ledger.intend(record, f"id-{number}")


async def settled(ledger: Ledger, record: Record, status: str) -> None:
    """A look finds the verdict."""
    await ledger.looked(record, State.SETTLED, vetting_status=status)


async def accepted(ledger: Ledger, number: int) -> Record:
    """It is in review."""
    return await ledger.answered(await sent(ledger, number), State.IN_REVIEW)

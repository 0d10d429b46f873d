"""GCC takes a create of a validation code: all of them are counted before the first write."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from support.fake_service import FakeService, holding
from support.ledgers import customer, education, gcc
from support.results import codes, outcomes, sent
from support.runs import an_intake, drive

from batchqual.errors import NotFound, Unavailable
from batchqual.model import Holding, Outcome, Qualification, QualificationRequest
from batchqual.partnercenter import ValidationCode

pytestmark = pytest.mark.looptime

GCC = Qualification.GCC


def left(remaining: int | None, organization: str = "") -> tuple[ValidationCode, ...]:
    """The code of the tests' rows with so many creates left on it."""
    return (ValidationCode("0012345", organization, 5, remaining),)


async def test_gcc_codes_are_counted_before_anything_is_written(path: Path) -> None:
    """Two rows for one create: both are conflicts, with the numbers; the other code goes ahead."""
    service = FakeService(codes=(*left(1), ValidationCode("77", "", None, None)))
    rows = [gcc(1), gcc(2), gcc(3, "77"), gcc(4, "nobody's")]
    results = await drive(path, service, rows)
    assert ["code-exhausted", "code-exhausted", None, "unknown-code"] == codes(results)
    assert "2 rows" in (results.rows[0].verdict.error_message or "")
    assert [(3, "GCC")] == sent(service)


async def test_gcc_that_is_there_takes_no_code(path: Path) -> None:
    """One create is enough for two rows when one of them is qualified already."""
    service = FakeService(codes=left(1, "Elsewhere"))
    service.world[customer(1)].append(holding(GCC))
    results = await drive(path, service, [gcc(1), gcc(2)])
    assert [Outcome.ALREADY_QUALIFIED, Outcome.APPROVED] == outcomes(results)


@pytest.mark.parametrize(
    ("held", "domain"),
    [
        pytest.param(Qualification.EDUCATION, None, id="Education is held"),
        pytest.param(None, "contoso.example", id="the domain is another's"),
    ],
)
async def test_a_row_that_cannot_be_sent_takes_no_code(
    path: Path, held: Qualification | None, domain: str | None
) -> None:
    """One create is enough when the other row is a conflict for a reason of its own."""
    service = FakeService(codes=left(1), domains={customer(1): "fabrikam.example"})
    service.world[customer(1)] += [holding(held)] if held else []
    other = QualificationRequest(customer(1), GCC, validation_code="0012345", domain=domain)
    results = await drive(path, service, [other, gcc(2)])
    assert [Outcome.CONFLICT, Outcome.APPROVED] == outcomes(results)
    assert [(2, "GCC")] == sent(service)


async def test_a_row_without_a_count_is_not_sent(path: Path) -> None:
    """Its looks failed, so it was not counted against the creates; a later look is no count."""
    service = FakeService(codes=left(1))
    service.looks[customer(1)] += [Unavailable("500", http_status=500)] * 3
    results = await drive(path, service, [gcc(1), gcc(2)])
    assert ["retries-exhausted", None] == codes(results)
    assert [(2, "GCC")] == sent(service)


async def test_a_gcc_row_of_a_stranger_has_failed(path: Path) -> None:
    """Its customer is asked for before any code is."""
    service = FakeService(codes=left(1), strangers={customer(1)})
    results = await drive(path, service, [gcc(1), gcc(2)])
    assert ["not-my-customer", None] == codes(results)


class SlowFor2(FakeService):
    """Looks at the second customer take eleven minutes."""

    async def holdings(self, customer_id: str) -> tuple[Holding, ...]:
        if customer_id == customer(2):
            await asyncio.sleep(660)
        return await super().holdings(customer_id)


async def test_a_row_that_was_not_counted_is_not_sent(path: Path) -> None:
    """Education stood in its way at the count and was denied later: no create was counted for it."""
    service = SlowFor2(codes=left(1))
    service.looks[customer(1)].append((holding(Qualification.EDUCATION, "InReview"),))
    service.world[customer(1)].append(holding(Qualification.EDUCATION, "Denied"))
    results = await drive(path, service, [education(2), gcc(1)], concurrency=1)
    assert [None, "codes-unreadable"] == codes(results)
    assert [(2, "Education")] == sent(service)
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [gcc(1)]))


async def test_codes_that_cannot_be_read_fail_the_rows(path: Path) -> None:
    """Nothing is sent on a guess."""
    service = FakeService(codes=Unavailable("500", http_status=500))
    results = await drive(path, service, [gcc(1), education(2)])
    assert ["codes-unreadable", None] == codes(results)
    assert 500 == results.rows[0].verdict.http_status


async def test_codes_that_do_not_exist_fail_the_rows(path: Path) -> None:
    """A cloud without the list answers 404."""
    service = FakeService(codes=NotFound("no such address", http_status=404))
    assert [Outcome.FAILED] == outcomes(await drive(path, service, [gcc(1)]))


async def test_an_unknown_quota_is_a_warning(path: Path) -> None:
    """The service does not tell what is left: the rows are sent, and one of them bears the warning."""
    service = FakeService(codes=left(None))
    results = await drive(path, service, [gcc(1), gcc(2)])
    assert [Outcome.APPROVED] * 2 == outcomes(results)
    assert [("quota-unknown", 2)] == [(notice.code, notice.row) for notice in results.notices]
    assert "0012345" not in results.notices[0].message


@pytest.mark.parametrize(
    ("organization", "name", "warnings"),
    [
        pytest.param("Fabrikam City", "Contoso", ["other-organization"], id="another name"),
        pytest.param("CONTOSO Ltd.", "Contoso, Ltd", [], id="the same name in other letters"),
        pytest.param("", "Contoso", [], id="issued to no name"),
        pytest.param("Fabrikam City", "", [], id="a row without a name"),
    ],
)
async def test_a_code_issued_to_another_name_is_a_warning(
    path: Path, organization: str, name: str, warnings: list[str]
) -> None:
    """The row is sent all the same."""
    service, intake = FakeService(codes=left(5, organization)), an_intake(gcc(1))
    named = replace(intake, rows=(replace(intake.rows[0], customer_name=name),))
    results = await drive(path, service, named)
    assert [Outcome.APPROVED] == outcomes(results)
    assert warnings == [notice.code for notice in results.notices]

"""Rows by domain in the pipeline: what becomes of those that were found, and of those that were not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from support.fake_service import BASE, FakeService, LoopClock, holding
from support.ledgers import ORIGIN, PARTNER, InlineWriter, customer, education
from support.results import codes, outcomes, sent, soe
from support.runs import an_intake, drive

from batchqual.ledger import KnownDomain, Ledger, read_only
from batchqual.model import Outcome, Qualification, QualificationRequest
from batchqual.partnercenter import Customer

pytestmark = pytest.mark.looptime

EDUCATION, GCC, SOE = Qualification.EDUCATION, Qualification.GCC, Qualification.SOE


async def test_a_domain_that_has_moved_since_it_was_looked_up_is_a_conflict(path: Path) -> None:
    """Never to the wrong customer; and nobody goes by it any more, so the next run looks it up again."""
    service = FakeService(domains={customer(1): "fabrikam.example"})
    with Ledger.open(path, clock=LoopClock(), command="run", make_writer=InlineWriter) as ledger:
        await ledger.keep_domains(ORIGIN, PARTNER, [KnownDomain("contoso.example", customer(1))])
    rows = [
        QualificationRequest(customer(1), wanted, domain="contoso.example") for wanted in (EDUCATION, SOE)
    ]
    results = await drive(path, service, rows)
    assert [(Outcome.CONFLICT, "domain-moved")] * 2 == list(
        zip(outcomes(results), codes(results), strict=True)
    )
    assert [] == sent(service)
    with read_only(path) as view:
        assert {} == view.known_domains(ORIGIN, PARTNER, BASE)


async def test_a_domain_that_another_customer_is_known_by_stays_known(path: Path) -> None:
    """It was looked up anew since: nobody is looked up again for it."""
    service = FakeService(domains={customer(1): "fabrikam.example"})
    with Ledger.open(path, clock=LoopClock(), command="run", make_writer=InlineWriter) as ledger:
        await ledger.keep_domains(ORIGIN, PARTNER, [KnownDomain("contoso.example", customer(2))])
    results = await drive(path, service, [replace(education(1), domain="contoso.example")])
    assert ["domain-moved"] == codes(results)
    assert [] == sent(service)
    with read_only(path) as view:
        assert ["contoso.example"] == list(view.known_domains(ORIGIN, PARTNER, BASE))


async def test_a_domain_that_was_looked_up_today_is_believed_where_nothing_is_sent(path: Path) -> None:
    """What the customer holds is taken as it is; only before a submission is it compared once more."""
    service = FakeService(domains={customer(1): "fabrikam.example"})
    service.world[customer(1)].append(holding(EDUCATION))
    with Ledger.open(path, clock=LoopClock(), command="run", make_writer=InlineWriter) as ledger:
        await ledger.keep_domains(ORIGIN, PARTNER, [KnownDomain("contoso.example", customer(1))])
    rows = [
        replace(education(1), domain="contoso.example"),
        QualificationRequest(customer(1), SOE, domain="contoso.example"),
    ]
    results = await drive(path, service, rows)
    assert [Outcome.ALREADY_QUALIFIED, Outcome.CONFLICT] == outcomes(results)
    assert [] == sent(service)


@dataclass
class AskedForCustomers(FakeService):
    """Keeps who was asked for."""

    asked_for: list[str] = field(default_factory=list)

    async def customer(self, customer_id: str) -> Customer:
        self.asked_for.append(customer_id)
        return await super().customer(customer_id)


@pytest.mark.parametrize("domains", [{}, {customer(1): "contoso.example"}])
async def test_a_customer_is_asked_for_once(path: Path, domains: dict[str, str]) -> None:
    """However many of its rows claim a domain, and also where the answer names none."""
    service = AskedForCustomers(domains=domains)
    rows = [
        QualificationRequest(customer(1), wanted, domain="contoso.example") for wanted in (EDUCATION, SOE)
    ]
    assert [Outcome.APPROVED] * 2 == outcomes(await drive(path, service, rows))
    assert [customer(1)] == service.asked_for


async def test_a_row_whose_customer_is_not_known_is_never_looked_at(path: Path) -> None:
    """It gets no item, so nothing is enrolled, asked or sent for it."""
    service = FakeService()
    intake = an_intake(QualificationRequest("", SOE, domain="contoso.example"), soe(1))
    waiting = replace(intake.rows[0], preset=Outcome.FAILED)
    results = await drive(path, service, replace(intake, rows=(waiting, intake.rows[1])))
    assert [Outcome.FAILED, Outcome.APPROVED] == outcomes(results)
    assert {customer(1)} == set(service.looked_at)
    with read_only(path) as view:
        assert [customer(1)] == [record.customer_id for record in view.records(ORIGIN, PARTNER)]


@pytest.mark.parametrize(
    ("preset", "named", "expected"),
    [
        pytest.param(Outcome.FAILED, "", Outcome.NOT_ATTEMPTED, id="not looked up"),
        pytest.param(Outcome.INVALID, "", Outcome.NOT_ATTEMPTED, id="nobody's domain"),
        pytest.param(Outcome.INVALID, "damaged", Outcome.NOT_ATTEMPTED, id="no ID"),
        pytest.param(Outcome.INVALID, customer(3), Outcome.APPROVED, id="another customer's"),
    ],
)
async def test_a_gcc_row_that_may_be_anybodys_keeps_state_owned_entity_back(
    path: Path, preset: Outcome, named: str, expected: Outcome
) -> None:
    """GCC wants a customer without StateOwnedEntity: what is not known to be another's may be this."""
    asked = QualificationRequest("", GCC, validation_code="12345", domain="contoso.example")
    other = replace(education(2), domain="fabrikam.example")
    intake = an_intake(asked, soe(1), other)
    first = replace(
        intake.rows[0],
        preset=preset,
        request=asked if preset is Outcome.FAILED else None,
        qualification=GCC.value,
        customer_id=named,
    )
    service = FakeService(domains={customer(2): "fabrikam.example"})
    results = await drive(path, service, replace(intake, rows=(first, *intake.rows[1:])))
    assert [preset, expected, Outcome.APPROVED] == outcomes(results)

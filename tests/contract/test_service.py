"""One suite for the fake that the pipeline is tested with, and for the client in front of the simulator."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import cast

import pytest
from support.fake_service import FakeService

from batchqual.errors import NotFound
from batchqual.model import EducationSegment, Qualification, QualificationRequest, VettingStatus
from batchqual.partnercenter import (
    Connection,
    GivenToken,
    PartnerCenter,
    ValidationCode,
    open_partner_center,
)
from batchqual.simulator import Customer, Simulator, SimulatorSettings, World

OURS = "00000000-0000-4000-8000-0000000000a7"
NOBODYS = "00000000-0000-4000-8000-00000000c391"
EDUCATION = QualificationRequest(OURS, Qualification.EDUCATION, EducationSegment.K12)
SOE = QualificationRequest(OURS, Qualification.SOE)
GCC = QualificationRequest(OURS, Qualification.GCC, validation_code="0012345")


@pytest.fixture(params=["fake", "client and simulator"])
async def service(request: pytest.FixtureRequest) -> AsyncIterator[PartnerCenter]:
    """A service with one customer, a code with five creates, and vetting that never ends."""
    if request.param == "fake":
        code = ValidationCode("0012345", "Contoso City Hall", 5, 5)
        fake = FakeService(vetting=1e9, strangers={NOBODYS}, codes=(code,), domains={OURS: "contoso.example"})
        yield cast(PartnerCenter, fake)
        return
    world = World([Customer(OURS, domain="contoso.example")])
    world.offer("0012345=5")
    settings = SimulatorSettings(
        unknown_customers="strict", vetting_delay=(1e9, 1e9), gcc_delay=(1e9, 1e9), denial_rate=0.0
    )
    async with Simulator(settings, world) as simulator:
        options = Connection(base_url=simulator.base_url, rate=None)
        async with open_partner_center(options, GivenToken("token")) as partner_center:
            yield partner_center


async def submit(service: PartnerCenter, wanted: QualificationRequest) -> None:
    submission = await service.submit(wanted, request_id=str(uuid.uuid4()))
    assert submission.http_status in (200, 201)
    assert submission.refusal is None


async def test_a_customer_begins_with_nothing(service: PartnerCenter) -> None:
    """No qualification is an empty tuple, not an error."""
    assert () == await service.holdings(OURS)


async def test_what_was_submitted_shows_in_review(service: PartnerCenter) -> None:
    """An accepted request is seen by the next look."""
    await submit(service, EDUCATION)
    [holding] = await service.holdings(OURS)
    assert (Qualification.EDUCATION, VettingStatus.IN_REVIEW) == (holding.qualification, holding.status)
    assert not holding.settled


async def test_two_qualifications_stand_side_by_side(service: PartnerCenter) -> None:
    """GCC takes its code, StateOwnedEntity comes beside it."""
    await submit(service, GCC)
    await submit(service, SOE)
    held = {holding.qualification for holding in await service.holdings(OURS)}
    assert {Qualification.GCC, Qualification.SOE} == held


async def test_a_customer_of_nobody_is_not_found(service: PartnerCenter) -> None:
    """Both of its looks say so."""
    with pytest.raises(NotFound):
        await service.holdings(NOBODYS)
    with pytest.raises(NotFound):
        await service.customer(NOBODYS)


async def test_a_customer_tells_its_default_domain(service: PartnerCenter) -> None:
    """In lower case."""
    assert "contoso.example" == (await service.customer(OURS)).domain


async def test_codes_tell_what_is_left(service: PartnerCenter) -> None:
    """With the name that they were issued for."""
    [code] = await service.validation_codes()
    assert ("0012345", "Contoso City Hall", 5, 5) == (
        code.code,
        code.organization,
        code.max_creates,
        code.remaining,
    )

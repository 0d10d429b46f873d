"""The client against the simulator: every shape, every contract, every fault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from support.talking import QUICK, calling

from batchqual.errors import AlreadyThere, FateUnknown, NotFound, Refused, SignInNeeded
from batchqual.model import EducationSegment, Qualification, QualificationRequest, VettingStatus
from batchqual.partnercenter import Limits, PartnerCenter, RetryPolicy, ValidationCode
from batchqual.simulator import (
    Code,
    Customer,
    Faults,
    Holding,
    Shapes,
    Simulator,
    SimulatorSettings,
    Verdict,
    World,
)

OURS = "00000000-0000-4000-8000-000000000001"
THEIRS = "00000000-0000-4000-8000-000000000002"
NOBODY = "00000000-0000-4000-8000-000000000003"
EDU = QualificationRequest(OURS, Qualification.EDUCATION, EducationSegment.K12)
GCC = QualificationRequest(OURS, Qualification.GCC, validation_code="0123")
SOE = QualificationRequest(OURS, Qualification.SOE)
SETTINGS = SimulatorSettings(denial_rate=0, vetting_delay=(60, 60), unknown_customers="strict")
HELD = VettingStatus.IN_REVIEW

numbers = count(1)


def a_request_id() -> str:
    """A new one."""
    return f"00000000-0000-4000-8000-{next(numbers):012x}"


def a_world(*holdings: Holding) -> World:
    """Our customer, somebody else's, and a code."""
    return World(
        [
            Customer(OURS, "Contoso", "contoso.example", holds={one.qualification: one for one in holdings}),
            Customer(THEIRS, relation="foreign"),
        ],
        [Code("0123", "Contoso City Hall", 5, 4)],
    )


@asynccontextmanager
async def serving(
    settings: SimulatorSettings = SETTINGS,
    world: World | None = None,
    *,
    api: str = "asynchronous",
    retry: RetryPolicy = QUICK,
) -> AsyncIterator[tuple[Simulator, PartnerCenter]]:
    """A simulator, and a client of it."""
    async with (
        Simulator(settings, world or a_world()) as simulator,
        calling(simulator.base_url, api=api, retry=retry, limits=Limits(read=0.5)) as client,
    ):
        yield simulator, client


def shaped(**switches: Any) -> SimulatorSettings:
    """Settings with some shapes other than today's."""
    return replace(SETTINGS, shapes=Shapes(**switches))


@pytest.mark.parametrize("get", ["array", "wrapper", "pascal_array", "object"])
@pytest.mark.parametrize("name", ["name", "lower", "snake", "integer"])
@pytest.mark.parametrize("nulls", [False, True], ids=["absent", "nulls"])
async def test_every_shape_of_a_look(get: str, name: str, nulls: bool) -> None:
    """One meaning."""
    async with serving(shaped(get=get, name=name, nulls=nulls)) as (_, client):
        await client.submit(EDU, request_id=a_request_id())
        (holding,) = await client.holdings(OURS)
    assert (Qualification.EDUCATION, HELD) == (holding.qualification, holding.status)


@pytest.mark.parametrize("post", ["object", "wrapper", "pascal_array", "empty", "html"])
async def test_every_shape_of_an_acceptance(post: str) -> None:
    """Accepted, and told where it can be read."""
    async with serving(shaped(post=post)) as (simulator, client):
        submission = await client.submit(EDU, request_id=a_request_id())
        assert {(OURS, "Education"): 1} == simulator.books.accepted
    told = submission.holding.status if submission.holding else None
    assert (None if post in ("empty", "html") else HELD) is told


@pytest.mark.parametrize("date_key", ["vettingCreateDate", "vettingCreatedDate"])
@pytest.mark.parametrize("date", ["seconds", "milliseconds", "ticks", "slashes", "absent"])
async def test_every_form_of_the_date(date_key: str, date: str) -> None:
    """Read as UTC, to within the form's grain."""
    async with serving(shaped(date_key=date_key, date=date)) as (simulator, client):
        await client.submit(EDU, request_id=a_request_id())
        (holding,) = await client.holdings(OURS)
        created = simulator.world.customers[OURS].holds["Education"].created
    if date == "absent":
        assert (None, None) == (holding.created_at, holding.created_raw)
    else:
        assert holding.created_at is not None
        assert abs(holding.created_at.timestamp() - created) <= (86_400 if date == "slashes" else 1)


@pytest.mark.parametrize(
    ("status", "seen"),
    [
        ("documented", VettingStatus.IN_REVIEW),
        ("absent", VettingStatus.MISSING),
        ("null", VettingStatus.MISSING),
        ("unknown", VettingStatus.UNKNOWN),
        ("lower", VettingStatus.IN_REVIEW),
    ],
)
async def test_every_form_of_the_status(status: str, seen: VettingStatus) -> None:
    """What is not known is kept raw, and never an error."""
    async with serving(shaped(status=status)) as (_, client):
        await client.submit(EDU, request_id=a_request_id())
        (holding,) = await client.holdings(OURS)
    assert seen is holding.status
    assert (seen is VettingStatus.MISSING) is (holding.raw_status is None)


@pytest.mark.parametrize("nothing", ["empty", "none_entry", "null", "no_body"])
async def test_every_form_of_nothing(nothing: str) -> None:
    """Nothing held."""
    async with serving(shaped(nothing=nothing)) as (_, client):
        assert () == await client.holdings(OURS)


async def test_nothing_as_404() -> None:
    """Not found; the customer is there all the same."""
    async with serving(shaped(nothing="not_found")) as (_, client):
        with pytest.raises(NotFound):
            await client.holdings(OURS)
        assert "contoso.example" == (await client.customer(OURS)).domain


FORMS = ["string_code", "int_code", "status_message", "error_name", "bare_string"]


@pytest.mark.parametrize("error", FORMS)
async def test_every_readable_form_of_a_refusal(error: str) -> None:
    """Final, for a read and for a write."""
    async with serving(shaped(error=error)) as (_, client):
        with pytest.raises(Refused) as caught:
            await client.holdings(THEIRS)
        assert 403 == caught.value.http_status
        with pytest.raises(Refused):
            await client.submit(replace(EDU, customer_id=THEIRS), request_id=a_request_id())
        with pytest.raises(NotFound):
            await client.customer(NOBODY)


async def test_a_refusal_without_a_body_counts_by_its_status() -> None:
    """There is nothing in it that somebody else could have said."""
    async with serving(shaped(error="empty")) as (_, client):
        with pytest.raises(Refused):
            await client.submit(replace(EDU, customer_id=THEIRS), request_id=a_request_id())
        with pytest.raises(NotFound):
            await client.holdings(NOBODY)


@pytest.mark.parametrize("error", ["text", "html"])
async def test_every_unreadable_form_of_a_refusal(error: str) -> None:
    """A write has to be looked up; 404 is 404 in the end."""
    async with serving(shaped(error=error)) as (_, client):
        with pytest.raises(FateUnknown):
            await client.submit(replace(EDU, customer_id=THEIRS), request_id=a_request_id())
        with pytest.raises(NotFound):
            await client.holdings(NOBODY)


@pytest.mark.parametrize("api", ["asynchronous", "asynchronous-2020", "synchronous"])
@pytest.mark.parametrize("request_", [EDU, GCC, SOE], ids=["education", "gcc", "soe"])
async def test_every_contract_sets_every_qualification(api: str, request_: QualificationRequest) -> None:
    """And sees it afterwards."""
    settings = replace(SETTINGS, vetting_delay=(0, 0))
    async with serving(settings, api=api) as (simulator, client):
        submission = await client.submit(request_, request_id=a_request_id())
        (holding,) = await client.holdings(OURS)
        assert {(OURS, request_.qualification.value): 1} == simulator.books.accepted
    assert submission.refusal is None
    assert (request_.qualification, True) == (holding.qualification, holding.granted)


@pytest.mark.parametrize("sync", ["string", "snake", "integer"])
async def test_every_answer_of_the_synchronous_contract(sync: str) -> None:
    """The value, as a word or as a number, is a grant."""
    async with serving(shaped(sync=sync), api="synchronous") as (_, client):
        submission = await client.submit(GCC, request_id=a_request_id())
        (holding,) = await client.holdings(OURS)
    assert submission.holding is not None
    assert (Qualification.GCC, True) == (submission.holding.qualification, submission.holding.granted)
    assert submission.holding == holding


async def test_a_denial_of_the_synchronous_contract() -> None:
    """In words."""
    world = a_world()
    world.customers[OURS].verdicts["Education"] = Verdict("Denied", "Not an Academic Domain")
    async with serving(world=world, api="synchronous") as (_, client):
        submission = await client.submit(EDU, request_id=a_request_id())
    assert submission.holding is None
    assert submission.refusal


@pytest.mark.parametrize("source", ["either", "body", "query"])
async def test_the_code_is_where_the_service_looks(source: Any) -> None:
    """In the body and in the query."""
    async with serving(replace(SETTINGS, code_source=source)) as (simulator, client):
        await client.submit(GCC, request_id=a_request_id())
        assert {"0123": 1} == simulator.books.creates_used


@pytest.mark.parametrize(("code_id", "code"), [("string", "0123"), ("integer", "123")])
async def test_codes(code_id: str, code: str) -> None:
    """As text, with what is left."""
    async with serving(shaped(code_id=code_id)) as (_, client):
        assert (ValidationCode(code, "Contoso City Hall", 5, 4),) == await client.validation_codes()


async def test_there_already() -> None:
    """A second submission is answered 409."""
    async with serving() as (_, client):
        await client.submit(EDU, request_id=a_request_id())
        with pytest.raises(AlreadyThere):
            await client.submit(EDU, request_id=a_request_id())


async def test_no_header_is_missing() -> None:
    """The simulator's books say so."""
    async with serving() as (simulator, client):
        await client.submit(EDU, request_id=a_request_id())
        await client.holdings(OURS)
        assert not simulator.books.missing_headers


async def test_a_token_without_mfa() -> None:
    """Needs a person."""
    async with serving(replace(SETTINGS, mfa_missing=True)) as (_, client):
        with pytest.raises(SignInNeeded, match="multi-factor"):
            await client.holdings(OURS)


@pytest.mark.parametrize("form", ["seconds", "date", "absent", "negative"])
async def test_every_form_of_a_throttle(form: Any) -> None:
    """Everyone waits, and nobody fails."""
    settings = replace(SETTINGS, retry_after=form, rate=50.0, burst=2, penalty=1.0)
    async with serving(settings) as (simulator, client):
        await asyncio.gather(*(client.holdings(OURS) for _ in range(6)))
        assert simulator.books.statuses[429] == client.counts.throttled > 0
        assert simulator.books.total == client.counts.get
    assert 0 == client.counts.retried


@pytest.mark.parametrize(
    "fault",
    ["server_error", "html", "bare_string", "reset_before", "reset_after", "truncated", "late"],
)
async def test_reads_survive_every_fault(fault: Any) -> None:
    """Repeated until there is a clear answer."""
    async with serving(replace(SETTINGS, late_seconds=2.0)) as (simulator, client):
        simulator.inject(fault, fault, scope="reads")
        assert () == await client.holdings(OURS)
        assert simulator.books.total == client.counts.get == 3


@pytest.mark.parametrize(
    "fault",
    ["server_error", "html", "bare_string", "reset_before", "reset_after", "truncated", "late", "throttled"],
)
@pytest.mark.parametrize("api", ["asynchronous", "synchronous"])
async def test_no_write_is_repeated_after_an_unclear_answer(fault: Any, api: str) -> None:
    """With the service's memory of request ids switched off, nothing takes effect twice."""
    settings = replace(SETTINGS, late_seconds=2.0, deduplicate=False, faults=Faults(written_share=1.0))
    async with serving(settings, api=api) as (simulator, client):
        simulator.inject(fault, scope="writes")
        try:
            await client.submit(EDU, request_id=a_request_id())
        except FateUnknown:
            assert 1 == client.counts.post + client.counts.put
        assert simulator.books.accepted.total() <= 1
        assert simulator.books.total == client.counts.post + client.counts.put


async def test_a_storm_of_faults() -> None:
    """More than half of all requests meet one: all looks come through, no submission takes effect twice."""
    share = 0.08
    faults = Faults(
        server_error=share,
        html=share,
        bare_string=share,
        reset_before=share,
        reset_after=share,
        truncated=share,
        late=share,
    )
    settings = replace(
        SETTINGS,
        unknown_customers="create",
        deduplicate=False,
        faults=faults,
        late_seconds=0.6,
    )
    ids = [f"00000000-0000-4000-8000-{number:012d}" for number in range(100, 160)]

    async def visit(customer_id: str) -> None:
        assert () == await client.holdings(customer_id)
        with suppress(FateUnknown):
            await client.submit(replace(EDU, customer_id=customer_id), request_id=a_request_id())
        await client.holdings(customer_id)

    async with serving(settings, retry=replace(QUICK, tries=20)) as (simulator, client):
        results = await asyncio.gather(*map(visit, ids), return_exceptions=True)
        assert [] == [result for result in results if isinstance(result, BaseException)]
        assert {1} == set(simulator.books.accepted.values())
        assert simulator.books.total == client.counts.get + client.counts.post
        assert len(ids) <= client.counts.post <= len(ids) + simulator.books.statuses[503]
        assert all(simulator.books.faults[name] for name in ("html", "reset_after", "late"))

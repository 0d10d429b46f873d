"""The client walks the list of customers, over real HTTP against the simulator."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from support.replay_server import canned
from support.sheets import customer
from support.talking import QUICK, calling, talking

from batchqual.errors import Refused, Unavailable
from batchqual.partnercenter import CustomerPage, ListedCustomer, PartnerCenter
from batchqual.simulator import Customer, Simulator, SimulatorSettings, World

SETTINGS = SimulatorSettings()


def crowd(count: int) -> World:
    """Customers one after the other, and one of somebody else."""
    people = [
        Customer(customer(n), f"Contoso School {n}", f"school{n}.contoso.example") for n in range(count)
    ]
    return World([*people, Customer(customer(count), "Fabrikam", "fabrikam.example", "foreign")])


def ids_of(*pages: CustomerPage) -> list[str]:
    """Whom the pages list, in their order."""
    return [one.customer_id for page in pages for one in page.customers]


async def walked(
    client: PartnerCenter, *, into: list[CustomerPage] | None = None, **asked: Any
) -> list[CustomerPage]:
    """All pages; those that came before it broke off are in ``into``."""
    pages: list[CustomerPage] = [] if into is None else into
    async for page in client.customer_pages(**asked):
        pages.append(page)  # noqa: PERF401 - a comprehension would lose them
    return pages


@pytest.mark.parametrize("end", ["plain", "code_2000"])
async def test_ten_thousand_customers_come_all_once_and_in_order(end: Any) -> None:
    """20 pages of 500; one more call where the end is told by a refusal."""
    async with Simulator(replace(SETTINGS, paging_end=end), crowd(10_000)) as simulator:
        async with calling(simulator.base_url) as client:
            pages = await walked(client)
        assert 20 + (end == "code_2000") == client.counts.get == simulator.books.total
    assert [customer(n) for n in range(10_000)] == ids_of(*pages)
    assert (
        ListedCustomer(customer(0), "school0.contoso.example", "Contoso School 0", "reseller")
        == pages[0].customers[0]
    )


async def test_a_partner_without_customers() -> None:
    """One empty page, and the end."""
    async with Simulator(SETTINGS, crowd(0)) as simulator, calling(simulator.base_url) as client:
        assert [CustomerPage(())] == await walked(client)


async def test_a_list_that_leads_in_a_circle_is_not_the_whole() -> None:
    """A repeated token: what was read before is given, then it fails in words."""
    seen: list[CustomerPage] = []
    settings = replace(SETTINGS, paging_end="repeat")
    async with Simulator(settings, crowd(5)) as simulator, calling(simulator.base_url) as client:
        with pytest.raises(Unavailable, match="in a circle: page 3 names a page that was read before"):
            await walked(client, into=seen, size=2)
        assert 3 == simulator.books.total
    assert [customer(n) for n in range(4)] == ids_of(*seen)


async def test_a_page_that_fails_is_repeated() -> None:
    """Like every read, and nobody comes twice."""
    settings = replace(SETTINGS, page_failures=("2=3",))
    async with Simulator(settings, crowd(5)) as simulator, calling(simulator.base_url, retry=QUICK) as client:
        assert [customer(n) for n in range(5)] == ids_of(*await walked(client, size=2))
        assert (6, 3) == (client.counts.get, client.counts.retried)


async def test_a_page_that_fails_for_good_ends_the_walk_in_words() -> None:
    """With the service's own; the pages before it were given."""
    seen: list[CustomerPage] = []
    settings = replace(SETTINGS, page_failures=("2=ever",))
    async with Simulator(settings, crowd(5)) as simulator, calling(simulator.base_url, retry=QUICK) as client:
        with pytest.raises(Unavailable, match=r"Unexpected error\.") as caught:
            await walked(client, into=seen, size=2)
        assert QUICK.tries + 1 == simulator.books.total
    assert (500, "800003") == (caught.value.http_status, caught.value.error_code)
    assert [customer(0), customer(1)] == ids_of(*seen)


async def test_a_walk_goes_on_from_a_token() -> None:
    """The pages behind it, and none of those before."""
    async with Simulator(SETTINGS, crowd(5)) as simulator, calling(simulator.base_url) as client:
        first = await anext(client.customer_pages(size=2))
        rest = await walked(client, after=first.next, size=2)
        assert 3 == simulator.books.total
    assert [customer(n) for n in range(5)] == ids_of(first, *rest)


async def test_a_token_that_nobody_knows_any_more_is_told() -> None:
    """Its code is that of the end of a list, but nothing was read yet."""
    async with Simulator(SETTINGS, crowd(5)) as simulator, calling(simulator.base_url) as client:
        with pytest.raises(Refused) as caught:
            await walked(client, after="long-forgotten")
    assert (400, "2000") == (caught.value.http_status, caught.value.error_code)


async def test_a_filter_finds_the_beginning_of_a_domain() -> None:
    """On every page, also with characters that mean something in an address."""
    world = crowd(25)
    world.add(Customer(customer(99), "R&D", "a&b+c=é.contoso.example"))
    async with Simulator(SETTINGS, world) as simulator, calling(simulator.base_url) as client:
        some = ids_of(*await walked(client, domain_prefix="School1", size=4))
        strange = ids_of(*await walked(client, domain_prefix="a&b+c=é"))
    assert [customer(n) for n in (1, *range(10, 20))] == some
    assert [customer(99)] == strange


async def test_the_call_is_the_documented_one() -> None:
    """Size and the token's header; the first call has no token."""
    first = canned(body='{"items": [{"id": "a"}], "continuationToken": "t/1=="}')
    async with talking(first, canned(body='{"items": []}')) as (server, client):
        assert [CustomerPage((ListedCustomer("a"),), "t/1=="), CustomerPage(())] == await walked(client)
    assert [
        "GET /v1/customers?size=500 HTTP/1.1",
        "GET /v1/customers?size=500&seekOperation=Next HTTP/1.1",
    ] == [heard.line for heard in server.heard]
    assert [None, "t/1=="] == [heard.header("MS-ContinuationToken") for heard in server.heard]


async def test_pages_that_bring_nothing_new_for_ever_end_in_words() -> None:
    """Each with a token of its own: a service that forgets where it was."""
    endless = [canned(body=f'{{"items": [{{"id": "a"}}], "continuationToken": "t{n}"}}') for n in range(100)]
    async with talking(*endless) as (server, client):
        with pytest.raises(Unavailable, match="nothing new"):
            await walked(client)
    assert 22 == len(server.heard)


@pytest.mark.parametrize(
    "body", ["", "{}", "[1]", '"x"', '{"items": [{}]}', '{"items": [], "links": {"next": {"uri": "/x"}}}']
)
async def test_a_page_of_unknown_shape_is_not_taken_for_the_end(body: str) -> None:
    """Customers would be lost in silence."""
    async with talking(canned(body=body)) as (_, client):
        with pytest.raises(Unavailable, match="The answer to customers has a shape"):
            await walked(client)

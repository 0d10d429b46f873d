"""A page of customers is read in every shape that the documents show."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from support.scripted_door import a_reply

from batchqual.errors import NotFound
from batchqual.partnercenter import CustomerPage, ListedCustomer
from batchqual.partnercenter.customers import Fetch, read_page, walk
from batchqual.partnercenter.text import UNREADABLE

ID = "00000000-0000-4000-8000-000000000001"
ONE = ListedCustomer(ID, "contoso.example", "Contoso", "reseller")
CAMEL = {
    "id": ID,
    "companyProfile": {"tenantId": ID, "domain": "Contoso.example", "companyName": " Contoso "},
    "relationshipToPartner": "reseller",
}
PASCAL = {
    "Id": ID.upper(),
    "CompanyProfile": {"TenantId": ID, "Domain": "contoso.example", "CompanyName": "Contoso"},
    "RelationshipToPartner": "reseller",
}
NEXT = {"uri": "/customers?size=2&seekOperation=Next", "method": "GET"}


def page_of(value: object, **headers: str) -> Any:
    """What is read of this body."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return read_page(a_reply(body=json.dumps(value).encode(), headers=named))


@pytest.mark.parametrize("entry", [CAMEL, PASCAL, {**CAMEL, "id": None}], ids=["camel", "pascal", "no id"])
@pytest.mark.parametrize("name", ["items", "Items", None])
def test_every_shape_of_a_customer(entry: object, name: str | None) -> None:
    """One meaning, in a wrapper or in a bare array."""
    assert CustomerPage((ONE,)) == page_of({name: [entry]} if name else [entry])


def test_what_is_not_told_is_empty() -> None:
    """An ID is all that a customer needs."""
    assert (ListedCustomer(ID),) == page_of([{"id": ID, "companyProfile": None}]).customers


@pytest.mark.parametrize(
    "links",
    [
        {"links": {"next": {**NEXT, "headers": [{"key": "MS-ContinuationToken", "value": "token"}]}}},
        {"Links": {"Next": {**NEXT, "Headers": [{"Key": "ms-continuationtoken", "Value": "token"}]}}},
        {"links": {"next": {**NEXT, "headers": {"MS-ContinuationToken": "token"}}}},
        {"continuationToken": "token"},
        {"links": {"next": NEXT}, "ContinuationToken": "token"},
    ],
)
def test_every_place_of_the_token(links: dict[str, object]) -> None:
    """The next link's headers, or the body."""
    assert "token" == page_of({"items": [CAMEL], **links}).next


def test_the_token_in_the_headers_of_the_answer() -> None:
    """The last place."""
    assert "token" == page_of({"items": [CAMEL]}, MS_ContinuationToken="token").next


def test_a_token_is_not_shortened() -> None:
    """However long it is."""
    assert "t" * 5000 == page_of({"items": [], "continuationToken": "t" * 5000}).next


@pytest.mark.parametrize("token", ["a\nb: c", "tök", "a\x00"])
def test_a_token_that_no_header_can_carry_makes_the_page_unreadable(token: str) -> None:
    """It could not be sent back."""
    assert UNREADABLE is page_of({"items": [], "continuationToken": token})


@pytest.mark.parametrize("end", [{}, {"continuationToken": None}, {"links": {"next": None}}, {"links": None}])
def test_every_way_to_say_that_it_is_the_last(end: dict[str, object]) -> None:
    """No token."""
    assert CustomerPage((ONE,)) == page_of({"items": [CAMEL], **end})


@given(
    some.binary()
    | some.recursive(some.none() | some.text() | some.integers(), some.lists).map(
        lambda value: json.dumps({"items": value, "links": value, "continuationToken": value}).encode()
    )
)
def test_no_body_raises(body: bytes) -> None:
    """It is a page or unreadable."""
    found = read_page(a_reply(body=body))
    assert found is UNREADABLE or isinstance(found, CustomerPage)


async def test_a_list_that_is_told_twice_in_two_relationships_is_no_circle() -> None:
    """Whoever is two partners in one has each customer twice, many pages apart."""
    half = 25

    async def fetch(after: str | None) -> tuple[CustomerPage, str]:
        page = int(after or 0)
        one = ListedCustomer(f"c{page % half}", relationship="reseller" if page < half else "advisor")
        return CustomerPage((one,), str(page + 1) if page + 1 < 2 * half else None), "correlation"

    assert 2 * half == len([page async for page in walk(fetch, None)])


async def test_the_end_may_be_told_by_a_404() -> None:
    """With the same code; another code is none, nor is it one on the first page."""

    def fetching(code: str) -> Fetch:
        async def fetch(after: str | None) -> tuple[CustomerPage, str]:
            if after == "next":
                raise NotFound("no more", http_status=404, error_code=code, correlation_id="")
            return CustomerPage((ONE,), "next"), ""

        return fetch

    assert [CustomerPage((ONE,), "next")] == [page async for page in walk(fetching("2000"), None)]
    for code, after in (("1", None), ("2000", "next")):
        with pytest.raises(NotFound):
            _ = [page async for page in walk(fetching(code), after)]

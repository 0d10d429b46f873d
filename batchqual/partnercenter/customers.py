"""The list of the partner's customers: what a page says, and the way from page to page."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from ..errors import NotFound, Refused, Unavailable
from .call import Reply
from .text import UNREADABLE, Unreadable, key, read_json
from .wire import members_of, text_of

__all__ = ["CONTINUATION", "CustomerPage", "ListedCustomer", "Query", "read_page", "walk"]

CONTINUATION: Final = "MS-ContinuationToken"
_THE_END: Final = "2000"
_MOST_IDLE_PAGES: Final = 20


@dataclass(frozen=True, slots=True)
class ListedCustomer:
    """A customer as the list tells of it. ``domain`` is the default domain, lower case; ``relationship`` is
    the service's word, usually ``reseller``. What is not told is empty."""

    customer_id: str
    domain: str = ""
    name: str = ""
    relationship: str = ""


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """One page of the list. ``next`` is the continuation token, None on the last page."""

    customers: tuple[ListedCustomer, ...]
    next: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of the list: customers whose default domain begins so, and so many a page."""

    domain_prefix: str | None
    size: int

    def of(self, after: str | None) -> tuple[tuple[str, str], ...]:
        """The query of the page behind that token (Partner Center docs, list and search pages, 2023)."""
        pairs = [("size", str(self.size))]
        if after is not None:
            pairs.append(("seekOperation", "Next"))
        if self.domain_prefix:
            wish = {"Field": "Domain", "Value": self.domain_prefix, "Operator": "starts_with"}
            pairs.append(("filter", json.dumps(wish, ensure_ascii=False, separators=(",", ":"))))
        return tuple(pairs)


Fetch = Callable[[str | None], Awaitable[tuple[CustomerPage, str]]]
"""Reads the page behind a token (None: the first), and tells the correlation id of its answer."""


async def walk(fetch: Fetch, after: str | None) -> AsyncGenerator[CustomerPage, None]:
    """Page by page, from the one behind ``after``, to the end of the list.

    A later page that is refused with code 2000 is the end, too (so the vendor's own bulk migration tool takes
    it). Raises what ``fetch`` raises, and Unavailable for a list that leads in a circle: where it stops
    nobody knows what is missing.
    """
    used: set[str] = set()
    seen: set[tuple[str, str]] = set()
    read = idle = 0
    while True:
        try:
            page, correlation_id = await fetch(after)
        except (Refused, NotFound) as refused:
            if read and refused.error_code == _THE_END:
                return
            raise
        read += 1
        # Who is two partners in one sees each customer twice, first all in one relationship.
        ids = {(one.customer_id, one.relationship) for one in page.customers}
        idle = idle + 1 if ids <= seen else 0
        seen |= ids
        if after is not None:
            used.add(after)
        if page.next in used or idle > _MOST_IDLE_PAGES:
            raise _circle(read, correlation_id)
        yield page
        if page.next is None:
            return
        after = page.next


def _circle(read: int, correlation_id: str) -> Unavailable:
    return Unavailable(
        f"The list of customers leads in a circle: page {read} names a page that was read before, or there "
        "was nothing new on many pages in a row. Customers may be missing, so it is not taken for the whole.",
        http_status=200,
        correlation_id=correlation_id,
    )


def read_page(reply: Reply) -> CustomerPage | Unreadable:
    """A page: ``items`` in a wrapper, or a bare array. Never raises.

    One entry that is no customer makes the page unreadable, and so does a next page without a token: a list
    with a hole must not pass for the whole.
    """
    value = read_json(reply.body)
    members: Mapping[str, object] = {}
    if isinstance(value, Mapping):
        members = members_of(value)
        if "items" not in members:
            return UNREADABLE
        value = members["items"] or []
    if not isinstance(value, list):
        return UNREADABLE
    customers = tuple(_customer(entry) for entry in value)
    links = members.get("links")
    following = members_of(links).get("next") if isinstance(links, Mapping) else None
    token = next((told for told in _tokens(following, members, reply.headers) if told), None)
    if token is not None and not (token.isascii() and token.isprintable()):
        return UNREADABLE
    if (token is None and following) or None in customers:
        return UNREADABLE
    return CustomerPage(tuple(one for one in customers if one is not None), token)


def _tokens(
    following: object, members: Mapping[str, object], headers: Mapping[str, str]
) -> Iterator[str | None]:
    """Where the docs show the token: in the next link's headers, in the body, in the answer's headers."""
    told = members_of(following).get("headers") if isinstance(following, Mapping) else None
    if isinstance(told, Mapping):
        yield _text(members_of(told).get(key(CONTINUATION)))
    for entry in told if isinstance(told, list) else ():
        pair = members_of(entry) if isinstance(entry, Mapping) else {}
        if key(text_of(pair.get("key")) or "") == key(CONTINUATION):
            yield _text(pair.get("value"))
    yield _text(members.get("continuationtoken"))
    yield _text(headers.get(CONTINUATION))


def _text(value: object) -> str | None:
    """A token as it is: it may be longer than any text for people."""
    return value.strip() or None if isinstance(value, str) else None


def _customer(entry: object) -> ListedCustomer | None:
    members = members_of(entry) if isinstance(entry, Mapping) else {}
    profile = members.get("companyprofile")
    company = members_of(profile) if isinstance(profile, Mapping) else {}
    customer_id = text_of(members.get("id")) or text_of(company.get("tenantid"))
    if customer_id is None:
        return None
    return ListedCustomer(
        customer_id.lower(),
        (text_of(company.get("domain")) or "").lower(),
        text_of(company.get("companyname")) or "",
        text_of(members.get("relationshiptopartner")) or "",
    )

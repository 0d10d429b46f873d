"""Customers by their default domain, as the partner's customer list tells them.

The service has no call that names the customer of a domain. Its list takes a filter for domains that begin
with a text (Partner Center docs, search page, 2023), which leads to candidates; an exact match is looked for
among them. Of a filter that always failed there is a report (PowerShell module, issue 91, 2019): then the
whole list is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from batchqual.errors import NotFound, Refused, Unavailable
from batchqual.model import plain_domain
from batchqual.partnercenter import ListedCustomer, PartnerCenter

from .pool import work_together

__all__ = ["FEW", "Listing", "customers_by_domain"]

FEW = 50
"""So many domains at most are asked for one by one."""
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Listing:
    """By domain and ID, so that a customer that stands on two pages is one customer. ``whole`` says that the
    list was read to its end: then what it does not hold is nobody's."""

    customers: Mapping[str, Mapping[str, ListedCustomer]]
    whole: bool = False

    def of(self, domain: str) -> Mapping[str, ListedCustomer]:
        """The customers with this default domain, by ID; usually one or none."""
        return self.customers.get(domain, {})


async def customers_by_domain(
    service: PartnerCenter, wanted: Collection[str], beside: Collection[str] = ()
) -> Listing:
    """The customers with the domains that are ``wanted``; also with those ``beside`` them, where the list is
    read as a whole.

    The list costs a request for a page of customers, the filter one for each domain: the list is taken
    while it promises to be cheaper, and for many domains in any case. Of letters beyond ASCII nobody says in
    which spelling the filter takes them, so that the list is taken for these, too.
    """
    if not wanted:
        return Listing({})
    every = frozenset((*wanted, *beside))
    whole = len(wanted) > FEW or not all(domain.isascii() for domain in wanted)
    listed = await _listed(service, every, None if whole else len(wanted) // 2)
    if listed is not None:
        return listed
    try:
        return await _filtered(service, wanted)
    except (Refused, NotFound, Unavailable):
        return await _listed(service, every, None) or Listing({})


async def _listed(service: PartnerCenter, wanted: Collection[str], bound: int | None) -> Listing | None:
    """The customers with these domains, from the whole list; None when it has more pages than ``bound``."""
    found: dict[str, dict[str, ListedCustomer]] = defaultdict(dict)
    if bound == 0:
        return None
    read = 0
    async with aclosing(service.customer_pages()) as pages:
        async for page in pages:
            _take(page.customers, wanted, found)
            read += 1
            if read == bound and page.next is not None:
                return None
    return Listing(found, whole=True)


async def _filtered(service: PartnerCenter, wanted: Collection[str]) -> Listing:
    found: dict[str, dict[str, ListedCustomer]] = defaultdict(dict)
    waiting = iter(wanted)

    async def worker() -> None:
        for domain in waiting:
            async with aclosing(service.customer_pages(domain_prefix=domain)) as pages:
                async for page in pages:
                    _take(page.customers, (domain,), found)

    await work_together(worker, min(_AT_ONCE, len(wanted)))
    return Listing(found)


def _take(
    customers: Sequence[ListedCustomer], wanted: Collection[str], found: dict[str, dict[str, ListedCustomer]]
) -> None:
    for one in customers:
        domain = plain_domain(one.domain)
        if domain in wanted:
            found[domain][one.customer_id] = one

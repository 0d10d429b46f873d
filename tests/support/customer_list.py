"""The partner's list of customers in memory, for tests of look-ups."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field
from typing import cast

from batchqual.errors import NotSent
from batchqual.partnercenter import CustomerPage, ListedCustomer, PartnerCenter

__all__ = ["CustomerList", "listed"]


def listed(customer_id: str, domain: str, name: str = "") -> ListedCustomer:
    """A customer as the list tells of it."""
    return ListedCustomer(customer_id, domain, name, "reseller")


@dataclass
class _Gate:
    abandoned: bool = False

    def abandon(self) -> None:
        self.abandoned = True


@dataclass
class CustomerList:
    """A service that has nothing but a list. ``asked`` are the prefixes of the pages that were asked for, in
    order, None for the whole list; ``whole_fails`` and ``filter_fails`` are what such a call meets."""

    customers: Iterable[ListedCustomer] = ()
    size: int = 2
    whole_fails: Exception | None = None
    filter_fails: Exception | None = None
    asked: list[str | None] = field(default_factory=list)
    gate: _Gate = field(default_factory=_Gate)

    @property
    def service(self) -> PartnerCenter:
        """Itself, as the client that it stands for."""
        return cast(PartnerCenter, self)

    async def customer_pages(
        self, *, domain_prefix: str | None = None, after: str | None = None, size: int = 500
    ) -> AsyncGenerator[CustomerPage, None]:
        """Pages of ``self.size``, each counted when it is asked for."""
        matching = [one for one in self.customers if one.domain.startswith(domain_prefix or "")]
        starts = range(0, max(1, len(matching)), self.size)
        for start in starts:
            self.asked.append(domain_prefix)
            if self.gate.abandoned:
                raise NotSent("stopped before its turn")
            failure = self.whole_fails if domain_prefix is None else self.filter_fails
            if failure is not None:
                raise failure
            page = tuple(matching[start : start + self.size])
            yield CustomerPage(page, None if start == starts[-1] else f"after-{start}")

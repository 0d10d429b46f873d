"""Looks before the first write: do the validation codes suffice, and which rows are the first N?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from batchqual.errors import AccessDenied, CallFailed, PausedTooLong, SignInNeeded
from batchqual.model import Qualification

from .decide import Found, Hindered, decide
from .desk import Desk
from .items import Customer, Item
from .pool import work_together
from .quota import code_obstacles, other_organizations, unreadable_codes
from .visit import look_at

__all__ = ["survey"]


async def survey(desk: Desk, customers: Sequence[Customer], *, first: int | None, width: int) -> None:
    """Look at whom the first write depends on; ``width`` customers at a time.

    GCC: every customer with an unsent GCC row, so that rows can be counted against the creates that are left
    before anything is written. ``first``: customers in input order until that many sendable rows are found.
    """
    gcc = [customer for customer in customers if any(_is_gcc(item) for item in customer.items)]
    await _look_at_all(desk, gcc, width)
    await _check_codes(desk, [item for customer in gcc for item in customer.items if _is_gcc(item)], gcc)
    if first is not None:
        desk.brakes.chosen = await _first_sendable(desk, customers, first, width)


def _is_gcc(item: Item) -> bool:
    return item.offered and item.wish.qualification is Qualification.GCC


async def _check_codes(desk: Desk, items: Iterable[Item], customers: Iterable[Customer]) -> None:
    seen = {customer.customer_id: customer for customer in customers}
    wanted = [item for item in items if _sendable(desk, seen[item.wish.customer_id], item)]
    if not wanted or desk.brakes.finished:
        return
    try:
        codes = await desk.service.validation_codes()
    except (AccessDenied, SignInNeeded, PausedTooLong) as reason:
        desk.brakes.halt(reason)
        return
    except CallFailed as failure:
        for item in wanted:
            desk.close(item, unreadable_codes(failure.message, failure.http_status))
        return
    for item, obstacle in code_obstacles(codes, wanted).items():
        desk.close(item, obstacle)
    for item, note in other_organizations(codes, wanted):
        desk.notice(item, "other-organization", note)


async def _first_sendable(desk: Desk, customers: Sequence[Customer], first: int, width: int) -> set[Item]:
    found: list[Item] = []
    offering = [customer for customer in customers if any(item.offered for item in customer.items)]
    for start in range(0, len(offering), width):
        # Customers come in input order of their first row; a later row of an earlier customer may stand
        # behind rows not looked at yet, so it takes more than N to be sure of the first N.
        bound = offering[start].position
        if sum(item.position < bound for item in found) >= first or desk.brakes.finished:
            break
        batch = offering[start : start + width]
        await _look_at_all(desk, batch, width)
        found += [
            item
            for customer in batch
            for item in customer.open_items()
            if item.offered and _sendable(desk, customer, item)
        ]
    found.sort(key=lambda item: item.position)
    return set(found[:first])


async def _look_at_all(desk: Desk, customers: Sequence[Customer], width: int) -> None:
    waiting = iter([customer for customer in customers if customer.seen is None])

    async def worker() -> None:
        for customer in waiting:
            if desk.brakes.finished:
                return
            try:
                customer.seen = await look_at(desk, customer)
            except (AccessDenied, SignInNeeded, PausedTooLong) as reason:
                desk.brakes.halt(reason)
            except CallFailed:
                # The visit will look again, and say what is wrong.
                continue

    await work_together(worker, min(width, len(customers)))


def _sendable(desk: Desk, customer: Customer, item: Item) -> bool:
    if customer.seen is None or item.request is None:
        return False
    decision = decide(item.request, customer.seen[1], one_value=desk.one_value)
    if isinstance(decision, Found):
        return decision.holding.denied and desk.resubmit_denied
    return not isinstance(decision, Hindered)

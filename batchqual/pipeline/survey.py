"""Looks before the first write: do the validation codes suffice, and which rows are the first N?"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence

from batchqual.errors import AccessDenied, CallFailed, PausedTooLong, SignInNeeded
from batchqual.model import Qualification

from .desk import Desk
from .hindrance import hindrance
from .items import Customer, Item
from .pool import work_together
from .quota import code_obstacles, other_organizations, unknown_quotas, unreadable_codes
from .sight import own_entry
from .visit import look_at, look_failed

__all__ = ["survey"]


async def survey(desk: Desk, customers: Sequence[Customer], *, first: int | None, width: int) -> None:
    """Look at whom the first write depends on; ``width`` customers at a time.

    GCC: every customer with an unsent GCC row, so that rows can be counted against the creates that are left
    before anything is written; and then those with a GCC submission of unknown fate, which may take a create,
    too. ``first``: customers in input order until that many rows are found that may be sent, or sent again.
    """
    gcc = [customer for customer in customers if any(map(_is_gcc, customer.items))]
    doubtful = [one for one in customers if gcc and any(map(_may_take_a_create, one.items))]
    wanted = filter(_is_gcc, await _sendable(desk, list(dict.fromkeys([*gcc, *doubtful])), width))
    await _check_codes(desk, wanted, [code for one in doubtful for code in _codes_in_doubt(desk, one)])
    if first is not None:
        desk.brakes.chosen = await _first_sendable(desk, customers, first, width)


def _is_gcc(item: Item) -> bool:
    """Whether a new request may be made with its code."""
    new = item.offered or (item.open and item.renewable)
    return new and item.wish.qualification is Qualification.GCC


def _may_take_a_create(item: Item) -> bool:
    return (item.fate_unknown or item.unresolved) and item.wish.qualification is Qualification.GCC


def _codes_in_doubt(desk: Desk, customer: Customer) -> Iterator[str]:
    """The codes of its submissions that no look has shown. What shows has its create already."""
    holdings = customer.seen[1] if customer.seen is not None else ()
    for item in filter(_may_take_a_create, customer.items):
        if own_entry(desk, customer, item, holdings) is None:
            lost = (*item.given_up, item.entry) if item.fate_unknown else item.given_up
            yield from (record.validation_code or "" for record in lost)


async def _check_codes(desk: Desk, items: Iterable[Item], in_doubt: Iterable[str]) -> None:
    wanted = list(items)
    if not wanted or desk.brakes.finished:
        return
    try:
        codes = await desk.sign_in.waited_out(desk.service.validation_codes)
    except (AccessDenied, SignInNeeded, PausedTooLong) as reason:
        desk.brakes.halt(reason)
        return
    except CallFailed as failure:
        for item in wanted:
            if item.offered and not desk.brakes.finished:
                desk.close(item, unreadable_codes(failure.message, failure.http_status))
        return
    obstacles = code_obstacles(codes, wanted, in_doubt)
    for item in wanted:
        item.code_checked = item not in obstacles
        if item.offered and not item.code_checked:
            desk.close(item, obstacles[item])
    for item, note in other_organizations(codes, wanted):
        desk.notice(item, "other-organization", note)
    for item, note in unknown_quotas(codes, wanted):
        desk.notice(item, "quota-unknown", note)


async def _first_sendable(desk: Desk, customers: Sequence[Customer], first: int, width: int) -> set[Item]:
    found: list[tuple[float, Item]] = []
    turns: list[float] = []
    sure = 0
    offering = [customer for customer in customers if any(item.may_be_sent for item in customer.items)]
    for start in range(0, len(offering), width):
        # Customers come in input order of their first row; a later row of an earlier customer may stand
        # behind rows not looked at yet, so it takes more than N to be sure of the first N.
        while turns and turns[0] < offering[start].position:
            heapq.heappop(turns)
            sure += 1
        if sure >= first or desk.brakes.finished:
            break
        batch = offering[start : start + width]
        by_id = {customer.customer_id: customer for customer in batch}
        items = await _sendable(desk, batch, width)
        for item in items:
            turn = _turn(by_id[item.wish.customer_id], item)
            found.append((turn, item))
            heapq.heappush(turns, turn)
    found.sort(key=lambda pair: pair[0])
    return {item for _, item in found[:first]}


def _turn(customer: Customer, item: Item) -> float:
    """Its place in input order, but GCC in front of its customer's StateOwnedEntity."""
    places = [other.position for other in customer.open_items() if other.may_be_sent]
    if item.wish.qualification is Qualification.GCC:
        return min(places)
    if item.wish.qualification is Qualification.SOE and any(map(_is_gcc, customer.open_items())):
        return max(places) + 0.5
    return item.position


async def _sendable(desk: Desk, customers: Sequence[Customer], width: int) -> list[Item]:
    """The items of these customers that a visit would send, or send again, as far as one look at each can
    tell."""
    waiting = iter(customers)
    found: list[Item] = []

    async def worker() -> None:
        for customer in waiting:
            if desk.brakes.nothing_to_send:
                return
            try:
                found.extend(await _patiently(desk, customer))
            except (AccessDenied, SignInNeeded, PausedTooLong) as reason:
                desk.brakes.halt(reason)

    await work_together(worker, min(width, len(customers)))
    return found


async def _patiently(desk: Desk, customer: Customer) -> list[Item]:
    """As many looks as a visit would make. A GCC row that cannot be counted now may not be sent later; all
    others are looked at again when their turn comes."""
    while True:
        try:
            return await desk.sign_in.waited_out(lambda: _sendable_items(desk, customer))
        except CallFailed as failure:
            uncounted = list(filter(_is_gcc, customer.open_items()))
            for item in uncounted:
                look_failed(desk, item, failure)
            if not any(map(_is_gcc, uncounted)):
                return []


async def _sendable_items(desk: Desk, customer: Customer) -> list[Item]:
    if customer.seen is None:
        customer.seen = await look_at(desk, customer)
    holdings = customer.seen[1]
    found = []
    for item in list(customer.open_items()):
        own = own_entry(desk, customer, item, holdings)
        if item.offered:
            free = own is None or (own.denied and desk.resubmit_denied)
        else:
            free = item.may_be_sent and own is None
        if free and await hindrance(desk, customer, item, holdings) is None:
            found.append(item)
    return found

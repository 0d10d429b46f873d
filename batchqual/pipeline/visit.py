"""A visit to a customer: one look serves all its rows, and each row takes its next step."""

from __future__ import annotations

from batchqual.errors import CallFailed, NotFound, NotSent, Refused, Unavailable
from batchqual.ledger import State
from batchqual.model import Holding, Outcome, Qualification

from . import recording
from .decide import Found, Hindered, decide
from .desk import Desk
from .enrol import enrol_again
from .items import Customer, Item, Obstacle
from .recover import recover
from .review import recheck, review
from .submit import offer

__all__ = ["look_at", "visit"]

_SEEN_FOR = 600.0
_NO_LOOK = (Unavailable, NotSent, Refused, NotFound)
_GCC_NEVER = ("other-qualification-held", "soe-before-gcc", "another-value-held")


async def visit(desk: Desk, customer: Customer) -> None:
    """Look once, then let every open row of the customer take its next step.

    Rows wait for each other's answers, not for vetting: while a submission's fate is unknown, the rows
    behind it stay where they are.
    """
    if customer.seen is None:
        _spare_looks(desk, customer)
    if customer.due() is None:
        return
    try:
        looked_at, holdings = await look_at(desk, customer)
    except _NO_LOOK as failure:
        for item in list(customer.open_items()):
            look_failed(desk, item, failure)
        return
    waiting = False
    for item in list(customer.open_items()):
        if item.offered and waiting:
            item.due = _after(desk, customer)
            continue
        try:
            await _step(desk, customer, item, holdings, looked_at)
        except _NO_LOOK as failure:
            look_failed(desk, item, failure)
        waiting = waiting or (item.open and item.fate_unknown)


def _spare_looks(desk: Desk, customer: Customer) -> None:
    """No look for a row that may not be submitted any more, unless the look is made already (or is all)."""
    for item in customer.open_items():
        obstacle = desk.brakes.obstacle(item) if item.offered and not desk.brakes.dry else None
        if obstacle is not None:
            desk.close(item, obstacle)


async def look_at(desk: Desk, customer: Customer) -> tuple[float, tuple[Holding, ...]]:
    """When the look began, and what it showed; a survey's look still serves if it is fresh.

    404 is what some copies of the docs leave open for *no qualification*: the customer itself is asked for
    then, and only a customer that is there has none. Raises what the client raises.
    """
    now = desk.now()
    if customer.seen is not None and now - customer.seen[0] < _SEEN_FOR:
        seen, customer.seen = customer.seen, None
        return seen
    try:
        holdings = await desk.service.holdings(customer.customer_id)
    except NotFound:
        if any(not item.offered for item in customer.items):
            return now, ()
        await desk.service.customer(customer.customer_id)
        holdings = ()
    return now, holdings


def look_failed(desk: Desk, item: Item, failure: CallFailed) -> None:
    """A look gave no answer: an unsent row fails, a live one is looked at another time."""
    item.failed_looks += 1
    if item.offered:
        code = failure.error_code or ("not-my-customer" if _final(failure) else "retries-exhausted")
        desk.close(
            item,
            desk.brakes.obstacle(item)
            if isinstance(failure, NotSent) and desk.brakes.interrupted
            else Obstacle(Outcome.FAILED, code, failure.message, failure.http_status, failure.correlation_id),
        )
    elif item.record is not None and item.record.state is State.SETTLED:
        desk.close(item)
    elif item.failed_looks >= desk.most_failed_looks:
        desk.notice(item, "looks-failed", f"The last looks at the customer failed: {failure.message}")
        desk.close(item)
    else:
        item.due = desk.now() + desk.next_look(item)


async def _step(
    desk: Desk, customer: Customer, item: Item, holdings: tuple[Holding, ...], looked_at: float
) -> None:
    item.looked = True
    if item.offered:
        await _first_look(desk, customer, item, holdings)
    elif item.fate_unknown:
        await recover(desk, item, holdings, looked_at)
    elif item.in_review:
        await review(desk, item, holdings)
    else:
        await recheck(desk, item, holdings, looked_at)


async def _first_look(desk: Desk, customer: Customer, item: Item, holdings: tuple[Holding, ...]) -> None:
    obstacle = await _domain_obstacle(desk, customer, item)
    if obstacle is not None:
        desk.close(item, obstacle)
        return
    decision = decide(item.asked, holdings, one_value=desk.one_value)
    if isinstance(decision, Hindered):
        desk.close(item, Obstacle(Outcome.CONFLICT, decision.code, decision.message))
        return
    if isinstance(decision, Found):
        again = decision.holding.denied and desk.resubmit_denied
        if item.entry.state is State.REVERTED and not again:
            await enrol_again(desk, item)
        if item.entry.state is not State.REVERTED:
            item.record = await recording.found(desk.ledger, item.entry, decision.holding)
        if not again:
            desk.place(item)
            return
    waits = _waits_for_gcc(customer, item)
    if waits is not None:
        desk.close(item, waits)
        return
    await offer(desk, item)


async def _domain_obstacle(desk: Desk, customer: Customer, item: Item) -> Obstacle | None:
    """Whether the row's domain is that of another customer. A service that names no domain cannot tell."""
    claimed = item.request.domain if item.request else None
    if claimed is None:
        return None
    if customer.domain is None:
        customer.domain = (await desk.service.customer(customer.customer_id)).domain or ""
    if customer.domain in ("", claimed):
        return None
    return Obstacle(
        Outcome.CONFLICT,
        "domain-differs",
        f"The row says {claimed}, but the default domain of this customer is {customer.domain}.",
    )


def _waits_for_gcc(customer: Customer, item: Item) -> Obstacle | None:
    """GCC wants a customer without StateOwnedEntity, so the latter is not sent while GCC is still to come."""
    if item.wish.qualification is not Qualification.SOE:
        return None
    for other in customer.items:
        unsent = other.request is not None and (other.record is None or other.record.state in _NOT_ACCEPTED)
        never = other.obstacle is not None and other.obstacle.code in _GCC_NEVER
        if other.wish.qualification is Qualification.GCC and unsent and not never:
            return Obstacle(
                Outcome.NOT_ATTEMPTED,
                "waits-for-gcc",
                "It waits for the customer's GCC row, which was not accepted and could not be sent after it.",
            )
    return None


_NOT_ACCEPTED = (State.QUEUED, State.SENDING, State.REFUSED)


def _after(desk: Desk, customer: Customer) -> float:
    dues = [item.due for item in customer.open_items() if item.fate_unknown]
    return max(desk.now(), min(dues, default=desk.now()))


def _final(failure: CallFailed) -> bool:
    return isinstance(failure, Refused | NotFound)

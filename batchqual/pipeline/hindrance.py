"""What stands between a wish and its submission, as the service and the sheet tell it."""

from __future__ import annotations

from batchqual.failpoints import reached
from batchqual.ledger import State
from batchqual.model import Holding, Outcome, Qualification, plain_domain

from .attempts import attempt_obstacle
from .decide import Hindered, decide, entry_of
from .desk import Desk
from .items import Customer, Item, Obstacle
from .sight import sight_for

__all__ = ["hindrance", "waits_for_gcc", "waits_for_lookup"]

_NOT_ACCEPTED = (State.QUEUED, State.SENDING, State.REFUSED)


async def hindrance(
    desk: Desk, customer: Customer, item: Item, holdings: tuple[Holding, ...]
) -> Obstacle | None:
    """Why ``item`` cannot be submitted, whatever the brakes say; None when nothing hinders it.

    May ask the service for the customer. Raises what the client raises.
    """
    obstacle = await _domain_obstacle(desk, customer, item)
    if obstacle is not None:
        return obstacle
    others = tuple(
        holding
        for holding in sight_for(desk, customer, item, holdings)
        if holding.qualification is not item.wish.qualification
    )
    decision = decide(item.asked, others, one_value=desk.one_value)
    if isinstance(decision, Hindered):
        return Obstacle(Outcome.CONFLICT, decision.code, decision.message, lasting=True)
    return _too_many_attempts(desk, item)


async def _domain_obstacle(desk: Desk, customer: Customer, item: Item) -> Obstacle | None:
    """Whether the domain by which the customer was found, perhaps a day ago, is that of another one by now.
    A service that names no domain cannot tell."""
    claimed = item.asked.domain
    if claimed is None:
        return None
    default = await _default_domain(desk, customer)
    if not default or default == claimed:
        return None
    known = desk.ledger.known_domains(desk.origin, desk.partner).get(claimed)
    if known is not None and known.customer_id == customer.customer_id:
        reached("doubt.before")
        await desk.ledger.doubt_domain(desk.origin, desk.partner, known)
        reached("doubt.after")
    return Obstacle(
        Outcome.CONFLICT,
        "domain-moved",
        f"{claimed} was the default domain of this customer, and now that is {customer.domain}.",
    )


async def _default_domain(desk: Desk, customer: Customer) -> str:
    """The customer's default domain, asked for once; empty where the service names none."""
    if customer.domain is None:
        customer.domain = (await desk.service.customer(customer.customer_id)).domain or ""
    return plain_domain(customer.domain)


def _too_many_attempts(desk: Desk, item: Item) -> Obstacle | None:
    if item.wish.qualification is not Qualification.EDUCATION or item.fate_unknown:
        return None
    if item.wish.customer_id not in desk.attempted:
        return None
    attempts = desk.ledger.education_attempts(desk.origin, desk.partner, item.wish.customer_id)
    return attempt_obstacle(attempts, allow_last=desk.allow_last_attempt)


async def waits_for_lookup(desk: Desk, customer: Customer, item: Item) -> Obstacle | None:
    """What contradicts a row whose customer was not found is not sent: it may be this one, unless this one
    has another default domain."""
    if not customer.unplaced.contradict(item.asked):
        return None
    default = await _default_domain(desk, customer)
    if default and default not in customer.unplaced.domains:
        return None
    return Obstacle(
        Outcome.NOT_ATTEMPTED,
        "waits-for-lookup",
        "It waits for a row that contradicts it if it is of the same customer, which could not be looked up.",
    )


def waits_for_gcc(customer: Customer, item: Item, holdings: tuple[Holding, ...]) -> Obstacle | None:
    """GCC wants a customer without StateOwnedEntity, so the latter is not sent while GCC may still come."""
    if item.wish.qualification is not Qualification.SOE or entry_of(Qualification.GCC, holdings) is not None:
        return None
    waiting = customer.gcc_in_doubt or any(
        other.wish.qualification is Qualification.GCC
        and other.entry.state in _NOT_ACCEPTED
        and not (other.obstacle is not None and other.obstacle.lasting)
        for other in customer.items
    )
    if not waiting:
        return None
    return Obstacle(
        Outcome.NOT_ATTEMPTED,
        "waits-for-gcc",
        "It waits for the customer's GCC row, which was not accepted and could not be sent after it.",
    )

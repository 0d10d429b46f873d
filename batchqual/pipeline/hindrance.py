"""What stands between a wish and its submission, as the service and the sheet tell it."""

from __future__ import annotations

from batchqual.failpoints import reached
from batchqual.ledger import State
from batchqual.model import Holding, Outcome, Qualification, QualificationRequest, plain_domain

from .attempts import attempt_obstacle
from .decide import Hindered, decide, entry_of
from .desk import Desk
from .items import Asked, Customer, Item, Obstacle
from .sight import sight_for

__all__ = ["false_claim", "hindrance", "waits_for_gcc", "waits_for_lookup"]

_EXCLUDING = {Qualification.EDUCATION, Qualification.GCC}
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


async def false_claim(desk: Desk, customer: Customer, item: Item) -> Obstacle | None:
    """The same for a row for which nothing is sent: where its customer was found by that domain, or was found
    to have it, of late, that is enough. Raises what the client raises."""
    claimed = item.asked.domain
    if claimed is None or desk.owner_of(claimed) == customer.customer_id:
        return None
    return await _domain_obstacle(desk, customer, item)


async def _domain_obstacle(desk: Desk, customer: Customer, item: Item) -> Obstacle | None:
    """Whether the row's domain is that of another customer. A service that names no domain cannot tell.

    This also holds for a row whose customer was found by that domain, perhaps a day ago: domains move.
    """
    claimed = item.asked.domain
    if claimed is None:
        return None
    if customer.domain is None:
        customer.domain = (await desk.service.customer(customer.customer_id)).domain or ""
    if not customer.domain or plain_domain(customer.domain) == claimed:
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
    return Obstacle(
        Outcome.CONFLICT,
        "domain-differs",
        f"The row says {claimed}, but the default domain of this customer is {customer.domain}.",
    )


def _too_many_attempts(desk: Desk, item: Item) -> Obstacle | None:
    if item.wish.qualification is not Qualification.EDUCATION or item.fate_unknown:
        return None
    if item.wish.customer_id not in desk.attempted:
        return None
    attempts = desk.ledger.education_attempts(desk.origin, desk.partner, item.wish.customer_id)
    return attempt_obstacle(attempts, allow_last=desk.allow_last_attempt)


def waits_for_lookup(customer: Customer, item: Item) -> Obstacle | None:
    """What contradicts a row whose customer was not found is not sent: it may be this one. A row that claims
    a domain has been compared with the service; what claims the same one is compared with it in the sheet."""
    asked = item.asked
    if asked.domain is not None or not any(_contradict(asked, other) for other in customer.unplaced):
        return None
    return Obstacle(
        Outcome.NOT_ATTEMPTED,
        "waits-for-lookup",
        "It waits for a row that contradicts it if it is of the same customer, which could not be looked up.",
    )


def _contradict(asked: QualificationRequest, other: Asked) -> bool:
    qualification, *content = other
    if qualification is asked.qualification:
        return tuple(content) != asked.content
    return {qualification, asked.qualification} == _EXCLUDING


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

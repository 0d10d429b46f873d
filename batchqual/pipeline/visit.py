"""A visit to a customer: one look serves all its rows, and each row takes its next step."""

from __future__ import annotations

from batchqual.errors import CallFailed, NotFound, NotSent, Refused, Unavailable
from batchqual.failpoints import reached
from batchqual.ledger import State
from batchqual.model import Holding, Outcome

from . import recording
from .desk import Desk
from .enrol import enrol_again
from .hindrance import hindrance, waits_for_gcc, waits_for_lookup
from .items import Customer, Item, Obstacle
from .recover import recover
from .renewal import unknown_still
from .review import recheck, review
from .sight import own_entry
from .submit import offer
from .verdicts import is_granted

__all__ = ["NO_LOOK", "look_at", "look_failed", "visit"]

_SEEN_FOR = 600.0
_NOT_OURS = (403, 404)
NO_LOOK = (Unavailable, NotSent, Refused, NotFound)
"""Failures after which a look has shown nothing, for this customer alone."""


async def visit(desk: Desk, customer: Customer) -> None:
    """Look once, then let every open row of the customer take its next step.

    Rows wait for each other's answers, not for vetting: while a submission's fate is unknown, no other row
    of the customer is sent.
    """
    _spare_looks(desk, customer)
    if customer.due() is None:
        return
    try:
        looked_at, holdings = await look_at(desk, customer)
    except NO_LOOK as failure:
        for item in list(customer.open_items()):
            look_failed(desk, item, failure)
        return
    for item in [one for one in customer.open_items() if not one.held]:
        if item.offered and customer.fate_unknown():
            item.due = max(desk.now(), customer.next_recovery())
            continue
        try:
            await _step(desk, customer, item, holdings, looked_at)
        except NO_LOOK as failure:
            look_failed(desk, item, failure)
        else:
            item.failed_looks = 0


def _spare_looks(desk: Desk, customer: Customer) -> None:
    """No look for a row that may not be submitted any more, unless the look is made already (or is all); and
    none, for now, for one that may not be submitted yet."""
    if desk.brakes.hold:
        customer.hold_back()
    for item in customer.open_items() if customer.seen is None else ():
        obstacle = desk.brakes.obstacle(item) if item.offered and not desk.brakes.dry else None
        if obstacle is not None:
            desk.close(item, obstacle)


async def look_at(desk: Desk, customer: Customer) -> tuple[float, tuple[Holding, ...]]:
    """When the look began, and what it showed; a survey's look still serves if it is fresh.

    404 is what some copies of the docs leave open for *no qualification*: the customer itself is asked for
    then, and only a customer that is there has none. A request of ours that was accepted, or may have been,
    is proof enough of the customer, and so is a denial. Raises what the client raises.
    """
    now = desk.now()
    seen, customer.seen = customer.seen, None
    if seen is not None and now - seen[0] < _SEEN_FOR:
        return seen
    try:
        holdings = await _holdings(desk, customer)
    except (Refused, NotFound) as refusal:
        if any(item.offered for item in customer.open_items()):
            desk.brakes.look_answered(customer.customer_id, refusal)
        raise
    desk.silent_since = None
    desk.sign_in.away = None
    desk.brakes.look_answered(customer.customer_id)
    return now, holdings


async def _holdings(desk: Desk, customer: Customer) -> tuple[Holding, ...]:
    try:
        return await desk.service.holdings(customer.customer_id)
    except NotFound:
        desk.silent_since = None
        desk.sign_in.away = None
        if not all(map(_is_known, customer.open_items())):
            await desk.service.customer(customer.customer_id)
        return ()


def _is_known(item: Item) -> bool:
    denied = item.decided and not item.offered and not is_granted(item.entry)
    return item.in_review or item.fate_unknown or denied


def look_failed(desk: Desk, item: Item, failure: CallFailed) -> None:
    """A look gave no answer: it is made another time, and an unsent row fails when that has not helped."""
    item.failed_looks += 1
    item.no_look = failure.message
    passing = isinstance(failure, Unavailable | NotSent)
    if not passing:
        desk.silent_since = None  # a refusal is an answer, too
    elif desk.silent_since is None:
        desk.silent_since = desk.now()
    if item.offered and isinstance(failure, NotSent) and desk.brakes.finished:
        desk.close(item, desk.brakes.obstacle(item))
    elif item.offered and passing and item.failed_looks < desk.most_failed_looks and not desk.service_is_away:
        item.due = desk.now() + desk.poll_min
    elif item.offered:
        desk.remark(item, failure, "look" if desk.brakes.looks.at_first else None)
        code = failure.error_code or _own_code(failure)
        desk.close(
            item,
            Obstacle(Outcome.FAILED, code, failure.message, failure.http_status, failure.correlation_id),
        )
    elif item.decided:
        desk.close(item)
    elif item.failed_looks < desk.most_failed_looks:
        item.due = desk.now() + desk.next_look(item)
    elif item.fate_unknown or item.unresolved:
        desk.close(item, unknown_still(item) if item.unresolved else None)
    else:
        if item.failed_looks == desk.most_failed_looks:
            desk.notice(item, "looks-failed", f"Looks at the customer failed: {failure.message}")
        item.due = desk.now() + desk.next_look(item)


def _own_code(failure: CallFailed) -> str:
    if not isinstance(failure, Refused | NotFound):
        return "retries-exhausted"
    return "not-my-customer" if failure.http_status in _NOT_OURS else "refused"


async def _step(
    desk: Desk, customer: Customer, item: Item, holdings: tuple[Holding, ...], looked_at: float
) -> None:
    item.looked = True
    if item.offered:
        await _first_look(desk, customer, item, holdings)
    elif item.fate_unknown:
        await recover(desk, customer, item, holdings, looked_at)
    elif item.in_review:
        review(desk, customer, item, holdings, looked_at)
    elif item.unresolved:
        await _look_once_more(desk, customer, item, holdings)
    else:
        recheck(desk, customer, item, holdings, looked_at)


async def _first_look(desk: Desk, customer: Customer, item: Item, holdings: tuple[Holding, ...]) -> None:
    own = own_entry(desk, customer, item, holdings)
    if own is not None and not (own.denied and desk.resubmit_denied):
        _adopt(desk, item, own)
        return
    if own is not None:
        _keep_denial(desk, item, own)
    obstacle = (
        await hindrance(desk, customer, item, holdings)
        or await waits_for_lookup(desk, customer, item)
        or waits_for_gcc(customer, item, holdings)
    )
    if obstacle is not None:
        desk.close(item, obstacle)
        return
    await offer(desk, item)


async def _look_once_more(desk: Desk, customer: Customer, item: Item, holdings: tuple[Holding, ...]) -> None:
    """For a request that was given up, while the one after it is not sent."""
    own = own_entry(desk, customer, item, holdings)
    if own is None:
        desk.close(item, unknown_still(item))
        return
    if item.refused:
        await enrol_again(desk, item)
    _adopt(desk, item, own)


def _keep_denial(desk: Desk, item: Item, own: Holding) -> None:
    """The denial as it shows before the next request, so that it is not taken for the answer to that one."""
    begun = item.previous if item.entry.state is State.QUEUED else None
    denied = begun or item.entry
    reached("denial.before")
    if denied.state is State.QUEUED:
        seen = recording.found(desk.ledger, denied, own, None)
    else:
        seen = recording.looked_again(desk.ledger, denied, own, desk.clock.now())
    if begun is None:
        item.record = seen
    else:
        item.previous = seen


def _adopt(desk: Desk, item: Item, own: Holding) -> None:
    """What the look found is taken as it is; nothing is sent."""
    reached("adopt.before")
    [*_, before] = item.given_up or (item.previous,)
    item.record = recording.found(desk.ledger, item.entry, own, before)
    desk.place(item)

"""Giving up a request of unknown fate and asking anew: ``--resend-unknown``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from batchqual.failpoints import reached
from batchqual.ledger import LedgerView, Record, State
from batchqual.model import Holding, Outcome, Qualification, Wish

from .attempts import attempt_obstacle
from .desk import Desk
from .enrol import following
from .hindrance import hindrance
from .items import Customer, Item, Obstacle
from .submit import offer

__all__ = ["given_up_before", "renew", "unknown_still"]

_SEEN = (State.IN_REVIEW, State.SETTLED, State.REVERTED)


def given_up_before(view: LedgerView, origin: str, partner: str) -> Mapping[Wish, tuple[Record, ...]]:
    """By wish the requests that were given up, and of which nobody knows the fate to this day: no later look
    has shown the qualification."""
    wishes = {record.wish for record in view.by_state(origin, partner, State.ABANDONED)}
    found = {}
    for wish in wishes:
        history = view.history(origin, partner, wish)
        seen = max((at for at, one in enumerate(history) if one.state in _SEEN), default=-1)
        found[wish] = tuple(one for one in history[seen + 1 :] if one.state is State.ABANDONED)
    return {wish: records for wish, records in found.items() if records}


def unknown_still(item: Item) -> Obstacle:
    """What is said of a request that is not sent again, and of which looks show nothing."""
    record = item.given_up[-1] if item.unresolved else item.entry
    times = "once" if record.sends == 1 else f"{record.sends} times"
    message = f"Sent {times} without a clear answer, and looks show nothing; not sent again."
    return Obstacle(Outcome.UNKNOWN, "fate-unknown", message, record.http_status)


async def renew(desk: Desk, customer: Customer, item: Item, holdings: tuple[Holding, ...]) -> None:
    """Give up a request after looks showed nothing once more, and submit a new one, which names it.

    Both may arrive in the end, so both count as attempts, and each may take a create of its code.
    """
    lost = item.entry
    obstacle = await hindrance(desk, customer, item, holdings) or _not_affordable(desk, item)
    if obstacle is not None:
        desk.close(item, obstacle)
        return
    why = f"sent {lost.sends} times without a clear answer, and looks show nothing"
    reached("abandon.before")
    item.record = await desk.ledger.abandon(lost, following(desk, item), why)
    reached("abandon.after")
    item.given_up = (*item.given_up, lost)
    item.renewable, item.offered = False, True
    await offer(desk, item)


def _not_affordable(desk: Desk, item: Item) -> Obstacle | None:
    """Why a new request may not be made beside the old one; the fate of that stays unknown."""
    if item.wish.qualification is Qualification.EDUCATION:
        attempts = desk.ledger.education_attempts(desk.origin, desk.partner, item.wish.customer_id)
        obstacle = attempt_obstacle(attempts, allow_last=desk.allow_last_attempt)
        return obstacle and replace(obstacle, outcome=Outcome.UNKNOWN)
    if item.wish.qualification is Qualification.GCC and not item.code_checked:
        message = "Its validation code has no create to spare for a second request, or could not be checked."
        return Obstacle(Outcome.UNKNOWN, "code-not-spare", message)
    return None

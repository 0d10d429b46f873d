"""Working the agenda: a bounded pool visits customers when they are due, until nothing is left or due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from batchqual.errors import AccessDenied, PausedTooLong, SignInNeeded, SignInUnreachable, WriteSignInNeeded

from .desk import Desk
from .items import Customer
from .pool import work_together
from .schedule import Agenda
from .visit import visit

__all__ = ["work"]


async def work(desk: Desk, customers: Sequence[Customer], *, width: int) -> None:
    """Visit ``customers`` with ``width`` workers until every row is settled, or the wait is over.

    Unknown fates come first, then what is to be sent, in input order, then what is in review. An
    interruption lets every worker finish its visit; a defect or a broken ledger stops all at once.
    """
    shift = _Shift(desk, customers)
    await work_together(shift.worker, min(width, len(customers)))


class _Shift:
    def __init__(self, desk: Desk, customers: Sequence[Customer]) -> None:
        self.desk = desk
        self.agenda: Agenda[_Turn] = Agenda()
        self.turns: dict[Customer, _Turn] = {}
        self.outstanding: set[Customer] = set()
        for customer in sorted(customers, key=_urgency):
            self._put_down(customer)
        desk.brakes.on_stop.append(self.agenda.wake)
        desk.brakes.on_release.append(self._release)

    async def worker(self) -> None:
        while (turn := await self.agenda.take(self._over, self._finished)) is not None:
            customer = turn.customer
            del self.turns[customer]
            try:
                await visit(self.desk, customer)
            except SignInUnreachable as away:
                self._wait(away)
            except (AccessDenied, SignInNeeded, PausedTooLong) as reason:
                self.desk.brakes.halt(reason)
                if not isinstance(reason, WriteSignInNeeded):
                    self.desk.service.gate.abandon()
            self._put_down(customer)
            self.agenda.done()

    def _wait(self, away: SignInUnreachable) -> None:
        """Nobody can look: everything is put off until signing in is tried again, or the wait for it ends."""
        desk = self.desk
        desk.sign_in.tell(away)
        desk.sign_in.away = away
        left = desk.sign_in.left(away)
        if left > 0:
            self.agenda.hold(desk.now() + min(away.wait, left))
            return
        reason = desk.sign_in.stop(away, looks_go_on=False)
        if any(item.offered for customer in self.outstanding for item in customer.items):
            desk.brakes.halt(reason)
        else:
            desk.brakes.end_looks(reason.message)
        desk.service.gate.abandon()

    def _finished(self) -> bool:
        return self.desk.brakes.finished

    def _put_down(self, customer: Customer) -> None:
        due = customer.due()
        self.turns[customer] = turn = _Turn(customer)
        if due is not None:
            self.agenda.add(due, turn)
        if any(item.offered or item.fate_unknown for item in customer.open_items()):
            self.outstanding.add(customer)
        else:
            self.outstanding.discard(customer)

    def _release(self) -> None:
        """What was held is put down anew, at once; whoever is being visited is put down at the end of it."""
        for customer in sorted(self.outstanding, key=_urgency):
            if customer.let_go(self.desk.now()) and customer in self.turns:
                self._put_down(customer)

    def _over(self, due: float, turn: _Turn) -> bool:
        """Whether a look is not worth waiting for. Patience is not shortened by ``--wait``."""
        desk, customer = self.desk, turn.customer
        if self.turns.get(customer) is not turn:
            return True  # it was put down anew
        suspected = any(item.suspect_since is not None and item.decided for item in customer.open_items())
        if suspected or self.outstanding or desk.open_submissions:
            return False
        deadline = desk.last_answer + desk.wait
        if not any(item.looked for item in customer.items):
            return due > deadline
        return max(due, self.agenda.held_until, desk.now()) > deadline


@dataclass(eq=False, slots=True)
class _Turn:
    """A customer's place on the agenda; the latest one counts."""

    customer: Customer


def _urgency(customer: Customer) -> tuple[int, int]:
    items = list(customer.open_items())
    if any(item.fate_unknown for item in items):
        return 0, customer.position
    return (1 if any(item.offered for item in items) else 2), customer.position

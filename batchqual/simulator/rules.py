"""Why the service refuses a write, in the order in which it looks. A refusal changes nothing: no attempt
is used and no create of a code. Codes from 990400 up are the simulator's own, since no document names any
for these cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from .names import EDUCATION, GCC, SETTABLE, SOE

if TYPE_CHECKING:
    from .bodies import Wish
    from .people import Customer
    from .world import World


class Refusal(NamedTuple):
    """An HTTP status, the service's error code, and a sentence."""

    status: int
    code: str
    text: str


UNKNOWN = Refusal(404, "1000", "The customer was not found.")
FOREIGN = Refusal(403, "20002", "There is no relationship between the partner and the customer.")
HELD_ALREADY = Refusal(409, "990409", "The customer already has this qualification, or it is in review.")
NOT_SETTABLE = Refusal(400, "900126", "This qualification cannot be set.")
SEGMENT_MISSING = Refusal(400, "3000", "educationSegment is required for Education.")
ATTEMPTS_USED = Refusal(400, "990403", "Education was requested as often as it may be for this customer.")
CODE_MISSING = Refusal(400, "3000", "A validation code is required for GovernmentCommunityCloud.")
CODE_UNKNOWN = Refusal(400, "990401", "The validation code is not valid.")
CODE_USED_UP = Refusal(400, "990402", "The validation code has no creates left.")


@dataclass(frozen=True)
class Rules:
    """The switches where documents are silent: `combination_status` answers Education with GCC, and GCC where
    StateOwnedEntity already is."""

    require_segment: bool
    combination_status: int
    education_attempts: int

    def refusal(self, world: World, customer: Customer, wish: Wish, *, synchronous: bool) -> Refusal | None:
        """The first reason to refuse `wish`, or None. The synchronous PUT may set again what is settled
        already."""
        if customer.refuse is not None:
            return Refusal(*customer.refuse, "This customer's requests are refused.")
        if wish.qualification not in SETTABLE:
            return NOT_SETTABLE
        now = world.clock()
        if customer.holds_live(wish.qualification, now):
            settled = now >= customer.holds[wish.qualification].settles
            return None if synchronous and settled else HELD_ALREADY
        if wish.qualification == EDUCATION:
            return self._education(customer, wish, now)
        return self._gcc(world, customer, wish, now) if wish.qualification == GCC else None

    def _education(self, customer: Customer, wish: Wish, now: float) -> Refusal | None:
        if self.require_segment and wish.form == "camel" and wish.segment is None:
            return SEGMENT_MISSING
        if customer.holds_live(GCC, now):
            return self._combination("Education", "GovernmentCommunityCloud")
        return ATTEMPTS_USED if customer.attempts >= self.education_attempts else None

    def _gcc(self, world: World, customer: Customer, wish: Wish, now: float) -> Refusal | None:
        for other in (EDUCATION, SOE):
            if customer.holds_live(other, now):
                return self._combination("GovernmentCommunityCloud", other)
        if not wish.code:
            return CODE_MISSING
        code = world.codes.get(wish.code)
        if code is None:
            return CODE_UNKNOWN
        return CODE_USED_UP if code.remaining is not None and code.remaining <= 0 else None

    def _combination(self, wanted: str, held: str) -> Refusal:
        return Refusal(
            self.combination_status, "990400", f"{wanted} cannot be given to a customer that holds {held}."
        )

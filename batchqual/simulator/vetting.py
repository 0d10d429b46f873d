"""How a vetting ends, and when: by chance, but by the customer's own chance, whatever order the calls come
in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .chance import between, fraction
from .names import APPROVED, DENIED, EDUCATION, GCC, REASONS, SOE, SYNC_DENIAL
from .people import Holding, Verdict

if TYPE_CHECKING:
    from .bodies import Wish
    from .people import Customer


def reason_for(seed: int, customer_id: str, attempt: int = 1) -> str:
    """One of the seven documented reasons, always the same for the same customer and attempt."""
    return REASONS[int(fraction(seed, customer_id, "reason", attempt) * len(REASONS))]


@dataclass(frozen=True)
class Vetting:
    """The office that reviews. `denial_rate` is the part of Education requests that end in a denial;
    delays are (least, most) seconds; `denied_shown` is for how many seconds GET shows a denial (infinite:
    for ever)."""

    seed: int
    denial_rate: float
    education_delay: tuple[float, float]
    gcc_delay: tuple[float, float]
    denied_shown: float = math.inf

    def judge(self, customer: Customer, qualification: str, attempt: int) -> Verdict:
        """The verdict on a submission, with its delay: pinned by the population, else drawn. Only
        Education can be denied by chance: a GCC code is itself the proof, and a StateOwnedEntity never
        shows a status."""
        pinned = customer.verdicts.get(qualification)
        if pinned is not None and pinned.delay is not None:
            return pinned
        if qualification == SOE:
            return Verdict(None, None, 0.0)
        span = self.gcc_delay if qualification == GCC else self.education_delay
        delay = between(*span, fraction(self.seed, customer.id, qualification, "delay", attempt))
        if pinned is not None:
            return pinned._replace(delay=delay)
        denied = fraction(self.seed, customer.id, qualification, "verdict", attempt) < self.denial_rate
        if denied and qualification == EDUCATION:
            return Verdict(DENIED, reason_for(self.seed, customer.id, attempt), delay)
        return Verdict(APPROVED, None, delay)

    def holding(self, customer: Customer, wish: Wish, now: float, *, at_once: bool, lag: float) -> Holding:
        """What an accepted submission leaves behind. `at_once` is the synchronous call, which answers with
        the verdict; reads do not see it for `lag` seconds."""
        attempt = customer.attempts + 1 if wish.qualification == EDUCATION else 1
        status, reason, delay = self.judge(customer, wish.qualification, attempt)
        settles = now if at_once else now + (delay or 0.0)
        if at_once and status == DENIED:
            reason = SYNC_DENIAL
        return Holding(
            qualification=wish.qualification,
            status=status,
            reason=reason,
            created=now,
            settles=settles,
            seen_from=now + lag,
            gone_from=settles + self.denied_shown if status == DENIED else math.inf,
            segment=wish.segment,
            website=wish.website,
            code=wish.code,
        )

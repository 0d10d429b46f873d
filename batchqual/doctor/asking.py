"""Asking the service: in turn with all other processes that share the ledger, and with little patience."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from batchqual.errors import (
    AccessDenied,
    LedgerInUse,
    NotFound,
    NotSent,
    PausedTooLong,
    Refused,
    Unavailable,
)
from batchqual.ledger import Ledger, read_only
from batchqual.model import mask_code
from batchqual.pacekeeping import Doorkeeper, hold_until
from batchqual.partnercenter import Limits, RetryPolicy, open_partner_center
from batchqual.paths import LEDGER
from batchqual.target import connection_of

from .facts import Facts
from .finding import Finding, failed, passed, skipped, warned

__all__ = ["Turn", "answer", "codes", "turn"]

#: So that it is over before a run that waits for it gives up.
_LIMITS: Final = Limits(connect=5.0, read=10.0, total=12.0)
_RETRY: Final = RetryPolicy(tries=2, seconds=3.0)
_LONGEST_PAUSE: Final = 5.0
_BESIDE_A_RUN: Final = "The service is not asked beside a run, since all calls share one pace. "
_OUTDATED: Final = (
    "The service is not asked: the ledger, which keeps the pace, is of an earlier version. The next run "
    "brings it up to date."
)


@dataclass(frozen=True, slots=True)
class Turn:
    """``words`` say why it is not our turn; ``keeper`` and ``held`` are what the gate has to know."""

    words: str = ""
    keeper: Doorkeeper | None = None
    held: datetime | None = None


@asynccontextmanager
async def turn(facts: Facts) -> AsyncIterator[Turn]:
    """Our turn to ask, for the length of a block: no run is on, and what was kept of the pace counts.

    A ledger that is not there yet keeps no pace, and none is made for this; one of an earlier version is left
    as it is. Raises LedgerError.
    """
    path = facts.target.ledger
    if not LEDGER.exists(path):
        yield Turn()
        return
    with read_only(path) as view:
        outdated = view.outdated
    if outdated:
        yield Turn(_OUTDATED)
        return
    with ExitStack() as stack:
        ledger = _opened(facts, stack)
        if isinstance(ledger, str):
            yield Turn(ledger)
            return
        keeper = Doorkeeper(ledger, facts.target)
        held = hold_until(ledger, facts.target, facts.clock.now())
        try:
            yield Turn("", keeper, held)
        finally:
            await keeper.leave(facts.clock.now())


def _opened(facts: Facts, stack: ExitStack) -> Ledger | str:
    """The ledger, to be closed by the stack; words when a run has it."""
    try:
        return stack.enter_context(Ledger.open(facts.target.ledger, clock=facts.clock, command="doctor"))
    except LedgerInUse as beside:
        return _BESIDE_A_RUN + beside.message


async def answer(facts: Facts) -> Finding:
    """The smallest read that tells whether the service takes us: the list of validation codes."""
    try:
        return await _answer(facts)
    except PausedTooLong as paused:
        return warned(paused.message, "Wait until then; a run waits by itself.")
    except NotFound as missing:
        return warned(
            f"The service does not know the list of validation codes (404): {missing.message}",
            "Check --base-url. A partner who sells no GCC may be answered so, and can go on.",
        )
    except (AccessDenied, Refused) as refused:
        return _refusal(refused)
    except (NotSent, Unavailable) as lost:
        return failed(lost.message, "The hops above are open, so try again in some minutes.", 1)


async def _answer(facts: Facts) -> Finding:
    connection = connection_of(facts.settings, facts.target, limits=_LIMITS, retry=_RETRY)
    connection = replace(connection, max_pause=_LONGEST_PAUSE)
    async with turn(facts) as mine:
        if mine.words:
            return skipped(mine.words)
        async with open_partner_center(
            connection,
            facts.sign_in.privileges,
            on_closed=mine.keeper.closed if mine.keeper else None,
            hold_until=mine.held,
            clock=facts.clock,
        ) as service:
            facts.codes = await service.validation_codes()
    return passed("The service takes the token, and answers a read (200).")


def _refusal(refused: AccessDenied | Refused) -> Finding:
    if isinstance(refused, AccessDenied):
        return failed(refused.message, refused.hint, 13)
    status = refused.http_status or 0
    words = f"The service refuses a read ({status}): {refused.message}"
    return failed(words, refused.hint or "Check --api and --base-url.", 13)


def codes(facts: Facts) -> Finding:
    """The validation codes, and what is left on each."""
    if facts.codes is None:
        return skipped("They could not be read: see above.")
    if not facts.codes:
        return passed("The partner has no validation codes: rows for GCC need one, others do not.")
    told = [
        f"{mask_code(one.code)}: {'an unknown number' if one.remaining is None else one.remaining} left"
        for one in facts.codes
    ]
    words = f"{', '.join(told)}."
    if any(one.remaining == 0 for one in facts.codes):
        return warned(words, "Ask Microsoft for another code before you submit more rows for GCC.")
    return passed(
        f"{words} For GCC the user may need one of the roles Directory Readers, Directory Writers, License "
        "Administrator or User Administrator at the customer."
    )

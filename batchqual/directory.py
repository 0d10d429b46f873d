"""The partner's customers as a sheet to fill in, read page by page and picked up where it was left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from .clock import Clock, SystemClock
from .credentials import privileges_of
from .errors import BatchqualError, NotFound, Refused, Unavailable
from .events import Event, SigningIn, Throttled
from .failpoints import reached
from .held import HELD, LOOKED_AT, cells_of
from .ingest import write_prefilled
from .ledger import Ledger
from .pacekeeping import Doorkeeper, hold_until
from .partnercenter import ListedCustomer, PartnerCenter, RetryPolicy, TokenProvider, open_partner_center
from .paths import OUTPUT
from .pipeline import StopSwitch
from .settings import Settings
from .spool import Spool, sheet_behind
from .target import Target, check_ledger_origin, connection_of, target_of

__all__ = ["Directory", "export_customers", "finished", "part_of"]

_RESELLER = "reseller"
_SECONDS_BETWEEN_WORDS = 10.0
_MOST_LOST_LOOKS = 10
_GOES_ON = "What was read is kept: the same command goes on from there."

_RELATIONSHIP = {"relationship": "What the service calls your relationship; qualifications need reseller."}


@dataclass(frozen=True, slots=True)
class Directory:
    """An export: ``file`` is where the sheet stands, None when it was stopped before its end. ``customers``
    were listed; of those ``not_resold`` are in another relationship, and ``lost_looks`` could not be looked
    at."""

    file: Path | None
    customers: int
    not_resold: int = 0
    lost_looks: int = 0


def part_of(out: Path) -> Path:
    """Where an export keeps what it has read until it is done."""
    return out.with_name(f"{out.name}.part")


async def export_customers(
    settings: Settings,
    out: Path,
    *,
    domain_prefix: str | None = None,
    with_qualifications: bool = False,
    tell: Callable[[str], None] = lambda _: None,
    stop: StopSwitch | None = None,
    clock: Clock | None = None,
    tokens: TokenProvider | None = None,
    retry: RetryPolicy | None = None,
) -> Directory:
    """Write the partner's customers into ``out``, an ``.xlsx`` or ``.csv`` to be filled in.

    ``tell`` takes sentences for the user. Holds the ledger's lock, since all calls for one partner share one
    pace. Raises UsageError, LedgerError, SignInNeeded, and what the client raises; what was read till then
    is kept beside ``out``.
    """
    target, clock = target_of(settings), clock or SystemClock()
    with Ledger.open(target.ledger, clock=clock, command="customers") as ledger:
        check_ledger_origin(ledger, target)
        words, keeper = _Words(tell), Doorkeeper(ledger, target)
        async with open_partner_center(
            connection_of(settings, target, retry=retry),
            tokens or await privileges_of(settings, say=words.hear, clock=clock),
            on_event=words.hear,
            on_closed=keeper.closed,
            hold_until=hold_until(ledger, target, clock.now()),
            clock=clock,
        ) as service:
            with Spool(part_of(out), _whose(target, domain_prefix), clock.now()) as spool:
                reading = _Reading(service, spool, words, clock)
                work = reading.read(domain_prefix, settings.concurrency if with_qualifications else 0)
                try:
                    done = await _unless_stopped(work, stop or StopSwitch(), tell)
                finally:
                    await keeper.leave(clock.now())
                listed = [one for one in spool.customers.values() if one.customer_id != target.partner]
                if done and not reading.lost:
                    reached("export.read")
                    spool.begin_sheet(_facts_of(listed, over=_is_there(out), held=with_qualifications))
    if not done:
        return Directory(None, len(spool.customers))
    rows = [reading.row(one) for one in listed]
    file = write_prefilled(out, rows, _RELATIONSHIP | (HELD if with_qualifications else {}))
    reached("export.written")
    if not reading.lost:
        spool.remove()
        reached("export.over")
    return Directory(file, len(listed), _not_resold(listed), len(reading.lost))


def finished(
    settings: Settings, out: Path, *, domain_prefix: str | None, with_qualifications: bool
) -> Directory | None:
    """The same export, if it wrote ``out`` and was killed before it tidied up; None for any other. It is
    tidied up now."""
    match sheet_behind(part_of(out), _whose(target_of(settings), domain_prefix)):
        case {"over": False, "held": held, "customers": int(listed), "not_resold": int(others)} if (
            held == with_qualifications and _is_there(out)
        ):
            reached("export.tidying")
            with OUTPUT.told(part_of(out)):
                part_of(out).unlink(missing_ok=True)
            return Directory(out, listed, others)
    return None


def _is_there(out: Path) -> bool:
    return OUTPUT.exists(out)


def _whose(target: Target, domain_prefix: str | None) -> dict[str, str]:
    return {"origin": target.origin, "partner": target.partner, "domain": (domain_prefix or "").lower()}


def _facts_of(listed: Sequence[ListedCustomer], *, over: bool, held: bool) -> dict[str, object]:
    return {"over": over, "held": held, "customers": len(listed), "not_resold": _not_resold(listed)}


def _not_resold(listed: Sequence[ListedCustomer]) -> int:
    return sum(map(_is_not_resold, listed))


def _is_not_resold(customer: ListedCustomer) -> bool:
    """Whether the service names a relationship, and it is another one."""
    told = customer.relationship.lower()
    return bool(told) and _RESELLER not in told.split(", ")


async def _unless_stopped(
    work: Coroutine[None, None, None], stop: StopSwitch, tell: Callable[[str], None]
) -> bool:
    """Whether the work came to its end before the switch was pressed."""
    task = asyncio.ensure_future(work)
    stopped = False

    def halt() -> None:
        nonlocal stopped
        stopped = True
        tell("Stopping.")
        task.cancel()

    stop.connect(halt)
    try:
        await task
    except asyncio.CancelledError:
        if not stopped:
            raise
        return False
    return True


class _Words:
    """Says how far it is, now and then."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.tell = tell
        self._progress_due = asyncio.get_running_loop().time() + _SECONDS_BETWEEN_WORDS
        self._pause_due = 0.0

    def hear(self, event: Event) -> None:
        """How it signs in, which may need a hand; and pauses, which would look like a standstill."""
        now = asyncio.get_running_loop().time()
        if isinstance(event, SigningIn):
            self.tell(event.words)
        elif isinstance(event, Throttled) and now >= self._pause_due:
            self._pause_due = now + _SECONDS_BETWEEN_WORDS
            self.tell(f"The service asks everyone to wait {event.seconds:.0f} s.")

    def progress(self, sentence: str) -> None:
        """Say it, unless something was said a moment ago."""
        now = asyncio.get_running_loop().time()
        if now >= self._progress_due:
            self._progress_due = now + _SECONDS_BETWEEN_WORDS
            self.tell(sentence)


class _Reading:
    """Reads the list and the customers' qualifications into a spool, whatever is not there yet."""

    def __init__(self, service: PartnerCenter, spool: Spool, words: _Words, clock: Clock) -> None:
        self._service = service
        self._spool = spool
        self._words = words
        self._clock = clock
        self._pages = 0
        self._lost_in_a_row = 0
        self.lost: dict[str, str] = {}

    async def read(self, domain_prefix: str | None, width: int) -> None:
        """The list, then what its customers hold, ``width`` at a time (0: not at all).

        The list comes first, because a continuation token that waits for thousands of looks may run out.
        """
        if self._spool.remark:
            self._words.tell(self._spool.remark)
        try:
            if not self._spool.complete:
                await self._read_list(domain_prefix)
            if width:
                await self._look_at_all(width)
        except BatchqualError as error:
            if self._spool.customers:
                error.hint = f"{error.hint} {_GOES_ON}".strip()
            raise

    def row(self, customer: ListedCustomer) -> dict[str, str]:
        """The customer's cells, by heading."""
        held = self._spool.looked_up.get(customer.customer_id)
        if held is None and customer.customer_id in self.lost:
            held = {LOOKED_AT: self.lost[customer.customer_id]}
        return {
            "customer_id": customer.customer_id,
            "customer_name": customer.name,
            "domain": customer.domain,
            "relationship": customer.relationship,
            **(held or {}),
        }

    async def _read_list(self, domain_prefix: str | None) -> None:
        if self._spool.after is not None:
            try:
                await self._walk(domain_prefix)
            except Refused as refused:
                if refused.http_status != 400 or self._pages:
                    raise
            else:
                return
            self._words.tell(
                "The service has forgotten where the list was left: it is read from its first page."
            )
            self._spool.begin_list_again()
        await self._walk(domain_prefix)

    async def _walk(self, domain_prefix: str | None) -> None:
        pages = self._service.customer_pages(domain_prefix=domain_prefix, after=self._spool.after)
        async with aclosing(pages):
            async for page in pages:
                reached("export.page")
                self._spool.add_page(page)
                reached("export.page-kept")
                self._pages += 1
                self._words.progress(f"{len(self._spool.customers):,} customers are listed so far.")
        self._spool.end_list()
        reached("export.listed")

    async def _look_at_all(self, width: int) -> None:
        known = self._spool.looked_up
        waiting = iter([one for one in self._spool.customers if one not in known])

        async def look_at_some() -> None:
            for customer_id in waiting:
                await self._look_at(customer_id)
                self._words.progress(
                    f"{len(known):,} of {len(self._spool.customers):,} customers are looked at so far."
                )

        tasks = [asyncio.create_task(look_at_some()) for _ in range(width)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _look_at(self, customer_id: str) -> None:
        """What the service says for good is kept. What may pass is told in the sheet, and asked again when
        the export goes on; when it does not pass, the export ends."""
        moment = f"{self._clock.now():%Y-%m-%d %H:%M} UTC"
        try:
            cells = cells_of(await self._service.holdings(customer_id), moment)
        except (NotFound, Refused) as refused:
            cells = {LOOKED_AT: f"not told: {refused.message}"}
        except Unavailable as lost:
            self.lost[customer_id] = f"not told: {lost.message}"
            self._lost_in_a_row += 1
            if self._lost_in_a_row >= _MOST_LOST_LOOKS:
                raise
            return
        self._lost_in_a_row = 0
        self._spool.add_look(customer_id, cells)
        reached("export.look-kept")

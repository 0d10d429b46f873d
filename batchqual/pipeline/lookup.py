"""Whose default domain is it? What the ledger knows since today, else what the partner's customer list says.

The service has no call that names the customer of a domain. Its list takes a filter for domains that begin
with a text (Partner Center docs, search page, 2023), which leads to candidates; an exact match is looked for
among them. Of a filter that always failed there is a report (PowerShell module, issue 91, 2019): then the
whole list is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta

from batchqual.clock import Clock
from batchqual.errors import CallFailed, NotFound, Refused, RunStopped, SignInNeeded, Unavailable
from batchqual.events import Listener, deaf
from batchqual.failpoints import reached
from batchqual.ledger import KnownDomain, Ledger, LedgerView
from batchqual.model import Outcome, Verdict, plain_domain
from batchqual.partnercenter import ListedCustomer, PartnerCenter

from .desk import DOMAINS_TRUSTED_FOR
from .execute import Job
from .items import Obstacle
from .outage import SignInOutage
from .pool import work_together
from .stop import StopSwitch

__all__ = ["LookedUp", "look_up", "nobody_looked", "remembered"]

_UNTIL_IT_IS_USED = timedelta(hours=1)
"""Far longer than it takes from the question to the look-up, a sign-in included."""
_MANY = 50
_AT_ONCE = 8
_NAMED = 5

_ByDomain = Mapping[str, Mapping[str, ListedCustomer]]
"""By domain and id: a customer that stands on two pages is one customer."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What a look-up gave: for each domain the customer's id, or the verdict on rows that name it.
    ``halted`` says why nothing more can be asked in this run."""

    found: dict[str, str | Verdict]
    halted: RunStopped | SignInNeeded | None = None

    @property
    def obstacle(self) -> Obstacle:
        """Why the other rows are not sent, after a halt."""
        code, why = _halt(self.halted)
        return Obstacle(Outcome.NOT_ATTEMPTED, code, f"The run was stopped before it: {why}")


def nobody_looked(
    domains: Sequence[str], job: Job, view: LedgerView, now: datetime, reason: SignInNeeded
) -> LookedUp:
    """What the ledger alone can tell, where nobody is signed in."""
    known = _recall(domains, job, view, now)
    return LookedUp({domain: known.get(domain) or _stopped(domain, reason) for domain in domains}, reason)


def remembered(domains: Sequence[str], job: Job, view: LedgerView, now: datetime) -> dict[str, str]:
    """The customers of those domains that `look_up` will not ask for when it comes to it within the hour."""
    return _recall(domains, job, view, now + _UNTIL_IT_IS_USED)


def _recall(domains: Sequence[str], job: Job, view: LedgerView, now: datetime) -> dict[str, str]:
    """The customers of those domains that were looked up within the last 24 hours."""
    known = view.known_domains(job.origin, job.partner, now - DOMAINS_TRUSTED_FOR) if domains else {}
    return {domain: known[domain].customer_id for domain in domains if domain in known}


async def look_up(
    domains: Sequence[str],
    job: Job,
    *,
    ledger: Ledger,
    service: PartnerCenter,
    clock: Clock,
    stop: StopSwitch,
    say: Listener = deaf,
) -> LookedUp:
    """Find the customers of ``domains``, each named once; what is found is kept in the ledger.

    A domain of no customer, of several or of the partner's own tenant makes its rows `invalid`. A list that
    cannot be read makes them `failed`, a stop `not_attempted`. Raises LedgerError.
    """
    found: dict[str, str | Verdict] = {**_recall(domains, job, ledger, clock.now())}
    asked = [domain for domain in domains if domain not in found]
    if not asked:
        return LookedUp(found)
    interrupted = False

    def interrupt() -> None:
        nonlocal interrupted
        interrupted = True
        service.gate.abandon()

    stop.connect(interrupt)
    reached("lookup.asking")
    try:
        outage = SignInOutage(service, say)
        customers = await outage.waited_out(lambda: _customers(service, frozenset(asked)))
    except (RunStopped, SignInNeeded) as reason:
        return LookedUp(found | {domain: _stopped(domain, reason) for domain in asked}, reason)
    except CallFailed as failure:
        verdict = _interrupted if interrupted else _unread
        return LookedUp(found | {domain: verdict(domain, failure) for domain in asked})
    known = []
    for domain in asked:
        found[domain] = answer = _answer(domain, customers.get(domain, {}), job.partner)
        if isinstance(answer, str):
            known.append(KnownDomain(domain, answer, customers[domain][answer].name))
    reached("lookup.answered")
    await ledger.keep_domains(job.origin, job.partner, known)
    reached("lookup.kept")
    return LookedUp(found)


async def _customers(service: PartnerCenter, wanted: Collection[str]) -> _ByDomain:
    """The list costs a request for a page of customers, the filter one for each domain: the list is taken
    while it promises to be cheaper, and for many domains in any case. Of letters beyond ASCII nobody says in
    which spelling the filter takes them, so that the list is taken for these, too."""
    whole = len(wanted) > _MANY or not all(domain.isascii() for domain in wanted)
    bound = None if whole else len(wanted) // 2
    listed = await _listed(service, wanted, bound)
    if listed is not None:
        return listed
    try:
        return await _filtered(service, wanted)
    except (Refused, NotFound, Unavailable):
        return await _listed(service, wanted, None) or {}


async def _listed(service: PartnerCenter, wanted: Collection[str], bound: int | None) -> _ByDomain | None:
    """The customers with these domains, from the whole list; None when it has more pages than ``bound``."""
    found: dict[str, dict[str, ListedCustomer]] = defaultdict(dict)
    if bound == 0:
        return None
    read = 0
    async with aclosing(service.customer_pages()) as pages:
        async for page in pages:
            _take(page.customers, wanted, found)
            read += 1
            if read == bound and page.next is not None:
                return None
    return found


async def _filtered(service: PartnerCenter, wanted: Collection[str]) -> _ByDomain:
    found: dict[str, dict[str, ListedCustomer]] = defaultdict(dict)
    waiting = iter(wanted)

    async def worker() -> None:
        for domain in waiting:
            async with aclosing(service.customer_pages(domain_prefix=domain)) as pages:
                async for page in pages:
                    _take(page.customers, (domain,), found)

    await work_together(worker, min(_AT_ONCE, len(wanted)))
    return found


def _take(
    customers: Sequence[ListedCustomer], wanted: Collection[str], found: dict[str, dict[str, ListedCustomer]]
) -> None:
    for one in customers:
        domain = plain_domain(one.domain)
        if domain in wanted:
            found[domain][one.customer_id] = one


def _answer(domain: str, customers: Mapping[str, ListedCustomer], partner: str) -> str | Verdict:
    if not customers:
        return _invalid(
            "unknown-domain",
            f"domain “{domain}” is the default domain of none of your customers. A domain that a customer has"
            " added does not count: put the customer's Microsoft ID into customer_id.",
        )
    if len(customers) > 1:
        names = ", ".join(sorted(customers)[:_NAMED])
        return _invalid(
            "ambiguous-domain",
            f"domain “{domain}” is the default domain of {len(customers)} of your customers ({names}): put"
            " the Microsoft ID of the right one into customer_id.",
        )
    [customer_id] = customers
    if customer_id == partner:
        return _invalid(
            "partner-tenant",
            f"domain “{domain}” is that of the partner's own tenant, which is never sent as a customer.",
        )
    return customer_id


def _invalid(code: str, message: str) -> Verdict:
    return Verdict(Outcome.INVALID, error_code=code, error_message=message)


def _unread(domain: str, failure: CallFailed) -> Verdict:
    ticket = f" (correlation ID {failure.correlation_id})" if failure.correlation_id else ""
    message = f"domain “{domain}” could not be looked up, so nothing was sent: {failure.message}{ticket}"
    return Verdict(Outcome.FAILED, error_code="lookup-failed", error_message=message)


def _interrupted(domain: str, _failure: CallFailed) -> Verdict:
    return _unsent("interrupted", domain, "the run was interrupted")


def _stopped(domain: str, reason: RunStopped | SignInNeeded) -> Verdict:
    code, why = _halt(reason)
    return _unsent(code, domain, why)


def _halt(reason: RunStopped | SignInNeeded | None) -> tuple[str, str]:
    code = "sign-in" if isinstance(reason, SignInNeeded) else "stopped"
    if reason is not None and reason.code == "interrupted":
        code = reason.code
    return code, reason.message if reason else ""


def _unsent(code: str, domain: str, why: str) -> Verdict:
    message = f"domain “{domain}” was not looked up: {why}"
    return Verdict(Outcome.NOT_ATTEMPTED, error_code=code, error_message=message)

"""Whose default domain is it? What the ledger knows since today, else what the partner's customer list says.

A row without an ID has its customer by it. Beside an ID it is a claim: compared where that is possible, and
no row waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from batchqual.clock import Clock
from batchqual.errors import BatchqualError, CallFailed, RunStopped, SignInNeeded
from batchqual.events import Listener, deaf
from batchqual.failpoints import reached
from batchqual.ledger import KnownDomain, Ledger, LedgerView
from batchqual.model import Outcome, Problem, Verdict
from batchqual.partnercenter import ListedCustomer, PartnerCenter

from .execute import Job, claims_to_compare
from .items import Obstacle
from .listing import Listing, customers_by_domain
from .outage import SignInOutage
from .stop import StopSwitch

__all__ = ["LookedUp", "look_up", "nobody_looked", "remembered"]

_TRUSTED_FOR = timedelta(hours=24)
_UNTIL_IT_IS_USED = timedelta(hours=1)
"""Far longer than it takes from the question to the look-up, a sign-in included."""
_NAMED = 5

Owners = frozenset[str]
"""The IDs of the customers who have a domain as their default domain; none for a domain that is nobody's."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What a look-up gave: for each domain the customer's id, or the verdict on rows that name it; the owners
    of each claim that could be looked up. ``halted`` says why nothing more can be asked in this run,
    ``notices`` what could not be compared."""

    found: dict[str, str | Verdict]
    claims: dict[str, Owners] = field(default_factory=dict)
    halted: RunStopped | SignInNeeded | None = None
    notices: tuple[Problem, ...] = ()

    @property
    def obstacle(self) -> Obstacle:
        """Why the other rows are not sent, after a halt."""
        code, why = _halt(self.halted)
        return Obstacle(Outcome.NOT_ATTEMPTED, code, f"The run was stopped before it: {why}")


def nobody_looked(
    domains: Sequence[str], job: Job, view: LedgerView, now: datetime, reason: SignInNeeded | RunStopped
) -> LookedUp:
    """What the ledger alone can tell, where nobody is signed in, or a proxy lets nobody sign in."""
    known = _recall(domains, job, view, now)
    found = {domain: known.get(domain) or _stopped(domain, reason) for domain in domains}
    return LookedUp(found, halted=reason)


def remembered(domains: Iterable[str], job: Job, view: LedgerView, now: datetime) -> dict[str, str]:
    """The customers of those domains that `look_up` will not ask for when it comes to it within the hour."""
    return _recall(domains, job, view, now + _UNTIL_IT_IS_USED)


def _recall(domains: Iterable[str], job: Job, view: LedgerView, now: datetime) -> dict[str, str]:
    """The customers of those domains that were looked up within the last 24 hours."""
    domains = tuple(domains)
    known = view.known_domains(job.origin, job.partner, now - _TRUSTED_FOR) if domains else {}
    return {domain: known[domain].customer_id for domain in domains if domain in known}


def _recall_claims(claims: Sequence[str], job: Job, view: LedgerView, now: datetime) -> dict[str, Owners]:
    """The same of claims, those included that were nobody's."""
    if not claims:
        return {}
    nobodys = view.domains_of_nobody(job.origin, job.partner, now - _TRUSTED_FOR).intersection(claims)
    owned = _recall(claims, job, view, now)
    return dict.fromkeys(nobodys, Owners()) | {domain: Owners((one,)) for domain, one in owned.items()}


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
    """Find the customers of ``domains``, each named once, and the owners of the domains that stand beside the
    IDs of rows that may be sent; what is found is kept in the ledger.

    A domain of no customer, of several or of the partner's own tenant makes its rows `invalid`. A list that
    cannot be read makes them `failed`, a stop `not_attempted`; domains beside an ID are not compared then,
    and a notice says so. Raises LedgerError.
    """
    claims = claims_to_compare(job, ledger, clock.now())
    found: dict[str, str | Verdict] = {**_recall(domains, job, ledger, clock.now())}
    owners = _recall_claims(claims, job, ledger, clock.now())
    asked = [domain for domain in domains if domain not in found]
    compared = [claim for claim in claims if claim not in owners]
    if not asked and not compared:
        return LookedUp(found, owners)
    interrupted, outage = False, SignInOutage(service, say)

    def interrupt() -> None:
        nonlocal interrupted
        interrupted = True
        service.gate.abandon()

    stop.connect(interrupt)
    reached("lookup.asking")
    try:
        listing = await outage.waited_out(lambda: customers_by_domain(service, asked, beside=compared))
    except (RunStopped, SignInNeeded) as reason:
        return LookedUp(found | {domain: _stopped(domain, reason) for domain in asked}, owners, reason)
    except CallFailed as failure:
        verdict = _interrupted if interrupted else _unread
        notices = () if interrupted else _not_compared(compared, job, failure)
        return LookedUp(found | {domain: verdict(domain, failure) for domain in asked}, owners, None, notices)
    listing, unread = await _with_claims(outage, listing, asked, compared)
    found |= {domain: _answer(domain, listing.of(domain), job.partner) for domain in asked}
    read = compared if unread is None else [claim for claim in compared if claim in found]
    owners |= {claim: Owners(listing.of(claim)) for claim in read}
    reached("lookup.answered")
    await _keep(ledger, job, listing, asked, read)
    reached("lookup.kept")
    notices = () if unread is None or interrupted else _not_compared(compared, job, unread)
    return LookedUp(found, owners, notices=notices)


async def _with_claims(
    outage: SignInOutage, listing: Listing, asked: Sequence[str], claims: Sequence[str]
) -> tuple[Listing, RunStopped | SignInNeeded | CallFailed | None]:
    """The listing with the customers of the claims too, or the reason why these could not be read. What ends
    the run ends it at the next call, which is not made for a claim alone."""
    known = frozenset(asked)
    rest = [] if listing.whole else [claim for claim in claims if claim not in known]
    try:
        further = await outage.waited_out(lambda: customers_by_domain(outage.service, rest))
    except (RunStopped, SignInNeeded, CallFailed) as reason:
        return listing, reason
    return Listing({**further.customers, **listing.customers}), None


async def _keep(
    ledger: Ledger, job: Job, listing: Listing, asked: Sequence[str], claims: Sequence[str]
) -> None:
    """Remember domains of one customer, who is not the partner, and claims that are nobody's."""
    known = [
        KnownDomain(domain, one.customer_id, one.name)
        for domain in dict.fromkeys((*asked, *claims))
        if len(listing.of(domain)) == 1
        for one in listing.of(domain).values()
        if one.customer_id != job.partner
    ]
    nobodys = [claim for claim in claims if not listing.of(claim)]
    await ledger.keep_domains(job.origin, job.partner, known, nobodys)


def _not_compared(claims: Sequence[str], job: Job, reason: BatchqualError) -> tuple[Problem, ...]:
    if not claims:
        return ()
    message = (
        "The domains that stand beside a customer_id were not compared with your customer list, which could "
        f"not be read: {reason.message} The rows go by their customer_id."
    )
    return (Problem("domains-not-compared", message, job.command),)


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

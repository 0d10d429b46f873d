"""Whose domain is it: the list, its filter, what the ledger remembers, and what when nobody answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from support.customer_list import CustomerList, listed
from support.ledgers import ORIGIN, PARTNER, HandClock, a_ledger, customer
from support.results import soe
from support.runs import an_intake

from batchqual.errors import AccessDenied, NotSent, Refused, SignInNeeded, Unavailable
from batchqual.ledger import KnownDomain, Ledger
from batchqual.model import Outcome, Verdict
from batchqual.pipeline import Job, LookedUp, StopSwitch, look_up, nobody_looked
from batchqual.settings import load_settings

A, B = "a.example", "b.example"
BROKEN = Unavailable("internal server error", http_status=500, correlation_id="the-correlation")
DAY = 24 * 3600


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def ledger(path: Path, clock: HandClock) -> Iterator[Ledger]:
    with a_ledger(path, clock) as ledger:
        yield ledger


def job(*claims: str) -> Job:
    """A run with a row for each of these domains, each beside the ID of a customer."""
    rows = [replace(soe(n), claim=claim) for n, claim in enumerate(claims, start=1)]
    return Job("run", "run", an_intake(*rows), load_settings({}, environ={}), ORIGIN, PARTNER)


def some(number: int) -> list[str]:
    """The domains of the first so many customers."""
    return [f"d{n}.example" for n in range(1, number + 1)]


async def asked(
    service: CustomerList,
    ledger: Ledger,
    clock: HandClock,
    *domains: str,
    claims: Sequence[str] = (),
    stop: StopSwitch | None = None,
) -> LookedUp:
    return await look_up(
        domains, job(*claims), ledger=ledger, service=service.service, clock=clock, stop=stop or StopSwitch()
    )


def owners(*numbers: int) -> frozenset[str]:
    """The customers who have a domain."""
    return frozenset(map(customer, numbers))


def code(answer: str | Verdict) -> tuple[Outcome, str | None] | str:
    return answer if isinstance(answer, str) else (answer.outcome, answer.error_code)


async def test_one_domain_costs_one_request(ledger: Ledger, clock: HandClock) -> None:
    """The filter finds what begins so; only an exact match counts."""
    service = CustomerList([listed(customer(1), A), listed(customer(2), f"{A}.org")])
    looked_up = await asked(service, ledger, clock, A)
    assert LookedUp({A: customer(1)}) == looked_up
    assert [A] == service.asked


@pytest.mark.parametrize(
    ("domains", "held", "expected"),
    [
        pytest.param(4, 4, [None, None], id="the list is shorter"),
        pytest.param(4, 9, [None, None, *some(4)], id="the filter is, as it turns out"),
        pytest.param(1, 1, ["d1.example"], id="one"),
        pytest.param(51, 200, [None] * 100, id="more than fifty"),
    ],
)
async def test_the_whole_list_is_read_where_it_is_cheaper(
    domains: int, held: int, expected: list[str | None], ledger: Ledger, clock: HandClock
) -> None:
    """It is given up when it has more pages than half of the domains, unless these are more than fifty."""
    service = CustomerList([listed(customer(n), d) for n, d in enumerate(some(held), start=1)])
    looked_up = await asked(service, ledger, clock, *some(domains))
    assert {domain: customer(n) for n, domain in enumerate(some(domains), start=1)} == looked_up.found
    assert sorted(map(str, expected)) == sorted(map(str, service.asked))


@pytest.mark.parametrize("failure", [BROKEN, Refused("no such filter", http_status=400)])
async def test_a_filter_that_fails_for_good_gives_way_to_the_whole_list(
    failure: Exception, ledger: Ledger, clock: HandClock
) -> None:
    """As the PowerShell module had to, once."""
    service = CustomerList([listed(customer(1), A), listed(customer(2), B)], filter_fails=failure)
    assert {A: customer(1)} == (await asked(service, ledger, clock, A)).found
    assert [A, None] == service.asked


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param([], (Outcome.INVALID, "unknown-domain"), id="nobody's"),
        pytest.param([(1, f"{A}.org"), (2, f"www.{A}")], (Outcome.INVALID, "unknown-domain"), id="alike"),
        pytest.param([(1, A), (2, A)], (Outcome.INVALID, "ambiguous-domain"), id="of two"),
        pytest.param([(1, A), (1, A)], customer(1), id="told twice"),
        pytest.param([(0xAAAA, A)], (Outcome.INVALID, "partner-tenant"), id="the partner's own"),
    ],
)
async def test_a_domain_is_one_customers_or_an_error(
    held: list[tuple[int, str]],
    expected: str | tuple[Outcome, str],
    ledger: Ledger,
    clock: HandClock,
) -> None:
    """Exactly one customer, who is not the partner; the words name the domain and what to do."""
    ours = [listed(PARTNER if n == 0xAAAA else customer(n), domain) for n, domain in held]
    answer = (await asked(CustomerList(ours), ledger, clock, A)).found[A]
    assert expected == code(answer)
    assert isinstance(answer, str) or f"“{A}”" in (answer.error_message or "")
    assert ({A} if isinstance(expected, str) else set()) == set(ledger.known_domains(ORIGIN, PARTNER))


async def test_what_was_found_is_remembered_for_a_day(ledger: Ledger, clock: HandClock) -> None:
    """Then it is asked again, and the customer may be another one."""
    service = CustomerList([listed(customer(1), A, "Contoso")])
    await asked(service, ledger, clock, A)
    assert {A: KnownDomain(A, customer(1), "Contoso")} == ledger.known_domains(ORIGIN, PARTNER)
    service.customers = [listed(customer(2), A)]
    clock.pass_(DAY)
    assert {A: customer(1)} == (await asked(service, ledger, clock, A)).found
    assert [A] == service.asked
    clock.pass_(1)
    assert {A: customer(2)} == (await asked(service, ledger, clock, A)).found
    assert [A, A] == service.asked


async def test_only_what_is_not_remembered_is_asked(ledger: Ledger, clock: HandClock) -> None:
    """Nor is the memory of another partner or origin of any use."""
    await ledger.keep_domains(ORIGIN, PARTNER, [KnownDomain(A, customer(1))])
    await ledger.keep_domains(ORIGIN, "another", [KnownDomain(B, customer(3))])
    service = CustomerList([listed(customer(2), B)])
    assert {A: customer(1), B: customer(2)} == (await asked(service, ledger, clock, A, B)).found
    assert [B] == service.asked


async def test_a_doubted_domain_is_looked_up_again(ledger: Ledger, clock: HandClock) -> None:
    """However young it is."""
    known = KnownDomain(A, customer(1))
    await ledger.keep_domains(ORIGIN, PARTNER, [known])
    await ledger.doubt_domain(ORIGIN, PARTNER, known)
    service = CustomerList([listed(customer(2), A)])
    assert {A: customer(2)} == (await asked(service, ledger, clock, A)).found


@pytest.mark.parametrize("failure", [BROKEN, NotSent("no route")])
async def test_a_list_that_cannot_be_read_fails_its_rows_alone(
    failure: Exception, ledger: Ledger, clock: HandClock
) -> None:
    """As any read whose retries ran out; what is remembered goes on."""
    await ledger.keep_domains(ORIGIN, PARTNER, [KnownDomain(A, customer(1))])
    service = CustomerList(whole_fails=failure, filter_fails=failure)
    looked_up = await asked(service, ledger, clock, A, B)
    answer = looked_up.found[B]
    assert (customer(1), None) == (looked_up.found[A], looked_up.halted)
    assert (Outcome.FAILED, "lookup-failed") == code(answer)
    assert isinstance(answer, Verdict)
    assert str(failure) in str(answer.error_message)
    assert ("the-correlation" in str(answer.error_message)) is (failure is BROKEN)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        pytest.param(SignInNeeded("the token is over"), "sign-in", id="sign-in"),
        pytest.param(AccessDenied("no agreement"), "stopped", id="refused as a whole"),
    ],
)
async def test_what_ends_the_run_ends_the_look_up(
    reason: SignInNeeded | AccessDenied, expected: str, ledger: Ledger, clock: HandClock
) -> None:
    """Rows by domain, and all others, were not attempted, and the run says why."""
    looked_up = await asked(CustomerList(filter_fails=reason), ledger, clock, A)
    assert (reason, expected) == (looked_up.halted, looked_up.obstacle.code)
    assert (Outcome.NOT_ATTEMPTED, expected) == code(looked_up.found[A])


async def test_an_interruption_ends_the_look_up(ledger: Ledger, clock: HandClock) -> None:
    """Its rows were not attempted; nothing more is asked."""
    stop = StopSwitch()
    stop.press()
    looked_up = await asked(CustomerList(), ledger, clock, A, stop=stop)
    assert (Outcome.NOT_ATTEMPTED, "interrupted") == code(looked_up.found[A])
    assert looked_up.halted is None


async def test_without_a_sign_in_the_memory_alone_answers(ledger: Ledger, clock: HandClock) -> None:
    """So that a row that was sent today still shows where it stands."""
    await ledger.keep_domains(ORIGIN, PARTNER, [KnownDomain(A, customer(1))])
    looked_up = nobody_looked([A, B], job(), ledger, clock.now(), SignInNeeded("no token"))
    assert [customer(1), (Outcome.NOT_ATTEMPTED, "sign-in")] == [
        code(one) for one in looked_up.found.values()
    ]


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        pytest.param([A], [A], id="one by one"),
        pytest.param(some(4), [None, None, *some(4)], id="one by one, as it turns out"),
        pytest.param(some(51), [None] * 5, id="more than fifty"),
    ],
)
async def test_domains_beside_an_id_are_looked_up_in_few_calls(
    claims: list[str], expected: list[str | None], ledger: Ledger, clock: HandClock
) -> None:
    """Whose they are, and whose not, is known for a day; then they are asked for again."""
    held = [listed(customer(100 + n), f"other{n}.example") for n in range(9)]
    service = CustomerList([*held, listed(customer(1), claims[0])])
    owned = {claim: owners(1) if claim == claims[0] else owners() for claim in claims}
    for times, later in ((1, 0), (1, DAY), (2, 1)):
        clock.pass_(later)
        looked_up = await asked(service, ledger, clock, claims=claims)
        assert LookedUp({}, owned) == looked_up
        assert sorted(map(str, times * expected)) == sorted(map(str, service.asked))


async def test_a_list_that_was_read_as_a_whole_serves_the_claims_too(
    ledger: Ledger, clock: HandClock
) -> None:
    """It is not read twice, and no filter is asked."""
    held = [listed(customer(n), domain) for n, domain in enumerate(some(51), start=1)]
    service = CustomerList(held, size=500)
    looked_up = await asked(service, ledger, clock, *some(51), claims=["d1.example", A])
    assert ({"d1.example": owners(1), A: owners()}, [None]) == (looked_up.claims, service.asked)


async def test_what_was_nobodys_is_forgotten_when_somebody_has_it(ledger: Ledger, clock: HandClock) -> None:
    """The latest word counts."""
    service = CustomerList([])
    await asked(service, ledger, clock, claims=[A])
    assert {A} == ledger.domains_of_nobody(ORIGIN, PARTNER)
    service.customers = [listed(customer(1), A)]
    assert {A: customer(1)} == (await asked(service, ledger, clock, A)).found
    assert set() == ledger.domains_of_nobody(ORIGIN, PARTNER)
    assert {A: owners(1)} == (await asked(service, ledger, clock, claims=[A])).claims


async def test_a_miss_beside_an_id_is_no_answer_for_a_row_without_one(
    ledger: Ledger, clock: HandClock
) -> None:
    """That one is asked for again: somebody may have corrected the customer since."""
    service = CustomerList([])
    await asked(service, ledger, clock, claims=[A])
    service.customers = [listed(customer(1), A)]
    assert {A: customer(1)} == (await asked(service, ledger, clock, A)).found


async def test_the_partners_own_domain_is_never_remembered_as_a_customers(
    ledger: Ledger, clock: HandClock
) -> None:
    """Also when it stood beside an ID first."""
    service = CustomerList([listed(PARTNER, A)])
    assert {A: frozenset({PARTNER})} == (await asked(service, ledger, clock, claims=[A])).claims
    assert (Outcome.INVALID, "partner-tenant") == code((await asked(service, ledger, clock, A)).found[A])


@pytest.mark.parametrize(
    "failure", [BROKEN, AccessDenied("no agreement"), SignInNeeded("the token is over")], ids=type
)
async def test_claims_that_cannot_be_looked_up_are_not_compared(
    failure: Exception, ledger: Ledger, clock: HandClock
) -> None:
    """A notice says so, and nothing ends: whatever ends the run ends it at a call that it needs. What was
    asked for the rows without an ID is kept."""
    await asked(CustomerList([]), ledger, clock, claims=["known.example"])
    service = CustomerList([listed(customer(2), B)], whole_fails=failure)
    first = await asked(service, ledger, clock, B)
    service.filter_fails = failure
    looked_up = await asked(service, ledger, clock, B, claims=["known.example", A])
    assert (first.found, {"known.example": owners()}) == (looked_up.found, looked_up.claims)
    assert looked_up.halted is None
    [notice] = looked_up.notices
    assert "domains-not-compared" == notice.code
    assert str(failure) in notice.sentence
    assert {"known.example"} == ledger.domains_of_nobody(ORIGIN, PARTNER)


async def test_a_list_that_fails_for_all_is_asked_for_once(ledger: Ledger, clock: HandClock) -> None:
    """Rows without an ID fail by it, and the claims are not asked for again in vain."""
    service = CustomerList(whole_fails=BROKEN, filter_fails=BROKEN)
    looked_up = await asked(service, ledger, clock, B, claims=[A])
    assert [B, None] == service.asked
    assert (Outcome.FAILED, ["domains-not-compared"]) == (
        code(looked_up.found[B])[0],
        [notice.code for notice in looked_up.notices],
    )


async def test_an_interruption_leaves_claims_without_a_word(ledger: Ledger, clock: HandClock) -> None:
    """The run says itself that it was interrupted."""
    stop = StopSwitch()
    stop.press()
    looked_up = await asked(CustomerList(), ledger, clock, claims=[A], stop=stop)
    assert LookedUp({}) == looked_up

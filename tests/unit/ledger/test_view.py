"""Reading the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from support.ledgers import (
    NOON,
    ORIGIN,
    PARTNER,
    a_ledger,
    customer,
    education,
    found,
    gcc,
    new_request,
    wish,
)

from batchqual.errors import LedgerError
from batchqual.ledger import KnownDomain, Ledger, NewRequest, Record, State, read_only
from batchqual.ledger.files import connect, prepare
from batchqual.ledger.schema import MIGRATIONS, migrate, version_of
from batchqual.model import Qualification, QualificationRequest


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with a_ledger(tmp_path / "l.sqlite3") as ledger:
        yield ledger


async def sent(ledger: Ledger, new: NewRequest) -> Record:
    [record] = await ledger.enrol([new])
    return await ledger.intend(record, "rid")


async def denied(ledger: Ledger, number: int, predecessor: int | None = None) -> Record:
    record = await sent(ledger, new_request(education(number), predecessor=predecessor))
    record = await ledger.answered(record, State.IN_REVIEW, http_status=201)
    return await ledger.looked(record, State.SETTLED, vetting_status="Denied")


async def test_the_latest_request_of_each_wish(ledger: Ledger) -> None:
    """Requests that were followed by another one are history, in their order."""
    first = await denied(ledger, 1)
    second = await denied(ledger, 1, first.id)
    other = await sent(ledger, new_request(gcc(1)))
    assert [second, other] == ledger.records(ORIGIN, PARTNER)
    assert [first, second] == ledger.history(ORIGIN, PARTNER, first.wish)
    assert second == ledger.find(ORIGIN, PARTNER, first.wish)
    assert [] == ledger.records(ORIGIN, "other")
    assert ledger.find(ORIGIN, PARTNER, wish(9)) is None


async def test_a_live_request_wins_over_a_later_end(ledger: Ledger) -> None:
    """A denial that was taken back is live again, though a later request was refused meanwhile."""
    first = await denied(ledger, 1)
    second = await sent(ledger, new_request(education(1), predecessor=first.id))
    second = await ledger.answered(second, State.REFUSED, http_status=400)
    first = await ledger.looked(first, State.IN_REVIEW, vetting_status="InReview")
    assert [second, first] == ledger.records(ORIGIN, PARTNER)
    assert first == ledger.find(ORIGIN, PARTNER, first.wish)


async def test_counts_and_states(ledger: Ledger) -> None:
    """Every state has its number, zeros included, and can be listed."""
    await denied(ledger, 1)
    unknown = await sent(ledger, new_request(education(2)))
    expected = dict.fromkeys(State, 0) | {State.SETTLED: 1, State.SENDING: 1}
    assert expected == ledger.counts(ORIGIN, PARTNER)
    assert [unknown] == ledger.by_state(ORIGIN, PARTNER, State.SENDING)
    assert [] == ledger.by_state(ORIGIN, PARTNER, State.QUEUED)


async def test_all_requests_of_a_customer(ledger: Ledger) -> None:
    """Whatever they are for and whoever the partner is, oldest first; nobody else's."""
    wanted = (new_request(education(1)), new_request(gcc(1)), new_request(education(1), partner="other"))
    first, second, third, _ = await ledger.enrol([*wanted, new_request(education(2))])
    assert [first, second, third] == ledger.of_customer(customer(1))
    assert [] == ledger.of_customer(customer(9))


async def test_a_request_is_found_by_any_id_it_ever_bore(ledger: Ledger) -> None:
    """By the request ID or the correlation ID that a mail of the service's support names, of any send."""
    one, other = await ledger.enrol([new_request(education(1)), new_request(education(2))])
    one = await ledger.withdraw(await ledger.intend(one, "rid-1"), "throttled")
    one = await ledger.intend(one, "rid-2")
    one = await ledger.answered(one, State.IN_REVIEW, http_status=201, correlation_id="cid-2")
    await ledger.intend(other, "rid-3")
    assert [[one]] * 3 == [ledger.of_exchange(identifier) for identifier in ("rid-1", "rid-2", "cid-2")]
    assert [] == ledger.of_exchange("rid-9")


async def test_who_was_served(ledger: Ledger) -> None:
    """Partners and origins come from requests and from gates."""
    assert set() == ledger.origins()
    await sent(ledger, new_request(education(1)))
    await ledger.keep_closed_until("http://127.0.0.1:8080", "sim", NOON)
    assert [("http://127.0.0.1:8080", "sim"), (ORIGIN, PARTNER)] == ledger.partners()
    assert {"http://127.0.0.1:8080", ORIGIN} == ledger.origins()


class TestAttempts:
    """Rule 9 of the contract: Education requests that may have reached vetting."""

    async def test_rule_9_a_request_counts_once_however_often_it_was_sent(self, ledger: Ledger) -> None:
        """The same id again is the same request."""
        record = await sent(ledger, new_request(education(1)))
        await ledger.resend(record, "rid")
        assert 1 == ledger.education_attempts(ORIGIN, PARTNER, customer(1))

    async def test_rule_9_what_was_throttled_or_refused_does_not_count(self, ledger: Ledger) -> None:
        """Nor what was never sent."""
        record = await sent(ledger, new_request(education(1)))
        await ledger.withdraw(record, "throttled")
        record = await sent(ledger, new_request(education(2)))
        await ledger.answered(record, State.REFUSED, http_status=400)
        assert {} == ledger.all_education_attempts(ORIGIN, PARTNER)

    async def test_rule_9_requests_of_all_runs_count_together(self, ledger: Ledger) -> None:
        """Two denials and one in review are three."""
        first = await denied(ledger, 1)
        second = await denied(ledger, 1, first.id)
        await sent(ledger, new_request(education(1), predecessor=second.id))
        await denied(ledger, 2)
        assert {customer(1): 3, customer(2): 1} == ledger.all_education_attempts(ORIGIN, PARTNER)
        assert {} == ledger.all_education_attempts(ORIGIN, "other")

    async def test_rule_9_other_qualifications_do_not_count(self, ledger: Ledger) -> None:
        """Only Education is limited."""
        await sent(ledger, new_request(gcc(1)))
        assert 0 == ledger.education_attempts(ORIGIN, PARTNER, customer(1))

    @pytest.mark.parametrize(
        ("state", "status", "attempts"),
        [
            pytest.param(State.SETTLED, "Denied", 1, id="denied"),
            pytest.param(State.SETTLED, "denied", 1, id="denied, small"),
            pytest.param(State.SETTLED, "Approved", 0, id="approved"),
            pytest.param(State.IN_REVIEW, "InReview", 0, id="in review"),
            pytest.param(State.SETTLED, None, 0, id="no status"),
        ],
    )
    async def test_rule_9_a_denial_that_was_found_counts(
        self, ledger: Ledger, state: State, status: str | None, attempts: int
    ) -> None:
        """Somebody has used an attempt, though it was not us."""
        await found(ledger, new_request(education(1)), state, vetting_status=status)
        assert attempts == ledger.education_attempts(ORIGIN, PARTNER, customer(1))


async def test_a_look_into_a_ledger_in_use(ledger: Ledger) -> None:
    """Status needs no lock, and sees each commit as it comes."""
    with read_only(ledger.path) as view:
        assert [] == view.records(ORIGIN, PARTNER)
        record = await sent(ledger, new_request(education(1)))
        assert [record] == view.records(ORIGIN, PARTNER)
        assert wish(1, Qualification.EDUCATION) == record.wish


async def test_customers_are_known_by_their_domains(ledger: Ledger) -> None:
    """Each of one origin and partner, as the list told it last."""
    await ledger.keep_domains(
        ORIGIN,
        PARTNER,
        [KnownDomain("a.example", customer(1)), KnownDomain("b.example", customer(2), "\ud800")],
    )
    await ledger.keep_domains(ORIGIN, PARTNER, [KnownDomain("a.example", customer(3), "Contoso")])
    expected = [KnownDomain("a.example", customer(3), "Contoso"), KnownDomain("b.example", customer(2), "?")]
    assert expected == list(ledger.known_domains(ORIGIN, PARTNER, NOON).values())
    assert {} == ledger.known_domains(ORIGIN, PARTNER, NOON + timedelta(seconds=1))
    assert {} == ledger.known_domains(ORIGIN, "another") == ledger.known_domains("another", PARTNER)
    assert [(ORIGIN, PARTNER)] == ledger.partners()


async def test_a_doubted_domain_is_known_and_not_gone_by(ledger: Ledger) -> None:
    """Only as long as nothing newer is told; a doubt about another customer is none."""
    known, other = KnownDomain("a.example", customer(1)), KnownDomain("a.example", customer(2))
    await ledger.keep_domains(ORIGIN, PARTNER, [known])
    await ledger.doubt_domain(ORIGIN, PARTNER, other)
    assert {"a.example": known} == ledger.known_domains(ORIGIN, PARTNER, NOON)
    await ledger.doubt_domain(ORIGIN, PARTNER, known)
    assert {} == ledger.known_domains(ORIGIN, PARTNER, NOON)
    assert {"a.example": known} == ledger.known_domains(ORIGIN, PARTNER)
    await ledger.keep_domains(ORIGIN, PARTNER, [other])
    assert {"a.example": other} == ledger.known_domains(ORIGIN, PARTNER, NOON)


async def test_a_request_without_a_customer_is_refused(ledger: Ledger) -> None:
    """By the database itself, whoever asks; and a domain of nobody is not kept."""
    nobody = QualificationRequest("", Qualification.SOE, domain="a.example")
    with pytest.raises(LedgerError, match="a request needs its customer"):
        await ledger.enrol([new_request(nobody)])
    with pytest.raises(LedgerError, match="CHECK constraint failed"):
        await ledger.keep_domains(
            ORIGIN, PARTNER, [KnownDomain("b.example", customer(1)), KnownDomain("a.example", "")]
        )
    assert ([], {}) == (ledger.records(ORIGIN, PARTNER), ledger.known_domains(ORIGIN, PARTNER))


async def test_a_ledger_of_the_first_version_knows_no_domains_and_learns_them(tmp_path: Path) -> None:
    """Looked into, it stays as it is; opened for a run it is brought up to date, and keeps what it held."""
    path = tmp_path / "old.sqlite3"
    prepare(path)
    with closing(connect(path, write=True)) as old:
        migrate(old, NOON, MIGRATIONS[:1])
        old.execute("INSERT INTO gate VALUES (?, ?, ?)", (ORIGIN, PARTNER, NOON.isoformat()))
    with read_only(path) as view:
        assert ({}, [(ORIGIN, PARTNER)]) == (view.known_domains(ORIGIN, PARTNER), view.partners())
    with closing(connect(path, write=False)) as old:
        assert 1 == version_of(old)
    known = KnownDomain("a.example", customer(1))
    with a_ledger(path) as ledger:
        await ledger.keep_domains(ORIGIN, PARTNER, [known])
    with read_only(path) as view:
        assert {"a.example": known} == view.known_domains(ORIGIN, PARTNER, NOON)
        assert NOON == view.closed_until(ORIGIN, PARTNER)

"""What a run would do at most, and the items it is made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.ledgers import NOON, ORIGIN, PARTNER, a_ledger, customer, education, gcc, new_request
from support.runs import an_intake

from batchqual.ledger import Ledger, Record, State
from batchqual.model import (
    EducationSegment,
    InputRow,
    Intake,
    Outcome,
    Problem,
    Qualification,
    QualificationRequest,
)
from batchqual.pipeline import Plan, live_rows, plan_of
from batchqual.pipeline.assign import assign
from batchqual.settings import load_settings

_REVIEW, _SETTLED, _REFUSED = State.IN_REVIEW, State.SETTLED, State.REFUSED


async def records_in_every_state(ledger: Ledger) -> list[Record]:
    """Education of customers 1 to 6: queued, sending, in review, approved, denied, refused."""
    records = await ledger.enrol([new_request(education(number)) for number in range(1, 7)])
    sent = [await ledger.intend(record, f"id-{record.id}") for record in records[1:]]
    states = [await ledger.answered(record, _REVIEW) for record in sent[1:4]]
    await ledger.looked(states[1], _SETTLED, vetting_status="Approved")
    await ledger.looked(states[2], _SETTLED, vetting_status="Denied")
    await ledger.answered(sent[4], _REFUSED, http_status=400)
    return ledger.records(ORIGIN, PARTNER)


def plan(intake: Intake, records: list[Record], **flags: object) -> Plan:
    return plan_of(intake, records, {}, load_settings(flags, environ={}), now=NOON)


async def test_the_plan_counts_what_may_be_sent(tmp_path: Path) -> None:
    """Queued, refused and new rows are sendable; what is live, settled or unknown is not."""
    with a_ledger(tmp_path / "ledger.sqlite3") as ledger:
        records = await records_in_every_state(ledger)
    intake = an_intake(*map(education, range(1, 8)), gcc(8))
    found = plan(intake, records)
    assert {Qualification.EDUCATION: 3, Qualification.GCC: 1} == dict(found.sendable)
    assert (1, 1, 2, 0) == (found.in_review, found.unknown, found.settled, found.conflicts)
    assert (8, 4) == (found.rows, found.total)
    # seven looks (what was granted needs none), two more requests for each submission, and the list of codes
    assert 7 + 2 * 4 + 1 == found.requests
    assert found.requests / 5 == found.seconds
    assert found.writes


async def test_denied_rows_count_when_they_are_offered_again(tmp_path: Path) -> None:
    """--resubmit-denied makes them sendable."""
    with a_ledger(tmp_path / "ledger.sqlite3") as ledger:
        records = await records_in_every_state(ledger)
    assert 0 == plan(an_intake(education(5)), records).total
    assert 1 == plan(an_intake(education(5)), records, resubmit_denied=True).total


async def test_changed_content_is_a_conflict_in_the_plan(tmp_path: Path) -> None:
    """Another segment than what is in review, and than what was approved."""
    with a_ledger(tmp_path / "ledger.sqlite3") as ledger:
        records = await records_in_every_state(ledger)
    changed = [education(number, EducationSegment.HIGHER_EDUCATION) for number in (3, 4, 5)]
    assert 2 == plan(an_intake(*changed), records).conflicts


def test_first_caps_the_plan() -> None:
    """At most N submissions are announced."""
    assert 2 == plan(an_intake(*map(education, range(1, 8))), [], first=2).total


def test_nothing_to_send_writes_nothing() -> None:
    """Rows that the input alone decides need no question; no rate means no seconds."""
    rows = (InputRow(0, "customers.csv", 2, (), preset=Outcome.INVALID),)
    found = plan(Intake((), (), rows), [], rate="none")
    assert not found.writes
    assert {Outcome.INVALID: 1} == dict(found.presets)
    assert 0.0 == found.seconds


async def test_a_changed_code_is_named_by_its_last_characters(tmp_path: Path) -> None:
    """The conflict says which code was submitted, masked."""
    with a_ledger(tmp_path / "ledger.sqlite3") as ledger:
        [record] = await ledger.enrol([new_request(gcc(1))])
        sent = await ledger.intend(record, "id")
        await ledger.answered(sent, _REVIEW)
        records = {one.wish: one for one in ledger.records(ORIGIN, PARTNER)}
    intake = an_intake(gcc(1, "0099999"))
    assignment = assign(intake, records, now=NOON, resubmit_denied=False, recheck=timedelta(days=30))
    obstacle = assignment.today[0].obstacle
    assert obstacle is not None
    assert "•••••45" in obstacle.message
    assert "0012345" not in obstacle.message
    assert [record.wish] == [item.wish for item in assignment.earlier]


async def test_resume_reads_its_rows_from_the_ledger(tmp_path: Path) -> None:
    """Rows in review and of unknown fate, with the user's own cells under the union of their headings."""
    with a_ledger(tmp_path / "ledger.sqlite3") as ledger:
        one, two = await ledger.enrol(
            [
                new_request(education(1), columns=("Name", "Owner"), values=("Contoso", "Kim")),
                new_request(education(2), columns=("Owner", "Seats"), values=("Lee", 40)),
            ]
        )
        await ledger.intend(one, "id-1")
        await ledger.answered(await ledger.intend(two, "id-2"), _REVIEW)
        intake = live_rows(ledger, ORIGIN, PARTNER)
    assert ("Name", "Owner", "Seats") == intake.columns
    assert [("Contoso", "Kim", None), (None, "Lee", 40)] == [row.values for row in intake.rows]
    assert [customer(1), customer(2)] == [row.customer_id for row in intake.rows]


@pytest.mark.parametrize("strict", [True, False])
def test_warnings_do_not_change_the_plan(strict: bool) -> None:
    """--strict blocks the run, not the arithmetic."""
    intake = an_intake(education(1))
    warned = Intake((), intake.columns, intake.rows, (Problem("odd", "Odd.", "customers.csv"),))
    assert 1 == plan(warned, [], strict=strict).total


def by_domain(domain: str, qualification: Qualification = Qualification.EDUCATION) -> QualificationRequest:
    """A row whose customer is to be looked up."""
    return QualificationRequest("", qualification, EducationSegment.K12, domain=domain)


async def test_rows_by_domain_count_as_rows_that_may_be_sent(tmp_path: Path) -> None:
    """Each may be one more submission; each domain costs a look-up besides."""
    with a_ledger(tmp_path / "ledger.sqlite3") as ledger:
        records = await records_in_every_state(ledger)
    rows = (by_domain("a.example"), by_domain("a.example", Qualification.SOE), education(3))
    found = plan(an_intake(*rows), records)
    assert (2, 1) == (found.total, found.lookups)
    # a look-up and a check of the domain, three customers to look at, one of them of an earlier sheet, and
    # two requests for each submission
    assert 2 + 3 + 2 * 2 == found.requests
    beside_its_id = replace(education(8), claim="b.example")
    assert 1 == plan(an_intake(beside_its_id), []).requests - plan(an_intake(education(8)), []).requests


@pytest.mark.parametrize(
    ("first", "most"),
    [
        pytest.param(None, 3, id="each row once"),
        pytest.param(1, 1, id="--first, which an unknown fate counts for as well"),
        pytest.param(0, 0, id="--first 0 sends nothing again either"),
    ],
)
async def test_a_row_by_domain_may_turn_out_to_be_an_unknown_fate(
    first: int | None, most: int, tmp_path: Path
) -> None:
    """Somebody's yes covers it, whichever customer it turns out to be."""
    with a_ledger(tmp_path / "ledger.sqlite3") as ledger:
        records = await records_in_every_state(ledger)
    intake = an_intake(by_domain("two.example"), education(8), education(9))
    flags = {} if first is None else {"first": first}
    assert most == plan(intake, records, **flags).most
    looked_up = an_intake(education(2), education(8), education(9))
    assert plan(looked_up, records, **flags).most <= most

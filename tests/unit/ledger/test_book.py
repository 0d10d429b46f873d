"""The ledger of a run: requests and their moves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.ledgers import (
    NOON,
    ORIGIN,
    PARTNER,
    HandClock,
    InlineWriter,
    a_ledger,
    customer,
    education,
    gcc,
    new_request,
    wish,
)

from batchqual.errors import IllegalMove, LedgerError, LedgerInUse
from batchqual.ledger import Ledger, NewRun, Record, State, read_only
from batchqual.model import EducationSegment, Qualification, QualificationRequest


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def ledger(tmp_path: Path, clock: HandClock) -> Iterator[Ledger]:
    with a_ledger(tmp_path / "l.sqlite3", clock) as ledger:
        yield ledger


async def queued(ledger: Ledger, number: int = 1) -> Record:
    [record] = await ledger.enrol([new_request(education(number))])
    return record


async def in_review(ledger: Ledger, number: int = 1) -> Record:
    record = await ledger.intend(await queued(ledger, number), "rid-1")
    return await ledger.answered(record, State.IN_REVIEW, http_status=201, correlation_id="cid")


async def test_a_wish_is_enrolled_with_its_row(ledger: Ledger) -> None:
    """All that the input said is remembered, and read back as it was."""
    [record] = await ledger.enrol([new_request(gcc(1), values=("Contoso", 1.5))])
    assert (State.QUEUED, 0, False, NOON) == (record.state, record.sends, record.adopted, record.enrolled_at)
    assert gcc(1) == record.request
    assert (("Customer", "Tenant"), ("Contoso", 1.5)) == record.input
    assert record.live
    assert record == ledger.find(ORIGIN, PARTNER, record.wish)


async def test_all_of_a_row_is_enrolled(ledger: Ledger) -> None:
    """Its website, where it stands, and which request it follows."""
    refused = await ledger.answered(await ledger.intend(await queued(ledger), "rid-1"), State.REFUSED)
    wanted = QualificationRequest(
        customer(1), Qualification.EDUCATION, EducationSegment.K12, website="www.contoso.example"
    )
    [record] = await ledger.enrol([new_request(wanted, predecessor=refused.id)])
    assert wanted == record.request
    assert ("customers.csv", 2, refused.id) == (record.source, record.row, record.predecessor)
    assert record == ledger.find(ORIGIN, PARTNER, record.wish)


async def test_ids_follow_the_order_of_the_input(ledger: Ledger) -> None:
    """Many wishes are enrolled at once, and numbered as they came, the next ones after them."""
    first = await ledger.enrol([new_request(education(number)) for number in range(3)])
    second = await ledger.enrol([new_request(gcc(1)), new_request(gcc(2))])
    assert [1, 2, 3, 4, 5] == [record.id for record in first + second]
    assert [] == await ledger.enrol([])


async def test_a_second_live_request_cannot_be_stored(ledger: Ledger) -> None:
    """One wish has one live request; an enrolment that breaks this is refused whole."""
    await queued(ledger, 1)
    with pytest.raises(IllegalMove, match="UNIQUE"):
        await ledger.enrol([new_request(education(2)), new_request(education(1))])
    assert ledger.find(ORIGIN, PARTNER, wish(2)) is None


async def test_another_partner_or_origin_is_another_wish(ledger: Ledger) -> None:
    """Identity is origin, partner, customer and qualification, together."""
    request = education(1)
    requests = [
        new_request(request),
        new_request(request, partner="other"),
        new_request(request, origin="https://elsewhere.example"),
        new_request(gcc(1)),
    ]
    assert 4 == len(await ledger.enrol(requests))


async def test_the_intent_has_its_id_and_time(ledger: Ledger, clock: HandClock) -> None:
    """Before the bytes may leave, another reader sees that they may be on their way."""
    later = clock.pass_(5)
    record = await ledger.intend(await queued(ledger), "rid-1")
    expected = (State.SENDING, 1, "rid-1", later)
    assert expected == (record.state, record.sends, record.request_id, record.submitted_at)
    with read_only(ledger.path) as view:
        assert [record] == view.by_state(ORIGIN, PARTNER, State.SENDING)


async def test_a_request_is_sent_three_times_at_most(ledger: Ledger, clock: HandClock) -> None:
    """The fourth send is a defect, and the first one's time stays."""
    record = await ledger.intend(await queued(ledger), "rid-1")
    clock.pass_(60)
    record = await ledger.resend(record, "rid-1")
    record = await ledger.resend(record, "rid-1")
    assert (3, NOON) == (record.sends, record.submitted_at)
    with pytest.raises(IllegalMove, match="cannot be sent again"):
        ledger.resend(record, "rid-1")
    with pytest.raises(IllegalMove, match="CHECK"):
        await ledger.move(record, State.SENDING, event="resent", sends=4)


async def test_what_did_not_arrive_is_queued_again(ledger: Ledger) -> None:
    """A throttled first send used up nothing; its id stays, for no answer has closed it."""
    record = await ledger.intend(await queued(ledger), "rid-1")
    record = await ledger.withdraw(record, "throttled")
    expected = (State.QUEUED, 0, "rid-1", None)
    assert expected == (record.state, record.sends, record.request_id, record.submitted_at)
    assert [None, None, "throttled"] == [line.note for line in ledger.events(record)]


async def test_a_clear_answer_closes_its_id(ledger: Ledger) -> None:
    """Refused as a whole, the wish is queued again; another content closes the id as well."""
    refused = await ledger.intend(await queued(ledger), "rid-1")
    assert (await ledger.withdraw(refused, "agreement", answered=True)).request_id is None
    [other] = await ledger.enrol([new_request(education(2))])
    other = await ledger.withdraw(await ledger.intend(other, "rid-2"), "throttled")
    other = await ledger.replace_content(other, new_request(education(2, EducationSegment.HIGHER_EDUCATION)))
    assert other.request_id is None
    assert other == ledger.find(ORIGIN, PARTNER, other.wish)


async def test_what_is_given_up_makes_room_for_the_next(ledger: Ledger) -> None:
    """In one commit; it stays an attempt, names what follows it, and moves no more."""
    lost = await ledger.intend(await queued(ledger), "rid-1")
    new = await ledger.abandon(lost, new_request(education(1), predecessor=lost.id), "nothing shows")
    [given_up, following] = ledger.history(ORIGIN, PARTNER, lost.wish)
    assert (State.ABANDONED, 1, "rid-1", False) == (
        given_up.state,
        given_up.sends,
        given_up.request_id,
        given_up.live,
    )
    assert new == following == ledger.find(ORIGIN, PARTNER, lost.wish)
    assert (State.QUEUED, lost.id, None) == (new.state, new.predecessor, new.request_id)
    assert ("abandoned", "nothing shows") == [(one.event, one.note) for one in ledger.events(given_up)][-1]
    assert 1 == ledger.education_attempts(ORIGIN, PARTNER, lost.customer_id)
    await ledger.intend(new, "rid-2")
    assert 2 == ledger.education_attempts(ORIGIN, PARTNER, lost.customer_id)
    assert () == ledger.audit().findings


async def test_only_what_may_have_arrived_is_given_up(ledger: Ledger) -> None:
    """A wish that never left has nothing to give up; and what cannot be followed is not given up either."""
    record = await queued(ledger)
    with pytest.raises(IllegalMove):
        ledger.abandon(record, new_request(education(1)), "why")
    lost = await ledger.intend(record, "rid-1")
    with pytest.raises(IllegalMove, match="FOREIGN KEY"):
        await ledger.abandon(lost, new_request(gcc(1), predecessor=99), "why")
    assert lost == ledger.find(ORIGIN, PARTNER, lost.wish)


async def test_an_earlier_send_of_unknown_fate_is_not_forgotten(ledger: Ledger) -> None:
    """When the second send did not arrive, the first still may have."""
    record = await ledger.intend(await queued(ledger), "rid-1")
    record = await ledger.resend(record, "rid-1")
    record = await ledger.withdraw(record, "no connection")
    expected = (State.SENDING, 1, "rid-1", NOON)
    assert expected == (record.state, record.sends, record.request_id, record.submitted_at)


async def test_what_is_not_on_its_way_cannot_come_back(ledger: Ledger) -> None:
    """Neither withdrawn nor sent again."""
    record = await queued(ledger)
    with pytest.raises(IllegalMove, match="not on its way"):
        ledger.withdraw(record, "why")
    with pytest.raises(IllegalMove, match="cannot be sent again"):
        ledger.resend(record, "rid-1")


async def test_an_answer_and_looks_are_stamped(ledger: Ledger, clock: HandClock) -> None:
    """From acceptance to the end of vetting: each step has its time and its facts."""
    record = await in_review(ledger)
    assert (NOON, 201, "cid", 0) == (
        record.answered_at,
        record.http_status,
        record.correlation_id,
        record.polls,
    )
    clock.pass_(30)
    record = await ledger.looked(record, State.IN_REVIEW, vetting_status="InReview")
    assert (1, None) == (record.polls, record.settled_at)
    end = clock.pass_(30)
    record = await ledger.looked(
        record, State.SETTLED, vetting_status="Approved", vetting_created_raw="1/2/26"
    )
    assert (2, end, end) == (record.polls, record.last_look_at, record.settled_at)
    assert ("Approved", "1/2/26", False) == (record.vetting_status, record.vetting_created_raw, record.live)
    assert record == ledger.find(ORIGIN, PARTNER, record.wish)


async def test_a_settled_request_keeps_its_time_until_it_reverts(ledger: Ledger, clock: HandClock) -> None:
    """Another look does not move the end of vetting; a new review clears it; reverting sets it anew."""
    record = await ledger.looked(await in_review(ledger), State.SETTLED, vetting_status="Denied")
    clock.pass_(60)
    record = await ledger.looked(record, State.SETTLED)
    assert record.settled_at == NOON
    record = await ledger.looked(record, State.IN_REVIEW, vetting_status="InReview")
    assert record.settled_at is None
    record = await ledger.looked(record, State.SETTLED, vetting_status="Approved", settled_at=NOON)
    assert record.settled_at == NOON
    later = clock.pass_(60)
    record = await ledger.move(record, State.REVERTED, event="reverted", vetting_status="(absent)")
    assert later == record.settled_at


async def test_an_illegal_move_is_refused_at_once(ledger: Ledger) -> None:
    """The table speaks before anything is written."""
    record = await queued(ledger)
    with pytest.raises(IllegalMove, match="from queued to reverted"):
        ledger.move(record, State.REVERTED, event="x")


async def test_nothing_is_sending_without_an_id(ledger: Ledger) -> None:
    """The database itself refuses an intent that could not be looked up later."""
    with pytest.raises(IllegalMove, match="CHECK"):
        await ledger.move(await queued(ledger), State.SENDING, event="x", sends=1)


async def test_an_outdated_copy_changes_nothing(ledger: Ledger) -> None:
    """Two who move the same copy: the second is refused."""
    record = await queued(ledger)
    first, second = await asyncio.gather(
        ledger.intend(record, "a"), ledger.intend(record, "b"), return_exceptions=True
    )
    assert isinstance(first, Record)
    assert isinstance(second, IllegalMove)
    assert "outdated-record" == second.code
    assert first == ledger.find(ORIGIN, PARTNER, record.wish)


async def test_content_changes_before_the_first_send_only(ledger: Ledger) -> None:
    """A corrected segment replaces the old one while nothing has left, and not for another wish."""
    record = await queued(ledger)
    corrected = new_request(education(1, EducationSegment.HIGHER_EDUCATION), values=("new", "row"))
    record = await ledger.replace_content(record, corrected)
    assert (corrected.request, ("new", "row")) == (record.request, record.input[1])
    assert record == ledger.find(ORIGIN, PARTNER, record.wish)
    with pytest.raises(IllegalMove, match="keeps its content"):
        ledger.replace_content(record, new_request(education(2)))
    record = await ledger.intend(record, "rid-1")
    with pytest.raises(IllegalMove, match="keeps its content"):
        ledger.replace_content(record, corrected)


async def test_every_change_writes_one_line(ledger: Ledger, clock: HandClock) -> None:
    """The biography tells what happened, when, from where to where, and in which run."""
    record = await queued(ledger)
    await ledger.start_run(NewRun("run-7", "run", [], [], {}, []))
    record = await ledger.intend(record, "rid-1")
    clock.pass_(1)
    record = await ledger.answered(
        record, State.REFUSED, http_status=400, error_code="2000", error_message="no", correlation_id="cid"
    )
    told = [(one.event, one.before, one.after, one.run_id) for one in ledger.events(record)]
    assert [
        ("enrolled", None, State.QUEUED, None),
        ("intended", State.QUEUED, State.SENDING, "run-7"),
        ("answered", State.SENDING, State.REFUSED, "run-7"),
    ] == told
    last = ledger.events(record)[-1]
    assert (NOON + timedelta(seconds=1), "rid-1", "cid", 400, "2000") == (
        last.at,
        last.request_id,
        last.correlation_id,
        last.http_status,
        last.error_code,
    )


async def test_a_refused_move_writes_no_line(ledger: Ledger) -> None:
    """The move and its line are stored together or not at all."""
    record = await queued(ledger)
    await ledger.intend(record, "a")
    with pytest.raises(IllegalMove):
        await ledger.intend(record, "b")
    assert ["enrolled", "intended"] == [line.event for line in ledger.events(record)]


async def test_lone_surrogates_are_survived(ledger: Ledger) -> None:
    """A body may spell half a character, and a file name may hold one: neither stops the run."""
    request = replace(new_request(education(1), values=("\udcff",)), source="b\udcffd.csv")
    [record] = await ledger.enrol([request])
    await ledger.move(record, State.REFUSED, event="x", error_message="caf\u00e9 \ud83d", note="\ud83d")
    found = ledger.find(ORIGIN, PARTNER, record.wish)
    assert found is not None
    assert ("café ?", "b?d.csv", ("\udcff",)) == (found.error_message, found.source, found.input[1])


async def test_a_cancelled_caller_leaves_a_record(ledger: Ledger) -> None:
    """Whoever is cancelled while the answer is being written: it is written."""
    record = await ledger.intend(await queued(ledger), "rid-1")

    async def remember() -> None:
        await ledger.answered(record, State.IN_REVIEW, http_status=201)

    with ledger.hold():
        task = asyncio.create_task(remember())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await queued(ledger, 2)
    found = ledger.find(ORIGIN, PARTNER, record.wish)
    assert found is not None
    assert State.IN_REVIEW is found.state


async def test_nothing_is_committed_while_held(ledger: Ledger) -> None:
    """As long as the writer is held, no reader sees the intent, and nobody may send."""
    record = await queued(ledger)
    with ledger.hold():
        intent = asyncio.ensure_future(ledger.intend(record, "rid-1"))
        await asyncio.sleep(0)
        assert not intent.done()
        assert [] == ledger.by_state(ORIGIN, PARTNER, State.SENDING)
    assert [await intent] == ledger.by_state(ORIGIN, PARTNER, State.SENDING)


async def test_the_gate_stays_closed_over_a_restart(tmp_path: Path) -> None:
    """The longest pause counts, for its partner alone, also for the next run."""
    path = tmp_path / "l.sqlite3"
    with a_ledger(path) as ledger:
        assert ledger.closed_until(ORIGIN, PARTNER) is None
        await ledger.keep_closed_until(ORIGIN, PARTNER, NOON + timedelta(seconds=30))
        await ledger.keep_closed_until(ORIGIN, PARTNER, NOON + timedelta(seconds=5))
    with a_ledger(path) as ledger:
        assert NOON + timedelta(seconds=30) == ledger.closed_until(ORIGIN, PARTNER)
        assert ledger.closed_until(ORIGIN, "other") is None


async def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    """What was acknowledged is read by the next run, and its moves go on from there."""
    path = tmp_path / "l.sqlite3"
    with a_ledger(path) as ledger:
        record = await in_review(ledger)
    with a_ledger(path) as ledger:
        assert [record] == ledger.records(ORIGIN, PARTNER)
        await ledger.looked(record, State.SETTLED, vetting_status="Approved")
        ledger.integrity_check()


def test_one_run_at_a_time(tmp_path: Path, clock: HandClock) -> None:
    """The second run of the same ledger is refused, also under another spelling of its path."""
    (tmp_path / "sub").mkdir()
    with (
        a_ledger(tmp_path / "l.sqlite3"),
        pytest.raises(LedgerInUse, match="batchqual run"),
        Ledger.open(tmp_path / "sub" / ".." / "l.sqlite3", clock=clock, command="resume"),
    ):
        pass


async def test_moves_of_one_batch_are_written_in_their_order(ledger: Ledger) -> None:
    """Of one request, and of several, in one commit: the biography tells each."""
    one, other = await ledger.enrol([new_request(education(1)), new_request(education(2))])
    with ledger.hold():
        first = ledger.intend(one, "r-1")
        second = ledger.intend(other, "r-2")
        third = ledger.answered(first.record, State.IN_REVIEW, http_status=200)
        waiting = asyncio.gather(first, second, third)
        await asyncio.sleep(0)
    await waiting
    assert ["enrolled", "intended", "answered"] == [line.event for line in ledger.events(one)]
    assert ["enrolled", "intended"] == [line.event for line in ledger.events(other)]
    assert [third.record, second.record] == ledger.records(ORIGIN, PARTNER)


async def test_one_outdated_move_fails_alone_in_its_batch(ledger: Ledger) -> None:
    """The others of the same commit are written."""
    one, other = await ledger.enrol([new_request(education(1)), new_request(education(2))])
    await ledger.intend(one, "r-1")
    with ledger.hold():
        moves = (ledger.intend(one, "r-3"), ledger.intend(other, "r-2"))
        waiting = asyncio.gather(*moves, return_exceptions=True)
        await asyncio.sleep(0)
    outdated, written = await waiting
    assert isinstance(outdated, IllegalMove)
    assert "outdated-record" == outdated.code
    assert isinstance(written, Record)
    assert ["r-1", "r-2"] == sorted(one.request_id or "" for one in ledger.records(ORIGIN, PARTNER))


async def test_a_closed_ledger_takes_nothing(tmp_path: Path) -> None:
    """A write after the end of the run is an error, not a silence."""
    with a_ledger(tmp_path / "l.sqlite3") as ledger:
        pass
    with pytest.raises(LedgerError, match="closed"):
        ledger.enrol([new_request(education(1))])


async def test_a_writer_may_be_brought(tmp_path: Path, clock: HandClock) -> None:
    """Tests under a virtual clock write on their own thread, with the same rules."""
    path = tmp_path / "l.sqlite3"
    with Ledger.open(path, clock=clock, command="run", make_writer=InlineWriter) as ledger, ledger.hold():
        record = await in_review(ledger)
        with pytest.raises(IllegalMove):
            await ledger.looked(replace(record, revision=1), State.SETTLED)
        with pytest.raises(LedgerError, match="UNIQUE"):
            await queued(ledger)
        assert record == ledger.find(ORIGIN, PARTNER, record.wish)


async def test_a_move_that_nobody_waits_for_is_written_in_its_turn(tmp_path: Path) -> None:
    """The record is there at once, the next one builds on it, and both are on disk at the end."""
    path = tmp_path / "ledger.sqlite3"
    with a_ledger(path) as ledger:
        record = await queued(ledger)
        record = ledger.intend(record, "rid-1").record
        record = ledger.answered(record, State.IN_REVIEW).record
    with read_only(path) as view:
        assert [record] == view.records(ORIGIN, PARTNER)


async def test_a_move_that_nobody_waits_for_fails_the_next_one(tmp_path: Path) -> None:
    """An outdated copy is found out by whoever writes next."""
    with a_ledger(tmp_path / "ledger.sqlite3") as ledger:
        record = await queued(ledger)
        await ledger.intend(record, "rid-1")
        _ = ledger.intend(record, "rid-2").record
        await ledger.keep_closed_until(ORIGIN, PARTNER, NOON)
        await asyncio.sleep(0)
        with pytest.raises(IllegalMove):
            ledger.keep_closed_until(ORIGIN, PARTNER, NOON)

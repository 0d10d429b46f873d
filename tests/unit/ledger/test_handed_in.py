"""Moves that nobody waits for, and what opening a ledger guards against."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from support.ledgers import ORIGIN, PARTNER, HandClock, InlineWriter, a_ledger, education, new_request

from batchqual.errors import IllegalMove, LedgerError
from batchqual.ledger import Changes, Ledger, Record, State, read_only


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with a_ledger(tmp_path / "l.sqlite3") as ledger:
        yield ledger


async def queued(ledger: Ledger, number: int = 1) -> Record:
    [record] = await ledger.enrol([new_request(education(number))])
    return record


async def test_a_failure_is_not_forgotten_for_a_later_success(ledger: Ledger) -> None:
    """Two moves that nobody waits for, the first from an outdated copy: every later write says so."""
    one, other = await queued(ledger, 1), await queued(ledger, 2)
    await ledger.intend(one, "rid-1")
    _ = ledger.intend(one, "rid-2").record
    _ = ledger.intend(other, "rid-3").record
    await ledger.flush()
    for _ in range(2):
        with pytest.raises(IllegalMove, match="changed by somebody else"):
            ledger.intend(other, "rid-4")
        with pytest.raises(IllegalMove, match="changed by somebody else"):
            ledger.enrol([new_request(education(3))])


async def test_a_caller_that_is_gone_is_no_failure(ledger: Ledger) -> None:
    """Whoever waited for the move was cancelled: it is written, and nothing complains."""
    trouble: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: trouble.append(context))
    move = ledger.intend(await queued(ledger), "rid-1")
    after = move.record
    waiting = asyncio.ensure_future(_wait(move))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await ledger.flush()
    assert [] == trouble
    assert [after] == ledger.by_state(ORIGIN, PARTNER, State.SENDING)


async def _wait(move: Awaitable[Record]) -> None:
    await move


@pytest.mark.looptime
async def test_a_move_does_not_wait_for_company_for_ever(tmp_path: Path) -> None:
    """A moment later it is on disk, though nobody waits and nothing else is written."""
    path = tmp_path / "l.sqlite3"
    with Ledger.open(path, clock=HandClock(), command="run", make_writer=InlineWriter) as ledger:
        after = ledger.intend(await queued(ledger), "rid-1").record
        assert [] == ledger.by_state(ORIGIN, PARTNER, State.SENDING)
        await asyncio.sleep(1.0)
        assert [after] == ledger.by_state(ORIGIN, PARTNER, State.SENDING)


async def test_an_intent_is_one_send_without_an_answer(ledger: Ledger) -> None:
    """By these two numbers a resend knows whether it needs a new id."""
    record = await ledger.intend(await queued(ledger), "rid-1")
    assert (1, 0) == (record.sends, record.answered_sends)


KNOWN: Changes = {
    "correlation_id": "cid-1",
    "http_status": 409,
    "error_code": "3000",
    "error_message": "in progress",
    "answered_sends": 1,
}


async def sent(ledger: Ledger) -> Record:
    """Sent, and answered by something that said too little."""
    record = await ledger.intend(await queued(ledger), "rid-1")
    return await ledger.move(record, State.SENDING, event="answer lost", **KNOWN)


def changes(before: Record, after: Record) -> dict[str, object]:
    """What is another than before."""
    both = ((field.name, getattr(before, field.name), getattr(after, field.name)) for field in fields(Record))
    return {name: new for name, old, new in both if old != new}


def last_line(ledger: Ledger, record: Record) -> tuple[str, str | None]:
    """What the biography says of the last move, and why it was made."""
    line = ledger.events(record)[-1]
    return line.event, line.note


async def test_a_resend_has_facts_of_its_own(ledger: Ledger) -> None:
    """What the last send met does not stick to it; that it was answered does."""
    before = await sent(ledger)
    after = await ledger.resend(before, "rid-2")
    cleared = dict.fromkeys(["correlation_id", "http_status", "error_code", "error_message"])
    assert {"revision": 4, "sends": 2, "request_id": "rid-2"} | cleared == changes(before, after)
    assert ("resent", None) == last_line(ledger, after)


async def test_what_was_withdrawn_was_never_sent(ledger: Ledger) -> None:
    """Its only send did not arrive: nothing of it is left but the reason, and its request id."""
    before = await sent(ledger)
    after = await ledger.withdraw(before, "no route")
    cleared = dict.fromkeys(["correlation_id", "submitted_at"])
    gone = {"revision": 4, "state": State.QUEUED, "sends": 0, "answered_sends": 0}
    assert gone | cleared == changes(before, after)
    assert ("withdrawn", "no route") == last_line(ledger, after)


async def test_a_resend_that_was_withdrawn_leaves_the_first_send(ledger: Ledger) -> None:
    """Which may have arrived."""
    before = await ledger.resend(await sent(ledger), "rid-2")
    after = await ledger.withdraw(before, "no route")
    assert {"revision": 5, "sends": 1} == changes(before, after)
    assert ("withdrawn", "no route") == last_line(ledger, after)


async def test_answers_and_looks_are_told_by_their_names(ledger: Ledger) -> None:
    """In the biography, one line for each."""
    record = await ledger.answered(await sent(ledger), State.IN_REVIEW)
    assert ("answered", None) == last_line(ledger, record)
    record = await ledger.looked(record, State.SETTLED)
    assert ("looked", None) == last_line(ledger, record)


def test_reads_cannot_write(ledger: Ledger) -> None:
    """Their connection is not able to."""
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        ledger._reader.execute("DELETE FROM request")


def test_a_ledger_that_cannot_be_brought_up_to_date_is_told_in_words(tmp_path: Path) -> None:
    """It says that it is older than it is, so what it lacks is there already."""
    path = tmp_path / "l.sqlite3"
    with a_ledger(path):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM schema_version WHERE version > 1")
    connection.close()
    with pytest.raises(LedgerError, match="cannot be used"), a_ledger(path):
        pass


def test_a_path_that_is_none_is_told_in_words(tmp_path: Path) -> None:
    """A name longer than any file system takes."""
    with pytest.raises(LedgerError, match="cannot be opened"), a_ledger(tmp_path / ("l" * 300)):
        pass
    with pytest.raises(LedgerError), read_only(tmp_path / ("l" * 300)):
        pass


async def test_a_ledger_that_was_moved_takes_nothing(tmp_path: Path) -> None:
    """The next run would not find what is written to it now."""
    path = tmp_path / "l.sqlite3"
    with a_ledger(path) as ledger:
        path.rename(tmp_path / "elsewhere.sqlite3")
        with pytest.raises(LedgerError) as caught:
            ledger.enrol([new_request(education(1))])
        assert "ledger-moved" == caught.value.code
        (tmp_path / "elsewhere.sqlite3").rename(path)
        await queued(ledger)

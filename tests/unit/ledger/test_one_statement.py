"""How the thread that writes shares its statements, and what it says when it refuses."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.ledgers import a_ledger, education, new_request

from batchqual.errors import IllegalMove, LedgerError
from batchqual.ledger import Ledger, State
from batchqual.ledger.writer import Writer


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with a_ledger(tmp_path / "l.sqlite3") as ledger:
        yield ledger


def writer_of(ledger: Ledger) -> Writer:
    """The thread behind it."""
    assert isinstance(ledger._writer, Writer)
    return ledger._writer


async def test_moves_of_different_requests_are_one_statement(ledger: Ledger) -> None:
    """As many as come in a row; the next moves of the same requests are in the next one."""
    records = await ledger.enrol([new_request(education(number)) for number in range(4)])
    writer, statements = writer_of(ledger), set[str]()
    with ledger.hold():
        plug = writer.submit(lambda connection: None)
        gathered(writer)
        writer._connection.set_trace_callback(statements.add)
        moves = [ledger.intend(one, f"rid-{one.id}") for one in records]
        moves += [ledger.answered(one.record, State.IN_REVIEW) for one in moves[:2]]
        together = asyncio.gather(*moves)
        await asyncio.sleep(0)
    await plug
    assert [one.record for one in moves] == await together
    # each is traced once more for every trigger that it fires
    assert 2 == sum("UPDATE request\nSET revision" in one for one in statements)


def gathered(writer: Writer) -> None:
    """Return when the thread has what was handed in, and stands before the block."""
    while not writer._jobs.empty():
        time.sleep(0)


async def test_what_the_database_refuses_fails_alone_in_its_batch(ledger: Ledger) -> None:
    """A request on its way without an id: the other moves of the same statement are written."""
    one, other = await ledger.enrol([new_request(education(1)), new_request(education(2))])
    writer = writer_of(ledger)
    with ledger.hold():
        plug = writer.submit(lambda connection: None)
        gathered(writer)
        moves = (ledger.move(one, State.SENDING, event="intended"), ledger.intend(other, "rid-2"))
        together = asyncio.gather(*moves, return_exceptions=True)
        await asyncio.sleep(0)
    await plug
    refused, written = await together
    assert isinstance(refused, IllegalMove)
    assert moves[1].record == written
    await ledger.intend(one, "rid-1")


async def test_an_enrolment_and_a_move_in_one_batch(ledger: Ledger) -> None:
    """No statement does both."""
    [record] = await ledger.enrol([new_request(education(1))])
    writer = writer_of(ledger)
    with ledger.hold():
        plug = writer.submit(lambda connection: None)
        gathered(writer)
        enrolled, move = ledger.enrol([new_request(education(2))]), ledger.intend(record, "rid-1")
        together = asyncio.gather(enrolled, move)
        await asyncio.sleep(0)
    await plug
    _, moved = await together
    assert move.record == moved
    assert [record.id + 1] == [one.id for one in await enrolled]


async def test_a_refusal_has_its_word(ledger: Ledger) -> None:
    """For scripts, which do not read sentences."""
    await ledger.enrol([new_request(education(1))])
    with pytest.raises(IllegalMove) as caught:
        await ledger.enrol([new_request(education(1))])
    assert "refused-by-ledger" == caught.value.code


async def test_a_closed_ledger_has_its_word(tmp_path: Path) -> None:
    """The same for one that takes nothing any more."""
    with a_ledger(tmp_path / "closed.sqlite3") as ledger:
        writer = writer_of(ledger)
    with pytest.raises(LedgerError) as caught:
        writer.submit(lambda connection: None)
    assert "ledger-closed" == caught.value.code


def test_a_process_that_breaks_off_is_not_held_up(ledger: Ledger) -> None:
    """The thread has a name to be known by, and ends with the process."""
    [thread] = [one for one in threading.enumerate() if one.name == "batchqual-ledger"]
    assert thread.daemon

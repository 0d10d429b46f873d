"""What is told of a broken link: whose it is, and what was changed, as far as trying can tell."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

import pytest
from support.journals import examined, in_memory, lived_ledger
from support.ledgers import HandClock, InlineWriter, customer, education, new_request

from batchqual.ledger import Ledger, NewRun, State
from batchqual.ledger.findings import Finding

#: So many events that nothing near the last one says what stood in it.
MANY = 230
SENT, ANSWERED = MANY + 1, MANY + 2


@pytest.fixture(scope="module")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One request that was sent and answered in a run of its own, long after all were enrolled."""
    path, clock = tmp_path_factory.mktemp("lonely") / "l.sqlite3", HandClock()

    async def live() -> None:
        with Ledger.open(path, clock=clock, command="run", make_writer=InlineWriter) as ledger:
            one, *_ = await ledger.enrol([new_request(education(number)) for number in range(MANY)])
            clock.pass_(3600)
            await ledger.start_run(NewRun("run-9", "run", (), [], {}, ()))
            sent = await ledger.intend(one, "rid-1")
            clock.pass_(60)
            await ledger.answered(sent, State.IN_REVIEW, http_status=202)

    asyncio.run(live())
    return path


@pytest.mark.parametrize(
    ("event", "column", "was"),
    [
        pytest.param(SENT, "before", "queued", id="the state before"),
        pytest.param(ANSWERED, "after", "in_review", id="the state after"),
        pytest.param(ANSWERED, "at", "2026-11-20T13:01:00.000000+00:00", id="the time"),
        pytest.param(ANSWERED, "run_id", "run-9", id="the run"),
        pytest.param(ANSWERED, "http_status", "202", id="the status"),
        pytest.param(ANSWERED, "note", "empty", id="nothing"),
        pytest.param(ANSWERED, "request", "1", id="whose"),
    ],
)
def test_what_stood_there_is_found_by_trying(lonely: Path, event: int, column: str, was: str) -> None:
    """By what the request knows of itself, what stands near, and what there is at all."""
    with closing(in_memory(lonely)) as copy:
        new = 2 if column == "request" else "mine"
        copy.execute(f"UPDATE event SET {column} = ? WHERE seq = ?", (new, event))
        finding = examined(copy).findings[0]
    assert f"its {column} was {was}, and is {new} now" in finding.message


@pytest.mark.parametrize(
    ("column", "was"),
    [pytest.param("note", "empty", id="nothing"), pytest.param("run_id", "run-9", id="the run")],
)
def test_what_stood_there_is_found_where_nothing_else_stands(tmp_path: Path, column: str, was: str) -> None:
    """In a journal of one line."""
    path = tmp_path / "l.sqlite3"

    async def live() -> None:
        with Ledger.open(path, clock=HandClock(), command="run", make_writer=InlineWriter) as ledger:
            await ledger.start_run(NewRun("run-9", "run", (), [], {}, ()))
            await ledger.enrol([new_request(education(1))])

    asyncio.run(live())
    with closing(in_memory(path)) as copy:
        copy.execute(f"UPDATE event SET {column} = 'mine'")
        finding = examined(copy).findings[0]
    assert f"its {column} was {was}, and is mine now" in finding.message


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        pytest.param(
            "UPDATE event SET note = 'mine' WHERE seq = 6", (7, 6, 1, customer(1), None), id="an event"
        ),
        pytest.param(
            "UPDATE event SET request = 'mine' WHERE seq = 6", (7, 6, None, None, None), id="of nobody"
        ),
        pytest.param(
            "UPDATE run SET rows_in = 7 WHERE number = 2", (14, None, None, None, "run-2"), id="a run"
        ),
        pytest.param(
            "INSERT INTO event (seq, request, at, event, after) VALUES (99, 4, 'now', 'looked', 'sending')",
            (None, 99, 4, customer(4), None),
            id="put in",
        ),
        pytest.param(
            "INSERT INTO event (seq, request, at, event, after) VALUES (99, 'x', 'now', 'looked', 'sending')",
            (None, 99, None, None, None),
            id="put in, of nobody",
        ),
    ],
)
def test_a_finding_names_its_link_its_event_and_its_owner(
    tmp_path: Path, deed: str, expected: tuple[object, ...]
) -> None:
    """For programs, as the document has them."""
    with closing(in_memory(lived_ledger(tmp_path))) as copy:
        copy.execute(deed)
        found: Finding = examined(copy).findings[0]
    assert expected == (found.link, found.event, found.request, found.customer_id, found.run_id)

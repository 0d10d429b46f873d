"""What the chain holds of a request's whole line, and ledgers whose links are older than that."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support.journals import by_hand, examined, in_memory, lived_ledger
from support.ledgers import NOON, HandClock, a_ledger, customer, education, gcc, new_request

from batchqual.ledger import Ledger, LedgerView, Move, State, read_only
from batchqual.ledger.files import connect, prepare
from batchqual.ledger.schema import MIGRATIONS, migrate

VERSION_3 = Path(__file__).with_name("version_3.sql")


@pytest.fixture
def third(tmp_path: Path) -> Path:
    """A ledger as version 3 left it: five events and a run in seven links, none of which knows a line."""
    path = tmp_path / "third.sqlite3"
    prepare(path)
    with closing(connect(path, write=True)) as old:
        migrate(old, NOON, MIGRATIONS[:3])
        for name in ("request_is_new", "request_has_changed"):
            old.execute(f"DROP TRIGGER {name}")
        old.executescript(VERSION_3.read_text(encoding="utf-8"))
        for statement in MIGRATIONS[0].statements:
            if "TRIGGER request_" in statement:
                old.execute(statement)
    return path


async def refuse_the_second(ledger: Ledger) -> None:
    [_, two] = sorted(
        [*ledger.of_customer(customer(1)), *ledger.of_customer(customer(2))], key=lambda one: one.id
    )
    await ledger.answered(await ledger.intend(two, "rid-2"), State.REFUSED, http_status=400)


def findings(view: LedgerView) -> list[tuple[str, int | None]]:
    return [(finding.check, finding.request) for finding in view.audit().findings]


def test_a_changed_line_is_told_with_its_link_and_its_owner(tmp_path: Path) -> None:
    """A hash does not say what was changed; it says whose line it is, and when that was last written."""
    with closing(in_memory(lived_ledger(tmp_path))) as copy:
        copy.execute("UPDATE request SET vetting_status = 'Denied' WHERE id = 1")
        [finding] = examined(copy).findings
        [(link,)] = copy.execute(
            "SELECT max(number) FROM link JOIN event ON seq = link.event WHERE kind = 'event' AND request = 1"
        )
    assert ("states", 1, customer(1), link) == (
        finding.check,
        finding.request,
        finding.customer_id,
        finding.link,
    )
    assert f"it is not as it was written with link {link}" in finding.message


async def test_a_request_that_was_moved_to_another_customer_is_found(tmp_path: Path) -> None:
    """So nobody's attempts can be counted for somebody else."""
    path = tmp_path / "l.sqlite3"
    with a_ledger(path) as ledger:
        [one] = await ledger.enrol([new_request(education(1))])
        await ledger.intend(one, "rid-1")
    with by_hand(path) as hand:
        hand.execute("UPDATE request SET customer_id = ?", (customer(9),))
    with read_only(path) as view:
        assert ("states", 1) in findings(view)


async def test_requests_of_one_commit_each_have_their_line(tmp_path: Path) -> None:
    """However many share it, and with several changes of each: the latest one holds the line."""
    path = tmp_path / "l.sqlite3"
    with a_ledger(path) as ledger:
        with ledger.hold():
            enrolled = ledger.enrol([new_request(education(number)) for number in (1, 2, 3)])
        for one in await enrolled:
            await ledger.intend(one, f"rid-{one.id}")
    with closing(sqlite3.connect(path)) as file:
        held = file.execute("SELECT event, line IS NOT NULL FROM link ORDER BY number").fetchall()
    assert [(number, 1) for number in range(1, 7)] == held
    with read_only(path) as view:
        assert view.audit().intact


def test_the_chain_of_the_third_version_is_read_as_it_is(third: Path) -> None:
    """Looked at, it is neither changed nor chained anew."""
    with read_only(third) as view:
        audit = view.audit()
        assert view.outdated
    with closing(sqlite3.connect(third)) as file:
        [(head,)] = file.execute("SELECT hash FROM link WHERE number = 7")
    assert (7, head, ()) == (audit.links, audit.head, audit.findings)


async def test_the_chain_of_the_third_version_goes_on(third: Path) -> None:
    """A request is covered from its next change on; what went before stays as it is."""
    with a_ledger(third) as ledger:
        await refuse_the_second(ledger)
        audit = ledger.audit()
        assert (9, ()) == (audit.links, audit.findings)
    with by_hand(third) as hand:
        hand.execute("UPDATE request SET website = 'https://fabrikam.example'")
    with read_only(third) as view:
        assert [2] == [number for check, number in findings(view) if check == "states"]


async def test_what_another_program_wrote_into_the_third_version_is_not_taken_for_ours(third: Path) -> None:
    """Bringing a ledger up to date does not vouch for what its chain does not hold."""
    with closing(sqlite3.connect(third)) as other, other:
        other.execute("UPDATE request SET change_note = 'mine' WHERE id = 1")
    with a_ledger(third) as ledger:
        await refuse_the_second(ledger)
        found = [finding.message for finding in ledger.audit().findings if finding.check == "chain"]
    assert any("another program" in message for message in found), found


async def test_a_look_does_not_claim_the_answer_of_the_submission(tmp_path: Path) -> None:
    """It is a call of its own: one lost answer must not be told as often as somebody looked."""
    path, clock = tmp_path / "l.sqlite3", HandClock()
    with a_ledger(path, clock) as ledger:
        [one] = await ledger.enrol([new_request(gcc(1))])
        sent = await ledger.intend(one, "rid-1")
        lost = await ledger.move(
            sent, State.SENDING, event="answer lost", http_status=504, error_code="7", correlation_id="cid-1"
        )
        seen = await ledger.looked(lost, State.SENDING, note="it does not show")
        found = await ledger.looked(seen, State.IN_REVIEW, error_code="not-visible-yet")
        events = ledger.events(found)
    assert [
        (504, "7", "rid-1", "cid-1"),
        (None, None, None, None),
        (None, "not-visible-yet", None, None),
    ] == [
        (event.http_status, event.error_code, event.request_id, event.correlation_id) for event in events[2:]
    ]
    with read_only(path) as view:
        assert view.audit().intact
        assert [1] == [record.id for record in view.of_exchange("cid-1")]


@pytest.mark.parametrize("hear", [Ledger.answered, Ledger.looked])
async def test_what_was_heard_stands_in_the_biography(tmp_path: Path, hear: Callable[..., Move]) -> None:
    """With an answer as with a look."""
    with a_ledger(tmp_path / "l.sqlite3") as ledger:
        [one] = await ledger.enrol([new_request(gcc(1))])
        sent = await ledger.intend(one, "rid-1")
        heard = await hear(ledger, sent, State.IN_REVIEW, note="words of the service")
        assert "words of the service" == ledger.events(heard)[-1].note

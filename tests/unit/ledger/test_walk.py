"""The walk along the chain: what is told of one deed, and in which order."""

from __future__ import annotations

import sqlite3

import pytest
from support.journals import examined

from batchqual.ledger.chain import begin, commit
from batchqual.ledger.findings import Finding

AN_EVENT = "INSERT INTO event (request, at, event, after) VALUES (4, '2026-11-20', 'looked', 'sending')"


def of_the_chain(copy: sqlite3.Connection) -> list[Finding]:
    return [finding for finding in examined(copy).findings if finding.check == "chain"]


@pytest.mark.parametrize(
    ("deed", "places"),
    [
        pytest.param("DELETE FROM link WHERE number = 8", [(8, None), (None, 7)], id="link gone"),
        pytest.param("DELETE FROM event WHERE seq = 7", [(8, 7)], id="event gone"),
        pytest.param("DELETE FROM run WHERE number = 2", [(14, None), (19, None)], id="run gone"),
        pytest.param("UPDATE event SET note = 'mine' WHERE seq = 7", [(8, 7)], id="event"),
        pytest.param("UPDATE event SET note = 'mine' WHERE seq = 16", [(21, 16)], id="last event"),
        pytest.param("UPDATE link SET hash = 'mine' WHERE number = 8", [(8, None)], id="hash"),
        pytest.param(
            "UPDATE link SET event = 'mine' WHERE number = 8", [(8, None), (None, 7)], id="no event"
        ),
        pytest.param("UPDATE event SET note = 'mine' WHERE seq < 3", [(2, 1), (3, 2)], id="neighbours"),
    ],
)
def test_what_was_not_touched_is_not_accused(
    copy: sqlite3.Connection, deed: str, places: list[tuple[int | None, int | None]]
) -> None:
    """Each deed is told once, by link and event; whatever stands behind it is judged by itself."""
    copy.execute(deed)
    assert places == [(finding.link, finding.event) for finding in of_the_chain(copy)]


@pytest.mark.parametrize(
    "deed",
    [
        pytest.param("DELETE FROM link WHERE number = 8", id="link gone"),
        pytest.param("DELETE FROM event WHERE seq = 7", id="event gone"),
        pytest.param("UPDATE link SET event = 8 WHERE number = 8", id="event put in"),
        pytest.param("UPDATE link SET kind = 'foreign' WHERE number = 8", id="foreign"),
        pytest.param("UPDATE link SET event = 'mine' WHERE number = 8", id="no event"),
    ],
)
def test_the_first_broken_link_is_told_first(copy: sqlite3.Connection, deed: str) -> None:
    """Whatever is wrong right behind it; and it is told once."""
    copy.execute("UPDATE event SET note = 'mine' WHERE seq = 6")
    copy.execute(deed)
    links = [finding.link for finding in of_the_chain(copy)]
    assert (7, 1) == (links[0], links.count(7))


def test_a_link_for_what_another_program_wrote_is_held_against_its_hash(copy: sqlite3.Connection) -> None:
    """It stands for nothing but itself, and the link behind it is not blamed."""
    copy.execute(AN_EVENT)
    begin(copy)
    copy.execute(AN_EVENT)
    commit(copy)
    copy.execute("UPDATE link SET hash = 'mine' WHERE number = 22")
    [stray, foreign, changed] = of_the_chain(copy)
    assert (None, 17) == (stray.link, stray.event)
    written = "Link 22: events up to 17 were written by another program than batchqual."
    assert Finding("chain", written, 22) == foreign
    assert Finding("chain", "Link 22: its own hash was changed.", 22) == changed


@pytest.mark.parametrize(
    ("finished", "kinds"),
    [
        pytest.param(None, ["run started"], id="on"),
        pytest.param("2026-11-20", ["run started", "run ended"], id="finished"),
    ],
)
def test_a_run_that_was_put_in_has_no_link(
    copy: sqlite3.Connection, finished: str | None, kinds: list[str]
) -> None:
    """Each of its ends that should be in the chain is missed there, by the name of the run."""
    copy.execute(
        "INSERT INTO run (run_id, command, started_at, finished_at, rows_in, files, columns, facts) "
        "VALUES ('mine', 'run', '2026-11-20', ?, 0, '[]', '[]', '{}')",
        (finished,),
    )
    told = of_the_chain(copy)[: len(kinds)]
    assert [
        Finding("chain", f"Run mine has no link that says: {kind}.", run_id="mine") for kind in kinds
    ] == told

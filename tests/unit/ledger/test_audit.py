"""The audit beside the chain: whose a finding is, and what the file is made of."""

from __future__ import annotations

import sqlite3

import pytest
from support.journals import examined
from support.ledgers import customer

from batchqual.ledger.audit import audit
from batchqual.ledger.findings import Finding


@pytest.mark.parametrize(
    ("deed", "finding"),
    [
        pytest.param(
            "UPDATE run SET head = 'mine' WHERE number = 1",
            Finding("chain", "Run run-1 ended with link 13, which has another hash now.", 13, run_id="run-1"),
            id="head",
        ),
        pytest.param(
            "UPDATE run SET link = 12 WHERE number = 1",
            Finding(
                "chain",
                "Run run-1 ended with link 12, which the chain does not have: it was cut off, or changed.",
                12,
                run_id="run-1",
            ),
            id="link",
        ),
        pytest.param(
            "UPDATE run SET exit_code = 0 WHERE number = 3",
            Finding("chain", "Run run-3 came to no end, but something of its end is stored.", run_id="run-3"),
            id="no end",
        ),
        pytest.param(
            f"UPDATE request SET customer_id = '{customer(1)}', state = 'queued' WHERE id IN (1, 2)",
            Finding(
                "wishes",
                f"{customer(1)}, Education: 2 requests are live at once.",
                customer_id=customer(1),
            ),
            id="two live",
        ),
    ],
)
def test_a_finding_says_whose_it_is(copy: sqlite3.Connection, deed: str, finding: Finding) -> None:
    """In words, and in fields for a program that reads it."""
    copy.execute("DROP INDEX one_live_request_per_wish")
    copy.execute(deed)
    assert finding in examined(copy).findings


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        pytest.param(
            "DELETE FROM run_verdict WHERE run = 1 AND position = 2",
            "3 rows went in, but 2 verdicts are stored, and 1 rows have none",
            id="one too few",
        ),
        pytest.param(
            "INSERT INTO run_verdict SELECT run, 9, verdict_json FROM run_verdict WHERE run = 1 LIMIT 1",
            "3 rows went in, but 4 verdicts are stored, and 0 rows have none",
            id="one too many",
        ),
        pytest.param(
            "UPDATE run_verdict SET position = 9 WHERE run = 1 AND position = 2",
            "3 rows went in, but 3 verdicts are stored, and 1 rows have none",
            id="on another row",
        ),
    ],
)
def test_every_row_of_a_finished_run_has_one_verdict(copy: sqlite3.Connection, deed: str, words: str) -> None:
    """Too few, too many, or as many but not on these rows: the run does not balance."""
    copy.execute(deed)
    totals = [finding for finding in examined(copy).findings if finding.check == "totals"]
    assert [Finding("totals", f"Run run-1: {words}.", run_id="run-1")] == totals


def test_a_rule_under_its_old_name_is_looked_into(copy: sqlite3.Connection) -> None:
    """A guard that forbids nothing any more is no guard."""
    copy.execute(
        "CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event WHEN old.seq = 0 "
        "BEGIN SELECT RAISE(ABORT, 'the event table is append-only'); END"
    )
    copy.execute("DELETE FROM temp.rule WHERE sql LIKE '%event_is_never_deleted%'")
    told = Finding("schema", "The trigger event_is_never_deleted is not the one that batchqual makes.")
    assert (told,) == examined(copy).findings


def test_what_the_file_is_made_of_is_told_in_order(copy: sqlite3.Connection) -> None:
    """Of one damage two audits say the same."""
    messages = [finding.message for finding in audit(copy).findings]
    assert 6 < len(messages)
    assert sorted(messages) == messages


def test_text_that_is_none_is_a_finding(copy: sqlite3.Connection) -> None:
    """Bytes that are no UTF-8 do not end the audit; whoever reads behind it reads as strictly as before."""
    copy.execute("UPDATE event SET note = CAST(x'ff' AS TEXT) WHERE seq = 6")
    assert 6 == examined(copy).findings[0].event
    with pytest.raises(sqlite3.OperationalError, match="UTF-8"):
        copy.execute("SELECT note FROM event WHERE seq = 6").fetchall()

"""A sound file with a value in it that batchqual never writes: bits turn, and hands slip."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.journals import by_hand, lived_ledger
from support.ledgers import ORIGIN, PARTNER, customer

from batchqual.errors import LedgerError
from batchqual.ledger import LedgerView, State, read_only

Ask = Callable[[LedgerView], object]


def records(view: LedgerView) -> object:
    return view.records(ORIGIN, PARTNER)


def cells(view: LedgerView) -> object:
    return [record.input for record in view.records(ORIGIN, PARTNER)]


def events(view: LedgerView) -> object:
    return [view.events(record) for record in view.of_customer(customer(1))]


@pytest.mark.parametrize(
    ("deed", "ask", "what"),
    [
        pytest.param("request SET segment = 'K13'", records, "request 1 (", id="segment"),
        pytest.param("request SET qualification = 'Edukation'", records, "request 1 (", id="qualification"),
        pytest.param(
            "request SET state = 'done'", lambda view: view.of_customer(customer(1)), "request", id="state"
        ),
        pytest.param("request SET submitted_at = 'yesterday'", records, "request 1 (", id="time"),
        pytest.param("request SET enrolled_at = 7", records, "request 1 (", id="time as a number"),
        pytest.param("request SET polls = 'many'", records, "request 1 (", id="number"),
        pytest.param("request SET row_json = '[[],'", cells, "request 1 (", id="cells"),
        pytest.param("request SET row_json = '7'", cells, "request 1 (", id="no cells"),
        pytest.param("event SET after = 'done'", events, "a line of it", id="event"),
        pytest.param(
            "run_verdict SET verdict_json = '{}'", LedgerView.load_run, "the latest run", id="verdict"
        ),
        pytest.param("run_row SET row_json = '[]'", LedgerView.load_run, "the latest run", id="row"),
        pytest.param("run SET facts = 'x'", LedgerView.load_run, "the latest run", id="run"),
        pytest.param("run SET started_at = 'x'", LedgerView.runs, "a line of it", id="runs"),
        pytest.param(
            "request SET state = 'done'", lambda view: view.counts(ORIGIN, PARTNER), "a line", id="counts"
        ),
    ],
)
def test_nonsense_in_a_sound_file_is_damage(tmp_path: Path, deed: str, ask: Ask, what: str) -> None:
    """11 in words that name the line, not a defect of the program."""
    path = lived_ledger(tmp_path)
    with by_hand(path) as hand:
        if "verdict" in deed or "run_row" in deed:
            hand.execute("DELETE FROM run WHERE number > 1")
        hand.execute(f"UPDATE {deed}")
    with read_only(path) as view, pytest.raises(LedgerError) as caught:
        ask(view)
    assert (11, "ledger-damaged") == (caught.value.exit_code, caught.value.code)
    assert f"is damaged: {what}" in caught.value.message
    assert "`batchqual verify`" in caught.value.hint
    with read_only(path) as view:
        assert not view.audit().intact


def test_what_was_given_up_in_the_middle_is_no_damage(tmp_path: Path) -> None:
    """Only what cannot be read is called so."""
    with read_only(lived_ledger(tmp_path)) as view:
        assert [State.SETTLED] == [record.state for record in view.of_customer(customer(1))]
        assert ("run-3", ()) == (view.load_run().summary.run_id, view.load_run().results)

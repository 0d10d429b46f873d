"""Runs, and their reports from the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.ledgers import NOON, HandClock, a_ledger, education, input_row

from batchqual.errors import IllegalMove, LedgerError, UsageError
from batchqual.ledger import Ledger, NewRun, RunEnd, RunSummary, read_only
from batchqual.model import InputFile, InputRow, Outcome, Problem, RowResult, Verdict

FILES = (InputFile("customers.csv", "00ff", 3),)
ROWS = (
    input_row(0, education(1)),
    InputRow(1, "customers.csv", 3, ("x", date(2026, 1, 2)), preset=Outcome.INVALID),
    input_row(2, education(2)),
)
RESULTS = tuple(RowResult(row, Verdict(Outcome.APPROVED, submitted_at=NOON, polls=2)) for row in ROWS)
EARLIER = tuple(RowResult(input_row(number, education(7)), Verdict(Outcome.IN_REVIEW)) for number in (0, 1))
NOTICE = Problem("code-page", "was read as cp1252", "customers.csv")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def ledger(tmp_path: Path, clock: HandClock) -> Iterator[Ledger]:
    with a_ledger(tmp_path / "l.sqlite3", clock) as ledger:
        yield ledger


def new_run(run_id: str = "run-1") -> NewRun:
    return NewRun(run_id, "run", FILES, ["Name", "Number"], {"rate": 5, "strict": False, "sheet": None}, ROWS)


def run_end(run_id: str = "run-1", exit_code: int = 4) -> RunEnd:
    return RunEnd(run_id, exit_code, {"get": 4, "post": 2}, None, RESULTS, EARLIER, [NOTICE])


async def test_a_finished_run_comes_back_whole(ledger: Ledger, clock: HandClock) -> None:
    """All that a report needs is read back as it was, in input order, the day after and by anyone."""
    await ledger.start_run(new_run())
    end = clock.pass_(90)
    await ledger.finish_run(run_end())
    with read_only(ledger.path) as view:
        run = view.load_run("run-1")
    assert RunSummary("run-1", "run", NOON, end, 4, 3) == run.summary
    assert run.finished
    assert (FILES, ("Name", "Number")) == (run.files, run.columns)
    assert {"rate": 5, "strict": False, "sheet": None} == run.facts
    assert (ROWS, RESULTS, EARLIER, (NOTICE,)) == (run.rows, run.results, run.earlier, run.notices)
    assert ({"get": 4, "post": 2}, None) == (run.requests, run.error)
    assert end == ledger.last_run_finished_at()


async def test_a_run_that_failed_keeps_its_error(ledger: Ledger) -> None:
    """Code, message and hint are those of the JSON document."""
    await ledger.start_run(new_run())
    error = {"code": "sign-in", "message": "No token.", "hint": "Sign in."}
    await ledger.finish_run(RunEnd("run-1", 12, {}, error, RESULTS))
    run = ledger.load_run()
    assert (error, 12, ()) == (run.error, run.summary.exit_code, run.earlier)


async def test_a_run_that_was_killed_has_rows_without_verdicts(ledger: Ledger) -> None:
    """It says so, and no verdict is invented."""
    await ledger.start_run(new_run())
    run = ledger.load_run()
    assert not run.finished
    assert (ROWS, (), None, None, ()) == (
        run.rows,
        run.results,
        run.requests,
        run.summary.exit_code,
        run.notices,
    )
    assert ledger.last_run_finished_at() is None


async def test_the_last_run_is_the_one_that_began_last(ledger: Ledger, clock: HandClock) -> None:
    """Without a name the latest is meant; lists are newest first."""
    for run_id in ("b", "a", "c"):
        clock.pass_(1)
        await ledger.start_run(new_run(run_id))
    assert "c" == ledger.load_run().summary.run_id
    assert ["c", "a"] == [run.run_id for run in ledger.runs(2)]


async def test_an_unknown_run_is_wrong_usage(ledger: Ledger) -> None:
    """The message names those that there are; an empty ledger says that it is."""
    with pytest.raises(UsageError, match="holds no run yet"):
        ledger.load_run()
    await ledger.start_run(new_run())
    with pytest.raises(UsageError, match="holds no run nope") as caught:
        ledger.load_run("nope")
    assert "run-1" in caught.value.hint


async def test_a_run_ends_once(ledger: Ledger) -> None:
    """A second end, or the end of a run that never began, is refused and changes nothing."""
    await ledger.start_run(new_run())
    await ledger.finish_run(run_end(exit_code=0))
    for run_id in ("run-1", "run-2"):
        with pytest.raises(LedgerError, match="is on in this ledger") as caught:
            await ledger.finish_run(run_end(run_id, exit_code=3))
        assert "no-such-run" == caught.value.code
    assert (0, RESULTS) == (ledger.load_run().summary.exit_code, ledger.load_run().results)


async def test_an_end_is_stored_whole_or_not_at_all(ledger: Ledger) -> None:
    """A run whose verdicts cannot be stored is still on, and may end properly afterwards."""
    await ledger.start_run(new_run())
    with pytest.raises(IllegalMove, match="UNIQUE"):
        await ledger.finish_run(replace(run_end(), results=[RESULTS[0], RESULTS[0]]))
    assert (False, ()) == (ledger.load_run().finished, ledger.load_run().results)
    await ledger.finish_run(run_end())
    assert (True, RESULTS) == (ledger.load_run().finished, ledger.load_run().results)


async def test_a_run_is_asked_for_its_facts_alone(ledger: Ledger) -> None:
    """Those of the run that is named, and none for a run that this ledger does not hold."""
    await ledger.start_run(new_run())
    await ledger.start_run(replace(new_run("run-2"), facts={"API": "beta"}))
    assert new_run().facts == ledger.facts_of("run-1")
    assert ({"API": "beta"}, {}) == (ledger.facts_of("run-2"), ledger.facts_of("run-3"))


async def test_a_run_begins_once(ledger: Ledger) -> None:
    """Two runs of one name, or two rows in one place, are refused whole."""
    await ledger.start_run(new_run())
    with pytest.raises(IllegalMove, match="UNIQUE"):
        await ledger.start_run(new_run())
    twice = NewRun("run-2", "run", FILES, [], {}, [ROWS[0], ROWS[0]])
    with pytest.raises(IllegalMove, match="UNIQUE"):
        await ledger.start_run(twice)
    assert ["run-1"] == [run.run_id for run in ledger.runs()]

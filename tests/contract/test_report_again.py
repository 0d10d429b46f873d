"""The report of a run once more: as it was, or as its rows stand now when it was killed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.drive import Drive, education, sheet
from support.dying import Killed, killed_at
from support.sheets import customer

from batchqual.clock import SystemClock
from batchqual.composition import Command
from batchqual.errors import LedgerError, UsageError
from batchqual.events import Event, Standing, Submitted
from batchqual.ledger import Ledger, NewRun
from batchqual.model import Outcome
from batchqual.overview import report_again
from batchqual.report import RunReport
from batchqual.simulator import Simulator, SimulatorSettings

TENANT = "00000000-0000-4000-8000-00000000aaaa"
AT_ONCE = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0))
SLOW = SimulatorSettings(denial_rate=0, vetting_delay=(1.0, 1.0))
DENIES = SimulatorSettings(denial_rate=1, vetting_delay=(0, 0))


def outcomes(report: RunReport) -> list[Outcome]:
    return [result.verdict.outcome for result in report.rows]


def files(folder: Path, pattern: str) -> list[str]:
    """The names of what is there and has something in it."""
    return sorted(path.name for path in folder.glob(pattern) if path.stat().st_size)


async def test_the_report_of_a_run_is_written_again_as_it_was(tmp_path: Path) -> None:
    """The latest run, unless one is named: each as of then, with its own exit code and requests."""
    async with Simulator(SLOW) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        first = await drive(education(tmp_path, 1, 2), wait="0")
        last = await drive(education(tmp_path, 1, 2))
    again = report_again(drive.settings())
    earlier = report_again(drive.settings(), run_id=first.report.run_id)
    assert (0, [Outcome.APPROVED] * 2) == (again.exit_code, outcomes(again))
    assert (4, [Outcome.IN_REVIEW] * 2) == (earlier.exit_code, outcomes(earlier))
    for told, report in ((last.report, again), (first.report, earlier)):
        assert told.run_id == report.run_id
        assert list(told.rows) == list(report.rows)
        assert (told.requests, told.files, told.columns) == (report.requests, report.files, report.columns)
        assert told.facts == report.facts


async def test_a_run_that_ended_early_says_so_again(tmp_path: Path) -> None:
    """Its error is told once more."""
    drive = Drive(tmp_path, "http://127.0.0.1:9", token="")
    told = await drive(education(tmp_path, 1))
    again = report_again(drive.settings())
    assert (12, told.report.error) == (again.exit_code, again.error)


async def test_the_report_of_a_run_in_three_formats(tmp_path: Path) -> None:
    """The suffixes choose, as in the run itself."""
    async with Simulator(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(education(tmp_path, 1))
    paths = [str(tmp_path / f"again{suffix}") for suffix in (".xlsx", ".csv", ".json")]
    report = report_again(drive.settings(report=paths))
    assert tuple(paths) == report.reports
    assert ["again.csv", "again.json", "again.xlsx"] == files(tmp_path, "again.*")


@pytest.mark.parametrize(
    ("command", "pattern"),
    [
        pytest.param("run", "customers-report-*.xlsx", id="beside the input"),
        pytest.param("resume", "resume-report-*.xlsx", id="here, for a resume"),
    ],
)
async def test_the_report_stands_where_that_of_the_run_would(
    command: Command, pattern: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless told otherwise."""
    monkeypatch.chdir(tmp_path)
    drive = Drive(tmp_path, "http://127.0.0.1:9", token="")
    await drive(*([education(tmp_path, 1)] if command == "run" else []), command=command)
    report = report_again(drive.settings(report=None))
    [path] = report.reports
    assert [Path(path).name] == files(tmp_path, pattern)


async def test_a_killed_run_is_told_as_its_rows_stand_now(tmp_path: Path) -> None:
    """What was sent is of unknown fate, the rest was not attempted; nothing in it is a guess of then."""
    rows = sheet(tmp_path, (customer(1), "Education", "K12"), (customer(2), "SOE"), ("nobody", "SOE"))
    async with Simulator(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        with pytest.raises(Killed):
            await drive(rows, say=killed_at(Submitted), concurrency=1)
        report = report_again(drive.settings())
        assert [Outcome.UNKNOWN, Outcome.NOT_ATTEMPTED, Outcome.INVALID] == outcomes(report)
        assert (3, "run", 3) == (report.exit_code, report.command, report.rows_in)
        assert report.error is not None
        assert "killed" == report.error.code
        assert "interrupted" == report.rows[1].verdict.error_code
        assert report.finished_at <= datetime.now(UTC)
        await drive(rows)
    assert [Outcome.APPROVED, Outcome.APPROVED, Outcome.INVALID] == outcomes(report_again(drive.settings()))


async def test_a_run_that_is_going_is_not_called_killed(tmp_path: Path) -> None:
    """Asked while it runs, from the ledger alone; its own report comes at its end."""
    told: list[RunReport] = []
    async with Simulator(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url)

        def look(event: Event) -> None:
            if isinstance(event, Submitted) and not told:
                told.append(report_again(drive.settings()))

        done = await drive(education(tmp_path, 1, 2), say=look, concurrency=1)
    [report] = told
    assert report.error is not None
    assert "running" == report.error.code
    assert "still going" in report.error.message
    assert done.report.run_id == report.run_id
    assert {"running"} == {
        one.verdict.error_code for one in report.rows if one.verdict.outcome is Outcome.NOT_ATTEMPTED
    }
    assert report_again(drive.settings()).error is None


async def test_a_killed_run_stays_killed_while_another_one_is_on(tmp_path: Path) -> None:
    """The lock of a later run says nothing of an earlier one."""
    async with Simulator(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        with pytest.raises(Killed):
            await drive(education(tmp_path, 1), say=killed_at(Submitted))
    with Ledger.open(drive.ledger, clock=SystemClock(), command="run"):
        error = report_again(drive.settings()).error
    assert error is not None
    assert "killed" == error.code


async def test_a_killed_run_is_told_under_its_own_partner(tmp_path: Path) -> None:
    """Not under the one that the settings name today."""
    rows = education(tmp_path, 1)
    async with Simulator(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url, environ={"BATCHQUAL_TENANT_ID": TENANT})
        with pytest.raises(Killed):
            await drive(rows, say=killed_at(Submitted))
    drive.environ.clear()
    report = report_again(drive.settings(resubmit_denied=True))
    assert ([Outcome.UNKNOWN], TENANT) == (outcomes(report), report.facts["Partner"])


async def test_a_killed_run_that_had_settled_a_denial_says_denied(tmp_path: Path) -> None:
    """Today's --resubmit-denied does not make it unsent."""
    rows = education(tmp_path, 1)
    async with Simulator(DENIES) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        with pytest.raises(Killed):
            await drive(rows, say=killed_at(Standing, now=Outcome.DENIED))
    report = report_again(drive.settings(resubmit_denied=True))
    assert ([Outcome.DENIED], 3) == (outcomes(report), report.exit_code)


async def test_a_killed_resume_keeps_every_row_that_it_had(tmp_path: Path) -> None:
    """Also those that it settled before it died, whose requests are not live any more."""
    async with Simulator(SLOW) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(education(tmp_path, 1, 2), wait="0")
        await asyncio.sleep(1.1)
        with pytest.raises(Killed):
            await drive(command="resume", say=killed_at(Standing, now=Outcome.APPROVED), concurrency=1)
    report = report_again(drive.settings())
    assert "resume" == report.command
    assert [Outcome.APPROVED, Outcome.IN_REVIEW] == outcomes(report)
    assert () == tuple(report.earlier)


async def test_a_killed_run_tells_earlier_sheets_apart(tmp_path: Path) -> None:
    """As a run does."""
    async with Simulator(SimulatorSettings(vetting_delay=(60, 60))) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(education(tmp_path, 1), wait="0")
        with pytest.raises(Killed):
            await drive(education(tmp_path, 2, name="other.csv"), say=killed_at(Submitted))
    report = report_again(drive.settings())
    assert [Outcome.UNKNOWN] == outcomes(report)
    assert [customer(1)] == [result.row.customer_id for result in report.earlier]


async def test_a_run_that_does_not_exist_is_a_usage_error(tmp_path: Path) -> None:
    """The latest ones are named; a ledger without runs, or none at all, says so."""
    drive = Drive(tmp_path, "http://127.0.0.1:9", token="")
    with pytest.raises(LedgerError) as missing:
        report_again(drive.settings())
    assert "no-ledger" == missing.value.code
    told = await drive(education(tmp_path, 1))
    with pytest.raises(UsageError, match="no run nobody") as wrong:
        report_again(drive.settings(), run_id="nobody")
    assert told.report.run_id in wrong.value.hint


async def test_a_killed_run_that_names_no_service_cannot_be_told(tmp_path: Path) -> None:
    """Whose rows they are is a matter of the ledger, and is not guessed."""
    drive = Drive(tmp_path, "http://127.0.0.1:9", token="")
    with Ledger.open(drive.ledger, clock=SystemClock(), command="run") as ledger:
        await ledger.start_run(NewRun("a-run", "run", (), (), {}, ()))
    with pytest.raises(UsageError, match="does not say whom it was for"):
        report_again(drive.settings())

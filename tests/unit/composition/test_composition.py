"""From settings and paths to a report, as far as that goes without a service: a check, a run that nobody
signed in for, and one that ends before its first call."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest
from support.ledgers import HandClock, a_ledger, education
from support.sheets import csv_file, customer
from support.unreached import (
    SERVICE,
    accepted,
    code_of,
    files,
    outcomes,
    sent,
    settings,
    settled,
    tried,
)

from batchqual.account import plan_facts
from batchqual.composition import Command, check, read_input, run
from batchqual.errors import UsageError
from batchqual.events import Event, RunFinished, RunStarted
from batchqual.ledger import read_only
from batchqual.model import InputFile, InputRow, Intake, Outcome, RowResult, Verdict
from batchqual.pipeline import Results, StopSwitch

# check


def test_a_check_says_of_each_row_what_is_wrong_with_it(sheet: str, folder: Path) -> None:
    """Offline: no ledger is made, nothing is asked, and the reports are written where they were asked for."""
    report = check([sheet], settings(folder, ledger=str(folder / "none.sqlite3")))
    assert ["not_attempted", "not_attempted", "duplicate", "invalid"] == outcomes(report)
    assert (3, "check", 4) == (report.exit_code, report.command, report.rows_in)
    assert "would-be-sent" == report.rows[0].verdict.error_code
    assert "not an id" in (report.rows[3].verdict.error_message or "")
    assert (str(folder / "report.json"),) == report.reports
    assert not (folder / "none.sqlite3").exists()


def test_a_check_writes_a_report_only_where_it_is_asked_to(sheet: str, folder: Path) -> None:
    """No default place."""
    assert () == check([sheet], settings(folder, report=None)).reports
    assert ["customers.csv"] == files(folder)


def test_the_reports_of_all_formats_tell_the_same(sheet: str, folder: Path) -> None:
    """One run, three files, each row with one outcome; the document, written last, names them all."""
    paths = [folder / f"report{suffix}" for suffix in (".csv", ".json", ".xlsx")]
    report = check([sheet], settings(folder, report=[str(path) for path in paths]))
    assert tuple(map(str, paths)) == report.reports
    with paths[0].open(encoding="utf-8-sig", newline="") as text:
        from_csv = [row["outcome"] for row in csv.DictReader(text)]
    document = json.loads(paths[1].read_text(encoding="utf-8"))
    heads, *rows = openpyxl.load_workbook(paths[2])["Results"].iter_rows(values_only=True)
    outcome = heads.index("Outcome")
    from_workbook = [str(row[outcome]).lower().replace(" ", "_") for row in rows]
    assert outcomes(report) == from_csv == from_workbook == [row["outcome"] for row in document["rows"]]
    assert [str(path) for path in paths] == document["reports"]


def test_a_check_finds_rows_by_domain_sound(folder: Path) -> None:
    """Nobody is looked up offline; that two rows are of one customer is seen all the same."""
    rows = [("", "contoso.example", "SOE"), ("", "Contoso.example", "SOE"), (customer(1), "", "SOE")]
    report = check([csv_file(folder, [("customer_id", "domain", "qualification"), *rows])], settings(folder))
    assert (["not_attempted", "duplicate", "not_attempted"], 0) == (outcomes(report), report.exit_code)


def test_a_check_reads_standard_input(folder: Path) -> None:
    """`-` is CSV."""
    text = io.BytesIO(f"Customer Tenant ID,Qualification\n{customer(1)},SOE\n".encode())
    report = check(["-"], settings(folder), stdin=text)
    assert (["not_attempted"], "-") == (outcomes(report), report.files[0].path)


@pytest.mark.parametrize("verb", ["check", "run"])
async def test_a_report_that_cannot_be_written_is_found_before_anything_is_read(
    verb: str, folder: Path
) -> None:
    """Wrong usage comes before wrong input."""
    using = settings(folder, report=[str(folder / "nowhere" / "report.xlsx")])
    with pytest.raises(UsageError) as caught:
        _ = check(["missing.csv"], using) if verb == "check" else await run("run", ["missing.csv"], using)
    assert "report-folder" == caught.value.code


def test_the_partners_own_tenant_is_no_customer(sheet: str, folder: Path) -> None:
    """Whoever the run is for cannot qualify itself."""
    intake = read_input([sheet], settings(folder), partner=customer(1))
    assert Outcome.INVALID is intake.rows[0].preset
    assert intake.rows[1].preset is None


# Without a sign-in


async def test_without_a_sign_in_the_report_tells_what_the_ledger_knows(two: str, folder: Path) -> None:
    """12: unsent rows are not attempted, the others stand where they stood; the run is in the ledger."""
    with a_ledger(folder / "ledger.sqlite3") as ledger:
        await settled(ledger, await accepted(ledger, 1), "Approved")
        await accepted(ledger, 3)
    heard: list[Event] = []
    report = await run("run", [two], settings(folder, yes=True), say=heard.append)
    assert (12, "sign-in") == code_of(report)
    assert report.error is not None
    assert "batchqual login" in report.error.hint
    assert ["approved", "not_attempted"] == outcomes(report)
    assert "sign-in" == report.rows[1].verdict.error_code
    assert [Outcome.IN_REVIEW] == [result.verdict.outcome for result in report.earlier]
    assert (folder / "report.json").is_file()
    assert [RunFinished] == [type(event) for event in heard]
    with read_only(folder / "ledger.sqlite3") as view:
        [summary] = view.runs()
        stored = view.load_run()
    assert (report.run_id, 12, 2) == (summary.run_id, summary.exit_code, summary.rows_in)
    assert (report.rows, report.notices) == (list(stored.results), stored.notices)
    assert stored.error is not None
    assert "sign-in" == stored.error["code"]


async def test_a_resume_without_a_sign_in_tells_its_rows_as_well(folder: Path) -> None:
    """What is open stays open."""
    with a_ledger(folder / "ledger.sqlite3") as ledger:
        await sent(ledger, 1)
        await accepted(ledger, 2)
    report = await run("resume", [], settings(folder))
    assert (["unknown", "in_review"], ()) == (outcomes(report), tuple(report.earlier))
    assert 12 == report.exit_code


async def test_the_facts_of_a_run_stand_in_its_report(two: str, folder: Path) -> None:
    """Whom it was for, and how it went about it."""
    report = await run("run", [two], settings(folder, yes=True, rate="none", wait="90m"))
    assert {
        "Service": SERVICE,
        "Partner": "(not named)",
        "Ledger": str(folder / "ledger.sqlite3"),
        "API": "asynchronous",
        "Rate": "none",
        "Wait": "90m",
    } == report.facts
    slow = await run("run", [two], settings(folder, yes=True, rate="0.5", report=[str(folder / "b.csv")]))
    assert "0.5 requests a second" == slow.facts["Rate"]
    one = await run("run", [two], settings(folder, yes=True, rate="1", report=[str(folder / "c.csv")]))
    assert "1 request a second" == one.facts["Rate"]


@pytest.mark.parametrize(
    ("cost", "number", "flags"),
    [
        pytest.param("about 1 request; vetting takes longer", 1, {"rate": "none"}, id="one"),
        pytest.param(
            "about 1 request, 1 second at that rate; vetting takes longer", 1, {}, id="one, with a rate"
        ),
        pytest.param(
            "about 9,000 requests, about 30 minutes at that rate; vetting takes longer", 9000, {}, id="many"
        ),
    ],
)
def test_what_a_plan_would_cost_is_told_in_words(
    cost: str, number: int, flags: dict[str, str], folder: Path
) -> None:
    """One is one, and many seconds are minutes."""
    rows = [
        RowResult(InputRow(at, "a.csv", at + 2, (), education(at)), Verdict(Outcome.IN_REVIEW))
        for at in range(number)
    ]
    assert cost == plan_facts(Results(rows, ()), settings(folder, **flags))["Would cost"]


# How a run ends before its first call


async def test_an_interrupted_run_ends_with_130_and_its_report(two: str, folder: Path) -> None:
    """Everything known is told, and nothing was asked of the service."""
    stop = StopSwitch()
    stop.press()
    report = await run("run", [two], settings(folder, yes=True, token="a-token"), stop=stop)
    assert ((130, "interrupted"), ["not_attempted"] * 2) == (code_of(report), outcomes(report))
    assert 0 == report.requests.get + report.requests.post
    assert (folder / "report.json").is_file()


async def test_strict_ends_with_13_and_needs_no_answer(folder: Path) -> None:
    """The warning is told with its place, and how many more there are."""
    rows = [[customer(1), "Education", "K12", "a.contoso.example"]]
    rows.append([customer(1), "Education", "K12", "b.contoso.example"])
    rows += [[customer(2), *rows[0][1:]], [customer(2), *rows[1][1:]]]
    sheet = csv_file(folder, [("customer_id", "qualification", "education_segment", "website"), *rows])
    report = await run("run", [sheet], settings(folder, strict=True, token="a-token"))
    assert (13, "strict") == code_of(report)
    assert report.error is not None
    assert "and 1 more" in report.error.message
    assert ["not_attempted", "duplicate"] * 2 == outcomes(report)
    assert 2 == len(report.notices)


async def test_a_canary_of_0_is_a_quiet_run(two: str, folder: Path) -> None:
    """Nothing to do is no reason for concern."""
    report = await run("run", [two], settings(folder, first=0, token="a-token"))
    assert ((0, None), ["not_attempted"] * 2) == (code_of(report), outcomes(report))


async def test_headings_without_rows_are_a_quiet_run(folder: Path) -> None:
    """Exit 0, and a warning."""
    sheet = csv_file(folder, [("customer_id", "qualification")])
    report = await run("run", [sheet], settings(folder, token="a-token"))
    assert (0, None) == code_of(report)
    assert report.notices


async def test_a_ledger_that_fails_in_the_middle_ends_with_1(two: str, folder: Path) -> None:
    """Not 11, which promises that nothing was sent. The report tells what is known."""

    def break_it(event: Event) -> None:
        if isinstance(event, RunStarted):
            with closing(sqlite3.connect(folder / "ledger.sqlite3")) as other:
                other.execute("ALTER TABLE run RENAME TO walk")

    report = await run("run", [two], settings(folder, first=0, token="a-token"), say=break_it)
    assert (1, "ledger-lost") == code_of(report)
    assert report.error
    assert "ledger.sqlite3" in report.error.message
    assert report.error.hint
    assert 2 == json.loads((folder / "report.json").read_text(encoding="utf-8"))["rows_in"]


async def test_an_interrupted_run_whose_ledger_fails_ends_with_130_and_says_both(
    two: str, folder: Path
) -> None:
    """The interruption gives the exit code, the lost ledger is what somebody has to know."""
    stop = StopSwitch()

    def take_it_away(event: Event) -> None:
        if isinstance(event, RunStarted):
            (folder / "ledger.sqlite3").rename(folder / "away.sqlite3")
            stop.press()

    using = settings(folder, token="a-token", yes=True)
    report = await run("run", [two], using, say=take_it_away, stop=stop)
    assert (130, "ledger-lost") == code_of(report)
    assert 2 == json.loads((folder / "report.json").read_text(encoding="utf-8"))["rows_in"]


# The default place of the report


@pytest.mark.parametrize(
    ("command", "source", "pattern"),
    [
        pytest.param("run", "sub/customers.csv", "sub/customers-report-*.xlsx", id="beside the first input"),
        pytest.param("run", "-", "stdin-report-*.xlsx", id="standard input"),
        pytest.param("resume", None, "resume-report-*.xlsx", id="no input"),
    ],
)
async def test_a_report_stands_where_it_is_looked_for(
    command: Command, source: str | None, pattern: str, folder: Path
) -> None:
    """Unless told otherwise: beside the input, or here."""
    text = f"Customer Tenant ID,Qualification\n{customer(1)},SOE\n".encode()
    (folder / "sub").mkdir()
    (folder / "sub" / "customers.csv").write_bytes(text)
    using = settings(folder, report=None, yes=True)
    report = await run(command, [source] if source else [], using, stdin=io.BytesIO(text), clock=HandClock())
    [written] = files(folder, pattern)
    assert [written] == [(folder / path).name for path in report.reports]


async def test_a_default_place_that_takes_no_files_is_found_before_anything_is_sent(folder: Path) -> None:
    """Rows that were read elsewhere may come from a folder that is not there any more."""
    row = InputRow(0, "gone/customers.csv", 2, ("a",), education(1))
    intake = Intake((InputFile("gone/customers.csv", "0" * 64, 1),), ("Customer",), (row,))
    refused = await tried(using=settings(folder, report=None, yes=True), intake=intake)
    assert "report-folder" == refused.code
    assert not (folder / "ledger.sqlite3").exists()

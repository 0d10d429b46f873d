"""`support`: the packet for a ticket."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from support.command_line import QUICK, CommandLine, sheet
from support.journals import lived_ledger
from support.ledgers import HandClock, a_ledger, customer, gcc, new_request
from support.sheets import csv_file
from support.sheets import customer as customer_of_sheet

from batchqual.ledger import NewRun, State
from batchqual.model import InputRow
from batchqual.simulator import Simulator

Serve = Callable[..., Simulator]
CODE = "7788991"
TOKEN = "eyJhbGciOiJub25lIn0.eyJ0aWQiOiJ4In0.c2lnbmF0dXJl"


@pytest.fixture
def ledger(folder: Path) -> Path:
    return lived_ledger(folder)


def packet(cli: CommandLine, *arguments: object) -> str:
    """The text that the command wrote."""
    done = cli("support", *arguments)
    assert (0, "") == (done.code, done.err)
    return Path(done.out.strip()).read_text(encoding="utf-8")


def test_a_row_of_the_last_run(folder: Path, online: CommandLine, cli: CommandLine) -> None:
    """What a ticket needs of a row that was really sent: IDs, times, statuses, the body, the history."""
    assert 0 == online("run", sheet(folder), "--yes", "--report", "r.json").code
    report = json.loads((folder / "r.json").read_text(encoding="utf-8"))
    reported = report["rows"][1]
    text = packet(cli, "3", *online.defaults[:4])
    assert f"About               row 3 of customers.csv, run {report['run_id']}\n" in text
    for told in (reported["request_id"], reported["correlation_id"], reported["submitted_at"][:19]):
        assert told in text
    assert '\n  {"qualification":"Education","educationSegment":"K12"}\n' in text
    assert f"/v1/customers/{customer_of_sheet(1)}/qualifications\n" in text
    assert "Education attempts  1 of 3" in text
    assert ["enrolled", "intended", "answered", "looked"] == [
        line.split()[1] for line in text.partition("History (UTC)\n")[2].splitlines()
    ]
    assert customer_of_sheet(0) not in text
    assert customer_of_sheet(2) not in text


def another_sheet(folder: Path) -> str:
    """A sheet of one row."""
    rows = [("Customer ID", "Qualification"), (customer_of_sheet(3), "StateOwnedEntity")]
    return csv_file(folder, rows, name="other.csv")


@pytest.fixture
def slow(serve: Serve, online: CommandLine) -> CommandLine:
    """Commands against a simulator that leaves everything in review, and looks once."""
    simulator = serve(vetting_delay=(600.0, 600.0))
    online.defaults = ("--ledger", "l.sqlite3", "--base-url", simulator.base_url, *QUICK, "--wait", "0")
    return online


def test_a_row_after_a_resume(folder: Path, slow: CommandLine, cli: CommandLine) -> None:
    """The nightly resume is the last run then: its row is the customer's request, of the right kind."""
    assert 4 == slow("run", sheet(folder), "--yes").code
    assert 4 == slow("run", another_sheet(folder), "--yes").code
    assert 4 == slow("resume").code
    text = packet(cli, "3", *slow.defaults[:4])
    assert "About               row 3 of customers.csv, resume " in text
    assert f"Customer            {customer_of_sheet(1)}\n" in text
    assert "Request 1 of 1: Education\n" in text


def test_behind_a_resume_without_the_row_stands_the_run_of_the_sheet(
    folder: Path, online: CommandLine, cli: CommandLine
) -> None:
    """Nothing was open any more when `resume` looked: the report that has the row is that of the sheet."""
    assert 0 == online("run", sheet(folder), "--yes", "--report", "r.json").code
    for _ in range(2):
        assert 0 == online("resume").code
    run_id = json.loads((folder / "r.json").read_text(encoding="utf-8"))["run_id"]
    text = packet(cli, "3", *online.defaults[:4])
    assert f"About               row 3 of customers.csv, run {run_id}\n" in text
    assert f"Customer            {customer_of_sheet(1)}\n" in text
    missing = cli("support", "99", *online.defaults[:4])
    assert (2, "") == (missing.code, missing.out)
    assert f"Neither the run {run_id} nor a resume after it has a row 99." in missing.err
    [resume, _, _] = cli("status", "--json", *online.defaults[:4]).document["runs"]
    named = cli("support", "3", "--run", resume["run_id"], *online.defaults[:4])
    assert f"The resume {resume['run_id']} has no row 3." in named.err


def test_a_row_of_an_earlier_sheet_is_in_the_report_too(
    folder: Path, slow: CommandLine, cli: CommandLine
) -> None:
    """The report shows it apart; a row of the input with the same number comes first."""
    assert 4 == slow("run", sheet(folder), "--yes").code
    assert 4 == slow("run", another_sheet(folder), "--yes").code
    assert f"Customer            {customer_of_sheet(2)}\n" in packet(cli, "4", *slow.defaults[:4])
    text = packet(cli, "2", *slow.defaults[:4])
    assert f"Customer            {customer_of_sheet(3)}\n" in text
    assert "Request 1 of 1: StateOwnedEntity\n" in text


def test_two_packets_in_one_second(ledger: Path, cli: CommandLine, folder: Path) -> None:
    """The second one takes a name that is free."""
    for _ in range(4):
        packet(cli, customer(1), "--ledger", ledger)
    assert 4 == len(list(folder.glob(f"support-{customer(1)}-*.txt")))


def test_a_customer_with_all_requests(ledger: Path, cli: CommandLine, folder: Path) -> None:
    """The file is named after the customer and the time, for its owner alone."""
    text = packet(cli, f"{{{customer(1)}}}".upper(), "--ledger", ledger)
    assert "Request 1 of 1: Education" in text
    [path] = folder.glob(f"support-{customer(1)}-*.txt")
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)


async def _unlucky(path: Path) -> str:
    """A GCC request whose answer told its code and a token back; then refused, and offered anew."""
    request_id = "00000000-0000-4000-8000-0000000000f1"
    with a_ledger(path, HandClock()) as ledger:
        await ledger.start_run(NewRun("r", "run", (), (), {"API": "asynchronous"}, ()))
        [one] = await ledger.enrol([new_request(gcc(7, CODE))])
        one = await ledger.intend(one, request_id)
        words = f"The code {CODE} of\nBearer {TOKEN} is used up."
        one = await ledger.move(one, State.SENDING, event="answer lost", note=words)
        one = await ledger.answered(
            one, State.REFUSED, http_status=400, error_code="2021", error_message=words
        )
        [two] = await ledger.enrol([new_request(gcc(7, CODE), predecessor=one.id)])
        await ledger.intend(two, "00000000-0000-4000-8000-0000000000f2")
    return request_id


def test_nothing_secret_is_in_it(folder: Path, cli: CommandLine) -> None:
    """Not the code, in the body, the address or in anybody's words; no token; and no line is forged."""
    path = folder / "l.sqlite3"
    asyncio.run(_unlucky(path))
    text = packet(cli, customer(7), "--ledger", path, "--out", "p.txt")
    document = cli("support", customer(7), "--ledger", path, "--out", "q.txt", "--json").out
    for told in (text, document):
        assert CODE not in told
        assert TOKEN not in told
    assert f"qualifications?code={'•' * 5}91\n" in text
    assert f'"validationCode":"{"•" * 5}91"' in text
    assert "What was sent is made again from the record" in text
    assert f"Error message    The code {'•' * 5}91 of\\x0aBearer [hidden] is used up.\n" in text


def test_an_id_of_the_report_finds_its_request(folder: Path, cli: CommandLine) -> None:
    """That one alone; its follower says which it follows."""
    path = folder / "l.sqlite3"
    request_id = asyncio.run(_unlucky(path))
    text = packet(cli, request_id, "--ledger", path, "--out", "one.txt")
    assert "Request 1 of 1: GovernmentCommunityCloud" in text
    both = packet(cli, customer(7), "--ledger", path, "--out", "both.txt")
    assert "Request 2 of 2" in both
    assert f"Follows MS-RequestId  {request_id}" in both


def test_as_a_document(ledger: Path, cli: CommandLine) -> None:
    """The same for a program, with where the file is."""
    document = cli("support", customer(2), "--ledger", ledger, "--json", "--out", "p.txt").document
    assert ("support", "p.txt", 0, None) == tuple(
        document[key] for key in ("command", "file", "exit_code", "error")
    )
    [request] = document["packet"]["requests"]
    assert customer(2) == document["packet"]["customer_id"] == request["customer_tenant"]
    told = [(line["event"], line["request_id"]) for line in request["history"]]
    assert ("answer lost", "rid-2") in told
    assert ("withdrawn", "rid-2") == told[-1]


def test_a_file_that_is_there_stays(ledger: Path, cli: CommandLine, folder: Path) -> None:
    """Refused before anything is read."""
    (folder / "p.txt").write_text("mine", encoding="utf-8")
    done = cli("support", customer(1), "--ledger", ledger, "--out", "p.txt")
    assert (2, "") == (done.code, done.out)
    assert "p.txt is there already" in done.err
    assert "mine" == (folder / "p.txt").read_text(encoding="utf-8")


def test_a_row_number_of_two_files_is_ambiguous(folder: Path, cli: CommandLine) -> None:
    """The files are named, and what to give instead."""
    rows = [
        InputRow(at, f"{name}.csv", 2, (), gcc(at), customer_id=customer(at)) for at, name in enumerate("ab")
    ]

    async def go() -> None:
        with a_ledger(folder / "l.sqlite3") as ledger:
            await ledger.start_run(NewRun("r", "run", (), (), {}, rows))

    asyncio.run(go())
    done = cli("support", "2", "--ledger", "l.sqlite3")
    assert 2 == done.code
    assert f"more than one row 2 (a.csv: {customer(0)}; b.csv: {customer(1)})" in done.err
    assert "Give the customer ID" in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param((), "needs a row number, a customer ID or a request ID", id="nothing"),
        pytest.param(
            ("contoso.example",), "contoso.example is neither a row number nor an ID", id="a domain"
        ),
        pytest.param(
            (customer(99),), f"knows no customer, request ID or correlation ID {customer(99)}", id="new"
        ),
        pytest.param(("99",), "has no row 99", id="no row"),
        pytest.param(("2",), "Nothing was ever sent for row 2", id="never sent"),
        pytest.param(("3", "--run", "x"), "holds no run x", id="no run"),
        pytest.param((customer(1), "--run", "run-1"), "--run goes with a row number", id="run of a customer"),
    ],
)
def test_what_there_is_no_packet_for(
    arguments: tuple[str, ...], words: str, ledger: Path, cli: CommandLine, folder: Path
) -> None:
    """Exit 2, in words, and no file."""
    done = cli("support", "--ledger", ledger, *arguments)
    assert (2, "") == (done.code, done.out)
    assert words in done.err
    assert [] == list(folder.glob("support-*"))

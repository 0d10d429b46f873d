"""`check`, `template`, `status`, `report` and `codes`."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.command_line import CommandLine, sheet
from support.ledgers import ORIGIN, PARTNER, HandClock
from support.sheets import customer

from batchqual.ledger import Ledger, NewRequest, NewRun, State
from batchqual.model import Qualification, QualificationRequest
from batchqual.simulator import Simulator

Serve = Callable[..., Simulator]

DAMAGED = [("not-a-guid", "Contoso", "Education", "K12", ""), (customer(0), "Twice", "Education", "K12", "")]


def test_check_lists_findings_with_their_cells(folder: Path, cli: CommandLine) -> None:
    """One a line on standard output: errors by cell, notes, and the totals as talk."""
    done = cli("check", sheet(folder, extra=DAMAGED))
    assert 3 == done.code
    error, note = done.out.splitlines()
    assert error.startswith(
        "error: customers.csv, row 5 (Contoso), A5 “Customer ID”: customer_id “not-a-guid”"
    )
    assert note.startswith("note: customers.csv, row 6 (Twice): ")
    assert "1 row needs attention: the lines above say what to correct" in done.err
    assert "3 rows found sound" in done.err


def test_check_as_a_document_moves_the_findings_aside(folder: Path, cli: CommandLine) -> None:
    """Standard output is the document; the findings are talk."""
    done = cli("check", sheet(folder, extra=DAMAGED), "--json")
    assert (3, "check", 1) == (
        done.document["exit_code"],
        done.document["command"],
        done.document["outcomes"]["invalid"],
    )
    assert "error: customers.csv, row 5 (Contoso), A5 “Customer ID”: " in done.err


def test_check_writes_a_report_only_when_asked(folder: Path, cli: CommandLine) -> None:
    """Nothing is written beside the input."""
    cli("check", sheet(folder))
    assert ["customers.csv"] == [path.name for path in folder.iterdir()]
    assert 0 == cli("check", "customers.csv", "--report", "checked.xlsx").code
    assert (folder / "checked.xlsx").exists()


def test_check_mends_what_can_be_mended(folder: Path, cli: CommandLine) -> None:
    """The repaired copy has fewer mistakes; what it could not mend stays marked."""
    extra = [(f"{{{customer(9).upper()}}}", "Braces", "edu", "k-12", ""), DAMAGED[0]]
    done = cli("check", sheet(folder, extra=extra), "--fix", "fixed.xlsx")
    assert "Repaired copy: fixed.xlsx" in done.err
    again = cli("check", "fixed.xlsx")
    assert 1 == again.out.count("error: ")


def test_check_mends_standard_input_too(
    folder: Path, cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read once, and used twice."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(sheet(folder).read_bytes())))
    assert 0 == cli("check", "-", "--fix", "fixed.xlsx").code
    assert 0 == cli("check", "fixed.xlsx").code


def test_a_terminal_is_told_that_its_input_is_waited_for(
    folder: Path, cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`-` at a terminal: a person wonders why nothing happens."""

    class Keyboard(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Keyboard(io.BytesIO(sheet(folder).read_bytes())))
    assert "Reading CSV from standard input" in cli("check", "-").err


def test_a_template_is_accepted_as_it_stands(folder: Path, cli: CommandLine) -> None:
    """Its path is data; `check` finds nothing wrong with it."""
    done = cli("template", "new.xlsx")
    assert (0, "new.xlsx\n", "") == (done.code, done.out, done.err)
    assert 0 == cli("check", "new.xlsx").code


def test_a_template_does_not_write_over_a_file(folder: Path, cli: CommandLine) -> None:
    """Unless told to."""
    (folder / "new.xlsx").write_text("precious", encoding="utf-8")
    done = cli("template", "new.xlsx")
    assert 2 == done.code
    assert "is there already" in done.err
    assert "precious" == (folder / "new.xlsx").read_text(encoding="utf-8")
    assert 0 == cli("template", "new.xlsx", "--force").code


@pytest.fixture
def kept(folder: Path, online: CommandLine) -> CommandLine:
    """A ledger that has seen a run, and commands that know it."""
    online("run", sheet(folder, extra=[(customer(70), "City", "GCC", "", "AB12CD")]), "--yes", "--wait", "5s")
    return online


@pytest.mark.parametrize("verb", ["status", "report"])
def test_without_a_ledger_there_is_nothing_to_tell(verb: str, cli: CommandLine) -> None:
    """Exit 11, as text and as a document."""
    done = cli(verb, "--ledger", "none.sqlite3", "--json")
    assert 11 == done.code == done.document["exit_code"]
    assert "no-ledger" == done.document["error"]["code"]
    assert "error: There is no ledger" in done.err


def test_status_shows_what_the_ledger_knows(kept: CommandLine, folder: Path) -> None:
    """Tables on standard output, for each partner, and the latest runs."""
    address = kept.defaults[:4]
    kept.defaults = ()
    done = kept("status", *address)
    assert (0, "") == (done.code, done.err)
    for words in ("Ledger ledger.sqlite3", "partner (not named)", "Approved", "Latest runs", " run "):
        assert words in done.out


def test_status_tells_a_yes_from_a_no_and_what_nobody_sent(folder: Path, online: CommandLine) -> None:
    """Approved, denied and not submitted: neither all of them settled, nor queued by a plan that sends
    nothing."""
    defaults = online.defaults
    online("plan", sheet(folder))
    online.defaults = defaults[:4]
    text = online("status").out
    assert "Not submitted" in text
    assert "queued" not in text.lower()
    online.defaults = defaults
    online("run", sheet(folder), "--yes", "--wait", "5s")
    online.defaults = defaults[:4]
    text = online("status").out
    assert "Approved" in text
    assert "settled" not in text.lower()
    assert "Not submitted" not in text


async def _open_matters(path: Path) -> None:
    """A ledger with something in review for the second time, an answer that was lost, and a closed gate."""
    now = datetime.now(UTC)
    with Ledger.open(path, clock=HandClock(now), command="run") as ledger:
        first, second, third = (
            NewRequest(ORIGIN, PARTNER, QualificationRequest(customer(n), Qualification.EDUCATION))
            for n in (1, 2, 3)
        )
        [denied] = await ledger.enrol([first])
        denied = await ledger.intend(denied, "request-1")
        denied = await ledger.answered(denied, State.IN_REVIEW, http_status=201)
        denied = await ledger.looked(denied, State.SETTLED, vetting_status="Denied")
        again, lost, last = await ledger.enrol([replace(first, predecessor=denied.id), second, third])
        again = await ledger.intend(again, "request-2")
        await ledger.answered(again, State.IN_REVIEW, http_status=201)
        await ledger.intend(lost, "request-3")
        await ledger.answered(await ledger.intend(last, "request-4"), State.IN_REVIEW, http_status=201)
        await ledger.keep_closed_until(ORIGIN, PARTNER, now + timedelta(hours=1))


def test_status_shows_what_is_open(folder: Path, online: CommandLine) -> None:
    """What is in review and since when, unknown fates, and who has used up attempts."""
    asyncio.run(_open_matters(folder / "open.sqlite3"))
    online.defaults = ("--ledger", "open.sqlite3")
    text = online("status").out
    for words in (
        "Oldest in review: ",
        "1 submission of unknown fate",
        "Education requests used",
        "2 of 3",
        "2 customers have used 1 of 3 Education requests.",
        "pause until",
    ):
        assert words in text
    assert customer(3) not in text
    [partner] = online("status", "--json").document["partners"]
    told = {outcome: count for outcome, count in partner["outcomes"].items() if count}
    assert {"in_review": 2, "unknown": 1} == told
    assert 1 == partner["counts"]["sending"] == len(partner["unknown"])
    assert {customer(1): 2, customer(2): 1, customer(3): 1} == partner["education_attempts"]
    assert partner["oldest_in_review"]["since"].endswith("Z")
    assert partner["closed_until"].endswith("Z")


def test_status_during_a_run_speaks_of_requests_on_their_way(folder: Path, online: CommandLine) -> None:
    """And says who runs; only without a run their fate is unknown."""
    path = folder / "open.sqlite3"
    asyncio.run(_open_matters(path))
    online.defaults = ("--ledger", "open.sqlite3")
    with Ledger.open(path, clock=HandClock(), command="run"):
        text = online("status").out
        document = online("status", "--json").document
    assert "In use: batchqual run, process " in text
    assert "1 submission on its way:" in text
    assert "unknown fate" not in text
    assert document["in_use"].startswith("batchqual run, process ")
    assert online("status", "--json").document["in_use"] is None
    assert "In use" not in online("status").out


def test_status_says_which_run_did_not_end(folder: Path, cli: CommandLine) -> None:
    """One that was killed does not look like one that is still going."""
    path, clock = folder / "l.sqlite3", HandClock()

    async def begin(ledger: Ledger, run_id: str) -> None:
        await ledger.start_run(NewRun(run_id, "run", (), (), {}, ()))

    with Ledger.open(path, clock=clock, command="run") as ledger:
        asyncio.run(begin(ledger, "killed"))
    clock.pass_(60)
    with Ledger.open(path, clock=clock, command="run") as ledger:
        asyncio.run(begin(ledger, "going"))
        text = cli("status", "--ledger", path).out
        document = cli("status", "--ledger", path, "--json").document
    going, killed = text.rstrip().splitlines()[-2:]
    assert ("going", "still going") == (going.split()[0], " ".join(going.split()[4:6]))
    assert ("killed", "did not end") == (killed.split()[0], " ".join(killed.split()[4:7]))
    assert [True, False] == [run["going"] for run in document["runs"]]
    assert "still going" not in cli("status", "--ledger", path).out


def test_check_with_strict_ends_as_a_run_would(folder: Path, cli: CommandLine) -> None:
    """13 for a warning, with the findings and the report all the same; without it, 0."""
    path = sheet(folder, extra=[(customer(9), "City", "SOE", "K12", "")], name="warned.csv")
    assert 0 == cli("check", path).code
    done = cli("check", path, "--strict", "--report", "checked.json")
    assert 13 == done.code
    assert "warning: " in done.out
    assert "error: --strict: the input has a warning" in done.err
    assert (folder / "checked.json").exists()
    document = cli("check", path, "--strict", "--json").document
    assert (13, "strict") == (document["exit_code"], document["error"]["code"])
    assert 0 == cli("check", sheet(folder), "--strict").code


@pytest.mark.parametrize("verb", ["check", "status", "report"])
def test_a_mistyped_variable_is_told(
    verb: str, folder: Path, kept: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line of talk; the data and the exit code are as ever."""
    words: list[object] = [verb, folder / "customers.csv"] if verb == "check" else [verb, *kept.defaults[:4]]
    kept.defaults = ()
    before = kept(*words, "--json")
    monkeypatch.setenv("BATCHQUAL_RAET", "1")
    done = kept(*words, "--json")
    note = "note: BATCHQUAL_RAET is no setting of batchqual; did you mean BATCHQUAL_RATE?"
    assert note not in before.err.splitlines()
    assert 1 == done.err.splitlines().count(note)
    assert before.code == done.code
    assert before.document.keys() == done.document.keys()


def test_a_mistyped_variable_is_told_by_a_run(
    folder: Path, online: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, before it begins; --quiet says nothing of it."""
    monkeypatch.setenv("BATCHQUAL_RAET", "1")
    assert 1 == online("plan", sheet(folder)).err.count("did you mean BATCHQUAL_RATE?")
    assert "" == online("plan", sheet(folder), "--quiet").err


def test_status_is_a_document_too(kept: CommandLine) -> None:
    """The same for a script."""
    address = kept.defaults[:4]
    kept.defaults = ()
    document = kept("status", *address, "--json").document
    assert (0, None, "status") == (document["exit_code"], document["error"], document["command"])
    assert ["run"] == [run["command"] for run in document["runs"]]


def test_a_report_can_be_had_again(kept: CommandLine, folder: Path) -> None:
    """Of the last run, or of one by its name; the exit code is about the writing."""
    address = kept.defaults[:4]
    kept.defaults = ()
    run_id = kept("status", *address, "--json").document["runs"][0]["run_id"]
    done = kept("report", *address, "--run", run_id, "--report", "again.csv")
    assert (0, "again.csv\n") == (done.code, done.out)
    assert run_id == kept("report", *address, "--json").document["run_id"]
    assert 2 == kept("report", *address, "--run", "00000000").code


def test_codes_are_listed_by_their_last_characters(serve: Serve, kept: CommandLine) -> None:
    """A table, or a document; the code itself is nowhere."""
    simulator = serve(codes=("AB12CD=5",))
    kept.defaults = ("--base-url", simulator.base_url, "--ledger", "codes.sqlite3")
    done = kept("codes")
    assert 0 == done.code
    assert "••••CD" in done.out
    document = kept("codes", "--json").document
    assert [5] == [code["remaining"] for code in document["codes"]]
    assert "AB12" not in f"{done}{document}"


def test_a_partner_without_codes_is_told_so(serve: Serve, online: CommandLine) -> None:
    """Nothing on standard output, a sentence as talk."""
    online.defaults = ("--base-url", serve().base_url, "--ledger", "codes.sqlite3")
    done = online("codes")
    assert (0, "", "The partner has no validation codes.\n") == (done.code, done.out, done.err)


def test_codes_need_a_token(serve: Serve, cli: CommandLine) -> None:
    """Exit 12."""
    assert 12 == cli("codes", "--base-url", serve().base_url, "--ledger", "codes.sqlite3").code

"""`run`, `plan`, `resume` and `rehearse` from the outside: exit codes, data and talk."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.command_line import QUICK, CommandLine, sheet
from support.sheets import customer

from batchqual.simulator import Simulator

Serve = Callable[..., Simulator]


def test_a_run_says_what_became_of_the_rows_and_where_the_report_is(
    folder: Path, online: CommandLine
) -> None:
    """Standard output has the path and nothing else; the table and what is left to do are talk."""
    done = online("run", sheet(folder), "--yes", "--report", "out.xlsx", "--report", "out.csv")
    assert (0, "out.xlsx\nout.csv\n") == (done.code, done.out)
    assert (folder / "out.xlsx").exists()
    assert " Approved " in done.err
    assert "Rows in" in done.err
    assert done.err.endswith("Nothing is left to do.\n")


def test_a_second_run_submits_nothing(folder: Path, online: CommandLine) -> None:
    """The same command again costs no submission."""
    first = online("run", sheet(folder), "--yes", "--json").document
    again = online("run", "customers.csv", "--yes", "--json").document
    assert (3, 0) == (first["requests"]["post"], again["requests"]["post"])
    assert 3 == again["outcomes"]["approved"]


def test_the_report_stands_beside_the_input_unless_told_otherwise(folder: Path, online: CommandLine) -> None:
    """`<input stem>-report-<time>.xlsx`."""
    (folder / "data").mkdir()
    done = online("run", sheet(folder / "data"), "--yes")
    path = Path(done.out.strip())
    assert path.is_file()
    assert folder / "data" == path.parent
    assert path.name.startswith("customers-report-")


def test_the_document_is_all_of_standard_output(folder: Path, online: CommandLine) -> None:
    """One JSON document, balanced; the talk names the report."""
    done = online("run", sheet(folder), "--yes", "--json", "--report", "out.json")
    document = done.document
    assert (0, "run", 3, True, None) == (
        document["exit_code"],
        document["command"],
        document["rows_in"],
        document["balanced"],
        document["error"],
    )
    assert ["out.json"] == document["reports"]
    assert "Report: out.json\n" in done.err


def test_in_review_is_the_normal_night(folder: Path, serve: Serve, online: CommandLine) -> None:
    """Exit 4, and what to do tomorrow; `resume` then looks without an input."""
    address = ("--base-url", serve(vetting_delay=(3600.0, 3600.0)).base_url)
    done = online("run", sheet(folder), "--yes", "--wait", "0", *address, "--ledger", "slow.sqlite3")
    assert 4 == done.code
    assert "3 rows are in review. Vetting takes days: give the same command again tomorrow" in done.err


def test_resume_needs_no_input(folder: Path, serve: Serve, online: CommandLine) -> None:
    """It looks at what the ledger knows to be open, and reports it."""
    online.defaults = (
        "--base-url",
        serve(vetting_delay=(3600.0, 3600.0)).base_url,
        "--ledger",
        "slow.sqlite3",
        *QUICK,
    )
    online("run", sheet(folder), "--yes", "--wait", "0")
    done = online("resume", "--wait", "0", "--report", "open.csv")
    assert (4, "open.csv\n") == (done.code, done.out)
    assert "give `batchqual resume` again tomorrow" in done.err


def test_rows_that_need_attention_are_told(folder: Path, online: CommandLine) -> None:
    """Exit 3, and where to read what to do."""
    extra = [("not-a-guid", "Contoso", "Education", "K12", "")]
    workbook = online("run", sheet(folder, extra=extra), "--yes", "--report", "out.xlsx")
    assert 3 == workbook.code
    assert "1 row needs attention: the sheet Needs attention of the report says" in workbook.err
    text = online("run", "customers.csv", "--yes", "--report", "out.csv")
    assert "the column what_to_do of the report" in text.err


def test_without_a_terminal_and_without_yes_nothing_is_sent(
    folder: Path, serve: Serve, online: CommandLine
) -> None:
    """Exit 2, with the number of submissions and the way out."""
    simulator = serve()
    done = online("run", sheet(folder), "--base-url", simulator.base_url)
    assert (2, "") == (done.code, done.out)
    assert "--yes" in done.err
    assert 0 == simulator.books.total


def test_a_canary_leaves_the_others(folder: Path, online: CommandLine) -> None:
    """--first: exit 0, and how to go on."""
    done = online("run", sheet(folder), "--yes", "--first", "1")
    assert 0 == done.code
    assert "2 rows not attempted yet: the same command without --first goes on." in done.err


def test_without_a_token_the_run_ends_with_12(
    folder: Path, online: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report is written, and the document has the error."""
    monkeypatch.delenv("BATCHQUAL_ACCESS_TOKEN")
    done = online("run", sheet(folder), "--yes", "--json", "--report", "out.csv")
    assert 12 == done.code == done.document["exit_code"]
    assert "batchqual login" in done.document["error"]["hint"]
    assert "error: Sign-in is needed" in done.err
    assert 3 == done.document["outcomes"]["not_attempted"]
    assert (folder / "out.csv").exists()


def test_a_refusal_of_the_partner_as_a_whole_ends_with_13(
    folder: Path, serve: Serve, online: CommandLine
) -> None:
    """Stopped, with the reason and a hint."""
    simulator = serve(refusals=("fetch=403/900308", "customer=403/900308", "submit=403/900308"))
    done = online(
        "run", sheet(folder, 30), "--yes", "--base-url", simulator.base_url, "--ledger", "new.sqlite3"
    )
    assert 13 == done.code
    assert "\nerror: " in done.err
    assert "\nhint: " in done.err


def test_a_ledger_that_is_in_use_ends_with_11(folder: Path, online: CommandLine) -> None:
    """The holder is named, and nothing is sent."""
    from batchqual.clock import SystemClock
    from batchqual.ledger import Ledger

    with Ledger.open(folder / "ledger.sqlite3", clock=SystemClock(), command="run"):
        done = online("run", sheet(folder), "--yes", "--json")
    assert 11 == done.code == done.document["exit_code"]
    assert "ledger-in-use" == done.document["error"]["code"]


def test_a_plan_writes_nothing_and_says_what_a_run_would_do(
    folder: Path, serve: Serve, online: CommandLine
) -> None:
    """Every row would be submitted; no submission is made."""
    simulator = serve()
    done = online("plan", sheet(folder), "--base-url", simulator.base_url)
    assert 0 == done.code
    assert "3 rows would be submitted: `batchqual run` with the same input does it." in done.err
    assert 0 == sum(simulator.books.accepted.values())


def test_a_rehearsal_is_a_whole_run(folder: Path, cli: CommandLine) -> None:
    """Nothing is asked, nothing is kept but the report."""
    done = cli("rehearse", sheet(folder), "--rate", "none", "--json", "--report", "out.csv")
    assert 0 == done.code
    assert ("rehearse", 3, 3) == (
        done.document["command"],
        done.document["outcomes"]["approved"],
        done.document["requests"]["post"],
    )
    assert {"customers.csv", "out.csv"} == {path.name for path in folder.iterdir()}


def test_a_rehearsal_that_ends_early_says_how_to_give_it_time(folder: Path, cli: CommandLine) -> None:
    """--wait."""
    done = cli("rehearse", sheet(folder), "--rate", "none", "--wait", "0")
    assert 4 == done.code
    assert "--wait gives it more time" in done.err


def test_a_sheet_may_come_through_standard_input(
    folder: Path, online: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`-` is CSV; the report stands in the current folder."""
    piped = io.TextIOWrapper(io.BytesIO(sheet(folder).read_bytes()))
    monkeypatch.setattr(sys, "stdin", piped)
    done = online("run", "-", "--yes", "--json").document
    assert ("-", 3) == (done["inputs"][0]["path"], done["rows_in"])
    assert done["reports"][0].startswith("stdin-report-")


def test_quiet_leaves_the_data(folder: Path, online: CommandLine) -> None:
    """-q: the path on standard output and no talk."""
    done = online("run", sheet(folder), "--yes", "-q", "--report", "out.csv")
    assert (0, "out.csv\n", "") == (done.code, done.out, done.err)


def test_quiet_does_not_hide_errors(
    folder: Path, online: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why a run ended early is always said."""
    monkeypatch.delenv("BATCHQUAL_ACCESS_TOKEN")
    assert online("run", sheet(folder), "--yes", "-q").err.startswith("error: Sign-in is needed")


def test_json_logs_are_all_of_the_talk(
    folder: Path, online: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every line on standard error is an object with a name of the table, errors included."""
    from batchqual.telemetry import LOG_EVENTS

    online("run", sheet(folder, 1, name="one.csv"), "--yes", "--log-format", "json")
    done = online("run", sheet(folder), "--yes", "--log-format", "json", "-v", "--report", "out.csv")
    lines = [json.loads(line) for line in done.err.splitlines()]
    names = {line["event"] for line in lines}
    assert names <= set(LOG_EVENTS)
    assert {"batchqual.row_submitted", "batchqual.progress", "batchqual.run_finished"} <= names
    monkeypatch.delenv("BATCHQUAL_ACCESS_TOKEN")
    failed = online("run", "customers.csv", "--yes", "--log-format", "json")
    assert (
        "sign-in"
        == next(json.loads(line) for line in failed.err.splitlines() if "batchqual.error" in line)["code"]
    )


def test_an_error_before_the_run_is_a_log_line_too(cli: CommandLine) -> None:
    """--log-format json holds for whatever goes wrong."""
    done = cli("run", "gone.csv", "--log-format", "json")
    assert ("batchqual.error", "no-such-file") == tuple(
        json.loads(done.err)[key] for key in ("event", "code")
    )


def test_verbose_tells_each_step(folder: Path, online: CommandLine) -> None:
    """-v adds log lines to the talk; they name the customer and hide the code."""
    extra = [(customer(50), "City", "GCC", "", "ZZ99")]
    done = online("run", sheet(folder, extra=extra), "--yes", "-v")
    assert "batchqual.row_submitted" in done.err
    assert customer(0) in done.err
    assert "ZZ99" not in done.err


def test_a_settings_file_may_say_it_all(folder: Path, online: CommandLine) -> None:
    """Switches, too, and a flag goes before them."""
    (folder / "batchqual.toml").write_text(
        'yes = true\njson = true\nreport = ["file.csv"]\n', encoding="utf-8"
    )
    done = online("run", sheet(folder), "--report", "flag.csv")
    assert ["flag.csv"] == done.document["reports"]


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        pytest.param(
            "note: --allow-last-attempt changes nothing without --resubmit-denied or --resend-unknown.\n",
            ("run", "customers.csv", "--yes", "--allow-last-attempt"),
            id="the last one, without asking again",
        ),
        pytest.param(
            "note: --resubmit-denied and --allow-last-attempt change nothing here: nothing new is sent.\n",
            ("resume", "--resubmit-denied", "--allow-last-attempt"),
            id="resume",
        ),
        pytest.param(
            "note: --resubmit-denied changes nothing here: nothing new is sent.\n",
            ("resume", "--resubmit-denied"),
            id="resume, one of them",
        ),
        pytest.param(
            "", ("run", "customers.csv", "--yes", "--resubmit-denied", "--allow-last-attempt"), id="both"
        ),
        pytest.param(
            "",
            ("run", "customers.csv", "--yes", "--resend-unknown", "--allow-last-attempt"),
            id="for unknowns",
        ),
        pytest.param(
            "note: --resend-unknown changes nothing here: nothing new is sent.\n",
            ("resume", "--resend-unknown"),
            id="resume, the other one",
        ),
    ],
)
def test_leave_that_changes_nothing_is_told(
    words: str, arguments: tuple[str, ...], folder: Path, online: CommandLine
) -> None:
    """Whoever gives it expects something of it."""
    sheet(folder)
    done = online(*arguments)
    assert 0 == done.code
    assert words == "".join(line for line in done.err.splitlines(keepends=True) if "change" in line)

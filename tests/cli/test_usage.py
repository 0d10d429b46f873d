"""Wrong usage: exit 2, a sentence and a hint, no traceback, nothing sent; a document for who asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command_line import CommandLine, sheet

from batchqual.model import Outcome

WRONG = [
    pytest.param("No such command 'rnu'.", "Did you mean 'run'?", "rnu x.csv", id="verb with a slip"),
    pytest.param("No such command 'xyzzy'.", "`batchqual --help` lists", "xyzzy", id="verb like none"),
    pytest.param("No such option: --wiat.", "--wait", "run x.csv --wiat 1h", id="option with a slip"),
    pytest.param("No such option: --xyzzy.", "--help", "run x.csv --xyzzy", id="option like none"),
    pytest.param("'--rate' requires an argument.", "--help", "run x.csv --rate", id="value missing"),
    pytest.param("run needs at least one INPUT", "batchqual run customers.xlsx", "run", id="run nothing"),
    pytest.param("plan needs at least one INPUT", "batchqual plan customers.xlsx", "plan", id="plan nothing"),
    pytest.param("check needs at least one INPUT", "batchqual check", "check", id="check nothing"),
    pytest.param("rehearse needs at least one INPUT", "rehearse cust", "rehearse", id="rehearse nothing"),
    pytest.param(
        "--access-token is not an option",
        "BATCHQUAL_ACCESS_TOKEN",
        "run x.csv --access-token=eyJ0",
        id="token",
    ),
    pytest.param("--password is not an option", "environment", "run x.csv --password hunter2", id="password"),
    pytest.param("--rate: quick is not a number", "--help", "run x.csv --rate quick", id="rate"),
    pytest.param("--wait: soon is not a duration", "--help", "resume --wait soon", id="duration"),
    pytest.param("--api: Input should be", "--help", "check x.csv --api soap", id="api"),
    pytest.param("nowhere.toml cannot be read", "", "status --config nowhere.toml", id="settings file"),
    pytest.param("rate none is for", "", "run x.csv --rate none", id="no ceiling for the real service"),
    pytest.param("http", "", "run x.csv --base-url http://api.contoso.example", id="plain http"),
    pytest.param(
        "cannot go to", "", "rehearse x.csv --base-url https://api.contoso.example", id="rehearsal elsewhere"
    ),
    pytest.param(".pdf", ".xlsx", "check x.csv --report out.pdf", id="kind of report"),
    pytest.param(
        "nowhere", "--report", "run x.csv --yes --report nowhere/out.xlsx", id="folder of the report"
    ),
    pytest.param("template needs the name", "batchqual template", "template", id="template nothing"),
    pytest.param("the template is a workbook", ".xlsx", "template out.csv", id="template as CSV"),
    pytest.param(
        "the repaired copy is a workbook", ".xlsx", "check x.csv --fix out.csv", id="repaired as CSV"
    ),
    pytest.param("x.csv is there already", "--fix", "check x.csv --fix x.xlsx", id="repaired over a file"),
    pytest.param("--port", "--help", "simulate --port many", id="knob"),
]
UNREADABLE = "hunter2"


@pytest.mark.parametrize(("words", "hint", "line"), WRONG)
def test_wrong_usage_is_told_in_words(
    words: str, hint: str, line: str, folder: Path, cli: CommandLine
) -> None:
    """What is wrong, what to do, exit 2."""
    sheet(folder, name="x.csv")
    (folder / "x.xlsx").write_bytes(b"")
    done = cli(*line.split())
    error, _, advice = done.err.partition("\nhint: ")
    assert (2, "") == (done.code, done.out)
    assert error.startswith("error: ")
    assert words.replace("x.csv is", "x.xlsx is") in error
    assert hint in advice
    assert UNREADABLE not in done.err


@pytest.mark.parametrize(("words", "hint", "line"), WRONG)
def test_wrong_usage_is_a_document_too(
    words: str, hint: str, line: str, folder: Path, cli: CommandLine
) -> None:
    """With --json anywhere, standard output holds the same as one document."""
    sheet(folder, name="x.csv")
    (folder / "x.xlsx").write_bytes(b"")
    done = cli(*line.split(), "--json")
    assert 2 == done.code == done.document["exit_code"]
    assert done.document["error"]["message"] in done.err
    assert {"code", "message", "hint"} == set(done.document["error"])


def test_the_document_of_what_never_began_has_every_key(cli: CommandLine) -> None:
    """Scripts read the same keys whatever happens."""
    document = cli("run", "--json").document
    keys = "run_id command inputs rows_in outcomes balanced exit_code requests started_at finished_at reports"
    assert [*keys.split(), "error"] == list(document)
    assert dict.fromkeys(map(str, Outcome), 0) == document["outcomes"]
    assert dict.fromkeys(("get", "post", "put", "throttled", "retried"), 0) == document["requests"]
    assert (None, "run", [], []) == tuple(document[key] for key in ("run_id", "command", "inputs", "reports"))


def test_json_may_be_asked_for_by_the_environment(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script may set it once."""
    monkeypatch.setenv("BATCHQUAL_JSON", "true")
    assert "usage" == cli("rnu").document["error"]["code"]


def test_as_many_vs_as_one_likes(cli: CommandLine, folder: Path) -> None:
    """-vvvvv is no mistake."""
    assert 0 == cli("check", sheet(folder), "-vvvvv").code


def test_a_settings_file_that_asks_for_json_is_heard_on_failure_too(tmp_path: Path, cli: CommandLine) -> None:
    """A script that set it once gets the document of a run that could not begin as well."""
    config = tmp_path / "settings.toml"
    config.write_text("json = true\n", encoding="utf-8")
    done = cli("run", tmp_path / "missing.csv", "--yes", "--config", config)
    assert 10 == done.code == done.document["exit_code"]

"""`doctor` as a person, a script and a scheduler meet it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.command_line import CommandLine, command
from support.patient import CODE, SECRETS, Patient, patient_in
from support.sign_in_server import DESKTOP, TENANT

from batchqual.doctor import CHECKS, bare_environment

NAMES = [check.name for check in CHECKS]
DIFFERENCES = ["scheduled: settings", "scheduled: settings file", "scheduled: place", "scheduled: account"]


@pytest.fixture
def patient(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Patient]:
    """A healthy account, and a simulator for it."""
    with patient_in(folder, monkeypatch) as found:
        found.has_service()
        yield found


def test_lines_for_a_pipe(patient: Patient, cli: CommandLine) -> None:
    """One line a check, then the settings that somebody said, with their origin; nothing else is printed."""
    done = cli("doctor", "--rate", "2")
    assert (0, "") == (done.code, done.err), done.out
    lines = done.out.splitlines()
    checks = lines[: len(NAMES)]
    assert [] == [line for name, line in zip(NAMES, checks, strict=True) if f"pass    {name}: " not in line]
    assert "setting rate is 2 (--rate)" in lines
    assert f"setting tenant_id is {TENANT} (BATCHQUAL_TENANT_ID)" in lines


def test_a_table_for_a_person(patient: Patient, cli: CommandLine) -> None:
    """On a terminal: every check with its state, and the settings that somebody said."""
    patient.patch.setattr("batchqual.cli.console.stdout_is_terminal", lambda: True)
    patient.patch.setenv("BATCHQUAL_RAET", "5")
    done = cli("doctor")
    assert 0 == done.code
    for words in ("Check", "Found", "Fix", "validation codes", "warn", "Setting", "BATCHQUAL_TENANT_ID"):
        assert words in done.out


def test_a_document_for_a_script(patient: Patient, cli: CommandLine) -> None:
    """All checks and all settings, by name; ``error`` is null when nothing failed."""
    document = cli("doctor", "--json").document
    assert ["command", "checks", "settings", "place", "exit_code", "error"] == list(document)
    assert ("doctor", 0, None) == (document["command"], document["exit_code"], document["error"])
    assert NAMES == [one["name"] for one in document["checks"]]
    assert {"name", "state", "words", "fix"} == set(document["checks"][0])
    settings = {one["name"]: (one["value"], one["origin"]) for one in document["settings"]}
    assert ("5", "default") == settings["rate"]
    assert (DESKTOP, "BATCHQUAL_CLIENT_ID") == settings["client_id"]


@pytest.mark.parametrize(
    ("exit_code", "name", "variable", "value"),
    [
        pytest.param(1, "API host: connection", "BASE_URL", "http://127.0.0.1:1", id="way to the API"),
        pytest.param(2, "settings", "RATE", "quick", id="settings"),
        pytest.param(11, "ledger", "LEDGER", "no-such-folder/ledger.sqlite3", id="ledger"),
        pytest.param(12, "sign-in", "CLIENT_ID", "00000000-0000-4000-8000-0000000000c9", id="sign-in"),
    ],
)
def test_the_exit_code_is_that_of_the_first_failure(
    exit_code: int, name: str, variable: str, value: str, *, patient: Patient, cli: CommandLine
) -> None:
    """The document has it as ``error`` with what to do, and tells all other checks as well."""
    patient.patch.setenv(f"BATCHQUAL_{variable}", value)
    done = cli("doctor", "--json")
    assert (exit_code, exit_code) == (done.code, done.document["exit_code"]), done.out
    error = done.document["error"]
    assert error["message"].startswith(f"{name}: ")
    assert error["hint"]
    assert NAMES == [one["name"] for one in done.document["checks"]]


def test_a_refused_partner_is_13(folder: Path, monkeypatch: pytest.MonkeyPatch, cli: CommandLine) -> None:
    """With the fix beside it."""
    with patient_in(folder, monkeypatch) as patient:
        patient.knobs["refusals"] = ("codes=403/900308",)
        patient.has_service()
        done = cli("doctor")
    assert 13 == done.code
    assert "fail    answer: The service refuses a read (403)" in done.out
    assert "        fix: You have no role that may do this." in done.out


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["lines", "json"])
def test_no_secret_is_printed(form: tuple[str, ...], patient: Patient, cli: CommandLine) -> None:
    """Tokens, secrets and passwords are there or not, and never shown; codes are masked."""
    marks = {
        "CLIENT_SECRET": "marked-client-secret",
        "REFRESH_TOKEN": "marked-refresh-token",
        "ACCESS_TOKEN": "marked-access-token",
        "CLIENT_CERTIFICATE_PASSWORD": "marked-certificate-password",
    }
    for name, value in marks.items():
        patient.patch.setenv(f"BATCHQUAL_{name}", value)
    for auth in ("token", "refresh-token", "app"):
        done = cli("doctor", "--auth", auth, *form)
        said = done.out + done.err
        assert [] == [one for one in (*marks.values(), *SECRETS, CODE) if one in said]
        assert "client_secret" in said


def scheduled(patient: Patient, *words: str) -> dict[str, Any]:
    """The document of ``doctor --as-scheduled``, given in a process with all that the account has."""
    process = command("doctor", "--as-scheduled", "--json", *words)
    out, err = process.communicate(timeout=100)
    assert "" == err
    document: dict[str, Any] = json.loads(out)
    assert document["exit_code"] == process.returncode
    return document


def found(document: dict[str, Any], name: str) -> tuple[str, str]:
    """State and words of a check."""
    return next((one["state"], one["words"]) for one in document["checks"] if one["name"] == name)


@pytest.mark.skipif(sys.platform == "win32", reason="plays the folders of a POSIX account")
def test_a_scheduler_has_no_variables(patient: Patient, empty_home: Path) -> None:
    """What comes from variables, a settings file of this folder, and a data folder that a variable names are
    told apart, before what the scheduler's own examination finds."""
    (patient.folder / "batchqual.toml").write_text("wait = '2h'\n", encoding="utf-8")
    patient.patch.setenv("BATCHQUAL_CLIENT_SECRET", "marked-client-secret")
    document = scheduled(patient)
    names = [one["name"] for one in document["checks"]]
    assert (DIFFERENCES, NAMES) == (names[:4], names[4:])
    state, words = found(document, "scheduled: settings")
    assert ("warn", True, True) == (state, "BATCHQUAL_TENANT_ID" in words, "BATCHQUAL_CLIENT_SECRET" in words)
    state, words = found(document, "scheduled: settings file")
    assert ("warn", True) == (state, "no wait" in words)
    state, words = found(document, "scheduled: place")
    assert ("warn", True) == (state, f"there {empty_home}" in words)
    assert (12, "fail") == (document["exit_code"], found(document, "sign-in")[0])
    assert "marked-client-secret" not in json.dumps(document)


@pytest.mark.skipif(sys.platform == "win32", reason="plays the folders of a POSIX account")
def test_a_scheduler_that_has_all_it_needs_passes(patient: Patient, folder: Path) -> None:
    """Settings in a named file, a login kept where the account keeps it: the same as by hand, exit code 0."""
    names = ("TENANT_ID", "CLIENT_ID", "AUTHORITY", "CA_BUNDLE", "LEDGER", "BASE_URL")
    lines = [f"{name.lower()} = '{os.environ[f'BATCHQUAL_{name}']}'" for name in names]
    for name in names:
        patient.patch.delenv(f"BATCHQUAL_{name}")
    (folder / "nightly.toml").write_text("\n".join(lines), encoding="utf-8")
    patient.patch.setenv("BATCHQUAL_CONFIG", str(folder / "nightly.toml"))
    patient.patch.delenv("XDG_DATA_HOME")
    patient.patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    patient.stores_in_a_file()
    patient.patch.delenv("BATCHQUAL_CONFIG")
    document = scheduled(patient, "--config", str(folder / "nightly.toml"))
    failed = [one for one in document["checks"] if one["state"] not in ("pass", "warn")]
    assert (0, []) == (document["exit_code"], failed), document
    assert "pass" == found(document, "scheduled: settings")[0]
    assert "pass" == found(document, "scheduled: place")[0]
    assert "let the task run as this account" in found(document, "scheduled: account")[1]


def test_a_process_that_cannot_look_is_told(patient: Patient, cli: CommandLine) -> None:
    """Exit 1, and what to try."""
    patient.patch.setattr(sys, "executable", str(patient.folder / "no-python"))
    done = cli("doctor", "--as-scheduled")
    assert 1 == done.code
    assert "fail    scheduled: process: The process that should have looked gave no diagnosis" in done.out


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        pytest.param({"HOME": "/h", "PATH": "/x", "LANG": "de"}, "/usr/bin:/bin", id="cron"),
        pytest.param(
            {"USERPROFILE": "C:\\u", "SYSTEMROOT": "C:\\W", "PATH": "x"}, "C:\\W", id="Task Scheduler"
        ),
    ],
)
def test_a_bare_environment_holds_nothing_of_ours(environ: dict[str, str], path: str) -> None:
    """Neither settings nor secrets nor proxies; only who and where the account is."""
    secrets = {"BATCHQUAL_CLIENT_SECRET": "x", "HTTPS_PROXY": "y", "AZURE_CLIENT_SECRET": "z"}
    bare = bare_environment(environ | secrets)
    assert bare["PATH"].endswith(path)
    assert bare.keys() <= environ.keys() | {"SHELL"}
    assert "LANG" not in bare

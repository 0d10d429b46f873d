"""What nobody foresaw: one sentence, exit 1, and a log without secrets."""

from __future__ import annotations

import os
import signal
import stat
from pathlib import Path

import pytest
from support.command_line import CommandLine

from batchqual.cli.failure import failure_of

SECRET = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjb250b3NvIn0.c2lnbmF0dXJl"


@pytest.fixture
def doomed(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A command line whose `status` has a defect."""

    def defect(_settings: object) -> None:
        raise RuntimeError(f"no idea what to do with {SECRET}")

    monkeypatch.setattr("batchqual.overview.status", defect)
    return cli


def _log_in(text: str) -> Path:
    return Path(text.partition("The log is ")[2].partition(". What")[0])


def test_a_defect_is_one_sentence_and_a_log(doomed: CommandLine) -> None:
    """Exit 1; the traceback is in the log, for its owner alone, without the secret."""
    done = doomed("status")
    assert (1, "") == (done.code, done.out)
    assert "error: Something went wrong that nobody foresaw (RuntimeError).\n" in done.err
    log = _log_in(done.err)
    content = log.read_text(encoding="utf-8")
    assert "Traceback" in content
    assert "command: ['status']" in content
    assert SECRET not in content + done.err
    if os.name == "posix":
        assert 0o600 == stat.S_IMODE(log.stat().st_mode)


def test_a_defect_is_a_document_too(doomed: CommandLine) -> None:
    """Exit 1 prints it."""
    done = doomed("status", "--json")
    assert (1, "unexpected") == (done.document["exit_code"], done.document["error"]["code"])


def test_the_log_goes_elsewhere_where_its_folder_cannot_be_made(
    doomed: CommandLine, empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home that takes nothing: the folder for temporary files."""
    _barred(empty_home, monkeypatch)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert tmp_path == _log_in(doomed("status").err).parent


def test_without_any_log_it_is_still_said(
    doomed: CommandLine, empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nowhere to write: the sentence remains."""
    _barred(empty_home, monkeypatch)
    monkeypatch.setattr("tempfile.tempdir", str(empty_home / "file"))
    done = doomed("status")
    assert 1 == done.code
    assert "No log could be written either" in done.err


def _barred(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").write_text("not a folder", encoding="utf-8")
    for name in ("HOME", "LOCALAPPDATA", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home / "file"))


def test_a_keyboard_interrupt_is_no_defect(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C during what cannot be stopped gently: 130, a word, and the document."""

    def interrupted(_settings: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("batchqual.overview.status", interrupted)
    done = cli("status", "--json")
    assert (130, "error: Interrupted.\n") == (done.code, done.err)
    assert "interrupted" == done.document["error"]["code"]


def test_an_interrupt_outside_of_any_verb_is_one_too() -> None:
    """Wherever it comes."""
    failure = failure_of(KeyboardInterrupt(), [])
    assert (130, "interrupted") == (failure.exit_code, failure.code)

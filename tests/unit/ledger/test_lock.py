"""The lock of the run."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from support.ledgers import NOON
from support.opened import handles_of

from batchqual import machine
from batchqual.errors import LedgerError, LedgerInUse
from batchqual.ledger import lock
from batchqual.ledger.lock import holder_of, lock_path, run_lock


def test_the_second_run_is_told_who_holds_it(tmp_path: Path) -> None:
    """The message names process, user, host, command and since when; the exit code is 11."""
    ledger = tmp_path / "l.sqlite3"
    with run_lock(ledger, command="run", since=NOON):
        with (
            pytest.raises(LedgerInUse) as caught,
            run_lock(ledger, command="resume", since=NOON),
        ):
            pass
        message = caught.value.message
        for word in (f"process {os.getpid()}", machine.user_name(), machine.host_name(), "batchqual run"):
            assert word in message
        assert "since 2026-11-20T12:00:00+00:00" in message
        assert (11, "ledger-in-use") == (caught.value.exit_code, caught.value.code)


@pytest.mark.parametrize("seconds", [10, 60])
def test_a_run_waits_for_the_doctor_but_not_for_ever(
    seconds: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The doctor asks the service once: a run that begins meanwhile goes on when that is over."""
    ledger, now, asking = tmp_path / "l.sqlite3", [0.0], ExitStack()

    def pause(length: float) -> None:
        now[0] += length
        if now[0] > seconds:
            asking.close()

    def passing() -> float:
        now[0] += 0.01
        return now[0]

    monkeypatch.setattr(lock, "monotonic", passing)
    monkeypatch.setattr(lock, "sleep", pause)
    with asking:
        asking.enter_context(run_lock(ledger, command="doctor", since=NOON))
        if seconds == 10:
            with run_lock(ledger, command="run", since=NOON):
                holder = holder_of(ledger)
            assert holder is not None
            assert holder.words.startswith("batchqual run,")
            assert now[0] < seconds + 0.5
        else:
            with (
                pytest.raises(LedgerInUse, match="batchqual doctor"),
                run_lock(ledger, command="run", since=NOON),
            ):
                pass


def test_a_run_that_goes_on_is_no_reason_to_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts a second one is told within a second, and not only when the first is over."""
    ledger, now = tmp_path / "l.sqlite3", [0.0]

    def passing() -> float:
        now[0] += 0.01
        return now[0]

    monkeypatch.setattr(lock, "monotonic", passing)
    with (
        run_lock(ledger, command="run", since=NOON),
        pytest.raises(LedgerInUse),
        run_lock(ledger, command="run", since=NOON),
    ):
        pytest.fail("there were two")
    assert now[0] < 1


def test_nothing_is_left_open(tmp_path: Path) -> None:
    """A service that runs one ledger after another, and asks about them, does not run out of handles."""
    ledger = tmp_path / "l.sqlite3"
    with run_lock(ledger, command="run", since=NOON):
        assert 1 == len(handles_of(lock_path(ledger)))
        assert holder_of(ledger) is not None
        assert 1 == len(handles_of(lock_path(ledger)))
    assert [] == handles_of(lock_path(ledger))


def test_the_lock_ends_though_a_child_has_the_file_open(tmp_path: Path) -> None:
    """A process that was forked meanwhile shares the open file, and with it the lock: that is given back."""
    ledger = tmp_path / "l.sqlite3"
    with run_lock(ledger, command="run", since=NOON):
        [handle] = handles_of(lock_path(ledger))
        shared = os.dup(handle)
    try:
        assert holder_of(ledger) is None
    finally:
        os.close(shared)


def test_a_lock_that_cannot_be_signed_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk, say. Nobody holds it then."""
    ledger = tmp_path / "l.sqlite3"

    def full(_handle: int, _content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "write", full)
        with (
            pytest.raises(LedgerError, match="the disk is full") as caught,
            run_lock(ledger, command="run", since=NOON),
        ):
            pytest.fail("it was signed")
    assert "disk-full" == caught.value.code
    assert str(lock_path(ledger)) in caught.value.message
    assert holder_of(ledger) is None


def test_the_longer_words_of_the_dead_are_written_over(tmp_path: Path) -> None:
    """Whole: what is left of them would make the signature behind it unreadable."""
    ledger = tmp_path / "l.sqlite3"
    lock_path(ledger).write_bytes(b"x" * 1000)
    with run_lock(ledger, command="run", since=NOON):
        holder = holder_of(ledger)
    assert holder is not None
    assert NOON == holder.since


@pytest.mark.skipif(sys.platform == "win32", reason="there it is only no file")
def test_a_lock_that_may_not_be_read_is_said_in_words(tmp_path: Path) -> None:
    """The path leads through a file, say: nobody knows then whether a run is on."""
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="cannot be opened: Not a directory"):
        holder_of(tmp_path / "file" / "l.sqlite3")


def test_the_lock_ends_with_the_block(tmp_path: Path) -> None:
    """Also when the run ends with an error; the file stays, and says nothing."""
    ledger = tmp_path / "l.sqlite3"
    for _ in range(2):
        with pytest.raises(RuntimeError), run_lock(ledger, command="run", since=NOON):
            raise RuntimeError
    assert "" == lock_path(ledger).read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"], ids=["empty", "cut", "a list", "nothing"])
def test_a_holder_that_has_not_signed(tmp_path: Path, text: str) -> None:
    """Between taking the lock and signing there is a moment: the message survives it."""
    ledger = tmp_path / "l.sqlite3"
    with run_lock(ledger, command="run", since=NOON):
        lock_path(ledger).write_text(text, encoding="utf-8")
        with pytest.raises(LedgerInUse, match="not signed yet"), run_lock(ledger, command="run", since=NOON):
            pass


def test_a_file_system_without_locks_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network share that cannot lock is no place for a ledger."""

    def refuse(_handle: int) -> bool:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(machine, "try_lock", refuse)
    with (
        pytest.raises(LedgerError, match=r"cannot be locked.*No locks available") as caught,
        run_lock(tmp_path / "l.sqlite3", command="run", since=NOON),
    ):
        pass
    assert "local disk" in caught.value.hint
    assert "no-lock" == caught.value.code


def test_a_lock_that_cannot_be_made_is_said_in_words(tmp_path: Path) -> None:
    """A folder stands in its place."""
    ledger = tmp_path / "l.sqlite3"
    lock_path(ledger).mkdir()
    with pytest.raises(LedgerError, match="cannot be opened"), run_lock(ledger, command="run", since=NOON):
        pass


def test_who_holds_a_ledger_can_be_asked(tmp_path: Path) -> None:
    """In the words of the refusal, and since when exactly; nobody before and after, and nothing is made."""
    ledger = tmp_path / "l.sqlite3"
    assert holder_of(ledger) is None
    assert not lock_path(ledger).exists()
    since = NOON + timedelta(microseconds=5)
    with run_lock(ledger, command="run", since=since):
        lock_path(ledger).chmod(0o400)
        holder = holder_of(ledger)
        assert holder is not None
        assert f"batchqual run, process {os.getpid()} of {machine.user_name()}" in holder.words
        assert holder.words.endswith("since 2026-11-20T12:00:00+00:00")
        assert since == holder.since
    assert holder_of(ledger) is None


def test_the_signature_of_the_dead_counts_for_nothing(tmp_path: Path) -> None:
    """A run that was killed leaves its words behind; only the lock counts."""
    ledger = tmp_path / "l.sqlite3"
    with run_lock(ledger, command="run", since=NOON):
        words = lock_path(ledger).read_bytes()
    lock_path(ledger).write_bytes(words)
    assert words
    assert holder_of(ledger) is None


def test_a_holder_may_be_asked_before_it_has_signed(tmp_path: Path) -> None:
    """It is there all the same."""
    ledger = tmp_path / "l.sqlite3"
    with run_lock(ledger, command="run", since=NOON):
        lock_path(ledger).write_text("", encoding="utf-8")
        holder = holder_of(ledger)
        assert holder is not None
        assert ("it has not signed yet", None) == (holder.words, holder.since)


def test_where_files_cannot_be_locked_nobody_holds_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To look at a ledger on a network share is no mistake."""

    def refuse(_handle: int) -> bool:
        raise OSError(errno.ENOLCK, "No locks available")

    ledger = tmp_path / "l.sqlite3"
    lock_path(ledger).touch()
    monkeypatch.setattr(machine, "is_locked", refuse)
    assert holder_of(ledger) is None


@pytest.mark.skipif(sys.platform == "win32", reason="an asker is played with a shared lock")
def test_a_run_that_meets_a_question_begins_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody asks in the very instant of its start: it tries again, and is not refused."""
    fcntl = pytest.importorskip("fcntl")
    ledger = tmp_path / "l.sqlite3"
    asker = os.open(lock_path(ledger), os.O_RDONLY | os.O_CREAT, 0o600)
    fcntl.flock(asker, fcntl.LOCK_SH)
    answers: list[bool] = []
    really = machine.try_lock

    def tried(handle: int) -> bool:
        answers.append(really(handle))
        fcntl.flock(asker, fcntl.LOCK_UN)
        return answers[-1]

    monkeypatch.setattr(machine, "try_lock", tried)
    with run_lock(ledger, command="run", since=NOON):
        assert [False, True] == answers
    os.close(asker)

"""One run at a time per ledger: a lock of the operating system, which dies with its process."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

from batchqual import machine
from batchqual.errors import LedgerError, LedgerInUse
from batchqual.failpoints import reached
from batchqual.paths import LEDGER

from .files import trouble_in_words

__all__ = ["Holder", "holder_of", "lock_path", "run_lock"]

_HOLDER_BYTES = 4096
_ASKING_SECONDS = 0.2
"""Far longer than anybody who only asks holds the lock."""
_DOCTOR_SECONDS = 25.0
"""Longer than the doctor asks the service."""
_PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a ledger, in words, and since when; None in the moment before it has signed."""

    words: str
    since: datetime | None


def lock_path(ledger: Path) -> Path:
    """The lock's file, beside the ledger. It stays when the run is over: only the lock on it counts."""
    return ledger.with_name(ledger.name + ".lock")


@contextmanager
def run_lock(ledger: Path, *, command: str, since: datetime) -> Iterator[None]:
    """Hold the ledger's lock. Raises `LedgerInUse`, naming the holder, when another process has it."""
    with trouble_in_words(lock_path(ledger)):
        machine.make_private_file(lock_path(ledger))
        handle = os.open(lock_path(ledger), os.O_RDWR)
    try:
        _take(handle, ledger)
        try:
            reached("lock.taken")
            with trouble_in_words(lock_path(ledger)):
                _sign(handle, command, since)
            reached("lock.signed")
            yield
        finally:
            reached("lock.leaving")
            os.ftruncate(handle, 0)
            machine.unlock(handle)
            reached("lock.left")
    finally:
        os.close(handle)


def holder_of(ledger: Path) -> Holder | None:
    """Who holds the ledger's lock now; None when nobody does. Nothing is written.

    Raises `LedgerError` for a lock that may not be read.
    """
    path = lock_path(LEDGER.full(ledger))
    with trouble_in_words(path):
        try:
            handle = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return None
    try:
        return _signature(handle) if machine.is_locked(handle) else None
    except OSError:
        return None  # where files cannot be locked, no run can be on
    finally:
        os.close(handle)


def _take(handle: int, ledger: Path) -> None:
    try:
        taken = _taken(handle)
    except OSError as error:
        raise LedgerError(
            f"The ledger {ledger} stands where files cannot be locked, often a network share "
            f"({error.strerror}).",
            hint="Keep the ledger on a local disk (--ledger).",
            code="no-lock",
        ) from error
    if not taken:
        raise LedgerInUse(
            f"The ledger {ledger} is in use by another run: {_signature(handle).words}.",
            hint="Wait until that run is over (`batchqual status` shows how far it is), or stop it.",
        )


def _taken(handle: int) -> bool:
    """Whether the lock is ours now. Somebody who only asks may have it for a moment, and the doctor for some
    seconds: that is no refusal."""
    begun = monotonic()
    while not machine.try_lock(handle):
        waited = monotonic() - begun
        if waited <= _ASKING_SECONDS:
            continue
        if waited > _DOCTOR_SECONDS or not _is_doctor(handle):
            return False
        sleep(_PAUSE_SECONDS)
    return True


def _is_doctor(handle: int) -> bool:
    return _signature(handle).words.startswith("batchqual doctor,")


def _sign(handle: int, command: str, since: datetime) -> None:
    signature = {
        "pid": os.getpid(),
        "host": machine.host_name(),
        "user": machine.user_name(),
        "command": command,
        "since": since.astimezone(UTC).isoformat(),
    }
    os.ftruncate(handle, 0)
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, json.dumps(signature).encode("utf-8"))


def _signature(handle: int) -> Holder:
    os.lseek(handle, 0, os.SEEK_SET)
    try:
        said = json.loads(os.read(handle, _HOLDER_BYTES))
        since = datetime.fromisoformat(said["since"])
        return Holder(
            f"batchqual {said['command']}, process {said['pid']} of {said['user']} on {said['host']}, "
            f"since {since.isoformat(timespec='seconds')}",
            since,
        )
    except (ValueError, KeyError, TypeError):
        return Holder("it has not signed yet", None)

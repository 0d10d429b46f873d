"""One run at a time per ledger: a lock of the operating system, which dies with its process."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from batchqual import machine
from batchqual.errors import LedgerError, LedgerInUse

from .files import trouble_in_words

__all__ = ["lock_path", "run_lock"]

_HOLDER_BYTES = 4096


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
            _sign(handle, command, since)
            yield
        finally:
            os.ftruncate(handle, 0)
            machine.unlock(handle)
    finally:
        os.close(handle)


def _take(handle: int, ledger: Path) -> None:
    try:
        taken = machine.try_lock(handle)
    except OSError as error:
        raise LedgerError(
            f"The ledger {ledger} stands where files cannot be locked, often a network share "
            f"({error.strerror}).",
            hint="Keep the ledger on a local disk (--ledger).",
            code="no-lock",
        ) from error
    if not taken:
        raise LedgerInUse(
            f"The ledger {ledger} is in use by another run: {_holder(handle)}.",
            hint="Wait until that run is over (`batchqual status` shows how far it is), or stop it.",
        )


def _sign(handle: int, command: str, since: datetime) -> None:
    signature = {
        "pid": os.getpid(),
        "host": machine.host_name(),
        "user": machine.user_name(),
        "command": command,
        "since": since.astimezone(UTC).isoformat(timespec="seconds"),
    }
    os.ftruncate(handle, 0)
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, json.dumps(signature).encode("utf-8"))


def _holder(handle: int) -> str:
    os.lseek(handle, 0, os.SEEK_SET)
    try:
        said = json.loads(os.read(handle, _HOLDER_BYTES))
        return (
            f"batchqual {said['command']}, process {said['pid']} of {said['user']} on {said['host']}, "
            f"since {said['since']}"
        )
    except (ValueError, KeyError, TypeError):
        return "it has not signed yet"

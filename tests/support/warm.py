"""The program, imported once and forked for each run; run as a program itself, on POSIX alone.

Orders come in as lines of JSON and the ends of runs go out as such: what `support.nursery` speaks. A run is
the whole command line in a process of its own, which dies as a power cut would have it: by SIGKILL, at the
n-th arrival at a fail point, or after so many seconds.
"""

from __future__ import annotations

import gc
import json
import os
import selectors
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from importlib import import_module
from typing import Any

#: What a run imports on its way: paid for once.
WARM = (
    *("aiohttp", "msal", "openpyxl", "rich.table", "batchqual.cli", "batchqual.cli.app", "batchqual.cli.run"),
    *("batchqual.composition", "batchqual.cli.ending", "batchqual.report.workbook", "batchqual.report.flat"),
    *("batchqual.report.document", "batchqual.signin", "batchqual.signin.apps", "batchqual.credentials"),
    *("batchqual.cli.screen", "batchqual.cli.tables", "batchqual.overview", "batchqual.directory"),
    *("rich.console", "typer._adapters", "pydantic.type_adapter", "encodings.utf_8_sig"),
    *("azure.identity", "azure.keyvault.secrets", "batchqual.signin.secretclient"),
)
_ON_A_DEATHBED = 3  # the descriptor that tells of a child's end by closing


@dataclass(slots=True)
class Child:
    """One run that is on. ``dies_at`` is a moment of the monotonic clock."""

    order: dict[str, Any]
    pid: int
    began: float
    dies_at: float | None = None


@dataclass(slots=True)
class Nursery:
    """Forks on demand, kills when the time has come, and tells how each ended."""

    orders: int
    answers: int
    chooser: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    children: dict[int, Child] = field(default_factory=dict)
    begun: bytes = b""

    def serve(self) -> None:
        """Until nobody gives orders any more; what runs then is killed."""
        self.chooser.register(self.orders, selectors.EVENT_READ)
        while True:
            dying = [child.dies_at for child in self.children.values() if child.dies_at is not None]
            wait = max(0.0, min(dying) - time.monotonic()) if dying else None
            for key, _ in self.chooser.select(wait):
                if key.fd != self.orders:
                    self.bury(key.fd)
                elif not self.listen():
                    return self.close()
            self.kill_due()

    def listen(self) -> bool:
        """Take the orders that have come; False at the end of them."""
        said = os.read(self.orders, 1 << 16)
        *lines, self.begun = (self.begun + said).split(b"\n")
        for line in lines:
            self.bear(json.loads(line))
        return bool(said)

    def bear(self, order: dict[str, Any]) -> None:
        """Fork a run."""
        watch, deathbed = os.pipe()
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            os.dup2(deathbed, _ON_A_DEATHBED)
            os.closerange(_ON_A_DEATHBED + 1, 512)
            _live(order)
        os.close(deathbed)
        after = order.get("dies_after")
        self.children[watch] = Child(order, pid, began, None if after is None else began + after)
        self.chooser.register(watch, selectors.EVENT_READ)

    def kill_due(self) -> None:
        """Kill those whose time has come. They are not buried yet, so that the number is still theirs."""
        for child in self.children.values():
            if child.dies_at is not None and child.dies_at <= time.monotonic():
                os.kill(child.pid, signal.SIGKILL)
                child.dies_at = None

    def bury(self, watch: int) -> None:
        """A run has come to its end."""
        self.chooser.unregister(watch)
        os.close(watch)
        child = self.children.pop(watch)
        _, status = os.waitpid(child.pid, 0)
        told = {
            "number": child.order["number"],
            "exit_code": os.waitstatus_to_exitcode(status),
            "seconds": time.monotonic() - child.began,
        }
        os.write(self.answers, json.dumps(told).encode() + b"\n")

    def close(self) -> None:
        """Leave nothing behind."""
        for child in self.children.values():
            os.kill(child.pid, signal.SIGKILL)
            os.waitpid(child.pid, 0)


def _live(order: dict[str, Any]) -> None:
    """The child's whole life."""
    folder = order["folder"]
    for number, (name, how) in enumerate(
        [("in", os.O_RDONLY), ("out", os.O_WRONLY | os.O_CREAT), ("err", os.O_WRONLY | os.O_CREAT)]
    ):
        path = os.devnull if name == "in" else f"{folder}/{order['number']}.{name}"
        handle = os.open(path, how, 0o600)
        if handle != number:
            os.dup2(handle, number)
            os.close(handle)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115 - open until the process dies
    code = 70
    try:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(order["environ"])
        _tell_apart()
        heed = import_module("batchqual.failpoints").heed
        heed(_listener(f"{folder}/{order['number']}.points", order["deaths"]))
        code = import_module("batchqual.cli").main(order["arguments"])
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _tell_apart() -> None:
    """Forked generators of chance would all say the same."""
    import_module("batchqual.partnercenter.retry")._ids.seed()


def _listener(path: str, deaths: dict[str, list[int]]) -> Callable[[str], object]:
    """Writes each point down, past every buffer of ours, and dies, is interrupted or stumbles where it was
    told."""
    notes = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    count = Counter[str]()
    stumbles = _stumbles()

    def listen(point: str) -> None:
        count[point] += 1
        os.write(notes, f"{point}\n".encode())
        for name, number in ((point, signal.SIGKILL), (f"SIGINT {point}", signal.SIGINT)):
            if count[point] in deaths.get(name, ()):
                os.kill(os.getpid(), number)
        for name, error in stumbles:
            if count[point] in deaths.get(f"{name} {point}", ()):
                raise error

    return listen


def _stumbles() -> tuple[tuple[str, Exception], ...]:
    """What the thread that writes the ledger may meet: one of several jobs is refused, and all are to be done
    again, each for itself; or the disk fails."""
    return (
        ("REDO", import_module("batchqual.ledger.writer")._OneFailed()),
        ("DISK", sqlite3.OperationalError("disk I/O error")),
    )


def main() -> None:
    """Import, then serve."""
    orders, answers = os.dup(0), os.dup(1)
    for name in WARM:
        import_module(name)
    _hurry()
    _build_once()
    gc.collect()
    gc.freeze()
    with ExitStack() as stack:
        stack.callback(os.close, answers)
        os.write(answers, b'{"ready": true}\n')
        Nursery(orders, answers).serve()


def _hurry() -> None:
    """Shorten the two times that no option does: the rest between two tries of a call, and how long a run
    stands at the gate after one that was killed."""
    target = import_module("batchqual.target")
    target.RetryPolicy = partial(target.RetryPolicy, first=0.02, longest=0.1)  # type: ignore[attr-defined] # a name in a module
    import_module("batchqual.pacekeeping")._SECOND = timedelta(seconds=0.1)  # type: ignore[attr-defined] # a name in a module


def _build_once() -> None:
    """The command line is the same for every run."""
    app = import_module("batchqual.cli.app")
    built = app.get_command(app._app())
    for name, value in (("_app", lambda: None), ("get_command", lambda _: built)):
        setattr(app, name, value)


if __name__ == "__main__":
    main()

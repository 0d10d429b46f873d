"""The ledger among processes: one run at a time, and nothing acknowledged is lost when one is killed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.ledgers import ORIGIN, PARTNER, HandClock, a_ledger, education, new_request

from batchqual.errors import LedgerInUse
from batchqual.ledger import Ledger, State, read_only

ROOT = Path(__file__).parents[2]

HOLDER = """
import sys
from pathlib import Path
from batchqual.clock import SystemClock
from batchqual.ledger import Ledger
with Ledger.open(Path(sys.argv[1]), clock=SystemClock(), command="job"):
    print("held", flush=True)
    sys.stdin.read()
"""

WRITER = """
import asyncio, sys
from itertools import count
from pathlib import Path
from batchqual.clock import SystemClock
from batchqual.ledger import Ledger, State
from support.ledgers import education, new_request

async def live(ledger, customers):
    for customer in customers:
        [record] = await ledger.enrol([new_request(education(customer))])
        record = await ledger.intend(record, f"rid-{customer}")
        print("sending", customer, flush=True)
        await ledger.answered(record, State.IN_REVIEW, http_status=201)
        print("in_review", customer, flush=True)

async def main():
    with Ledger.open(Path(sys.argv[1]), clock=SystemClock(), command="run") as ledger:
        customers = count(int(sys.argv[2]))
        await asyncio.gather(*(live(ledger, customers) for _ in range(10)))

asyncio.run(main())
"""


@contextmanager
def child(program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process of our own, gone at the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_another_process_is_told_who_holds_the_ledger(tmp_path: Path) -> None:
    """While one run is on, a second one ends with 11 and names it; status may look all the same."""
    path = tmp_path / "l.sqlite3"
    with child(HOLDER, str(path)) as holder:
        assert "held" == said(holder)
        with (
            pytest.raises(LedgerInUse, match=f"batchqual job, process {holder.pid} of") as caught,
            Ledger.open(path, clock=HandClock(), command="run"),
        ):
            pass
        assert 11 == caught.value.exit_code
        with read_only(path) as view:
            assert [] == view.runs()


def test_the_lock_dies_with_its_process(tmp_path: Path) -> None:
    """A run that was killed keeps nobody out, though its signature is still there."""
    path = tmp_path / "l.sqlite3"
    with child(HOLDER, str(path)) as holder:
        assert "held" == said(holder)
    assert "job" in path.with_name("l.sqlite3.lock").read_text(encoding="utf-8")
    with Ledger.open(path, clock=HandClock(), command="run") as ledger:
        ledger.integrity_check()


async def test_every_commit_carries_its_links(tmp_path: Path) -> None:
    """Whoever looks while it is written finds a whole chain, at every moment."""
    path, done = tmp_path / "l.sqlite3", asyncio.Event()
    seen = set()

    def look() -> bool:
        with read_only(path) as view:
            audit = view.audit()
        seen.add(audit.events)
        return audit.intact

    async def watch() -> list[bool]:
        return [await asyncio.to_thread(look) for _ in iter(done.is_set, True)]

    with a_ledger(path) as ledger:
        records = await ledger.enrol([new_request(education(number)) for number in range(60)])
        watcher = asyncio.create_task(watch())
        for _ in range(15):
            records = [await move for move in [ledger.intend(one, "r") for one in records]]
            records = [await move for move in [ledger.withdraw(one, "why") for one in records]]
        done.set()
        looks = await watcher
    assert all(looks)
    assert 1 < len(seen), "nothing was looked at in the middle"


@pytest.mark.parametrize("lines", [1, 7, 30, 100, 211])
def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, lines: int) -> None:
    """Killed twice in the middle of its writing, the ledger is sound and holds all that was acknowledged."""
    path = tmp_path / "l.sqlite3"
    told: list[tuple[str, str]] = []
    for start in (0, 1_000_000):
        with child(WRITER, str(path), str(start)) as writer:
            told += [(state, number) for state, number in (said(writer).split() for _ in range(lines))]
            writer.kill()
            assert writer.stdout is not None
            rest = [
                line.split() for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")
            ]
            told += [(state, number) for state, number in rest]
    with read_only(path) as view:
        assert {ORIGIN} == view.origins(), "status can be asked before the next run has tidied up"
        audit = view.audit()
        assert ((), audit.events) == (audit.findings, audit.links), "every event was committed with its link"
    with Ledger.open(path, clock=HandClock(), command="run") as ledger:
        ledger.integrity_check()
        held = {record.customer_id: record for record in ledger.records(ORIGIN, PARTNER)}
        for state, number in told:
            record = held[f"00000000-0000-4000-8000-{int(number):012d}"]
            assert f"rid-{number}" == record.request_id
            assert record.state is State.IN_REVIEW or (state, record.state) == ("sending", State.SENDING)
            assert len(ledger.events(record)) == {State.SENDING: 2, State.IN_REVIEW: 3}[record.state]

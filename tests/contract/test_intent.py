"""Intent before act: what a submission is going to be stands on the disk before its first byte leaves."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.drive import Drive, education, quick_settings
from support.odd_service import odd_service
from support.program import until
from support.replay_server import Heard
from support.sheets import customer
from support.tap import tapped
from support.truth import submissions

from batchqual.clock import SystemClock
from batchqual.composition import read_input
from batchqual.events import deaf
from batchqual.ledger import Ledger, State, read_only
from batchqual.model import Outcome
from batchqual.partnercenter import Connection, GivenToken, open_partner_center
from batchqual.pipeline import Job, Results, StopSwitch, execute
from batchqual.simulator import Simulator, SimulatorSettings

LATENCY = 0.2


@pytest.mark.parametrize("api", ["asynchronous", "asynchronous-2020", "synchronous"])
async def test_while_the_writer_is_held_no_byte_of_a_submission_reaches_the_server(
    api: str, tmp_path: Path
) -> None:
    """Looks go on; the POSTs that follow them wait for the commit, and leave once it is made."""
    count = 5
    settings = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0), latency=(LATENCY, LATENCY))
    async with Simulator(settings) as simulator, tapped(simulator.base_url) as tap:
        flags = quick_settings(base_url=tap.url, api=api, wait="2s")
        intake = read_input([education(tmp_path, *range(count))], flags)
        clock = SystemClock()
        with Ledger.open(tmp_path / "ledger.sqlite3", clock=clock, command="run") as ledger:
            async with open_partner_center(
                Connection(base_url=tap.url, api=api, rate=None), GivenToken("a-token")
            ) as service:
                job = Job("a-run", "run", intake, flags, tap.url, "")
                running: asyncio.Task[Results] = asyncio.create_task(
                    execute(job, ledger=ledger, service=service, clock=clock, say=deaf, stop=StopSwitch())
                )
                await until(lambda: simulator.books.total >= count)
                with ledger.hold():
                    await asyncio.sleep(LATENCY + 0.5)
                    assert count == simulator.books.total
                    assert count == tap.heard.count(b"GET /v1/customers/")
                    assert b"POST" not in tap.heard
                    assert b"PUT" not in tap.heard
                results = await running
    assert [Outcome.APPROVED] * count == [row.verdict.outcome for row in results.rows]
    assert count == len(submissions(simulator))


async def test_when_a_submission_arrives_its_request_id_is_on_the_disk(tmp_path: Path) -> None:
    """Whoever opens the file at that moment reads `sending` with the id that the server sees, on a connection
    that flushes each commit."""
    found: list[tuple[str | None, bool]] = []
    async with odd_service() as service:
        drive = Drive(tmp_path, service.url)

        async def compare(heard: Heard) -> None:
            with read_only(drive.ledger) as view:
                [(origin, partner)] = view.partners()
                sending = {record.request_id for record in view.by_state(origin, partner, State.SENDING)}
            request_id = heard.header("MS-RequestId")
            found.append((request_id, request_id in sending))

        service.on_submission = compare
        told = await drive(education(tmp_path, *range(20)))
    assert all(known for _, known in found)
    assert {row["request_id"] for row in told.rows} == {request_id for request_id, _ in found}
    assert 20 == len(found)


async def test_a_second_send_is_on_the_disk_before_it_leaves_as_well(tmp_path: Path) -> None:
    """A repeat after lost answers is an intent of its own: the file counts it first."""
    counted: list[int] = []
    settings = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0))
    async with Simulator(settings) as simulator, tapped(simulator.base_url) as tap:
        simulator.inject("reset_before", "reset_before", scope="writes")
        drive = Drive(tmp_path, tap.url)

        async def watch() -> None:
            while len(counted) < 3:
                if tap.heard.count(b"POST ") > len(counted):
                    with closing(sqlite3.connect(drive.ledger)) as connection:
                        [[sends]] = connection.execute("SELECT max(sends) FROM request")
                    counted.append(sends)
                await asyncio.sleep(0.005)

        watching = asyncio.create_task(watch())
        told = await drive(education(tmp_path, 1))
        await watching
    assert ["approved"] == told.outcomes
    assert [1, 2, 3] == counted
    assert 3 == len(submissions(simulator, customer(1)))

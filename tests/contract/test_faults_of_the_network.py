"""The way to the service fails in the middle of a run: names, connections, TLS, proxies, and answers that are
all a 500. Nothing is lost, nothing is sent blindly, and the run comes to an end."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from support.blind import sent_after_they_were_taken, taken
from support.drive import Drive, education
from support.fake_service import FakeService
from support.ledgers import education as education_of
from support.ledgers import gcc as gcc_of
from support.line import Line, lined
from support.program import Program, until
from support.replay_server import canned, replaying
from support.results import outcomes
from support.runs import drive as drive_pipeline
from support.truth import assert_report_matches

from batchqual.errors import FateUnknown, TooManyFailures, Unavailable
from batchqual.events import Event, Retried, Submitted
from batchqual.model import Holding, Outcome, QualificationRequest
from batchqual.partnercenter import Limits, RetryPolicy
from batchqual.simulator import Simulator, SimulatorSettings

#: Nobody here knows a request ID again.
SERVICE = SimulatorSettings(denial_rate=0, vetting_delay=(0.0, 0.2), latency=(0.02, 0.06), deduplicate=False)
BRIEF = RetryPolicy(first=0.05, longest=0.2)
ROWS = range(24)


def at_the(count: int, kind: type[Event], act: Callable[[], object]) -> Callable[[Event], None]:
    """A listener that does this at so many events of a kind, once."""
    heard: list[Event] = []

    def listen(event: Event) -> None:
        if isinstance(event, kind):
            heard.append(event)
            if len(heard) == count:
                act()

    return listen


async def come_back_to(drive: Drive, rows: str, simulator: Simulator, **more: Any) -> None:
    """A run in bad weather, and another one in good: every wish is taken once, and told so."""
    told = await drive(rows, retry=BRIEF, concurrency=4, **more)
    assert told.document["rows_in"] == len(told.rows) == len(ROWS)
    assert_report_matches(told, simulator)
    again = await drive(rows)
    assert_report_matches(again, simulator)
    assert {"approved": len(ROWS)} == again.totals
    assert [] == sent_after_they_were_taken(simulator)
    assert {1} == set(taken(simulator).values())


# The line


@pytest.mark.parametrize("away", [0.4, 30.0], ids=["for a moment", "for good"])
async def test_a_service_that_goes_away_in_mid_run_loses_nothing(away: float, tmp_path: Path) -> None:
    """Connections reset and new ones refused. A moment is waited out; when it lasts the run ends by its
    brake, and the same command goes on when the service is back."""
    async with Simulator(SERVICE) as simulator, lined(simulator.base_url) as line:
        drive, rows = Drive(tmp_path, line.url), education(tmp_path, *ROWS)
        gone: list[asyncio.Task[None]] = []

        async def go() -> None:
            await line.take_away()
            await asyncio.sleep(away)
            await line.restore()

        leave = at_the(5, Submitted, lambda: gone.append(asyncio.create_task(go())))
        retry = BRIEF if away < 1 else RetryPolicy(tries=2, first=0.01)
        told = await drive(rows, retry=retry, concurrency=4, say=leave)
        assert_report_matches(told, simulator)
        if away > 1:
            assert told.exit_code in {3, 13}
            assert "Partner Center could not be reached" in str(told.document)
            gone[0].cancel()
            await line.restore()
        again = await drive(rows)
    assert {"approved": len(ROWS)} == again.totals
    assert [] == sent_after_they_were_taken(simulator)
    assert {1} == set(taken(simulator).values())


async def test_connections_that_are_cut_again_and_again_lose_nothing(tmp_path: Path) -> None:
    """Every tenth of a second all of them are reset, in the middle of whatever they carry."""
    async with Simulator(SERVICE) as simulator, lined(simulator.base_url) as line:

        async def cut() -> None:
            for _ in range(12):
                await asyncio.sleep(0.1)
                await line.cut()

        cutting = asyncio.create_task(cut())
        drive = Drive(tmp_path, line.url)
        await come_back_to(drive, education(tmp_path, *ROWS), simulator)
        await cutting


async def test_connections_that_go_dead_are_given_up_and_looked_up(tmp_path: Path) -> None:
    """Nothing is refused and nothing comes: the time for an exchange ends it, and looks tell the rest."""
    async with Simulator(SERVICE) as simulator, lined(simulator.base_url) as line:

        def come_to_life(event: Event) -> None:
            if isinstance(event, Retried):
                line.passing.set()

        die = at_the(5, Submitted, line.go_dead)

        def listen(event: Event) -> None:
            die(event)
            come_to_life(event)

        drive = Drive(tmp_path, line.url)
        limits = Limits(connect=0.5, read=0.5, total=0.5)
        await come_back_to(drive, education(tmp_path, *ROWS), simulator, limits=limits, say=listen)


async def test_a_name_that_is_lost_in_mid_run_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The resolver fails for a while, and connections with it: no byte of a submission leaves without a
    name, and everything is taken once when it is back."""
    here = socket.getaddrinfo
    lost: list[str] = []

    def resolve(host: Any, *more: Any, **named: Any) -> Any:
        if lost and host == "localhost":
            lost.append(host)
            if len(lost) < 6:
                raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return here(host, *more, **named)

    async with Simulator(SERVICE) as simulator, lined(simulator.base_url) as line:
        cutting: list[asyncio.Task[None]] = []

        def lose() -> None:
            lost.append("")
            monkeypatch.setattr("aiohttp.connector._DNSCacheTable.expired", lambda *_: True)
            cutting.append(asyncio.create_task(line.cut()))

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        drive = Drive(tmp_path, line.url.replace("127.0.0.1", "localhost"))
        await come_back_to(drive, education(tmp_path, *ROWS), simulator, say=at_the(5, Submitted, lose))
    assert len(lost) >= 6


@asynccontextmanager
async def secured(line: Line, authority: trustme.CA) -> AsyncIterator[int]:
    """TLS in front of a line, and its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = await asyncio.start_server(line._talk, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_tls_that_is_cut_loses_nothing(tmp_path: Path) -> None:
    """Resets inside of TLS, and handshakes that break off, are like any other."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    async with (
        Simulator(SERVICE) as simulator,
        lined(simulator.base_url) as line,
        secured(line, authority) as port,
    ):

        async def cut() -> None:
            for _ in range(12):
                await asyncio.sleep(0.1)
                await line.cut()

        cutting = asyncio.create_task(cut())
        flags = {"ca_bundle": str(tmp_path / "ca.pem")}
        drive = Drive(tmp_path, f"https://127.0.0.1:{port}", flags=dict(flags))
        await come_back_to(drive, education(tmp_path, *ROWS), simulator)
        await cutting


# What never reaches it


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(canned("403 Forbidden"), "the proxy refused to connect", id="403"),
        pytest.param(canned("502 Bad Gateway"), "the proxy refused to connect", id="502"),
        pytest.param(None, "its name cannot be resolved", id="no such name"),
    ],
)
async def test_a_way_that_is_barred_leaves_every_row_unsent(
    answer: Any, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that refuses, a name that nobody knows: each row has failed and says why, none is unknown, and
    no request counts. (A proxy that wants another login ends the run: `test_proxies_that_refuse.py`.)"""
    async with replaying(answer or canned()) as proxy:
        if answer is not None:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        drive = Drive(tmp_path, "https://api.contoso.example", flags={"rate": "200", "patience": "30s"})
        told = await drive(
            education(tmp_path, 1, 2, 3), retry=RetryPolicy(tries=2, first=0.01), poll_min="0.05s"
        )
    assert ["failed"] * 3 == told.outcomes
    assert 3 == told.exit_code
    assert all(words in row["error_message"] for row in told.rows)
    assert {"get": 0, "post": 0} == {name: told.document["requests"][name] for name in ("get", "post")}


# A machine that sleeps


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSTOP")
async def test_a_process_that_is_suspended_with_requests_in_flight_loses_nothing(tmp_path: Path) -> None:
    """Stopped for longer than any time-out, its connections dead when it wakes: what was on its way is looked
    up before anything is sent again."""
    slow = SimulatorSettings(denial_rate=0, vetting_delay=(0.0, 0.2), latency=(0.05, 0.2), deduplicate=False)
    async with Simulator(slow) as simulator, lined(simulator.base_url) as line:
        rows = education(tmp_path, *range(12))
        brief = "".join(f'{name}_timeout = "1s"\n' for name in ("connect", "read", "request"))
        config = tmp_path / "brief.toml"
        config.write_text(brief, encoding="utf-8")
        options = {"wait": "20s", "concurrency": "4", "config": str(config)}
        program = Program(tmp_path, line.url, options=options)
        async with program.started("run", rows, "--report", "report.json") as process:
            await until(lambda: simulator.books.count("POST") >= 6 or process.returncode is not None)
            process.send_signal(signal.SIGSTOP)
            line.go_dead()
            await asyncio.sleep(1.2)
            await line.cut()
            line.passing.set()
            process.send_signal(signal.SIGCONT)
            _, err = await process.communicate()
        assert 0 == process.returncode, err.decode()
    assert [] == sent_after_they_were_taken(simulator)
    assert 12 == len(taken(simulator))
    assert {1} == set(taken(simulator).values())


# Every answer a 500


class Broken(FakeService):
    """Looks fail after as long as six tries take, or submissions do, which arrive nowhere."""

    fails: str = "reads"
    looked: int = 0

    async def holdings(self, customer_id: str) -> tuple[Holding, ...]:
        self.looked += 1
        if self.fails == "writes":
            return await super().holdings(customer_id)
        await asyncio.sleep(15)
        await self._gate()
        raise Unavailable("HTTP 500", http_status=500)


@pytest.mark.looptime
@pytest.mark.parametrize("wanted", [education_of, gcc_of], ids=["Education", "GCC"])
async def test_reads_that_all_fail_are_stopped_by_the_brake(
    wanted: Callable[[int], QualificationRequest], tmp_path: Path
) -> None:
    """4,000 rows: 13 within minutes, after some hundred looks, whatever the number of rows. What has not
    failed by then is `not_attempted`."""
    service = Broken()
    rows = [wanted(number) for number in range(1, 4_001)]
    results = await drive_pipeline(tmp_path / "ledger.sqlite3", service, rows)
    told = outcomes(results)
    assert isinstance(results.halted, TooManyFailures)
    assert 4_000 == len(told)
    assert {Outcome.FAILED, Outcome.NOT_ATTEMPTED} == set(told)
    assert 20 <= told.count(Outcome.FAILED) <= 20 + 16
    assert asyncio.get_running_loop().time() < 400
    assert service.looked <= 400
    assert [] == service.submissions


@pytest.mark.looptime
async def test_an_outage_of_a_minute_fails_no_row(tmp_path: Path) -> None:
    """The brake is for a service that stays away: a minute in which every look fails is waited out."""
    service = Broken()

    async def mend() -> None:
        await asyncio.sleep(60)
        service.fails = "writes"

    mending = asyncio.create_task(mend())
    rows = [education_of(number) for number in range(1, 101)]
    results = await drive_pipeline(tmp_path / "ledger.sqlite3", service, rows)
    await mending
    assert [Outcome.APPROVED] * 100 == outcomes(results)


@pytest.mark.looptime
async def test_writes_that_all_fail_stop_after_ten_in_a_row(tmp_path: Path) -> None:
    """A 500 hides the fate: looks over the patience find none of ten, and nothing more leaves; it ends."""
    service, count = Broken(lost_before_arrival=True), 40
    service.fails = "writes"
    service.answers.extend(FateUnknown("HTTP 500", http_status=500) for _ in range(10 * count))
    rows = [education_of(number) for number in range(1, count + 1)]
    results = await drive_pipeline(tmp_path / "ledger.sqlite3", service, rows)
    left = len(service.submissions)
    assert 10 <= left < 10 + 16
    assert [Outcome.UNKNOWN] * left + [Outcome.NOT_ATTEMPTED] * (count - left) == outcomes(results)
    assert left == len({request_id for _, request_id in service.submissions})
    assert service.looked <= 40 * count
    assert 60 <= asyncio.get_running_loop().time() < 300

"""Submissions that get no clear answer, over real HTTP: an outage ends the sending, a service that takes them
all the same does not, and a person may give up what stays unknown."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path
from typing import cast

import pytest
from support.drive import PATIENCE, Drive, education
from support.odd_service import Odd, OddService, odd_service
from support.replay_server import Heard, canned

from batchqual.ledger import State, read_only
from batchqual.simulator import Simulator, SimulatorSettings

BROKEN = canned("500 Internal Server Error", '{"code":"800003"}', headers=("Content-Type: application/json",))
SWALLOWED, TAKEN = Odd(BROKEN, takes=False), Odd(BROKEN, takes=True)
ROWS = range(1, 31)


async def test_an_outage_of_submissions_ends_the_sending(tmp_path: Path) -> None:
    """13 after ten and those in flight; the same command goes on, and sends what was lost with its old id."""
    async with odd_service(*[SWALLOWED] * 99) as service:
        drive = Drive(tmp_path, service.url, flags={"concurrency": 4})
        sheet = education(tmp_path, *ROWS)
        told = await drive(sheet, max_failures="100%")
        left = len(service.submissions)
        assert (13, "no-clear-answers") == (told.exit_code, told.document["error"]["code"])
        assert 10 <= left < 10 + 4
        assert {"unknown": left, "not_attempted": 30 - left} == told.totals
        service.script.clear()
        again = await drive(sheet)
    assert {"approved": 30} == again.totals
    assert 30 + left == len(service.submissions)
    assert 30 == len({heard.header("MS-RequestId") for heard in service.submissions})


async def test_a_service_that_takes_what_it_answers_500_stops_nothing(tmp_path: Path) -> None:
    """Looks find each of them, and none is sent twice."""
    async with odd_service(*[TAKEN] * 30) as service:
        told = await Drive(tmp_path, service.url)(education(tmp_path, *ROWS))
    assert {"approved": 30} == told.totals
    assert 30 == len(service.submissions)


async def test_a_mixture_stops_nothing(tmp_path: Path) -> None:
    """Every third is taken, whatever it is answered: the others are sent again by the ordinary rule."""
    script = [TAKEN if number % 3 == 0 else SWALLOWED for number in range(30)]
    async with odd_service(*script) as service:
        told = await Drive(tmp_path, service.url, flags={"concurrency": 2})(education(tmp_path, *ROWS))
    assert {"approved": 30} == told.totals
    assert 50 == len(service.submissions)


async def test_an_outage_of_the_simulator_ends_the_sending(tmp_path: Path) -> None:
    """The bundled service refuses each submission with a 500: nothing is taken, and 13 says so."""
    async with Simulator(SimulatorSettings(refusals=("submit=500/800003",))) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(education(tmp_path, *ROWS))
    assert (13, "no-clear-answers") == (told.exit_code, told.document["error"]["code"])
    assert 10 <= told.totals["unknown"] < 10 + 16


async def test_a_fate_that_stays_unknown_is_given_up_on_request(tmp_path: Path) -> None:
    """One new request, with an id of its own, after looks over another patience; the report says how."""
    async with odd_service(*[SWALLOWED] * 3) as service:
        drive = Drive(tmp_path, service.url)
        sheet = education(tmp_path, 1)
        told = await drive(sheet)
        assert ["unknown"] == told.outcomes
        assert "--resend-unknown" in told.rows[0]["what_to_do"]
        looks = len(service.looks)
        again = await drive(sheet, resend_unknown=True)
    assert (["approved"], 2) == (again.outcomes, again.rows[0]["attempts"])
    old, new = service.submissions[-2:]
    assert old.header("MS-RequestId") != new.header("MS-RequestId") == again.rows[0]["request_id"]
    assert new.at - service.looks[looks].at >= PATIENCE
    with read_only(drive.ledger) as view:
        [(origin, partner)] = view.partners()
        assert 1 == view.counts(origin, partner)[State.ABANDONED]


class Forgetful(OddService):
    """Answers one request on each connection. The next one on it is dropped without an answer; or, with
    ``closes``, it is closed so many seconds after the answer."""

    closes: float | None = None
    dropped: int = 0
    connections: int = 0

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.talks.add(task := cast("asyncio.Task[None]", asyncio.current_task()))
        try:
            heard = Heard(await _request(reader), time.monotonic())
            self.heard.append(heard)
            await self._answer(heard, writer)
            if self.closes is None:
                await _request(reader)
                self.dropped += 1
            else:
                await asyncio.sleep(self.closes)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.talks.discard(task)
            writer.transport.abort()


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length:\s*(\d+)\s*$", head)
    return head + (await reader.readexactly(int(length[1])) if length else b"")


@pytest.mark.parametrize(
    "closes",
    [pytest.param(None, id="dropped at the next request"), pytest.param(0.05, id="closed after 50 ms")],
)
async def test_no_submission_is_lost_on_a_kept_connection(closes: float | None, tmp_path: Path) -> None:
    """Each goes over a fresh one, resends too, so that connections that are dead use up no send."""
    service = Forgetful([SWALLOWED] * 3)
    service.closes = closes
    await service.listen()
    try:
        # at this pace a kept connection is some 50 ms old when its next call comes
        told = await Drive(tmp_path, service.url, flags={"rate": "20"})(education(tmp_path, *range(1, 6)))
    finally:
        await service.deafen()
    assert {"approved": 5} == told.totals
    assert 5 + 3 == len(service.submissions) == told.document["requests"]["post"]
    assert service.connections >= len(service.heard)
    assert (service.dropped > 0) == (closes is None)

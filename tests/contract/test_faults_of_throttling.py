"""429, with whatever is said of how long: what is waited, what is kept for the next run, and when it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
from support.drive import Drive, education
from support.fake_service import LoopClock
from support.odd_service import Odd, odd_service
from support.replay_server import Canned, canned
from support.scripted_door import ScriptedDoor, a_call
from support.sign_in_faults import Answer, TokenFault
from support.sign_in_server import APP, sign_in_server
from support.signing_in import Partner

from batchqual.errors import PausedTooLong, SignInNeeded, Throttled
from batchqual.events import deaf
from batchqual.ledger import read_only
from batchqual.partnercenter import Call, Counts, Gate, RetryPolicy
from batchqual.partnercenter.pace import Paced
from batchqual.partnercenter.retry import Retrying
from batchqual.simulator import Simulator, SimulatorSettings

#: What says nothing that makes sense is a second, spread by a quarter.
NO_WORD: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "zero": ("Retry-After: 0",),
    "negative": ("Retry-After: -5",),
    "a date in the past": ("Retry-After: Thu, 01 Jan 1970 00:00:10 GMT",),
    "words": ("Retry-After: soon",),
    "an exponent": ("Retry-After: 1e9",),
    "empty": ("Retry-After:",),
    "a year out of range": ("Retry-After: Sun, 01 Mar 99999 12:00:30 GMT",),
}
#: A day, or what counts as one.
TOO_LONG: dict[str, tuple[str, ...]] = {
    "a day": ("Retry-After: 86400",),
    "thirty years": ("Retry-After: 999999999",),
    "the last day of all": ("Retry-After: Fri, 31 Dec 9999 23:59:59 GMT",),
    "eight thousand years": (
        "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT",
        "Date: Thu, 01 Jan 1970 00:00:00 GMT",
    ),
}


def throttle(headers: Sequence[str]) -> Canned:
    return canned("429 Too Many Requests", '{"statusCode":429}', headers=headers)


@pytest.mark.parametrize("on", ["GET", "POST"])
async def test_a_word_that_makes_no_sense_is_a_second(on: str, tmp_path: Path) -> None:
    """Nobody leaves meanwhile, the same request goes again, and it costs no attempt."""
    await asyncio.gather(
        *(_put_off(tmp_path / str(number), on, headers) for number, headers in enumerate(NO_WORD.values()))
    )


async def _put_off(folder: Path, on: str, headers: Sequence[str]) -> None:
    async with odd_service() as service:
        if on == "GET":
            service.next_looks.append(throttle(headers))
        else:
            service.script.append(Odd(throttle(headers), takes=False))
        drive = Drive(folder, service.url)
        told = await drive(education(folder, 1))
    first = next(heard for heard in service.heard if heard.line.startswith(on))
    closed = service.end_of(first)
    following = next(heard for heard in service.heard if heard.at > first.at)
    assert following.line == first.line, headers
    assert 0.7 <= following.at - closed <= 2.0, headers
    assert ["approved"] == told.outcomes, headers
    assert 1 == told.rows[0]["attempts"], headers
    assert 1 == told.document["requests"]["throttled"], headers


@pytest.mark.parametrize("on", ["GET", "POST"])
async def test_a_day_and_more_ends_the_run_and_is_kept(on: str, tmp_path: Path) -> None:
    """13 at once, with the reason; unsent rows are `not_attempted`. It is kept for a day at most, and until
    then the next run does not even knock."""
    await asyncio.gather(
        *(_shut_out(tmp_path / str(number), on, headers) for number, headers in enumerate(TOO_LONG.values()))
    )


async def _shut_out(folder: Path, on: str, headers: Sequence[str]) -> None:
    async with odd_service() as service:
        if on == "GET":
            service.next_looks.append(throttle(headers))
        else:
            service.script.append(Odd(throttle(headers), takes=False))
        drive, rows = Drive(folder, service.url), education(folder, 1, 2, 3)
        told = await drive(rows, concurrency=1)
        heard = len(service.heard)
        again = await drive(rows)
        assert heard == len(service.heard)
        with read_only(drive.ledger) as view:
            closed = view.closed_until(drive.base_url, "")
        assert closed is not None
        assert 86_300 < (closed - datetime.now(UTC)).total_seconds() <= 86_400
    for one in (told, again):
        assert (13, "paused-too-long") == (one.exit_code, one.document["error"]["code"]), headers
        assert ["not_attempted"] * 3 == one.outcomes
        assert "pause" in one.document["error"]["message"]


async def test_a_date_is_kept_like_seconds(tmp_path: Path) -> None:
    """Ten minutes from now, as HTTP may write it."""
    then = datetime.fromtimestamp(time.time() + 600, UTC)
    async with odd_service() as service:
        service.next_looks.append(throttle([f"Retry-After: {format_datetime(then, usegmt=True)}"]))
        drive = Drive(tmp_path, service.url)
        told = await drive(education(tmp_path, 1))
        with read_only(drive.ledger) as view:
            closed = view.closed_until(drive.base_url, "")
    assert 13 == told.exit_code
    assert closed is not None
    assert abs((closed - then).total_seconds()) <= 2


async def test_rows_in_review_stay_so_behind_a_closed_gate(tmp_path: Path) -> None:
    """Nothing is lost of what was accepted: the run ends with 13, and the same command goes on later."""
    slow = SimulatorSettings(denial_rate=0, vetting_delay=(0.2, 0.2))
    async with Simulator(slow) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        assert {"in_review": 2} == (await drive(education(tmp_path, 1, 2), wait="0")).totals
        simulator.close_gate(400)
        told = await drive(education(tmp_path, 1, 2, 3), wait="1s", concurrency=1)
    assert ["in_review", "in_review", "not_attempted"] == told.outcomes
    assert 13 == told.exit_code
    assert 1 == simulator.books.statuses[429]


def put_off_for_ever(retry_after: float | None, max_pause: float | None) -> tuple[Retrying, ScriptedDoor]:
    """The door of a service that says 429 to everything, by a clock that costs no time."""

    def depart(call: Call) -> None:
        call.stopwatch.departed = asyncio.get_running_loop().time()

    gate = Gate(rate=None, concurrency=4, clock=LoopClock(), max_pause=max_pause, chance=lambda: 0.5)
    refusals = [Throttled("429", retry_after=retry_after, http_status=429) for _ in range(5000)]
    inner, counts = ScriptedDoor(*refusals, on_send=depart), Counts()
    paced = Paced(inner, gate, counts, deaf)
    return Retrying(paced, RetryPolicy(), rest=gate.rest, counts=counts, say=deaf), inner


@pytest.mark.looptime
@pytest.mark.parametrize("writes", [False, True], ids=["read", "write"])
@pytest.mark.parametrize(
    ("retry_after", "most"), [(None, 15), (0.5, 15), (30.0, 15)], ids=["no word", "half a second", "30 s"]
)
async def test_a_service_that_always_says_wait_is_not_waited_for_without_end(
    retry_after: float | None, most: int, writes: bool
) -> None:
    """Short pauses on end are one long one: a call that is put off for longer than the run may wait stops the
    run, after few requests."""
    door, inner = put_off_for_ever(retry_after, max_pause=300.0)
    with pytest.raises(PausedTooLong, match="put off the same call"):
        await door.send(a_call(writes=writes))
    assert 300 < asyncio.get_running_loop().time() <= 360
    assert len(inner.calls) <= most


@pytest.mark.looptime
async def test_who_waits_for_ever_waits_for_ever() -> None:
    """``--wait forever`` was asked for; the pauses grow to a minute."""
    door, inner = put_off_for_ever(None, max_pause=None)
    waiting = asyncio.create_task(door.send(a_call()))
    await asyncio.sleep(36_000)
    assert not waiting.done()
    assert len(inner.calls) <= 610
    waiting.cancel()


@pytest.mark.looptime
@pytest.mark.parametrize(
    ("word", "seconds"), [(None, 1), ("0", 1), ("-7", 1), ("soon", 1), ("Thu, 01 Jan 1970 00:00:10 GMT", 1)]
)
async def test_a_busy_sign_in_service_is_asked_again(
    word: str | None, seconds: float, tmp_path: Path
) -> None:
    """What it says of how long makes no sense: a second, and the token is there."""
    with sign_in_server() as server:
        partner = Partner(server, tmp_path).with_secret(
            BATCHQUAL_REFRESH_TOKEN=server.desk.new_refresh_token(APP)
        )
        server.fail_next(_busy(word))
        write = partner.sign_in().privileges.write
        assert write is not None
        began = asyncio.get_running_loop().time()
        assert await write.token()
        assert seconds <= asyncio.get_running_loop().time() - began <= seconds + 1
    assert 2 == len(server.refreshes)


@pytest.mark.parametrize("word", ["86400", "9" * 400], ids=["a day", "for ever"])
async def test_a_sign_in_service_that_wants_a_day_ends_the_run(word: str, tmp_path: Path) -> None:
    """12 at once, in words, and it is asked once."""
    with sign_in_server() as server:
        partner = Partner(server, tmp_path).with_secret(
            BATCHQUAL_REFRESH_TOKEN=server.desk.new_refresh_token(APP)
        )
        server.fail_next(*(_busy(word) for _ in range(6)))
        write = partner.sign_in().privileges.write
        assert write is not None
        with pytest.raises(SignInNeeded) as caught:
            await write.token()
    assert (12, "sign-in-unreachable") == (caught.value.exit_code, caught.value.code)
    assert 1 == len(server.refreshes)


def _busy(word: str | None) -> TokenFault:
    headers = {} if word is None else {"Retry-After": word}
    return TokenFault(Answer(429, '{"error":"invalid_request"}', headers))

"""Rule 2: what became of a submission that had no clear answer. The service is a few dumb lines, so that each
answer is exactly what it says here."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from support.drive import PATIENCE, Drive, education, stop_after
from support.odd_service import Odd, OddService, odd_service
from support.replay_server import Canned, Heard, canned
from support.sheets import customer

from batchqual.errors import UsageError
from batchqual.events import AnswerLost, Event, Retried
from batchqual.ledger import State, read_only
from batchqual.partnercenter import Limits

APIS = [pytest.param("asynchronous", id="post"), pytest.param("synchronous", id="put")]
PAGE = "<html><body>Something went wrong.</body></html>"
JSON = ("Content-Type: application/json",)

UNCLEAR = [
    pytest.param(canned("408 Request Timeout"), id="408"),
    pytest.param(canned("500 Internal Server Error", '{"code":"800003"}', headers=JSON), id="500"),
    pytest.param(canned("500 Internal Server Error", '"Something went wrong."'), id="500-bare-string"),
    pytest.param(canned("502 Bad Gateway", PAGE), id="502-html"),
    pytest.param(canned("503 Service Unavailable"), id="503-without-retry-after"),
    pytest.param(canned("504 Gateway Timeout"), id="504"),
    pytest.param(canned("400 Bad Request", PAGE, headers=("Content-Type: text/html",)), id="400-html"),
    pytest.param(canned("403 Forbidden", PAGE), id="403-html"),
    pytest.param(canned("400 Bad Request", '{"code":"20', cut=5), id="400-truncated"),
    pytest.param(canned("302 Found", headers=("Location: /elsewhere",)), id="redirect"),
    pytest.param(None, id="reset"),
    pytest.param(Canned(b"HTTP/1.1 200 OK\r\nContent-Le", close=True), id="half-a-head"),
]

ACCEPTED = [
    pytest.param(canned("201 Created"), id="empty"),
    pytest.param(canned("200 OK", PAGE), id="html"),
    pytest.param(canned("201 Created", '{"qualification":"Educ', cut=10), id="truncated"),
    pytest.param(canned("202 Accepted", "\xff\xfe\x00"), id="rubbish"),
    pytest.param(canned("200 OK", "[[[[]]]]"), id="strange-json"),
]


def one_row(folder: Path) -> str:
    return education(folder, 1)


def ids(requests: list[Heard]) -> set[str | None]:
    return {heard.header("MS-RequestId") for heard in requests}


def looks_between(service: OddService, start: float, end: float) -> list[float]:
    return [heard.at for heard in service.looks if start <= heard.at <= end]


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("answer", UNCLEAR)
async def test_rule_02_what_never_arrived_is_sent_again_after_looks_over_patience(
    answer: Canned | None, api: str, tmp_path: Path
) -> None:
    """Looks that show nothing over at least the patience, from the attempt's end, allow the same request id
    again."""
    async with odd_service(Odd(answer, takes=False), sync=api == "synchronous") as service:
        told = await Drive(tmp_path, service.url)(one_row(tmp_path), api=api)
    assert ["approved"] == told.outcomes
    first, second = service.submissions
    assert first.header("MS-RequestId") == second.header("MS-RequestId") == told.rows[0]["request_id"]
    assert first.body == second.body
    lost = service.end_of(first)
    seen = looks_between(service, lost, second.at)
    assert seen[-1] - lost >= PATIENCE - 0.01
    assert len(seen) >= 2
    assert 1 == told.rows[0]["attempts"]


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("answer", UNCLEAR)
async def test_rule_02_what_arrived_is_found_by_a_look_and_not_sent_again(
    answer: Canned | None, api: str, tmp_path: Path
) -> None:
    """A look that shows the qualification means that the submission arrived."""
    async with odd_service(Odd(answer, takes=True), sync=api == "synchronous") as service:
        told = await Drive(tmp_path, service.url)(one_row(tmp_path), api=api)
    assert ["approved"] == told.outcomes
    assert 1 == len(service.submissions)
    assert told.rows[0]["request_id"] == service.submissions[0].header("MS-RequestId")


@pytest.mark.parametrize("api", APIS)
async def test_rule_02_a_time_out_is_looked_up(api: str, tmp_path: Path) -> None:
    """An answer that does not come in time says nothing about the submission."""
    late = Odd(canned("201 Created", delay=2.0), takes=True)
    async with odd_service(late, sync=api == "synchronous") as service:
        limits = Limits(read=0.2, total=0.3)
        told = await Drive(tmp_path, service.url)(one_row(tmp_path), api=api, limits=limits)
    assert ["approved"] == told.outcomes
    assert 1 == len(service.submissions)


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(canned("429 Too Many Requests", headers=("Retry-After: 1",)), id="429"),
        pytest.param(canned("503 Service Unavailable", headers=("Retry-After: 1",)), id="503-retry-after"),
        pytest.param(canned("429 Too Many Requests", '{"statusCode":429}'), id="429-without-retry-after"),
    ],
)
async def test_rule_02_a_throttle_is_simply_repeated(answer: Canned, api: str, tmp_path: Path) -> None:
    """429 and 503 with Retry-After were not processed: the same id again, no look between, no attempt."""
    async with odd_service(Odd(answer, takes=False), sync=api == "synchronous") as service:
        told = await Drive(tmp_path, service.url)(one_row(tmp_path), api=api)
    assert ["approved"] == told.outcomes
    first, second = service.submissions
    assert 1 == len(ids([first, second]))
    assert [] == looks_between(service, first.at, second.at)
    assert second.at - service.end_of(first) >= 0.7
    assert 1 == told.rows[0]["attempts"]
    assert 1 == told.document["requests"]["throttled"]


async def test_rule_02_a_connection_that_cannot_be_made_is_simply_repeated(tmp_path: Path) -> None:
    """No byte left: the same intent goes out when the service listens again."""
    async with odd_service() as service:
        service.nothing = canned(body="[]", close=True)
        drive = Drive(tmp_path, service.url)

        refused = asyncio.Event()

        async def go_deaf(_look: Heard) -> None:
            service.on_look = None
            await service.deafen()

        def hear(event: Event) -> None:
            if isinstance(event, Retried):
                refused.set()

        async def come_back() -> None:
            await refused.wait()
            await service.listen()

        service.on_look = go_deaf
        back = asyncio.create_task(come_back())
        told = await drive(one_row(tmp_path), say=hear)
        await back
    assert ["approved"] == told.outcomes
    assert 1 == len(service.submissions)
    assert told.rows[0]["request_id"] == service.submissions[0].header("MS-RequestId")
    assert told.document["requests"]["retried"] >= 1
    assert 1 == told.document["requests"]["post"]


@pytest.mark.parametrize("api", APIS)
async def test_rule_02_three_sends_at_most_then_unknown(api: str, tmp_path: Path) -> None:
    """What gets no clear answer three times is `unknown`, in the next run too, and never sent again."""
    lost = [Odd(canned("500 Internal Server Error"), takes=False)] * 9
    async with odd_service(*lost, sync=api == "synchronous") as service:
        drive = Drive(tmp_path, service.url)
        told = await drive(one_row(tmp_path), api=api)
        assert ["unknown"] == told.outcomes
        assert 3 == told.exit_code
        assert 3 == len(service.submissions)
        assert 1 == len(ids(service.submissions))
        again = await drive(one_row(tmp_path), api=api)
    assert ["unknown"] == again.outcomes
    assert 3 == len(service.submissions)


async def test_rule_02_an_unknown_fate_that_shows_later_is_found(tmp_path: Path) -> None:
    """A look of a later run may find what three lost answers hid."""
    lost = [Odd(canned("500 Internal Server Error"), takes=False)] * 3
    async with odd_service(*lost) as service:
        drive = Drive(tmp_path, service.url)
        assert ["unknown"] == (await drive(one_row(tmp_path))).outcomes
        service.holders.add(customer(1))
        told = await drive(one_row(tmp_path))
    assert ["approved"] == told.outcomes
    assert 3 == len(service.submissions)


async def test_rule_02_patience_is_not_shortened_by_wait(tmp_path: Path) -> None:
    """`--wait 0` does not end a search for a lost answer before its patience is over."""
    lost = Odd(canned("500 Internal Server Error"), takes=False)
    async with odd_service(lost) as service:
        told = await Drive(tmp_path, service.url)(one_row(tmp_path), wait="0")
    first, second = service.submissions
    assert second.at - service.end_of(first) >= PATIENCE - 0.01
    assert told.outcomes[0] in {"in_review", "approved"}


async def test_rule_02_patience_begins_again_with_the_process(tmp_path: Path) -> None:
    """A new run cannot know what was seen before it: it looks over a whole patience of its own."""
    stop, leave = stop_after(AnswerLost)
    async with odd_service(Odd(None, takes=False)) as service:
        drive = Drive(tmp_path, service.url)
        told = await drive(one_row(tmp_path), stop=stop, say=leave)
        assert ["unknown"] == told.outcomes
        assert 130 == told.exit_code
        await asyncio.sleep(0.3)
        began = time.monotonic()
        again = await drive(one_row(tmp_path), patience="1.6s")
    assert ["approved"] == again.outcomes
    first, second = service.submissions
    assert 1 == len(ids([first, second]))
    assert looks_between(service, began + 1.6, second.at)


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("answer", ACCEPTED)
async def test_rule_02_an_unreadable_2xx_is_accepted(answer: Canned, api: str, tmp_path: Path) -> None:
    """The status is a clear answer; what came of it, a GET decides."""
    if api == "synchronous" and answer.raw.endswith(b"\xff"):
        pytest.skip("words are a refusal there")
    async with odd_service(Odd(answer), sync=api == "synchronous") as service:
        told = await Drive(tmp_path, service.url)(one_row(tmp_path), api=api)
    assert ["approved"] == told.outcomes
    assert 1 == len(service.submissions)


@pytest.mark.parametrize("answer", ACCEPTED)
async def test_rule_02_an_unreadable_2xx_is_never_sent_again(answer: Canned, tmp_path: Path) -> None:
    """Also when looks show nothing for longer than the patience."""
    async with odd_service(Odd(answer, takes=False)) as service:
        told = await Drive(tmp_path, service.url)(one_row(tmp_path), wait="1s")
    assert ["in_review"] == told.outcomes
    assert 1 == len(service.submissions)


async def test_rule_02_409_is_looked_up_and_needs_a_new_id(tmp_path: Path) -> None:
    """409 is an answer, and no clear one: a look decides, and what is sent after it is a new request."""
    clash = canned("409 Conflict", '{"code":"990409","description":"There already, or in progress."}')
    async with odd_service(Odd(clash, takes=False)) as service:
        told = await Drive(tmp_path, service.url)(one_row(tmp_path))
    assert ["approved"] == told.outcomes
    first, second = service.submissions
    assert second.at - service.end_of(first) >= PATIENCE - 0.01
    assert 2 == len(ids([first, second]))


async def test_rule_02_a_short_patience_off_loopback_is_refused(tmp_path: Path) -> None:
    """Reads of the real service may lag: below 30 seconds is exit 2, and nothing is sent."""
    drive = Drive(tmp_path, "https://partner.example", flags={"rate": "5"})
    with pytest.raises(UsageError) as refused:
        await drive(one_row(tmp_path), patience="29s")
    assert 2 == refused.value.exit_code
    assert not drive.ledger.exists()


async def test_rule_02_a_resume_finds_a_fate_and_sends_nothing(tmp_path: Path) -> None:
    """`resume` looks over the patience; what shows is found, what does not stays `unknown`."""
    stop, leave = stop_after(AnswerLost, 2)
    sheet = education(tmp_path, 1, 2)
    async with odd_service(Odd(None, takes=False), Odd(None, takes=False)) as service:
        drive = Drive(tmp_path, service.url)
        assert ["unknown"] * 2 == (await drive(sheet, stop=stop, say=leave)).outcomes
        service.holders.add(customer(2))
        told = await drive(command="resume")
    assert {customer(1): "unknown", customer(2): "approved"} == {
        row["customer_id"]: row["outcome"] for row in told.rows
    }
    assert 2 == len(service.submissions)
    with read_only(drive.ledger) as view:
        [(origin, partner)] = view.partners()
        assert 1 == len(view.by_state(origin, partner, State.SENDING))

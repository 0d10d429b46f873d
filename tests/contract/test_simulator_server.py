"""The simulator over a real socket: pages of customers, books, its life, and its state file."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import socket
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
from support.bare_client import EDU, GCC, ID, QUICK, Client, running

from batchqual.simulator import Code, Customer, Simulator, SimulatorSettings, World, serve_in_thread


def crowd(count: int) -> World:
    people = [
        Customer(f"00000000-0000-4000-8000-{n:012x}", f"Contoso {n}", f"contoso{n}.example")
        for n in range(count)
    ]
    return World(
        [*people, Customer(ID.replace("1", "f"), "Contoso far", "contosofar.example", relation="foreign")]
    )


async def read_all(client: Client, size: int, most: int = 20) -> tuple[list[str], list[int]]:
    """The ids of all pages, and the status of each answer."""
    ids: list[str] = []
    statuses: list[int] = []
    path, token = f"/v1/customers?size={size}", ""
    while len(statuses) < most:
        answer = await client.ask("GET", path, MS_ContinuationToken=token)
        statuses.append(answer.status)
        if answer.status != 200:
            break
        ids += [item["id"] for item in answer.json["items"]]
        if "next" not in answer.json["links"]:
            break
        token = answer.json["links"]["next"]["headers"][0]["value"]
        path = f"/v1/customers?size={size}&seekOperation=Next"
    return ids, statuses


async def test_all_pages_together_are_all_own_customers() -> None:
    """Following the token reads each own customer once; foreign ones are not in the list."""
    async with running(world=crowd(7)) as client:
        ids, statuses = await read_all(client, 3)
        assert [f"00000000-0000-4000-8000-{n:012x}" for n in range(7)] == ids
        assert [200, 200, 200] == statuses


async def test_the_list_can_end_with_code_2000() -> None:
    """The last token answers 400 with code 2000, which means that there is no more."""
    async with running(replace(QUICK, paging_end="code_2000"), crowd(4)) as client:
        ids, statuses = await read_all(client, 2)
        assert 4 == len(set(ids))
        assert [200, 200, 400] == statuses


async def test_the_list_can_repeat_its_token() -> None:
    """A service gone wrong gives the same token for ever; a client must notice."""
    async with running(replace(QUICK, paging_end="repeat"), crowd(4)) as client:
        ids, statuses = await read_all(client, 2, most=6)
        assert (4, [200] * 6) == (len(set(ids)), statuses)


@pytest.mark.parametrize(
    ("filter_", "count"),
    [
        pytest.param({"Field": "Domain", "Value": "CONTOSO1", "Operator": "starts_with"}, 2, id="domain"),
        pytest.param({"Field": "CompanyName", "Value": "contoso 3", "Operator": "starts_with"}, 1, id="name"),
        pytest.param({"Field": "Domain", "Value": "fabrikam", "Operator": "starts_with"}, 0, id="nobody"),
    ],
)
async def test_the_list_can_be_filtered(filter_: dict[str, str], count: int) -> None:
    """The filter is a prefix of the default domain or the name, without regard to case."""
    async with running(world=crowd(11)) as client:
        answer = await client.ask("GET", f"/v1/customers?size=0&filter={json.dumps(filter_)}")
        assert (200, count, count) == (answer.status, answer.json["totalCount"], len(answer.json["items"]))


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("size=many", id="size"),
        pytest.param("size=1&filter=x", id="not-json"),
        pytest.param('size=1&filter={"Field":"Domain","Value":"c","Operator":"equals"}', id="operator"),
        pytest.param("size=1&filter=[1]", id="list"),
        pytest.param("size=1&seekOperation=Next", id="no-token"),
        pytest.param("size=1&seekOperation=Last", id="other-seek"),
    ],
)
async def test_a_bad_query_of_the_list(query: str) -> None:
    """What the documents do not know is 400 with code 2000."""
    async with running(world=crowd(2)) as client:
        answer = await client.ask("GET", f"/v1/customers?{query}")
        assert (400, "2000") == (answer.status, answer.json["code"])


async def test_a_token_that_is_none() -> None:
    """A made-up continuation token is refused."""
    async with running(world=crowd(2)) as client:
        path = "/v1/customers?size=1&seekOperation=Next"
        assert [400, 400] == [
            (await client.ask("GET", path, MS_ContinuationToken=token)).status for token in ("x", "aGVsbG8=")
        ]


async def test_a_filter_can_fail() -> None:
    """The knob shows the internal error that was once seen; the list itself still works."""
    async with running(replace(QUICK, filter_fails=True), crowd(2)) as client:
        assert 500 == (await client.ask("GET", "/v1/customers?size=1&filter={}")).status
        assert 200 == (await client.ask("GET", "/v1/customers?size=1")).status


async def test_the_books_tell_every_request() -> None:
    """Arrival, method, template, customer, ids, status: one line each, in order."""
    async with running() as client:
        before = time.monotonic(), time.time()
        await client.submit(MS_RequestId="r", MS_CorrelationId="c", MS_Contract_Version="v1")
        await client.fetch()
        books = (await client.ask("GET", "/simulator/books")).json
        lines = [dict(zip(books["log_columns"], line, strict=True)) for line in books["log"]]
        assert ["POST", "GET"] == [line["method"] for line in lines]
        assert {"/v1/customers/{id}/qualifications"} == {line["path"] for line in lines}
        assert ("r", "c", 201, True, ID) == tuple(
            lines[0][key] for key in ("request_id", "correlation_id", "status", "written", "customer")
        )
        assert before[0] <= lines[0]["monotonic"] <= lines[1]["monotonic"] <= time.monotonic()
        assert before[1] - 1 <= lines[0]["wall"] <= time.time() + 1
        assert {} == books["missing_headers"]
        assert [{"customer": ID, "qualification": "Education", "count": 1}] == books["accepted"]
        assert (1, 1) == (
            client.simulator.books.count("POST"),
            client.simulator.books.count("GET", "/qualifications"),
        )


async def test_headers_that_are_missing_are_noted() -> None:
    """A write without its ids is served, with ids of the server's own, and noted."""
    async with running() as client:
        answer = await client.ask("POST", f"/v1/customers/{ID}/qualifications", EDU)
        assert answer.headers["MS-RequestId"]
        missing = client.simulator.books.missing_headers
        assert [1, 1, 1] == [
            missing[f"MS-{name}"] for name in ("RequestId", "CorrelationId", "Contract-Version")
        ]


async def test_a_short_log_still_counts() -> None:
    """Beyond keep_log only the counts go on."""
    async with running(replace(QUICK, keep_log=2)) as client:
        for _ in range(5):
            await client.fetch()
        books = (await client.ask("GET", "/simulator/books")).json
        assert (5, 2, 3) == (books["total"], len(books["log"]), books["log_left_off"])
        assert [] == (await client.ask("GET", "/simulator/books?log=no")).json["log"]


async def test_a_world_outlives_the_simulator(tmp_path: Path) -> None:
    """With a state file a second life knows qualifications, attempts and what is left on the codes."""
    settings = SimulatorSettings(
        denial_rate=1, vetting_delay=(0, 0), state=tmp_path / "world.json", save_every=60
    )
    async with running(settings, World(codes=[Code("0123", max=5, remaining=5)])) as client:
        await client.submit()
        await client.submit(GCC, ID.replace("1", "2"))
    async with running(settings, World()) as client:
        assert 4 == client.simulator.world.codes["0123"].remaining
        assert 1 == client.simulator.world.customers[ID].attempts
        assert "Denied" == (await client.fetch()).json[0]["vettingStatus"]


async def test_a_world_is_saved_while_it_runs(tmp_path: Path) -> None:
    """A change is on disk soon after, for simulators that are killed."""
    state = tmp_path / "world.json"
    async with running(replace(QUICK, state=state, save_every=0.01)) as client:
        await client.submit()
        end = time.monotonic() + 5
        while time.monotonic() < end and not (state.exists() and ID in state.read_text(encoding="utf-8")):
            await client.fetch()
        assert ID in state.read_text(encoding="utf-8")


async def test_a_port_that_is_taken() -> None:
    """The second simulator on a port raises OSError and leaves nothing behind."""
    async with Simulator(QUICK) as simulator:
        port = int(simulator.base_url.rpartition(":")[2])
        with pytest.raises(OSError, match=str(port)):
            await Simulator(replace(QUICK, port=port)).start()


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
async def test_an_ipv6_address_has_brackets() -> None:
    """The base URL of an IPv6 loopback can be used as it is."""
    try:
        async with running(replace(QUICK, host="::1")) as client:
            assert client.simulator.base_url.startswith("http://[::1]:")
            assert 200 == (await client.fetch()).status
    except OSError:
        pytest.skip("IPv6 loopback is switched off here")


async def test_a_stop_without_a_start() -> None:
    """Stopping what never ran does nothing."""
    simulator = Simulator(QUICK)
    await simulator.stop()
    assert "" == simulator.base_url
    assert 0 == simulator.books.total


async def test_serving_ends_when_it_is_cancelled() -> None:
    """serve_forever waits for nothing but the end."""
    async with Simulator(QUICK) as simulator:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(simulator.serve_forever(), 0.01)


def test_a_simulator_in_a_thread() -> None:
    """A caller without a loop gets a running simulator for the length of a with."""
    with serve_in_thread(QUICK) as simulator:
        request = urllib.request.Request(
            f"{simulator.base_url}/v1/customers/{ID}/qualifications", headers={"Authorization": "Bearer t"}
        )
        with urllib.request.urlopen(request, timeout=5) as response:
            assert b"[]" == response.read()
        with (
            pytest.raises(OSError, match="in use"),
            serve_in_thread(replace(QUICK, port=int(simulator.base_url.rpartition(":")[2]))),
        ):
            pytest.fail("the port was taken")


def test_a_thread_leaves_nothing_pending(caplog: pytest.LogCaptureFixture) -> None:
    """Answers that are still late when the thread ends are dropped, not destroyed."""
    with serve_in_thread(replace(QUICK, late_seconds=60)) as simulator:
        simulator.inject("late")
        request = urllib.request.Request(
            f"{simulator.base_url}/v1/customers/{ID}", headers={"Authorization": "Bearer t"}
        )
        with pytest.raises(TimeoutError):
            urllib.request.urlopen(request, timeout=0.1)
    gc.collect()
    assert [] == caplog.records


async def test_faults_leave_no_noise_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """A connection that is dropped on purpose is no error of the server."""
    with caplog.at_level(logging.WARNING):
        async with running() as client:
            for fault in ("reset_before", "reset_after", "truncated"):
                client.simulator.inject(fault)
                with pytest.raises(Exception, match=r"."):
                    await client.submit()
    assert [] == caplog.records


async def test_a_stop_does_not_wait_for_late_answers() -> None:
    """The end of the simulator drops what is still in flight."""
    async with running(replace(QUICK, late_seconds=60)) as client:
        client.simulator.inject("late")
        pending = asyncio.create_task(client.fetch())
        await asyncio.sleep(0)
        await client.ask("GET", "/v1/customers")
        start = time.monotonic()
        await client.simulator.stop()
        assert time.monotonic() - start < 5
        with pytest.raises(OSError, match=r"."):
            await pending

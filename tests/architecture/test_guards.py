"""The guards of the clean room hold: each is shown what it is there to catch."""

from __future__ import annotations

import asyncio
import os
import queue
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.guards import IdleWatch, NetworkGuard


def _connect(address: str) -> None:
    with socket.socket() as there:
        there.connect((address, 443))


async def _open(host: str) -> None:
    await asyncio.open_connection(host, 443)


@pytest.mark.parametrize(
    ("attempt", "note"),
    [
        pytest.param(lambda: _connect("192.0.2.1"), "connect to 192.0.2.1:443", id="socket"),
        pytest.param(lambda: asyncio.run(_open("192.0.2.1")), "connect to 192.0.2.1:443", id="event loop"),
        pytest.param(lambda: asyncio.run(_open("2001:db8::1")), "connect to 2001:db8::1:443", id="IPv6"),
        pytest.param(lambda: socket.getaddrinfo("contoso.com", 443), "look-up of contoso.com", id="name"),
    ],
)
def test_nothing_leaves_this_machine(
    attempt: Callable[[], object], note: str, network_guard: NetworkGuard
) -> None:
    """A connection to elsewhere is refused, and noted even when the code under test swallows the error."""
    with pytest.raises(ConnectionRefusedError):
        attempt()
    assert [note] == network_guard.refused
    network_guard.refused.clear()


@pytest.mark.parametrize("host", ["api.contoso.example", "nowhere.invalid."])
def test_names_that_cannot_exist_are_answered_as_a_resolver_would(host: str) -> None:
    """Tests may ask for reserved names: nobody is asked, and there is no such host."""
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo(host, 443)


def test_loopback_is_free() -> None:
    """Servers of the tests' own stay reachable, by number and by name."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        for host in ("127.0.0.1", "localhost"):
            socket.create_connection((host, server.getsockname()[1])).close()


@pytest.mark.parametrize(
    "wait",
    [
        pytest.param(lambda: time.sleep(0.06), id="time.sleep"),
        pytest.param(lambda: asyncio.run(asyncio.sleep(0.06)), id="asyncio.sleep"),
        pytest.param(lambda: _get_nothing(0.06), id="queue"),
    ],
)
def test_real_waiting_is_counted(wait: Callable[[], object], idle_watch: IdleWatch) -> None:
    """Whatever a test waits with, the watch sees it."""
    with idle_watch.forgiving():
        wait()
        assert 0.055 <= idle_watch.seconds
    assert 0.05 > idle_watch.seconds


def _get_nothing(seconds: float) -> None:
    with pytest.raises(queue.Empty):
        queue.Queue[None]().get(timeout=seconds)


def test_work_on_a_thread_is_not_waiting(idle_watch: IdleWatch) -> None:
    """A loop that waits for somebody's answer, with a time-out that never strikes, is not idle."""

    async def work() -> int:
        async with asyncio.timeout(5):
            return await asyncio.to_thread(sum, range(1_000_000))

    asyncio.run(work())
    assert 0.05 > idle_watch.seconds


@pytest.mark.looptime
async def test_virtual_time_is_free(idle_watch: IdleWatch) -> None:
    """A day passes at once under virtual time."""
    await asyncio.sleep(86_400)
    assert 86_400 == round(asyncio.get_running_loop().time())
    assert 0.05 > idle_watch.seconds


def test_the_home_is_empty_and_the_settings_are_nobodys(empty_home: Path) -> None:
    """No test sees the settings, the ledger or the proxy of whoever runs it."""
    assert [] == list(empty_home.iterdir())
    assert empty_home == Path.home()
    assert [] == [name for name in os.environ if name.startswith("BATCHQUAL_")]

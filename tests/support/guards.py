"""What no test may do unseen: talk to another machine, or wait for real.

Both guards note the misdeed besides refusing it, so that code under test which swallows every error cannot
hide it; conftest asks for the notes after each test.
"""

from __future__ import annotations

import ipaddress
import selectors
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

__all__ = ["IdleWatch", "NetworkGuard"]

_NOWHERE = (".example", ".invalid", ".test")


def _is_here(host: str | None) -> bool:
    if not host or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


class NetworkGuard:
    """Refuses connections and look-ups that would leave this machine, and remembers them in ``refused``."""

    def __init__(self) -> None:
        self.refused: list[str] = []

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Stand in front of the socket module for as long as ``patch`` lasts."""
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, self._guarded(getattr(socket.socket, name)))
        patch.setattr(socket, "getaddrinfo", self._guarded_lookup(socket.getaddrinfo))

    def _refuse(self, what: str) -> OSError:
        self.refused.append(what)
        return ConnectionRefusedError(f"tests do not leave this machine: {what}")

    def _guarded(self, connect: Callable[[socket.socket, Any], Any]) -> Callable[[socket.socket, Any], Any]:
        def guarded(this: socket.socket, address: Any) -> Any:
            if this.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
                raise self._refuse(f"connect to {address[0]}:{address[1]}")
            return connect(this, address)

        return guarded

    def _guarded_lookup(self, lookup: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(host: Any, *args: Any, **kwargs: Any) -> Any:
            name = host.decode() if isinstance(host, bytes) else host
            if name is not None and name.rstrip(".").endswith(_NOWHERE):
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            if not (_is_here(name) or _is_number(name)):
                raise self._refuse(f"look-up of {name}")
            return lookup(host, *args, **kwargs)

        return guarded


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class IdleWatch:
    """Adds up the ``seconds`` in which a test really did nothing but wait for a clock.

    An event loop that waited for its next timer, a condition that timed out on the main thread and
    ``time.sleep`` count. A loop under virtual time does not wait; a wait that an answer ended is none.
    """

    def __init__(self) -> None:
        self.seconds = 0.0

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Stand in front of the waiting calls for as long as ``patch`` lasts."""
        patch.setattr(time, "sleep", self._counted_sleep(time.sleep))
        patch.setattr(selectors.DefaultSelector, "select", self._counted(selectors.DefaultSelector.select))
        patch.setattr(threading.Condition, "wait", self._counted(threading.Condition.wait))

    @contextmanager
    def forgiving(self) -> Iterator[None]:
        """What is waited inside does not count."""
        before = self.seconds
        yield
        self.seconds = before

    def _counted_sleep(self, sleep: Callable[[float], None]) -> Callable[[float], None]:
        def counted(seconds: float) -> None:
            # subprocess looks after a child with short sleeps: that is waiting for somebody
            if sys._getframe(1).f_globals.get("__name__") != "subprocess":
                self.seconds += seconds
            sleep(seconds)

        return counted

    def _counted(self, wait: Callable[[Any, float | None], Any]) -> Callable[..., Any]:
        def counted(this: Any, timeout: float | None = None) -> Any:
            began = time.perf_counter()
            woken = wait(this, timeout)
            if (
                timeout
                and timeout > 0
                and not woken
                and threading.current_thread() is threading.main_thread()
            ):
                self.seconds += min(timeout, time.perf_counter() - began)
            return woken

        return counted

"""The way to a host, hop by hop: names, sockets, proxies and TLS, each with an end to its waiting. It
blocks."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from typing import Final
from urllib.parse import urlsplit

from batchqual.partnercenter import Proxy

__all__ = ["Blocked", "Route"]

SECONDS: Final = 5.0
_LONGEST_HEAD: Final = 65_536


class Blocked(Exception):
    """A hop that does not let through; the text is the end of a sentence. ``by_login``: the proxy takes no
    login of ours, and is not to be asked once more."""

    by_login = False


@dataclass(frozen=True, slots=True)
class Route:
    """To where ``url`` points, through a proxy if there is one, trusting what ``trust`` trusts."""

    url: str
    proxy: Proxy | None
    trust: ssl.SSLContext = field(repr=False)

    @property
    def host(self) -> str:
        """Its name, or its number."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """Its port."""
        return _port(self.url)

    @property
    def secure(self) -> bool:
        """Whether TLS belongs to it: plain http is for this machine alone."""
        return urlsplit(self.url).scheme == "https"

    def addresses(self) -> list[str]:
        """What the name stands for. Raises Blocked."""
        return _addresses(self.host, self.port)

    def reach_proxy(self) -> None:
        """Let the proxy answer its door. Raises Blocked."""
        if self.proxy is not None:
            _addresses(urlsplit(self.proxy.url).hostname or "", _port(self.proxy.url))
            self._to_proxy(self.proxy).close()

    def reach(self) -> None:
        """A connection there. Raises Blocked."""
        self._connected().close()

    def greet(self) -> str:
        """A connection that is secured; its version of TLS. Raises Blocked."""
        with closing(self._secured()) as wire:
            return wire.version() or "TLS"

    def date(self) -> str:
        """The Date of the answer to an unsigned request; empty without one. Raises Blocked."""
        with _in_words(), closing(self._secured() if self.secure else self._connected()) as wire:
            asking = f"HEAD / HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nUser-Agent: batchqual\r\n"
            wire.sendall(f"{asking}Connection: close\r\n\r\n".encode("ascii"))
            answer = HTTPResponse(wire, method="HEAD")
            answer.begin()
            return answer.getheader("Date") or ""

    def _secured(self) -> ssl.SSLSocket:
        wire = self._connected()
        with _in_words(wire):
            return self.trust.wrap_socket(wire, server_hostname=self.host)

    def _connected(self) -> socket.socket:
        if self.proxy is None:
            return _socket(self.host, self.port)
        wire = self._to_proxy(self.proxy)
        with _in_words(wire):
            _open_tunnel(wire, f"{self.host}:{self.port}", self.proxy)
            return wire

    def _to_proxy(self, proxy: Proxy) -> socket.socket:
        host = urlsplit(proxy.url).hostname or ""
        wire = _socket(host, _port(proxy.url))
        if urlsplit(proxy.url).scheme != "https":
            return wire
        with _in_words(wire):
            return self.trust.wrap_socket(wire, server_hostname=host)


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Blocked(f"the name {host} cannot be resolved") from None
    return sorted({str(one[4][0]) for one in found})


def _socket(host: str, port: int) -> socket.socket:
    with _in_words():
        return socket.create_connection((host, port), timeout=SECONDS)


def _open_tunnel(wire: socket.socket, there: str, proxy: Proxy) -> None:
    lines = [f"CONNECT {there} HTTP/1.1", f"Host: {there}"]
    lines += [f"{name}: {value}" for name, value in proxy.headers.items()]
    wire.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
    head = b""
    while b"\r\n\r\n" not in head:
        more = wire.recv(4096)
        if not more or len(head) > _LONGEST_HEAD:
            raise Blocked("the proxy closed the connection")
        head += more
    status = head.split(b" ", 2)[1:2]
    if status == [b"407"]:
        refused = Blocked(
            f"the proxy {proxy.url} wants a user name and a password, and takes none of ours (407)"
        )
        refused.by_login = True
        raise refused
    if not status or not status[0].startswith(b"2"):
        shown = status[0][:3].decode("ascii", "replace") if status else "no status"
        raise Blocked(f"the proxy does not connect there ({shown})")


@contextmanager
def _in_words(wire: socket.socket | None = None) -> Iterator[None]:
    """Troubles become Blocked; the wire is closed then."""
    try:
        yield
    except BaseException as trouble:
        if wire is not None:
            wire.close()
        if isinstance(trouble, OSError | HTTPException | ValueError):
            raise _blocked(trouble) from None
        raise


def _blocked(trouble: Exception) -> Blocked:
    if isinstance(trouble, ssl.SSLCertVerificationError):
        return Blocked(f"its certificate is not trusted: {trouble.verify_message}")
    if isinstance(trouble, TimeoutError):
        return Blocked(f"there was no answer within {SECONDS:g} seconds")
    if isinstance(trouble, ssl.SSLError):
        return Blocked(f"no secure connection could be made ({trouble.reason or 'the other side gave up'})")
    if isinstance(trouble, ConnectionRefusedError):
        return Blocked("the connection is refused: nothing listens there, or a firewall is in between")
    if isinstance(trouble, OSError):
        return Blocked(trouble.strerror or type(trouble).__name__)
    return Blocked("what answers there does not speak HTTP")

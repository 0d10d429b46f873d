"""A dumb socket server: it answers canned bytes in order and keeps the raw requests. It knows no HTTP beyond
finding the end of a request, so that it cannot share a misreading with the client.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Canned", "Heard", "ReplayServer", "canned", "replaying"]

_LENGTH: Final = re.compile(rb"(?im)^content-length:\s*(\d+)\s*$")


@dataclass(frozen=True, slots=True)
class Canned:
    """One answer, as the bytes that go out.

    ``unread``: close at once, before reading the request. ``delay`` in seconds, None never to answer.
    ``close`` after the bytes; ``hang``: keep the connection open, and say no more; ``drip``: say one space
    more every so many seconds, for ever.
    """

    raw: bytes = b""
    unread: bool = False
    delay: float | None = 0.0
    close: bool = False
    hang: bool = False
    drip: float = 0.0


def canned(
    status: str = "200 OK",
    body: str | bytes = b"",
    *,
    headers: Iterable[str] = (),
    cut: int | None = None,
    delay: float | None = 0.0,
    hang: bool = False,
    close: bool = False,
) -> Canned:
    """An HTTP answer with a true Content-Length. ``cut`` sends only so many bytes of the body and closes."""
    content = body.encode("utf-8") if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *headers]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    sent = content if cut is None else content[:cut]
    return Canned(head + sent, delay=delay, hang=hang, close=close or (cut is not None and not hang))


@dataclass(frozen=True, slots=True)
class Heard:
    """One request as it came in, and when (monotonic seconds)."""

    raw: bytes
    at: float

    @property
    def line(self) -> str:
        """The request line."""
        return self.raw.split(b"\r\n", 1)[0].decode("latin-1")

    @property
    def body(self) -> bytes:
        """The body."""
        return self.raw.partition(b"\r\n\r\n")[2]

    def header(self, name: str) -> str | None:
        """The value of a header, if it was sent."""
        found = re.search(rf"(?im)^{re.escape(name)}:[ \t]*(.*?)\r?$", self.head)
        return found.group(1) if found else None

    @property
    def head(self) -> str:
        """Request line and headers."""
        return self.raw.partition(b"\r\n\r\n")[0].decode("latin-1")


@dataclass(slots=True)
class ReplayServer:
    """Answers in the order given; when they run out, the last one again (``repeat_last``) or closes."""

    answers: list[Canned]
    repeat_last: bool = True
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0
    on_request: Callable[[Heard], Awaitable[None]] | None = None
    scheme: str = "http"
    port: int = 0
    _given: int = 0

    @property
    def url(self) -> str:
        """The base URL."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def _next(self) -> Canned:
        number, self._given = self._given, self._given + 1
        if number < len(self.answers):
            return self.answers[number]
        return self.answers[-1] if self.repeat_last and self.answers else Canned(close=True)

    def _upcoming_unread(self) -> bool:
        return self._given < len(self.answers) and self.answers[self._given].unread

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request by request."""
        self.connections += 1
        try:
            while not self._upcoming_unread():
                raw = await _request(reader)
                if raw is None:
                    return
                heard = Heard(raw, time.monotonic())
                self.heard.append(heard)
                if self.on_request is not None:
                    await self.on_request(heard)
                if not await self._answer(writer):
                    return
            self._next()
        except ConnectionError:
            pass

    async def _answer(self, writer: asyncio.StreamWriter) -> bool:
        """Play the next answer; whether the connection lives on."""
        answer = self._next()
        if answer.delay is None:
            await asyncio.Event().wait()
        elif answer.delay:
            await asyncio.sleep(answer.delay)
        writer.write(answer.raw)
        await writer.drain()
        while answer.drip:
            await asyncio.sleep(answer.drip)
            writer.write(b" ")
            await writer.drain()
        if answer.hang:
            await asyncio.Event().wait()
        return bool(answer.raw) and not answer.close


async def _request(reader: asyncio.StreamReader) -> bytes | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        return head + (await reader.readexactly(int(length.group(1))) if length else b"")
    except asyncio.IncompleteReadError:
        return None


@asynccontextmanager
async def replaying(
    *answers: Canned, repeat_last: bool = True, tls: ssl.SSLContext | None = None
) -> AsyncIterator[ReplayServer]:
    """A server with these answers, for the length of a block."""
    played = ReplayServer(list(answers), repeat_last=repeat_last, scheme="https" if tls else "http")
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await played.serve(reader, writer)
            writer.close()
            await writer.wait_closed()
        except (asyncio.CancelledError, OSError):
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()

    def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(talk(reader, writer))
        talks.add(task)
        task.add_done_callback(talks.discard)
        # A talk that is cancelled before it began would leave its connection open.
        task.add_done_callback(lambda _: writer.transport.abort())

    server = await asyncio.start_server(meet, "127.0.0.1", 0, ssl=tls)
    played.port = server.sockets[0].getsockname()[1]
    try:
        yield played
    finally:
        server.close()
        for task in list(talks):
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await server.wait_closed()

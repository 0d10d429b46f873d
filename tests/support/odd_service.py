"""A service of a few lines, for answers that the simulator never gives: what a submission is answered, byte
for byte, and whether it took effect all the same. Looks show what took effect. It knows nothing else.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from .replay_server import Canned, Heard, canned

__all__ = ["APPROVED", "Odd", "OddService", "odd_service"]

APPROVED: Final = '[{"qualification":"Education","vettingStatus":"Approved"}]'
NOTHING: Final = canned(body="[]")
_PLAIN: Final = canned("201 Created", '{"qualification":"Education","vettingStatus":"InReview"}')
_CUSTOMER: Final = re.compile(r"/v1/customers/([^/ ?]+)")
_LENGTH: Final = re.compile(rb"(?im)^content-length:\s*(\d+)\s*$")


@dataclass(frozen=True, slots=True)
class Odd:
    """What happens to one submission. ``takes``: looks show it from now on. ``answer`` None: the connection
    is reset."""

    answer: Canned | None = _PLAIN
    takes: bool = True


@dataclass(slots=True)
class OddService:
    """Submissions meet ``script`` one after the other, then a plain yes; looks show ``granted`` where one
    took effect, unless ``next_looks`` says otherwise for the next of them, or ``to_token`` for those that
    bear that token."""

    script: list[Odd] = field(default_factory=list)
    granted: Canned = field(default_factory=lambda: canned(body=APPROVED))
    nothing: Canned = NOTHING
    next_looks: list[Canned] = field(default_factory=list)
    by_path: dict[str, Canned] = field(default_factory=dict)
    to_token: dict[str, Canned] = field(default_factory=dict)
    holders: set[str] = field(default_factory=set)
    heard: list[Heard] = field(default_factory=list)
    ended: dict[int, float] = field(default_factory=dict)
    on_submission: Callable[[Heard], Awaitable[None]] | None = None
    on_look: Callable[[Heard], Awaitable[None]] | None = None
    port: int = 0
    server: asyncio.Server | None = None
    talks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def submissions(self) -> list[Heard]:
        """The POSTs and PUTs that came."""
        return [heard for heard in self.heard if heard.line.startswith(("POST", "PUT"))]

    @property
    def looks(self) -> list[Heard]:
        """The GETs that came."""
        return [heard for heard in self.heard if heard.line.startswith("GET")]

    async def listen(self) -> None:
        """Take connections, at the same port as before."""
        self.server = await asyncio.start_server(self._talk, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def deafen(self) -> None:
        """Take no connections any more, and end those that there are."""
        if self.server is not None:
            self.server.close()
        others = [task for task in self.talks if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.talks.add(task)
        try:
            while (heard := await _next_request(reader)) is not None:
                self.heard.append(heard)
                if not await self._answer(heard, writer):
                    return
        except (ConnectionError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self.talks.discard(task)
            writer.close()

    async def _answer(self, heard: Heard, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether the connection lives on."""
        answer = await self._choose(heard)
        if answer is None:
            writer.transport.abort()
        else:
            await asyncio.sleep(answer.delay or 0.0)
            writer.write(answer.raw)
            await writer.drain()
        self.ended[id(heard)] = time.monotonic()
        return answer is not None and not answer.close

    def end_of(self, heard: Heard) -> float:
        """When a request was answered, or its connection reset (monotonic seconds)."""
        return self.ended[id(heard)]

    async def _choose(self, heard: Heard) -> Canned | None:
        found = _CUSTOMER.search(heard.line)
        customer = found.group(1) if found else ""
        if heard.line.startswith("GET"):
            if self.on_look is not None:
                await self.on_look(heard)
            token = (heard.header("Authorization") or "").removeprefix("Bearer ")
            if token in self.to_token:
                return self.to_token[token]
            if heard.line.split(" ")[1] in self.by_path:
                return self.by_path[heard.line.split(" ")[1]]
            if self.next_looks:
                return self.next_looks.pop(0)
            return self.granted if customer in self.holders else self.nothing
        if self.on_submission is not None:
            await self.on_submission(heard)
        odd = self.script.pop(0) if self.script else Odd()
        if odd.takes:
            self.holders.add(customer)
        return odd.answer


async def _next_request(reader: asyncio.StreamReader) -> Heard | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        return Heard(head + (await reader.readexactly(int(length[1])) if length else b""), time.monotonic())
    except asyncio.IncompleteReadError:
        return None


@asynccontextmanager
async def odd_service(*script: Odd, sync: bool = False) -> AsyncIterator[OddService]:
    """A service with this script, for the length of a block. ``sync``: it speaks the older API, whose answers
    are bare strings."""
    service = OddService(list(script))
    if sync:
        service.granted, service.nothing = canned(body='"education"'), canned(body='"none"')
    await service.listen()
    try:
        yield service
    finally:
        await service.deafen()

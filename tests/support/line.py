"""A line between a program and a service: it can be cut, go dead, be taken away, and come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

__all__ = ["Line", "lined"]


@dataclass(eq=False, slots=True)
class Line:
    """``port`` stays the same for good; ``host`` and ``service`` are where the other end is."""

    host: str
    service: int
    port: int = 0
    server: asyncio.Server | None = None
    talks: set[asyncio.Task[None]] = field(default_factory=set)
    passing: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """The base URL for the program."""
        return f"http://127.0.0.1:{self.port}"

    async def restore(self) -> None:
        """Take connections, and pass on what is said."""
        self.passing.set()
        self.server = await asyncio.start_server(self._talk, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Reset every connection that there is; new ones are welcome."""
        for talk in list(self.talks):
            talk.cancel()
        await asyncio.gather(*self.talks, return_exceptions=True)

    async def take_away(self) -> None:
        """Nobody listens any more, and every connection is reset."""
        if self.server is not None:
            self.server.close()
        await self.cut()

    def go_dead(self) -> None:
        """Connections stand, and nothing is passed on, as after a night without power: until they are cut."""
        self.passing.clear()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.talks.add(task)
        try:
            back, forth = await asyncio.open_connection(self.host, self.service)
            try:
                ways = [
                    asyncio.create_task(self._pass_on(reader, forth)),
                    asyncio.create_task(self._pass_on(back, writer)),
                ]
                try:
                    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for way in ways:
                        way.cancel()
                    await asyncio.gather(*ways, return_exceptions=True)
            finally:
                forth.close()
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self.talks.discard(task)
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65_536):
            await self.passing.wait()
            writer.write(piece)
            await writer.drain()


@asynccontextmanager
async def lined(base_url: str) -> AsyncIterator[Line]:
    """A line to this service, for the length of a block."""
    address = urlsplit(base_url)
    line = Line(address.hostname or "", address.port or 0)
    await line.restore()
    try:
        yield line
    finally:
        await line.take_away()
        if line.server is not None:
            with suppress(OSError):
                await line.server.wait_closed()

"""A wire tap: passes bytes on between a client and a service, and keeps what the client said, and when."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

__all__ = ["Tap", "tapped"]


@dataclass(slots=True)
class Tap:
    """``said`` holds (monotonic seconds, bytes) for every piece that the client sent, by any connection."""

    url: str = ""
    said: list[tuple[float, bytes]] = field(default_factory=list)
    talks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def heard(self) -> bytes:
        """All that was said. Pieces of different connections may be mixed."""
        return b"".join(piece for _, piece in self.said)

    def departures(self) -> list[float]:
        """When each request began."""
        return [at for at, piece in self.said if piece.startswith((b"GET ", b"POST ", b"PUT "))]

    async def pass_on(self, client: asyncio.StreamReader, service: asyncio.StreamWriter) -> None:
        """From the client to the service."""
        while piece := await client.read(65_536):
            self.said.append((time.monotonic(), piece))
            service.write(piece)
            await service.drain()


async def _give_back(service: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
    while piece := await service.read(65_536):
        client.write(piece)
        await client.drain()


@asynccontextmanager
async def tapped(base_url: str) -> AsyncIterator[Tap]:
    """A tap on a service, for the length of a block."""
    tap, address = Tap(), urlsplit(base_url)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tap.talks.add(task)
        back, forth = await asyncio.open_connection(address.hostname, address.port)
        try:
            ways = [
                asyncio.create_task(tap.pass_on(reader, forth)),
                asyncio.create_task(_give_back(back, writer)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            tap.talks.discard(task)
            forth.close()
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    tap.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield tap
    finally:
        server.close()
        for task in list(tap.talks):
            task.cancel()
        await asyncio.gather(*tap.talks, return_exceptions=True)
        await server.wait_closed()

"""Starts and stops a simulator: in a running loop, or in a thread of its own for callers that have none."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from aiohttp import web

from .app import Desk
from .books import Books
from .faults import Fault
from .settings import SimulatorSettings
from .state import Keeper, load
from .world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from .faults import Scope

_STOP_SECONDS = 0.1


class Simulator:
    """A Partner Center on this machine.

        async with Simulator(SimulatorSettings(seed=7), world) as simulator:
            ...  # simulator.base_url, simulator.books, simulator.world

    With `state` in the settings, a world in that file goes before the one given. Raises ValueError for a
    world file or settings that make no sense, OSError when the port is taken.
    """

    def __init__(self, settings: SimulatorSettings | None = None, world: World | None = None) -> None:
        self.settings = settings or SimulatorSettings()
        kept = load(self.settings.state) if self.settings.state else None
        self.world = kept or world or World()
        for text in self.settings.codes:
            self.world.offer(text)
        self.books = Books(self.settings.keep_log)
        self.base_url = ""
        self._desk = Desk(self.settings, self.world, self.books)
        self._runner: web.ServerRunner | None = None
        self._keeper: Keeper | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listens from now on; `base_url` is known after it."""
        runner = web.ServerRunner(web.Server(self._desk, access_log=None), shutdown_timeout=_STOP_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, self.settings.host, self.settings.port, backlog=1024).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        host, port = runner.addresses[0][:2]
        self.base_url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        if self.settings.state is not None:
            self._keeper = Keeper(self.settings.state, self.world, self.settings.save_every)
            self._keeping = asyncio.create_task(self._keeper.run())

    async def stop(self) -> None:
        """Stops listening, drops what is still in flight, and saves the world."""
        if self._runner is not None:
            await self._runner.cleanup()
            await self._desk.close()
        if self._keeper is not None and self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
            self._keeper.save()

    async def serve_forever(self) -> None:
        """Waits until it is cancelled."""
        await asyncio.Event().wait()

    def inject(self, *faults: Fault | str, scope: Scope = "all") -> None:
        """Gives the next requests of `scope` these faults, one each, in order. Raises ValueError for an
        unknown one, and for `read_lag`, which is not a request's own: `Faults(read_lag=1)` gives it to
        every write."""
        wanted = [Fault(fault) for fault in faults]
        if Fault.READ_LAG in wanted:
            raise ValueError("read_lag cannot be injected; use Faults(read_lag=1)")
        self._desk.faults.queue(wanted, scope)

    def expire_token(self, token: str) -> None:
        """Answers `token` with 401 from now on."""
        self._desk.tokens.expire(token)
        self.books.token_expiries = self._desk.tokens.expired

    def close_gate(self, seconds: float) -> None:
        """Answers every request with 429 for the next `seconds` (rounded up to whole ones)."""
        self._desk.throttle.close(seconds)


@contextmanager
def serve_in_thread(
    settings: SimulatorSettings | None = None, world: World | None = None
) -> Iterator[Simulator]:
    """A running simulator on a loop in a thread of its own, for the length of a `with`. What fails at the
    start is raised here."""
    simulator = Simulator(settings, world)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="simulator", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(simulator.start(), loop).result()
        try:
            yield simulator
        finally:
            asyncio.run_coroutine_threadsafe(simulator.stop(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

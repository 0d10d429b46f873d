"""The front desk: takes requests off the socket, writes them into the books, and lets things go wrong on
purpose."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from aiohttp import web

from .books import Arrival
from .chance import between, fraction
from .faults import VEILED, Fault, FaultStream
from .service import Call, Service, route
from .throttle import Throttle
from .tokens import Tokens
from .wire import cut, drop, respond
from .wording import Reply, dump

if TYPE_CHECKING:
    from .books import Books
    from .settings import SimulatorSettings
    from .world import World

_WANTED_HEADERS: Final = ("MS-RequestId", "MS-CorrelationId", "MS-Contract-Version", "Content-Type")
_OWN: Final = "/simulator/"


class Desk:
    """Handles every request of a server. The time of arrival is read first of all, when the loop hands
    over a request whose headers it has parsed; a body may still be on its way."""

    def __init__(self, settings: SimulatorSettings, world: World, books: Books) -> None:
        self._settings = settings
        self._world = world
        self._books = books
        self._service = Service(settings, world, books)
        self._late = settings.late_seconds
        self._waiting: set[asyncio.Task[object] | None] = set()
        self._waits = settings.latency[1] > 0
        self.faults = FaultStream(settings.faults, settings.seed)
        self.throttle = Throttle(settings.rate, settings.burst, settings.penalty, settings.retry_after)
        self.tokens = Tokens(
            settings.tokens,
            settings.app_tokens,
            lifetime=settings.token_lifetime,
            mfa_missing=settings.mfa_missing,
            claims=settings.token_claims,
            form=settings.shapes.error,
        )

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request, from arrival to answer."""
        moment, wall = time.monotonic(), time.time()
        raw, _, query = request.raw_path.partition("?")
        if raw.startswith(_OWN):
            return self._own(raw, query)
        path, customer = route(unquote(raw) if "%" in raw else raw)
        headers = request.headers
        token = _bearer(headers.get("Authorization", ""))
        ids = headers.get("MS-RequestId", ""), headers.get("MS-CorrelationId", "")
        number = self._books.arrive(
            Arrival(moment, wall, request.method, path, customer, *ids, self.tokens.number(token))
        )
        call = Call(
            number, request.method, path, customer, query, b"", ids[0], headers.get("MS-ContinuationToken")
        )
        if call.is_write:
            self._note_missing(request)
            lag = self._settings.read_lag_seconds if self.faults.lags(number) else 0.0
            call = call._replace(body=await request.read(), lag=lag)
        fault = None
        reply = self.tokens.refusal(token, write=call.is_write) or self.throttle.refusal()
        if reply is None:
            fault = self._fault(number, token, write=call.is_write)
            reply = await self._serve(call, fault, token)
        self._book(call, reply, fault)
        return await self._send(request, call, reply, fault)

    def _fault(self, number: int, token: str, *, write: bool) -> Fault | None:
        fault = self.faults.draw(number, write=write)
        if fault is Fault.EXPIRED_TOKEN and not self.tokens.may_expire(token):
            return None
        return fault

    async def _serve(self, call: Call, fault: Fault | None, token: str) -> Reply:
        if self._waits:
            await self._wait_half(call.number)
        if fault is None:
            reply = self._service.answer(call)
        elif fault is Fault.THROTTLED:
            reply = self.throttle.close(self._settings.faults.retry_after)
        elif fault is Fault.EXPIRED_TOKEN:
            reply = self.tokens.expire(token)
        elif fault is Fault.RESET_BEFORE:
            reply = Reply(0)
        else:
            reply = self._spoiled(call, fault)
        if self._waits:
            await self._wait_half(call.number)
        return reply

    def _spoiled(self, call: Call, fault: Fault) -> Reply:
        if fault not in VEILED:
            return self._service.answer(call)
        veil, written = self.faults.veil(fault, call.number)
        if not (written and call.is_write):
            return veil
        return veil._replace(changed=self._service.answer(call).changed)

    async def _wait_half(self, number: int) -> None:
        seed = self._settings.seed
        await self._wait(between(*self._settings.latency, fraction(seed, "latency", number)) / 2)

    async def _wait(self, seconds: float) -> None:
        task = asyncio.current_task()
        self._waiting.add(task)
        try:
            await asyncio.sleep(seconds)
        finally:
            self._waiting.discard(task)

    async def close(self) -> None:
        """Ends the requests that still wait. The server forgets a request whose client hung up: left
        alone, its write would take effect after the end of the simulator."""
        waiting = [task for task in self._waiting if task is not None]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    def _book(self, call: Call, reply: Reply, fault: Fault | None) -> None:
        dropped = fault in {Fault.RESET_BEFORE, Fault.RESET_AFTER}
        status = 0 if dropped else reply.status
        self._books.answered(call.number, status, fault, written=reply.changed, replayed=reply.replayed)
        self._books.token_expiries = self.tokens.expired
        if call.lag and reply.changed:
            self._books.faults[Fault.READ_LAG] += 1

    def _note_missing(self, request: web.BaseRequest) -> None:
        for name in _WANTED_HEADERS:
            if name not in request.headers:
                self._books.missing_headers[name] += 1

    async def _send(
        self, request: web.BaseRequest, call: Call, reply: Reply, fault: Fault | None
    ) -> web.StreamResponse:
        if fault is Fault.RESET_BEFORE or fault is Fault.RESET_AFTER:
            return drop(request)
        if fault is Fault.TRUNCATED:
            return await cut(request, reply)
        if fault is Fault.LATE:
            await self._wait(self._late)
        return respond(request, reply, call.number)

    def _own(self, path: str, query: str) -> web.Response:
        if path == "/simulator/books":
            body = dump(self._books.to_dict(log="log=no" not in query))
        elif path == "/simulator/world":
            body = dump(self._world.seen())
        else:
            return web.Response(status=404, text="The simulator has /simulator/books and /simulator/world.")
        return web.Response(body=body, content_type="application/json")


def _bearer(header: str) -> str:
    return header[7:].strip() if header[:7].casefold() == "bearer " else ""

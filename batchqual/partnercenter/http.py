"""The wire itself: one request, one answer, and an honest word about what became of the bytes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final, cast

import aiohttp
from aiohttp.client_middlewares import ClientHandlerType
from aiohttp.connector import Connection as Pooled
from yarl import URL

from ..clock import Clock
from ..errors import CallFailed, FateUnknown, NotSent, Unavailable
from ..failpoints import reached
from .address import Proxy, proxy_refusal
from .call import Call, Counts, Reply
from .judge import judge
from .options import Limits
from .retry import new_id

__all__ = ["Http", "Request"]

_BROKEN: Final = (aiohttp.ClientError, OSError, EOFError, ValueError)
_FRESH_STARTS: Final = 3
_PROXY_REFUSES: Final = 407
_TOO_LONG: Final = re.compile(r"Got more than (\d+) bytes")


class _Lost(Exception):
    """The exchange broke. Not an error class of aiohttp's, which resends some requests on those."""


class _Stale(Exception):
    """The connection went away while its call stood at the gate. No byte was sent."""


class _Trip:
    """One try on its way: knows whether bytes may have left."""

    def __init__(
        self, depart: Callable[[], Awaitable[None]], limits: Limits, on_left: Callable[[], None]
    ) -> None:
        self._depart = depart
        self._limits = limits
        self._on_left = on_left
        self.waited = 0.0
        self.left = False
        self.cap = asyncio.timeout(None)
        self.head: aiohttp.ClientResponse | None = None

    async def board(self, connection: Pooled) -> None:
        """The connection stands; wait for the turn, and start the clock. Whoever returns from here sends."""
        loop = asyncio.get_running_loop()
        came = loop.time()
        await self._depart()
        waited = loop.time() - came
        self.waited += waited
        protocol = connection.protocol
        if protocol is None or not protocol.is_connected() or waited > self._limits.standing:
            raise _Stale
        reached("wire.leaving")
        self.cap.reschedule(loop.time() + self._limits.total)
        self.left = True
        self._on_left()

    async def once(
        self, request: aiohttp.ClientRequest, handler: ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """The only road to the wire, and a one-way one.

        aiohttp sends GET and PUT again by itself when a kept connection drops: behind the gate's back and,
        for PUT, against "never twice". It does so on two error classes of its own, so none of them comes out
        of here.
        """
        cast("Request", request).trip = self
        try:
            return await handler(request)
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            raise _Lost(_words(error)) from None


class Request(aiohttp.ClientRequest):
    """A request that passes the gate once more when its connection stands, right before the first byte."""

    trip: _Trip

    async def send(self, conn: Pooled) -> aiohttp.ClientResponse:
        """Send, when the turn has come."""
        await self.trip.board(conn)
        return await super().send(conn)


class Http:
    """The innermost door. Never follows a redirect and never sends anything twice.

    What writes goes over a connection of its own, made by the session ``fresh``: a kept one may be dead
    without anybody knowing, and a write that is lost on it has to be looked for.

    Through a proxy one call goes ahead, and the others wait until its bytes leave: a login that the proxy
    does not take is tried once, not as often as there are calls at once. Companies lock accounts after a few.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        *,
        depart: Callable[[], Awaitable[None]],
        counts: Counts,
        clock: Clock,
        headers: Mapping[str, str],
        limits: Limits,
        proxy: Proxy | None = None,
        fresh: aiohttp.ClientSession | None = None,
    ) -> None:
        self._session = session
        self._fresh = fresh or session
        self._base_url = base_url
        self._depart = depart
        self._counts = counts
        self._clock = clock
        self._headers = headers
        self._limits = limits
        self._proxy = proxy
        self._goes_ahead = proxy is not None
        self._let_through = asyncio.Event()
        self._refused = False

    async def send(self, call: Call) -> Reply:
        """Make the call once. Raises as the door's contract says."""
        for start in range(_FRESH_STARTS):
            if start:
                # What kept the call at the gate may have outlasted its token.
                await call.bearer.take()
            try:
                return judge(call, await self._in_turn(call), self._clock.now())
            except _Stale:
                continue
        raise NotSent(f"The connection for {call.endpoint} was closed each time before the call's turn came.")

    async def _in_turn(self, call: Call) -> Reply:
        """One exchange, unless the proxy has refused another call. Raises AccessDenied."""
        ahead, self._goes_ahead = self._goes_ahead, False
        if not ahead and self._proxy is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._limits.standing):
                    await self._let_through.wait()
        if self._refused:
            raise proxy_refusal(self._proxy)
        try:
            return await self._exchange(call)
        finally:
            self._let_through.set()

    async def _exchange(self, call: Call) -> Reply:
        loop = asyncio.get_running_loop()
        correlation_id = new_id()
        trip = _Trip(self._depart, self._limits, lambda: self._left(call))
        began = loop.time()
        reply, refused, words = None, False, ""
        try:
            async with trip.cap:
                reply = await self._request(call, trip, correlation_id)
        except (_Lost, *_BROKEN) as error:
            words = _words(error)
            refused = isinstance(error, aiohttp.ClientHttpProxyError) and error.status == _PROXY_REFUSES
        finally:
            call.stopwatch.seconds += loop.time() - began - trip.waited
        # Raised outside the handler: the library's error knows the headers, and so the token.
        if refused or (reply is not None and reply.status == _PROXY_REFUSES):
            self._refused = True
            raise proxy_refusal(self._proxy)
        if reply is not None:
            return reply
        if trip.head is not None:
            return _reply(trip.head, b"", correlation_id, complete=False)
        raise _lost(call, trip, words, correlation_id)

    def _left(self, call: Call) -> None:
        self._let_through.set()
        self._counts.departed(call.method)
        call.stopwatch.departed = asyncio.get_running_loop().time()

    async def _request(self, call: Call, trip: _Trip, correlation_id: str) -> Reply:
        session = self._fresh if call.writes else self._session
        async with session.request(
            call.method,
            _url(self._base_url, call),
            data=call.body,
            headers=self._headers_of(call, correlation_id),
            allow_redirects=False,
            middlewares=(trip.once,),
            proxy=self._proxy.url if self._proxy else None,
            proxy_headers=self._proxy.headers if self._proxy else None,
        ) as response:
            trip.head = response
            body, complete = await _read(response, self._limits.body)
            reached("wire.answered")
            return _reply(response, body, correlation_id, complete=complete)

    def _headers_of(self, call: Call, correlation_id: str) -> dict[str, str]:
        """Partner Center docs, headers page, June 2022."""
        headers = {
            **self._headers,
            **dict(call.headers),
            "Authorization": f"Bearer {call.bearer.token}",
            "MS-RequestId": call.request_id,
            "MS-CorrelationId": correlation_id,
        }
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        return headers


def _url(base_url: str, call: Call) -> URL:
    url = URL(base_url + call.path, encoded=True)
    return url.with_query(call.query) if call.query else url


async def _read(response: aiohttp.ClientResponse, most: int) -> tuple[bytes, bool]:
    """The body, and whether it is all of it. An over-long one is cut, and its connection closed."""
    body = bytearray()
    try:
        while chunk := await response.content.readany():
            body += chunk
            if len(body) > most:
                response.close()
                return bytes(body[:most]), False
    except _BROKEN:
        response.close()
        return bytes(body), False
    return bytes(body), True


def _reply(response: aiohttp.ClientResponse, body: bytes, correlation_id: str, *, complete: bool) -> Reply:
    return Reply(response.status, response.reason or "", response.headers, body, complete, correlation_id)


def _lost(call: Call, trip: _Trip, words: str, correlation_id: str) -> CallFailed:
    if not trip.left:
        return NotSent(f"Partner Center could not be reached: {words}.", correlation_id=correlation_id)
    error = FateUnknown if call.writes else Unavailable
    return error(f"No clear answer to {call.endpoint}: {words}.", correlation_id=correlation_id)


def _words(error: BaseException) -> str:
    """What broke, in words that hold neither address nor header. Classes that say it all need no more."""
    if isinstance(error, _Lost):
        return str(error)
    for kind, words in _IN_WORDS:
        if isinstance(error, kind):
            return words
    if isinstance(error, aiohttp.ClientResponseError):
        return _of_answer(error)
    said = error.strerror if isinstance(error, OSError) else None
    return said or f"the exchange broke off ({type(error).__name__})"


def _of_answer(error: aiohttp.ClientResponseError) -> str:
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy refused to connect (HTTP {error.status})"
    too_long = _TOO_LONG.search(error.message)
    if too_long:
        return f"a line of the answer's head is longer than {int(too_long[1]):,} bytes"
    if "Too many headers" in error.message:
        return "the answer has too many headers"
    return "the answer is not proper HTTP"


_IN_WORDS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (aiohttp.ClientConnectorDNSError, "its name cannot be resolved"),
    (aiohttp.ClientConnectorCertificateError, "its certificate is not trusted (see BATCHQUAL_CA_BUNDLE)"),
    (aiohttp.ClientSSLError, "no secure connection could be made"),
    (aiohttp.ClientProxyConnectionError, "the proxy cannot be reached"),
    (aiohttp.ConnectionTimeoutError, "connecting took too long"),
    (aiohttp.ServerDisconnectedError, "the connection was closed before an answer"),
    (TimeoutError, "it took too long"),
)

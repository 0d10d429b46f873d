"""Putting the door together. The one place that knows the order of its skins, and of the session's
switches."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

import aiohttp

from ..clock import Clock, SystemClock
from ..errors import UsageError
from ..events import Listener, deaf
from .address import check_base_url, is_loopback, proxy_for, trust
from .call import Counts
from .client import PartnerCenter
from .contracts import contract_named
from .http import Http, Request
from .options import Connection
from .pace import Gate, Paced
from .retry import Retrying
from .signed import Signed
from .tokens import Leavable, Privileges, TokenProvider

__all__ = ["open_partner_center"]


@asynccontextmanager
async def open_partner_center(
    options: Connection,
    tokens: TokenProvider | Privileges,
    *,
    on_event: Listener = deaf,
    on_closed: Callable[[datetime], None] | None = None,
    hold_until: datetime | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[PartnerCenter]:
    """Open the service for the length of a block. Nothing is sent until the first call. Raises UsageError.

    ``tokens`` sign the calls: one provider for all of them, or one for writes and one for reads.
    ``on_event`` hears Throttled and Retried. ``on_closed`` hears until when (UTC) the service has closed the
    gate; ``hold_until`` is what an earlier process heard last.
    """
    base_url = check_base_url(options.base_url)
    contract = contract_named(options.api)
    _check_rate(options, base_url)
    clock = clock or SystemClock()
    privileges = tokens if isinstance(tokens, Privileges) else Privileges(tokens, tokens)
    counts = Counts()
    gate = Gate(
        rate=options.rate,
        concurrency=options.concurrency,
        clock=clock,
        max_pause=options.max_pause,
        on_closed=on_closed,
    )
    gate.on_abandon += _leaves(privileges)
    if hold_until is not None:
        gate.hold_until(hold_until)
    proxy = proxy_for(base_url)
    async with _session(options) as session, _session(options, keeps=False) as fresh:
        http = Http(
            session,
            base_url,
            depart=gate.depart,
            counts=counts,
            clock=clock,
            headers=headers_for(options.contract_version),
            limits=options.limits,
            proxy=proxy,
            fresh=fresh,
        )
        signed = Signed(Paced(http, gate, counts, on_event), privileges, counts, on_event)
        door = Retrying(signed, options.retry, rest=gate.rest, counts=counts, say=on_event)
        yield PartnerCenter(
            door, contract, counts=counts, gate=gate, ready=signed.ready_to_submit, writes=signed.writes
        )


def _check_rate(options: Connection, base_url: str) -> None:
    if options.rate is None and not is_loopback(base_url):
        raise UsageError(
            "Calls without a rate limit are for an address on this machine only.",
            hint="Give --rate a number.",
        )


def _leaves(privileges: Privileges) -> list[Callable[[], None]]:
    """How the providers are told that the run stops, those that can be told."""
    both: tuple[object, ...] = (privileges.write, privileges.read)
    return [one.abandon for one in both if isinstance(one, Leavable)]


def _session(options: Connection, *, keeps: bool = True) -> aiohttp.ClientSession:
    """One session; ``keeps``: its connections are used again. The pool is as large as the number of calls at
    once, so that nobody waits for a connection, and `connect` is the time for names, sockets, proxies and TLS
    together. The time for the exchange itself is `Http`'s own, because aiohttp's would run while a call
    stands at the gate.
    """
    limits = options.limits
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=options.concurrency, ssl=trust(options.ca_bundle), force_close=not keeps
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        request_class=Request,
        max_line_size=limits.header,
        max_field_size=limits.header,
        max_headers=limits.headers,
        timeout=aiohttp.ClientTimeout(
            total=None, connect=limits.total, sock_connect=limits.connect, sock_read=limits.read
        ),
    )


def headers_for(contract_version: str | None, program: str = "batchqual") -> dict[str, str]:
    """What every request says of itself (Partner Center docs, headers page, June 2022)."""
    agent = program
    with suppress(PackageNotFoundError):
        agent = f"{program}/{version(program)}"
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": agent,
        "X-Locale": "en-US",
        "MS-PartnerCenter-Application": program,
    }
    return headers | ({"MS-Contract-Version": contract_version} if contract_version else {})

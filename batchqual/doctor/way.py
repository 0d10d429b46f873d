"""The way to the sign-in service and to the API: which hop fails, and whether the clocks agree."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

from batchqual.clouds import CLOUDS
from batchqual.partnercenter import proxy_for, proxy_refusal
from batchqual.signin import Recipe

from .asking import turn
from .facts import API_HOST, SIGN_IN_HOST, Facts
from .finding import Finding, failed, passed, skipped, warned
from .route import SECONDS, Blocked, Route

__all__ = ["clock", "connection", "name", "proxy", "tls"]

T = TypeVar("T")

_STOPPED: Final = 13

_NOT_NEEDED: Final = "Not needed: the access token comes from outside."
_MOST_SKEW, _SOME_SKEW = 300.0, 60.0
"""Seconds. Entra takes a clock that is five minutes off, and no more (Microsoft identity platform docs)."""


async def proxy(facts: Facts, which: str) -> Finding:
    """Which proxy the usual variables name, and whether it is there."""
    url = _url(facts, which)
    if url is None:
        facts.routes[which] = None
        return passed(_NOT_NEEDED)
    route = facts.routes[which] = Route(url, proxy_for(url), facts.trust)
    if route.proxy is None:
        return passed(f"No proxy is set for {route.host}.")
    named = route.proxy.url
    return await _hop(
        route.reach_proxy,
        lambda _: f"{route.host} is reached through the proxy {named}.",
        f"The proxy {named}",
        "Correct HTTPS_PROXY, or name the host in NO_PROXY if it needs no proxy.",
    )


async def name(facts: Facts, which: str) -> Finding:
    """Whether the host's name can be resolved."""
    route = facts.routes[which]
    if route is None:
        return passed(_NOT_NEEDED)
    if route.proxy is not None:
        return passed(f"The proxy resolves {route.host}.")
    return await _hop(
        route.addresses,
        lambda found: f"{route.host} is {', '.join(found)}.",
        "DNS",
        "Check the spelling of the address, and the name servers of this machine; behind a company's proxy "
        "set HTTPS_PROXY.",
    )


async def connection(facts: Facts, which: str) -> Finding:
    """Whether a connection can be made."""
    route = facts.routes[which]
    if route is None:
        return passed(_NOT_NEEDED)
    if route.proxy is not None and route.proxy.url in facts.refusing:
        return skipped(f"The proxy {route.proxy.url} has refused our login already: see above.")
    found = await _hop(
        route.reach,
        lambda _: f"{route.host} takes connections on port {route.port}.",
        f"{route.host}, port {route.port}",
        "Whoever runs the firewall has to let this machine out to it; behind a company's proxy set "
        "HTTPS_PROXY.",
    )
    if found.exit_code == _STOPPED and route.proxy is not None:
        facts.refusing.add(route.proxy.url)
    return found


async def tls(facts: Facts, which: str) -> Finding:
    """Whether the host proves who it is to what this machine trusts."""
    route = facts.routes[which]
    if route is None:
        return passed(_NOT_NEEDED)
    if not route.secure:
        return passed("Plain http on this machine: there is no TLS to check.")
    return await _hop(
        route.greet,
        lambda version: f"{route.host} proves who it is, over {version}.",
        f"TLS with {route.host}",
        "Ask who runs the network whether it opens TLS: then put its certificate (PEM) into a file and name "
        "it in BATCHQUAL_CA_BUNDLE.",
    )


async def clock(facts: Facts) -> Finding:
    """How far this machine's clock is from the service's."""
    route = facts.routes[SIGN_IN_HOST]
    if route is not None:
        return await _skew(facts, route)
    api = facts.routes[API_HOST]
    if api is None:
        return skipped("No host tells the time.")
    async with turn(facts) as mine:
        return await _skew(facts, api) if mine.words == "" else skipped(mine.words)


async def _skew(facts: Facts, route: Route) -> Finding:
    try:
        told = await asyncio.to_thread(route.date)
        there = parsedate_to_datetime(told)
    except (Blocked, ValueError):
        return warned(
            f"{route.host} does not tell the time.", "Compare this machine's clock with another one."
        )
    seconds = (facts.clock.now() - _in_utc(there)).total_seconds()
    direction = "ahead of" if seconds > 0 else "behind"
    words = f"This machine's clock is {abs(seconds):.0f} seconds {direction} {route.host}."
    fix = "Let this machine keep its clock by NTP; tokens are refused when it is five minutes off."
    if abs(seconds) > _MOST_SKEW:
        return failed(words, fix)
    if abs(seconds) > _SOME_SKEW:
        return warned(words, fix)
    return passed(f"This machine's clock agrees with that of {route.host}.")


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _url(facts: Facts, which: str) -> str | None:
    if which == API_HOST:
        return facts.target.origin
    if (
        facts.sign_in.recipe is Recipe.TOKEN
        and facts.sign_in.privileges.read is facts.sign_in.privileges.write
    ):
        return None
    registration = facts.means.registration
    return registration.authority if registration else CLOUDS[facts.settings.cloud].authority


async def _hop(take: Callable[[], T], well: Callable[[T], str], hop: str, fix: str) -> Finding:
    """Take the hop in a thread. Looking a name up has no end of its own, so that one is set here."""
    try:
        async with asyncio.timeout(3 * SECONDS):
            found = await asyncio.to_thread(take)
    except TimeoutError:
        return failed(f"{hop}: there was no answer within {3 * SECONDS:g} seconds.", fix)
    except Blocked as blocked:
        if blocked.by_login:
            return failed(f"{hop}: {blocked}.", proxy_refusal(None).hint, _STOPPED)
        return failed(f"{hop}: {blocked}.", fix)
    return passed(well(found))

"""The barest client there is, for tests that ask the simulator without batchqual's own client."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp

from batchqual.simulator import Simulator, SimulatorSettings, World

ID = "00000000-0000-4000-8000-000000000001"
EDU = {"qualification": "Education", "educationSegment": "K12", "website": "contoso.example"}
GCC = {"qualification": "GovernmentCommunityCloud", "validationCode": "0123"}
SOE = {"qualification": "StateOwnedEntity"}
#: Everything is approved, at once.
QUICK = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0))


class Answer(NamedTuple):
    status: int
    text: str
    headers: Mapping[str, str]
    reason: str | None

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Client:
    """Sends what it is told to, once, with a bearer token `t` unless the headers say otherwise."""

    def __init__(self, session: aiohttp.ClientSession, simulator: Simulator) -> None:
        self.session = session
        self.simulator = simulator

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """`body` is JSON unless it is bytes; in the names of headers an underscore stands for a hyphen."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        url = self.simulator.base_url + path
        sent = {name: value for name, value in ({"Authorization": "Bearer t"} | told).items() if value}
        async with self.session.request(method, url, data=data, headers=sent) as response:
            return Answer(response.status, await response.text(), response.headers, response.reason)

    async def submit(self, body: object = EDU, ident: str = ID, query: str = "", **headers: str) -> Answer:
        return await self.ask("POST", f"/v1/customers/{ident}/qualifications{query}", body, **headers)

    async def put(self, body: object, ident: str = ID, query: str = "") -> Answer:
        return await self.ask("PUT", f"/v1/customers/{ident}/qualification{query}", body)

    async def fetch(self, ident: str = ID, **headers: str) -> Answer:
        return await self.ask("GET", f"/v1/customers/{ident}/qualifications", **headers)


@asynccontextmanager
async def running(settings: SimulatorSettings = QUICK, world: World | None = None) -> AsyncIterator[Client]:
    """A simulator and a client for it. Connections are not kept: no request is ever sent again by aiohttp."""
    connector = aiohttp.TCPConnector(force_close=True)
    async with Simulator(settings, world) as simulator, aiohttp.ClientSession(connector=connector) as session:
        yield Client(session, simulator)

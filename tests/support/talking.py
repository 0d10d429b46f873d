"""A real client and a dumb server that talk over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from batchqual.model import EducationSegment, Qualification, QualificationRequest
from batchqual.partnercenter import (
    Connection,
    GivenToken,
    Limits,
    PartnerCenter,
    RetryPolicy,
    TokenProvider,
    open_partner_center,
)

from .replay_server import Canned, ReplayServer, replaying

__all__ = ["CUSTOMER", "EDU", "GCC", "ONCE", "QUICK", "REQUEST_ID", "TOKEN", "calling", "talking"]

CUSTOMER: Final = "00000000-0000-4000-8000-000000000001"
REQUEST_ID: Final = "00000000-0000-4000-8000-00000000aaaa"
TOKEN: Final = "s3cr3t"
EDU: Final = QualificationRequest(CUSTOMER, Qualification.EDUCATION, EducationSegment.K12, "contoso.example")
GCC: Final = QualificationRequest(CUSTOMER, Qualification.GCC, validation_code="0 12&3")
ONCE: Final = RetryPolicy(tries=1)
QUICK: Final = RetryPolicy(first=0.001, longest=0.01)


@asynccontextmanager
async def calling(
    url: str,
    *,
    api: str = "asynchronous",
    retry: RetryPolicy = ONCE,
    limits: Limits | None = None,
    tokens: TokenProvider | None = None,
    ca_bundle: Path | None = None,
    contract_version: str | None = "v1",
    rate: float | None = None,
    concurrency: int = 16,
) -> AsyncIterator[PartnerCenter]:
    """A client of this address."""
    options = Connection(
        base_url=url,
        api=api,
        rate=rate,
        concurrency=concurrency,
        retry=retry,
        limits=limits or Limits(),
        ca_bundle=ca_bundle,
        contract_version=contract_version,
    )
    async with open_partner_center(options, tokens or GivenToken(TOKEN)) as client:
        yield client


@asynccontextmanager
async def talking(
    *answers: Canned,
    api: str = "asynchronous",
    retry: RetryPolicy = ONCE,
    limits: Limits | None = None,
    tokens: TokenProvider | None = None,
    prefix: str = "",
    contract_version: str | None = "v1",
    concurrency: int = 16,
) -> AsyncIterator[tuple[ReplayServer, PartnerCenter]]:
    """A server with these answers, and a client of it."""
    async with (
        replaying(*answers) as server,
        calling(
            server.url + prefix,
            api=api,
            retry=retry,
            limits=limits,
            tokens=tokens,
            contract_version=contract_version,
            concurrency=concurrency,
        ) as client,
    ):
        yield server, client

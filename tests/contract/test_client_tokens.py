"""Tokens on the wire."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.replay_server import canned
from support.talking import CUSTOMER, EDU, REQUEST_ID, talking

from batchqual.errors import SignInNeeded


class Renewing:
    """A provider with a second token."""

    def __init__(self) -> None:
        self.renewals = 0

    async def token(self) -> str:
        """The present token."""
        return "second" if self.renewals else "first"

    async def renew(self, rejected: str) -> str:
        """The second one."""
        self.renewals += 1
        return "second"


async def test_an_expired_token_is_renewed() -> None:
    """The same request goes out again, with the same id: nothing was processed."""
    answers = [canned("401 Unauthorized", "", headers=['WWW-Authenticate: Bearer error="invalid_token"'])]
    async with talking(*answers, canned("201 Created", ""), tokens=Renewing()) as (server, client):
        await client.submit(EDU, request_id=REQUEST_ID)
    assert ["Bearer first", "Bearer second"] == [heard.header("Authorization") for heard in server.heard]
    assert [REQUEST_ID] * 2 == [heard.header("MS-RequestId") for heard in server.heard]


async def test_missing_mfa_is_not_cured_by_another_token() -> None:
    """It is told at once."""
    tokens = Renewing()
    async with talking(canned("401 Unauthorized - MFA required", ""), tokens=tokens) as (server, client):
        with pytest.raises(SignInNeeded, match="multi-factor"):
            await client.holdings(CUSTOMER)
    assert (0, 1) == (tokens.renewals, len(server.heard))


async def test_a_netrc_does_not_take_the_place_of_the_token(empty_home: Path) -> None:
    """Its default entry matches every host."""
    (empty_home / ".netrc").write_text("default login me password word\n", encoding="utf-8")
    async with talking(canned(body="[]")) as (server, client):
        await client.holdings(CUSTOMER)
    assert "Bearer s3cr3t" == server.heard[0].header("Authorization")

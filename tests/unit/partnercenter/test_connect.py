"""Putting the door together: what needs no socket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from batchqual.clock import SystemClock
from batchqual.errors import PausedTooLong, SignInNeeded, UsageError
from batchqual.partnercenter import Connection, GivenToken, open_partner_center
from batchqual.partnercenter.connect import headers_for


def test_a_program_that_is_not_installed_has_no_version() -> None:
    """It runs from a folder all the same."""
    assert "not-installed" == headers_for(None, "not-installed")["User-Agent"]


def test_the_contract_version_can_be_left_out() -> None:
    """One page calls it required, and no sample sends it."""
    assert "v1" == headers_for("v1")["MS-Contract-Version"]
    assert "MS-Contract-Version" not in headers_for(None)


async def test_an_earlier_process_holds_the_gate() -> None:
    """Before the first byte."""
    moment = datetime.now(UTC) + timedelta(hours=1)
    options = Connection(base_url="http://127.0.0.1:1", max_pause=60.0)
    async with open_partner_center(
        options, GivenToken("t"), hold_until=moment, clock=SystemClock()
    ) as client:
        with pytest.raises(PausedTooLong):
            await client.validation_codes()
    assert 0 == client.counts.get


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(Connection(base_url="http://api.contoso.example"), id="plain http"),
        pytest.param(Connection(base_url="https://api.contoso.example", rate=None), id="no rate"),
        pytest.param(Connection(base_url="https://api.contoso.example", api="soap"), id="no such contract"),
    ],
)
async def test_wrong_options_open_nothing(options: Connection) -> None:
    """They are wrong usage."""
    with pytest.raises(UsageError):
        async with open_partner_center(options, GivenToken("t")):
            pass


async def test_no_token_sends_nothing() -> None:
    """A provider without one stops the call before the gate."""

    class Empty:
        async def token(self) -> str:
            raise SignInNeeded("no token")

        async def renew(self, rejected: str) -> str:
            return await self.token()

    async with open_partner_center(Connection(base_url="http://127.0.0.1:1"), Empty()) as client:
        with pytest.raises(SignInNeeded):
            await client.validation_codes()
    assert 0 == client.counts.get

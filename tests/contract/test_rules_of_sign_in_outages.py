"""Rule 20: sign-in out of reach in mid-run is waited for like an outage of the API. Real msal over TLS, the
simulator, whole runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.drive import Drive, education
from support.sign_in_faults import (
    HTML,
    RESET_BEFORE,
    TokenFault,
    broken,
    invalid_grant,
    throttled,
    unavailable,
)
from support.sign_in_server import APP, SignInServer, sign_in_server
from support.signing_in import Partner
from support.truth import assert_report_matches

from batchqual.events import Event, SigningIn, Submitted
from batchqual.pipeline import StopSwitch
from batchqual.simulator import Simulator, SimulatorSettings


@pytest.fixture
def server() -> Iterator[SignInServer]:
    """A server whose tokens live for two seconds."""
    with sign_in_server() as running:
        running.switches.expires_in = 2
        yield running


@pytest.fixture
def partner(server: SignInServer, tmp_path: Path) -> Partner:
    """An account with a refresh token of a public app: one token for looks and submissions."""
    token = server.desk.new_refresh_token(APP)
    return Partner(server, tmp_path).with_secret(BATCHQUAL_REFRESH_TOKEN=token)


def reviewing(seconds: float) -> SimulatorSettings:
    """A service whose vetting takes so long."""
    return SimulatorSettings(token_claims="mfa", denial_rate=0, vetting_delay=(seconds, seconds))


class Outage:
    """The sign-in service goes away at the first submission."""

    def __init__(self, server: SignInServer, *faults: TokenFault) -> None:
        self.server = server
        self.faults = faults
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, Submitted) and not any(isinstance(one, Submitted) for one in self.events):
            self.server.fail_next(*self.faults)
        self.events.append(event)

    @property
    def said(self) -> list[str]:
        """What was said of it."""
        told = [one for one in self.events if isinstance(one, SigningIn) and one.recipe == "waiting"]
        return [one.words for one in told]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(unavailable(None), id="503"),
        pytest.param(broken(), id="500"),
        pytest.param(throttled(1), id="429"),
        pytest.param(RESET_BEFORE, id="reset"),
        pytest.param(HTML, id="guest network"),
    ],
)
async def test_rule_20_an_outage_in_mid_run_is_waited_for(partner: Partner, fault: TokenFault) -> None:
    """Some tries in vain after the token has run out; then everything is as if nothing had been."""
    outage = Outage(partner.server, *[fault] * 4)
    async with Simulator(reviewing(3.0)) as simulator:
        drive = Drive(partner.folder, simulator.base_url, token="", environ=partner.environ)
        told = await drive(education(partner.folder, *range(8)), say=outage, wait="30s")
        assert_report_matches(told, simulator)
    assert ({"approved": 8}, 0) == (dict(told.totals), told.exit_code)
    assert 1 <= len(outage.said) <= 2  # the user's token and the app's run out one after the other
    assert all("The run waits for it, and goes on by itself." in words for words in outage.said)


async def test_rule_20_the_end_of_the_wait_is_no_lost_sign_in(partner: Partner) -> None:
    """In review to the end: 4 and not 12, a notice in the report, and few tries."""
    outage = Outage(partner.server, *[unavailable(None)] * 500)
    async with Simulator(reviewing(60.0)) as simulator:
        drive = Drive(partner.folder, simulator.base_url, token="", environ=partner.environ)
        told = await drive(education(partner.folder, 1, 2, 3), say=outage, wait="8s")
    assert ({"in_review": 3}, 4) == (dict(told.totals), told.exit_code)
    assert told.document["error"] is None
    assert "sign-in-unreachable" in told.warnings
    assert len(partner.server.requests) < 20


async def test_rule_20_a_refusal_is_still_a_refusal(partner: Partner) -> None:
    """After an outage the service says that the sign-in is over: 12, and a person."""
    fault = [unavailable(None)] * 2 + [invalid_grant()] * 6
    outage = Outage(partner.server, *fault)
    async with Simulator(reviewing(60.0)) as simulator:
        drive = Drive(partner.folder, simulator.base_url, token="", environ=partner.environ)
        told = await drive(education(partner.folder, 1), say=outage, wait="30s")
    assert (12, "sign-in-expired") == (told.exit_code, told.document["error"]["code"])
    assert {"in_review": 1} == told.totals


async def test_rule_20_a_stop_ends_the_waiting_at_once(partner: Partner) -> None:
    """Ctrl-C in the outage: 130, though the run would wait for hours."""
    stop = StopSwitch()
    outage = Outage(partner.server, *[unavailable(None)] * 500)

    def say(event: Event) -> None:
        outage(event)
        if isinstance(event, SigningIn) and event.recipe == "waiting":
            stop.press()

    async with Simulator(reviewing(60.0)) as simulator:
        drive = Drive(partner.folder, simulator.base_url, token="", environ=partner.environ)
        async with asyncio.timeout(30):
            told = await drive(education(partner.folder, 1), say=say, stop=stop, wait="8h")
    assert ({"in_review": 1}, 130) == (dict(told.totals), told.exit_code)

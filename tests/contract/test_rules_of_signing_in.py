"""Whole runs that sign in: whose token does what, and what becomes of the rows when one is lost. The sign-in
service and the simulator are real servers, and the simulator reads the tokens that the other one gave."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from support.drive import Drive, education
from support.odd_service import OddService, odd_service
from support.replay_server import Heard, canned
from support.sheets import customer
from support.sign_in_faults import TokenFault, invalid_grant
from support.sign_in_server import APP, SignInServer, User, sign_in_server
from support.signing_in import Partner
from support.truth import assert_report_matches

from batchqual.events import Event, SigningIn, Submitted
from batchqual.partnercenter import claims
from batchqual.simulator import Simulator, SimulatorSettings

JSON = ("Content-Type: application/json",)
READS_TOKENS = SimulatorSettings(token_claims="mfa", denial_rate=0, vetting_delay=(0, 0))


@pytest.fixture
def server() -> Iterator[SignInServer]:
    """A server, fresh for each test."""
    with sign_in_server() as running:
        yield running


@pytest.fixture
def partner(server: SignInServer, tmp_path: Path) -> Partner:
    """An account with a refresh token and a secret."""
    token = server.desk.new_refresh_token(APP)
    return Partner(server, tmp_path).with_secret(BATCHQUAL_REFRESH_TOKEN=token)


def driven(partner: Partner, simulator: Simulator) -> Drive:
    """Runs of this account against this simulator."""
    return Drive(partner.folder, simulator.base_url, token="", environ=partner.environ)


async def test_users_submit_and_the_app_looks(partner: Partner) -> None:
    """Split privilege: every POST bears the user's token, every GET the app's, and one line says so."""
    heard: list[Event] = []
    async with Simulator(READS_TOKENS) as simulator:
        told = await driven(partner, simulator)(education(partner.folder, *range(20)), say=heard.append)
        assert_report_matches(told, simulator)
        by_method = {entry.method: set[int]() for entry in simulator.books.log()}
        for entry in simulator.books.log():
            by_method[entry.method].add(entry.token)
    assert {"approved": 20} == told.totals
    assert by_method["POST"].isdisjoint(by_method["GET"])
    assert 1 == len(partner.server.user_tokens) == len(partner.server.app_tokens)
    words = "Signing in with the stored refresh token, and as the app alone for looks."
    assert [words] == [event.words for event in heard if isinstance(event, SigningIn)]


async def test_expiry_in_mid_run_is_invisible(partner: Partner) -> None:
    """Tokens that live for two seconds, in a run that takes longer: no row knows of it."""
    partner.server.switches.expires_in = 2
    settings = SimulatorSettings(
        token_claims="mfa", denial_rate=0, vetting_delay=(2.5, 3.5), latency=(0.01, 0.02)
    )
    async with Simulator(settings) as simulator:
        told = await driven(partner, simulator)(education(partner.folder, *range(60)), rate="60", wait="20s")
        assert_report_matches(told, simulator)
    assert {"approved": 60} == told.totals
    assert 0 == told.exit_code
    assert len(partner.server.user_tokens) > 1
    assert len(partner.server.app_tokens) > 1


async def test_rule_16_a_lost_user_ends_the_submissions_alone(partner: Partner) -> None:
    """Polling goes on with the app's token, unsent rows are `not_attempted`, and 12 says who must sign in.
    The same command goes on where it was, once somebody has."""
    settings = SimulatorSettings(token_claims="mfa", denial_rate=0, vetting_delay=(1.0, 1.5))
    rows = education(partner.folder, *range(40))
    sent = 0
    async with Simulator(settings) as simulator:
        drive = driven(partner, simulator)

        def lose(event: Event) -> None:
            nonlocal sent
            sent += isinstance(event, Submitted)
            if sent == 10:
                partner.server.fail_next(*(invalid_grant() for _ in range(20)))
                for token in partner.server.user_tokens:
                    simulator.expire_token(token)

        told = await drive(rows, say=lose, concurrency=4)
        assert_report_matches(told, simulator)
        assert (12, "sign-in-expired") == (told.exit_code, told.document["error"]["code"])
        assert "partner user" in told.document["error"]["hint"].lower()
        assert {"approved", "not_attempted"} == set(told.totals)
        assert 10 <= told.totals["approved"] < 40
        partner.environ["BATCHQUAL_REFRESH_TOKEN"] = partner.server.desk.new_refresh_token(APP)
        with partner.server.desk.lock:
            partner.server.desk.faults.clear()
        again = await driven(partner, simulator)(rows)
        assert_report_matches(again, simulator)
    assert ({"approved": 40}, 0) == (dict(again.totals), again.exit_code)
    assert 40 == sum(simulator.books.accepted.values())


async def test_rule_16_a_host_with_the_app_alone_polls_and_sends_nothing(partner: Partner) -> None:
    """What another account has submitted is looked at; what is new waits, with 12; `resume` ends quietly."""
    settings = SimulatorSettings(token_claims="mfa", denial_rate=0, vetting_delay=(1.0, 1.2))
    async with Simulator(settings) as simulator:
        await driven(partner, simulator)(education(partner.folder, 1, 2), wait="0")
        nightly = Partner(partner.server, partner.folder).with_secret()
        drive = driven(nightly, simulator)
        both = education(partner.folder, 1, 2, 3, name="both.csv")
        told = await drive(both)
        assert ["approved", "approved", "not_attempted"] == told.outcomes
        assert (12, "nobody-to-submit") == (told.exit_code, told.document["error"]["code"])
        assert 2 == sum(simulator.books.accepted.values())
        planned = await drive(both, command="plan")
        assert 0 == planned.exit_code
        resumed = await drive(command="resume")
        assert 0 == resumed.exit_code


async def test_looks_alone_keep_the_users_sign_in_alive(partner: Partner) -> None:
    """A refresh token dies after 90 days without use, so a run that submits nothing redeems it, too; when it
    is lost, that is said, and the looks go on."""
    heard: list[Event] = []
    async with Simulator(READS_TOKENS) as simulator:
        drive = driven(partner, simulator)
        assert 0 == (await drive(command="resume")).exit_code
        assert 1 == len(partner.server.refreshes)
        partner.server.fail_next(invalid_grant())
        again = await drive(command="resume", say=heard.append)
    assert 0 == again.exit_code
    [_, lost] = [event.words for event in heard if isinstance(event, SigningIn)]
    assert lost.startswith("The sign-in has run out, or was revoked")
    assert "Nothing can be submitted; looks go on." in lost


async def test_a_user_without_mfa_is_told_so(partner: Partner) -> None:
    """900421: 12, and the words say MFA; no row fails for it."""
    partner.server.switches.user = User(mfa=False)
    partner.environ["BATCHQUAL_REFRESH_TOKEN"] = partner.server.desk.new_refresh_token(APP)
    async with Simulator(READS_TOKENS) as simulator:
        told = await driven(partner, simulator)(education(partner.folder, 1, 2, 3))
    assert (12, "mfa-needed") == (told.exit_code, told.document["error"]["code"])
    assert {"not_attempted": 3} == told.totals


async def test_an_app_that_is_refused_leaves_everything_to_the_user(partner: Partner) -> None:
    """Client credentials that the tenant does not allow are no reason to stop."""
    async with Simulator(READS_TOKENS) as simulator:
        partner.server.fail_next(TokenFault(), invalid_grant())  # the user first, then the app
        told = await driven(partner, simulator)(education(partner.folder, 1, 2, 3))
        assert_report_matches(told, simulator)
    assert {"approved": 3} == told.totals


async def test_the_secret_of_the_app_is_wrong(partner: Partner) -> None:
    """12 before anything was sent, and the one who administers the registration is named."""
    partner.environ["BATCHQUAL_CLIENT_SECRET"] = "not-the-secret"
    async with Simulator(READS_TOKENS) as simulator:
        told = await driven(partner, simulator)(education(partner.folder, 1))
    assert (12, "app-refused") == (told.exit_code, told.document["error"]["code"])
    assert "administers the app registration" in told.document["error"]["hint"]
    assert 0 == simulator.books.total
    assert "not-the-secret" not in str(told.document)


async def test_two_runs_at_once_share_one_refresh_token(partner: Partner) -> None:
    """A service that takes each refresh token once: neither run loses it to the other."""
    partner.server.switches.single_use = True
    partner.server.switches.expires_in = 2
    async with Simulator(READS_TOKENS) as simulator:
        folders = [partner.folder / name for name in ("one", "other")]
        drives = [Drive(folder, simulator.base_url, token="", environ=partner.environ) for folder in folders]
        told = await asyncio.gather(
            *(
                drive(education(drive.folder, *range(start, start + 20)), rate="15", wait="10s")
                for drive, start in zip(drives, (100, 200), strict=True)
            )
        )
    assert [{"approved": 20}] * 2 == [dict(one.totals) for one in told]
    assert {200} == {request.status for request in partner.server.refreshes}
    assert len(partner.server.refreshes) > 2
    assert customer(100) in {row["customer_id"] for row in told[0].rows}


async def test_an_app_that_may_not_look_leaves_the_looks_to_the_user(partner: Partner) -> None:
    """403 and 900329: the user's token is taken from then on, and that is said."""
    heard: list[Event] = []
    async with odd_service() as service:
        service.on_look = refuse_apps(service)
        drive = Drive(partner.folder, service.url, token="", environ=partner.environ)
        told = await drive(education(partner.folder, 1, 2), say=heard.append)
    assert {"approved": 2} == told.totals
    words = [event.words for event in heard if isinstance(event, SigningIn)]
    assert words[-1].endswith("Looks use the user's token now.")


def refuse_apps(service: OddService) -> Callable[[Heard], Awaitable[None]]:
    """Whoever looks without being a user is refused, in the words of the service."""
    no = canned("403 Forbidden", '{"code":"900329","description":"App only."}', headers=JSON)

    async def judge(look: Heard) -> None:
        token = (look.header("Authorization") or "").removeprefix("Bearer ")
        if not claims(token).scopes:
            service.next_looks.insert(0, no)

    return judge

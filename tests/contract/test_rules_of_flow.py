"""Rules 15 and 16: who waits for whom, and what is left when the token is lost."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from support.drive import Drive, education, sheet
from support.odd_service import Odd, odd_service
from support.replay_server import canned
from support.sheets import customer
from support.truth import assert_report_matches, looks, submissions

from batchqual.events import Event, Submitted
from batchqual.simulator import Fault, Shapes, Simulator, SimulatorSettings

LATENCY = 0.2
SLOW = SimulatorSettings(
    denial_rate=0, vetting_delay=(3600, 3600), latency=(LATENCY, LATENCY), codes=("0012345=9",)
)
UNAUTHORIZED = canned("401 Unauthorized", headers=('WWW-Authenticate: Bearer error="invalid_token"',))
AT_ONCE = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0))


async def test_rule_15_rows_of_one_customer_wait_for_each_others_answers(tmp_path: Path) -> None:
    """Of two rows of one customer the second is sent after the first was answered, while it is in review;
    rows of different customers go side by side."""
    rows = []
    for number in range(1, 5):
        first = ("Education", "K12") if number % 2 else ("GCC", "", "0012345")
        rows += [(customer(number), *first), (customer(number), "SOE")]
    async with Simulator(SLOW) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(sheet(tmp_path, *rows), wait="0")
        assert_report_matches(told, simulator)
    sent = submissions(simulator)
    assert 8 == len(sent)
    firsts = []
    for number in range(1, 5):
        one, other = submissions(simulator, customer(number))
        assert other.monotonic - one.monotonic >= LATENCY - 0.01
        firsts.append(one.monotonic)
    assert max(firsts) - min(firsts) < 2 * LATENCY
    assert "in_review" == told.outcomes[0]


async def test_rule_15_nothing_of_a_customer_overlaps(tmp_path: Path) -> None:
    """No two requests for one customer are in flight at the same time, looks included."""
    rows = [(customer(n), *wish) for n in range(1, 13) for wish in (("Education", "K12"), ("SOE",))]
    async with Simulator(SLOW) as simulator:
        await Drive(tmp_path, simulator.base_url)(sheet(tmp_path, *rows), wait="1s")
        log = list(simulator.books.log())
    for number in range(1, 13):
        moments = [entry.monotonic for entry in log if entry.customer == customer(number)]
        assert all(later - sooner >= LATENCY - 0.01 for sooner, later in itertools.pairwise(moments))


async def test_rule_15_a_row_waits_while_the_fate_of_the_one_before_is_unknown(tmp_path: Path) -> None:
    """The answer is what it waits for, and a lost one is looked up first."""
    rows = sheet(tmp_path, (customer(1), "Education", "K12"), (customer(1), "SOE"))
    async with Simulator(AT_ONCE) as simulator:
        simulator.inject(Fault.RESET_BEFORE, scope="writes")
        told = await Drive(tmp_path, simulator.base_url)(rows)
        assert_report_matches(told, simulator)
    one, other, last = submissions(simulator)
    assert one.request_id == other.request_id != last.request_id
    assert [looked.number for looked in looks(simulator) if one.number < looked.number < other.number]


@pytest.mark.parametrize("width", [1, 16], ids=["one-at-a-time", "side-by-side"])
async def test_rule_16_a_token_that_is_lost_in_mid_run_leaves_unsent_rows(width: int, tmp_path: Path) -> None:
    """12 at the end, with the report: what was sent keeps what is known of it, the rest is `not_attempted`;
    the same command with another token goes on where it was."""
    rows = education(tmp_path, *range(1, 41))
    sent = 0
    async with Simulator(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url, token="first")

        def expire(event: Event) -> None:
            nonlocal sent
            sent += isinstance(event, Submitted)
            if sent == 10:
                simulator.expire_token("first")

        told = await drive(rows, say=expire, concurrency=width)
        assert_report_matches(told, simulator)
        assert 12 == told.exit_code
        assert "sign-in" == told.document["error"]["code"]
        assert told.totals["not_attempted"] >= 40 - 10 - width
        assert told.totals["not_attempted"] < 40
        assert 0 == told.totals["failed"] + told.totals["unknown"]
        drive.token = "second"
        again = await drive(rows, concurrency=width)
        assert_report_matches(again, simulator)
    assert {"approved": 40} == again.totals
    assert 0 == again.exit_code
    assert 40 == sum(simulator.books.accepted.values())


async def test_rule_16_a_refused_token_leaves_every_row_unsent(tmp_path: Path) -> None:
    """A token that was never good: one call at most finds out, and the report is written."""
    settings = SimulatorSettings(tokens=frozenset({"good"}))
    async with Simulator(settings) as simulator:
        told = await Drive(tmp_path, simulator.base_url, token="bad")(education(tmp_path, 1, 2, 3))
        assert_report_matches(told, simulator)
    assert 12 == told.exit_code
    assert ["not_attempted"] * 3 == told.outcomes
    assert [] == submissions(simulator)


async def test_rule_16_no_token_at_all_leaves_every_row_unsent(tmp_path: Path) -> None:
    """Nothing was asked; the report says what to do."""
    async with Simulator(AT_ONCE) as simulator:
        told = await Drive(tmp_path, simulator.base_url, token="")(education(tmp_path, 1, 2))
    assert 12 == told.exit_code
    assert ["not_attempted"] * 2 == told.outcomes
    assert 0 == simulator.books.total
    assert "batchqual login" in told.document["error"]["hint"]


@pytest.mark.parametrize("form", ["string_code", "int_code", "error_name"])
async def test_rule_16_a_token_without_mfa_says_so(form: str, tmp_path: Path) -> None:
    """MFA is a matter of its own: another code, and a renewal would not help."""
    shapes = Shapes(error=form)  # type: ignore[arg-type] # each name is one of the literals
    settings = SimulatorSettings(mfa_missing=True, shapes=shapes)
    async with Simulator(settings) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(education(tmp_path, 1, 2))
    assert 12 == told.exit_code
    assert "mfa-needed" == told.document["error"]["code"]
    assert ["not_attempted"] * 2 == told.outcomes


async def test_rule_16_an_app_only_token_stops_the_run(tmp_path: Path) -> None:
    """It reads and may not write: 13 with the reason, nothing taken for sent, and a user's token goes on."""
    settings = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0), app_tokens=frozenset({"app"}))
    async with Simulator(settings) as simulator:
        drive = Drive(tmp_path, simulator.base_url, token="app")
        told = await drive(education(tmp_path, 1, 2))
        assert_report_matches(told, simulator)
        assert 13 == told.exit_code
        assert ["not_attempted"] * 2 == told.outcomes
        drive.token = "user"
        again = await drive(education(tmp_path, 1, 2))
        assert_report_matches(again, simulator)
    assert ["approved"] * 2 == again.outcomes
    assert 0 == again.exit_code


async def test_rule_16_a_fate_that_was_open_when_the_token_was_lost_is_found_later(tmp_path: Path) -> None:
    """What was on its way stays `unknown` in the ledger, and the next run looks it up."""
    async with odd_service(Odd(None, takes=True)) as service:
        drive = Drive(tmp_path, service.url)

        async def lose(_: object) -> None:
            service.next_looks = [UNAUTHORIZED] * 9

        service.on_submission = lose
        told = await drive(education(tmp_path, 1))
        assert 12 == told.exit_code
        assert ["unknown"] == told.outcomes
        service.next_looks = []
        again = await drive(education(tmp_path, 1))
    assert ["approved"] == again.outcomes
    assert 1 == len(service.submissions)

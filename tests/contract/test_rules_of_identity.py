"""Rules 1, 3 and 5: what counts as the same wish, what happens to wishes that are not in today's input, and
to those that were refused."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from support.drive import Drive, education, sheet, stop_after
from support.odd_service import Odd, OddService, odd_service
from support.replay_server import Heard
from support.sheets import customer
from support.truth import accepted, assert_report_matches, looks, submissions

from batchqual.errors import UsageError
from batchqual.events import AnswerLost
from batchqual.ledger import read_only
from batchqual.simulator import Simulator, SimulatorSettings, World

TENANT = "11111111-0000-4000-8000-00000000aaaa"
OTHER_TENANT = "22222222-0000-4000-8000-00000000bbbb"
AT_ONCE = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0))
SLOW = SimulatorSettings(denial_rate=0, vetting_delay=(3600, 3600))


def token_of(tenant: str) -> str:
    """An unsigned token that names a tenant."""
    payload = base64.urlsafe_b64encode(json.dumps({"tid": tenant}).encode()).decode().rstrip("=")
    return f"e30.{payload}.x"


def sent_for(service: OddService, number: int) -> list[Heard]:
    """The submissions for one customer."""
    return [heard for heard in service.submissions if customer(number) in heard.line]


async def test_rule_01_tenant_and_token_that_disagree_are_a_usage_error(tmp_path: Path) -> None:
    """The setting names the tenant, else the token; two names are exit 2, and nothing is sent."""
    async with Simulator(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url, token=token_of(TENANT))
        with pytest.raises(UsageError) as refused:
            await drive(education(tmp_path, 1), tenant_id=OTHER_TENANT)
    assert 2 == refused.value.exit_code
    assert 0 == simulator.books.total


async def test_rule_01_each_partner_tenant_has_wishes_of_its_own(tmp_path: Path) -> None:
    """The same row under another partner's token is another wish, also in one ledger; under the same it is
    not, however the tenant was named."""
    async with Simulator(SLOW) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        rows = education(tmp_path, 1)
        drive.token = token_of(TENANT)
        assert ["in_review"] == (await drive(rows, wait="0")).outcomes
        drive.token = "opaque"
        assert 0 == (await drive(rows, tenant_id=TENANT, wait="0")).document["requests"]["post"]
        drive.token = token_of(OTHER_TENANT)
        other = await drive(rows, wait="0")
    assert 1 == len(submissions(simulator))
    assert ["in_review"] == other.outcomes
    assert [] == other.earlier
    with read_only(drive.ledger) as view:
        assert {TENANT, OTHER_TENANT} == {partner for _origin, partner in view.partners()}


async def test_rule_01_each_origin_has_wishes_of_its_own(tmp_path: Path) -> None:
    """What one service was asked for is another wish at another, also in one ledger."""
    async with Simulator(AT_ONCE) as one, Simulator(AT_ONCE) as other:
        for simulator in (one, other):
            drive = Drive(tmp_path, simulator.base_url)
            assert ["approved"] == (await drive(education(tmp_path, 1))).outcomes
            assert 1 == len(submissions(simulator))


async def test_rule_01_opaque_tokens_without_a_tenant_are_one_unnamed_partner(tmp_path: Path) -> None:
    """Two opaque tokens do not make two partners: the wish is known."""
    async with Simulator(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url, token="opaque-1")
        assert ["approved"] == (await drive(education(tmp_path, 1))).outcomes
        drive.token = "opaque-2"
        again = await drive(education(tmp_path, 1))
    assert ["approved"] == again.outcomes
    assert 1 == len(submissions(simulator))


async def test_rule_01_each_qualification_is_a_wish_of_its_own(tmp_path: Path) -> None:
    """One customer, two qualifications: two wishes, both submitted once, over two runs."""
    rows = sheet(tmp_path, (customer(1), "Education", "K12"), (customer(1), "SOE"))
    async with Simulator(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        told = await drive(rows)
        assert_report_matches(told, simulator)
        await drive(rows)
    assert ["approved", "approved"] == told.outcomes
    assert 2 == len(submissions(simulator))


async def test_rule_01_a_simulators_ledger_never_serves_the_real_service(tmp_path: Path) -> None:
    """The ledger of a simulator is refused before anything is sent elsewhere."""
    async with Simulator(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(education(tmp_path, 1))
    drive.base_url = "https://partner.example"
    with pytest.raises(UsageError) as refused:
        await drive(education(tmp_path, 1), rate="5", patience="60s")
    assert 2 == refused.value.exit_code
    assert "ledger-of-another-origin" == refused.value.code


async def test_rule_01_a_rehearsal_takes_no_ledger_of_another_origin(tmp_path: Path) -> None:
    """Not even that of another simulator."""
    async with Simulator(AT_ONCE) as one, Simulator(AT_ONCE) as other:
        drive = Drive(tmp_path, one.base_url)
        await drive(education(tmp_path, 1))
        drive.base_url = other.base_url
        with pytest.raises(UsageError) as refused:
            await drive(education(tmp_path, 1), command="rehearse")
    assert 2 == refused.value.exit_code
    assert 0 == other.books.total


async def test_rule_03_rows_in_review_of_earlier_sheets_are_looked_at_and_shown_apart(tmp_path: Path) -> None:
    """They are polled in the run of another sheet, outside its totals, and never sent again."""
    world = World()
    async with Simulator(SLOW, world) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(education(tmp_path, 1), wait="0")
        before = len(looks(simulator, customer(1)))
        world.tell(customer(1), "Education")
        told = await drive(education(tmp_path, 2, name="second.csv"), wait="1s")
        assert_report_matches(told, simulator)
    assert ["in_review"] == told.outcomes
    assert 1 == told.document["rows_in"]
    assert [(customer(1), "approved")] == [(row["customer_id"], row["outcome"]) for row in told.earlier]
    assert len(looks(simulator, customer(1))) > before
    assert 1 == len(submissions(simulator, customer(1)))


async def test_rule_03_a_resume_looks_at_what_is_in_review(tmp_path: Path) -> None:
    """`resume` needs no input, finds what has settled, and sends nothing."""
    world = World()
    async with Simulator(SLOW, world) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(education(tmp_path, 1, 2), wait="0")
        world.tell(customer(2), "Education", "Denied", "Not an Academic Domain")
        told = await drive(command="resume", wait="0.5s")
        assert_report_matches(told, simulator)
    assert {customer(1): "in_review", customer(2): "denied"} == {
        row["customer_id"]: row["outcome"] for row in told.rows
    }
    assert 3 == told.exit_code
    assert 2 == len(submissions(simulator))
    assert 0 == told.document["requests"]["post"]


async def test_rule_03_an_unknown_fate_is_sent_again_only_when_it_stands_in_todays_input(
    tmp_path: Path,
) -> None:
    """The run of another sheet looks at it over the patience and leaves it; its own sheet sends it again."""
    stop, leave = stop_after(AnswerLost)
    async with odd_service(Odd(None, takes=False)) as service:
        drive = Drive(tmp_path, service.url)
        rows = education(tmp_path, 1)
        assert ["unknown"] == (await drive(rows, stop=stop, say=leave)).outcomes
        before = len(service.looks)
        other = await drive(education(tmp_path, 2, name="second.csv"))
        assert ["approved"] == other.outcomes
        assert [(customer(1), "unknown")] == [(row["customer_id"], row["outcome"]) for row in other.earlier]
        assert len(service.looks) - before >= 4
        assert 1 == len(sent_for(service, 1))
        told = await drive(rows)
        first, second = sent_for(service, 1)
    assert ["approved"] == told.outcomes
    assert first.header("MS-RequestId") == second.header("MS-RequestId")


async def test_rule_05_what_failed_for_good_is_offered_again_as_a_new_request(tmp_path: Path) -> None:
    """The next run sends it again under a new id; that it failed before does not hinder it."""
    world = World.from_dict({"customers": [{"id": customer(1), "refuse": {"status": 403, "code": "800073"}}]})
    async with Simulator(AT_ONCE, world) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        first = await drive(education(tmp_path, 1))
        assert_report_matches(first, simulator)
        assert ["failed"] == first.outcomes
        assert "800073" == first.rows[0]["error_code"]
        assert 403 == first.rows[0]["http_status"]
        world.customers[customer(1)].refuse = None
        second = await drive(education(tmp_path, 1))
        assert_report_matches(second, simulator)
    assert ["approved"] == second.outcomes
    one, other = submissions(simulator)
    assert one.request_id != other.request_id
    assert second.rows[0]["request_id"] == other.request_id
    assert None is second.rows[0]["error_code"]


async def test_rule_05_a_refusal_in_one_run_is_not_sent_twice_in_it(tmp_path: Path) -> None:
    """A final word is final until the next run."""
    world = World.from_dict({"customers": [{"id": customer(1), "refuse": {"status": 400, "code": "3000"}}]})
    async with Simulator(AT_ONCE, world) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(education(tmp_path, 1))
    assert ["failed"] == told.outcomes
    assert 1 == len(submissions(simulator))
    assert 0 == accepted(simulator, customer(1))

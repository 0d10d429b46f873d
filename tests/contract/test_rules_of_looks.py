"""Rules 4, 10 and 11: what looks find that nobody expected."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal

import pytest
from support.drive import PATIENCE, Drive, education
from support.odd_service import Odd, odd_service
from support.replay_server import Canned, canned
from support.sheets import customer
from support.truth import assert_report_matches, looks, submissions

from batchqual.simulator import Customer, Shapes, Simulator, SimulatorSettings, World

AT_ONCE = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0))
ONE, TWO, THREE = customer(1), customer(2), customer(3)
DENIED = "Not an Academic Domain"
DENIED_ENTRY = '[{"qualification":"Education","vettingStatus":"Denied"}]'


def world_with(status: str, *, settles_in: float = 0.0) -> World:
    """A world in which the first customer's Education ends like this."""
    held = {"qualification": "Education", "status": status, "settles_in": settles_in}
    reason = {"reason": DENIED} if status == "Denied" else {}
    return World.from_dict({"customers": [{"id": ONE, "holds": [held | reason]}]})


@pytest.mark.parametrize(
    ("ends", "outcome", "exit_code"),
    [
        pytest.param("Approved", "already_qualified", 0, id="approved"),
        pytest.param("Denied", "denied", 3, id="denied"),
    ],
)
async def test_rule_04_a_review_that_we_never_asked_for_is_adopted_and_polled(
    ends: str, outcome: str, exit_code: int, tmp_path: Path
) -> None:
    """Somebody else asked: we watch it to its end, send nothing, and do not call it ours."""
    async with Simulator(AT_ONCE, world_with(ends, settles_in=1.0)) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        first = await drive(education(tmp_path, 1), wait="0")
        assert ["in_review"] == first.outcomes
        told = await drive(education(tmp_path, 1))
        assert_report_matches(told, simulator)
    assert [outcome] == told.outcomes
    assert exit_code == told.exit_code
    assert [] == submissions(simulator)
    assert None is told.rows[0]["request_id"]
    assert len(looks(simulator)) >= 2


async def test_rule_04_a_denial_that_was_there_is_denied_and_counts_as_an_attempt(tmp_path: Path) -> None:
    """Nothing is sent, and somebody has used at least one of the three requests."""
    async with Simulator(AT_ONCE, world_with("Denied")) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(education(tmp_path, 1))
        assert_report_matches(told, simulator)
    assert ["denied"] == told.outcomes
    assert DENIED == told.rows[0]["vetting_reason"]
    assert 1 == told.rows[0]["attempts"]
    assert [] == submissions(simulator)


async def test_rule_04_a_denial_that_was_there_is_offered_again_on_request(tmp_path: Path) -> None:
    """`--resubmit-denied` sends it, as the second attempt."""
    async with Simulator(AT_ONCE, world_with("Denied")) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(education(tmp_path, 1), resubmit_denied=True)
        assert_report_matches(told, simulator)
    assert ["approved"] == told.outcomes
    assert 2 == told.rows[0]["attempts"]


Change = Literal["denied", "gone"]


@pytest.mark.parametrize(
    ("change", "status"),
    [pytest.param("denied", "Denied", id="denied"), pytest.param("gone", "(absent)", id="gone")],
)
@pytest.mark.parametrize("ours", [True, False], ids=["approved", "already-qualified"])
async def test_rule_10_what_was_granted_and_is_denied_or_gone_becomes_denied(
    change: Change, status: str, ours: bool, tmp_path: Path
) -> None:
    """Two looks, patience apart, turn a quiet row into `denied`, with the raw status."""
    world = World() if ours else world_with("Approved")
    async with Simulator(AT_ONCE, world) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        first = await drive(education(tmp_path, 1))
        assert ["approved" if ours else "already_qualified"] == first.outcomes
        if change == "denied":
            world.tell(ONE, "Education", "Denied", "No longer an Education Customer")
        else:
            world.forget(ONE, "Education")
        before = len(looks(simulator))
        assert first.outcomes == (await drive(education(tmp_path, 1))).outcomes
        assert before == len(looks(simulator))
        told = await drive(education(tmp_path, 1), recheck="0")
        assert_report_matches(told, simulator)
        seen = looks(simulator)[before:]
    assert ["denied"] == told.outcomes
    assert status == told.rows[0]["vetting_status"]
    assert 3 == told.exit_code
    assert len(seen) >= 2
    assert seen[-1].monotonic - seen[0].monotonic >= PATIENCE - 0.01
    assert ours == bool(submissions(simulator))


async def test_rule_10_patience_between_the_two_looks_is_not_shortened_by_wait(tmp_path: Path) -> None:
    """With `--wait 0` a suspicion is still followed by its second look, or by no change at all."""
    async with Simulator(AT_ONCE, World()) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(education(tmp_path, 1))
        simulator.world.forget(ONE, "Education")
        before = len(looks(simulator))
        told = await drive(education(tmp_path, 1), recheck="0", wait="0")
        seen = looks(simulator)[before:]
    spread = seen[-1].monotonic - seen[0].monotonic
    assert told.outcomes in (["approved"], ["denied"])
    assert told.outcomes == ["approved"] or spread >= PATIENCE - 0.01


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(canned(body="[]"), id="gone"),
        pytest.param(canned(body='[{"qualification":"Education","vettingStatus":"Denied"}]'), id="denied"),
        pytest.param(canned("404 Not Found", '{"code":"1000","description":"Not found."}'), id="404"),
    ],
)
async def test_rule_10_one_odd_look_changes_nothing(odd: Canned, tmp_path: Path) -> None:
    """Reads may lag: a single look that shows a denial or nothing is not believed."""
    async with odd_service() as service:
        drive = Drive(tmp_path, service.url)
        assert ["approved"] == (await drive(education(tmp_path, 1))).outcomes
        before = len(service.looks)
        service.next_looks = [odd]
        told = await drive(education(tmp_path, 1), recheck="0")
    assert ["approved"] == told.outcomes
    assert 2 == len(service.looks) - before
    assert 1 == len(service.submissions)


async def test_rule_10_a_reverted_row_stays_denied_and_is_not_sent_again_unasked(tmp_path: Path) -> None:
    """The next run tells the same, sends nothing, and `--resubmit-denied` offers it."""
    async with Simulator(AT_ONCE, World()) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(education(tmp_path, 1))
        simulator.world.tell(ONE, "Education", "Denied", DENIED)
        await drive(education(tmp_path, 1), recheck="0")
        assert ["denied"] == (await drive(education(tmp_path, 1))).outcomes
        assert 1 == len(submissions(simulator))
        told = await drive(education(tmp_path, 1), resubmit_denied=True)
    assert ["approved"] == told.outcomes
    assert 2 == len(submissions(simulator))


@pytest.mark.parametrize("recheck", ["30d", "0"])
async def test_rule_10_what_was_corrected_is_seen_by_the_next_run(recheck: str, tmp_path: Path) -> None:
    """Denied, and Microsoft thinks better of it: the next run looks, whatever --recheck says, and a `plan`,
    too; nothing is sent."""
    async with Simulator(SimulatorSettings(denial_rate=1, vetting_delay=(0, 0)), World()) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        assert ["denied"] == (await drive(education(tmp_path, 1))).outcomes
        before = len(looks(simulator))
        still = await drive(education(tmp_path, 1), recheck=recheck)
        assert (["denied"], None) == (still.outcomes, still.rows[0]["error_code"])
        assert before + 1 == len(looks(simulator))
        simulator.world.tell(ONE, "Education", "Approved")
        told = await drive(education(tmp_path, 1), recheck=recheck)
        assert_report_matches(told, simulator)
    assert (["approved"], 0) == (told.outcomes, told.exit_code)
    assert 1 == len(submissions(simulator))


async def test_rule_10_what_was_gone_for_a_night_is_granted_again(tmp_path: Path) -> None:
    """A look of a later run shows it: approved, without a second submission."""
    async with Simulator(AT_ONCE, World()) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(education(tmp_path, 1))
        simulator.world.forget(ONE, "Education")
        assert ["denied"] == (await drive(education(tmp_path, 1), recheck="0")).outcomes
        simulator.world.tell(ONE, "Education", "Approved")
        told = await drive(education(tmp_path, 1))
    assert ["approved"] == told.outcomes
    assert 1 == len(submissions(simulator))


async def test_rule_10_a_denied_row_that_nobody_looked_at_says_when_it_was(tmp_path: Path) -> None:
    """The run stopped before its look: the report tells of which day the denial is."""
    async with odd_service() as service:
        drive = Drive(tmp_path, service.url)
        service.next_looks = [canned(body=DENIED_ENTRY)]
        assert ["denied"] == (await drive(education(tmp_path, 1))).outcomes
        service.next_looks = [canned("403 Forbidden", '{"code":"900149","description":"Inactive."}')]
        told = await drive(education(tmp_path, 1))
    assert (["denied"], 13) == (told.outcomes, told.exit_code)
    assert "not-looked-at" == told.rows[0]["error_code"]
    assert "Last looked at 20" in told.rows[0]["error_message"]
    assert "run the same command again" in told.rows[0]["what_to_do"]


async def test_rule_11_404_on_the_first_look_asks_for_the_customer(tmp_path: Path) -> None:
    """A customer that is there has no qualification; one that is not, or is not ours, has failed."""
    world = World([Customer(TWO, relation="unknown"), Customer(THREE, relation="foreign")])
    settings = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0), shapes=Shapes(nothing="not_found"))
    async with Simulator(settings, world) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(education(tmp_path, 1, 2, 3), max_failures="100%")
        assert_report_matches(told, simulator)
    assert ["approved", "failed", "failed"] == told.outcomes
    assert [404, 403] == [row["http_status"] for row in told.rows[1:]]
    assert {ONE} == {entry.customer for entry in submissions(simulator)}
    asked = [entry.customer for entry in simulator.books.log() if entry.path == "/v1/customers/{id}"]
    assert {ONE, TWO} == set(asked)


@pytest.mark.parametrize(
    "nothing",
    [
        pytest.param(canned("404 Not Found", '{"code":"1000"}'), id="404"),
        pytest.param(canned(body="[]"), id="empty"),
        pytest.param(canned(body='[{"qualification":"None"}]'), id="none-entry"),
        pytest.param(canned(body="null"), id="null"),
        pytest.param(canned(), id="no-body"),
    ],
)
async def test_rule_11_nothing_after_an_accepted_submission_is_in_review_and_flagged(
    nothing: Canned, tmp_path: Path
) -> None:
    """It was accepted: whatever looks fail to show, it is looked at again and never sent again."""
    async with odd_service(Odd(takes=False)) as service:
        drive = Drive(tmp_path, service.url)
        service.next_looks = [canned(body="[]")]
        service.nothing = nothing
        told = await drive(education(tmp_path, 1), wait="0.6s")
        assert ["in_review"] == told.outcomes
        assert 4 == told.exit_code
        assert "not-visible-yet" == told.rows[0]["error_code"]
        again = await drive(education(tmp_path, 1), wait="0.6s")
        assert ["in_review"] == again.outcomes
        service.holders.add(ONE)
        found = await drive(education(tmp_path, 1), wait="0.6s")
    assert ["approved"] == found.outcomes
    assert None is found.rows[0]["error_code"]
    assert 1 == len(service.submissions)


NOTHINGS = [
    pytest.param(canned("404 Not Found", '{"code":"1000"}'), id="404"),
    pytest.param(canned(body="[]"), id="empty"),
    pytest.param(canned(body='[{"qualification":"None"}]'), id="none-entry"),
    pytest.param(canned(body='[{"qualification":"StateOwnedEntity"}]'), id="another-one"),
]


@pytest.mark.parametrize("nothing", NOTHINGS)
async def test_rule_11_seen_in_review_and_gone_at_two_looks_is_denied(
    nothing: Canned, tmp_path: Path
) -> None:
    """Two runs that look once suffice, patience apart; nothing is sent but on request."""
    async with odd_service(Odd(takes=False)) as service:
        drive = Drive(tmp_path, service.url)
        service.next_looks = [canned(body="[]")]
        service.nothing = canned(body='[{"qualification":"Education","vettingStatus":"InReview"}]')
        assert ["in_review"] == (await drive(education(tmp_path, 1), wait="0.4s")).outcomes
        service.nothing = nothing
        await asyncio.sleep(PATIENCE)
        first = await drive(education(tmp_path, 1), wait="0")
        assert (["in_review"], 4) == (first.outcomes, first.exit_code)
        assert "no-longer-visible" == first.rows[0]["error_code"]
        await asyncio.sleep(PATIENCE)
        told = await drive(education(tmp_path, 1), wait="0")
        assert (["denied"], 3) == (told.outcomes, told.exit_code)
        assert "(absent)" == told.rows[0]["vetting_status"]
        assert 1 == len(service.submissions)
        service.nothing = canned(body="[]")
        again = await drive(education(tmp_path, 1), resubmit_denied=True)
    assert (["approved"], 2) == (again.outcomes, again.rows[0]["attempts"])
    assert 2 == len(service.submissions)


REASON = "Not an Academic Domain"


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(
            f'[{{"qualification":"None","vettingStatus":"Denied","vettingReason":"{REASON}"}}]', id="none"
        ),
        pytest.param(
            f'[{{"Qualification":"none","VettingStatus":"denied","VettingReason":"{REASON}"}}]', id="cases"
        ),
        pytest.param(
            f'{{"qualifications":[{{"qualification":0,"vettingStatus":"Denied","vettingReason":"{REASON}"}}]}}',
            id="number",
        ),
        pytest.param(
            f'{{"qualification":null,"vettingStatus":"Denied","vettingReason":"{REASON}"}}', id="null"
        ),
    ],
)
async def test_rule_11_a_none_entry_that_is_denied_is_the_denial_that_is_waited_for(
    entry: str, tmp_path: Path
) -> None:
    """With its reason; nothing is sent again, and the attempt counts."""
    async with odd_service(Odd(takes=False)) as service:
        service.next_looks = [canned(body="[]")]
        service.nothing = canned(body=entry)
        told = await Drive(tmp_path, service.url)(education(tmp_path, 1))
    assert (["denied"], 3) == (told.outcomes, told.exit_code)
    assert ("Denied", REASON) == (told.rows[0]["vetting_status"], told.rows[0]["vetting_reason"])
    assert 1 == len(service.submissions)
    assert 1 == told.rows[0]["attempts"]


async def test_rule_11_a_none_entry_tells_the_fate_of_a_lost_answer(tmp_path: Path) -> None:
    """It arrived, and was denied: it is not sent again."""
    async with odd_service(Odd(None, takes=False)) as service:
        service.next_looks = [canned(body="[]")]
        service.nothing = canned(body='[{"qualification":"None","vettingStatus":"Denied"}]')
        told = await Drive(tmp_path, service.url)(education(tmp_path, 1))
    assert ["denied"] == told.outcomes
    assert 1 == len(service.submissions)

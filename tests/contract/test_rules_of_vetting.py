"""Rules 9, 12 and 13: attempts at Education, validation codes, and the older API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.drive import Drive, Told, education, sheet
from support.odd_service import Odd, odd_service
from support.replay_server import Canned, canned
from support.sheets import customer
from support.truth import accepted, assert_report_matches, submissions

from batchqual.simulator import Fault, Simulator, SimulatorSettings, World

AT_ONCE = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0))
DENYING = SimulatorSettings(denial_rate=1, vetting_delay=(0, 0))
CODE, OTHER_CODE = "0012345", "0067890"
ONE = customer(1)


def gcc(folder: Path, *wishes: tuple[int, str], name: str = "gcc.csv") -> str:
    """A sheet of GCC rows: customer and code."""
    return sheet(folder, *((customer(number), "GCC", "", code) for number, code in wishes), name=name)


def world_of(*codes: dict[str, object], customers: list[dict[str, object]] | None = None) -> World:
    """A world with these codes and customers."""
    return World.from_dict({"codes": list(codes), "customers": customers or []})


async def resubmit(drive: Drive, **flags: Any) -> Told:
    return await drive(education(drive.folder, 1), resubmit_denied=True, **flags)


async def test_rule_09_attempts_count_over_all_runs_and_the_last_is_not_spent_unasked(tmp_path: Path) -> None:
    """Three Education requests per customer: the third needs a word of its own, a fourth is never sent."""
    async with Simulator(DENYING) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        first = await drive(education(tmp_path, 1))
        assert (["denied"], 1) == (first.outcomes, first.rows[0]["attempts"])
        second = await resubmit(drive)
        assert_report_matches(second, simulator, sent_before=True)
        assert (["denied"], 2) == (second.outcomes, second.rows[0]["attempts"])
        held_back = await resubmit(drive)
        assert (["denied"], 2) == (held_back.outcomes, held_back.rows[0]["attempts"])
        assert "last-attempt" == held_back.rows[0]["error_code"]
        assert "--allow-last-attempt" in held_back.rows[0]["error_message"]
        assert 2 == len(submissions(simulator))
        third = await resubmit(drive, allow_last_attempt=True)
        assert (["denied"], 3) == (third.outcomes, third.rows[0]["attempts"])
        fourth = await resubmit(drive, allow_last_attempt=True)
        assert (["denied"], 3) == (fourth.outcomes, fourth.rows[0]["attempts"])
        assert "no-attempts-left" == fourth.rows[0]["error_code"]
    assert 3 == len({entry.request_id for entry in submissions(simulator)}) == len(submissions(simulator))


async def test_rule_09_the_same_id_again_is_no_new_attempt(tmp_path: Path) -> None:
    """A repeat of a lost submission is the same request."""
    async with Simulator(AT_ONCE) as simulator:
        simulator.inject(Fault.RESET_BEFORE, Fault.RESET_BEFORE, scope="writes")
        told = await Drive(tmp_path, simulator.base_url)(education(tmp_path, 1))
        assert_report_matches(told, simulator)
    assert 3 == len(submissions(simulator))
    assert (["approved"], 1) == (told.outcomes, told.rows[0]["attempts"])


async def test_rule_09_a_throttle_is_no_attempt(tmp_path: Path) -> None:
    """429 means that it never reached vetting."""
    async with Simulator(AT_ONCE) as simulator:
        simulator.inject(Fault.THROTTLED, scope="writes")
        told = await Drive(tmp_path, simulator.base_url)(education(tmp_path, 1))
        assert_report_matches(told, simulator)
    assert 2 == len(submissions(simulator))
    assert (["approved"], 1) == (told.outcomes, told.rows[0]["attempts"])


async def test_rule_09_refusals_are_no_attempts(tmp_path: Path) -> None:
    """Three refusals leave all three requests."""
    world = world_of(customers=[{"id": ONE, "refuse": {"status": 400, "code": "3000"}}])
    async with Simulator(AT_ONCE, world) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        for _ in range(3):
            told = await drive(education(tmp_path, 1))
            assert (["failed"], 0) == (told.outcomes, told.rows[0]["attempts"])
        world.customers[ONE].refuse = None
        told = await drive(education(tmp_path, 1))
        assert_report_matches(told, simulator)
    assert (["approved"], 1) == (told.outcomes, told.rows[0]["attempts"])


async def test_rule_09_attempts_are_counted_per_customer_and_for_education_alone(tmp_path: Path) -> None:
    """Another qualification uses none of them."""
    async with Simulator(AT_ONCE) as simulator:
        rows = sheet(tmp_path, (ONE, "Education", "K12"), (ONE, "SOE"), (customer(2), "SOE"))
        told = await Drive(tmp_path, simulator.base_url)(rows)
        assert_report_matches(told, simulator)
    assert [1, 0, 0] == [row["attempts"] for row in told.rows]


async def test_rule_12_too_few_creates_are_a_conflict_of_all_rows_of_the_code(tmp_path: Path) -> None:
    """Nothing half done: with two creates and three rows none is sent, and the row says the numbers; rows of
    other codes go on."""
    world = world_of({"code": CODE, "max": 5, "remaining": 2}, {"code": OTHER_CODE, "max": 5, "remaining": 1})
    rows = gcc(tmp_path, (1, CODE), (2, CODE), (3, CODE), (4, OTHER_CODE))
    async with Simulator(AT_ONCE, world) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(rows)
        assert_report_matches(told, simulator)
    assert ["conflict"] * 3 + ["approved"] == told.outcomes
    for row in told.rows[:3]:
        assert "3 rows" in row["error_message"]
        assert "2 creates" in row["error_message"]
        assert CODE not in row["error_message"]
    assert {OTHER_CODE: 1} == dict(simulator.books.creates_used)


async def test_rule_12_exactly_enough_creates_suffice(tmp_path: Path) -> None:
    """Each row takes one."""
    world = world_of({"code": CODE, "max": 5, "remaining": 2})
    async with Simulator(AT_ONCE, world) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(gcc(tmp_path, (1, CODE), (2, CODE)))
        assert_report_matches(told, simulator)
    assert ["approved", "approved"] == told.outcomes
    assert 0 == world.codes[CODE].remaining


async def test_rule_12_what_is_there_already_takes_no_code(tmp_path: Path) -> None:
    """Two rows, one create, one of them granted before: the other one is sent."""
    held = [{"qualification": "GovernmentCommunityCloud", "status": "Approved"}]
    world = world_of({"code": CODE, "max": 5, "remaining": 1}, customers=[{"id": ONE, "holds": held}])
    async with Simulator(AT_ONCE, world) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(gcc(tmp_path, (1, CODE), (2, CODE)))
        assert_report_matches(told, simulator)
    assert ["already_qualified", "approved"] == told.outcomes


async def test_rule_12_what_was_sent_before_takes_no_code_again(tmp_path: Path) -> None:
    """Only unsent rows are counted against what is left."""
    world = world_of({"code": CODE, "max": 2, "remaining": 2})
    async with Simulator(AT_ONCE, world) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(gcc(tmp_path, (1, CODE)))
        told = await drive(gcc(tmp_path, (1, CODE), (2, CODE)))
        assert_report_matches(told, simulator)
    assert ["approved", "approved"] == told.outcomes


async def test_rule_12_a_code_that_is_not_the_partners_is_a_conflict(tmp_path: Path) -> None:
    """A code that the list does not have is not sent on a guess."""
    world = world_of({"code": CODE, "max": 5, "remaining": 5})
    async with Simulator(AT_ONCE, world) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(gcc(tmp_path, (1, "0099999"), (2, CODE)))
        assert_report_matches(told, simulator)
    assert ["conflict", "approved"] == told.outcomes
    assert "unknown-code" == told.rows[0]["error_code"]
    assert [customer(2)] == [entry.customer for entry in submissions(simulator)]


async def test_rule_12_an_unknown_quota_is_a_warning(tmp_path: Path) -> None:
    """The service may not tell what is left: the rows are sent, and the user is told."""
    world = world_of({"code": CODE, "max": None, "remaining": None})
    async with Simulator(AT_ONCE, world) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(gcc(tmp_path, (1, CODE)))
        assert_report_matches(told, simulator)
    assert ["approved"] == told.outcomes
    assert told.report.notices
    assert not any(CODE in notice.sentence for notice in told.report.notices)


async def test_rule_12_a_list_of_codes_that_cannot_be_read_fails_those_rows(tmp_path: Path) -> None:
    """GCC rows fail, unsent; Education does not need the list."""
    settings = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0), refusals=("codes=403/900308",))
    rows = sheet(tmp_path, (ONE, "GCC", "", CODE), (customer(2), "Education", "K12"))
    async with Simulator(settings, world_of({"code": CODE})) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(rows)
        assert_report_matches(told, simulator)
    assert ["failed", "approved"] == told.outcomes
    assert [customer(2)] == [entry.customer for entry in submissions(simulator)]


async def test_rule_12_another_organisation_is_a_warning(tmp_path: Path) -> None:
    """Whose name a code bears is told in two ways: worth a word, no hindrance."""
    world = world_of({"code": CODE, "organization": "Contoso City Hall"})
    rows = sheet(
        tmp_path,
        (ONE, "GCC", "", CODE, "", "Fabrikam County"),
        (customer(2), "GCC", "", CODE, "", "CONTOSO City-Hall"),
    )
    async with Simulator(AT_ONCE, world) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(rows)
        assert_report_matches(told, simulator)
    assert ["approved", "approved"] == told.outcomes
    assert [2] == [notice.row for notice in told.report.notices if notice.code == "other-organization"]


async def test_rule_13_the_same_value_is_approved(tmp_path: Path) -> None:
    """The older API answers with the value: the GET that shows it is the approval."""
    async with Simulator(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        told = await drive(education(tmp_path, 1, 2), api="synchronous")
        assert_report_matches(told, simulator)
        again = await drive(education(tmp_path, 1, 2), api="synchronous")
    assert ["approved", "approved"] == told.outcomes == again.outcomes
    assert ["PUT", "PUT"] == [entry.method for entry in submissions(simulator)]
    assert 2 == told.document["requests"]["put"]


async def test_rule_13_a_value_that_was_there_is_already_qualified(tmp_path: Path) -> None:
    """What the customer holds is not put again."""
    held = [{"qualification": "Education", "status": "Approved"}]
    async with Simulator(AT_ONCE, world_of(customers=[{"id": ONE, "holds": held}])) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(education(tmp_path, 1), api="synchronous")
        assert_report_matches(told, simulator)
    assert ["already_qualified"] == told.outcomes
    assert [] == submissions(simulator)


async def test_rule_13_a_2xx_that_refuses_in_words_is_denied_with_the_words(tmp_path: Path) -> None:
    """The words are the reason; nothing is sent again."""
    async with Simulator(DENYING) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        told = await drive(education(tmp_path, 1), api="synchronous")
        assert_report_matches(told, simulator)
        again = await drive(education(tmp_path, 1), api="synchronous")
    assert ["denied"] == told.outcomes == again.outcomes
    assert "Customer tagging denied." == told.rows[0]["vetting_reason"]
    assert 1 == len(submissions(simulator))


DENIAL = "Customer tagging denied."


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(canned("400 Bad Request", f'"{DENIAL}"'), id="400"),
        pytest.param(canned("403 Forbidden", f'"{DENIAL}"'), id="403"),
        pytest.param(canned("409 Conflict", f'"{DENIAL}"'), id="409"),
        pytest.param(canned("500 Internal Server Error", f'"{DENIAL}"'), id="500"),
        pytest.param(canned("400 Bad Request", DENIAL), id="without-quotation-marks"),
        pytest.param(canned("400 Bad Request", '"customer tagging was denied"'), id="other-spelling"),
        pytest.param(
            canned("400 Bad Request", f'{{"code":2000,"description":"{DENIAL}"}}'), id="in-an-object"
        ),
    ],
)
async def test_rule_13_a_denial_in_words_is_one_with_an_error_status_too(
    answer: Canned, tmp_path: Path
) -> None:
    """Vetting has answered: the row is denied, an attempt is used, and no night puts it again by itself."""
    async with odd_service(Odd(answer, takes=False), sync=True) as service:
        drive = Drive(tmp_path, service.url)
        told = await drive(education(tmp_path, 1), api="synchronous")
        again = await drive(education(tmp_path, 1), api="synchronous")
        assert 1 == len(service.submissions)
        offered = await drive(education(tmp_path, 1), api="synchronous", resubmit_denied=True)
    assert ["denied"] == told.outcomes == again.outcomes
    assert "tagging" in told.rows[0]["vetting_reason"]
    assert 1 == told.rows[0]["attempts"]
    assert ["approved"] == offered.outcomes


@pytest.mark.parametrize(
    "words", [pytest.param("Access denied.", id="access"), pytest.param("Invalid value.", id="value")]
)
async def test_rule_13_other_words_with_an_error_status_are_no_denial(words: str, tmp_path: Path) -> None:
    """They speak of the call or the row, which has failed and is offered again."""
    answer = canned("400 Bad Request", f'"{words}"')
    async with odd_service(Odd(answer, takes=False), sync=True) as service:
        told = await Drive(tmp_path, service.url)(education(tmp_path, 1), api="synchronous")
    assert ["failed"] == told.outcomes


@pytest.mark.parametrize(
    ("held", "status", "row"),
    [
        pytest.param("GovernmentCommunityCloud", "Approved", ("Education",), id="gcc-held"),
        pytest.param("Education", "Approved", ("GCC", "", CODE), id="education-held"),
        pytest.param("StateOwnedEntity", None, ("Education",), id="state-owned-held"),
        pytest.param("Education", "Approved", ("SOE",), id="state-owned-wanted"),
    ],
)
async def test_rule_13_another_value_is_a_conflict_and_never_overwritten(
    held: str, status: str | None, row: tuple[str, ...], tmp_path: Path
) -> None:
    """This API has one value per customer, and a PUT would replace it."""
    holds = [{"qualification": held, "status": status}]
    world = world_of({"code": CODE}, customers=[{"id": ONE, "holds": holds}])
    async with Simulator(AT_ONCE, world) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(sheet(tmp_path, (ONE, *row)), api="synchronous")
        assert_report_matches(told, simulator)
    assert ["conflict"] == told.outcomes
    assert [] == submissions(simulator)


async def test_rule_13_two_values_of_one_sheet_do_not_overwrite_each_other(tmp_path: Path) -> None:
    """The second wish of a customer finds the first one's value, put a moment ago, and leaves it."""
    rows = sheet(tmp_path, (ONE, "Education"), (ONE, "SOE"), (customer(2), "Education"))
    async with Simulator(AT_ONCE) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(rows, api="synchronous")
        assert_report_matches(told, simulator)
    assert ["approved", "conflict", "approved"] == told.outcomes
    assert 0 == accepted(simulator, ONE, "soe")


async def test_rule_13_an_integer_that_is_another_value_is_no_approval(tmp_path: Path) -> None:
    """A GET that shows another value than the one that was put approves nothing."""
    async with odd_service(Odd(canned(body='"education"'), takes=True), sync=True) as service:
        service.granted = canned(body="4")
        told = await Drive(tmp_path, service.url)(education(tmp_path, 1), api="synchronous", wait="0.5s")
    assert ["in_review"] == told.outcomes
    assert 1 == len(service.submissions)

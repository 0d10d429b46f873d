"""Rules 6, 7, 8 and 14: rows that contradict each other, the service, or what was sent before."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.drive import Drive, education, sheet
from support.sheets import csv_file, customer
from support.truth import assert_report_matches, looks, submissions

from batchqual.simulator import Simulator, SimulatorSettings, World

AT_ONCE = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0), codes=("012345=5", "067890=5"))
SLOW = SimulatorSettings(
    denial_rate=0, vetting_delay=(3600, 3600), gcc_delay=(3600, 3600), codes=AT_ONCE.codes
)
ONE, TWO = customer(1), customer(2)
K12 = ("Education", "K12")
HIGHER = ("Education", "HigherEducation")
GCC = ("GCC", "", "012345")
OTHER_GCC = ("GCC", "", "067890")
SOE = ("SOE",)
Row = tuple[str, ...]


def holding(qualification: str, status: str | None = "Approved", **more: object) -> World:
    """A world in which the first customer holds something."""
    held = {"qualification": qualification, "status": status, **more}
    return World.from_dict({"customers": [{"id": ONE, "holds": [held]}], "codes": [{"code": "012345"}]})


def sent(simulator: Simulator) -> int:
    return len(submissions(simulator))


async def test_rule_06_the_same_content_is_a_duplicate_of_the_first_row(tmp_path: Path) -> None:
    """Case, braces and spaces make no other customer; the duplicate names the row that is sent."""
    rows = sheet(tmp_path, (ONE, *K12), (f" {{{ONE.upper()}}} ", "edu", "k12"), (TWO, *K12))
    async with Simulator(AT_ONCE) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(rows)
        assert_report_matches(told, simulator)
    assert ["approved", "duplicate", "approved"] == told.outcomes
    assert 2 == sent(simulator)
    assert "row 2" in told.rows[1]["error_message"]


async def test_rule_06_a_duplicate_is_found_across_files(tmp_path: Path) -> None:
    """Files of one run are one input."""
    files = education(tmp_path, 1, name="a.csv"), education(tmp_path, 2, 1, name="b.csv")
    async with Simulator(AT_ONCE) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(*files)
        assert_report_matches(told, simulator)
    assert ["approved", "approved", "duplicate"] == told.outcomes
    assert "a.csv" in told.rows[2]["error_message"]


async def test_rule_06_a_duplicate_of_an_invalid_row_is_none(tmp_path: Path) -> None:
    """The first *valid* row is the one that is sent."""
    rows = sheet(tmp_path, (ONE, "Education", "no such segment"), (ONE, *K12), (ONE, *K12), (TWO, *K12))
    async with Simulator(AT_ONCE) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(rows)
        assert_report_matches(told, simulator, sent_before=True)
    assert ["invalid", "approved", "duplicate", "approved"] == told.outcomes
    assert 2 == sent(simulator)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([K12, HIGHER], id="segment"),
        pytest.param([GCC, OTHER_GCC], id="code"),
        pytest.param([K12, K12, HIGHER], id="two-against-one"),
    ],
)
async def test_rule_06_other_content_for_the_same_wish_is_a_conflict_of_all(
    rows: list[Row], tmp_path: Path
) -> None:
    """Nobody knows which one is meant, so none is sent; other customers go on."""
    path = sheet(tmp_path, *((ONE, *row) for row in rows), (TWO, *K12))
    async with Simulator(AT_ONCE) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(path)
        assert_report_matches(told, simulator)
    assert [*["conflict"] * len(rows), "approved"] == told.outcomes
    assert [TWO] == [entry.customer for entry in submissions(simulator)]


async def test_rule_06_only_another_website_is_a_duplicate_with_a_warning(tmp_path: Path) -> None:
    """The first website is sent, and the user is told."""
    rows = sheet(tmp_path, (ONE, *K12, "", "one.contoso.example"), (ONE, *K12, "", "two.contoso.example"))
    async with Simulator(AT_ONCE) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(rows)
        assert_report_matches(told, simulator)
    assert ["approved", "duplicate"] == told.outcomes
    assert "website-differs" in told.warnings
    assert "one.contoso.example" == simulator.world.customers[ONE].holds["Education"].website


@pytest.mark.parametrize(
    "rows", [pytest.param([K12, GCC], id="education-first"), pytest.param([GCC, K12], id="gcc-first")]
)
async def test_rule_07_education_with_gcc_is_a_conflict_of_both(rows: list[Row], tmp_path: Path) -> None:
    """In any order. StateOwnedEntity, which would bar GCC for ever, waits until that is settled."""
    path = sheet(tmp_path, *((ONE, *row) for row in rows), (ONE, *SOE), (TWO, *K12))
    async with Simulator(AT_ONCE) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(path)
        assert_report_matches(told, simulator)
    assert ["conflict", "conflict", "not_attempted", "approved"] == told.outcomes
    assert [TWO] == [entry.customer for entry in submissions(simulator)]


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        pytest.param("GovernmentCommunityCloud", K12, id="gcc-held"),
        pytest.param("Education", GCC, id="education-held"),
    ],
)
@pytest.mark.parametrize("settles_in", [pytest.param(0, id="approved"), pytest.param(3600, id="in-review")])
async def test_rule_07_what_the_service_holds_excludes_the_other(
    held: str, wanted: Row, settles_in: float, tmp_path: Path
) -> None:
    """Education and GCC exclude each other, granted or in review."""
    async with Simulator(AT_ONCE, holding(held, settles_in=settles_in)) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(sheet(tmp_path, (ONE, *wanted)))
        assert_report_matches(told, simulator)
    assert ["conflict"] == told.outcomes
    assert 0 == sent(simulator)


async def test_rule_07_a_denied_one_does_not_block(tmp_path: Path) -> None:
    """A denial leaves the customer without a qualification."""
    world = holding("Education", "Denied", reason="Not an Academic Domain")
    async with Simulator(AT_ONCE, world) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(sheet(tmp_path, (ONE, *GCC)))
        assert_report_matches(told, simulator)
    assert ["approved"] == told.outcomes


@pytest.mark.parametrize("partner", [pytest.param(K12, id="education"), pytest.param(GCC, id="gcc")])
@pytest.mark.parametrize("turned", [False, True], ids=["soe-last", "soe-first"])
async def test_rule_07_state_owned_goes_with_either_and_gcc_goes_first(
    partner: Row, turned: bool, tmp_path: Path
) -> None:
    """The order of the sheet does not matter: GCC is sent before StateOwnedEntity, which would bar it."""
    rows = [(ONE, *partner), (ONE, *SOE)]
    async with Simulator(AT_ONCE) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(sheet(tmp_path, *(rows[::-1] if turned else rows)))
        assert_report_matches(told, simulator)
    assert ["approved", "approved"] == told.outcomes
    assert 2 == sent(simulator)


async def test_rule_07_gcc_where_state_owned_already_is_conflicts(tmp_path: Path) -> None:
    """GCC wants a customer without any qualification; Education does not mind StateOwnedEntity."""
    async with Simulator(AT_ONCE, holding("StateOwnedEntity", None)) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        told = await drive(sheet(tmp_path, (ONE, *GCC)))
        assert_report_matches(told, simulator)
        assert ["conflict"] == told.outcomes
        assert 0 == sent(simulator)
        other = await drive(sheet(tmp_path, (ONE, *K12), (ONE, *SOE)))
        assert_report_matches(other, simulator)
    assert ["approved", "already_qualified"] == other.outcomes


@pytest.mark.parametrize(
    ("settings", "live"),
    [pytest.param(SLOW, "in_review", id="in-review"), pytest.param(AT_ONCE, "approved", id="approved")],
)
@pytest.mark.parametrize(
    "rows",
    [
        pytest.param((K12, HIGHER, "K12"), id="segment"),
        pytest.param((GCC, OTHER_GCC, "45"), id="code"),
    ],
)
async def test_rule_08_changed_content_is_a_conflict_that_names_the_old_value(
    rows: tuple[Row, Row, str], settings: SimulatorSettings, live: str, tmp_path: Path
) -> None:
    """What is in review or approved cannot be changed; the live one stays polled, beside the row."""
    first, then, old = rows
    async with Simulator(settings) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        before = await drive(sheet(tmp_path, (ONE, *first)), wait="0.5s")
        assert [live] == before.outcomes
        looked = len(looks(simulator, ONE))
        told = await drive(sheet(tmp_path, (ONE, *then)), wait="0.5s")
        assert_report_matches(told, simulator, sent_before=True)
    assert ["conflict"] == told.outcomes
    assert old in told.rows[0]["error_message"]
    assert "012345" not in told.rows[0]["error_message"]
    assert 1 == sent(simulator)
    if live == "in_review":
        assert len(looks(simulator, ONE)) > looked
        assert ["in_review"] == [row["outcome"] for row in told.earlier]


async def test_rule_08_a_changed_website_alone_is_no_conflict(tmp_path: Path) -> None:
    """Segment and code are the content that counts; the same wish goes on."""
    async with Simulator(SLOW) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(sheet(tmp_path, (ONE, *K12, "", "one.contoso.example")), wait="0")
        told = await drive(sheet(tmp_path, (ONE, *K12, "", "two.contoso.example")), wait="0")
        assert_report_matches(told, simulator)
    assert ["in_review"] == told.outcomes
    assert 1 == sent(simulator)


async def test_rule_08_what_was_denied_or_refused_may_change(tmp_path: Path) -> None:
    """A refused wish is offered again with today's content."""
    world = World.from_dict({"customers": [{"id": ONE, "refuse": {"status": 403, "code": "800073"}}]})
    async with Simulator(AT_ONCE, world) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        assert ["failed"] == (await drive(sheet(tmp_path, (ONE, *K12)))).outcomes
        world.customers[ONE].refuse = None
        told = await drive(sheet(tmp_path, (ONE, *HIGHER)))
        assert_report_matches(told, simulator)
    assert ["approved"] == told.outcomes
    assert "HigherEducation" == world.customers[ONE].holds["Education"].segment


async def test_rule_14_an_id_and_the_domain_of_another_customer_are_a_conflict(tmp_path: Path) -> None:
    """The row names two customers, so nothing is sent for it; an agreeing domain is no matter."""
    world = World.from_dict(
        {
            "customers": [
                {"id": ONE, "domain": "one.onmicrosoft.example"},
                {"id": TWO, "domain": "two.onmicrosoft.example"},
            ]
        }
    )
    headings = ("customer_id", "domain", "qualification", "education_segment")
    rows = [(ONE, "two.onmicrosoft.example", *K12), (TWO, "TWO.onmicrosoft.example", *K12)]
    async with Simulator(AT_ONCE, world) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(csv_file(tmp_path, [headings, *rows]))
        assert_report_matches(told, simulator)
    assert ["conflict", "approved"] == told.outcomes
    assert [TWO] == [entry.customer for entry in submissions(simulator)]
    assert f"default domain of another customer ({TWO})" in told.rows[0]["error_message"]

"""Rules 1, 6, 7 and 14 for rows that name their customer by its domain, and what a look-up may meet."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from support.drive import Drive, Told
from support.sheets import csv_file, customer
from support.truth import assert_report_matches, looks, submissions

from batchqual.errors import UsageError
from batchqual.ledger import read_only
from batchqual.overview import report_again
from batchqual.partnercenter import RetryPolicy
from batchqual.pipeline import StopSwitch
from batchqual.simulator import Holding as Held
from batchqual.simulator import Simulator, SimulatorSettings, World

HEADINGS = ("Notes", "customer_id", "Primary domain", "qualification", "education_segment", "validation_code")
ONE, TWO, THREE = customer(1), customer(2), customer(3)
K12 = ("Education", "K12")
GCC = ("GCC", "", "0012345")
AT_ONCE = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0), codes=("0012345=9",))
NO_LIST = replace(AT_ONCE, refusals=("customers=403/20002",))
TWO_TRIES = RetryPolicy(tries=2, first=0.01)
DOMAINS = {ONE: "one.example", TWO: "two.example", THREE: "one.example.org"}
BY_ID, BY_DOMAIN = (ONE, ""), ("", "ONE.example")


def a_world(**extra: str) -> World:
    """Three customers, of whom one's domain begins like another's; ``extra`` are more ids by domain."""
    known = [{"id": one, "domain": domain} for one, domain in DOMAINS.items()]
    return World.from_dict(
        {"customers": [*known, *({"id": one, "domain": two} for one, two in extra.items())]}
    )


def rows(folder: Path, *wanted: tuple[str, ...], name: str = "customers.csv") -> str:
    """A sheet with a column of the user's own; short rows are filled up."""
    filled = [("mine", *row, *[""] * (len(HEADINGS) - 1 - len(row))) for row in wanted]
    return csv_file(folder, [HEADINGS, *filled], name=name)


def sent_to(simulator: Simulator) -> list[str]:
    """The customers of the submissions, in order."""
    return [entry.customer for entry in submissions(simulator)]


def lists(simulator: Simulator) -> int:
    """How many pages of the list were asked for."""
    return sum(entry.path == "/v1/customers" for entry in simulator.books.log())


def codes(told: Told) -> list[str | None]:
    return [row["error_code"] for row in told.rows]


@pytest.mark.parametrize("order", [1, -1])
async def test_rule_01_a_row_by_domain_is_the_wish_of_its_customer(tmp_path: Path, order: int) -> None:
    """What was submitted by the ID is not submitted again by the domain in another run, nor the other way."""
    async with Simulator(AT_ONCE, a_world()) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        for name in (BY_ID, BY_DOMAIN)[::order]:
            told = await drive(rows(tmp_path, (*name, *K12)))
            assert (["approved"], [ONE]) == (told.outcomes, [row["customer_id"] for row in told.rows])
            assert_report_matches(told, simulator, sent_before=True)
    assert [ONE] == sent_to(simulator)


async def test_rule_01_a_look_up_makes_the_ledger_that_services_own(tmp_path: Path) -> None:
    """Though nothing was submitted: a simulator's customers are no real service's."""
    async with Simulator(AT_ONCE, a_world()) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(rows(tmp_path, (*BY_DOMAIN, *K12)), command="plan")
    with read_only(drive.ledger) as view:
        assert {simulator.base_url} == view.origins()


@pytest.mark.parametrize("order", [1, -1])
async def test_rule_06_one_customer_by_id_and_by_domain_is_sent_once(tmp_path: Path, order: int) -> None:
    """The later row is the duplicate."""
    wanted = [(*BY_ID, *K12), (*BY_DOMAIN, *K12)][::order]
    async with Simulator(AT_ONCE, a_world()) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(rows(tmp_path, *wanted))
        assert_report_matches(told, simulator)
    assert ["approved", "duplicate"] == told.outcomes
    assert [ONE] == sent_to(simulator)
    assert "the same as customers.csv row 2." in told.rows[1]["error_message"]


@pytest.mark.parametrize("order", [1, -1])
async def test_rule_06_other_content_by_domain_is_a_conflict_of_both(tmp_path: Path, order: int) -> None:
    """Neither is sent; another customer's row is."""
    wanted = [(*BY_ID, *K12), (*BY_DOMAIN, "Education", "HigherEducation"), (TWO, "", *K12)][::order]
    async with Simulator(AT_ONCE, a_world()) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(rows(tmp_path, *wanted))
        assert_report_matches(told, simulator)
    assert ["conflict", "conflict", "approved"][::order] == told.outcomes
    assert [TWO] == sent_to(simulator)


@pytest.mark.parametrize("order", [1, -1])
async def test_rule_07_education_by_domain_and_gcc_by_id_exclude_each_other(
    tmp_path: Path, order: int
) -> None:
    """In any order, and nothing is sent."""
    wanted = [(*BY_DOMAIN, *K12), (*BY_ID, *GCC)][::order]
    async with Simulator(AT_ONCE, a_world()) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(rows(tmp_path, *wanted))
        assert_report_matches(told, simulator)
    assert ["conflict", "conflict"] == told.outcomes
    assert [] == sent_to(simulator)


async def test_rule_07_state_owned_waits_for_a_gcc_row_that_was_not_looked_up(tmp_path: Path) -> None:
    """It may be this customer's, and GCC has to go first."""
    wanted = [(ONE, "", "SOE"), ("", "one.example", *GCC), (TWO, "two.example", *K12)]
    async with Simulator(NO_LIST, a_world()) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(rows(tmp_path, *wanted))
        assert_report_matches(told, simulator)
    assert ["not_attempted", "failed", "approved"] == told.outcomes
    assert ["waits-for-gcc", "lookup-failed", None] == codes(told)
    assert [TWO] == sent_to(simulator)


@pytest.mark.parametrize("domain", ["nobody.example", "twice.example"])
async def test_rule_07_state_owned_waits_for_a_gcc_row_of_whom_nobody_knows(
    domain: str, tmp_path: Path
) -> None:
    """A domain that two customers have, or that is spelt as no default domain is, may mean this one."""
    wanted = [(ONE, "", "SOE"), ("", domain, *GCC), (TWO, "", *K12)]
    world = a_world(**{customer(4): "twice.example", customer(5): "twice.example"})
    async with Simulator(AT_ONCE, world) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(rows(tmp_path, *wanted))
        assert_report_matches(told, simulator)
    assert (["not_attempted", "invalid", "approved"], "waits-for-gcc") == (told.outcomes, codes(told)[0])


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("other", [GCC, ("Education", "HigherEducation")], ids=["GCC", "segment"])
@pytest.mark.parametrize("by_id", [(ONE, "one.example"), BY_ID], ids=["with the domain", "by ID alone"])
async def test_rules_06_and_07_half_of_a_contradiction_is_not_sent_when_the_other_was_not_looked_up(
    by_id: tuple[str, str], other: tuple[str, ...], order: int, tmp_path: Path
) -> None:
    """Where the sheet says that both are of one customer both are conflicts; where nobody can tell, the row
    by ID waits. Both are settled once the list can be read."""
    sheet = rows(tmp_path, *[(*by_id, *K12), (*BY_DOMAIN, *other)][::order])
    expected = ["conflict"] * 2 if by_id[1] else ["not_attempted", "failed"][::order]
    world = a_world()
    async with Simulator(NO_LIST, world) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(sheet)
        assert_report_matches(told, simulator)
        assert (expected, []) == (told.outcomes, sent_to(simulator))
    async with Simulator(AT_ONCE, world) as simulator:
        told = await Drive(tmp_path / "later", simulator.base_url)(sheet)
        assert (["conflict"] * 2, []) == (told.outcomes, sent_to(simulator))


async def test_rule_07_gcc_waits_for_an_education_row_that_was_not_looked_up(tmp_path: Path) -> None:
    """The same the other way; what asks for the same, or says whose it is, goes on."""
    wanted = [(*BY_DOMAIN, *K12), (ONE, "", *GCC), (TWO, "two.example", *GCC), (THREE, "", *K12)]
    async with Simulator(NO_LIST, a_world()) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(rows(tmp_path, *wanted))
        assert_report_matches(told, simulator)
    assert ["failed", "not_attempted", "approved", "approved"] == told.outcomes
    assert "waits-for-lookup" == codes(told)[1]
    assert "could not be looked up" in told.rows[1]["what_to_do"]


@pytest.mark.parametrize("order", [1, -1])
async def test_rule_06_a_row_with_a_wrong_domain_is_no_first_of_a_duplicate(
    tmp_path: Path, order: int
) -> None:
    """It is a conflict, and the row beside it is sent."""
    wanted = [(ONE, "two.example", *K12), (*BY_DOMAIN, *K12)][::order]
    async with Simulator(AT_ONCE, a_world()) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(rows(tmp_path, *wanted))
        assert_report_matches(told, simulator)
    assert ["conflict", "approved"][::order] == told.outcomes
    assert ["domain-differs", None][::order] == codes(told)
    assert [ONE] == sent_to(simulator)


@pytest.mark.parametrize("claimed", ["two.example", "one.example"])
async def test_rule_14_holds_also_where_nothing_has_to_be_sent(claimed: str, tmp_path: Path) -> None:
    """What the customer holds already is no reason to take a contradiction; a row by domain alone has none,
    and costs no further request."""
    world = a_world()
    world.customers[ONE].holds["Education"] = Held("Education", "Approved")
    async with Simulator(AT_ONCE, world) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(rows(tmp_path, (ONE, claimed, *K12)))
        agrees = claimed == "one.example"
        assert ["already_qualified" if agrees else "conflict"] == told.outcomes
        assert [None if agrees else "domain-differs"] == codes(told)
        before = simulator.books.total
        told = await Drive(tmp_path / "new", simulator.base_url)(rows(tmp_path, (*BY_DOMAIN, *K12)))
        assert (["already_qualified"], 2) == (told.outcomes, simulator.books.total - before)
        assert [] == sent_to(simulator)


def many(strange: int, sound: int) -> tuple[World, list[tuple[str, ...]]]:
    """Customers, and a row for each by its ID; beside that of ``strange`` ones stands a domain of nobody."""
    ids = [customer(n) for n in range(1, strange + sound + 1)]
    world = World.from_dict(
        {"customers": [{"id": one, "domain": f"t{n}.onmicrosoft.example"} for n, one in enumerate(ids)]}
    )
    wanted: list[tuple[str, ...]] = [
        (one, f"school{n}.example" if n < strange else f"t{n}.onmicrosoft.example", *K12)
        for n, one in enumerate(ids)
    ]
    return world, wanted


@pytest.mark.parametrize(
    ("strange", "sound", "told_of"),
    [
        pytest.param(1, 2, "customers.csv, C2: “school0.example” is", id="a row"),
        pytest.param(2, 1, "customers.csv: in 2 of 3 rows the domain is", id="most rows"),
    ],
)
async def test_rule_14_a_vanity_domain_beside_a_right_id_is_sent_with_a_warning(
    strange: int, sound: int, told_of: str, tmp_path: Path
) -> None:
    """Partner Center's own export has such domains beside the IDs: the ID counts. Under --strict the warning
    blocks, as any other about the input."""
    world, wanted = many(strange, sound)
    async with Simulator(AT_ONCE, world) as simulator:
        drive, sheet = Drive(tmp_path, simulator.base_url), rows(tmp_path, *wanted)
        strict = await drive(sheet, strict=True)
        assert (["not_attempted"] * 3, []) == (strict.outcomes, sent_to(simulator))
        told = await drive(sheet)
        assert_report_matches(told, simulator)
    assert ["approved"] * 3 == told.outcomes
    [notice] = [one for one in told.report.notices if one.code == "domain-of-nobody"]
    assert told_of in notice.sentence
    assert "of none of your customers" in notice.sentence


@pytest.mark.parametrize(
    ("strange", "sound", "filters", "pages"),
    [
        pytest.param(1, 0, 1, 0, id="one"),
        pytest.param(25, 25, 0, 1, id="fifty, of a customer list that is short"),
        pytest.param(60, 60, 0, 1, id="a hundred and twenty"),
    ],
)
async def test_rule_14_compares_many_domains_in_few_calls(
    strange: int, sound: int, filters: int, pages: int, tmp_path: Path
) -> None:
    """No call for each of them, and on the same day none at all, whatever the answers were."""
    world, wanted = many(strange, sound)
    async with Simulator(AT_ONCE, world) as simulator:
        drive, sheet = Drive(tmp_path, simulator.base_url), rows(tmp_path, *wanted)
        await drive(sheet, command="plan")
        assert filters + pages == lists(simulator)
        told = await drive(sheet)
        assert_report_matches(told, simulator)
        assert filters + pages == lists(simulator)
        assert [] == [entry for entry in simulator.books.log() if entry.path == "/v1/customers/{customer}"]
        assert ["approved"] * (strange + sound) == told.outcomes


async def test_rule_14_looks_up_nothing_for_rows_that_are_not_sent(tmp_path: Path) -> None:
    """What is settled, and what the sheet itself refuses, costs no call, on another day either."""
    wanted = [
        (ONE, "school.example", *K12),
        (TWO, "school.example", "Education", "K12"),
        (TWO, "school.example", "Education", "HigherEducation"),
    ]
    async with Simulator(AT_ONCE, a_world()) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(rows(tmp_path, (ONE, "", *K12)))
        told = await drive(rows(tmp_path, *wanted))
        assert (["approved", "conflict", "conflict"], 0) == (told.outcomes, lists(simulator))


@pytest.mark.parametrize(
    "refusal",
    ["customers=403/20002", "customers=500/0", "customers=403/900149"],
    ids=["refused", "broken", "all"],
)
async def test_rule_14_a_list_that_cannot_be_read_holds_up_no_row_by_id(refusal: str, tmp_path: Path) -> None:
    """A warning, and the rows are sent; under --strict too, for the input is not to blame."""
    settings = replace(AT_ONCE, refusals=(refusal,))
    async with Simulator(settings, a_world()) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(
            rows(tmp_path, (ONE, "school.example", *K12), (TWO, "one.example", *K12)),
            retry=TWO_TRIES,
            strict=True,
        )
        assert_report_matches(told, simulator)
    assert (["approved"] * 2, 0) == (told.outcomes, told.exit_code)
    assert ["domains-not-compared"] == [notice.code for notice in told.report.notices]


async def test_rule_14_a_duplicate_is_sent_in_place_of_a_first_row_with_a_wrong_domain(
    tmp_path: Path,
) -> None:
    """Its own domain is compared, too."""
    wanted = [(ONE, "two.example", *K12), (ONE, "one.example", *K12), (THREE, "two.example", "SOE")]
    async with Simulator(AT_ONCE, a_world()) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(rows(tmp_path, *wanted))
        assert_report_matches(told, simulator)
    assert ["conflict", "approved", "conflict"] == told.outcomes
    assert [ONE] == sent_to(simulator)


@pytest.mark.parametrize("name", [BY_ID, BY_DOMAIN], ids=["by ID", "by domain"])
async def test_a_sheet_with_nothing_left_to_write_needs_no_yes(name: tuple[str, str], tmp_path: Path) -> None:
    """Also where its customers are known by their domains alone, which the ledger remembers."""
    sheet = rows(tmp_path, (*name, *K12))
    async with Simulator(AT_ONCE, a_world()) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(sheet)
        assert ["approved"] == (await drive(sheet, yes=False)).outcomes
        with pytest.raises(UsageError, match="Up to 1 qualification would be submitted"):
            await drive(rows(tmp_path, (*name, *K12), ("", "two.example", *K12)), yes=False)


async def test_rule_14_a_row_by_domain_is_never_sent_to_a_customer_who_has_lost_the_domain(
    tmp_path: Path,
) -> None:
    """A look-up is remembered for a day, and the domain is compared once more before the submission. The next
    run looks it up again and finds its new owner."""
    world = a_world()
    sheet = rows(tmp_path, (*BY_DOMAIN, *K12))
    async with Simulator(AT_ONCE, world) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(sheet, command="plan")
        world.customers[ONE].domain, world.customers[TWO].domain = "old.example", "one.example"
        told = await drive(sheet)
        assert (["conflict"], ["domain-moved"]) == (told.outcomes, codes(told))
        assert "Run again" in told.rows[0]["what_to_do"]
        assert [] == sent_to(simulator)
        told = await drive(sheet)
        assert_report_matches(told, simulator)
    assert (["approved"], [TWO]) == (told.outcomes, [row["customer_id"] for row in told.rows])
    assert [TWO] == sent_to(simulator)


async def test_a_domain_is_one_customers_or_the_row_is_invalid(tmp_path: Path) -> None:
    """A domain that only begins so, that nobody has, or that two have; the sound row goes on, and the report
    has every row with the user's own cells."""
    four, five = customer(4), customer(5)
    world = a_world(**{four: "twice.example", five: "twice.example"})
    wanted = [
        ("", domain, "SOE") for domain in ("one.exam", "nobody.example", "twice.example", "Two.Example")
    ]
    async with Simulator(AT_ONCE, world) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        told = await drive(
            rows(tmp_path, *wanted), report=[str(tmp_path / "r.json"), str(tmp_path / "r.csv")]
        )
        assert_report_matches(told, simulator)
    assert ["invalid", "invalid", "invalid", "approved"] == told.outcomes
    assert ["unknown-domain", "unknown-domain", "ambiguous-domain", None] == codes(told)
    assert (["", "", "", TWO], 3) == ([row["customer_id"] for row in told.rows], told.exit_code)
    assert [TWO] == sent_to(simulator)
    assert "customers.csv, C4: " in told.rows[2]["error_message"]
    assert all(one in told.rows[2]["error_message"] for one in (four, five))
    assert "Correct cell C4 of customers.csv, then run again." == told.rows[2]["what_to_do"]
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
        [*_, last] = csv.reader(file)
    assert ["mine", "", "Two.Example", "SOE"] == last[:4]


async def test_the_partners_own_domain_is_never_a_customers(tmp_path: Path) -> None:
    """Even if its list should name it."""
    async with Simulator(AT_ONCE, a_world()) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(rows(tmp_path, (*BY_DOMAIN, "SOE")), tenant_id=ONE)
    assert (["invalid"], ["partner-tenant"]) == (told.outcomes, codes(told))
    assert [] == sent_to(simulator)


@pytest.mark.parametrize("told", ["m\u00fcnchen.example", "xn--mnchen-3ya.example"])
async def test_one_domain_in_several_spellings_is_one(told: str, tmp_path: Path) -> None:
    """In letters, with the accent apart, or encoded, on either side."""
    spellings = ["m\u00fcnchen.example", "mu\u0308nchen.example", "XN--MNCHEN-3YA.example"]
    world = World.from_dict(
        {"customers": [{"id": ONE, "domain": told}, {"id": TWO, "domain": "two.example"}]}
    )
    wanted = [*(("", one, *K12) for one in spellings), (ONE, spellings[2], "SOE"), ("", "two.example", "SOE")]
    async with Simulator(AT_ONCE, world) as simulator:
        result = await Drive(tmp_path, simulator.base_url)(rows(tmp_path, *wanted))
        assert_report_matches(result, simulator)
    assert ["approved", "duplicate", "duplicate", "approved", "approved"] == result.outcomes
    assert [ONE, ONE, TWO] == sorted(sent_to(simulator))


async def test_look_ups_are_few_and_remembered(tmp_path: Path) -> None:
    """Three domains in one page of customers cost one request, and none in the next run."""
    wanted = [("", domain, "SOE") for domain in DOMAINS.values()]
    async with Simulator(AT_ONCE, a_world()) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        first = await drive(rows(tmp_path, *wanted))
        second = await drive(rows(tmp_path, *wanted))
        assert 1 == lists(simulator)
        assert simulator.books.total == sum(
            told.document["requests"][name] for told in (first, second) for name in ("get", "post")
        )
    assert ["approved"] * 3 == first.outcomes == second.outcomes
    assert 0 == second.document["requests"]["post"]


async def test_a_filter_that_fails_gives_way_to_the_whole_list(tmp_path: Path) -> None:
    """Pages and all."""
    async with Simulator(replace(AT_ONCE, filter_fails=True), a_world()) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(
            rows(tmp_path, ("", "two.example", "SOE")), retry=TWO_TRIES
        )
    assert (["approved"], [TWO]) == (told.outcomes, sent_to(simulator))
    assert 2 + 1 == lists(simulator)


async def test_a_list_that_cannot_be_read_fails_its_rows_and_no_others(tmp_path: Path) -> None:
    """As any look whose retries ran out: attention, exit code 3, and the next run sends them."""
    sheet = rows(tmp_path, (*BY_DOMAIN, "SOE"), (TWO, "", "SOE"), (*BY_DOMAIN, "SOE"))
    async with Simulator(replace(AT_ONCE, refusals=("customers=500/0",)), a_world()) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(sheet, retry=TWO_TRIES)
        assert_report_matches(told, simulator)
    assert (["failed", "approved", "duplicate"], 3) == (told.outcomes, told.exit_code)
    assert "lookup-failed" == codes(told)[0]
    assert [TWO] == sent_to(simulator)
    assert "run again" in told.rows[0]["what_to_do"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param({"refusals": ("customers=403/900149",)}, (13, "stopped"), id="refused as a whole"),
        pytest.param({"tokens": frozenset({"another"})}, (12, "sign-in"), id="sign-in lost"),
    ],
)
async def test_what_stops_the_run_stops_it_at_the_look_up(
    settings: dict[str, object], expected: tuple[int, str], tmp_path: Path
) -> None:
    """Nothing is sent, nothing more is asked, and the report has every row."""
    async with Simulator(SimulatorSettings(**settings), a_world()) as simulator:  # type: ignore[arg-type] # names are settings of the simulator
        told = await Drive(tmp_path, simulator.base_url)(
            rows(tmp_path, (*BY_DOMAIN, "SOE"), (TWO, "", "SOE"))
        )
    assert ["not_attempted"] * 2 == told.outcomes
    assert (expected[0], [expected[1]] * 2) == (told.exit_code, codes(told))
    assert told.document["error"]
    assert [] == looks(simulator)


async def test_an_interruption_at_the_look_up_is_reported(tmp_path: Path) -> None:
    """130, and every row not attempted."""
    stop = StopSwitch()
    stop.press()
    async with Simulator(AT_ONCE, a_world()) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(
            rows(tmp_path, (*BY_DOMAIN, "SOE"), (TWO, "", "SOE")), stop=stop
        )
    assert (130, ["not_attempted"] * 2) == (told.exit_code, told.outcomes)
    assert ["interrupted"] * 2 == codes(told)
    assert 0 == simulator.books.total


async def test_without_a_sign_in_the_rows_say_what_the_ledger_knows(tmp_path: Path) -> None:
    """A row by domain that was submitted today still shows as approved; another one was not attempted."""
    async with Simulator(AT_ONCE, a_world()) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(rows(tmp_path, (*BY_DOMAIN, "SOE")))
        drive.token = ""
        told = await drive(rows(tmp_path, (*BY_DOMAIN, "SOE"), ("", "two.example", "SOE")))
    assert (12, ["approved", "not_attempted"]) == (told.exit_code, told.outcomes)
    assert [None, "sign-in"] == codes(told)


async def test_a_plan_looks_up_and_sends_nothing(tmp_path: Path) -> None:
    """It tells whom a run would write to."""
    async with Simulator(AT_ONCE, a_world()) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(
            rows(tmp_path, (*BY_DOMAIN, *K12), ("", "nobody.example", *K12)), command="plan"
        )
    assert (["not_attempted", "invalid"], [ONE, ""]) == (
        told.outcomes,
        [row["customer_id"] for row in told.rows],
    )
    assert "would-be-sent" == codes(told)[0]
    assert [] == sent_to(simulator)


async def test_the_report_again_names_the_customers(tmp_path: Path) -> None:
    """As the run stored them, with the user's own columns unharmed."""
    async with Simulator(AT_ONCE, a_world()) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        told = await drive(rows(tmp_path, (*BY_DOMAIN, "SOE"), ("", "nobody.example", "SOE")))
    again = report_again(drive.settings())
    assert list(told.report.rows) == list(again.rows)
    assert [ONE, ""] == [result.row.customer_id for result in again.rows]
    assert ["ONE.example", "nobody.example"] == [result.row.values[2] for result in again.rows]


async def test_no_call_ever_names_nobody(tmp_path: Path) -> None:
    """Every call for a customer has one, in a sheet of everything that can happen to a row by domain."""
    wanted = [("", domain, wish) for domain in ("one.example", "nobody.example") for wish in ("SOE", "SOE")]
    async with Simulator(AT_ONCE, a_world()) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(rows(tmp_path, *wanted))
        log = list(simulator.books.log())
        assert {ONE} == {entry.customer for entry in log if "{" in entry.path or entry.customer}
        assert {"/v1/customers"} == {entry.path for entry in log if not entry.customer}
    with read_only(drive.ledger) as view:
        assert [ONE] == [record.customer_id for record in view.records(simulator.base_url, "")]

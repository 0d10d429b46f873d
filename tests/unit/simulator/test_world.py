"""The world: what stands in its file, and what a reader sees when."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from batchqual.simulator import Code, Customer, Holding, Sight, Verdict, World
from batchqual.simulator.bodies import Wish
from batchqual.simulator.rules import Rules
from batchqual.simulator.vetting import Vetting

ID = "00000000-0000-4000-8000-000000000001"


class Clock:
    """A clock that stands until it is told."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def vetting(denial_rate: float = 0.0, delay: float = 10.0, denied_shown: float = 1e9) -> Vetting:
    return Vetting(1, denial_rate, (delay, delay), (5.0, 5.0), denied_shown)


def submit(world: World, office: Vetting, qualification: str = "Education", lag: float = 0.0) -> Customer:
    customer = world.customers[ID]
    wish = Wish(qualification, "camel", code="1")
    world.accept(customer, office.holding(customer, wish, world.clock(), at_once=False, lag=lag))
    return customer


def test_a_review_ends_by_itself() -> None:
    """In review until the delay is over, then the verdict: the clock alone decides."""
    clock = Clock()
    customer = submit(World([Customer(ID)], clock=clock), vetting())
    assert [Sight("Education", "InReview", None, clock.now)] == customer.sights(clock.now, lagging=True)
    assert "Approved" == customer.sights(clock.now + 10, lagging=True)[0].status


def test_a_lagging_read_shows_what_was_before() -> None:
    """While reads lag behind a second submission they show the denial before it."""
    clock = Clock()
    world = World([Customer(ID)], clock=clock)
    submit(world, vetting(denial_rate=1, delay=0))
    customer = submit(world, vetting(), lag=3)
    assert ["Denied"] == [one.status for one in customer.sights(clock.now + 2, lagging=True)]
    assert ["InReview"] == [one.status for one in customer.sights(clock.now + 2, lagging=False)]
    assert ["InReview"] == [one.status for one in customer.sights(clock.now + 3, lagging=True)]
    assert 2 == customer.attempts


def test_a_denial_can_vanish() -> None:
    """With denied_shown the entry is gone some seconds after the verdict."""
    clock = Clock()
    office = vetting(denial_rate=1, delay=0, denied_shown=4)
    customer = submit(World([Customer(ID)], clock=clock), office)
    assert 1 == len(customer.sights(clock.now + 3, lagging=True))
    assert [] == customer.sights(clock.now + 4, lagging=True)


def test_verdicts_do_not_depend_on_the_order_of_calls() -> None:
    """The same customer gets the same verdict, reason and delay, whoever was asked before."""
    office = Vetting(7, 0.5, (1.0, 9.0), (0.0, 0.0))
    people = [Customer(f"00000000-0000-4000-8000-{n:012x}") for n in range(300)]
    there = [office.judge(one, "Education", 1) for one in people]
    back = [office.judge(one, "Education", 1) for one in reversed(people)]
    assert there == back[::-1]
    denied = [verdict for verdict in there if verdict.status == "Denied"]
    assert 100 < len(denied) < 200
    assert 7 == len({verdict.reason for verdict in denied})
    assert all(1 <= (verdict.delay or 0) <= 9 for verdict in there)


def test_pinned_verdicts_win() -> None:
    """A population can say how a vetting ends, and when; without a delay the settings' delay holds."""
    customer = Customer(
        ID, verdicts={"Education": Verdict("Denied", "r", 3.0), "StateOwnedEntity": Verdict("X")}
    )
    office = vetting()
    assert Verdict("Denied", "r", 3.0) == office.judge(customer, "Education", 1)
    assert Verdict(None, None, 0.0) == office.judge(customer, "StateOwnedEntity", 1)
    customer.verdicts["GovernmentCommunityCloud"] = Verdict("Denied", "r")
    assert Verdict("Denied", "r", 5.0) == office.judge(customer, "GovernmentCommunityCloud", 1)


def test_gcc_and_state_owned_entities_are_never_denied_by_chance() -> None:
    """A denial rate of 1 is about Education."""
    office = vetting(denial_rate=1)
    assert "Approved" == office.judge(Customer(ID), "GovernmentCommunityCloud", 1).status
    assert None is office.judge(Customer(ID), "StateOwnedEntity", 1).status


def test_an_accepted_gcc_takes_a_create() -> None:
    """A known quota sinks, an untold one stays untold."""
    world = World([Customer(ID)], [Code("1", max=2, remaining=2)])
    submit(world, vetting(), "GovernmentCommunityCloud")
    assert 1 == world.codes["1"].remaining
    world.codes["1"].remaining = None
    submit(world, vetting(), "GovernmentCommunityCloud")
    assert None is world.codes["1"].remaining


def test_an_untold_quota_never_runs_out() -> None:
    """A code whose remainingCreates is null is good."""
    world = World([Customer(ID)], [Code("1", max=None, remaining=None)])
    wish = Wish("GovernmentCommunityCloud", "camel", code="1")
    assert None is Rules(True, 400, 3).refusal(world, world.customers[ID], wish, synchronous=False)


def test_tests_may_rewrite_the_world() -> None:
    """`tell` and `forget` change what a customer shows; a new customer is taken in."""
    world = World()
    world.tell(ID, "Education", "Denied", "No longer an Education Customer")
    assert ["Denied"] == [one.status for one in world.customers[ID].sights(world.clock(), lagging=True)]
    world.forget(ID, "Education")
    assert [] == world.customers[ID].sights(world.clock(), lagging=True)
    assert 3 == world.version


FILE = {
    "codes": [{"code": "0123"}, {"code": "9", "organization": "Town", "max": None, "remaining": None}],
    "customers": [
        {"id": ID.upper()},
        {
            "id": ID.replace("1", "2"),
            "name": "Contoso School",
            "domain": "contoso.example",
            "relation": "foreign",
            "attempts": 2,
            "holds": [
                {"qualification": "education", "status": "Denied", "reason": "r", "settles_in": 5},
                {"qualification": "StateOwnedEntity"},
            ],
            "verdicts": {"Education": {"status": "Denied", "reason": "r", "delay": 2}},
            "refuse": {"status": 403, "code": "800073"},
        },
    ],
}


def test_a_population_file() -> None:
    """All of the format, with its defaults."""
    clock = Clock()
    world = World.from_dict(FILE, clock=clock)
    assert [Code("0123"), Code("9", "Town", None, None)] == list(world.codes.values())
    plain, rich = world
    assert Customer(ID) == plain
    assert ("foreign", 2, (403, "800073")) == (rich.relation, rich.attempts, rich.refuse)
    assert Verdict("Denied", "r", 2) == rich.verdicts["Education"]
    assert Holding("Education", "Denied", "r", clock.now, clock.now + 5) == rich.holds["Education"]
    assert None is rich.holds["StateOwnedEntity"].status


def test_a_world_survives_its_file(tmp_path: Path) -> None:
    """What is written can be read, and says the same again."""
    world = World.from_dict(FILE)
    world.customers[ID].holds["Education"] = Holding(
        "Education", "Denied", gone_from=5e9, code="1", segment="K12"
    )
    path = tmp_path / "world.json"
    path.write_text(json.dumps(world.to_dict()), encoding="utf-8")
    assert world.to_dict() == World.from_file(path).to_dict()
    assert 5e9 == World.from_file(path).customers[ID].holds["Education"].gone_from


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param([], "the world must be an object, not list", id="list"),
        pytest.param({"people": []}, "unknown key 'people'; known are codes, customers", id="key"),
        pytest.param({"codes": {}}, "codes must be a list", id="codes"),
        pytest.param({"codes": [{}]}, r"codes\[0\]\.code is missing", id="code"),
        pytest.param({"codes": [{"code": 1}]}, r"codes\[0\]\.code must be text, not 1", id="code-number"),
        pytest.param({"codes": [{"code": "1", "max": "2"}]}, r"codes\[0\]\.max must be a number", id="max"),
        pytest.param({"customers": [{"id": "x"}]}, r"customers\[0\]\.id must be a GUID", id="id"),
        pytest.param(
            {"customers": [{"id": ID, "relation": "own?"}]}, "relation must be own, foreign", id="relation"
        ),
        pytest.param(
            {"customers": [{"id": ID, "holds": [{"qualification": "X"}]}]},
            "unknown qualification",
            id="holds",
        ),
        pytest.param(
            {"customers": [{"id": ID, "verdicts": {"X": {}}}]}, "unknown qualification 'X'", id="verdict"
        ),
    ],
)
def test_a_wrong_population_file_says_where(data: object, words: str) -> None:
    """The error names the place and what was expected."""
    with pytest.raises(ValueError, match=words):
        World.from_dict(data)


@pytest.mark.parametrize("text", ["{", '{"codes": 1}'], ids=["not-json", "wrong"])
def test_a_wrong_file_is_named(tmp_path: Path, text: str) -> None:
    """The error of a file begins with its path."""
    path = tmp_path / "world.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"world\.json: "):
        World.from_file(path)

"""The world that is invented around a spreadsheet."""

from __future__ import annotations

import pytest

from batchqual.simulator import Code, Customer, Person, World, population_for


def people(count: int) -> list[Person]:
    return [
        Person(f"00000000-0000-4000-8000-{n:012x}", f"contoso{n}.example", f"Contoso {n}")
        for n in range(count)
    ]


def characters(world: World) -> dict[str, int]:
    def character(one: Customer) -> str:
        if one.relation != "own":
            return one.relation
        return "qualified" if one.holds else str(one.verdicts["Education"].status)

    found: dict[str, int] = {}
    for one in world:
        found[character(one)] = found.get(character(one), 0) + 1
    return found


def test_the_show_is_varied() -> None:
    """Of 200 customers 2 are unknown, 2 foreign, 6 qualified already and 16 denied."""
    expected = {"unknown": 2, "foreign": 2, "qualified": 6, "Denied": 16, "Approved": 174}
    assert expected == characters(population_for(people(200), {}))


def test_a_small_sheet_has_one_of_each() -> None:
    """From ten customers on each character is there."""
    assert {"unknown": 1, "foreign": 1, "qualified": 1, "Denied": 1, "Approved": 6} == characters(
        population_for(people(10), {})
    )


def test_a_handful_is_approved() -> None:
    """Fewer than ten customers are too few for a show."""
    assert {"Approved": 9} == characters(population_for(people(9), {}))


def test_the_same_seed_casts_the_same_people() -> None:
    """Who plays what follows from seed and ids, not from the order of rows."""
    cast = population_for(people(50), {}, 3).customers
    again = population_for(reversed(people(50)), {}, 3).customers
    assert {k: (v.relation, v.verdicts) for k, v in cast.items()} == {
        k: (v.relation, v.verdicts) for k, v in again.items()
    }


def test_codes_have_enough_creates() -> None:
    """Each code of the sheet exists, with as many creates as rows ask for, and two more."""
    assert [Code("0123", remaining=7, max=7)] == list(population_for([], {"0123": 5}).codes.values())


def test_a_customer_of_two_rows_is_one_customer() -> None:
    """Wishes are joined; words that name no qualification are left out."""
    ident = "00000000-0000-4000-8000-00000000000a"
    world = population_for(
        [
            Person(ident.upper(), "", "Contoso", ("StateOwnedEntity",)),
            Person(ident, "contoso.example", "", ("education", "Learning")),
        ],
        {},
    )
    assert [(ident, "Contoso", "contoso.example")] == [(one.id, one.name, one.domain) for one in world]


def test_a_row_that_is_known_by_its_domain_gets_an_id() -> None:
    """The id is made from the domain, the same in any case; names are invented where they are missing."""
    (upper,) = population_for([Person("", "CONTOSO.example")], {})
    (lower,) = population_for([Person("", "contoso.example")], {})
    assert (upper.id, True) == (lower.id, lower.name.startswith("Contoso "))


def test_people_without_wishes_can_hold_nothing() -> None:
    """The already qualified and the denied are drawn among those whose wish allows it."""
    states = [person._replace(qualifications=("StateOwnedEntity",)) for person in people(20)]
    world = population_for(states, {})
    assert [None] == [hold.status for one in world for hold in one.holds.values()]
    assert {"unknown": 1, "foreign": 1, "Approved": 18} == characters(
        population_for([person._replace(qualifications=()) for person in people(20)], {})
    )


def test_an_id_that_is_no_guid_is_refused() -> None:
    """Rows that cannot be sent are not the simulator's business."""
    with pytest.raises(ValueError, match="'x' is not a GUID"):
        population_for([Person("x")], {})

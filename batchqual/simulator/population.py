"""Invents a world around the customers of a spreadsheet, so that a rehearsal has something to show."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, NamedTuple

from .chance import fraction, invented_guid
from .names import APPROVED, DENIED, EDUCATION, GCC, SOE, canonical, is_guid
from .people import Code, Customer, Holding, Verdict
from .vetting import reason_for
from .world import World

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Parts of the customers who get a character of their own; at least one of each from `ENOUGH` customers on.
SHARES: Final = {"unknown": 0.01, "foreign": 0.01, "qualified": 0.03, "denied": 0.08}
ENOUGH: Final = 10
#: How long ago, in seconds, an already qualified customer was approved.
_LONG_AGO: Final = 90 * 86_400.0


class Person(NamedTuple):
    """A customer of the sheet. A row without an id is known by its domain, and gets an id that is made
    from it."""

    id: str
    domain: str = ""
    name: str = ""
    qualifications: tuple[str, ...] = (EDUCATION,)


def population_for(people: Iterable[Person], codes: Mapping[str, int], seed: int = 1) -> World:
    """A world with these customers in it and each validation code with creates for the rows that ask for it,
    and two more.

    Most are approved. By the hash of their ids 8 % of those that ask for Education are denied, 3 % hold
    what they ask for, 1 % belong to another partner (403) and 1 % to nobody (404). With fewer than ten
    customers all are approved. `people` may name a customer twice: its wishes are joined.
    """
    customers = _joined(people, seed)
    ranked = sorted(customers.values(), key=lambda one: fraction(seed, one.id, "rank"))
    characters = _characters(ranked)
    now = time.time()
    return World(
        [_customer(one, characters.get(one.id, ""), seed, now) for one in customers.values()],
        [Code(code, "Contoso City Hall", count + 2, count + 2) for code, count in codes.items()],
    )


def _joined(people: Iterable[Person], seed: int) -> dict[str, Person]:
    joined: dict[str, Person] = {}
    for person in people:
        ident = person.id.lower() or invented_guid(seed, person.domain.casefold())
        if not is_guid(ident):
            raise ValueError(f"{person.id!r} is not a GUID")
        known = joined.get(ident, Person(ident, qualifications=()))
        wishes = filter(None, map(canonical, person.qualifications))
        joined[ident] = Person(
            ident,
            known.domain or person.domain,
            known.name or person.name,
            tuple(dict.fromkeys((*known.qualifications, *wishes))),
        )
    return joined


def _characters(ranked: list[Person]) -> dict[str, str]:
    characters: dict[str, str] = {}
    if len(ranked) < ENOUGH:
        return characters
    for character, share in SHARES.items():
        fit = (one for one in ranked if one.id not in characters and _fits(one, character))
        for _, one in zip(range(max(1, int(len(ranked) * share))), fit, strict=False):
            characters[one.id] = character
    return characters


def _fits(person: Person, character: str) -> bool:
    if character == "denied":
        return EDUCATION in person.qualifications
    return bool(person.qualifications) or character != "qualified"


def _customer(person: Person, character: str, seed: int, now: float) -> Customer:
    number = int(fraction(seed, person.id, "name") * 1_000_000)
    customer = Customer(
        person.id,
        person.name or f"Contoso {number:06d}",
        person.domain or f"contoso{number:06d}.onmicrosoft.example",
    )
    if character in {"unknown", "foreign"}:
        customer.relation = "unknown" if character == "unknown" else "foreign"
    elif character == "qualified":
        wish = person.qualifications[0]
        customer.holds[wish] = Holding(wish, None if wish == SOE else APPROVED, created=now - _LONG_AGO)
    customer.verdicts = {EDUCATION: _education(person, character, seed), GCC: Verdict(APPROVED)}
    return customer


def _education(person: Person, character: str, seed: int) -> Verdict:
    if character == "denied":
        return Verdict(DENIED, reason_for(seed, person.id))
    return Verdict(APPROVED)

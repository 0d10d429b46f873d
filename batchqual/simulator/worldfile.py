"""The population file (`--world`), which is also what `--state` keeps. One JSON object:

    {"codes": [{"code": "123456", "organization": "Contoso City Hall", "max": 5, "remaining": 4}],
     "customers": [{"id": "00000000-0000-4000-8000-000000000001", "name": "Contoso School",
                   "domain": "contoso.example", "relation": "own", "attempts": 0,
                   "holds": [{"qualification": "Education", "status": "Approved"}],
                   "verdicts": {"Education": {"status": "Denied", "reason": "Not an Academic Domain",
                                              "delay": 2}},
                   "refuse": {"status": 403, "code": "800073"}}]}

Only `id` and `code` are needed. `relation`: own, foreign (403) or unknown (404). `attempts`: Education
requests used. `holds`: what stands there at the start; `status` is how it ends, `settles_in` (seconds from
the start) how long it is in review, `reason` goes with Denied. `verdicts` pins the end of a vetting that
is still to come, `refuse` fails each write. `max` and `remaining` may be null: a quota that the service
does not tell. State files add `created`, `settles`, `seen_from`, `gone_from` (seconds since 1970),
`segment`, `website` and `validation_code` to a holding.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING

from .names import canonical, is_guid
from .people import Code, Customer, Holding, Verdict
from .reading import count, maybe_number, maybe_text, number, only, rows, table, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .people import Relation
    from .reading import Tree

_TOP = frozenset({"codes", "customers"})
_CODE = frozenset({"code", "organization", "max", "remaining"})
_CUSTOMER = frozenset({"id", "name", "domain", "relation", "attempts", "holds", "verdicts", "refuse"})
_TIMES = frozenset({"settles_in", "created", "settles", "seen_from", "gone_from"})
_HOLDING = _TIMES | {"qualification", "status", "reason", "segment", "website", "validation_code"}
_VERDICT = frozenset({"status", "reason", "delay"})
_RELATIONS: dict[str, Relation] = {"own": "own", "foreign": "foreign", "unknown": "unknown"}


def customers_and_codes(data: object, now: float) -> tuple[list[Customer], list[Code]]:
    """Reads the format above; `now` is what `settles_in` counts from. Raises ValueError saying what is
    wrong, where."""
    tree = table(data, "the world")
    only(tree, _TOP, "the world")
    people = rows(tree.get("customers"), "customers")
    codes = rows(tree.get("codes"), "codes")
    return (
        [_customer(item, f"customers[{place}]", now) for place, item in enumerate(people)],
        [_code(item, f"codes[{place}]") for place, item in enumerate(codes)],
    )


def as_dict(customers: Iterable[Customer], codes: Iterable[Code]) -> dict[str, object]:
    """The same format, complete, ready for `json.dumps`."""
    return {
        "codes": [asdict(code) for code in codes],
        "customers": [_customer_dict(one) for one in customers],
    }


def _code(item: object, where: str) -> Code:
    tree = table(item, where)
    only(tree, _CODE, where)
    code = text(tree, "code", where)
    if not code:
        raise ValueError(f"{where}.code is missing")
    limit = count(tree, "max", where, 10)
    return Code(
        code,
        text(tree, "organization", where, "Contoso City Hall"),
        limit,
        count(tree, "remaining", where, limit),
    )


def _customer(item: object, where: str, now: float) -> Customer:
    tree = table(item, where)
    only(tree, _CUSTOMER, where)
    ident = text(tree, "id", where).lower()
    if not is_guid(ident):
        raise ValueError(f"{where}.id must be a GUID, not {ident!r}")
    relation = _RELATIONS.get(text(tree, "relation", where, "own"))
    if relation is None:
        raise ValueError(f"{where}.relation must be own, foreign or unknown")
    held = [
        _holding(hold, f"{where}.holds[{place}]", now)
        for place, hold in enumerate(rows(tree.get("holds"), where))
    ]
    pinned = table(tree.get("verdicts", {}), f"{where}.verdicts")
    return Customer(
        ident,
        text(tree, "name", where),
        text(tree, "domain", where),
        relation,
        count(tree, "attempts", where, 0) or 0,
        {holding.qualification: holding for holding in held},
        {_name(key, where): _verdict(value, f"{where}.verdicts.{key}") for key, value in pinned.items()},
        _refusal(tree.get("refuse"), f"{where}.refuse"),
    )


def _name(value: str, where: str) -> str:
    name = canonical(value)
    if name is None:
        raise ValueError(f"{where} names an unknown qualification {value!r}")
    return name


def _holding(item: object, where: str, now: float) -> Holding:
    tree = table(item, where)
    only(tree, _HOLDING, where)
    soon = maybe_number(tree, "settles_in", where)
    settles = number(tree, "settles", where, 0.0) if soon is None else now + soon
    return Holding(
        _name(text(tree, "qualification", where), where),
        maybe_text(tree, "status", where),
        maybe_text(tree, "reason", where),
        number(tree, "created", where, now),
        settles,
        number(tree, "seen_from", where, 0.0),
        number(tree, "gone_from", where, math.inf),
        maybe_text(tree, "segment", where),
        maybe_text(tree, "website", where),
        maybe_text(tree, "validation_code", where),
    )


def _verdict(item: object, where: str) -> Verdict:
    tree = table(item, where)
    only(tree, _VERDICT, where)
    return Verdict(
        maybe_text(tree, "status", where),
        maybe_text(tree, "reason", where),
        maybe_number(tree, "delay", where),
    )


def _refusal(item: object, where: str) -> tuple[int, str] | None:
    if item is None:
        return None
    tree: Tree = table(item, where)
    return count(tree, "status", where, 400) or 400, text(tree, "code", where)


def _customer_dict(customer: Customer) -> dict[str, object]:
    held = [_holding_dict(holding) for holding in customer.holds.values()]
    pinned = {name: verdict._asdict() for name, verdict in customer.verdicts.items()}
    refuse = None if customer.refuse is None else dict(zip(("status", "code"), customer.refuse, strict=True))
    everything = {
        "id": customer.id,
        "name": customer.name,
        "domain": customer.domain,
        "relation": customer.relation,
        "attempts": customer.attempts,
        "holds": held,
        "verdicts": pinned,
        "refuse": refuse,
    }
    return {key: value for key, value in everything.items() if key == "id" or value}


def _holding_dict(holding: Holding) -> dict[str, object]:
    everything: dict[str, object] = {
        "qualification": holding.qualification,
        "status": holding.status,
        "reason": holding.reason,
        "created": holding.created,
        "settles": holding.settles,
        "seen_from": holding.seen_from,
        "gone_from": None if math.isinf(holding.gone_from) else holding.gone_from,
        "segment": holding.segment,
        "website": holding.website,
        "validation_code": holding.code,
    }
    return {key: value for key, value in everything.items() if value is not None}

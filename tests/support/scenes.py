"""The scenes in which the crash suite attacks `run`, but for those of signing in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from support.attack import Attack, Scene
from support.sheets import customer

from batchqual.ledger.schema import APPLICATION_ID, MIGRATIONS
from batchqual.simulator import Fault, Faults, SimulatorSettings, World

__all__ = ["APPROVED", "SCENES", "SERVICE", "old_ledger", "old_world", "school_scene", "sheet_scene"]

CODE, OTHER_CODE = "0739184620517", "0551840273966"
DOMAIN = "school.contoso.example"
EDU, HIGHER, GCC, SOE = ("Education", "K12"), ("Education", "HigherEducation"), ("GCC", "", CODE), ("SOE",)
APPROVED = "approved"
#: Nobody here knows a request ID again: what comes twice is taken twice.
SERVICE = SimulatorSettings(denial_rate=0, vetting_delay=(0.0, 0.1), latency=(0.002, 0.01), deduplicate=False)


def _world(domain_of: int = 91) -> World:
    """Somebody who is qualified already, somebody with a domain, and a code with no create to spare."""
    held = {"id": customer(90), "holds": [{"qualification": "Education", "status": "Approved"}]}
    known = {"id": customer(domain_of), "domain": DOMAIN}
    return World.from_dict({"customers": [held, known], "codes": [{"code": CODE, "max": 2, "remaining": 2}]})


def sheet_scene(name: str, count: int = 2, **more: Any) -> Scene:
    """Schools, cities with a code, one with SOE besides, a row by its domain, and rows that are not sent."""
    schools = range(1, count + 1)
    rows = (
        *((customer(number), *(EDU if number % 2 else HIGHER)) for number in schools),
        (customer(80), *SOE),
        (customer(80), *GCC),
        (customer(81), *GCC),
        ("", *EDU, "", DOMAIN),
        (customer(90), *EDU),
        (customer(1), *EDU),
        ("no-id", *EDU),
    )
    accepted = {(customer(number), "Education"): 1 for number in (*schools, 91)}
    accepted |= {(customer(80), "GCC"): 1, (customer(80), "SOE"): 1, (customer(81), "GCC"): 1}
    outcomes = (*[APPROVED] * (count + 4), "already_qualified", "duplicate", "invalid")
    return replace(Scene(name, rows, accepted, outcomes, SERVICE, _world), **more)


def _two_codes() -> World:
    """Each has as many creates as there are cities for it."""
    codes = [{"code": CODE, "max": 2, "remaining": 2}, {"code": OTHER_CODE, "max": 1, "remaining": 1}]
    return World.from_dict({"customers": [], "codes": codes})


def city_scene(name: str, **more: Any) -> Scene:
    """Cities alone, with two codes."""
    rows = tuple((customer(number), *GCC[:2], CODE if number < 83 else OTHER_CODE) for number in (81, 82, 83))
    accepted = {(row[0], "GCC"): 1 for row in rows}
    return replace(Scene(name, rows, accepted, (APPROVED,) * 3, SERVICE, _two_codes), **more)


def school_scene(name: str, *numbers: int, **more: Any) -> Scene:
    """Schools alone, two unless they are named."""
    numbers = numbers or (1, 2)
    rows = tuple((customer(number), *EDU) for number in numbers)
    accepted = {(customer(number), "Education"): 1 for number in numbers}
    return replace(Scene(name, rows, accepted, (APPROVED,) * len(numbers), SERVICE), **more)


async def _deny(attack: Attack) -> None:
    """Everybody has been denied once."""
    await attack.serve(replace(SERVICE, denial_rate=1.0))
    await attack.run()
    await attack.serve(SERVICE)
    attack.count_from_here()


async def _wear_out(attack: Attack) -> None:
    """Three sends of each row were lost before they arrived."""
    attack.simulator.inject(*(Fault.RESET_BEFORE,) * 3 * len(attack.rows), scope="writes")
    await attack.run()


async def _enrol_only(attack: Attack) -> None:
    """A first run has sent nothing, of another content."""
    attack.rows = tuple((row[0], *HIGHER) for row in attack.scene.rows)
    await attack.run(options={"first": "0"})
    attack.rows = attack.scene.rows


async def _move_domain(attack: Attack) -> None:
    """The domain was looked up, and has moved since."""
    await attack.run(options={"first": "0"})
    attack.world.customers[customer(91)].domain = "elsewhere.contoso.example"
    attack.world.customers[customer(92)].domain = DOMAIN


def _two_schools() -> World:
    return World.from_dict(
        {
            "customers": [
                {"id": customer(91), "domain": DOMAIN},
                {"id": customer(92), "domain": "other.example"},
            ]
        }
    )


async def _approve(attack: Attack) -> None:
    """Everybody has been approved; then of three grants the service takes two away."""
    await attack.run()
    denied = World.from_dict(
        {"customers": [{"id": customer(2), "holds": [{"qualification": "Education", "status": "Denied"}]}]}
    )
    attack.world.customers[customer(1)].holds.clear()
    attack.world.customers[customer(2)].holds = denied.customers[customer(2)].holds


async def _drop(attack: Attack) -> None:
    """Everybody has been seen in review; then the service forgets that they were."""
    await attack.serve(replace(SERVICE, vetting_delay=(600.0, 600.0)))
    await attack.run(options={"wait": "0"})
    await attack.run(options={"wait": "1s"})
    for number in (1, 2):
        attack.world.customers[customer(number)].holds.clear()


def _denied_world() -> World:
    """Somebody else has asked before us, in vain."""
    held = [{"qualification": "Education", "status": "Denied"}]
    return World.from_dict({"customers": [{"id": customer(number), "holds": held} for number in (1, 2)]})


#: A request as the first version of the ledger stored it, and a move of it.
_OLD_REQUEST = """
INSERT INTO request (
    revision, origin, partner, customer_id, qualification, segment, state, adopted, sends, answered_sends,
    enrolled_at, changed_at, polls, source, row, row_json, change
) VALUES (1, ?, '', ?, 'Education', 'K12', 'queued', 0, 0, 0, ?, ?, 0, 'old.csv', 2, '[[],[]]', 'enrolled')
"""
_OLD_MOVES = {
    "sending": "change = 'intended', sends = 1, request_id = 'request-' || id, submitted_at = changed_at",
    "in_review": "change = 'answered', answered_at = changed_at, http_status = 201",
    "settled": "change = 'looked', polls = 1, last_look_at = changed_at, settled_at = changed_at, "
    "vetting_status = 'Approved'",
}


async def old_ledger(attack: Attack) -> None:
    """The ledger is one of the first version, and its run was killed in the middle of its work."""
    then = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    with closing(sqlite3.connect(attack.ledger, isolation_level=None)) as connection:
        for statement in MIGRATIONS[0].statements:
            connection.execute(statement)
        connection.execute("INSERT INTO schema_version VALUES (1, 'initial', ?)", (then,))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        for number, moves in enumerate((1, 1, 2, 3, 0), start=1):
            wish = (attack.simulator.base_url, customer(number), then, then)
            connection.execute(_OLD_REQUEST, wish)
            for state in [*_OLD_MOVES][:moves]:
                moved = f"UPDATE request SET revision = revision + 1, state = ?, {_OLD_MOVES[state]}"
                connection.execute(f"{moved} WHERE id = ?", (state, number))


def old_world() -> World:
    """What the killed run of long ago has left at the service."""
    held = [{"qualification": "Education", "status": "Approved"}]
    return World.from_dict({"customers": [{"id": customer(number), "holds": held} for number in (1, 3, 4)]})


_OLD_ACCEPTED = {(customer(number), "Education"): 1 for number in (2, 5, 6)}
_MOVED = {(customer(92), "Education"): 1}

#: By what happens in them; those that come to a point first are attacked there.
SCENES = (
    sheet_scene("a sheet of everything"),
    # a server error may come before the write or after it
    school_scene("answers lost after the write", faults=(Fault.RESET_AFTER, Fault.SERVER_ERROR), bears=1),
    school_scene("requests lost before the write", faults=(Fault.RESET_BEFORE,), bears=1),
    city_scene("creates of codes", faults=(Fault.RESET_AFTER,) * 2),
    school_scene(
        "reads that lag behind writes",
        faults=(Fault.RESET_AFTER,) * 2,
        service=replace(SERVICE, faults=Faults(read_lag=1.0), read_lag_seconds=1.2),
        # the looks come at once, after a second, and at the end of the patience
        options={"patience": "1.6s"},
    ),
    school_scene("refused for good", service=replace(SERVICE, refusals=("submit=400/3000",)), mended=SERVICE),
    school_scene(
        "the partner refused as a whole",
        service=replace(SERVICE, refusals=("submit=403/900329",)),
        mended=SERVICE,
    ),
    school_scene(
        "stopped at a closed gate",
        service=replace(SERVICE, faults=Faults(retry_after=1)),
        faults=(Fault.THROTTLED,) * 2,
        mishaps={"SIGINT gate.closed": (1,)},
    ),
    school_scene("the first rows only", 1, 2, 3, attacked_options={"first": "1"}),
    school_scene("denied rows again", options={"resubmit-denied": "on"}, before=_deny),
    school_scene("another content", before=_enrol_only),
    Scene(
        "a domain that moves",
        (("", *EDU, "", DOMAIN),),
        _MOVED,
        (APPROVED,),
        SERVICE,
        _two_schools,
        before=_move_domain,
    ),
    Scene(
        "a ledger of the first version",
        tuple((customer(number), *EDU) for number in range(1, 7)),
        _OLD_ACCEPTED,
        (APPROVED,) * 6,
        SERVICE,
        old_world,
        before=old_ledger,
        bears=1,
    ),
    school_scene(
        "a request ID that is known again",
        faults=(Fault.RESET_AFTER,) * 2,
        # they are sent again before they show: here it is the same ID that saves us
        service=replace(SERVICE, faults=Faults(read_lag=1.0), read_lag_seconds=1.0, deduplicate=True),
    ),
    school_scene(
        "there already, and not to be seen",
        service=replace(SERVICE, refusals=("submit=409/990409",)),
        mended=SERVICE,
        bears=0,
    ),
    school_scene(
        "refused after a send that was lost",
        1,
        service=replace(SERVICE, refusals=("submit=400/3000",)),
        faults=(Fault.RESET_BEFORE,),
        mended=SERVICE,
        bears=1,
    ),
    school_scene(
        "never a clear answer", 1, faults=(Fault.RESET_BEFORE,) * 3, accepted={}, outcomes=("unknown",)
    ),
    Scene(
        "a fate that is given up",
        tuple((customer(number), *SOE) for number in (70, 71)),
        {(customer(number), "SOE"): 1 for number in (70, 71)},
        (APPROVED,) * 2,
        SERVICE,
        options={"resend-unknown": "on"},
        before=_wear_out,
    ),
    school_scene(
        "grants that are taken away",
        *(1, 2, 3),
        options={"recheck": "0"},
        outcomes=("denied", "denied", APPROVED),
        before=_approve,
    ),
    school_scene("reviews that are dropped", outcomes=("denied",) * 2, before=_drop),
    school_scene("denied before we came", options={"resubmit-denied": "on"}, world=_denied_world),
    school_scene("commits that are done again", mishaps={"REDO ledger.statement": range(1, 100)}),
    school_scene("a disk that fails", mishaps={"DISK ledger.statement": (4,)}, breaks=True),
    school_scene("three reports", reports=("json", "xlsx", "csv")),
    school_scene("the synchronous API", options={"api": "synchronous"}),
)

"""The scenes that the crash suite attacks: together they come to every fail point."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from support.attack import Attack, Scene
from support.sheets import customer
from support.sign_in_server import APP, SECRET, TENANT, sign_in_server

from batchqual.ledger.schema import APPLICATION_ID, MIGRATIONS
from batchqual.simulator import Fault, Faults, SimulatorSettings, World

__all__ = ["SCENES", "SERVICE", "school_scene", "sheet_scene"]

CODE = "0739184620517"
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


async def _enrol_only(attack: Attack) -> None:
    """A first run has sent nothing, of another content."""
    attack.rows = tuple((row[0], *HIGHER) for row in attack.scene.rows)
    await attack.run(first="0")
    attack.rows = attack.scene.rows


async def _move_domain(attack: Attack) -> None:
    """The domain was looked up, and has moved since."""
    await attack.run(first="0")
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


async def _sign_in(attack: Attack) -> None:
    """There is a sign-in service, and a refresh token that it rotates."""
    server = attack.stack.enter_context(sign_in_server())
    del attack.environ["BATCHQUAL_ACCESS_TOKEN"]
    attack.environ |= {
        "BATCHQUAL_TENANT_ID": TENANT,
        "BATCHQUAL_CLIENT_ID": APP,
        "BATCHQUAL_CLIENT_SECRET": SECRET,
        "BATCHQUAL_AUTHORITY": server.url,
        "BATCHQUAL_CA_BUNDLE": str(server.ca_bundle),
        "BATCHQUAL_REFRESH_TOKEN": server.desk.new_refresh_token(APP),
    }


#: A request as the first version of the ledger stored it.
_OLD_REQUEST = """
INSERT INTO request (
    revision, origin, partner, customer_id, qualification, segment, state, adopted, sends, answered_sends,
    request_id, enrolled_at, submitted_at, vetting_status, settled_at, last_look_at, changed_at, polls,
    source, row, row_json, change
) VALUES (
    1, ?, '', ?, 'Education', 'K12', ?, 0, ?, 0, ?, ?, ?, ?, ?, ?, ?, 0, 'old.csv', 2, '[[],[]]', 'enrolled'
)
"""


async def _old_ledger(attack: Attack) -> None:
    """The ledger is one of the first version, and its run was killed in the middle of its work."""
    then = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    with closing(sqlite3.connect(attack.ledger, isolation_level=None)) as connection:
        for statement in MIGRATIONS[0].statements:
            connection.execute(statement)
        connection.execute("INSERT INTO schema_version VALUES (1, 'initial', ?)", (then,))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        for number, state in enumerate(("sending", "sending", "in_review", "settled", "queued"), start=1):
            sent = state != "queued"
            settled = then if state == "settled" else None
            name = customer(number)
            connection.execute(
                _OLD_REQUEST,
                (
                    *(
                        attack.simulator.base_url,
                        name,
                        state,
                        int(sent),
                        f"request-{number}" if sent else None,
                    ),
                    *(then, then if sent else None, "Approved" if settled else None, settled, settled, then),
                ),
            )


def _old_world() -> World:
    """What the killed run of long ago has left at the service."""
    held = [{"qualification": "Education", "status": "Approved"}]
    return World.from_dict({"customers": [{"id": customer(number), "holds": held} for number in (1, 3, 4)]})


_OLD_ACCEPTED = {(customer(number), "Education"): 1 for number in (2, 5, 6)}
_MOVED = {(customer(92), "Education"): 1}

#: By what happens in them; those that come to a point first are attacked there.
SCENES = (
    sheet_scene("a sheet of everything"),
    school_scene("answers lost after the write", faults=(Fault.RESET_AFTER, Fault.SERVER_ERROR)),
    school_scene("requests lost before the write", faults=(Fault.RESET_BEFORE,)),
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
        interrupts={"gate.closed": (1,)},
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
        _old_world,
        before=_old_ledger,
    ),
    school_scene("signed in by a rotated token", before=_sign_in),
    school_scene("three reports", reports=("json", "xlsx", "csv")),
    school_scene("the synchronous API", options={"api": "synchronous"}),
)

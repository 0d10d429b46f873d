"""The scenes in which the crash suite attacks other commands than `run`, and signing in."""

from __future__ import annotations

import csv
import json
from functools import partial

from support.attack import EXPORT, Attack
from support.replay_server import canned, replaying
from support.scenes import old_ledger, old_world, school_scene, sheet_scene
from support.sheets import customer
from support.sign_in_server import APP, DESKTOP, SECRET, TENANT, SignInServer, sign_in_server

from batchqual.simulator import Fault, World

__all__ = ["VERB_SCENES"]

_NAME = "refresh-token"
_LISTED = 520  # on two pages


def _account(attack: Attack, server: SignInServer, **more: str) -> None:
    """The environment of somebody who signs in there."""
    attack.environ.pop("BATCHQUAL_ACCESS_TOKEN", None)
    attack.environ |= {
        "BATCHQUAL_TENANT_ID": TENANT,
        "BATCHQUAL_CLIENT_ID": APP,
        "BATCHQUAL_AUTHORITY": server.url,
        "BATCHQUAL_CA_BUNDLE": str(server.ca_bundle),
        **more,
    }


async def _rotate(attack: Attack) -> None:
    """There is a sign-in service, and a refresh token that it rotates."""
    server = attack.stack.enter_context(sign_in_server())
    token = server.desk.new_refresh_token(APP)
    _account(attack, server, BATCHQUAL_CLIENT_SECRET=SECRET, BATCHQUAL_REFRESH_TOKEN=token)


async def _keep_in_vault(attack: Attack) -> None:
    """The refresh token stands in a key vault, which the machine may open."""
    server = attack.stack.enter_context(sign_in_server())
    host = f"127.0.0.1:{server.url.rpartition(':')[2]}"
    vault = server.vault
    vault.resource = f"https://0.0.1:{host.rpartition(':')[2]}"
    vault.bearers.add("bearer-of-the-machine")
    vault.put(_NAME, server.desk.new_refresh_token(APP))
    told = {
        "access_token": "bearer-of-the-machine",
        "expires_on": "4102444800",
        "resource": vault.resource,
        "token_type": "Bearer",
    }
    answer = canned(body=json.dumps(told), headers=["Content-Type: application/json"])
    identity = await attack.stack.enter_async_context(replaying(answer))
    _account(
        attack,
        server,
        BATCHQUAL_CLIENT_SECRET=SECRET,
        BATCHQUAL_REFRESH_TOKEN=f"keyvault://{host}/{_NAME}",
        AZURE_TOKEN_CREDENTIALS="ManagedIdentityCredential",
        IDENTITY_ENDPOINT=f"{identity.url}/token",
        IDENTITY_HEADER="a-header",
    )
    attack.vault = vault


async def _vault_is_up_to_date(attack: Attack) -> None:
    """What is kept here and what is in the vault are one, and are good."""
    [path] = attack.folder.rglob("tokens.json")
    assert attack.vault is not None
    if str(attack.vault.value(_NAME)) not in path.read_text(encoding="utf-8"):
        attack.damage.lost.append("the vault has another refresh token than this machine")


async def _log_in(attack: Attack) -> None:
    """Somebody has signed in with a code before, and does so again."""
    server = attack.stack.enter_context(sign_in_server())
    server.switches.interval = 0
    _account(attack, server, BATCHQUAL_CLIENT_ID=DESKTOP)
    await attack.run(verb="login")


async def _leave_open(attack: Attack) -> None:
    """A run was killed when its first answer was lost."""
    attack.simulator.inject(Fault.RESET_AFTER, Fault.SERVER_ERROR, scope="writes")
    await attack.run({"answer.lost": [1]})


async def _finish(attack: Attack) -> None:
    """A run has come to its end."""
    await attack.run()


def _customers(count: int) -> World:
    """Customers with domains, of whom some hold something."""
    held = [{"qualification": "Education", "status": "Approved"}]
    return World.from_dict(
        {
            "customers": [
                {
                    "id": customer(100 + number),
                    "name": f"School {number}",
                    "domain": f"school-{number}.contoso.example",
                    "holds": held if number % 3 == 0 else [],
                }
                for number in range(count)
            ]
        }
    )


async def _write_sheet(attack: Attack) -> None:
    """An export was killed before it tidied up."""
    await attack.run({"export.written": [1]}, verb="customers")


async def _export_is_whole(attack: Attack) -> None:
    """The same command goes on until the sheet stands there: each customer once, and nothing left beside."""
    sheet, part = attack.folder / EXPORT, attack.folder / f"{EXPORT}.part"
    options = attack.scene.attacked_options
    for _ in range(3):
        if sheet.exists() and not part.exists():
            break
        await attack.run(verb="customers", options=options)
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = {one.id for one in attack.scene.world().customers.values()}
    found = [row["customer_id"] for row in rows if row["customer_id"] in wanted]
    attack.damage.weigh("customers were listed", len(found), len(wanted))
    attack.damage.weigh("different customers were listed", len(set(found)), len(wanted))
    if "with-qualifications" in options and not all(row["looked_at"] for row in rows):
        attack.damage.lost.append("a customer was not looked at")
    if part.exists():
        attack.damage.lost.append("what was read was left behind")


_OPEN = partial(school_scene, before=_leave_open)

VERB_SCENES = (
    school_scene("signed in by a rotated token", before=_rotate),
    school_scene("signed in by a token of a key vault", before=_keep_in_vault, check=_vault_is_up_to_date),
    school_scene("`login`, once more", verb="login", options={"auth": "login"}, before=_log_in),
    sheet_scene("`plan`", verb="plan"),
    _OPEN("`plan` of what is open", verb="plan"),
    _OPEN("`resume`", *(1, 2, 3), verb="resume"),
    school_scene(
        "`resume` of a ledger of the first version",
        *range(1, 7),
        accepted={(customer(number), "Education"): 1 for number in (2, 5, 6)},
        world=old_world,
        verb="resume",
        before=old_ledger,
    ),
    _OPEN("`status`", verb="status"),
    school_scene(
        "`status` of a ledger of the first version",
        *range(1, 7),
        accepted={(customer(number), "Education"): 1 for number in (2, 5, 6)},
        world=old_world,
        verb="status",
        before=old_ledger,
    ),
    _OPEN("`report` of a killed run", verb="report", reports=("json", "xlsx")),
    sheet_scene("`report` of a run", verb="report", reports=("json", "xlsx"), before=_finish),
    sheet_scene("`codes`", verb="codes"),
    school_scene(
        "`customers`, page by page",
        verb="customers",
        world=partial(_customers, _LISTED),
        check=_export_is_whole,
    ),
    school_scene(
        "`customers`, with the sheet written",
        verb="customers",
        world=partial(_customers, 9),
        before=_write_sheet,
        check=_export_is_whole,
    ),
    school_scene(
        "`customers` and what they hold",
        verb="customers",
        world=partial(_customers, 9),
        attacked_options={"with-qualifications": "on"},
        check=_export_is_whole,
    ),
)

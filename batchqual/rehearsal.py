"""A whole run against the bundled simulator, over real HTTP on loopback."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from .composition import read_input, run
from .errors import UsageError
from .events import Listener, deaf
from .model import Intake
from .partnercenter import GivenToken, claims
from .pipeline import StopSwitch
from .report import RunReport
from .settings import Settings
from .simulator import Person, SimulatorSettings, World, population_for, serve_in_thread

__all__ = ["rehearse"]

_VETTING = (0.5, 4.0)
_OF_SIGN_IN = (
    *("access_token", "authority", "client_certificate", "client_certificate_password", "client_id"),
    *("client_secret", "refresh_token", "tenant_id"),
)
_TOKEN = "rehearsal"  # noqa: S105 - the simulator takes any


async def rehearse(
    paths: Sequence[str],
    settings: Settings,
    *,
    say: Listener = deaf,
    stop: StopSwitch | None = None,
    stdin: BinaryIO | None = None,
) -> RunReport:
    """`composition.run` against a simulator that knows the customers of the input; its ledger is thrown away
    unless one is named, and then it serves this rehearsal alone: the next one has a new simulator. Raises
    what `run` raises, and UsageError when a service is named."""
    if settings.base_url is not None:
        raise UsageError(
            f"rehearse has a service of its own and cannot go to {settings.base_url}.",
            hint="Leave --base-url out, or use `batchqual run --base-url` with `batchqual simulate`.",
        )
    intake = read_input(paths, settings, partner=_partner(settings), stdin=stdin)
    with (
        tempfile.TemporaryDirectory(prefix="batchqual-") as folder,
        serve_in_thread(SimulatorSettings(vetting_delay=_VETTING), _world(intake)) as simulator,
    ):
        rehearsal = settings.model_copy(
            update={
                "base_url": simulator.base_url,
                "ledger": settings.ledger or Path(folder) / "ledger.sqlite3",
                **dict.fromkeys(_OF_SIGN_IN),
            }
        )
        return await run(
            "rehearse", paths, rehearsal, say=say, stop=stop, intake=intake, tokens=GivenToken(_TOKEN)
        )


def _partner(settings: Settings) -> str:
    token = settings.access_token.get_secret_value() if settings.access_token else ""
    return settings.tenant_id or claims(token).tenant_id or ""


def _world(intake: Intake) -> World:
    requests = {row.request: row.customer_name for row in intake.rows if row.request is not None}
    known = {one.claim: one.customer_id for one in requests if one.claim}
    people = [
        Person(
            request.customer_id or known.get(request.domain or "", ""),
            request.domain or request.claim or "",
            name,
            (request.qualification.value,),
        )
        for request, name in requests.items()
    ]
    codes = Counter(request.validation_code for request in requests if request.validation_code)
    world = population_for(people, codes)
    for code in world.codes.values():
        code.organization = ""
    return world

"""`batchqual support`: a packet for a ticket with the service."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from batchqual.errors import UsageError
from batchqual.paths import OUTPUT

from . import console
from .declare import Flags, declare
from .driving import settings_and_voice
from .options import SUPPORT, Argument, Option

if TYPE_CHECKING:
    from batchqual.ticket import Packet

__all__ = ["add_to"]

_ASKED = Argument(
    "asked", "ROW_OR_CUSTOMER", "A row number of the last run's report, a customer ID, or a request ID."
)
_OWN = (
    Option(
        "run",
        "Whose row number it is; `batchqual status` lists the runs.",
        "ID",
        default="the last run, or before a resume without such a row the last one of a sheet",
    ),
    Option(
        "out",
        "Where to write it; a file that is there is never written over.",
        "FILE",
        default="support-CUSTOMER-TIME.txt in this folder",
    ),
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    declare(
        app,
        "support",
        _support,
        summary="Write what is known of a customer's requests, for a ticket with Microsoft.",
        description=(
            "One text file: request and correlation IDs, times in UTC, what was sent and what came back, and "
            "the whole history. No token, no validation code but for its last two characters, nothing of "
            "other customers. Works without the network. Standard output gets the path, or JSON."
        ),
        arguments=(_ASKED,),
        options=(*_OWN, *SUPPORT),
        examples={
            "batchqual support 7": "about the row that Excel numbers 7, in the last run's report",
            "batchqual support 00000000-0000-4000-8000-000000000001": "about all requests of a customer",
        },
        exits={
            0: "the packet was written",
            1: "",
            2: "wrong usage, nothing is known of it, or the file cannot be written",
            11: "there is no ledger, or it cannot be read",
        },
    )


def _support(flags: Flags) -> int:
    asked, run_id, out = (str(flags.pop(name, None) or "") for name in ("asked", "run", "out"))
    if not asked:
        raise UsageError(
            "support needs a row number, a customer ID or a request ID.",
            hint="For example: batchqual support 7",
        )
    if out:
        _check_free(Path(out))
    from batchqual.atomic import written_whole
    from batchqual.ticket import document_of, gather, text_of

    settings, _voice = settings_and_voice(flags)
    now = datetime.now(UTC)
    packet = gather(settings, asked, run_id=run_id or None, now=now)
    if out:
        _check_free(Path(out))
    path = Path(out) if out else _default_path(packet, now)
    with written_whole(path, private=True) as writing:
        writing.temp.write_text(text_of(packet), encoding="utf-8")
    if settings.json_output:
        document = {"command": "support", "file": str(writing.path), "packet": document_of(packet)}
        console.json_data(document | {"exit_code": 0, "error": None})
    else:
        console.data(str(writing.path))
    return 0


def _default_path(packet: Packet, now: datetime) -> Path:
    """A name that is free, also for the second packet of a second."""
    name = f"support-{packet.customer_id}-{now:%Y%m%d-%H%M%S}"
    numbered = (Path(f"{name}-{number}.txt") for number in count(2))
    return next(path for path in chain((Path(f"{name}.txt"),), numbered) if not OUTPUT.exists(path))


def _check_free(path: Path) -> None:
    if OUTPUT.exists(path):
        raise UsageError(f"{path} is there already.", hint="Choose another name with --out.")

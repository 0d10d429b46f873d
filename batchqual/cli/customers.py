"""`batchqual customers`: the partner's customers as a sheet to fill in."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from batchqual.errors import UsageError
from batchqual.paths import OUTPUT
from batchqual.telemetry import count_of

from . import console
from .declare import Flags, declare
from .driving import settings_and_voice
from .options import Argument, Kind, Option, options_named
from .stopping import Interrupted, stoppable

if TYPE_CHECKING:
    from batchqual.directory import Directory
    from batchqual.settings import Settings

    from .voice import Voice

__all__ = ["add_to"]

_SUFFIXES = (".xlsx", ".csv")
_FILE = Argument("file", "OUT", "Where to write them: a workbook (.xlsx) or CSV (.csv).")
_OWN = (
    Option(
        "with_qualifications",
        "Add columns with what each customer holds now; one call for each customer.",
        kind=Kind.SWITCH,
    ),
    Option("domain", "Only customers whose default domain begins so.", "PREFIX"),
    Option("force", "Write over a file that is there.", kind=Kind.SWITCH),
)
_COMMON = options_named(
    ("rate", "concurrency", "base_url", "cloud", "auth", "ledger", "json", "quiet", "config")
)


class _NoQuestion:
    """Nothing is asked here, so every signal stops."""

    is_open = False


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    declare(
        app,
        "customers",
        _customers,
        summary="Write your customers into a sheet that is ready to fill in.",
        description=(
            "The sheet is that of `batchqual template`, with one row for each customer. Delete the rows that "
            "you do not want and fill in the qualification of the others, then `batchqual check` it. What is "
            "read is kept in OUT.part until the sheet is written: the same command goes on where it was. "
            "Standard output gets the path, or JSON."
        ),
        arguments=(_FILE,),
        options=(*_OWN, *_COMMON),
        examples={
            "batchqual customers customers.xlsx": "all of them",
            "batchqual customers customers.xlsx --with-qualifications": "and what each holds now",
            "batchqual customers schools.csv --domain school": "those whose domain begins with school",
        },
        exits={
            0: "the sheet was written",
            1: "the service did not answer as it should, or an unexpected failure",
            2: "wrong usage, or the file cannot be written",
            11: "the ledger is in use, or cannot be used",
            12: "",
            13: "",
            130: "interrupted; the same command goes on where it was",
        },
    )


def _customers(flags: Flags) -> int:
    out, force = _sheet(flags.pop("file", None)), bool(flags.pop("force", None))
    with_qualifications = bool(flags.pop("with_qualifications", None))
    domain = str(flags.pop("domain", None) or "").strip()
    from batchqual.directory import export_customers, finished, part_of

    settings, voice = settings_and_voice(flags)
    if OUTPUT.exists(out) and not force:
        done = finished(settings, out, domain_prefix=domain or None, with_qualifications=with_qualifications)
        if done is None:
            raise UsageError(f"{out} is there already.", hint="Choose another name, or give --force.")
        return _end(done, settings, voice)
    with stoppable(voice.say, _NoQuestion()) as stop:
        found = asyncio.run(
            export_customers(
                settings,
                out,
                domain_prefix=domain or None,
                with_qualifications=with_qualifications,
                tell=voice.say,
                stop=stop,
            )
        )
    if found.file is None:
        raise Interrupted(
            f"Interrupted. {count_of(found.customers, 'customer')} kept in {part_of(out)}.",
            hint="The same command goes on where it was.",
        )
    return _end(found, settings, voice)


def _end(found: Directory, settings: Settings, voice: Voice) -> int:
    _tell(found, voice)
    if settings.json_output:
        console.json_data(_document(found))
    else:
        console.data(str(found.file))
    return 0


def _sheet(named: object) -> Path:
    if not named:
        raise UsageError(
            "customers needs the name of the file to write.",
            hint="For example: batchqual customers customers.xlsx",
        )
    path = Path(str(named))
    if path.suffix.lower() not in _SUFFIXES:
        raise UsageError(
            f"{path}: the sheet is a workbook or CSV.", hint="End its name with .xlsx or with .csv."
        )
    return path


def _tell(found: Directory, voice: Voice) -> None:
    voice.say(f"{count_of(found.customers, 'customer')} written.")
    if found.not_resold:
        voice.say(
            f"{count_of(found.not_resold, 'customer')} in a relationship other than reseller: see the column "
            "relationship. The service refuses qualifications for them."
        )
    if found.lost_looks:
        voice.say(
            f"{count_of(found.lost_looks, 'customer')} could not be looked at: see the column looked_at. The "
            "same command with --force looks at these again."
        )


def _document(found: Directory) -> dict[str, object]:
    return {
        "command": "customers",
        "file": str(found.file),
        "customers": found.customers,
        "not_resold": found.not_resold,
        "lost_looks": found.lost_looks,
        "exit_code": 0,
        "error": None,
    }

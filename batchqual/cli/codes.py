"""`batchqual codes`: the partner's GCC validation codes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer

from batchqual.model import mask_code

from . import console
from .declare import Flags, declare
from .driving import settings_and_voice
from .options import CODES

if TYPE_CHECKING:
    from rich.table import Table

    from batchqual.partnercenter import ValidationCode

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    declare(
        app,
        "codes",
        _codes,
        summary="List the partner's GCC validation codes and what is left on each.",
        description="Codes are shown by their last two characters. Standard output gets a table, or JSON.",
        options=CODES,
        examples={
            "batchqual codes": "a table of them",
            "batchqual codes --json": "the same for a script",
        },
        exits={
            0: "listed, also when there is none",
            1: "",
            2: "",
            11: "the ledger is in use, or cannot be used",
            12: "",
            13: "",
            130: "interrupted",
        },
    )


def _codes(flags: Flags) -> int:
    from batchqual import overview

    settings, voice = settings_and_voice(flags)
    found = asyncio.run(overview.codes(settings, say=voice.hear, attended=console.is_terminal()))
    if settings.json_output:
        console.json_data(
            {"command": "codes", "codes": [_record(code) for code in found], "exit_code": 0, "error": None}
        )
    elif found:
        console.show_data(_table(found))
    else:
        console.talk("The partner has no validation codes.")
    return 0


def _record(code: ValidationCode) -> dict[str, object]:
    return {
        "code": mask_code(code.code),
        "organization": code.organization,
        "max_creates": code.max_creates,
        "remaining": code.remaining,
    }


def _table(codes: tuple[ValidationCode, ...]) -> Table:
    from .tables import table_of

    rows = [(mask_code(code.code), code.organization, code.max_creates, code.remaining) for code in codes]
    return table_of(("Code", "Organization", "Creates", "Left"), rows)

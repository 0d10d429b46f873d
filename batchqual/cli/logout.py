"""`batchqual logout`: forget what login has kept."""

from __future__ import annotations

import typer

from . import console
from .declare import Flags, declare
from .driving import settings_and_voice
from .options import LOGOUT, Kind, Option

__all__ = ["add_to"]

_ALL = Option("all", "Forget every sign-in of this account, whatever it is for.", kind=Kind.SWITCH)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    declare(
        app,
        "logout",
        _logout,
        summary="Forget what login has kept.",
        description="Takes it from this account of this machine; the sign-in service is not told.",
        options=(*LOGOUT, _ALL),
        examples={
            "batchqual logout": "forget the sign-in of the configured app",
            "batchqual logout --all": "forget every sign-in of this account",
        },
        exits={0: "forgotten, also when there was nothing", 1: "", 2: "", 12: ""},
    )


def _logout(flags: Flags) -> int:
    from batchqual import logins

    everything = bool(flags.pop("all", False))
    settings, voice = settings_and_voice(flags)
    number = logins.logout(settings, everything=everything)
    if settings.json_output:
        console.json_data({"command": "logout", "forgotten": number, "exit_code": 0, "error": None})
    else:
        voice.say("Forgotten." if number else "Nothing was kept.")
    return 0

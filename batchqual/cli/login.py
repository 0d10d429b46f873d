"""`batchqual login`: sign in once, for months."""

from __future__ import annotations

import webbrowser

import typer

from . import console
from .declare import Flags, declare
from .driving import settings_and_voice
from .options import LOGIN, Option

__all__ = ["add_to"]

_AUTH = Option(
    "auth",
    "How: login (with the browser of this machine) or device-code (a code to enter elsewhere).",
    "NAME",
    default="login",
    choices=("login", "device-code"),
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    declare(
        app,
        "login",
        _login,
        summary="Sign in once, with MFA, and keep that protected for later runs.",
        description=(
            "Opens the sign-in page in a browser and waits for it, five minutes at most. What is kept is a "
            "refresh token, in the keyring of this account or in a file that only this account can read; it "
            "is renewed at every use and lasts 90 days without one. Each account of a machine signs in for "
            "itself: a scheduler often runs as another one."
        ),
        options=(_AUTH, *LOGIN),
        examples={
            "batchqual login": "sign in with the browser of this machine",
            "batchqual login --auth device-code": "where there is no browser: enter a code elsewhere",
        },
        exits={0: "signed in", 1: "", 2: "", 12: "", 13: "a proxy lets nobody sign in", 130: "interrupted"},
    )


def _login(flags: Flags) -> int:
    from batchqual import logins

    settings, voice = settings_and_voice(flags)

    def open_page(address: str) -> None:
        voice.say(
            f"Sign in as a partner user. If no browser opens, open this address on this machine:\n{address}"
        )
        webbrowser.open(address)

    found = logins.login(settings, open_page=open_page, show=console.talk)
    for warning in found.warnings:
        voice.say(f"warning: {warning}")
    if settings.json_output:
        console.json_data(
            {
                "command": "login",
                "username": found.username,
                "kept_in": found.where,
                "warnings": list(found.warnings),
                "exit_code": 0,
                "error": None,
            }
        )
    else:
        voice.say(f"Signed in as {found.username or 'a user without a name'}. Kept in {found.where}.")
    return 0

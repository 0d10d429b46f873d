"""The same examination as a scheduler would meet it: by a process without a terminal and with next to no
environment, in the home folder; and what is different there."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from batchqual.machine import user_name

from .document import diagnosis_in
from .examination import Diagnosis, examine
from .finding import Finding, failed, passed, skipped, warned

__all__ = ["as_scheduled", "bare_environment"]

#: What cron (POSIX) and the Task Scheduler (Windows) give to a task, besides PATH.
_GIVEN: Final = (
    *("HOME", "LOGNAME", "USER"),
    *("APPDATA", "COMSPEC", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "PATHEXT", "PROGRAMDATA", "SYSTEMDRIVE"),
    *("SYSTEMROOT", "TEMP", "TMP", "USERNAME", "USERPROFILE", "WINDIR"),
)
_SECONDS: Final = 300.0
_SECRET: Final = ("access_token", "client_secret", "client_certificate_password", "refresh_token")


def bare_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What is left of an environment for a task of a scheduler. No setting is in it, and no secret."""
    bare = {name: environ[name] for name in _GIVEN if name in environ}
    root = environ.get("SYSTEMROOT")
    bare["PATH"] = os.pathsep.join([f"{root}\\System32", root]) if root else "/usr/bin:/bin"
    return bare if root else bare | {"SHELL": "/bin/sh"}


async def as_scheduled(flags: Mapping[str, object]) -> Diagnosis:
    """What is different for a scheduler, and then its examination."""
    here = await examine(flags, network=False)
    try:
        there = await asyncio.to_thread(_examined_there, flags)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        lost = failed(
            f"The process that should have looked gave no diagnosis ({type(error).__name__}).",
            "Call `batchqual doctor` first.",
            1,
        )
        return Diagnosis((_named(lost, "scheduled: process"),))
    found = (
        _named(_settings(here, there), "scheduled: settings"),
        _named(_settings_file(here, there), "scheduled: settings file"),
        _named(_place(here, there), "scheduled: place"),
        _named(_account(there), "scheduled: account"),
    )
    return Diagnosis((*found, *there.findings), there.settings, there.place)


def _named(finding: Finding, name: str) -> Finding:
    return Finding(finding.state, finding.words, finding.fix, finding.exit_code, name)


def _examined_there(flags: Mapping[str, object]) -> Diagnosis:
    """The child's diagnosis. What it prints on standard error is nobody's."""
    done = subprocess.run(  # noqa: S603 - our own program, with the words of our own command line
        [sys.executable, "-P", "-m", "batchqual", "doctor", "--json", *_words_of(flags)],
        env=bare_environment(os.environ),
        cwd=Path.home(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=_SECONDS,
        start_new_session=True,
        check=False,
    )
    return diagnosis_in(done.stdout)


def _words_of(flags: Mapping[str, object]) -> Iterator[str]:
    """The flags as they were typed: a scheduler's line would have them too."""
    for name, value in flags.items():
        for one in value if isinstance(value, list | tuple) else [value]:
            if name != "json" and one is not None:
                yield f"--{name.replace('_', '-')}={one}"


def _settings(here: Diagnosis, there: Diagnosis) -> Finding:
    if not (here.settings and there.settings):
        return skipped("The settings cannot be compared: they cannot be read here or there.")
    values = {one.name: one.value for one in there.settings}
    lost = [one for one in here.settings if _by_variable(one.origin) and values[one.name] != one.value]
    if not lost:
        return passed("No setting comes from a variable that a scheduler does not have.")
    plain = [one.name for one in lost if one.name not in _SECRET]
    advice = [f"Put {', '.join(plain)} into a settings file and name that with --config."] if plain else []
    if len(plain) < len(lost):
        advice.append(
            "Secrets never stand in a settings file: keep them in a key vault (keyvault://...), sign in once "
            "with `batchqual login`, or let the script that the scheduler starts set them."
        )
    return warned(f"A scheduler does not have {', '.join(one.origin for one in lost)}.", " ".join(advice))


def _by_variable(origin: str) -> bool:
    return origin.startswith("BATCHQUAL_")


def _settings_file(here: Diagnosis, there: Diagnosis) -> Finding:
    if not here.settings:
        return skipped("The settings cannot be compared: they cannot be read here.")
    known = {one.name: one.value for one in there.settings}
    lost = [
        one.name
        for one in here.settings
        if one.origin == "batchqual.toml" and known.get(one.name) != one.value
    ]
    if not lost:
        return passed("No settings file is found only because of the folder that this is.")
    return warned(
        f"batchqual.toml is found only because of this folder; it gives a scheduler no {', '.join(lost)}.",
        f"Name it where the scheduler starts batchqual: --config {Path.cwd() / 'batchqual.toml'}",
    )


def _place(here: Diagnosis, there: Diagnosis) -> Finding:
    other = {
        name: (value, there.place[name])
        for name, value in here.place.items()
        if name in there.place and there.place[name] != value
    }
    if not other:
        return passed("Ledger, token store and sign-in are the same as here.")
    words = "; ".join(f"{name}: here {mine}, there {others}" for name, (mine, others) in other.items())
    return warned(
        f"A scheduler stands elsewhere: {words}.",
        "Name the ledger with --ledger, and sign in where the scheduler finds it: a keyring that is open "
        "only while somebody is logged on is shut for it.",
    )


def _account(there: Diagnosis) -> Finding:
    account = there.place.get("account", user_name())
    words = f"Looked at as the account {account}."
    if there.place.get("kept", "nothing") == "nothing":
        return passed(words)
    return passed(f"{words} What is kept for signing in is for it alone: let the task run as this account.")

"""The same examination as a scheduler would meet it: by a process without a terminal and with next to no
environment, in the home folder; and what is different there."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from batchqual.machine import user_name
from batchqual.paths import OUTPUT, working_folder

from .document import diagnosis_in
from .examination import Diagnosis, examine
from .finding import Finding, failed, passed, skipped, warned
from .listing import Setting

__all__ = ["as_scheduled", "bare_environment"]

#: What cron (POSIX) and the Task Scheduler (Windows) give to a task, besides PATH.
_GIVEN: Final = (
    *("HOME", "LOGNAME", "USER"),
    *("APPDATA", "COMSPEC", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "PATHEXT", "PROGRAMDATA", "SYSTEMDRIVE"),
    *("SYSTEMROOT", "TEMP", "TMP", "USERNAME", "USERPROFILE", "WINDIR"),
)
_SECONDS: Final = 300.0
_NAME_IT: Final = "Name the ledger with --ledger."
_KEEP_IT_THERE: Final = (
    "Sign in where the scheduler finds it: a keyring that is open only while somebody is logged on is shut "
    "for it."
)
_SET_THERE: Final = (
    "Let the script that the scheduler starts set HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE and the variables of "
    "Azure as they are here; BATCHQUAL_CA_BUNDLE may stand in a settings file."
)
_FIXES: Final = {
    "ledger": _NAME_IT,
    **dict.fromkeys(("token store", "kept", "sign-in", "account"), _KEEP_IT_THERE),
}
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
    home = _home()
    if home is None or not OUTPUT.is_folder(home):
        missing = failed(
            f"The home folder {home or '~'} of this account is not there, and a scheduler starts in it.",
            "Make it, or let the task run as an account that has one. What follows was looked at from here.",
            1,
        )
        return _instead(missing, here)
    try:
        there = await _examined_there(flags, home)
    except (OSError, ValueError) as error:
        lost = failed(
            f"The process that should have looked gave no diagnosis ({type(error).__name__}).",
            "Call `batchqual doctor` first. What follows was looked at from here.",
            1,
        )
        return _instead(lost, here)
    found = (
        _named(_settings(here, there), "scheduled: settings"),
        _named(_settings_file(here, there), "scheduled: settings file"),
        _named(_place(here, there), "scheduled: place"),
        _named(_account(there), "scheduled: account"),
    )
    return Diagnosis((*found, *there.findings), there.settings, there.place)


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:
        return None


def _instead(trouble: Finding, here: Diagnosis) -> Diagnosis:
    return Diagnosis((_named(trouble, "scheduled: process"), *here.findings), here.settings, here.place)


def _named(finding: Finding, name: str) -> Finding:
    return Finding(finding.state, finding.words, finding.fix, finding.exit_code, name)


async def _examined_there(flags: Mapping[str, object], home: Path) -> Diagnosis:
    """The child's diagnosis. What it prints on standard error is nobody's. It has no terminal, so that a
    Ctrl-C does not reach it: it ends with whoever waits for it."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "batchqual", "doctor", "--json", *_words_of(flags)),
        env=bare_environment(os.environ),
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(_SECONDS):
            told, _ = await child.communicate()
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    there = diagnosis_in(told.decode("utf-8"))
    return there if flags.get("json") else replace(there, settings=tuple(map(_untold, there.settings)))


def _untold(setting: Setting) -> Setting:
    """Only we said ``--json`` to the child."""
    return Setting("json", "false", "default") if setting.name == "json" else setting


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
        f"Name it where the scheduler starts batchqual: --config {_here() / 'batchqual.toml'}",
    )


def _here() -> Path:
    return working_folder() or Path()


def _place(here: Diagnosis, there: Diagnosis) -> Finding:
    other = {
        name: (value, there.place[name])
        for name, value in here.place.items()
        if name in there.place and there.place[name] != value
    }
    if not other:
        return passed("Ledger, token store, sign-in, proxies and certificates are the same as here.")
    words = "; ".join(f"{name}: here {mine}, there {others}" for name, (mine, others) in other.items())
    return warned(
        f"A scheduler stands elsewhere: {words}.",
        " ".join(dict.fromkeys(_FIXES.get(name, _SET_THERE) for name in other)),
    )


def _account(there: Diagnosis) -> Finding:
    account = there.place.get("account", user_name())
    words = f"Looked at as the account {account}."
    if there.place.get("kept", "nothing") == "nothing":
        return passed(words)
    return passed(f"{words} What is kept for signing in is for it alone: let the task run as this account.")

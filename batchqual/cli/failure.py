"""Errors in words: what happened, what to do, and as a JSON document for those who asked for one."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from batchqual.errors import BatchqualError
from batchqual.model import Outcome
from batchqual.paths import SETTINGS

from . import console
from .crash import write_crash_log

__all__ = ["Failure", "error_document", "failure_of", "tell"]

_RUN_VERBS = ("run", "plan", "resume", "rehearse", "check", "report")
_MOST_BYTES = 1 << 20
_SECRET_OPTIONS = {
    "secret": "BATCHQUAL_CLIENT_SECRET",
    "password": "BATCHQUAL_CLIENT_CERTIFICATE_PASSWORD",
    "refresh": "BATCHQUAL_REFRESH_TOKEN",
    "token": "BATCHQUAL_ACCESS_TOKEN",
}
"""By a word in the name of an option that does not exist: the variable that takes such a value."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why it ended: a stable ``code``, what happened, what to do."""

    exit_code: int
    code: str
    message: str
    hint: str = ""


def failure_of(error: BaseException, arguments: Sequence[str]) -> Failure:
    """What an exception means to the user; one that nobody foresaw is written to a log."""
    if isinstance(error, BatchqualError):
        return Failure(error.exit_code, error.code, error.message, error.hint)
    if isinstance(error, typer.TyperException):
        return _usage(error)
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return Failure(130, "interrupted", "Interrupted.")
    log = write_crash_log(error, arguments)
    message = f"Something went wrong that nobody foresaw ({type(error).__name__})."
    if log is None:
        return Failure(1, "unexpected", message, "No log could be written either: is the disk full?")
    hint = f"The log is {log}. What was sent is in the ledger: the same command goes on where it was."
    return Failure(1, "unexpected", message, hint)


def tell(failure: Failure, arguments: Sequence[str]) -> None:
    """Say it on standard error, and on standard output as JSON where that was asked for."""
    if _wants_log_lines(arguments):
        from batchqual.telemetry import open_log

        log = open_log(console.talk, form="json", level="error")
        log.error("batchqual.error", code=failure.code, message=failure.message, hint=failure.hint)
    else:
        console.talk_error(failure.message, failure.hint)
    if wants_json(arguments):
        try:
            console.json_data(error_document(failure, verb_of(arguments)))
        except console.DataLost as lost:
            console.talk_error(lost.message, lost.hint)


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether JSON was asked for, as far as that can be told of a command line that makes no sense."""
    if "--json" in arguments or os.environ.get("BATCHQUAL_JSON", "").lower() in ("1", "true", "yes", "on"):
        return True
    return _in_file(arguments, "json") is True


def _wants_log_lines(arguments: Sequence[str]) -> bool:
    spelt = "=".join(arguments)  # both spellings: with a blank, and with the sign
    said = "--log-format=json" in spelt or os.environ.get("BATCHQUAL_LOG_FORMAT") == "json"
    return said or _in_file(arguments, "log_format") == "json"


def _in_file(arguments: Sequence[str], name: str) -> object:
    """What the settings file says of ``name``; None for a file that is not there or makes no sense."""
    words = [part for word in arguments for part in word.split("=", 1)]
    named = words[words.index("--config") + 1 :] if "--config" in words else []
    path = Path((named or [os.environ.get("BATCHQUAL_CONFIG") or "batchqual.toml"])[0])
    try:
        if not SETTINGS.is_file(path):
            return None  # a pipe was read already, or would be waited for
        with path.open("rb") as file:
            return tomllib.loads(file.read(_MOST_BYTES).decode("utf-8-sig")).get(name)
    except (OSError, ValueError, RecursionError, BatchqualError):
        return None


def verb_of(arguments: Sequence[str]) -> str | None:
    """The verb of a command line: its first word that is not an option."""
    return next((word for word in arguments if not word.startswith("-")), None)


def error_document(failure: Failure, verb: str | None) -> dict[str, object]:
    """The document of a run that did not begin; verbs that are no runs have a shorter one."""
    error = {"code": failure.code, "message": failure.message, "hint": failure.hint}
    if verb is not None and verb not in _RUN_VERBS:
        return {"command": verb, "exit_code": failure.exit_code, "error": error}
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {
        "run_id": None,
        "command": verb,
        "inputs": [],
        "rows_in": 0,
        "outcomes": {outcome.value: 0 for outcome in Outcome},
        "balanced": True,
        "exit_code": failure.exit_code,
        "requests": dict.fromkeys(("get", "post", "put", "throttled", "retried"), 0),
        "started_at": now,
        "finished_at": now,
        "reports": [],
        "error": error,
    }


def _usage(error: typer.TyperException) -> Failure:
    if type(error).__name__ == "NoArgsIsHelpError":
        return Failure(2, "usage", "No verb was given.", "`batchqual --help` lists them.")
    option: str = getattr(error, "option_name", "")
    if variable := next((name for word, name in _SECRET_OPTIONS.items() if word in option), None):
        message = f"{option} is not an option: secrets are never given on the command line."
        return Failure(2, "usage", message, f"Put it into the environment, as {variable}.")
    near: Sequence[str] = getattr(error, "possibilities", None) or ()
    message, _, verbs = error.message.partition(" Did you mean ")
    meant = verbs.rstrip("?") or " or ".join(near)
    hint = f"Did you mean {meant}?" if meant else "`batchqual --help` lists the verbs; each has a --help too."
    return Failure(2, "usage", _sentence(message if meant else error.format_message()), hint)


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "?", "!")) else f"{text}."

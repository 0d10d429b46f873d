"""Where settings come from besides flags: a file and the environment, each value with its origin."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from .errors import UsageError
from .paths import SETTINGS

__all__ = ["ENV_PREFIX", "Layer", "from_environment", "from_file", "remarks_of_environment", "settings_file"]

Layer = dict[str, tuple[object, str]]
"""Name to value and origin."""

ENV_PREFIX = "BATCHQUAL_"

_IN_THIS_FOLDER = Path("batchqual.toml")
_ENV_ONLY = frozenset({"access_token", "client_secret", "client_certificate_password", "refresh_token"})
_MOST_FILE_BYTES = 1 << 20
_QUOTES = "\"'“”„‘’«»"
_MAY_BE_QUOTED = frozenset({"client_certificate_password", "map", "sheet"})
"""In these, quotation marks may be meant."""
_LINE_OF_ERROR = re.compile(r"at line (\d+)")


def settings_file(named: object) -> tuple[Path | None, str | None]:
    """The file to read, if any: the one that is named, else that of the current folder; and a remark.

    A folder that this account may not look into has none for it: only a file that is named is demanded.
    """
    if named:
        return SETTINGS.at_home(str(named)), None
    try:
        return (_IN_THIS_FOLDER if SETTINGS.is_file(_IN_THIS_FOLDER) else None), None
    except UsageError as trouble:
        if not isinstance(trouble.__cause__, PermissionError):
            raise
        return None, (
            f"this account may not look into the current folder, so no {_IN_THIS_FOLDER} is read from it; "
            "--config names one elsewhere."
        )


def from_file(path: Path, known: Collection[str]) -> Layer:
    """What a settings file says. Raises UsageError, naming it and the place in it."""
    with SETTINGS.told(path), path.open("rb") as file:
        content = file.read(_MOST_FILE_BYTES + 1)
    for name in (document := _parsed(content, path)):
        if name in _ENV_ONLY:
            raise UsageError(
                f"{path} holds {name}, which is a secret.",
                hint=f"Set the environment variable {ENV_PREFIX}{name.upper()} instead.",
            )
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise UsageError(
                f"{path} has a setting that does not exist: {name}.",
                hint=f"Did you mean {near[0]}?" if near else "See docs/reference/settings.md for the names.",
            )
    return {name: (value, str(path)) for name, value in document.items()}


def _parsed(content: bytes, path: Path) -> dict[str, object]:
    cannot = f"The settings file {path} cannot be read"
    if len(content) > _MOST_FILE_BYTES:
        raise UsageError(f"{cannot}: it has more than {_MOST_FILE_BYTES:,} bytes, as no settings do.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{cannot}: line {line} is not UTF-8.", hint="Save it as UTF-8, as every TOML file is."
        ) from None
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise UsageError(f"{cannot}: it is nested too deeply.") from None
    except ValueError as error:
        raise UsageError(f"{cannot}: {error}.", hint=_about_backslash(text, str(error))) from None


def _about_backslash(text: str, problem: str) -> str | None:
    """What to do about a Windows path in double quotation marks; None where the line has no backslash."""
    found = _LINE_OF_ERROR.search(problem)
    lines = text.splitlines()
    line = lines[int(found[1]) - 1] if found and int(found[1]) <= len(lines) else ""
    quoted = re.search(r'"([^"]*\\[^"]*)"?', line)
    if quoted is None:
        return None
    return (
        "A backslash in double quotation marks begins a special character. "
        f"Write the value in single quotation marks: '{quoted[1]}'"
    )


def from_environment(environ: Mapping[str, str], known: Collection[str]) -> Layer:
    """What the environment says. Raises UsageError for a value that is still in quotation marks."""
    variables = {name: f"{ENV_PREFIX}{name.upper()}" for name in known}
    for name, variable in (*variables.items(), ("config", f"{ENV_PREFIX}CONFIG")):
        if name not in _MAY_BE_QUOTED and _is_quoted(environ.get(variable, "")):
            raise UsageError(
                f"The value of {variable} is in quotation marks, and they are part of it.",
                hint="Leave them out: docker's --env-file and cmd's `set` keep what a shell would take away.",
                code="quoted-value",
            )
    return {name: (environ[var], var) for name, var in variables.items() if environ.get(var)}


def _is_quoted(value: str) -> bool:
    value = value.strip()
    return len(value) > 1 and value[0] in _QUOTES and value[-1] in _QUOTES


def remarks_of_environment(environ: Mapping[str, str], known: Collection[str]) -> Iterator[str]:
    """A sentence for each variable that looks like a setting and is none, or may not mean what it says."""
    names = sorted({"CONFIG", *(name.upper() for name in known)})
    for variable in sorted(name for name in environ if name.startswith(ENV_PREFIX) and environ[name]):
        name = variable.removeprefix(ENV_PREFIX)  # which all have in common: it would make all alike
        if name not in names:
            near = [
                f"; did you mean {ENV_PREFIX}{one}?" for one in difflib.get_close_matches(name, names, n=1)
            ]
            yield f"{variable} is no setting of batchqual{''.join(near) or '.'}"
        elif _is_quoted(environ[variable]):
            yield f"the value of {variable} is in quotation marks, and they are part of it."

"""The files of the project as text, and what no line of them may say.

A rule gives back its findings as ``file:line: sentence``. Words that a rule forbids are spelled in
pieces here, because this file is read too.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from support.house import ROOT

__all__ = ["files", "foreign_paths", "registry_hosts", "texts", "unexplained_silence"]

_NOT_OURS = {".git", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
_MADE = {"build", "dist", "demo"}

_HOSTS = re.compile(
    "|".join([r"pypi\.o" + "rg", r"pythonhos" + r"ted\.", r"npm" + r"js\.", r"deb" + r"ian\.org"])
)
_PATHS = re.compile(
    r"(?<![\w.~/])/(?:" + "|".join(["work", "root", "tmp", "home", "Users"]) + r")/[\w.]|\.\./sha" + "red"
)
_SILENCE = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma:\s*no\s*(?:cover|branch)|ruff:\s*noqa|mypy:)(.*)")
_CODES = re.compile(r"^[:\s]*(?:[A-Z]+\d+[,\s]*)*(?:\[[\w, -]+\])?[\s#:,-]*")


def files() -> list[Path]:
    """Every file that is or could be committed."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):
        return sorted(_walk(ROOT))
    return sorted(path for name in names if name and (path := ROOT / name).is_file())


def _walk(top: Path) -> Iterator[Path]:
    for folder, inner, names in os.walk(top):
        inner[:] = [name for name in inner if name not in _NOT_OURS | _MADE]
        yield from (Path(folder) / name for name in names)


def texts() -> Iterator[tuple[str, str]]:
    """Name and text of every file that is text."""
    for path in files():
        content = path.read_bytes()
        if b"\0" not in content[:8192]:
            yield path.relative_to(ROOT).as_posix(), content.decode("utf-8", errors="replace")


def _search(pattern: re.Pattern[str], name: str, text: str) -> Iterator[tuple[str, re.Match[str]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if match := pattern.search(line):
            yield f"{name}:{number}: ", match


def registry_hosts(name: str, text: str) -> list[str]:
    """Addresses of package registries: whoever installs has their own."""
    return [f"{at}names {match[0]}" for at, match in _search(_HOSTS, name, text)]


def foreign_paths(name: str, text: str) -> list[str]:
    """Paths that exist on somebody's machine only."""
    return [f"{at}names {match[0]}" for at, match in _search(_PATHS, name, text)]


def unexplained_silence(name: str, text: str) -> list[str]:
    """Comments that silence a check without three words of reason on their line."""
    return [
        f"{at}says no reason for {match[0]}"
        for at, match in _search(_SILENCE, name, text)
        if name.endswith(".py") and len(re.findall(r"[A-Za-z']+", _CODES.sub("", match[1], count=1))) < 3
    ]

"""What the project needs, by its own word, and the lock in which all of it is pinned."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .house import ROOT

__all__ = ["BACKEND", "DEV", "EXTRAS", "RUNTIME", "needs_of", "pins"]

_PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _declared(*groups: list[str]) -> dict[str, Requirement]:
    return {canonicalize_name(one.name): one for group in groups for one in map(Requirement, group)}


RUNTIME = _declared(_PROJECT["project"]["dependencies"])
EXTRAS = _declared(*_PROJECT["project"]["optional-dependencies"].values())
DEV = _declared(_PROJECT["dependency-groups"]["dev"])
BACKEND = _declared(_PROJECT["build-system"]["requires"])


def pins() -> dict[str, Requirement]:
    """The lock's packages by name: each with its version and the platforms that it is for."""
    lines = re.findall(
        r"^([\w.-]+==[^\\\n]+)", (ROOT / "constraints.txt").read_text("utf-8"), flags=re.MULTILINE
    )
    return {canonicalize_name(one.name): one for one in map(Requirement, lines)}


def needs_of(name: str) -> list[Requirement]:
    """What a package requires, as it is installed here; nothing for one that is for other platforms."""
    try:
        return [Requirement(line) for line in distribution(name).requires or ()]
    except PackageNotFoundError:
        return []

"""What the code imports is declared, what is declared is used, and all of it is pinned by hash."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from support.house import ROOT, Module, house, imports, module
from support.tree import files

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8")

#: Needed without being imported by name, and why.
UNSEEN = {
    "mypy": "run by make check",
    "ruff": "run by make check",
    "hatchling": "the build backend",
    "coverage": "run by pytest-cov",
    "pytest-cov": "a plugin of pytest",
    "pytest-asyncio": "a plugin of pytest",
    "pytest-timeout": "a plugin of pytest",
    "pytest-xdist": "a plugin of pytest",
    "looptime": "a plugin of pytest: virtual time",
}
#: Declared before the code that imports it.
AWAITED = {"msal": "signing in comes next, and no installation shall have to change for it"}
#: Imported without being declared: part of something that is.
COMPANIONS = {"multidict": "the headers of aiohttp", "yarl": "the addresses of aiohttp"}
OURS = {"batchqual", "tests"} | {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()}


def _declared(*groups: list[str]) -> dict[str, Requirement]:
    return {canonicalize_name(one.name): one for group in groups for one in map(Requirement, group)}


RUNTIME = _declared(PROJECT["project"]["dependencies"])
DEV = _declared(PROJECT["dependency-groups"]["dev"])
BACKEND = _declared(PROJECT["build-system"]["requires"])


def _imported(modules: list[Module]) -> set[str]:
    """Distributions that modules import; the import's own name where no distribution is known for it."""
    homes = packages_distributions()
    tops = {found.target.split(".")[0] for one in modules for found in imports(one)}
    foreign = tops - OURS - set(sys.stdlib_module_names) - {""}
    return {canonicalize_name(homes.get(top, [top])[0]) for top in foreign}


def _test_modules() -> list[Module]:
    paths = [path for path in files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] == "tests"]
    names = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths}
    return [module(name, path.read_text(encoding="utf-8")) for path, name in names.items()]


def _pins() -> dict[str, tuple[str, int]]:
    """Name to pinned version and number of hashes, from constraints.txt."""
    blocks = re.findall(
        r"^([\w.-]+)==(\S+)(.*?)(?=^[\w#])", CONSTRAINTS + "end", flags=re.MULTILINE | re.DOTALL
    )
    return {
        canonicalize_name(name): (version, rest.count("--hash=sha256:")) for name, version, rest in blocks
    }


def test_the_program_imports_what_it_declares() -> None:
    """Nothing is imported that an installation would lack, and nothing is declared in vain."""
    assert set(RUNTIME) - set(AWAITED) == _imported(list(house())) - set(COMPANIONS)


def test_the_tests_import_what_is_declared() -> None:
    """The tests' own needs are in the dev group, and each entry there is used or explained."""
    used = _imported(_test_modules())
    assert set() == used - set(RUNTIME) - set(DEV) - set(COMPANIONS)
    stubs = {name for name in DEV if name.startswith("types-") or name.endswith("-stubs")}
    assert set() == set(DEV) - used - stubs - set(UNSEEN)


def test_every_requirement_is_pinned_by_hash() -> None:
    """The tested version of each is within its range, and every pin carries hashes."""
    pins = _pins()
    wanted = RUNTIME | DEV | BACKEND
    assert set() == wanted.keys() - pins.keys()
    assert [] == [name for name, need in wanted.items() if pins[name][0] not in need.specifier]
    assert [] == [name for name, (_version, hashes) in pins.items() if not hashes]


def test_constraints_name_no_address() -> None:
    """Whoever installs has a package index of their own."""
    assert "://" not in CONSTRAINTS
    assert "index" not in CONSTRAINTS


def test_what_only_windows_needs_is_marked_so() -> None:
    """One file serves every platform: a pin for Windows does not get in the way elsewhere."""
    line = next(line for line in CONSTRAINTS.splitlines() if line.startswith("colorama"))
    marker = Requirement(line.rstrip("\\ ")).marker
    assert marker is not None
    assert marker.evaluate({"sys_platform": "win32"})
    assert not marker.evaluate({"sys_platform": "linux"})

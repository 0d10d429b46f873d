"""What the code imports is declared, what is declared is used, and all of it is pinned by hash."""

from __future__ import annotations

import re
import sys
from importlib.metadata import packages_distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from support.house import ROOT, Module, house, imports, module
from support.lock import BACKEND, DEV, EXTRAS, RUNTIME
from support.tree import files

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
#: Imported without being declared: part of something that is.
COMPANIONS = {
    "azure-core": "the errors of the azure packages",
    "cryptography": "the certificates of msal",
    "multidict": "the headers of aiohttp",
    "requests": "what msal speaks through",
    "yarl": "the addresses of aiohttp",
}
OURS = {"batchqual", "tests"} | {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()}


INSTALLED = packages_distributions()


def _imported(modules: list[Module]) -> set[str]:
    """Distributions that modules import; the import's own name where no distribution is known for it."""
    targets = {found.target for one in modules for found in imports(one)}
    known = OURS | set(sys.stdlib_module_names) | {""}
    return {_home(target) for target in targets if target.split(".")[0] not in known}


def _home(target: str) -> str:
    """The distribution behind an import. Several may share a namespace, as those of azure do."""
    top = target.partition(".")[0]
    homes = [canonicalize_name(name) for name in INSTALLED.get(top, [top])]
    named = [name for name in homes if f"{canonicalize_name(target)}-".startswith(f"{name}-")]
    return max(named or homes[:1], key=len)


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
    assert set(RUNTIME) | set(EXTRAS) == _imported(list(house())) - set(COMPANIONS)


def test_what_may_be_missing_is_imported_where_it_is_needed() -> None:
    """An extra is imported in functions alone; so is the companion that comes with nothing but an extra."""
    at_start = {_home(found.target) for one in house() for found in imports(one) if found.at_start}
    assert set() == at_start & (set(EXTRAS) | {"azure-core"})


def test_the_tests_import_what_is_declared() -> None:
    """The tests' own needs are in the dev group, and each entry there is used or explained."""
    used = _imported(_test_modules())
    assert set() == used - set(RUNTIME) - set(DEV) - set(COMPANIONS)
    stubs = {name for name in DEV if name.startswith("types-") or name.endswith("-stubs")}
    assert set() == set(DEV) - used - stubs - set(UNSEEN) - set(EXTRAS)


def test_the_extras_are_tested_with_the_real_packages() -> None:
    """All of them are in the dev group."""
    assert set() == EXTRAS.keys() - DEV.keys()


def test_a_shared_name_belongs_to_the_distribution_that_is_spelled_so() -> None:
    """Otherwise any package of azure would do for all of them."""
    targets = ["azure.core.exceptions", "azure.keyvault.secrets", "unknown.part"]
    assert ["azure-core", "azure-keyvault-secrets", "unknown"] == [_home(target) for target in targets]


def test_every_requirement_is_pinned_by_hash() -> None:
    """The tested version of each is within its range, and every pin carries hashes."""
    pins = _pins()
    wanted = RUNTIME | EXTRAS | DEV | BACKEND
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

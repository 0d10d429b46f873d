"""Installing does not age: what was pinned once installs on any later day, with the oldest pip too."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path

import pytest
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from support.aged_index import project_beside
from support.house import ROOT
from support.lock import BACKEND, DEV, EXTRAS, RUNTIME, needs_of, pins
from support.tree import texts

OLDEST_PIP = "23.0"
OLDEST_PIP_PIN = (
    f"pip=={OLDEST_PIP} --hash=sha256:b5f88adff801f5ef052bcdef3daa31b55eb67b0fccd6d0106c206fa248e0463c\n"
)
PYTHONS = ("3.11.0", "3.12.0", "3.13.0", "3.14.0")
HERE = {name: str(value) for name, value in default_environment().items()}
#: As pip finds them: what markers are asked about.
PLATFORMS: tuple[dict[str, str], ...] = (
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "aarch64"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
)


def _environments() -> Iterator[dict[str, str]]:
    for python in PYTHONS:
        short = python.rpartition(".")[0]
        for platform in PLATFORMS:
            yield {
                **HERE,
                **platform,
                "python_version": short,
                "python_full_version": python,
                "implementation_version": python,
            }


def _name_of(environment: dict[str, str]) -> str:
    return " ".join(environment[name] for name in ("python_version", "sys_platform", "platform_machine"))


def _holds(marker: Marker | None, environment: dict[str, str], extra: str = "") -> bool:
    return marker is None or marker.evaluate({**environment, "extra": extra})


def _lacking(environment: dict[str, str]) -> list[str]:
    """What an installation of the lock would lack there, or have in a version that will not do."""
    lock = pins()
    lacking: list[str] = []
    waiting = [*RUNTIME.values(), *EXTRAS.values(), *DEV.values(), *BACKEND.values()]
    met: set[str] = set()
    while waiting:
        need = waiting.pop()
        if str(need) in met:
            continue
        met.add(str(need))
        pin = lock.get(canonicalize_name(need.name))
        if pin is None or not _holds(pin.marker, environment):
            lacking.append(str(need))
            continue
        [pinned] = pin.specifier
        if pinned.version not in need.specifier:
            lacking.append(f"{need}, not {pinned.version}")
        for extra in ("", *need.extras):
            waiting += [one for one in needs_of(need.name) if _holds(one.marker, environment, extra)]
    return lacking


@pytest.mark.parametrize("environment", list(_environments()), ids=_name_of)
def test_the_lock_is_complete(environment: dict[str, str]) -> None:
    """Nothing is left for a resolver to find: every requirement of every pinned package is pinned as well, on
    each platform on which it is one."""
    assert [] == _lacking(environment)


def test_what_is_pinned_for_this_platform_is_installed() -> None:
    """So the requirements that the other tests read are those of the whole lock."""
    absent = [name for name, pin in pins().items() if _holds(pin.marker, HERE) and not _is_installed(name)]
    assert [] == absent


def _is_installed(name: str) -> bool:
    try:
        return version(name) in pins()[name].specifier
    except PackageNotFoundError:
        return False


def test_every_pinned_package_runs_on_every_python_that_we_name() -> None:
    """Or an older Python would be refused by one package in the middle of the installation."""
    refused = []
    for name in pins():
        try:
            asked = SpecifierSet(str(metadata(name).json.get("requires_python", "")))
        except PackageNotFoundError:
            continue
        refused += [f"{name}: {asked}" for python in PYTHONS if python not in asked]
    assert [] == refused


def _installing(text: str) -> list[str]:
    """Commands of a script or a page that install from a lock, each on one line."""
    joined = re.sub(r"\\\n\s*", "", text)
    return [
        line for line in joined.splitlines() if re.search(r"install\b.*(?:constraints|locks/\w+)\.txt", line)
    ]


def test_whoever_installs_a_lock_leaves_nothing_to_a_resolver() -> None:
    """Also what people are told to type, and what tools of ours fetch: no newer version, nothing without its
    hash, and nothing that would fetch what it is built with."""
    exact = "--require-hashes --no-deps --only-binary :all: -r "
    found = [
        (name, line) for name, text in texts() if not name.startswith("tests/") for line in _installing(text)
    ]
    assert {".ci/make-env", ".ci/pin", ".ci/audit", ".ci/fuzz", "README.md", "constraints.txt"} == {
        name for name, _ in found
    }
    assert [] == [(name, line) for name, line in found if exact not in line]


@pytest.mark.parametrize("name", ["audit", "fuzz", "pin"])
def test_the_tools_are_pinned_with_all_that_they_need(name: str) -> None:
    """What a script names is in its lock, and every pin has hashes."""
    folder = ROOT / ".ci" / "locks"
    lock = (folder / f"{name}.txt").read_text("utf-8")
    pinned = set(re.findall(r"^([\w.-]+)==\S+ (?:;.*)?\\\n +--hash=sha256:", lock, flags=re.MULTILINE))
    assert len(re.findall(r"^[\w.-]+==", lock, flags=re.MULTILINE)) == len(pinned)
    wanted = [Requirement(line).name for line in (folder / f"{name}.in").read_text("utf-8").splitlines()]
    assert set(wanted) <= pinned


@pytest.fixture(scope="module")
def aged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project beside an index in which each pinned package has a newer version."""
    return project_beside(tmp_path_factory.mktemp("aged"), RUNTIME.values())


def _make_env(project: Path, venv: Path, index: Path) -> subprocess.CompletedProcess[str]:
    bare = {
        "PATH": "/usr/bin:/bin",
        "PYTHON": sys.executable,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": index.as_uri(),
        "PIP_NO_CACHE_DIR": "1",
    }
    return subprocess.run(
        (".ci/make-env", venv),
        cwd=project,
        env=bare,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _environment_with_oldest_pip(venv: Path) -> None:
    """`make-env` takes an environment that is there already as it is."""
    subprocess.run((sys.executable, "-m", "venv", venv), check=True, timeout=60)
    wanted = venv / "oldest-pip.txt"
    wanted.write_text(OLDEST_PIP_PIN, encoding="utf-8")
    exact = ("--no-deps", "--only-binary", ":all:", "--require-hashes", "--disable-pip-version-check")
    done = subprocess.run(
        (venv / "bin" / "python", "-m", "pip", "install", "--quiet", *exact, "-r", wanted),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode and "CI" not in os.environ:
        pytest.skip(f"pip {OLDEST_PIP} cannot be fetched here, and the tests have none of their own")
    assert 0 == done.returncode, done.stderr


def _installed(venv: Path) -> set[str]:
    told = subprocess.run(
        (venv / "bin" / "python", "-m", "pip", "freeze", "--exclude-editable"),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(told.stdout.split())


@pytest.mark.skipif(sys.platform == "win32", reason="make-env is for sh")
@pytest.mark.parametrize(
    "oldest",
    [
        pytest.param(
            True,
            marks=pytest.mark.skipif(
                sys.version_info >= (3, 12), reason=f"pip {OLDEST_PIP} needs Python 3.11"
            ),
            id=f"pip {OLDEST_PIP}",
        ),
        pytest.param(False, id="the pip that this Python brings"),
    ],
)
def test_the_lock_installs_beside_newer_versions(aged: Path, tmp_path: Path, *, oldest: bool) -> None:
    """`make setup` brings every pinned version, and looks for no other."""
    venv = tmp_path / "venv"
    if oldest:
        _environment_with_oldest_pip(venv)
    done = _make_env(aged, venv, aged.parent / "index")
    assert (0, "") == (done.returncode, done.stderr)
    assert {f"{name}{pin.specifier}" for name, pin in pins().items() if _holds(pin.marker, HERE)} == {
        line for line in _installed(venv) if not line.startswith("setuptools=")
    }


@pytest.mark.skipif(sys.version_info >= (3, 12), reason=f"pip {OLDEST_PIP} needs Python 3.11")
@pytest.mark.skipif(sys.platform == "win32", reason="make-env is for sh")
def test_a_resolver_would_stumble_over_the_newer_versions(aged: Path, tmp_path: Path) -> None:
    """Without ``--no-deps``, as it once was, the same script fails there: the test above would notice."""
    project, venv = tmp_path / "project", tmp_path / "venv"
    shutil.copytree(aged, project)
    script = project / ".ci" / "make-env"
    script.write_text(script.read_text("utf-8").replace("--require-hashes --no-deps", "--require-hashes"))
    _environment_with_oldest_pip(venv)
    done = _make_env(project, venv, aged.parent / "index")
    assert 1 == done.returncode
    assert "In --require-hashes mode, all requirements must have their versions pinned" in done.stderr

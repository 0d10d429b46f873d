"""Paths that the system has trouble with: the exit code of what they are for, a sentence, no traceback."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.barred import POSSIBLE, Command, Told, barred, nameless
from support.command_line import sheet

from batchqual.clock import SystemClock
from batchqual.ledger import Ledger

pytestmark = pytest.mark.skipif(not POSSIBLE, reason="needs Linux, to hold root to the rights of files")

LONG = "n" * 300
#: Where a path may lead: into a folder that may not be entered, through a link to itself, and so on.
TROUBLES = {
    "shut": "shut/{}",
    "circle": "circle/{}",
    "through a file": "customers.csv/{}",
    "too long": LONG + "{}",
}
WRITES = ("--yes", "--ledger", "kept.sqlite3")
OUTPUTS: dict[str, tuple[str, ...]] = {
    "check --fix": ("check", "customers.csv", "--fix"),
    "check --report": ("check", "customers.csv", "--report"),
    "run --report": ("run", "customers.csv", *WRITES, "--report"),
    "report": ("report", "--ledger", "kept.sqlite3", "--report"),
    "template": ("template",),
    "customers": ("customers",),
    "support": ("support", "7", "--ledger", "kept.sqlite3", "--out"),
    "simulate": ("simulate", "--port", "0", "--state"),
}
LEDGERS: dict[str, tuple[str, ...]] = {
    "run": ("run", "customers.csv", "--yes"),
    "resume": ("resume",),
    "status": ("status",),
    "report": ("report",),
    "verify": ("verify",),
    "support": ("support", "7"),
    "codes": ("codes",),
    "customers": ("customers", "out.xlsx"),
    "doctor": ("doctor",),
}


def _named() -> Iterator[tuple[str, int, tuple[str, ...], dict[str, str]]]:
    """Name, exit code, arguments and environment of each command, in the folder that `_furnish` makes."""
    for trouble, path in TROUBLES.items():
        for verb in ("check", "run"):
            more = WRITES if verb == "run" else ()
            yield f"{verb}: input {trouble}", 10, (verb, path.format("a.csv"), *more), {}
            yield f"{verb}: wildcard {trouble}", 10, (verb, path.format("*.csv"), *more), {}
        for name, words in OUTPUTS.items():
            yield f"{name}: output {trouble}", 2, (*words, path.format("o.xlsx")), {}
        for name, words in LEDGERS.items():
            yield f"{name}: ledger {trouble}", 11, (*words, "--ledger", path.format("l.db")), {}
        settings = path.format("batchqual.toml")
        yield f"--config {trouble}", 2, ("check", "customers.csv", "--config", settings), {}
        yield f"CONFIG {trouble}", 2, ("check", "customers.csv"), {"BATCHQUAL_CONFIG": settings}
        bundle = {"BATCHQUAL_CA_BUNDLE": path.format("ca.pem")}
        yield f"CA bundle {trouble}", 2, ("codes", "--ledger", "kept.sqlite3"), bundle
    yield "input: a circle", 10, ("check", "circle"), {}
    yield "input: a folder of which the names are secret", 10, ("check", "secret/*.csv"), {}
    yield "input: nothing in such a folder", 10, ("check", "secret/none.csv"), {}
    yield "input: a file in such a folder", 0, ("check", "secret/customers.csv"), {}
    yield "input: a file that may not be read", 10, ("check", "unreadable.csv"), {}
    yield "input: nobody's home", 10, ("check", "~nobody-of-that-name/*.csv"), {}
    yield "ledger: nobody's home", 11, ("status", "--ledger", "~nobody-of-that-name/l.db"), {}
    yield "output: a folder that takes no file", 2, ("template", "full/o.xlsx"), {}


NAMED = {name: (code, words, environ) for name, code, words, environ in _named()}


def _furnish(folder: Path) -> None:
    sheet(folder)
    for name in ("home", "shut", "secret", "full"):
        (folder / name).mkdir()
        shutil.copy(folder / "customers.csv", folder / name)
    (folder / "circle").symlink_to("circle")
    shutil.copy(folder / "customers.csv", folder / "unreadable.csv")
    for name, mode in {"shut": 0, "secret": 0o311, "full": 0o555, "unreadable.csv": 0}.items():
        (folder / name).chmod(mode)


def _environ(folder: Path, more: dict[str, str]) -> dict[str, str]:
    nowhere = {"BATCHQUAL_BASE_URL": "http://127.0.0.1:9", "BATCHQUAL_ACCESS_TOKEN": "a-token"}
    return {"HOME": str(folder / "home"), "PATH": os.defpath, "LANG": "C.UTF-8", **nowhere, **more}


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a sheet, and all kinds of trouble around it."""
    folder = tmp_path_factory.mktemp("paths")
    _furnish(folder)
    with Ledger.open(folder / "kept.sqlite3", clock=SystemClock(), command="run"):
        pass
    yield folder
    for name in ("shut", "secret", "full"):
        (folder / name).chmod(0o755)


@pytest.fixture(scope="module")
def told(furnished: Path) -> dict[str, Told]:
    """What each command said."""
    commands = [
        Command(words, str(furnished), _environ(furnished, environ)) for _, words, environ in NAMED.values()
    ]
    return dict(zip(NAMED, barred(commands), strict=True))


@pytest.mark.parametrize("name", NAMED)
def test_trouble_with_a_path_is_told_in_words(name: str, told: dict[str, Told]) -> None:
    """10 for the input, 2 for output and settings, 11 for the ledger; never 1, and never a traceback."""
    expected, _, _ = NAMED[name]
    assert expected == told[name].code, told[name].words
    assert "Traceback" not in told[name].words
    assert "nobody foresaw" not in told[name].words


_HERE: dict[str, tuple[int, int, tuple[str, ...]]] = {
    # name: exit code in a folder that is shut, in one that was deleted, and what is typed there
    "check, named in full": (0, 0, ("check", "{}/customers.csv")),
    "check": (10, 10, ("check", "customers.csv")),
    "check, wildcard": (10, 10, ("check", "*.csv")),
    "check --fix": (2, 2, ("check", "{}/customers.csv", "--fix", "o.xlsx")),
    "check --report": (2, 2, ("check", "{}/customers.csv", "--report", "o.xlsx")),
    "verify": (11, 11, ("verify", "--ledger", "{}/none.sqlite3")),
    "resume, ledger here": (11, 11, ("resume", "--ledger", "l.db", "--report", "{}/r.xlsx")),
    "status, ledger here": (11, 11, ("status", "--ledger", "l.db")),
    "template": (2, 2, ("template", "o.xlsx")),
    "support": (11, 11, ("support", "7", "--ledger", "{}/none.sqlite3")),
    "customers": (2, 2, ("customers", "o.xlsx")),
    "doctor": (2, 2, ("doctor", "--ledger", "{}/none.sqlite3")),
    "version": (0, 0, ("--version",)),
}
HERE = [f"{then}: {name}" for then in ("shut", "deleted") for name in _HERE]


@pytest.fixture(scope="module")
def told_here(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Told]:
    """What each command says in a working folder that may not be entered, and in one that is gone."""
    commands = []
    for one in HERE:
        then, _, name = one.partition(": ")
        words = [word.format(furnished) for word in _HERE[name][2]]
        commands.append(Command(words, str(tmp_path_factory.mktemp("here")), _environ(furnished, {}), then))
    return dict(zip(HERE, barred(commands), strict=True))


@pytest.mark.parametrize("one", HERE)
def test_trouble_with_the_working_folder_is_told_in_words(one: str, told_here: dict[str, Told]) -> None:
    """What does not need that folder works; the rest says which path of which kind is in trouble."""
    then, _, name = one.partition(": ")
    shut, deleted, _ = _HERE[name]
    assert (shut if then == "shut" else deleted) == told_here[one].code, told_here[one].words
    assert "Traceback" not in told_here[one].words
    assert "nobody foresaw" not in told_here[one].words


def test_a_settings_file_that_cannot_be_looked_for_is_a_note(told_here: dict[str, Told]) -> None:
    """Nobody named one; the note says how to."""
    assert "may not look into the current folder, so no batchqual.toml" in told_here["shut: verify"].words
    assert "batchqual.toml" not in told_here["deleted: verify"].words


def test_the_folder_that_is_gone_is_named_as_the_reason(told_here: dict[str, Told]) -> None:
    """The file need not be sought: it is the folder."""
    assert "the folder in which the program was started is gone" in told_here["deleted: check"].words


@pytest.fixture(scope="module")
def told_nobody(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Told]:
    """What commands say to a user without HOME and without an entry in the password file."""
    if os.geteuid() != 0:
        pytest.skip("only root becomes somebody else")
    folder = tmp_path_factory.mktemp("nobody")
    sheet(folder)
    environ = {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "BATCHQUAL_TENANT_ID": _GUID,
        "BATCHQUAL_CLIENT_ID": _GUID,
    }
    commands = [Command(words, str(folder), environ) for _, words in NOBODY.values()]
    found = dict(zip(NOBODY, nameless(commands), strict=True))
    assert not (folder / "~").exists()
    return found


_GUID = "00000000-0000-4000-8000-0000000000aa"
_KEPT = ("--ledger", "kept.sqlite3")
NOBODY: dict[str, tuple[int, tuple[str, ...]]] = {
    "rehearse": (0, ("rehearse", "customers.csv", "--yes", *_KEPT)),
    "status": (0, ("status", *_KEPT)),
    "verify": (0, ("verify", *_KEPT)),
    "check": (0, ("check", "customers.csv")),
    "logout": (0, ("logout",)),
    "status without a ledger": (11, ("status",)),
    "run without a ledger": (11, ("run", "customers.csv", "--yes")),
    "login, which nothing could keep": (2, ("login",)),
    "run with bad input and without a ledger": (10, ("run", "none.csv", "--yes")),
}


@pytest.mark.parametrize("name", NOBODY)
def test_without_a_home_a_named_ledger_suffices(name: str, told_nobody: dict[str, Told]) -> None:
    """What needs a home says so, and what is wrong with the input comes first; no folder called ~ is made."""
    code, _ = NOBODY[name]
    told = told_nobody[name]
    assert code == (0 if name == "rehearse" and told.code in (3, 4) else told.code), told.words
    assert ("no home folder (HOME is not set)" in told.words) == (code in (2, 11))

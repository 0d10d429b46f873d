"""The plan of the house, held by a machine: who may import whom, and what is said and done only in one place.

Each rule is first shown a small breach, so that it is known to see one, and then the whole house.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import pytest
from support.house import (
    Module,
    breaches,
    broad_catches,
    calls,
    cycles,
    deep_entries,
    house,
    mentions,
    module,
    path_questions,
    submodules,
    unnamed,
    unsaid,
    unsized,
)

FLOOR = {"clock", "errors", "failpoints", "model", "paths"}
ENGINE = FLOOR | {"durations", "events", "ledger", "partnercenter", "pipeline", "report", "settings"}

#: part: (what it may import, because)
TABLE: dict[str, tuple[Collection[str], str]] = {
    "": (FLOOR | {"frames", "python", "report", "settings"}, "the public names, loaded at their first use"),
    "__main__": ({"cli"}, "`python -m batchqual` is the command line"),
    "errors": ((), "the floor"),
    "clock": ((), "the floor"),
    "failpoints": ((), "where a test may end the process; nobody else heeds them"),
    "durations": ((), "words for numbers, and nothing else"),
    "model": ((), "values know no machinery"),
    "machine": ((), "what differs between platforms is nobody else's matter"),
    "paths": ({"errors"}, "the one door between a path that somebody named and the system"),
    "ownreports": ((), "the marks of a report are the same for whoever makes and whoever meets one"),
    "atomic": ({"errors", "failpoints", "paths"}, "a file is written whole, whatever stands in it"),
    "exceltext": ((), "what a cell may hold is the same for whoever writes one"),
    "events": ({"model"}, "everybody may speak, nobody must listen"),
    "clouds": ((), "addresses, and nothing else"),
    "spelling": ({"durations", "ingest", "model"}, "flags and cells spell a qualification the same way"),
    "layers": ({"errors", "paths"}, "where settings come from, whatever they mean"),
    "settings": (
        FLOOR | {"clouds", "durations", "layers", "spelling"},
        "what a run can be told, and by whom it was",
    ),
    "ingest": (FLOOR | {"atomic", "exceltext", "ownreports"}, "a spreadsheet is not a network matter"),
    "partnercenter": (FLOOR | {"durations", "events"}, "never the ledger: the door does not remember"),
    "ledger": (FLOOR | {"machine"}, "never partnercenter: the book does not call"),
    "report": (FLOOR | {"atomic", "exceltext", "ownreports"}, "works from values that it is given"),
    "pipeline": (
        FLOOR | {"durations", "events", "ledger", "partnercenter", "settings"},
        "the only place where book and door meet",
    ),
    "telemetry": (FLOOR | {"events"}, "the engine must not know its audience"),
    "simulator": ((), "a witness that cannot share a mistake with the client"),
    "signin": (FLOOR | {"atomic", "machine", "partnercenter"}, "brings tokens, and knows no rows"),
    "credentials": (
        FLOOR | {"clouds", "events", "partnercenter", "settings", "signin"},
        "from settings to tokens",
    ),
    "logins": (
        FLOOR | {"credentials", "partnercenter", "settings", "signin"},
        "a person signs in for months, without a run",
    ),
    "target": (
        FLOOR | {"credentials", "ledger", "machine", "partnercenter", "settings"},
        "which service, whose, which book",
    ),
    "consent": (FLOOR | {"ingest", "ledger", "pipeline", "target"}, "asks before anything is written"),
    "account": (
        FLOOR | {"durations", "ledger", "pipeline", "report", "settings", "target"},
        "turns what came of a run into its report and its last line in the ledger",
    ),
    "composition": (
        ENGINE | {"account", "consent", "credentials", "ingest", "pacekeeping", "target"},
        "puts one run together, for the command line and for Python",
    ),
    "pacekeeping": (FLOOR | {"ledger", "target"}, "what the door must be told of earlier processes"),
    "overview": (
        ENGINE | {"account", "composition", "credentials", "pacekeeping", "target"},
        "the verbs that read the book without a run",
    ),
    "ticket": (
        FLOOR | {"ledger", "partnercenter", "settings", "target", "telemetry"},
        "what the book knows of a customer, as text without secrets",
    ),
    "spool": ({"errors", "machine", "partnercenter"}, "what an export has read speaks of pages"),
    "held": ({"model"}, "what a customer holds, as cells"),
    "directory": (
        FLOOR
        | {"credentials", "events", "held", "ingest", "ledger", "pacekeeping", "partnercenter"}
        | {"pipeline", "settings", "spool", "target"},
        "the partner's customers as a sheet, without a run",
    ),
    "doctor": (
        ENGINE
        | {
            "account",
            "clouds",
            "consent",
            "credentials",
            "ingest",
            "machine",
            "pacekeeping",
            "signin",
            "target",
        },
        "looks at every part that a run needs",
    ),
    "frames": (FLOOR | {"composition", "report", "settings"}, "tables for notebooks"),
    "python": (
        ENGINE | {"clouds", "composition", "ingest", "target"},
        "what a notebook or another program calls",
    ),
    "rehearsal": (ENGINE | {"composition", "simulator"}, "a run whose service is the simulator"),
}

KNOWN = submodules(house())
PARTS = frozenset(one.part for one in house())
MAY_IMPORT = {part: allowed for part, (allowed, _because) in TABLE.items()} | {"cli": PARTS}

#: The only modules that wait, and what for. Everything else is told when its time has come.
SLEEPERS = {
    "batchqual.cli.driving": "what a person sees is brought up to date now and then",
    "batchqual.ledger.lock": "the doctor is asking the service",
    "batchqual.partnercenter.pace": "the gate that a 429 closes for everyone",
    "batchqual.signin.interactive": "the service is away while a person enters a code",
    "batchqual.signin.store": "another process is redeeming the same token",
    "batchqual.simulator.app": "latency, and answers that come too late, are what it plays",
    "batchqual.simulator.state": "its world is written down now and then",
}
#: The only modules that ask which platform this is.
PLATFORM_BRANCHES = {
    "batchqual.machine": "the one place for it",
    "batchqual.simulator.wire": "Windows has another struct for a reset, and it imports nothing of ours",
}
#: The only modules that ask the system about a path outside a block that has words for trouble, and why.
PATH_ASKERS = {
    "batchqual.atomic": "looks after files of its own making",
    "batchqual.machine": "what differs between platforms; whoever calls it has the words",
    "batchqual.doctor.book": "the examination turns every error into a finding",
    "batchqual.doctor.premises": "the examination turns every error into a finding",
    "batchqual.ingest.sources": "glob passes over what it may not enter; the folder is asked afterwards",
    "batchqual.ledger.files": "opened within trouble_in_words",
    "batchqual.ledger.queries": "the package's own files",
    "batchqual.ledger.schema": "the package's own files",
    "batchqual.simulator.state": "the simulator imports nothing of ours; its verb has the words",
    "batchqual.simulator.world": "the simulator imports nothing of ours; its verb has the words",
    "batchqual.signin.places": "removes its own file, within trouble_in_words",
    "batchqual.spool": "removes its own file",
}
PATH_METHODS = {
    *(
        "absolute",
        "exists",
        "expanduser",
        "glob",
        "is_dir",
        "is_file",
        "is_symlink",
        "iterdir",
        "lstat",
        "mkdir",
    ),
    *("read_bytes", "read_text", "readlink", "resolve", "rglob", "samefile", "stat", "touch", "unlink"),
    *("write_bytes", "write_text"),
}
PATH_FUNCTIONS = {
    *(
        "glob.glob",
        "open",
        "os.access",
        "os.getcwd",
        "os.listdir",
        "os.lstat",
        "os.makedirs",
        "os.mkdir",
        "os.open",
    ),
    *("os.scandir", "os.stat", "pathlib.Path.cwd", "pathlib.Path.home", "shutil.disk_usage"),
}
ROLES = {"INPUT", "LEDGER", "OUTPUT", "SETTINGS", "role", "_CERTIFICATE", "_PIPE", "_STATE"}
HANDS = {"batchqual.cli.console": "the only hands that print"}

POSIX_MODULES = {"fcntl", "grp", "msvcrt", "pty", "pwd", "resource", "syslog", "termios", "tty", "winreg"}
POSIX_CALLS = {
    "os": {
        *("chown", "fchmod", "fchown", "fork", "getegid", "geteuid", "getgid", "getpgid", "getuid", "killpg"),
        *("mkfifo", "nice", "setsid", "setuid", "uname", "wait", "waitpid", "O_CLOEXEC", "O_NOFOLLOW"),
    },
    "signal": {
        *("SIGALRM", "SIGBREAK", "SIGHUP", "SIGKILL", "SIGQUIT", "SIGUSR1", "SIGUSR2"),
        *("alarm", "pause", "setitimer", "signal", "sigwait"),
    },
    "*": {"add_signal_handler"},
}
PLATFORM_QUESTIONS = {"sys": {"platform"}, "os": {"name"}, "platform": {"system"}}

EMPTY_WORDS = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}

Rule = Callable[[Module], list[str]]


def _except(allowed: Collection[str], rule: Rule) -> Rule:
    return lambda one: [] if one.name in allowed else rule(one)


RULES: dict[str, Rule] = {
    "layers": lambda one: breaches(one, MAY_IMPORT, KNOWN),
    "front doors": lambda one: deep_entries(one, KNOWN),
    "prints": _except(HANDS, lambda one: calls(one, "print")),
    "sleeps": _except(SLEEPERS, lambda one: calls(one, "asyncio.sleep", "time.sleep")),
    "platform calls": _except({"batchqual.machine"}, lambda one: mentions(one, POSIX_MODULES, POSIX_CALLS)),
    "path questions": _except(
        PATH_ASKERS, lambda one: path_questions(one, PATH_METHODS, PATH_FUNCTIONS, ROLES)
    ),
    "platform branches": _except(PLATFORM_BRANCHES, lambda one: mentions(one, (), PLATFORM_QUESTIONS)),
    "sizes": lambda one: unsized(one, lines=300, function_lines=50),
    "names": lambda one: unnamed(one, EMPTY_WORDS),
    "docstrings": unsaid,
    "broad catches": broad_catches,
}


@pytest.mark.parametrize("rule", RULES)
def test_the_house_keeps_its_rules(rule: str) -> None:
    """No module breaks this rule."""
    assert [] == [finding for one in house() for finding in RULES[rule](one)]


@pytest.mark.parametrize(
    ("rule", "name", "source", "finding"),
    [
        pytest.param(
            "layers", "ledger.book", "import batchqual.partnercenter", "not import partnercenter", id="import"
        ),
        pytest.param(
            "layers", "ledger.book", "from batchqual import cli", "may not import cli", id="from root"
        ),
        pytest.param(
            "layers", "ledger.book", "from ..pipeline import Plan", "not import pipeline", id="relative"
        ),
        pytest.param(
            "layers", "simulator.app", "from ..errors import InputError", "import errors", id="simulator"
        ),
        pytest.param(
            "layers", "model.wish", "from batchqual import Wish", "may not import batchqual", id="root"
        ),
        pytest.param(
            "layers", "report.book", "def f():\n from .. import ledger", "import ledger", id="in a function"
        ),
        pytest.param(
            "layers", "attic.box", "from ..model import Wish", "attic may not", id="a part without a row"
        ),
        pytest.param(
            "front doors", "report.a", "from ..model.rows import Cell", "enter batchqual.model", id="window"
        ),
        pytest.param(
            "front doors", "report.a", "from ..model import rows", "enter batchqual.model", id="module"
        ),
        pytest.param("prints", "ledger.book", "print('x')", "calls print", id="print"),
        pytest.param(
            "sleeps", "ledger.book", "import asyncio\nasyncio.sleep(0)", "book:2: calls", id="asyncio"
        ),
        pytest.param(
            "sleeps", "ledger.book", "from time import sleep as z\nz(1)", "calls time.sleep", id="alias"
        ),
        pytest.param("platform calls", "report.a", "import fcntl", "imports fcntl", id="POSIX module"),
        pytest.param(
            "platform calls", "report.a", "import os\nos.getuid()", "uses os.getuid", id="POSIX call"
        ),
        pytest.param(
            "platform calls", "report.a", "from signal import SIGHUP", "uses signal.SIGHUP", id="POSIX name"
        ),
        pytest.param(
            "platform calls", "cli.a", "f().add_signal_handler(2, g)", "add_signal_handler", id="handler"
        ),
        pytest.param(
            "platform branches", "cli.a", "import os\nif os.name == 'nt': pass", "os.name", id="branch"
        ),
        pytest.param(
            "platform branches", "cli.a", "from sys import platform", "sys.platform", id="branch by name"
        ),
        pytest.param("path questions", "cli.a", "if path.exists(): x", "asks path.exists", id="method"),
        pytest.param(
            "path questions", "cli.a", "from os import getcwd as g\ng()", "asks os.getcwd", id="function"
        ),
        pytest.param(
            "path questions", "cli.a", "import os\nos.path.isdir(x)", "asks os.path.isdir", id="os.path"
        ),
        pytest.param(
            "path questions", "cli.a", "with lock:\n path.read_text()", "path.read_text", id="another block"
        ),
        pytest.param("sizes", "report.a", "#\n" * 301, "has 301 lines", id="module"),
        pytest.param("sizes", "report.a", "def f():\n" + " 1\n" * 50, "f has 51 lines", id="function"),
        pytest.param("names", "report.utils", "", "utils says nothing", id="a module of no name"),
        pytest.param("names", "report.row_helper", "", "row_helper says nothing", id="half a name"),
        pytest.param("names", "report.a", "class RunManager: ...", "RunManager says nothing", id="class"),
        pytest.param("docstrings", "report.a", "x = 1", "has no docstring", id="docstring"),
        pytest.param(
            "broad catches", "a.b", "try: x\nexcept Exception: pass", "catches everything", id="Exception"
        ),
        pytest.param("broad catches", "a.b", "try: x\nexcept:\n pass", "catches everything", id="bare"),
        pytest.param(
            "broad catches", "a.b", "try: x\nexcept (A, BaseException):\n y", "catches", id="in a tuple"
        ),
    ],
)
def test_a_breach_is_seen(rule: str, name: str, source: str, finding: str) -> None:
    """The rule finds this breach, and nothing else in it."""
    (found,) = RULES[rule](module(f"batchqual.{name}", source))
    assert finding in found


@pytest.mark.parametrize(
    ("rule", "name", "source"),
    [
        pytest.param(
            "layers", "ledger.book", "from ..model import Wish\nfrom . import rows\nimport os", id="allowed"
        ),
        pytest.param("prints", "cli.console", "print('x')", id="the hands"),
        pytest.param("platform calls", "machine", "import fcntl, os\nos.getuid()", id="the machine room"),
        pytest.param("path questions", "cli.a", "if OUTPUT.exists(path): x", id="through a role"),
        pytest.param("path questions", "cli.a", "with INPUT.told(path):\n path.stat()", id="in words"),
        pytest.param("broad catches", "a.b", "try: x\nexcept BaseException:\n y\n raise", id="raised again"),
        pytest.param("broad catches", "a.b", "try: x\nexcept Exception:\n # because\n y", id="said why"),
        pytest.param("names", "settings", "class BaseUrl: ...".replace("Base", "Basis"), id="a name"),
    ],
)
def test_what_is_allowed_is_left_alone(rule: str, name: str, source: str) -> None:
    """A rule that finds fault with everything would be no rule."""
    assert [] == RULES[rule](module(f"batchqual.{name}", source))


def test_a_package_says_what_it_offers() -> None:
    """A package without ``__all__`` is found."""
    (found,) = unsaid(module("batchqual.report", '"""Report."""', is_package=True))
    assert "has no __all__" in found


def test_no_circles() -> None:
    """Nothing needs itself to be imported."""
    assert [] == cycles(house())


def test_a_circle_is_seen() -> None:
    """Two modules that import each other at the start are a circle; for types, or later, they are none."""
    there = module("batchqual.a", "from . import b")
    back = "from batchqual import a"
    assert ["batchqual.a -> batchqual.b -> batchqual.a"] == cycles([there, module("batchqual.b", back)])
    for harmless in (f"def f():\n {back}", f"if TYPE_CHECKING:\n {back}"):
        assert [] == cycles([there, module("batchqual.b", harmless)])


def test_the_table_tells_the_truth() -> None:
    """Every part has its row, every row its part and its reason; exceptions name modules that exist."""
    assert PARTS == MAY_IMPORT.keys()
    assert [] == [part for part, (_allowed, because) in TABLE.items() if not because]
    assert set() == {name for one in (SLEEPERS, PLATFORM_BRANCHES, PATH_ASKERS, HANDS) for name in one} - {
        one.name for one in house()
    }


@pytest.mark.parametrize(
    "listed",
    [
        pytest.param(SLEEPERS, id="sleeps"),
        pytest.param(PLATFORM_BRANCHES, id="platform"),
        pytest.param(PATH_ASKERS, id="paths"),
    ],
)
def test_no_exception_outlives_its_use(listed: dict[str, str]) -> None:
    """A module that no longer needs its exception loses it."""
    used = {one.name for one in house() if calls(one, "asyncio.sleep", "time.sleep")}
    used |= {one.name for one in house() if mentions(one, (), PLATFORM_QUESTIONS)}
    used |= {one.name for one in house() if path_questions(one, PATH_METHODS, PATH_FUNCTIONS, ROLES)}
    assert set() == listed.keys() - used

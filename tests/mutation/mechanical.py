"""Mechanical mutation testing: each small change of the source should make a unit test fail.

``PYTHONPATH=tests python -m mutation.mechanical [MODULE ...]`` (``pipeline/submit``, say; all of `SUITES`
without) names the mutants that no test notices, and prints a table. It ends with 1 when one of them is not in
``equivalents.toml``: there stand those that change nothing that could be noticed, each with the reason. Linux
alone.

Why not mutmut or cosmic-ray: mutmut 3 changes the bodies of undecorated functions alone, so not the table of
moves, and its wrappers of coroutines do not await (its issue 454); cosmic-ray starts Python anew for each
mutant and changes the files in place. Here pytest collects once, and a mutant is a fork of it in which one
function has another code, so it costs no more than its tests.
"""

from __future__ import annotations

import argparse
import ast
import sys
import tempfile
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from mutation.operators import Mutant, Source
from mutation.running import Fate, Ground, Hunt, begin_anew, collect

ROOT = Path(__file__).parents[2]
EQUIVALENTS = Path(__file__).with_name("equivalents.toml")

_LEDGER = ("tests/unit/ledger", "tests/property/test_ledger_chain.py", "tests/property/test_ledger_moves.py")
_PIPELINE = ("tests/unit/pipeline", "tests/unit/ledger")
_DOOR = ("tests/unit/partnercenter",)

#: The modules that keep the promises, and the tests that should notice.
SUITES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            *("pipeline/recover", "pipeline/attempts", "pipeline/schedule", "pipeline/submit"),
            *(
                "pipeline/recording",
                "pipeline/quota",
                "pipeline/brakes",
                "pipeline/decide",
                "pipeline/review",
            ),
            *("pipeline/visit", "pipeline/survey", "pipeline/enrol", "pipeline/assign", "pipeline/hindrance"),
        ),
        _PIPELINE,
    ),
    **dict.fromkeys(
        (
            *("ledger/transitions", "ledger/moves", "ledger/book", "ledger/record", "ledger/rows"),
            *("ledger/writer", "ledger/runs", "ledger/view", "ledger/chain", "ledger/walk", "ledger/audit"),
            *("ledger/lives", "ledger/suspects", "ledger/pauses", "ledger/damage", "ledger/schema"),
            *("ledger/cells", "ledger/handed", "ledger/lock", "ledger/files", "ledger/place"),
        ),
        _LEDGER,
    ),
    **dict.fromkeys(
        (
            *("partnercenter/retry", "partnercenter/judge", "partnercenter/actions", "partnercenter/pace"),
            *("partnercenter/faults", "partnercenter/moments", "partnercenter/signed", "partnercenter/call"),
        ),
        _DOOR,
    ),
}

#: Imported once, for those mutants that need the house itself imported anew.
_WARM = (
    "aiohttp",
    "hypothesis",
    "looptime",
    "openpyxl",
    "pydantic",
    "pytest_asyncio",
    "structlog",
    "trustme",
)


def equivalents() -> dict[str, dict[str, str]]:
    """By module: the names of mutants that change nothing that could be noticed, and why."""
    told = tomllib.loads(EQUIVALENTS.read_text(encoding="utf-8"))
    return {
        module: {name: one["why"] for one in several for name in one["mutants"]}
        for module, several in told.items()
    }


def path_of(module: str) -> Path:
    """Where its source is."""
    return ROOT / "batchqual" / f"{module}.py"


def mutants_of(module: str) -> list[Mutant]:
    """Every mutant of one module of the house."""
    path = path_of(module)
    return list(Source(path.read_text(encoding="utf-8"), str(path)).mutants())


class Tally:
    """How the mutants fared, by module. Survivors that nobody has explained are said at once."""

    def __init__(self) -> None:
        self._known = equivalents()
        self._fates: dict[str, Counter[str]] = defaultdict(Counter)
        self.news = 0

    def add(self, module: str, mutant: Mutant, fate: Fate) -> None:
        """One more."""
        left = fate in (Fate.SURVIVED, Fate.UNREACHED)
        explained = left and mutant.name in self._known.get(module, {})
        self._fates[module]["equivalent" if explained else fate.value] += 1
        if left and not explained:
            self.news += 1
            print(f"{fate}: {module}:{mutant.lines[0]} {mutant.name}", file=sys.stderr)  # noqa: T201 - what it is for

    def merge(self, fates: Mapping[str, Mapping[str, int]], news: int) -> None:
        """What another process has counted."""
        self.news += news
        for module, counts in fates.items():
            self._fates[module].update(counts)

    def __repr__(self) -> str:
        return repr(({module: dict(counts) for module, counts in self._fates.items()}, self.news))

    def table(self) -> str:
        """A line for each module, and one for all."""
        columns = ("killed", "too long", "same code", "equivalent", "unreached", "survived")
        rows = {**self._fates, "all": sum(self._fates.values(), Counter[str]())}
        lines = [f"| module | mutants | {' | '.join(columns)} |", "|---|" + "---:|" * (len(columns) + 1)]
        for module, counts in rows.items():
            numbers = [counts.total(), *(counts[column] for column in columns)]
            lines.append(f"| {module} | {' | '.join(map(str, numbers))} |")
        return "\n".join(lines)


def main() -> int:
    """Run what was asked for; 1 when a mutant survives that nobody has explained."""
    parser = argparse.ArgumentParser(description="Change modules a little, and name what no test sees.")
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="such as pipeline/submit")
    chosen = parser.parse_args().modules or list(SUITES)
    for name in _WARM:
        import_module(name)
    tally = Tally()
    for suite in dict.fromkeys(SUITES[module] for module in chosen):
        with tempfile.TemporaryDirectory(dir=_in_memory()) as folder:
            _try([module for module in chosen if SUITES[module] == suite], suite, Path(folder), tally)
    print(tally.table())  # noqa: T201 - what it is for
    return 1 if tally.news else 0


def _in_memory() -> str | None:
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() else None


def _try(modules: Sequence[str], suite: Sequence[str], folder: Path, tally: Tally) -> None:
    """First what a fork of the collected tests can do, then what needs them collected anew."""
    notes = folder / "notes"
    collect(suite, folder, lambda hunt: _hunt(hunt, modules, folder))
    pending, counted = ast.literal_eval(notes.read_text(encoding="utf-8"))
    tally.merge(*counted)
    for module in modules:
        mutants = mutants_of(module) if module in pending else []
        for index, tests in pending.get(module, ()):
            name = f"batchqual.{module.replace('/', '.')}"
            tally.add(module, mutants[index], begin_anew(name, mutants[index], tests, folder))


def _hunt(hunt: Hunt, modules: Iterable[str], folder: Path) -> None:
    """In the process with the collected tests. Leaves a note of what it could not do."""
    tally = Tally()
    pending: dict[str, list[tuple[int, list[str]]]] = defaultdict(list)
    hunt.measure([str(path_of(module)) for module in modules], folder / "ground")
    ground = Ground(*ast.literal_eval((folder / "ground").read_text(encoding="utf-8")))
    for test in ground.failed:
        print(f"left out, for it fails anyway: {test}", file=sys.stderr)  # noqa: T201 - what it is for
    for module in modules:
        began = time.monotonic()
        path = str(path_of(module))
        original = compile(Path(path).read_text(encoding="utf-8"), path, "exec")
        killers: dict[str, list[str]] = defaultdict(list)
        for index, mutant in enumerate(mutants_of(module)):
            tests = ground.tests_of(path, mutant.lines[1:]) or ground.tests_of(path, mutant.lines[:1])
            first = [test for test in reversed(killers[mutant.where]) if test in set(tests)]
            fate, killer = hunt.try_on(
                mutant, original, list(dict.fromkeys([*first, *tests])), ground.seconds
            )
            if fate is Fate.ANEW:
                pending[module].append((index, ground.tests_of(path)))
                continue
            if killer and killer not in killers[mutant.where]:
                killers[mutant.where].append(killer)
            tally.add(module, mutant, fate)
        print(f"({module}: {time.monotonic() - began:.0f} s)", file=sys.stderr)  # noqa: T201 - what it is for
    (folder / "notes").write_text(repr((dict(pending), ast.literal_eval(repr(tally)))), encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())

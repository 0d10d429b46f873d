"""What is promised, what takes each promise and rule out of the program, and which test says so: as data.

``promises.toml`` and ``rules.toml`` hold it; `page` is the same as a page of the documentation.
"""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["EVERY_PART", "PAGE", "ROOT", "Mutant", "Part", "faults", "page", "parts"]

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/explanation/guarded.md"
TABLES = ("promises.toml", "rules.toml")
EVERY_PART = tuple([f"promise {n}" for n in range(1, 7)] + [f"rule {n}" for n in range(1, 18)])


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one place. ``old`` stands in ``file`` exactly once, and ``new`` takes its place; one of
    ``caught_by`` (node IDs of pytest) has to fail then. ``takes_out`` says in words what is gone."""

    name: str
    takes_out: str
    file: str
    old: str
    new: str
    caught_by: tuple[str, ...]

    def applied_to(self, text: str) -> str:
        """The text of its file, changed. Raises ValueError when ``old`` is not there exactly once."""
        if (found := text.count(self.old)) != 1:
            raise ValueError(f"{self.name}: the old text stands in {self.file} {found} times, not once")
        return text.replace(self.old, self.new)


@dataclass(frozen=True, slots=True)
class Part:
    """A promise or a rule (``of`` says which), in a sentence, and what takes it out."""

    of: str
    says: str
    mutants: tuple[Mutant, ...]


def parts() -> tuple[Part, ...]:
    """Everything that the tables hold, in their order."""
    return tuple(_part(one) for name in TABLES for one in _table(name)["part"])


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))


def _part(told: dict[str, Any]) -> Part:
    mutants = (Mutant(**{**one, "caught_by": tuple(one["caught_by"])}) for one in told["mutant"])
    return Part(told["of"], told["says"], tuple(mutants))


def faults(all_parts: Sequence[Part], root: Path = ROOT) -> list[str]:
    """What is wrong with the tables, one sentence each: they must not fall behind the program."""
    found = [f"{of} has no mutant" for of in EVERY_PART if of not in {part.of for part in all_parts}]
    mutants = [one for part in all_parts for one in part.mutants]
    names = Counter(one.name for one in mutants)
    found += [f"{name} is the name of several" for name, count in names.items() if count > 1]
    return found + [fault for one in mutants for fault in _faults_of(one, root)]


def _faults_of(one: Mutant, root: Path) -> Iterator[str]:
    path = root / one.file
    if not path.is_file():
        yield f"{one.name}: there is no {one.file}"
        return
    try:
        changed = one.applied_to(path.read_text(encoding="utf-8"))
        if path.suffix == ".py":
            ast.parse(changed)
    except (ValueError, SyntaxError) as error:
        yield str(error) if isinstance(error, ValueError) else f"{one.name}: what comes out is no Python"
    if not one.caught_by:
        yield f"{one.name}: no test is named"
    yield from (f"{one.name}: there is no test {test}" for test in one.caught_by if not _is_there(test, root))


def _is_there(test: str, root: Path) -> bool:
    """Whether a node ID names a test function, as far as the source tells: parameters are not looked at."""
    file, _, name = test.partition("[")[0].partition("::")
    return name in _tests_of(root / file)


@cache
def _tests_of(path: Path) -> frozenset[str]:
    """The functions of a file, and those of its classes as ``Class::function``."""
    if not path.is_file():
        return frozenset()
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        before = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        defined = (one for one in inner if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
        found |= {before + one.name for one in defined}
    return frozenset(found)


_HEAD = """\
# What guards each promise

A test that cannot fail guards nothing. So each promise and each rule of batchqual is taken out of the
program in turn, by a change of one place, and a test has to fail. `make mutants` does it on a copy of the
tree, and ends with an error when a change goes unnoticed. Below is what it takes out, where, and which test
says so.

`make test` checks that the table is not behind the program: each place is there exactly once, each test
exists, and this page is the table. `PYTHONPATH=tests python -m mutation.proving --write-docs` writes it.
"""


def page(all_parts: Sequence[Part]) -> str:
    """The table as a page of the documentation (Markdown)."""
    count = sum(len(part.mutants) for part in all_parts)
    pieces = [_HEAD, f"\n{count} changes, {len(all_parts)} promises and rules.\n"]
    for part in all_parts:
        pieces.append(f"\n## {part.of.capitalize()}\n\n{part.says}\n\n")
        pieces.append("| taken out | in | caught by |\n|---|---|---|\n")
        pieces += [_row(one) for one in part.mutants]
    return "".join(pieces)


def _row(one: Mutant) -> str:
    tests = ", ".join(f"`{test.removeprefix('tests/')}`" for test in one.caught_by)
    return f"| {one.takes_out} | `{one.file.removeprefix('batchqual/')}` | {tests} |\n"

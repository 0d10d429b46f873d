"""Tests against mutants, each in a fork: of a pytest that has collected, or of one that has yet to begin."""

from __future__ import annotations

import gc
import importlib.abc
import importlib.util
import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import _lru_cache_wrapper
from importlib.machinery import ModuleSpec
from itertools import pairwise
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import coverage
import pytest
from mutation.forks import fork
from mutation.operators import Mutant

__all__ = ["Fate", "Ground", "Hunt", "begin_anew", "collect"]

#: Seconds of the processor that a test may cost with a mutant, and how many times more than without one; and
#: what a pytest may cost that begins anew.
_ONE_TEST = 0.7
_MORE = 6.0
_ANEW = 30.0
_QUIET = (
    *("-q", "-s", "--no-header", "-p", "no:cacheprovider", "-p", "no:faulthandler", "-o", "timeout=0"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    TOO_LONG = "too long"  # a test did not end: it would have failed
    SAME = "same code"  # the compiler sees no difference
    UNREACHED = "unreached"  # no test comes by
    SURVIVED = "survived"
    ANEW = "anew"  # outside of functions: the house has to be imported again


@dataclass(slots=True)
class Ground:
    """What the tests do when nothing is changed: who comes by which line, and how many seconds each takes."""

    lines: dict[str, dict[int, list[str]]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def tests_of(self, path: str, lines: Iterable[int] | None = None) -> list[str]:
        """Those that come by one of these lines, or by any; the quick ones first."""
        by_line = self.lines.get(path, {})
        found = {test for line in (by_line if lines is None else lines) for test in by_line.get(line, ())}
        return sorted(found, key=lambda test: self.seconds[test])


class Hunt:
    """A plugin that does not run the tests that pytest has collected, but ``hunt`` with this in hand."""

    def __init__(self, hunt: Callable[[Hunt], None], folder: Path) -> None:
        self._hunt = hunt
        self._folder = folder
        self._failed = False
        self._items: dict[str, pytest.Item] = {}
        self._functions: dict[tuple[str, str], list[FunctionType]] = {}
        self._caches: list[_lru_cache_wrapper[object]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """In a child: one step of a test has ended."""
        self._failed |= report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Everything is collected: hunt."""
        assert not session.testsfailed, "a test file cannot be imported"
        self._items = {item.nodeid: item for item in session.items}
        for one in gc.get_objects():
            if isinstance(one, FunctionType):
                key = (one.__code__.co_filename, one.__code__.co_qualname)
                self._functions.setdefault(key, []).append(one)
            elif isinstance(one, _lru_cache_wrapper) and one.__module__.startswith("batchqual."):
                self._caches.append(one)
        gc.freeze()
        try:
            self._hunt(self)
        except Exception:
            traceback.print_exc()  # pytest would tell it to nobody
            raise
        return True

    def _each(self, tests: Sequence[str], after: Callable[[str], None]) -> None:
        items = [self._items[test] for test in tests]
        for item, following in pairwise([*items, None]):
            assert item is not None
            self._failed = False
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            after(item.nodeid)

    def measure(self, paths: Iterable[str], found: Path) -> None:
        """Run all tests on the unchanged house, and write into ``found`` what they do."""

        def work(spoken: int) -> int:
            ground = Ground()
            watch = coverage.Coverage(data_file=None, include=list(paths), config_file=False)
            began = time.perf_counter()

            def after(test: str) -> None:
                nonlocal began
                ground.seconds[test] = time.perf_counter() - began
                if self._failed:
                    ground.failed.append(test)
                os.write(spoken, b".")
                began = time.perf_counter()

            watch.start()
            for test in self._items:
                watch.switch_context(test)
                for one in self._caches:  # or only the first of several tests would come by
                    one.cache_clear()
                self._each([test], after)
            watch.stop()
            data = watch.get_data()
            for path in data.measured_files():
                ground.lines[path] = {
                    line: [test for test in tests if test and test not in ground.failed]
                    for line, tests in data.contexts_by_lineno(path).items()
                }
            found.write_text(repr((ground.lines, ground.seconds, ground.failed)), encoding="utf-8")
            return 0

        code, _ = fork(work)
        self._sweep()
        assert code == 0, "the tests cannot be measured"

    def try_on(
        self, mutant: Mutant, original: CodeType, tests: Sequence[str], seconds: Mapping[str, float]
    ) -> tuple[Fate, str]:
        """What becomes of it under these tests, each of which takes so many ``seconds`` without it; and which
        of them killed it."""
        outer = mutant.where.split(".<locals>")[0]
        old, new = _code_in(original, outer), _code_in(mutant.code, outer)
        live = self._functions.get((original.co_filename, outer), [])
        if old is None or new is None or old == new or not live or old.co_freevars != new.co_freevars:
            return (Fate.SAME if mutant.code == original else Fate.ANEW), ""
        if not tests:
            return Fate.UNREACHED, ""

        def work(spoken: int) -> int:
            for function in live:
                function.__code__ = new

            def after(test: str) -> None:
                os.write(spoken, f"{test}\n".encode())
                if self._failed:
                    os._exit(1)

            self._each(tests, after)
            return 0

        limits = [_ONE_TEST + _MORE * seconds[test] for test in tests]
        code, text = fork(work, lambda lines: limits[min(lines, len(limits) - 1)])
        self._sweep()
        told = text.decode().split("\n")
        if code == 0:
            return Fate.SURVIVED, ""
        if code is None:
            return Fate.TOO_LONG, tests[min(len(told), len(tests)) - 1]
        return Fate.KILLED, told[-2] if len(told) > 1 else tests[0]

    def _sweep(self) -> None:
        for one in self._folder.iterdir():
            shutil.rmtree(one, ignore_errors=True)


def _code_in(code: CodeType, name: str) -> CodeType | None:
    """The code of a function by its qualified name."""
    for one in code.co_consts:
        if isinstance(one, CodeType):
            if one.co_qualname == name:
                return one
            if name.startswith(f"{one.co_qualname}."):
                return _code_in(one, name)
    return None


def collect(suite: Sequence[str], folder: Path, hunt: Callable[[Hunt], None]) -> None:
    """In a child, so that this process stays without the house: collect ``suite``, then ``hunt``. What it
    says goes where this process speaks."""
    temporary = folder / "of-tests"
    voice = os.dup(1)

    def work(spoken: int) -> int:
        os.dup2(voice, 2)
        plugin = Hunt(hunt, temporary)
        return int(pytest.main([*suite, *_QUIET, f"--basetemp={temporary}"], plugins=[plugin]))

    code, _ = fork(work)
    os.close(voice)
    assert code == 0, f"pytest ended with {code}"


class _Chosen:
    """A plugin that runs these tests alone, in this order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._turn = {test: turn for turn, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave the others out."""
        items[:] = sorted(
            (item for item in items if item.nodeid in self._turn), key=lambda item: self._turn[item.nodeid]
        )


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module another code."""

    def __init__(self, name: str, code: CodeType) -> None:
        self._name = name
        self._code = code

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        """Ours, or nobody."""
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._code.co_filename, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """What the file would have said."""
        exec(self._code, module.__dict__)


def begin_anew(name: str, mutant: Mutant, tests: Sequence[str], folder: Path) -> Fate:
    """What becomes of a mutant of the module ``name`` when everything is imported with it."""
    if not tests:
        return Fate.UNREACHED
    temporary = folder / "of-tests"
    files = dict.fromkeys(test.split("::")[0] for test in tests)

    def work(spoken: int) -> int:
        sys.meta_path.insert(0, _Finder(name, mutant.code))
        arguments = [*files, *_QUIET, "-x", f"--basetemp={temporary}"]
        return int(pytest.main(arguments, plugins=[_Chosen(tests)]))

    code, _ = fork(work, lambda lines: _ANEW)
    shutil.rmtree(temporary, ignore_errors=True)
    return Fate.TOO_LONG if code is None else Fate.KILLED if code else Fate.SURVIVED

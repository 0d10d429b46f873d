"""The table of what guards each promise is complete and not behind the program; and its proof can fail."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from mutation.guarded import EVERY_PART, PAGE, ROOT, Mutant, Part, faults, page, parts
from mutation.proving import Fate, fate_of

import batchqual

SOUND = Mutant("one", "all", "a.py", "left", "right", ("test_a.py::test_it",))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A program of one line, and a test of it."""
    (tmp_path / "a.py").write_text("left = 1\n", encoding="utf-8")
    (tmp_path / "test_a.py").write_text(
        "class TestIt:\n    def test_in(self): ...\ndef test_it(): ...\n", encoding="utf-8"
    )
    return tmp_path


def test_every_promise_and_rule_can_be_taken_out() -> None:
    """Each has a change at least, each change finds its place exactly once, and its tests exist."""
    assert [] == faults(parts())


def test_the_page_says_what_the_table_says() -> None:
    """``python -m mutation.proving --write-docs`` writes it."""
    assert page(parts()) == PAGE.read_text(encoding="utf-8")


def test_the_tests_are_about_their_own_tree(tmp_path: Path) -> None:
    """What they import, and what the processes import that they start, wherever and with whatever variables,
    stands beside them."""
    asked = [sys.executable, "-c", "import batchqual; print(batchqual.__file__)"]
    told = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=tmp_path, env={}).stdout
    assert str(ROOT / "batchqual" / "__init__.py") == told.strip() == batchqual.__file__


@pytest.mark.parametrize(
    ("mutant", "words"),
    [
        pytest.param(SOUND, None, id="sound"),
        pytest.param(replace(SOUND, caught_by=("test_a.py::TestIt::test_in[x]",)), None, id="in a class"),
        pytest.param(replace(SOUND, old="up"), "0 times", id="gone"),
        pytest.param(replace(SOUND, old="t"), None, id="a letter that is there once"),
        pytest.param(replace(SOUND, old=""), "times", id="anywhere"),
        pytest.param(replace(SOUND, new="("), "no Python", id="no Python"),
        pytest.param(replace(SOUND, file="b.py"), "no b.py", id="no file"),
        pytest.param(replace(SOUND, caught_by=()), "no test is named", id="no test"),
        pytest.param(replace(SOUND, caught_by=("test_a.py::test_in",)), "no test", id="a test of a class"),
        pytest.param(replace(SOUND, caught_by=("test_a.py",)), "no test", id="a whole file"),
        pytest.param(replace(SOUND, caught_by=("test_b.py::test_it",)), "no test", id="no file of tests"),
    ],
)
def test_a_table_that_has_fallen_behind_is_seen(mutant: Mutant, words: str | None, tree: Path) -> None:
    """A place that has changed, and a test that has gone, are said."""
    found = faults([Part(of, "", (replace(mutant, name=of),)) for of in EVERY_PART], tree)
    assert (words is None) is (found == [])
    assert all(words is not None and words in fault for fault in found)


def test_a_part_without_a_mutant_is_seen(tree: Path) -> None:
    """And two mutants with one name."""
    found = faults([Part(of, "", (SOUND,)) for of in EVERY_PART[:-1]], tree)
    assert ["rule 17 has no mutant", "one is the name of several"] == found


@pytest.mark.parametrize(
    ("code", "failed", "fate"),
    [
        pytest.param(0, "", Fate.SURVIVED, id="all passed"),
        pytest.param(1, "test_a.py::test_it", Fate.CAUGHT, id="failed"),
        pytest.param(1, "", Fate.BROKEN, id="a fixture failed"),
        *(pytest.param(code, "", Fate.BROKEN, id=f"exit code {code}") for code in (2, 3, 4, 5, -9)),
    ],
)
def test_only_a_failed_test_has_caught_anything(code: int, failed: str, fate: Fate) -> None:
    """One that could not even be collected says nothing about the change."""
    assert fate is fate_of(code, failed)

"""The changes that are made, and the list of those that nobody could notice."""

from __future__ import annotations

import pytest
from mutation.mechanical import SUITES, equivalents, mutants_of, path_of
from mutation.operators import Source


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        pytest.param("x < 1", ["x <= 1", "x >= 1", "x < 2", "x < 0"], id="comparison"),
        pytest.param("x is not None", ["x is None"], id="identity"),
        pytest.param("not x", ["x"], id="negation"),
        pytest.param("x and y", ["x or y", "(without x)", "(without y)"], id="both"),
        pytest.param("x + y * 2.5", ["x - y * 2.5", "y / 2.5", "y * 3.5", "y * 1.5"], id="sum"),
        pytest.param("min(x)", ["max(x)"], id="name"),
        pytest.param("f(x, y=True)", ["(without y=True)", "y=False"], id="keyword"),
        pytest.param("f(hint='Do it.')", [], id="sentence"),
        pytest.param("f(code='a')", ["(without code='a')", "code='other-a'"], id="code"),
        pytest.param("x in {y, z}", ["x not in {y, z}", "(without y)", "(without z)"], id="set"),
    ],
)
def test_what_is_changed(text: str, changes: list[str]) -> None:
    """Each kind of expression, beside the return of nothing."""
    mutants = list(Source(f"def f():\n    return {text}\n", "f.py").mutants())
    assert ["return None", *changes] == [mutant.after for mutant in mutants]
    assert len(mutants) == len({mutant.name for mutant in mutants})


def test_statements_are_taken_away_in_functions_alone() -> None:
    """Without those outside of functions nothing can be imported, and docstrings do nothing."""
    text = 'LIMIT = x\n\nclass C:\n    """A."""\n    def f(self):\n        """B."""\n        self.x = y\n'
    [mutant] = Source(text, "f.py").mutants()
    assert "C.f: self.x = y -> (gone)" == mutant.name


def test_every_module_is_there() -> None:
    """None was renamed and forgotten."""
    assert [] == [module for module in SUITES if not path_of(module).is_file()]


@pytest.mark.parametrize("module", equivalents())
def test_every_equivalent_is_a_mutant_still(module: str) -> None:
    """What does not exist any more explains nothing."""
    assert set() == set(equivalents()[module]) - {mutant.name for mutant in mutants_of(module)}

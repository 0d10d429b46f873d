"""No file of the project names what is nobody's business, or silences a check without a reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.house import ROOT
from support.tree import files, foreign_paths, registry_hosts, texts, unexplained_silence

RULES = [registry_hosts, foreign_paths, unexplained_silence]

#: What may stand at the top, besides files whose name begins with a dot.
TOP = {
    *("pyproject.toml", "README.md", "Makefile", "LICENSE", "CHANGELOG.md", "constraints.txt"),
    *("batchqual", "docs", "jobs", "samples", "tests"),
}


@pytest.mark.parametrize("rule", RULES)
def test_the_tree_is_clean(rule: Callable[[str, str], list[str]]) -> None:
    """No line of any text file breaks this rule."""
    assert [] == [finding for name, text in texts() for finding in rule(name, text)]


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        pytest.param(registry_hosts, "see https://pypi." + "org/project", id="registry"),
        pytest.param(registry_hosts, "https://files.python" + "hosted.org/x", id="files of a registry"),
        pytest.param(foreign_paths, "open('/ro" + "ot/x')", id="home of root"),
        pytest.param(foreign_paths, "see `../sha" + "red/contract.md`", id="neighbour's folder"),
        pytest.param(foreign_paths, "cd /wo" + "rk/main", id="workplace"),
        pytest.param(unexplained_silence, "x = 1  # no" + "qa: E501", id="no reason"),
        pytest.param(unexplained_silence, "x = 1  # type: " + "ignore[arg-type]", id="code alone"),
        pytest.param(unexplained_silence, "if x:  # pragma: " + "no cover - sorry", id="one word"),
    ],
)
def test_a_breach_is_seen(rule: Callable[[str, str], list[str]], line: str) -> None:
    """The rule finds this line, and says where."""
    (found,) = rule("batchqual/a.py", "\n" + line)
    assert found.startswith("batchqual/a.py:2: ")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("x = 1  # no" + "qa: S311 - spreads looks, guards nothing", id="reason"),
        pytest.param(
            "x = 1  # type: " + "ignore[arg-type] # work has returned a T", id="reason after a code"
        ),
        pytest.param("GET /v1/customers/x and https://learn.microsoft.com/home/x", id="addresses"),
    ],
)
def test_what_is_allowed_is_left_alone(line: str) -> None:
    """No rule finds fault with this line."""
    assert [] == [finding for rule in RULES for finding in rule("batchqual/a.py", line)]


def test_the_top_is_tidy() -> None:
    """Nothing stands at the top but what belongs there."""
    tops = {path.relative_to(ROOT).parts[0] for path in files()}
    assert set() == {name for name in tops if not name.startswith(".")} - TOP

"""`make audit` claims no more than was checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.advisories import audit_of, main

PINS = (
    "one==1.0 \\\n    --hash=sha256:00\nTwo.x==2.0 \\\n    # via one\nwin==3 ; sys_platform == 'nowhere' \\\n"
)
CLEAN = {"name": "one", "version": "1.0", "vulns": []}
WEAK = {"name": "two-x", "version": "2.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}]}
UNKNOWN = {
    "name": "two-x",
    "skip_reason": "Dependency not found on PyPI and could not be audited: two-x (2.0)",
}


def lines(*dependencies: dict[str, Any]) -> list[str]:
    """What is said of these answers."""
    return list(audit_of({"dependencies": dependencies}, PINS).lines)


def test_all_compared_and_none_found_passes() -> None:
    """What is for other platforms is named, and is no failure."""
    audit = audit_of({"dependencies": [CLEAN, WEAK | {"vulns": []}]}, PINS)
    assert audit.passed
    assert [
        "Compared with the advisories: 2 of 2 pinned packages.",
        "Not asked about, since they are for other platforms: win.",
        "passed: 0 with an advisory.",
    ] == list(audit.lines)


def test_an_advisory_fails_with_its_name() -> None:
    """And with the version that is mended."""
    assert "two-x 2.0: PYSEC-1, mended in 2.1" in lines(CLEAN, WEAK)
    assert "FAILED: 1 with an advisory." == lines(CLEAN, WEAK)[-1]


@pytest.mark.parametrize(
    ("dependencies", "words"),
    [
        pytest.param(
            [CLEAN, UNKNOWN],
            "NOT CHECKED (Dependency not found on PyPI and could not be audited): two-x.",
            id="unknown",
        ),
        pytest.param([CLEAN], "NOT CHECKED (pip-audit did not tell of it): two-x.", id="left out"),
    ],
)
def test_what_was_not_compared_fails(dependencies: list[dict[str, Any]], words: str) -> None:
    """No answer is no good news."""
    told = lines(*dependencies)
    assert "Compared with the advisories: 1 of 2 pinned packages." == told[0]
    assert words in told
    assert told[-1].startswith("FAILED")


@pytest.mark.parametrize("text", [None, "", '{"dependencies": []}'], ids=["no report", "empty", "no answers"])
def test_where_nothing_was_checked_it_says_so(
    text: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A machine without a way to the advisories proves nothing, and the exit code says that too."""
    (tmp_path / "pins.txt").write_text(PINS, encoding="utf-8")
    if text is not None:
        (tmp_path / "found.json").write_text(text, encoding="utf-8")
    assert 1 == main([str(tmp_path / "found.json"), str(tmp_path / "pins.txt")])
    assert "Nothing was checked, so nothing is known about these packages." in capsys.readouterr().out


def test_a_whole_report_passes(tmp_path: Path) -> None:
    """The exit code of a good end."""
    (tmp_path / "pins.txt").write_text("one==1.0\n", encoding="utf-8")
    (tmp_path / "found.json").write_text(json.dumps({"dependencies": [CLEAN]}), encoding="utf-8")
    assert 0 == main([str(tmp_path / "found.json"), str(tmp_path / "pins.txt")])

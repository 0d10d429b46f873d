"""What a check says, and what a check is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from .facts import Facts

__all__ = ["Check", "Finding", "State", "failed", "passed", "skipped", "warned"]


class State(StrEnum):
    """How a check came out. ``skipped``: it could not be made, and ``words`` say why."""

    PASS = "pass"  # noqa: S105 - a word, not a secret
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, in words, and how to mend it.

    ``exit_code`` is that of a run which meets the same trouble; 0 unless it failed. Whoever examines puts
    the name in, and the exit code where the check leaves it open.
    """

    state: State
    words: str
    fix: str = ""
    exit_code: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One check. ``exit_code`` is that of its failure, unless an error brings its own; ``needs`` names the
    checks without whose success it makes no sense; ``network`` says that it leaves this machine."""

    name: str
    look: Callable[[Facts], Finding | Awaitable[Finding]]
    exit_code: int
    needs: tuple[str, ...] = ()
    network: bool = False


def passed(words: str) -> Finding:
    """All is well."""
    return Finding(State.PASS, words)


def warned(words: str, fix: str) -> Finding:
    """It works, and somebody should look at it."""
    return Finding(State.WARN, words, fix)


def failed(words: str, fix: str, exit_code: int = 0) -> Finding:
    """A run would not come through."""
    return Finding(State.FAIL, words, fix, exit_code)


def skipped(words: str) -> Finding:
    """It cannot be told."""
    return Finding(State.SKIPPED, words)

"""What the engine says while it works. It never prints; whoever wants to know, listens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .model import Outcome, Wish

__all__ = [
    "AnswerLost",
    "Event",
    "Listener",
    "Retried",
    "RunFinished",
    "RunStarted",
    "SigningIn",
    "Standing",
    "Stopping",
    "Submitted",
    "Throttled",
    "deaf",
]


@dataclass(frozen=True, slots=True)
class SigningIn:
    """How this run signs in, in a sentence; ``awaited``: what a person has to do now, for the run waits."""

    recipe: str
    words: str
    awaited: bool = False


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run knows what it has to do. ``customers`` will be looked at; ``sendable`` rows were never sent."""

    run_id: str
    command: str
    rows: int
    customers: int
    sendable: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A wish stands somewhere else than before (``before`` is None at its first standing)."""

    wish: Wish
    before: Outcome | None
    now: Outcome


@dataclass(frozen=True, slots=True)
class Submitted:
    """A submission was answered."""

    wish: Wish
    request_id: str
    http_status: int | None


@dataclass(frozen=True, slots=True)
class AnswerLost:
    """A submission was sent and no clear answer came back: it will be looked up."""

    wish: Wish
    request_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Throttled:
    """The service told everyone to wait, for ``seconds``."""

    endpoint: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Retried:
    """A call will be repeated after ``wait`` seconds."""

    endpoint: str
    reason: str
    wait: float


@dataclass(frozen=True, slots=True)
class Stopping:
    """Nothing more will be submitted; ``reason`` says why, in a sentence."""

    reason: str
    looks_go_on: bool = False


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run is over; outcomes count every input row."""

    run_id: str
    outcomes: Mapping[Outcome, int]
    exit_code: int


Event = (
    SigningIn | RunStarted | Standing | Submitted | AnswerLost | Throttled | Retried | Stopping | RunFinished
)
Listener = Callable[[Event], None]


def deaf(event: Event) -> None:
    """A listener that does not listen."""

"""Who listens to the engine: a tally of what was said, a live display, plain lines now and then, and logs.

The engine says events and never prints. `Tally` counts them and knows how long it may still take;
`Progress` (a terminal) and `Lines` (anything else) show it; `open_log` and `log_listener` write them down as
text or JSON. `fan_out` lets several listen at once. `neutral` and `redacted` make any text fit to be shown.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .lines import Lines
from .listeners import fan_out
from .phrases import count_of, outcome_words, spell_span
from .redaction import HIDDEN, neutral, redacted
from .tally import Phase, Tally

if TYPE_CHECKING:
    from .logs import LOG_EVENTS, Log, log_listener, open_log
    from .progress import Progress

__all__ = [
    "HIDDEN",
    "LOG_EVENTS",
    "Lines",
    "Log",
    "Phase",
    "Progress",
    "Tally",
    "count_of",
    "fan_out",
    "log_listener",
    "neutral",
    "open_log",
    "outcome_words",
    "redacted",
    "spell_span",
]

_LATE = {
    "LOG_EVENTS": ".logs",
    "Log": ".logs",
    "Progress": ".progress",
    "log_listener": ".logs",
    "open_log": ".logs",
}
"""Names that need rich or structlog: loaded at first use, because who asks for help needs neither."""


def __getattr__(name: str) -> object:
    if name in _LATE:
        return getattr(import_module(_LATE[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

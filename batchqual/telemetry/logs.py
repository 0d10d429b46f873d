"""Events as log lines, text or JSON. Every name is in `LOG_EVENTS`; all else is in fields."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final, Literal, TypeAlias

import structlog
from structlog.typing import FilteringBoundLogger, Processor, WrappedLogger

from batchqual.events import (
    AnswerLost,
    Event,
    Listener,
    Retried,
    RunFinished,
    RunStarted,
    SigningIn,
    Standing,
    Stopping,
    Submitted,
    Throttled,
)
from batchqual.model import Wish

from .redaction import HIDDEN, neutral, redacted, secret_name

__all__ = ["LOG_EVENTS", "Log", "log_listener", "open_log"]

Log: TypeAlias = FilteringBoundLogger
Level = Literal["debug", "info", "warning", "error"]

LOG_EVENTS: Final[dict[str, Level]] = {
    "batchqual.run_started": "info",
    "batchqual.row_standing": "info",
    "batchqual.row_submitted": "info",
    "batchqual.answer_lost": "warning",
    "batchqual.throttled": "warning",
    "batchqual.retried": "debug",
    "batchqual.stopping": "warning",
    "batchqual.run_finished": "info",
    "batchqual.signing_in": "info",
    "batchqual.progress": "info",
    "batchqual.message": "info",
    "batchqual.error": "error",
}
"""Every name that a log line can have, with its level."""


def open_log(write: Callable[[str], None], *, form: Literal["text", "json"], level: Level) -> Log:
    """A log whose lines go to ``write``, one call a line; what is below ``level`` is dropped.

    Times are UTC. Secrets are hidden by name and by form, and values cannot forge a line.
    """
    processors: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
        _made_safe,
        _as_json if form == "json" else _as_text,
    ]
    wrapper = structlog.make_filtering_bound_logger(level)
    log: Log = structlog.wrap_logger(_Sink(write), processors=processors, wrapper_class=wrapper)
    return log


def log_listener(log: Log) -> Listener:
    """Writes down every event; lines of a run carry its ``run_id`` from its start on."""
    bound = log

    def listen(event: Event) -> None:
        nonlocal bound
        if isinstance(event, RunStarted):
            bound = log.bind(run_id=event.run_id)
        name = _NAMES[type(event)]
        bound.log(_LEVELS[LOG_EVENTS[name]], name, **_fields_of(event))

    return listen


_Fields: TypeAlias = dict[str, object]
_LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}


_NAMES: Final[dict[type[Event], str]] = {
    SigningIn: "batchqual.signing_in",
    RunStarted: "batchqual.run_started",
    Standing: "batchqual.row_standing",
    Submitted: "batchqual.row_submitted",
    AnswerLost: "batchqual.answer_lost",
    Throttled: "batchqual.throttled",
    Retried: "batchqual.retried",
    Stopping: "batchqual.stopping",
    RunFinished: "batchqual.run_finished",
}


def _fields_of(event: Event) -> _Fields:
    found: _Fields = {}
    for field in dataclasses.fields(event):
        value = getattr(event, field.name)
        if isinstance(value, Wish):
            found |= {"customer_id": value.customer_id, "qualification": value.qualification.value}
        elif isinstance(value, Mapping):
            found |= {outcome.value: count for outcome, count in value.items()}
        elif field.name != "run_id":
            found[field.name] = value
    return found


class _Sink:
    """Where finished lines go; structlog calls the method that is named like the level."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self.debug = self.info = self.warning = self.error = write


def _made_safe(_log: WrappedLogger, _name: str, fields: MutableMapping[str, Any]) -> _Fields:
    first = ("timestamp", "level", "event")
    ordered = {name: fields[name] for name in first} | {k: v for k, v in fields.items() if k not in first}
    return {name: HIDDEN if secret_name(name) else _safe(value) for name, value in ordered.items()}


def _safe(value: object) -> object:
    if isinstance(value, str):
        return neutral(redacted(value))
    return [_safe(one) for one in value] if isinstance(value, list | tuple) else value


def _as_json(_log: WrappedLogger, _name: str, fields: MutableMapping[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, default=str)


_logfmt = structlog.processors.LogfmtRenderer()


def _as_text(log: WrappedLogger, name: str, fields: MutableMapping[str, Any]) -> str:
    head = f"{fields.pop('timestamp')} {fields.pop('level'):<7} {fields.pop('event')}"
    told = {key: value for key, value in fields.items() if value is not None}
    return f"{head} {_logfmt(log, name, told)}" if told else head

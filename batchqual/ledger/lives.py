"""Whether each request stands where its biography says."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

from .findings import Finding, Findings
from .queries import QUERIES
from .transitions import MOVES, State

__all__ = ["check_lives"]

_ID, _CUSTOMER, _QUALIFICATION, _REVISION, _STATE, _SENDS = range(6)
_SEQ, _BEFORE, _AFTER, _AT, _EVENT = range(14, 19)
_ABOUT_REQUEST: Final = slice(6, 14)
_ABOUT_LINE: Final = slice(_AT, 25)
_CHANGE: Final = ("time", "event", "run", "note")
_ANSWER: Final = ("request ID", "correlation ID", "HTTP status", "error code")
_MOVES: Final[Mapping[str, Iterable[str]]] = {before.value: after for before, after in MOVES.items()}


def check_lives(connection: sqlite3.Connection, findings: Findings, changed: Mapping[int, int]) -> None:
    """Live every biography again, and compare its end with the request: the state, the number of changes and
    of sends, and what the last line says. ``changed`` are requests of which it is known already that they are
    not as they were written, with the link that says so. One finding for each request at most."""
    for _, rows in groupby(connection.execute(QUERIES["lives"]), key=lambda row: row[_ID]):
        lines = list(rows)
        request, customer, qualification = lines[0][:_REVISION]
        wrong, link = _contradiction(lines), changed.get(request)
        if wrong is None and link is not None:
            wrong = (
                f"it is not as it was written with link {link}: its customer, its content, a time, or what "
                "the service said was changed"
            )
        if wrong is not None:
            findings.add(
                Finding(
                    "states",
                    f"Request {request} ({customer}, {qualification}): {wrong}.",
                    link,
                    request=request,
                    customer_id=str(customer),
                )
            )


def _contradiction(lines: Sequence[Sequence[object]]) -> str | None:
    """What does not fit, as the end of a sentence; None when all does."""
    if lines[0][_SEQ] is None:
        return "it has no event"
    return _illegal(lines) or _different(lines)


def _different(lines: Sequence[Sequence[object]]) -> str | None:
    first, last = lines[0], lines[-1]
    told = last[_ABOUT_LINE]
    # a look leaves the answer to the submission as it is, and does not claim it for itself
    copied = _CHANGE if last[_EVENT] == "looked" else (*_CHANGE, *_ANSWER)
    for name, said, meant in (
        ("state", first[_STATE], last[_AFTER]),
        ("number of changes", first[_REVISION], len(lines)),
        ("number of sends", first[_SENDS], _sends(line[_EVENT] for line in lines)),
        *zip(copied, first[_ABOUT_REQUEST], told, strict=False),
    ):
        if said != meant:
            return f"its {name} is {said!r}, but by its events (the last is {last[_SEQ]}) it is {meant!r}"
    return None


def _illegal(lines: Iterable[Sequence[object]]) -> str | None:
    state: object = None
    for line in lines:
        before, after = line[_BEFORE], line[_AFTER]
        if before != state:
            return f"event {line[_SEQ]} begins with {before}, but the one before it ended with {state}"
        if after not in _legal(state, line[_EVENT]):
            return f"event {line[_SEQ]} goes from {before} to {after}, which no request may"
        state = after
    return None


def _legal(state: object, event: object) -> Iterable[object]:
    if state is None:
        return {State.QUEUED}
    if event == "content replaced":
        return {state}
    return _MOVES.get(str(state), ())


def _sends(events: Iterable[object]) -> int:
    """How often it was sent, by the names of its events."""
    sends = 0
    for event in events:
        if event == "intended":
            sends = 1
        elif event == "resent":
            sends += 1
        elif event == "withdrawn":
            sends -= 1
    return sends

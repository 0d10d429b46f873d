"""The service's books, the ledger and the outcomes, held against each other: what does not fit, in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import combinations, groupby
from pathlib import Path
from typing import Final

from support.faithful import CODES, Taken, World
from support.ledgers import ORIGIN, PARTNER

from batchqual.ledger import MAX_SENDS, MOVES, LedgerView, Record, State, read_only
from batchqual.model import Outcome, Qualification, RowResult, Verdict, Wish
from batchqual.pipeline import MOST_ATTEMPTS, given_up_before

__all__ = ["Allowed", "after_a_calm_run", "after_a_run", "in_the_books", "in_the_journal"]

GRANTED: Final = ("Approved", "Present")
EXCLUDES: Final = {
    Qualification.EDUCATION: (Qualification.GCC,),
    Qualification.GCC: (Qualification.EDUCATION, Qualification.SOE),
    Qualification.SOE: (),
}
GivenUp = Mapping[Wish, tuple[Record, ...]]
ENDS_OF_ATTEMPTS: Final = ("no-attempts-left", "last-attempt")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the user of a run allowed, and how many new submissions (None: any number)."""

    resubmit_denied: bool = False
    resend_unknown: bool = False
    allow_last_attempt: bool = False
    first: int | None = None
    writes: bool = True


def in_the_journal(path: Path) -> Iterator[str]:
    """Moves that the table forbids, and whatever an audit finds."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        lines = connection.execute("SELECT request, before, after, event FROM event ORDER BY request, seq")
        for request, life in groupby(lines, key=lambda line: line[0]):
            state = None
            for _, before, after, event in life:
                legal = event == "content replaced" or before is None or State(after) in MOVES[State(before)]
                if before != state or not legal:
                    yield f"request {request} went from {before} to {after}, and stood at {state}"
                state = after
    with read_only(path) as view:
        yield from (one.message for one in view.audit().findings)


def in_the_books(world: World, path: Path, runs: Mapping[str, Allowed]) -> Iterator[str]:
    """What was taken too often, or without leave, or that the ledger does not know."""
    with read_only(path) as view, closing(sqlite3.connect(path)) as connection:
        intents = _intents(connection, runs)
        for one in world.books:
            if one.ours and one.request_id not in intents:
                yield f"{_named(one)} was never intended"
        yield from _rivals(world)
        yield from _without_leave(world, intents)
        yield from _attempts(world, view)
        yield from _forgotten(world, view)
        yield from _too_many(connection, runs)
    for code, most in CODES.items():
        used = sum(one.request.validation_code == code for one in world.books)
        if used > most:
            yield f"{used} creates of {code} are used, of {most}"


def _intents(connection: sqlite3.Connection, runs: Mapping[str, Allowed]) -> dict[str, tuple[int, Allowed]]:
    """For each request id its record, and what was allowed in the run that first meant to send it."""
    found: dict[str, tuple[int, Allowed]] = {}
    intended: dict[int, Allowed] = {}
    lines = "SELECT request, event, run_id, request_id FROM event WHERE request_id IS NOT NULL ORDER BY seq"
    for request, event, run_id, request_id in connection.execute(lines):
        if event == "intended":
            intended[request] = runs[run_id]
        if request in intended:
            found.setdefault(request_id, (request, intended[request]))
    return found


def _too_many(connection: sqlite3.Connection, runs: Mapping[str, Allowed]) -> Iterator[str]:
    counts = "SELECT run_id, count(*) FROM event WHERE event IN ('intended', 'resent') GROUP BY run_id"
    for run_id, count in connection.execute(counts):
        allowed = runs[run_id]
        if not allowed.writes or (allowed.first is not None and count > allowed.first):
            yield f"{run_id} meant to send {count}, and was told {allowed}"


def _named(one: Taken) -> str:
    number = int(one.request.customer_id[-12:])
    return f"customer {number}, {one.request.qualification.short} (run {one.run}, at {one.arrived:.1f})"


def _rivals(world: World) -> Iterator[str]:
    """Ours that came while another one for the wish, or one that excludes it, was live."""
    order = sorted(world.books, key=lambda one: one.arrived)
    for before, after in combinations(order, 2):
        if before.wish.customer_id != after.wish.customer_id or not after.ours:
            continue
        known = before.ours or before.shown_from <= after.left
        kind = before.wish.qualification
        same = kind is after.wish.qualification
        if known and before.live(after.arrived) and (same or kind in EXCLUDES[after.wish.qualification]):
            yield f"{_named(after)} was taken while {_named(before)} was {before.status(after.arrived)}"


def _without_leave(world: World, intents: Mapping[str, tuple[int, Allowed]]) -> Iterator[str]:
    """A later request for a wish, or a third Education request, that nobody allowed."""
    for wish in {one.wish for one in world.books}:
        ours = [one for one in world.of(wish) if one.ours and one.request_id in intents]
        records = [intents[one.request_id][0] for one in ours]
        if len(set(records)) < len(records):
            yield f"{wish}: one request was taken twice ({records})"
        for turn, one in enumerate(ours):
            allowed = intents[one.request_id][1]
            denied = any(
                not other.ours and other.shown_from <= one.left and other.status(one.left) == "Denied"
                for other in world.of(wish)
            )
            if (turn or denied) and not allowed.resubmit_denied:
                yield f"{_named(one)} followed another one without --resubmit-denied"
            last = wish.qualification is Qualification.EDUCATION and turn >= MOST_ATTEMPTS - 1
            if last and (turn >= MOST_ATTEMPTS or not allowed.allow_last_attempt):
                yield f"{_named(one)} was attempt {turn + 1}"


def _attempts(world: World, view: LedgerView) -> Iterator[str]:
    known = view.all_education_attempts(ORIGIN, PARTNER)
    for wish in {one.wish for one in world.books if one.wish.qualification is Qualification.EDUCATION}:
        made = sum(one.ours for one in world.of(wish))
        if known.get(wish.customer_id, 0) < made:
            yield f"{wish}: {made} attempts, and the ledger knows {known.get(wish.customer_id, 0)}"


def _forgotten(world: World, view: LedgerView) -> Iterator[str]:
    """What is live at the service by our hand and, for the ledger, was never sent or was refused."""
    now = world.timeline.seconds()
    for wish in {one.wish for one in world.books}:
        live = [one for one in world.of(wish) if one.ours and (one.live(now) or one.arrived > now)]
        states = {one.state for one in view.history(ORIGIN, PARTNER, wish) if one.sends and not one.adopted}
        if live and not states - {State.QUEUED, State.REFUSED}:
            yield f"{_named(live[0])} is live, and the ledger knows {sorted(states)}"


def after_a_run(world: World, path: Path, rows: Iterable[RowResult]) -> Iterator[str]:
    """Outcomes that the service's books contradict, as far as looks may have told them."""
    with read_only(path) as view:
        for row in rows:
            if row.row.request is not None and row.row.preset is None:
                wish, verdict = row.row.request.wish, row.verdict
                if not _possible(world, view, wish, verdict):
                    yield _against(world, wish, row)
                unseen = verdict.outcome is Outcome.DENIED and wish.customer_id not in world.looked_at
                if unseen and "Last looked at" not in (verdict.error_message or ""):
                    yield f"nobody has looked: {_against(world, wish, row)}"


def _against(world: World, wish: Wish, row: RowResult) -> str:
    verdict = row.verdict
    words = (verdict.outcome, verdict.vetting_status, verdict.error_code, verdict.error_message)
    told = ", ".join(word for word in words if word)
    books = [("ours" if one.ours else "somebody's", one.history) for one in world.of(wish)]
    return f"row {row.row.row} ({wish}) says {told}; the service: {books}"


def _possible(world: World, view: LedgerView, wish: Wish, verdict: Verdict) -> bool:
    now, taken = world.timeline.seconds(), world.of(wish)
    ours = [one for one in taken if one.ours]
    granted = any(one.ever(status, now) for one in taken for status in GRANTED)
    denied = any(one.ever("Denied", now) or one.ever(None, now) for one in taken)
    used = verdict.error_code in ENDS_OF_ATTEMPTS and verdict.attempts >= MOST_ATTEMPTS - 1
    unsent = not any(one.live(now) and not one.ever("Denied", now) for one in ours)
    records = view.history(ORIGIN, PARTNER, wish)
    possible = {
        Outcome.APPROVED: granted and any(one.sends and not one.adopted for one in records),
        Outcome.ALREADY_QUALIFIED: granted and not ours,
        Outcome.DENIED: denied or used,
        Outcome.IN_REVIEW: any(one.arrived <= now for one in taken),
        Outcome.UNKNOWN: any(one.state in (State.SENDING, State.ABANDONED) for one in records),
        Outcome.NOT_ATTEMPTED: unsent,
        Outcome.FAILED: unsent,
    }
    return possible.get(verdict.outcome, True)


def after_a_calm_run(world: World, path: Path, rows: Sequence[RowResult]) -> Iterator[str]:
    """Rows that could be sent and were not, and outcomes other than what the service shows."""
    with read_only(path) as view:
        latest = {one.wish: one for one in view.records(ORIGIN, PARTNER)}
        given_up = given_up_before(view, ORIGIN, PARTNER)
    for row in rows:
        if row.row.request is not None and row.row.preset is None:
            wish = row.row.request.wish
            if not _right(world, latest, given_up, rows, row):
                yield f"in the end, {_against(world, wish, row)}"


def _right(
    world: World, latest: Mapping[Wish, Record], given_up: GivenUp, rows: Sequence[RowResult], row: RowResult
) -> bool:
    assert row.row.request is not None
    wish, outcome = row.row.request.wish, row.verdict.outcome
    if outcome is Outcome.CONFLICT:
        return _justified(world, latest, given_up, rows, row)
    if outcome is Outcome.UNKNOWN:
        return latest[wish].sends == MAX_SENDS or wish in given_up
    if outcome is Outcome.NOT_ATTEMPTED:
        gcc = latest.get(Wish(wish.customer_id, Qualification.GCC))
        coming = (gcc is not None and gcc.live) or any(_is_gcc_of(one, wish) for one in rows)
        return row.verdict.error_code == "waits-for-gcc" and coming
    shown: dict[Outcome, tuple[str | None, ...]] = {
        Outcome.APPROVED: GRANTED,
        Outcome.ALREADY_QUALIFIED: GRANTED,
        Outcome.IN_REVIEW: ("InReview", None) if any(one.ours for one in world.of(wish)) else ("InReview",),
        Outcome.DENIED: ("Denied", None),
    }
    return _standing(world, wish) in shown.get(outcome, ())


def _standing(world: World, wish: Wish) -> str | None:
    """What the service shows of a wish, once everything has arrived and shows."""
    now = world.timeline.seconds()
    taken = world.of(wish)
    seen = [one.status(now) for one in (taken if world.keeps else taken[-1:])]
    return min(
        (one for one in seen if one), key=["Approved", "Present", "InReview", "Denied"].index, default=None
    )


def _is_gcc_of(row: RowResult, wish: Wish) -> bool:
    other = row.row.request
    same = other is not None and other.customer_id == wish.customer_id
    return same and other is not None and other.qualification is Qualification.GCC


def _justified(
    world: World, latest: Mapping[Wish, Record], given_up: GivenUp, rows: Sequence[RowResult], row: RowResult
) -> bool:
    request = row.row.request
    assert request is not None
    record = latest.get(request.wish)
    match row.verdict.error_code:
        case "content-changed":
            of_old = (one for one in (record, *given_up.get(request.wish, ())) if one is not None)
            return any(one.request.content != request.content for one in of_old)
        case "other-qualification-held" | "soe-before-gcc":
            others = [Wish(request.customer_id, kind) for kind in EXCLUDES[request.qualification]]
            held = [other for other in others if _standing(world, other) not in (None, "Denied")]
            known = [one for one in others if one in given_up or (one in latest and latest[one].live)]
            return bool(held or known)
        case "code-exhausted":
            code = request.validation_code or ""
            wanted = {
                one.row.request.wish
                for one in rows
                if one.row.request and one.row.request.validation_code == code
            }
            unknown = {w for w, r in latest.items() if r.state is State.SENDING and r.validation_code == code}
            lost = sum(one.validation_code == code for records in given_up.values() for one in records)
            return CODES[code] - world.used(code) < len(wanted | unknown) + lost
        case _:
            return False

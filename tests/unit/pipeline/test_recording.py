"""What of an answer or a look goes into the book: each of its facts, and nothing else of the record."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest
from support.fake_service import holding
from support.ledgers import NOON, HandClock, InlineWriter, education, new_request

from batchqual.errors import AlreadyThere, CallFailed, FateUnknown, Refused
from batchqual.ledger import Ledger, Record, State
from batchqual.model import ABSENT, Holding, Qualification, VettingStatus
from batchqual.partnercenter import Submission
from batchqual.pipeline import recording

EDUCATION = Qualification.EDUCATION
RESET = FateUnknown("reset", http_status=500, error_code="2000", correlation_id="second")
IN_REVIEW = holding(EDUCATION, "InReview", reason="Being looked at.", created="2026-11-20")
DENIED = holding(EDUCATION, "Denied", reason="No school.", created="2026-11-20")
APPROVED = holding(EDUCATION, "Approved")
OTHERWISE = holding(EDUCATION, "Denied", reason="Otherwise.")
NO_FAILURE = {"error_code": None, "error_message": None}


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    """A ledger of a run whose clock stands still."""
    path = tmp_path / "ledger.sqlite3"
    with Ledger.open(path, clock=HandClock(), command="run", make_writer=InlineWriter) as ledger:
        yield ledger


async def queued(ledger: Ledger) -> Record:
    """Enrolled, and never sent."""
    [record] = await ledger.enrol([new_request(education(1))])
    return record


async def sending(ledger: Ledger) -> Record:
    """Sent, and answered by nobody."""
    return await ledger.intend(await queued(ledger), "request-1")


async def failed(ledger: Ledger) -> Record:
    """Sent, and the answer said too little: its facts are in the record."""
    return recording.answer_lost(ledger, await sending(ledger), RESET)


def changes(before: Record, after: Record) -> dict[str, object]:
    """What is another than before, but for the count of changes."""
    both = ((field.name, getattr(before, field.name), getattr(after, field.name)) for field in fields(Record))
    return {name: new for name, old, new in both if old != new and name != "revision"}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        pytest.param(None, {}, id="says nothing"),
        pytest.param(
            IN_REVIEW,
            {
                "vetting_status": "InReview",
                "vetting_reason": "Being looked at.",
                "vetting_created_raw": "2026-11-20",
            },
            id="says where vetting stands",
        ),
    ],
)
async def test_an_acceptance(ledger: Ledger, said: Holding | None, kept: dict[str, object]) -> None:
    """It takes the place of the failures before it."""
    before = await failed(ledger)
    after = recording.accepted(ledger, before, Submission(said, None, 201, "third"))
    answer = {"state": State.IN_REVIEW, "answered_at": NOON, "http_status": 201, "correlation_id": "third"}
    assert answer | NO_FAILURE | kept == changes(before, after)


async def test_a_refusal_in_words(ledger: Ledger) -> None:
    """It is a denial, and its words are the reason."""
    before = await sending(ledger)
    after = recording.denied_in_words(ledger, before, Submission(None, "Tagging denied.", 200, "third"))
    assert {
        "state": State.SETTLED,
        "answered_at": NOON,
        "settled_at": NOON,
        "http_status": 200,
        "correlation_id": "third",
        "vetting_status": "Denied",
        "vetting_reason": "Tagging denied.",
    } == changes(before, after)


async def test_a_refusal(ledger: Ledger) -> None:
    """The service's words, code and status are for the report."""
    before = await sending(ledger)
    failure = Refused("not eligible", http_status=400, error_code="3000", correlation_id="third")
    assert {
        "state": State.REFUSED,
        "answered_at": NOON,
        "http_status": 400,
        "correlation_id": "third",
        "error_code": "3000",
        "error_message": "not eligible",
    } == changes(before, recording.refused(ledger, before, failure))


@pytest.mark.parametrize(
    ("failure", "answered"),
    [
        pytest.param(RESET, {}, id="no answer"),
        pytest.param(
            AlreadyThere("reset", http_status=500, error_code="2000", correlation_id="second"),
            {"answered_sends": 1},
            id="an answer that says too little",
        ),
    ],
)
async def test_a_lost_answer(ledger: Ledger, failure: CallFailed, answered: dict[str, object]) -> None:
    """What is known of the attempt is kept, and its story tells it."""
    before = await sending(ledger)
    after = recording.answer_lost(ledger, before, failure)
    known = {"http_status": 500, "correlation_id": "second"}
    assert known | {"error_code": "2000", "error_message": "reset"} | answered == changes(before, after)
    await ledger.flush()
    last = ledger.events(after)[-1]
    assert ("answer lost", "reset", State.SENDING) == (last.event, last.note, last.after)


async def test_giving_up(ledger: Ledger) -> None:
    """The last answer stays in the record as the reason."""
    before = await failed(ledger)
    assert {"state": State.REFUSED, "answered_at": NOON} == changes(before, recording.gave_up(ledger, before))


async def test_looks_at_a_review(ledger: Ledger) -> None:
    """A review that does not show says so, until it shows; and says otherwise when it shows no more."""
    before = recording.accepted(ledger, await sending(ledger), Submission(None, None, 201, "third"))
    hidden = recording.not_visible(ledger, before)
    assert {
        "last_look_at": NOON,
        "polls": 1,
        "error_code": "not-visible-yet",
        "error_message": "The service does not show it yet. It is looked at again, never sent again.",
    } == changes(before, hidden)
    shown = recording.reviewed(ledger, hidden, IN_REVIEW)
    assert {
        "polls": 2,
        "shown_at": NOON,
        "vetting_status": "InReview",
        "vetting_reason": "Being looked at.",
        "vetting_created_raw": "2026-11-20",
    } | NO_FAILURE == changes(hidden, shown)
    dropped = recording.not_visible(ledger, shown, NOON)
    assert (NOON, "no-longer-visible") == (dropped.unconfirmed_since, dropped.error_code)
    assert "has shown it, and does not show it any more" in (dropped.error_message or "")
    assert {
        "state": State.REVERTED,
        "settled_at": NOON,
        "polls": 4,
        "unconfirmed_since": None,
        "vetting_status": ABSENT,
        "vetting_reason": None,
        "vetting_created_raw": None,
    } | NO_FAILURE == changes(dropped, recording.reverted(ledger, dropped, None))


async def test_a_doubt_of_a_grant_ends_when_it_shows(ledger: Ledger) -> None:
    """The first odd look is kept, and changes nothing else."""
    granted = recording.arrived(ledger, await sending(ledger), holding(EDUCATION))
    doubted = recording.doubted(ledger, granted, None, NOON)
    assert {"polls": 2, "unconfirmed_since": NOON} == changes(granted, doubted)
    again = recording.looked_again(ledger, doubted, holding(EDUCATION), NOON)
    assert {"polls": 3, "unconfirmed_since": None} == changes(doubted, again)


@pytest.mark.parametrize("taken_back", [False, True], ids=["denied", "taken back"])
async def test_a_denial_that_is_looked_at_again_stands_as_it_shows(
    ledger: Ledger, *, taken_back: bool
) -> None:
    """Nothing leaves it as it is, a denial brings its words, and what is granted or in review is that."""
    denied = recording.arrived(ledger, await sending(ledger), DENIED)
    if taken_back:
        denied = recording.reverted(ledger, recording.looked_again(ledger, denied, APPROVED, NOON), DENIED)
    gone = recording.looked_again(ledger, denied, None, NOON)
    assert {"polls": denied.polls + 1} == changes(denied, gone)
    otherwise = recording.looked_again(ledger, gone, OTHERWISE, NOON)
    assert (denied.state, "Otherwise.") == (otherwise.state, otherwise.vetting_reason)
    later = NOON + timedelta(days=1)
    granted = recording.looked_again(ledger, otherwise, APPROVED, later)
    assert (State.SETTLED, "Approved", None) == (
        granted.state,
        granted.vetting_status,
        granted.vetting_reason,
    )
    assert later == granted.settled_at


async def test_a_denial_that_is_in_review_again_is_that(ledger: Ledger) -> None:
    """The service has shown it so; nothing is settled any more."""
    denied = recording.arrived(ledger, await sending(ledger), DENIED)
    review = recording.looked_again(ledger, denied, IN_REVIEW, NOON)
    assert (State.IN_REVIEW, None, NOON) == (review.state, review.settled_at, review.shown_at)


async def test_what_arrived(ledger: Ledger) -> None:
    """The look's facts take the place of the lost answer's."""
    before = await failed(ledger)
    assert {
        "state": State.SETTLED,
        "settled_at": NOON,
        "last_look_at": NOON,
        "shown_at": NOON,
        "polls": 1,
        "vetting_status": "Denied",
        "vetting_reason": "No school.",
        "vetting_created_raw": "2026-11-20",
    } | NO_FAILURE == changes(before, recording.arrived(ledger, before, DENIED))


@pytest.mark.parametrize("taken", [True, False])
async def test_a_grant_that_was_taken_away(ledger: Ledger, *, taken: bool) -> None:
    """A denial brings its reason, and what is gone is absent for no reason that we know."""
    grant = holding(EDUCATION, "Approved", reason="A school.")
    before = recording.arrived(ledger, await sending(ledger), grant)
    after = recording.reverted(ledger, before, None if taken else DENIED)
    told = {"vetting_status": ABSENT, "vetting_reason": None}
    denied = {"vetting_status": "Denied", "vetting_reason": "No school.", "vetting_created_raw": "2026-11-20"}
    assert {"state": State.REVERTED, "polls": 2, **(told if taken else denied)} == changes(before, after)


async def test_whose_submission_it_was(ledger: Ledger) -> None:
    """What a first look finds is adopted, unless an earlier request of ours has brought it about."""
    ours = recording.arrived(ledger, await sending(ledger), DENIED)
    [again] = await ledger.enrol([new_request(education(1), predecessor=ours.id)])
    assert not recording.found(ledger, again, DENIED, ours).adopted
    [foreign] = await ledger.enrol([new_request(education(2))])
    adopted = recording.found(ledger, foreign, DENIED, None)
    assert adopted.adopted
    [again] = await ledger.enrol([new_request(education(2), predecessor=adopted.id)])
    assert recording.found(ledger, again, DENIED, adopted).adopted


Told = Callable[[Ledger, Record], Record]
SHOWN = "InReview: Being looked at."
NOT_SHOWN = "it does not show"
BODY = '{"code":"2000"}'
BARE = Holding(EDUCATION, "Education", VettingStatus.MISSING)


@pytest.mark.parametrize(
    ("state", "tell", "note"),
    [
        pytest.param(
            State.QUEUED, lambda book, one: recording.found(book, one, IN_REVIEW, None), SHOWN, id="found"
        ),
        pytest.param(
            State.SENDING, lambda book, one: recording.arrived(book, one, IN_REVIEW), SHOWN, id="arrived"
        ),
        pytest.param(
            State.SENDING,
            lambda book, one: recording.arrived(book, one, BARE),
            "it shows, without a status",
            id="arrived, without words",
        ),
        pytest.param(State.SENDING, recording.nothing_shown, NOT_SHOWN, id="nothing"),
        pytest.param(State.IN_REVIEW, recording.not_visible, NOT_SHOWN, id="hidden"),
        pytest.param(
            State.IN_REVIEW, lambda book, one: recording.reverted(book, one, None), NOT_SHOWN, id="dropped"
        ),
        pytest.param(
            State.SETTLED, lambda book, one: recording.doubted(book, one, None, NOON), NOT_SHOWN, id="doubted"
        ),
        pytest.param(
            State.SETTLED,
            lambda book, one: recording.doubted(book, one, DENIED, NOON),
            "Denied: No school.",
            id="doubted in words",
        ),
        pytest.param(
            State.IN_REVIEW,
            lambda book, one: recording.reviewed(book, one, DENIED),
            "Denied: No school.",
            id="reviewed",
        ),
        pytest.param(
            State.SETTLED,
            lambda book, one: recording.looked_again(book, one, None, NOON),
            NOT_SHOWN,
            id="again, and gone",
        ),
        pytest.param(
            State.SETTLED,
            lambda book, one: recording.looked_again(book, one, IN_REVIEW, NOON),
            SHOWN,
            id="again",
        ),
        pytest.param(
            State.SETTLED, lambda book, one: recording.reverted(book, one, None), NOT_SHOWN, id="taken away"
        ),
        pytest.param(
            State.SETTLED,
            lambda book, one: recording.reverted(book, one, DENIED),
            "Denied: No school.",
            id="taken away in words",
        ),
        pytest.param(
            State.SENDING,
            lambda book, one: recording.accepted(book, one, Submission(None, None, 201, "c", BODY)),
            BODY,
            id="accepted",
        ),
        pytest.param(
            State.SENDING,
            lambda book, one: recording.accepted(book, one, Submission(None, None, 201, "c")),
            None,
            id="accepted without a body",
        ),
        pytest.param(
            State.SENDING,
            lambda book, one: recording.denied_in_words(book, one, Submission(None, "no", 200, "c", BODY)),
            BODY,
            id="denied in words",
        ),
        pytest.param(
            State.SENDING,
            lambda book, one: recording.denied_in_words(book, one, Submission(None, "no", 200, "c")),
            None,
            id="denied in words that were all",
        ),
        pytest.param(
            State.SENDING,
            lambda book, one: recording.refused(book, one, Refused("No.", body=BODY)),
            BODY,
            id="refused",
        ),
        pytest.param(
            State.SENDING,
            lambda book, one: recording.answer_lost(book, one, FateUnknown("reset")),
            "reset",
            id="no answer at all",
        ),
    ],
)
async def test_the_biography_says_what_was_heard_and_seen(
    ledger: Ledger, state: State, tell: Told, note: str | None
) -> None:
    """An answer with the beginning of its body, a look with what it showed."""
    record = await queued(ledger)
    if state is not State.QUEUED:
        record = await ledger.intend(record, "request-1")
    if state in (State.IN_REVIEW, State.SETTLED):
        record = await ledger.looked(record, state)
    after = tell(ledger, record)
    await ledger.flush()
    assert note == ledger.events(after)[-1].note

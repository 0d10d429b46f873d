"""`--resend-unknown`: what is of unknown fate after its last send is given up, and asked for anew."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.fake_service import FakeService, LoopClock, holding
from support.ledgers import ORIGIN, PARTNER, customer, education, gcc, wish
from support.results import codes, ids, only, outcomes, sent, soe
from support.runs import an_intake, drive

from batchqual.errors import AccessDenied, AlreadyThere, FateUnknown, NotSent, Refused, Unavailable
from batchqual.ledger import Record, State, read_only
from batchqual.model import EducationSegment, Outcome, Qualification, QualificationRequest
from batchqual.partnercenter import ValidationCode
from batchqual.pipeline import given_up_before, plan_of
from batchqual.settings import load_settings

pytestmark = pytest.mark.looptime

DAY = 86400.0
LOST = FateUnknown("HTTP 500", http_status=500)
ROWS = [education(1)]


def now() -> float:
    return asyncio.get_running_loop().time()


def history(path: Path, request: QualificationRequest = ROWS[0]) -> list[Record]:
    with read_only(path) as view:
        return view.history(ORIGIN, PARTNER, request.wish)


async def worn_out(
    path: Path, *rows: QualificationRequest, service: FakeService | None = None
) -> FakeService:
    """A service that has swallowed three sends of each row, and now takes what comes."""
    service = service or FakeService()
    service.answers, service.lost_before_arrival = deque([LOST] * 3 * (len(rows) or 1)), True
    assert {Outcome.UNKNOWN} == set(outcomes(await drive(path, service, rows or ROWS, wait="0")))
    return service


async def test_it_is_asked_for_anew_after_looks_over_the_patience(path: Path) -> None:
    """A new request with a new id, which names the one that it follows; both count as attempts."""
    service = await worn_out(path)
    began, looks = now(), len(service.looked_at[customer(1)])
    results = await drive(path, service, ROWS, resend_unknown=True)
    assert [Outcome.APPROVED] == outcomes(results)
    assert 2 == only(results).attempts
    assert [1, 1, 1, 2] == [len(set(ids(service)[: turn + 1])) for turn in range(4)]
    lost, new = history(path)
    assert (State.ABANDONED, State.SETTLED, lost.id) == (lost.state, new.state, new.predecessor)
    assert (3, 1, False) == (lost.sends, new.sends, new.adopted)
    assert any(began + 60 <= moment for moment in service.looked_at[customer(1)][looks:])


async def test_without_it_nothing_is_sent(path: Path) -> None:
    """Neither now nor ever: looks alone."""
    service = await worn_out(path)
    results = await drive(path, service, ROWS)
    assert ["fate-unknown"] == codes(results)
    assert 3 == len(service.submissions)
    assert [State.SENDING] == [record.state for record in history(path)]


async def test_what_shows_by_then_is_ours(path: Path) -> None:
    """The look before the new request sees it: approved, and nothing is sent."""
    service = await worn_out(path)
    service.world[customer(1)] = [holding(Qualification.EDUCATION)]
    results = await drive(path, service, ROWS, resend_unknown=True)
    assert [Outcome.APPROVED] == outcomes(results)
    assert (1, 3) == (only(results).attempts, len(service.submissions))


async def test_three_sends_and_a_new_request_are_not_made_in_one_run(path: Path) -> None:
    """It is for rows that a report has called unknown, so that somebody has thought about them."""
    service = FakeService(answers=deque([LOST] * 9), lost_before_arrival=True)
    results = await drive(path, service, ROWS, resend_unknown=True)
    assert ["fate-unknown"] == codes(results)
    assert 3 == len(service.submissions)


async def test_what_has_sends_left_is_sent_by_the_ordinary_rule(path: Path) -> None:
    """The same request, with the option as without."""
    service = FakeService(answers=deque([LOST]), lost_before_arrival=True)
    service.looks[customer(1)] += [(), *[Unavailable("500", http_status=500)] * 3]
    assert [Outcome.UNKNOWN] == outcomes(await drive(path, service, ROWS, wait="0"))
    results = await drive(path, service, ROWS, resend_unknown=True)
    assert [Outcome.APPROVED] == outcomes(results)
    assert (2, 1) == (len(ids(service)), len(set(ids(service))))


async def test_the_new_request_is_sent_once(path: Path) -> None:
    """Lost as well, it is of unknown fate at once; the third attempt needs another word, the fourth none."""
    service = await worn_out(path)
    service.answers += [LOST] * 9
    assert ["fate-unknown"] == codes(await drive(path, service, ROWS, resend_unknown=True, wait="0"))
    assert "Sent once" in str(only(await drive(path, service, ROWS, wait="0")).error_message)
    assert 4 == len(service.submissions)
    held = await drive(path, service, ROWS, resend_unknown=True, wait="0")
    assert ([Outcome.UNKNOWN], ["last-attempt"]) == (outcomes(held), codes(held))
    assert 4 == len(service.submissions)
    third = await drive(path, service, ROWS, resend_unknown=True, allow_last_attempt=True, wait="0")
    assert ["fate-unknown"] == codes(third)
    assert (5, 3) == (len(service.submissions), only(third).attempts)
    none = await drive(path, service, ROWS, resend_unknown=True, allow_last_attempt=True, wait="0")
    assert ([Outcome.UNKNOWN], ["no-attempts-left"]) == (outcomes(none), codes(none))
    assert 5 == len(service.submissions)


@pytest.mark.parametrize(
    "reason",
    [
        pytest.param(NotSent("no route"), id="no route"),
        pytest.param(AccessDenied("agreement"), id="refused as a whole"),
    ],
)
async def test_a_new_request_that_was_not_taken(path: Path, reason: Exception) -> None:
    """The row stays unknown: without the option it is looked at alone, with it the new request is sent."""
    service = await worn_out(path)
    service.answers.append(reason)
    assert [Outcome.UNKNOWN] == outcomes(await drive(path, service, ROWS, resend_unknown=True))
    assert ["fate-unknown"] == codes(await drive(path, service, ROWS))
    assert 4 == len(service.submissions)
    [earlier] = (await drive(path, service, [education(2)])).earlier
    assert Outcome.UNKNOWN is earlier.verdict.outcome
    results = await drive(path, service, ROWS, resend_unknown=True)
    assert ([Outcome.APPROVED], 2) == (outcomes(results), only(results).attempts)
    assert [State.ABANDONED, State.SETTLED] == [record.state for record in history(path)]


@pytest.mark.parametrize("told", [False, True])
async def test_what_was_given_up_shows_before_the_new_request_leaves(path: Path, *, told: bool) -> None:
    """It is taken for ours, whatever this run was told, and counts as one attempt."""
    service = await worn_out(path)
    service.answers.append(NotSent("no route"))
    await drive(path, service, ROWS, resend_unknown=True)
    service.world[customer(1)] = [holding(Qualification.EDUCATION)]
    results = await drive(path, service, ROWS, resend_unknown=told)
    assert ([Outcome.APPROVED], 1) == (outcomes(results), only(results).attempts)
    assert 4 == len(service.submissions)


async def test_looks_that_fail_leave_it_unknown(path: Path) -> None:
    """Nothing is given up, and nothing sent, on the word of a look that was not answered."""
    service = await worn_out(path)
    service.answers.append(NotSent("no route"))
    await drive(path, service, ROWS, resend_unknown=True)
    service.looks[customer(1)] += [Unavailable("500", http_status=500)] * 20
    assert [Outcome.UNKNOWN] == outcomes(await drive(path, service, ROWS, wait="0"))
    assert [Outcome.UNKNOWN] == outcomes(await drive(path, service, ROWS, wait="0", resend_unknown=True))
    assert 4 == len(service.submissions)


async def test_a_refused_new_request_does_not_hide_the_old_one(path: Path) -> None:
    """Looks come first; then it failed. The old one may still show, and is ours then."""
    service = await worn_out(path)
    service.answers.append(Refused("not eligible", http_status=400, error_code="3000"))
    began = now()
    results = await drive(path, service, ROWS, resend_unknown=True)
    assert ([Outcome.FAILED], ["3000"]) == (outcomes(results), codes(results))
    assert now() >= began + 120
    assert ["fate-unknown"] == codes(await drive(path, service, ROWS))
    service.world[customer(1)] = [holding(Qualification.EDUCATION)]
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, ROWS))
    assert 4 == len(service.submissions)


async def test_409_to_the_new_request_is_no_answer_to_the_old_one(path: Path) -> None:
    """Sent once, answered once, and nothing shows: refused."""
    service = await worn_out(path)
    service.answers.append(AlreadyThere("there", http_status=409))
    assert [Outcome.FAILED] == outcomes(await drive(path, service, ROWS, resend_unknown=True))
    assert 4 == len(service.submissions)


async def test_another_content_is_a_conflict(path: Path) -> None:
    """What was given up may have arrived with the old one."""
    service = await worn_out(path)
    service.answers.append(NotSent("no route"))
    await drive(path, service, ROWS, resend_unknown=True)
    other = [education(1, EducationSegment.HIGHER_EDUCATION)]
    results = await drive(path, service, other, resend_unknown=True)
    assert ["content-changed"] == codes(results)
    assert 4 == len(service.submissions)


async def test_what_excludes_it_is_not_sent(path: Path) -> None:
    """Education was given up and may have arrived: GCC is not sent beside it."""
    service = await worn_out(path)
    service.answers.append(NotSent("no route"))
    service.codes = (ValidationCode("0012345", "", 9, 9),)
    await drive(path, service, ROWS, resend_unknown=True)
    assert ["other-qualification-held"] == codes(await drive(path, service, [gcc(1)], resend_unknown=True))


@pytest.mark.parametrize(("left", "approved"), [(1, False), (2, True)])
async def test_its_code_needs_a_create_for_each(path: Path, left: int, *, approved: bool) -> None:
    """The old request may still take one, so the new one needs a second."""
    service = FakeService(codes=(ValidationCode("0012345", "", 9, 9),))
    await worn_out(path, gcc(1), service=service)
    service.codes = (ValidationCode("0012345", "", 9, left),)
    results = await drive(path, service, [gcc(1)], resend_unknown=True)
    assert (Outcome.APPROVED if approved else Outcome.UNKNOWN) is outcomes(results)[0]
    assert (4 if approved else 3) == len(service.submissions)
    assert (None if approved else "code-not-spare") == codes(results)[0]


async def test_a_code_that_cannot_be_counted_is_not_used(path: Path) -> None:
    """The list is not to be read: the row stays as it was."""
    service = FakeService(codes=(ValidationCode("0012345", "", 9, 9),))
    await worn_out(path, gcc(1), service=service)
    service.codes = Unavailable("500", http_status=500)
    results = await drive(path, service, [gcc(1)], resend_unknown=True)
    assert ([Outcome.UNKNOWN], ["code-not-spare"]) == (outcomes(results), codes(results))


async def test_what_was_given_up_keeps_its_create(path: Path) -> None:
    """While nobody knows, rows with the same code are counted as if it took one."""
    service = FakeService(codes=(ValidationCode("0012345", "", 9, 9),))
    await worn_out(path, gcc(1), service=service)
    service.answers.append(LOST)
    await drive(path, service, [gcc(1)], resend_unknown=True, wait="0")
    service.codes = (ValidationCode("0012345", "", 9, 2),)
    assert ["code-exhausted"] == codes(await drive(path, service, [gcc(2)], wait="0"))
    service.codes = (ValidationCode("0012345", "", 9, 3),)
    assert [None] == codes(await drive(path, service, [gcc(2)], wait="0"))


async def test_soe_has_no_count(path: Path) -> None:
    """StateOwnedEntity knows neither attempts nor codes."""
    service = await worn_out(path, soe(1))
    assert [Outcome.APPROVED] == outcomes(await drive(path, service, [soe(1)], resend_unknown=True))


@pytest.mark.parametrize("command", ["plan", "resume"])
async def test_where_nothing_is_sent_nothing_is_given_up(path: Path, command: str) -> None:
    """A plan and a resume look."""
    service = await worn_out(path)
    await drive(path, service, ROWS, command=command, resend_unknown=True)
    assert [State.SENDING] == [record.state for record in history(path)]


async def test_first_counts_it(path: Path) -> None:
    """Two to be asked for anew, one of them is the first."""
    service = await worn_out(path, education(1), education(2))
    rows = [education(1), education(2)]
    results = await drive(path, service, rows, resend_unknown=True, first=1)
    assert [Outcome.APPROVED, Outcome.UNKNOWN] == outcomes(results)
    assert (1, "Education") == sent(service)[-1]
    assert 7 == len(service.submissions)


async def test_a_later_denial_closes_the_book(path: Path) -> None:
    """A look has shown the end of it: what is asked for after that is an ordinary request."""
    service = await worn_out(path)
    service.verdict = "Denied"
    assert [Outcome.DENIED] == outcomes(await drive(path, service, ROWS, resend_unknown=True))
    with read_only(path) as view:
        assert {} == given_up_before(view, ORIGIN, PARTNER)


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        pytest.param({}, (0, 0, 1, 0), id="without it"),
        pytest.param({"resend_unknown": True}, (0, 1, 0, 1), id="with it"),
    ],
)
async def test_a_plan_counts_what_may_be_sent(
    path: Path, given: dict[str, object], counts: tuple[int, ...]
) -> None:
    """Nobody is asked about rows for which nothing can be sent."""
    await worn_out(path)
    with read_only(path) as view:
        records = view.records(ORIGIN, PARTNER)
    settings = load_settings(given, environ={})
    plan = plan_of(an_intake(*ROWS), records, {customer(1): 1}, settings, now=LoopClock().now())
    assert counts == (plan.unknown, plan.renewed, plan.worn_out, plan.most)


async def test_a_wish_without_a_past_has_given_nothing_up(path: Path) -> None:
    """What the ledger does not know is nobody's unknown fate."""
    await drive(path, FakeService(), ROWS)
    with read_only(path) as view:
        assert {} == given_up_before(view, ORIGIN, PARTNER)
        assert view.find(ORIGIN, PARTNER, wish(1)) == replace(history(path)[0])


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({"command": "plan"}, id="plan"),
        pytest.param({"command": "plan", "resend_unknown": True}, id="plan that would ask anew"),
        pytest.param({"resend_unknown": True, "first": 0}, id="behind --first"),
    ],
)
async def test_a_run_that_sends_nothing_does_not_promise_another_send(
    path: Path, told: dict[str, Any]
) -> None:
    """After its last send only --resend-unknown helps, and each report says so."""
    service = await worn_out(path)
    results = await drive(path, service, ROWS, **told)
    assert (["fate-unknown"], [Outcome.UNKNOWN]) == (codes(results), outcomes(results))
    assert 3 == len(service.submissions)

"""The same wish with another content: what was never sent may change, what may be live may not."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import pytest
from support.fake_service import FakeService, holding
from support.ledgers import customer, education, gcc
from support.results import codes, left_unknown, only, outcomes, sent
from support.runs import drive

from batchqual.errors import FateUnknown
from batchqual.model import EducationSegment, Outcome, Qualification, QualificationRequest
from batchqual.partnercenter import ValidationCode

pytestmark = pytest.mark.looptime

HIGHER = EducationSegment.HIGHER_EDUCATION


async def test_content_changed_in_review_is_a_conflict_and_the_live_one_is_polled(path: Path) -> None:
    """The old value is named, nothing is sent, and the live request stands apart."""
    service = FakeService(vetting=7200.0)
    await drive(path, service, [education(1)], wait="0")
    changed = await drive(path, service, [education(1, HIGHER)], wait="forever")
    assert [Outcome.CONFLICT] == outcomes(changed)
    assert "K12" in (only(changed).error_message or "")
    assert [Outcome.APPROVED] == outcomes(changed.earlier)
    assert 1 == len(service.submissions)


async def test_content_changed_while_the_fate_is_open_says_so(path: Path) -> None:
    """What may never have arrived is not called in review; it is looked for, and not sent again."""
    service = FakeService(answers=deque([FateUnknown("reset")]), lost_before_arrival=True)
    await left_unknown(path, service, [education(1)])
    results = await drive(path, service, [education(1, HIGHER)])
    assert ["content-changed"] == codes(results)
    assert "in review" not in (only(results).error_message or "")
    assert "may have arrived" in (only(results).error_message or "")
    assert [Outcome.UNKNOWN] == outcomes(results.earlier)
    assert [(1, "Education")] == sent(service)


async def test_content_of_what_somebody_else_asked_for_is_not_ours_to_compare(path: Path) -> None:
    """A review that was found, not submitted, goes on under whatever segment the row says."""
    service = FakeService()
    service.looks[customer(1)].append((holding(Qualification.EDUCATION, "InReview"),))
    service.world[customer(1)].append(holding(Qualification.EDUCATION))
    await drive(path, service, [education(1)], wait="0")
    results = await drive(path, service, [education(1, HIGHER)])
    assert [Outcome.ALREADY_QUALIFIED] == outcomes(results)
    assert [] == sent(service)


async def test_content_changed_after_the_approval_is_a_conflict(path: Path) -> None:
    """Another code for what is granted."""
    service = FakeService(vetting=0, codes=(ValidationCode("0012345", "", 5, 5),))
    await drive(path, service, [gcc(1)])
    results = await drive(path, service, [gcc(1, "0099999")])
    assert ["content-changed"] == codes(results)
    assert "is approved" in (only(results).error_message or "")
    assert "0012345" not in (only(results).error_message or "")


async def test_the_older_api_asks_for_no_segment_and_changes_none(path: Path) -> None:
    """A row without a segment is the wish that is in review, not a conflict with it."""
    service = FakeService(vetting=9e5)
    await drive(path, service, [education(1)], wait="0")
    plain = QualificationRequest(customer(1), Qualification.EDUCATION)
    results = await drive(path, service, [plain], api="asynchronous-2020", wait="0")
    assert [Outcome.IN_REVIEW] == outcomes(results)
    assert [(1, "Education")] == sent(service)


async def test_a_segment_where_there_was_none_is_a_change(path: Path) -> None:
    """Nobody knows what the older contract's request stands for, so nothing is claimed for it."""
    service = FakeService(vetting=9e5)
    plain = QualificationRequest(customer(1), Qualification.EDUCATION)
    await drive(path, service, [plain], api="asynchronous-2020", wait="0")
    results = await drive(path, service, [education(1)], wait="0")
    assert ["content-changed"] == codes(results)
    assert "no segment" in (only(results).error_message or "")


async def test_a_queued_wish_takes_todays_content(path: Path) -> None:
    """A row that was never sent may change."""
    service = FakeService()
    await drive(path, service, [education(1), education(2)], first=1)
    await drive(path, service, [education(2, HIGHER)])
    assert HIGHER is service.submissions[-1][0].segment

"""Whatever arrives, the client's readers answer and never raise."""

from __future__ import annotations

import json
import unicodedata
from contextlib import suppress
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from batchqual.errors import BatchqualError
from batchqual.model import Holding, Qualification
from batchqual.partnercenter import Call, Claims, Reply, claims
from batchqual.partnercenter.answers import read_codes, read_customer, read_refusal, read_submitted
from batchqual.partnercenter.faults import read_fault
from batchqual.partnercenter.judge import Forbidden, judge
from batchqual.partnercenter.moments import read_moment, retry_after
from batchqual.partnercenter.text import UNREADABLE
from batchqual.partnercenter.wire import read_holdings

NOW = datetime(2026, 3, 1, tzinfo=UTC)

names = st.sampled_from(
    [
        "qualification",
        "Qualifications",
        "vettingStatus",
        "VettingReason",
        "vettingCreatedDate",
        "code",
        "items",
        "description",
        "isRetryable",
        "error",
        "id",
        "companyProfile",
        "domain",
        "validationId",
        "maxCreates",
    ]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["Education", "none", "Denied", "2020-12-04T20:54:24Z", "07/09/2020: 00:00:00"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
bodies = st.binary(max_size=200) | values.map(lambda value: json.dumps(value).encode())


@given(bodies)
def test_bodies_of_success(body: bytes) -> None:
    """A tuple of holdings, or unreadable; and the same of the other lists."""
    holdings = read_holdings(body)
    assert holdings is UNREADABLE or all(isinstance(one, Holding) for one in holdings)
    read_customer(body)
    read_codes(body)
    read_refusal(body)
    for wanted in Qualification:
        found = read_submitted(body, wanted)
        assert found is None or found.qualification is wanted


@given(bodies)
def test_what_was_read_can_be_stored_and_shown(body: bytes) -> None:
    """Every text is UTF-8, on one line, and of bounded length."""
    holdings = read_holdings(body)
    for one in () if holdings is UNREADABLE else holdings:
        for text in (one.raw_qualification, one.raw_status, one.reason, one.created_raw):
            assert len((text or "").encode("utf-8")) <= 4 * 1024
            assert not {unicodedata.category(letter) for letter in text or ""} & {"Cc", "Cf", "Cs", "Zl"}


@given(st.integers(100, 599), bodies, st.text(max_size=30), st.booleans(), st.booleans())
def test_bodies_of_errors(status: int, body: bytes, reason: str, complete: bool, writes: bool) -> None:
    """A reply comes through, or an error is raised: the client's own, or one that asks for another token."""
    reply = Reply(status, reason, CIMultiDict(), body, complete, "c")
    fault = read_fault(reply)
    assert len(fault.message) <= 1024
    call = Call("POST" if writes else "GET", "/", "x", "r", writes=writes)
    with suppress(BatchqualError, Forbidden):
        assert reply is judge(call, reply, NOW)


@given(st.text(max_size=60), st.text(max_size=60))
def test_moments(text: str, other: str) -> None:
    """UTC or nothing; a pause is above zero or none."""
    moment = read_moment(text)
    assert moment is None or moment.tzinfo is UTC
    pause = retry_after(CIMultiDict({"Retry-After": text, "Date": other}), NOW)
    assert pause is None or pause > 0


@given(st.text(max_size=60) | bodies.map(lambda body: f"a.{body.hex()}.c"))
def test_tokens(token: str) -> None:
    """Claims, be they empty."""
    assert isinstance(claims(token), Claims)

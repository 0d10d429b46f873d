"""The typed front, over a scripted door."""

from __future__ import annotations

import pytest
from support.scripted_door import CORRELATION_ID, ScriptedDoor, a_reply

from batchqual.clock import SystemClock
from batchqual.errors import NotFound, Unavailable
from batchqual.model import EducationSegment, Qualification, QualificationRequest, VettingStatus
from batchqual.partnercenter import Counts, Customer, Gate, PartnerCenter, contract_named

CUSTOMER = "00000000-0000-4000-8000-000000000001"
REQUEST_ID = "00000000-0000-4000-8000-00000000aaaa"
EDU = QualificationRequest(CUSTOMER, Qualification.EDUCATION, EducationSegment.K12)
GCC = QualificationRequest(CUSTOMER, Qualification.GCC, validation_code="123456")


def front(door: ScriptedDoor, api: str = "asynchronous") -> PartnerCenter:
    """A client over this door."""
    gate = Gate(rate=None, concurrency=1, clock=SystemClock())
    return PartnerCenter(door, contract_named(api), counts=Counts(), gate=gate, ready=always_ready)


async def always_ready() -> None:
    """Somebody is signed in."""


async def test_a_look() -> None:
    """One GET, with a request id of its own."""
    door = ScriptedDoor(a_reply(200, b'[{"qualification":"Education","vettingStatus":"InReview"}]'))
    (holding,) = await front(door).holdings(CUSTOMER)
    assert VettingStatus.IN_REVIEW is holding.status
    (call,) = door.calls
    assert (
        "GET",
        f"/v1/customers/{CUSTOMER}/qualifications",
        "customers/{id}/qualifications",
        False,
        36,
    ) == (
        call.method,
        call.path,
        call.endpoint,
        call.writes,
        len(call.request_id),
    )


async def test_a_submission() -> None:
    """One POST, with the caller's request id, and the answer's facts."""
    door = ScriptedDoor(a_reply(201, b'{"qualification":"Education","vettingStatus":"InReview"}'))
    submission = await front(door).submit(EDU, request_id=REQUEST_ID)
    assert submission.holding is not None
    assert (VettingStatus.IN_REVIEW, None, 201, CORRELATION_ID) == (
        submission.holding.status,
        submission.refusal,
        submission.http_status,
        submission.correlation_id,
    )
    (call,) = door.calls
    assert ("POST", REQUEST_ID, True) == (call.method, call.request_id, call.writes)


async def test_a_code_does_not_show_in_a_call() -> None:
    """Neither in the body nor in the query, should a call be printed."""
    door = ScriptedDoor()
    await front(door).submit(GCC, request_id=REQUEST_ID)
    (call,) = door.calls
    assert (("code", "123456"),) == call.query
    assert "123456" not in repr(call)


async def test_a_truncated_acceptance_leaves_it_to_a_look() -> None:
    """What arrived of the body does not count."""
    door = ScriptedDoor(a_reply(201, b'{"qualification":"Education"}', complete=False))
    assert (await front(door).submit(EDU, request_id=REQUEST_ID)).holding is None


async def test_the_synchronous_contract_can_refuse_in_words() -> None:
    """In a 2xx; a code that it repeats is masked."""
    door = ScriptedDoor(a_reply(200, b'"Code 123456 denied."'))
    submission = await front(door, "synchronous").submit(GCC, request_id=REQUEST_ID)
    assert (None, "Code ••••56 denied.") == (submission.holding, submission.refusal)
    assert ("PUT", b"3") == (door.calls[0].method, door.calls[0].body)


async def test_words_in_an_asynchronous_acceptance_leave_it_to_a_look() -> None:
    """Only the older contract's answers are documented as words."""
    door = ScriptedDoor(a_reply(200, b'"Customer tagging denied."'))
    submission = await front(door).submit(EDU, request_id=REQUEST_ID)
    assert (None, None) == (submission.holding, submission.refusal)


async def test_a_customer_and_the_codes() -> None:
    """Two more reads."""
    door = ScriptedDoor(a_reply(200, f'{{"id":"{CUSTOMER}"}}'.encode()), a_reply(200, b"[]"))
    client = front(door)
    assert Customer(CUSTOMER) == await client.customer(CUSTOMER)
    assert () == await client.validation_codes()
    assert [f"/v1/customers/{CUSTOMER}", "/v1/customers/all/validations"] == [one.path for one in door.calls]


async def test_a_customer_id_cannot_leave_its_place_in_the_path() -> None:
    """Whatever it holds."""
    door = ScriptedDoor()
    await front(door).holdings("../x?y/z")
    assert "/v1/customers/..%2Fx%3Fy%2Fz/qualifications" == door.calls[0].path


async def test_nobody_asks_for_a_customer_without_an_id() -> None:
    """That path would be the list of all customers."""
    door = ScriptedDoor()
    with pytest.raises(ValueError, match="without an ID"):
        await front(door).customer("")
    assert [] == door.calls


async def test_json_of_no_known_shape_is_unavailable() -> None:
    """Never an empty answer."""
    client = front(ScriptedDoor(*[a_reply(200, b'"what?"')] * 3))
    for look in (client.holdings(CUSTOMER), client.customer(CUSTOMER), client.validation_codes()):
        with pytest.raises(Unavailable, match="shape"):
            await look


async def test_404_with_a_body_that_nobody_can_read_is_still_not_found() -> None:
    """Once the tries are over."""
    door = ScriptedDoor(Unavailable("HTTP 404", http_status=404, correlation_id=CORRELATION_ID))
    with pytest.raises(NotFound) as caught:
        await front(door).holdings(CUSTOMER)
    assert CORRELATION_ID == caught.value.correlation_id


async def test_other_failures_of_a_read_pass() -> None:
    """As they are."""
    with pytest.raises(Unavailable):
        await front(ScriptedDoor(Unavailable("HTTP 500", http_status=500))).customer(CUSTOMER)


@pytest.mark.parametrize(
    ("api", "one_value"), [("asynchronous", False), ("asynchronous-2020", False), ("synchronous", True)]
)
def test_one_value_is_the_contract_s_word(api: str, one_value: bool) -> None:
    """The pipeline asks for it."""
    assert one_value is front(ScriptedDoor(), api).one_value

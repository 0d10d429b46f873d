"""The published bodies, byte for byte over a dumb socket, with outcomes written by hand.

Neither the simulator nor its wording takes part, so that client and simulator cannot share a misreading.
Printed samples that are not JSON (comments, stray commas, curly quotes) are left out: no service sends them.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from support.replay_server import Canned, canned
from support.talking import CUSTOMER, EDU, GCC, QUICK, REQUEST_ID, talking

from batchqual.errors import (
    AccessDenied,
    AlreadyThere,
    BatchqualError,
    CallFailed,
    FateUnknown,
    NotFound,
    Refused,
    SignInNeeded,
    Unavailable,
)
from batchqual.model import Holding, Qualification, QualificationRequest, VettingStatus
from batchqual.partnercenter import Customer, ValidationCode

E, G, S = Qualification.EDUCATION, Qualification.GCC, Qualification.SOE
APPROVED, DENIED, IN_REVIEW, MISSING = (
    VettingStatus.APPROVED,
    VettingStatus.DENIED,
    VettingStatus.IN_REVIEW,
    VettingStatus.MISSING,
)
EDU_IN_2020 = QualificationRequest(CUSTOMER, E)
GCC_IN_2020 = QualificationRequest(CUSTOMER, G, validation_code="123456")
SOE_ALONE = Holding(S, "StateOwnedEntity", MISSING)

LOOKS = [
    pytest.param(
        '[{"qualification":"Education","vettingStatus":"Approved"}]',
        (Holding(E, "Education", APPROVED, "Approved"),),
        id="approved",
    ),
    pytest.param(
        '[{"qualification":"Education","vettingStatus":"InReview",'
        '"vettingCreatedDate":"2020-12-03T10:37:38.885Z"}]',
        (
            Holding(
                E,
                "Education",
                IN_REVIEW,
                "InReview",
                None,
                datetime(2020, 12, 3, 10, 37, 38, 885_000, tzinfo=UTC),
                "2020-12-03T10:37:38.885Z",
            ),
        ),
        id="in review",
    ),
    pytest.param(
        '[{"qualification":"Education","vettingStatus":"Denied","vettingReason":"Not an Education Customer",'
        '"vettingCreatedDate":"2020-12-03T10:37:38.885Z"}]',
        (
            Holding(
                E,
                "Education",
                DENIED,
                "Denied",
                "Not an Education Customer",
                datetime(2020, 12, 3, 10, 37, 38, 885_000, tzinfo=UTC),
                "2020-12-03T10:37:38.885Z",
            ),
        ),
        id="denied",
    ),
    pytest.param('[{"qualification":"StateOwnedEntity"}]', (SOE_ALONE,), id="state owned"),
    pytest.param(
        '[{"qualification":"Education","vettingStatus":"Approved"},{"qualification":"StateOwnedEntity"}]',
        (Holding(E, "Education", APPROVED, "Approved"), SOE_ALONE),
        id="education and state owned",
    ),
    pytest.param(
        '[{"qualification":"GovernmentCommunityCloud","vettingStatus":"Approved",'
        '"vettingCreateDate":"2021-05-06T19:59:56.6832021+00:00"},{"qualification":"StateOwnedEntity"}]',
        (
            Holding(
                G,
                "GovernmentCommunityCloud",
                APPROVED,
                "Approved",
                None,
                datetime(2021, 5, 6, 19, 59, 56, 683_202, tzinfo=UTC),
                "2021-05-06T19:59:56.6832021+00:00",
            ),
            SOE_ALONE,
        ),
        id="government and state owned",
    ),
    pytest.param(
        '[{"Qualification":"Education","VettingStatus":"Denied","VettingReason":"Not an education customer",'
        '"VettingCreatedDate":"07/09/2020: 00:00:00"}]',
        (
            Holding(
                E,
                "Education",
                DENIED,
                "Denied",
                "Not an education customer",
                datetime(2020, 7, 9, tzinfo=UTC),
                "07/09/2020: 00:00:00",
            ),
        ),
        id="December 2020, pascal case",
    ),
    pytest.param(
        '{"qualifications":[{"qualification":"Education","vettingStatus":"InReview","vettingReason":null,'
        '"vettingCreateDate":"2020-12-04T20:54:24Z"}]}',
        (
            Holding(
                E,
                "Education",
                IN_REVIEW,
                "InReview",
                None,
                datetime(2020, 12, 4, 20, 54, 24, tzinfo=UTC),
                "2020-12-04T20:54:24Z",
            ),
        ),
        id="wrapper",
    ),
    pytest.param("[]", (), id="nothing"),
    pytest.param('[{"qualification":"None"}]', (), id="none"),
    pytest.param("null", (), id="null"),
    pytest.param("", (), id="empty"),
]


@pytest.mark.parametrize(("body", "holdings"), LOOKS)
async def test_looks(body: str, holdings: tuple[Holding, ...]) -> None:
    """Each published GET body means what the documents say it means."""
    headers = ["Content-Type: application/json; charset=utf-8"]
    async with talking(canned("200 OK", body, headers=headers)) as (_, client):
        assert holdings == await client.holdings(CUSTOMER)


@pytest.mark.parametrize(
    ("body", "holdings"),
    [
        pytest.param('"education"', (Holding(E, "Education", APPROVED),), id="education"),
        pytest.param(
            '"governmentcommunitycloud"', (Holding(G, "GovernmentCommunityCloud", APPROVED),), id="government"
        ),
        pytest.param(
            '"government_community_cloud"', (Holding(G, "GovernmentCommunityCloud", APPROVED),), id="snake"
        ),
        pytest.param('"none"', (), id="none"),
        pytest.param("0", (), id="0"),
        pytest.param("1", (Holding(E, "Education", APPROVED),), id="1"),
        pytest.param("2", (Holding(None, "Nonprofit", APPROVED),), id="2"),
        pytest.param("3", (Holding(G, "GovernmentCommunityCloud", APPROVED),), id="3"),
    ],
)
async def test_looks_of_the_synchronous_contract(body: str, holdings: tuple[Holding, ...]) -> None:
    """A bare string or a number, on the singular path."""
    async with talking(canned("200 OK", body), api="synchronous") as (server, client):
        assert holdings == await client.holdings(CUSTOMER)
    assert f"GET /v1/customers/{CUSTOMER}/qualification HTTP/1.1" == server.heard[0].line


ACCEPTED = (
    '{"qualification":"Education","vettingStatus":"InReview","vettingCreateDate":"2020-12-04T20:54:24Z"}'
)
ACCEPTED_HOLDING = Holding(
    E,
    "Education",
    IN_REVIEW,
    "InReview",
    None,
    datetime(2020, 12, 4, 20, 54, 24, tzinfo=UTC),
    "2020-12-04T20:54:24Z",
)


@pytest.mark.parametrize(
    ("answer", "api", "holding", "status"),
    [
        pytest.param(canned("201 CREATED", ACCEPTED), "asynchronous", ACCEPTED_HOLDING, 201, id="object"),
        pytest.param(canned("201 CREATED", ACCEPTED), "asynchronous-2020", ACCEPTED_HOLDING, 201, id="2020"),
        pytest.param(
            canned("200 OK", f'{{"qualifications":[{ACCEPTED}]}}'),
            "asynchronous",
            ACCEPTED_HOLDING,
            200,
            id="wrapper",
        ),
        pytest.param(
            canned("200 OK", '[{"Qualification":"Education","VettingStatus":"InReview"}]'),
            "asynchronous-2020",
            Holding(E, "Education", IN_REVIEW, "InReview"),
            200,
            id="array, pascal case",
        ),
        pytest.param(
            canned("200 OK", '"education"'), "synchronous", Holding(E, "Education", APPROVED), 200, id="bare"
        ),
        pytest.param(
            canned("200 OK", "1"), "synchronous", Holding(E, "Education", APPROVED), 200, id="number"
        ),
    ],
)
async def test_submissions(answer: Canned, api: str, holding: Holding, status: int) -> None:
    """Each published answer to a submission."""
    async with talking(answer, api=api) as (_, client):
        submission = await client.submit(EDU_IN_2020, request_id=REQUEST_ID)
    assert (holding, None, status) == (submission.holding, submission.refusal, submission.http_status)


@pytest.mark.parametrize(
    ("raw", "api", "request_"),
    [
        pytest.param(
            b"HTTP/1.1 201 CREATED\r\nContent-Length: 29\r\nContent-Type: application/json\r\n"
            b"MS-CorrelationId: 7d2456fd-2d79-46d0-9f8e-5d7ecd5f8745\r\n"
            b"MS-RequestId: 037db222-6d8e-4d7f-ba78-df3dca33fb68\r\n\r\n" + ACCEPTED.encode(),
            "asynchronous-2020",
            EDU_IN_2020,
            id="asynchronous page",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 14\r\nContent-Type: application/json\r\n"
            b"MS-CorrelationId: 7d2456fd-2d79-46d0-9f8e-5d7ecd5f8745\r\n"
            b'MS-RequestId: 037db222-6d8e-4d7f-ba78-df3dca33fb68\r\n\r\n"governmentcommunitycloud"',
            "synchronous",
            GCC_IN_2020,
            id="synchronous page",
        ),
    ],
)
async def test_the_lengths_that_the_december_2020_pages_print(
    raw: bytes, api: str, request_: QualificationRequest
) -> None:
    """They are shorter than their bodies, which is no clear answer; and the next answer is not poisoned."""
    async with talking(Canned(raw), canned("200 OK", "[]"), api=api) as (server, client):
        with pytest.raises(FateUnknown, match="not proper HTTP"):
            await client.submit(request_, request_id=REQUEST_ID)
        assert () == await client.holdings(CUSTOMER)
    assert 2 == len(server.heard)


async def test_a_refusal_in_words_of_the_synchronous_contract() -> None:
    """The one published sighting of the "return case"."""
    async with talking(canned("200 OK", '"Customer tagging denied."'), api="synchronous") as (_, client):
        submission = await client.submit(EDU_IN_2020, request_id=REQUEST_ID)
    assert (None, "Customer tagging denied.") == (submission.holding, submission.refusal)


async def test_validation_codes() -> None:
    """The published list."""
    body = (
        '[{"partnerId":"9daaeb1c-4195-4db5-9f1d-509eb70c8c2d","organizationName":"Contoso, Inc.",'
        '"validationId":"12345","maxCreates":5,"remainingCreates":4,'
        '"eTag":"W/\\"datetime\'2018-10-10T18%3A49%3A58.727348Z\'\\""}]'
    )
    async with talking(canned("200 OK", body)) as (server, client):
        assert (ValidationCode("12345", "Contoso, Inc.", 5, 4),) == await client.validation_codes()
    assert "GET /v1/customers/all/validations HTTP/1.1" == server.heard[0].line


async def test_a_customer() -> None:
    """An item of the published list, as the call for one customer gives it."""
    body = (
        f'{{"id":"{CUSTOMER}","companyProfile":{{"tenantId":"{CUSTOMER}",'
        '"domain":"contoso.onmicrosoft.example","companyName":"Contoso"},"relationshipToPartner":"reseller"}'
    )
    async with talking(canned("200 OK", body)) as (server, client):
        assert Customer(CUSTOMER, "contoso.onmicrosoft.example", "Contoso") == await client.customer(CUSTOMER)
    assert f"GET /v1/customers/{CUSTOMER} HTTP/1.1" == server.heard[0].line


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            '{"type":"account","status":"Allowed","lastUpdateDateTime":"2021-07-14T18:02:00"}',
            id="account check",
        ),
        pytest.param(
            '{"totalCount":1,"items":[{"id":"x"}],"links":{},"attributes":{"objectType":"Collection"}}',
            id="list of customers",
        ),
    ],
)
async def test_another_call_s_body_is_no_holding(body: str) -> None:
    """The account check and the list say nothing about a qualification; that is not "nothing held"."""
    async with talking(canned("200 OK", body)) as (_, client):
        with pytest.raises(Unavailable, match="shape"):
            await client.holdings(CUSTOMER)


E1 = '{"code":"800002","description":"The input is wrong.","data":[],"source":"PartnerAPI"}'
E1I = (
    '{"code":2000,"description":"Tenant Id must be a GUID.","data":[],'
    '"source":"PartnerApiServiceControllers"}'
)
E3 = (
    '{"code":600061,"message":"It was not found.","description":"It was not found.","errorName":"NotFound",'
    '"isRetryable":false,"parameters":{},"errorMessageExtended":"InternalErrorCode=600061"}'
)
E4 = '"Customer tagging denied."'
CHALLENGE = 'WWW-Authenticate: Bearer error="invalid_token"'

ERRORS = [
    pytest.param(canned("400 Bad Request", E1), Refused, Refused, "800002", id="code as text"),
    pytest.param(canned("400 Bad Request", E1I), Refused, Refused, "2000", id="code as number"),
    pytest.param(canned("404 Not Found", E3), NotFound, Refused, "600061", id="not retryable"),
    pytest.param(
        canned("404 Not Found", E3.replace("false", "true")), NotFound, FateUnknown, "600061", id="retryable"
    ),
    pytest.param(canned("400 Bad Request", E4), Refused, Refused, None, id="bare string"),
    pytest.param(
        canned("401 Unauthorized - MFA required", "", headers=[CHALLENGE]),
        SignInNeeded,
        SignInNeeded,
        "mfa-needed",
        id="MFA in the reason",
    ),
    pytest.param(
        canned("401 Unauthorized", '{"code":"900421","description":"x"}'),
        SignInNeeded,
        SignInNeeded,
        "mfa-needed",
        id="MFA by code",
    ),
    pytest.param(
        canned("401 Unauthorized", "", headers=["WWW-Authenticate: OAuth realm=urn:cpsvc:cpid:x"]),
        SignInNeeded,
        SignInNeeded,
        "sign-in",
        id="given token refused",
    ),
    pytest.param(canned("500 Oops", "Something went wrong"), Unavailable, FateUnknown, None, id="plain text"),
    pytest.param(canned("502 Bad Gateway", "<html></html>"), Unavailable, FateUnknown, None, id="html"),
    pytest.param(canned("503 Busy", ""), Unavailable, FateUnknown, None, id="nothing"),
    pytest.param(canned("409 Conflict", E1), Unavailable, AlreadyThere, "800002", id="conflict"),
    pytest.param(
        canned("403 Forbidden", '{"code":"900329","description":"x"}'),
        AccessDenied,
        AccessDenied,
        "access-denied",
        id="app-only",
    ),
]


def code_of(error: BatchqualError) -> str | None:
    """The service's code, or the class's own word where the run is over."""
    return error.error_code if isinstance(error, CallFailed) else error.code


@pytest.mark.parametrize(("answer", "read", "write", "code"), ERRORS)
async def test_errors_of_a_read(
    answer: Canned, read: type[BatchqualError], write: type[BatchqualError], code: str | None
) -> None:
    """Each published error body, in answer to a look."""
    async with talking(answer, retry=QUICK) as (_, client):
        with pytest.raises(read) as caught:
            await client.holdings(CUSTOMER)
    assert (read, code) == (type(caught.value), code_of(caught.value))


@pytest.mark.parametrize(("answer", "read", "write", "code"), ERRORS)
async def test_errors_of_a_write(
    answer: Canned, read: type[BatchqualError], write: type[BatchqualError], code: str | None
) -> None:
    """The same in answer to a submission, which goes out once."""
    async with talking(answer, retry=QUICK) as (server, client):
        with pytest.raises(write) as caught:
            await client.submit(GCC, request_id=REQUEST_ID)
    assert (write, code) == (type(caught.value), code_of(caught.value))
    assert 1 == len(server.heard)


async def test_the_published_throttle() -> None:
    """The call waits as long as it says, and comes through with the same request id."""
    body = '{"statusCode":429,"message":"Rate limit is exceeded. Try again in 57 seconds."}'
    answers = [
        canned("429 Too Many Requests", body, headers=["Retry-After: 0.2"]),
        canned("201 CREATED", ACCEPTED),
    ]
    async with talking(*answers) as (server, client):
        await client.submit(EDU, request_id=REQUEST_ID)
    first, second = server.heard
    assert second.at - first.at >= 0.2
    assert first.header("MS-RequestId") == second.header("MS-RequestId") == REQUEST_ID
    assert (2, 1, 0) == (client.counts.post, client.counts.throttled, client.counts.retried)

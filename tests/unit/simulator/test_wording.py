"""Every shape of an answer, byte for byte where the documents show bytes."""

from __future__ import annotations

import json

import pytest

from batchqual.simulator import Code, Shapes, Sight
from batchqual.simulator.rules import Refusal
from batchqual.simulator.shapes import DateForm
from batchqual.simulator.wording import acceptance, code_list, error, listing, single, stamp

CREATED = 1607115264.6832  # 2020-12-04 20:54:24 UTC
REVIEW = Sight("Education", "InReview", None, CREATED)
DENIED = Sight("Education", "Denied", "Not an Academic Domain", CREATED)
SOE = Sight("StateOwnedEntity", None, None, CREATED)
DATE = "2020-12-04T20:54:24Z"


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        pytest.param(
            Shapes(),
            [{"qualification": "Education", "vettingStatus": "InReview", "vettingCreateDate": DATE}],
            id="array",
        ),
        pytest.param(
            Shapes(get="wrapper", nulls=True),
            {
                "qualifications": [
                    {
                        "qualification": "Education",
                        "vettingStatus": "InReview",
                        "vettingReason": None,
                        "vettingCreateDate": DATE,
                    }
                ]
            },
            id="wrapper",
        ),
        pytest.param(
            Shapes(get="pascal_array"),
            [{"Qualification": "Education", "VettingStatus": "InReview", "VettingCreatedDate": DATE}],
            id="pascal",
        ),
        pytest.param(
            Shapes(get="object", date="absent"),
            {"qualification": "Education", "vettingStatus": "InReview"},
            id="object",
        ),
        pytest.param(
            Shapes(date_key="vettingCreatedDate", name="integer", status="absent"),
            [{"qualification": 1, "vettingCreatedDate": DATE}],
            id="created-date",
        ),
        pytest.param(
            Shapes(status="null", name="lower", date="absent"),
            [{"qualification": "education", "vettingStatus": None}],
            id="null-status",
        ),
        pytest.param(
            Shapes(status="unknown", name="snake", date="absent"),
            [{"qualification": "education", "vettingStatus": "AwaitingDocuments"}],
            id="unknown-status",
        ),
        pytest.param(
            Shapes(status="lower", date="absent", get="pascal_array"),
            [{"Qualification": "Education", "VettingStatus": "inreview"}],
            id="lower-status",
        ),
    ],
)
def test_the_shapes_of_get(shapes: Shapes, expected: object) -> None:
    """Each switch gives the body that is documented for it."""
    reply = listing([REVIEW], shapes)
    assert (200, expected) == (reply.status, json.loads(reply.body))


def test_several_entries_are_always_an_array() -> None:
    """Only one entry can be drawn as a single object."""
    assert 2 == len(json.loads(listing([DENIED, SOE], Shapes(get="object")).body))


def test_a_denial_shows_its_reason_and_a_state_owned_entity_nothing() -> None:
    """The reason goes with Denied; StateOwnedEntity is its name alone."""
    shown = json.loads(listing([DENIED, SOE], Shapes()).body)
    assert "Not an Academic Domain" == shown[0]["vettingReason"]
    assert {"qualification": "StateOwnedEntity"} == shown[1]


@pytest.mark.parametrize(
    ("shapes", "status", "body"),
    [
        pytest.param(Shapes(), 200, b"[]", id="empty"),
        pytest.param(Shapes(get="wrapper"), 200, b'{"qualifications":[]}', id="empty-wrapper"),
        pytest.param(Shapes(nothing="none_entry"), 200, b'[{"qualification":"None"}]', id="none"),
        pytest.param(Shapes(nothing="null"), 200, b"null", id="null"),
        pytest.param(Shapes(nothing="no_body"), 200, b"", id="no-body"),
    ],
)
def test_the_shapes_of_nothing(shapes: Shapes, status: int, body: bytes) -> None:
    """A customer without any qualification can look five ways, and as a 404."""
    assert (status, body) == listing([], shapes)[:2]


def test_nothing_can_be_a_404() -> None:
    """Then the body is an error with code 1000."""
    reply = listing([], Shapes(nothing="not_found"))
    assert (404, "1000") == (reply.status, json.loads(reply.body)["code"])


@pytest.mark.parametrize(
    ("shapes", "status", "start"),
    [
        pytest.param(Shapes(), 201, b'{"qualification":', id="object"),
        pytest.param(Shapes(post="wrapper"), 200, b'{"qualifications":[', id="wrapper"),
        pytest.param(Shapes(post="pascal_array"), 200, b'[{"Qualification":', id="pascal"),
        pytest.param(Shapes(post="empty"), 201, b"", id="empty"),
        pytest.param(Shapes(post="html"), 200, b"<html>", id="html"),
    ],
)
def test_the_shapes_of_post(shapes: Shapes, status: int, start: bytes) -> None:
    """All of them are accepted writes."""
    reply = acceptance(REVIEW, shapes)
    assert (status, True, True) == (reply.status, reply.changed, reply.body.startswith(start))


@pytest.mark.parametrize(
    ("form", "text"),
    [
        pytest.param("seconds", DATE, id="seconds"),
        pytest.param("milliseconds", "2020-12-04T20:54:24.683Z", id="milliseconds"),
        pytest.param("ticks", "2020-12-04T20:54:24.6832001+00:00", id="ticks"),
        pytest.param("slashes", "12/04/2020: 20:54:24", id="slashes"),
    ],
)
def test_the_forms_of_a_date(form: DateForm, text: str) -> None:
    """Four forms of the same moment, all UTC."""
    assert text == stamp(CREATED, form)


@pytest.mark.parametrize(
    ("shapes", "body"),
    [
        pytest.param(
            Shapes(),
            {"code": "900126", "description": "No.", "data": [], "source": "PartnerSimulator"},
            id="s",
        ),
        pytest.param(
            Shapes(error="int_code"),
            {"code": 900126, "description": "No.", "data": [], "source": "PartnerSimulator"},
            id="int",
        ),
        pytest.param(Shapes(error="status_message"), {"statusCode": 400, "message": "No."}, id="message"),
        pytest.param(
            Shapes(error="error_name"),
            {
                "code": 900126,
                "message": "No.",
                "description": "No.",
                "errorName": "SimulatedError",
                "isRetryable": False,
                "parameters": {},
                "errorMessageExtended": "InternalErrorCode=900126",
            },
            id="name",
        ),
        pytest.param(Shapes(error="bare_string"), "No.", id="bare"),
    ],
)
def test_the_shapes_of_an_error(shapes: Shapes, body: object) -> None:
    """Five JSON forms of one refusal."""
    reply = error(Refusal(400, "900126", "No."), shapes.error)
    assert (400, body) == (reply.status, json.loads(reply.body))


@pytest.mark.parametrize(
    ("shapes", "kind", "start"),
    [
        pytest.param(Shapes(error="text"), "text/plain", b"No.", id="text"),
        pytest.param(Shapes(error="html"), "text/html", b"<html>", id="html"),
        pytest.param(Shapes(error="empty"), "application/json", b"", id="empty"),
    ],
)
def test_errors_that_are_not_json(shapes: Shapes, kind: str, start: bytes) -> None:
    """Three forms that a JSON parser must survive."""
    reply = error(Refusal(403, "x", "No."), shapes.error)
    assert (403, kind, True) == (reply.status, reply.kind, reply.body.startswith(start))


def test_a_code_that_is_no_number_is_zero_as_an_integer() -> None:
    """The integer form has no place for words."""
    assert 0 == json.loads(error(Refusal(400, "Bad", "No."), "int_code").body)["code"]


def test_codes_as_integers_lose_their_zeros() -> None:
    """The older table calls the id an integer; a code with letters stays text."""
    codes = [Code("0123"), Code("a1", max=None, remaining=None)]
    shown = json.loads(code_list(codes, Shapes(code_id="integer")).body)
    assert [123, "a1"] == [one["validationId"] for one in shown]
    assert (None, None) == (shown[1]["maxCreates"], shown[1]["remainingCreates"])


def test_the_synchronous_words() -> None:
    """One bare value: a string in lower case, one with underscores, or the number."""
    gcc = "GovernmentCommunityCloud"
    assert b'"governmentcommunitycloud"' == single(gcc, "string").body
    assert b'"government_community_cloud"' == single(gcc, "snake").body
    assert b"3" == single(gcc, "integer").body


def test_vary_goes_through_all_mixtures() -> None:
    """With `vary` each combination of shapes of GET, POST, date and key comes up once in 120 answers."""
    shapes = Shapes(vary=True)
    assert 120 == len({shapes.at(number) for number in range(120)})
    assert shapes.at(0) == shapes.at(120)
    plain = Shapes(get="wrapper")
    assert plain is plain.at(5)

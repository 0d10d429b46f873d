"""Which bodies are documented requests, and which are not."""

from __future__ import annotations

import json

import pytest

from batchqual.simulator.bodies import BodyError, CodeSource, Wish, read_wish


def wish(body: object, query: str | None = None, source: CodeSource = "either") -> Wish:
    return read_wish(json.dumps(body).encode(), query, source)


def test_all_members_of_the_current_body_are_read() -> None:
    """The camel-case object of 2022 carries segment, website and code."""
    body = {"qualification": "Education", "educationSegment": "K12", "website": "w", "validationCode": "1"}
    assert Wish("Education", "camel", "K12", "w", "1") == wish(body)


def test_null_members_are_absent_members() -> None:
    """A client that writes nulls means nothing by them."""
    body = {"qualification": "StateOwnedEntity", "website": None, "validationCode": None}
    assert Wish("StateOwnedEntity", "camel") == wish(body)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        pytest.param("body", None, id="body"),
        pytest.param("query", "07", id="query"),
        pytest.param("either", "07", id="either"),
    ],
)
@pytest.mark.parametrize(
    "body", [3, {"Qualification": "GovernmentCommunityCloud"}], ids=["integer", "object"]
)
def test_the_code_in_the_query(body: object, source: CodeSource, code: str | None) -> None:
    """The older documents put the code into the query; the switch says whether the service looks there."""
    assert code == wish(body, "07", source).code


def test_the_code_in_the_body() -> None:
    """The newer documents put it into the body."""
    body = {"qualification": "GovernmentCommunityCloud", "validationCode": "08"}
    assert "08" == wish(body, "08").code
    assert "08" == wish(body, "07", "body").code
    assert None is wish(body, None, "query").code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param([], "2000", id="empty-array"),
        pytest.param([{"Qualification": "Education"}] * 2, "2000", id="two"),
        pytest.param(["Education"], "2000", id="array-of-text"),
        pytest.param("Education", "900126", id="text"),
        pytest.param(7, "900126", id="no-such-number"),
        pytest.param(True, "900126", id="boolean"),
        pytest.param(1.0, "900126", id="float"),
        pytest.param({}, "900126", id="empty-object"),
        pytest.param({"qualification": 1}, "3000", id="number-in-object"),
        pytest.param({"qualification": "Education", "Website": "w"}, "3000", id="mixed-case"),
        pytest.param({"qualification": "Education", "educationSegment": "k12"}, "3000", id="segment"),
        pytest.param({"qualification": "Education", "validationCode": 5}, "3000", id="code-number"),
    ],
)
def test_what_no_document_shows_is_refused(body: object, code: str) -> None:
    """A lenient simulator would hide a client's mistake."""
    with pytest.raises(BodyError) as caught:
        wish(body)
    assert code == caught.value.code


def test_two_codes_that_differ_are_refused() -> None:
    """Body and query must name the same code."""
    with pytest.raises(BodyError, match="differ"):
        wish({"qualification": "GovernmentCommunityCloud", "validationCode": "1"}, "2")

"""Submissions, customers and codes."""

from __future__ import annotations

import pytest

from batchqual.model import Qualification, VettingStatus
from batchqual.partnercenter import Customer, ValidationCode
from batchqual.partnercenter.answers import read_codes, read_customer, read_refusal, read_submitted
from batchqual.partnercenter.text import UNREADABLE

GUID = "00000000-0000-4000-8000-0000000000AB"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(
            '{"qualification":"Education","vettingStatus":"InReview"}', VettingStatus.IN_REVIEW, id="object"
        ),
        pytest.param(
            '[{"Qualification":"Education","VettingStatus":"InReview"}]', VettingStatus.IN_REVIEW, id="array"
        ),
        pytest.param('"education"', VettingStatus.APPROVED, id="bare"),
        pytest.param("1", VettingStatus.APPROVED, id="number"),
        pytest.param('[{"qualification":"StateOwnedEntity"}]', None, id="another one"),
        pytest.param("", None, id="nothing"),
        pytest.param("<html>", None, id="unreadable"),
    ],
)
def test_what_an_answer_says_of_the_wanted_one(body: str, status: VettingStatus | None) -> None:
    """Silence, noise and talk of something else leave it to a look."""
    holding = read_submitted(body.encode(), Qualification.EDUCATION)
    assert status is (holding.status if holding else None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param('"Customer tagging denied."', "Customer tagging denied.", id="bare words"),
        pytest.param('{"code":1,"message":"Not eligible."}', "Not eligible.", id="an error in a 2xx"),
        pytest.param('"OK"', None, id="assent"),
        pytest.param("true", None, id="true"),
        pytest.param('"education"', None, id="the value"),
        pytest.param('{"data":1}', None, id="an object without words"),
        pytest.param("", None, id="nothing"),
        pytest.param("<html>", None, id="unreadable"),
    ],
)
def test_refusals_in_words(body: str, words: str | None) -> None:
    """Only words that name no qualification and do not assent refuse."""
    assert words == read_refusal(body.encode())


@pytest.mark.parametrize(
    ("body", "customer"),
    [
        pytest.param(
            f'{{"id":"{GUID}","companyProfile":{{"tenantId":"x","domain":"Contoso.example","companyName":"Contoso"}}}}',
            Customer(GUID.lower(), "contoso.example", "Contoso"),
            id="whole",
        ),
        pytest.param(f'{{"CompanyProfile":{{"TenantId":"{GUID}"}}}}', Customer(GUID.lower()), id="by tenant"),
        pytest.param(f'{{"id":"{GUID}","companyProfile":null}}', Customer(GUID.lower()), id="no profile"),
        pytest.param("{}", UNREADABLE, id="nobody"),
        pytest.param("[]", UNREADABLE, id="array"),
        pytest.param("", UNREADABLE, id="nothing"),
    ],
)
def test_customers(body: str, customer: object) -> None:
    """Domain and name may be missing; the id may not."""
    assert customer == read_customer(body.encode())


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        pytest.param(
            '[{"partnerId":"p","organizationName":"Contoso, Inc.","validationId":"12345","maxCreates":5,'
            '"remainingCreates":4,"eTag":"e"}]',
            (ValidationCode("12345", "Contoso, Inc.", 5, 4),),
            id="as printed",
        ),
        pytest.param(
            '{"Items":[{"ValidationId":12345,"MaxCreates":null}]}',
            (ValidationCode("12345", "", None, None),),
            id="number, no quota",
        ),
        pytest.param(
            '[{"validationId":"00123","maxCreates":"7","remainingCreates":-1}]',
            (ValidationCode("00123", "", 7, None),),
            id="leading zeros, odd counts",
        ),
        pytest.param('[{"organizationName":"x"}]', (), id="entry without a code"),
        pytest.param("[]", (), id="none"),
        pytest.param("", (), id="empty body"),
        pytest.param("null", (), id="null"),
        pytest.param("{}", (), id="object without items"),
        pytest.param("[1]", UNREADABLE, id="not entries"),
        pytest.param('"x"', UNREADABLE, id="words"),
        pytest.param("<html>", UNREADABLE, id="html"),
    ],
)
def test_codes(body: str, codes: object) -> None:
    """A code is text; its quota may be unknown."""
    assert codes == read_codes(body.encode())


def test_a_code_does_not_show_itself() -> None:
    """A validation code is for its owner alone."""
    assert "12345" not in repr(ValidationCode("12345", "Contoso", 1, 1))

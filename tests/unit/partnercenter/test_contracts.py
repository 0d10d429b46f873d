"""The three contracts."""

from __future__ import annotations

import pytest

from batchqual.errors import UsageError
from batchqual.model import EducationSegment, Qualification, QualificationRequest
from batchqual.partnercenter import CONTRACTS, contract_named

CUSTOMER = "00000000-0000-4000-8000-000000000001"
EDU = QualificationRequest(CUSTOMER, Qualification.EDUCATION, EducationSegment.K12, "contoso.example")
GCC = QualificationRequest(CUSTOMER, Qualification.GCC, validation_code="012345")
SOE = QualificationRequest(CUSTOMER, Qualification.SOE)


@pytest.mark.parametrize(
    ("api", "request_", "body", "query"),
    [
        pytest.param(
            "asynchronous",
            EDU,
            b'{"qualification":"Education","educationSegment":"K12","website":"contoso.example"}',
            (),
            id="education",
        ),
        pytest.param(
            "asynchronous",
            GCC,
            b'{"qualification":"GovernmentCommunityCloud","validationCode":"012345"}',
            (("code", "012345"),),
            id="gcc in body and query",
        ),
        pytest.param("asynchronous", SOE, b'{"qualification":"StateOwnedEntity"}', (), id="soe"),
        pytest.param("asynchronous-2020", EDU, b'{"Qualification":"Education"}', (), id="2020 education"),
        pytest.param(
            "asynchronous-2020",
            GCC,
            b'{"Qualification":"GovernmentCommunityCloud"}',
            (("code", "012345"),),
            id="2020 gcc",
        ),
        pytest.param("synchronous", EDU, b"1", (), id="synchronous education"),
        pytest.param("synchronous", GCC, b"3", (("code", "012345"),), id="synchronous gcc"),
        pytest.param("synchronous", SOE, b"4", (), id="synchronous soe"),
    ],
)
def test_what_is_asked(
    api: str, request_: QualificationRequest, body: bytes, query: tuple[tuple[str, str], ...]
) -> None:
    """Body and query of each contract, byte by byte."""
    contract = contract_named(api)
    assert body == contract.encode(request_)
    assert query == contract.query(request_)


def test_where_it_is_asked() -> None:
    """Two contracts POST to the plural, the older one PUTs to the singular and knows one value."""
    assert {one.name: (one.method, one.resource, one.one_value) for one in CONTRACTS} == {
        "asynchronous": ("POST", "qualifications", False),
        "asynchronous-2020": ("POST", "qualifications", False),
        "synchronous": ("PUT", "qualification", True),
    }


def test_an_unknown_contract_is_wrong_usage() -> None:
    """The hint names those that exist."""
    with pytest.raises(UsageError) as caught:
        contract_named("soap")
    assert "asynchronous-2020" in caught.value.hint

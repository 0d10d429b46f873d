"""Every shape of an answer about holdings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from batchqual.model import Holding, Qualification, VettingStatus
from batchqual.partnercenter.text import UNREADABLE
from batchqual.partnercenter.wire import read_holdings

EDU, GCC, SOE = Qualification.EDUCATION, Qualification.GCC, Qualification.SOE
APPROVED, MISSING = VettingStatus.APPROVED, VettingStatus.MISSING


def only(body: bytes) -> Holding:
    """The one holding that a body tells of."""
    holdings = read_holdings(body)
    assert holdings is not UNREADABLE
    (holding,) = holdings
    return holding


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('[{"qualification":"Education","vettingStatus":"Approved"}]', id="array"),
        pytest.param(
            '{"qualifications":[{"qualification":"Education","vettingStatus":"Approved"}]}', id="wrapper"
        ),
        pytest.param(
            '{"Qualifications":[{"Qualification":"Education","VettingStatus":"Approved"}]}', id="pascal"
        ),
        pytest.param('{"qualification":"Education","vettingStatus":"Approved"}', id="object"),
        pytest.param('[{"QUALIFICATION":"education","VETTINGSTATUS":"approved"}]', id="any case"),
        pytest.param('[{"qualification":1,"vettingStatus":"Approved"}]', id="number"),
        pytest.param('[{"qualification":"1","vettingStatus":"Approved"}]', id="number as text"),
        pytest.param('[{"qualification":1.0,"vettingStatus":"Approved"}]', id="number with a point"),
        pytest.param(
            '\ufeff[{"qualification":"Education","vettingStatus":"Approved"}]', id="byte order mark"
        ),
        pytest.param('[null,{"qualification":"Education","vettingStatus":"Approved"}]', id="null entry"),
    ],
)
def test_one_meaning_in_many_shapes(body: str) -> None:
    """Array, wrapper, object; Pascal and camel case; names and numbers."""
    holding = only(body.encode())
    assert (EDU, "Education", APPROVED) == (holding.qualification, holding.raw_qualification, holding.status)


@pytest.mark.parametrize(
    "body",
    [
        *("", " \n", "[]", "null", "{}", "0", '""', '"none"', '"None"', "[0]", "[null]"),
        *('{"qualifications":[]}', '{"qualifications":null}', '{"qualification":0}'),
        *('[{"qualification":"None"}]', '[{"qualification":null}]'),
        '[{"qualification":"None","vettingStatus":"Approved"}]',
        '[{"qualification":"None","vettingStatus":"NotStarted"}]',
        '[{"qualification":"None","vettingStatus":null,"vettingReason":"No"}]',
    ],
)
def test_nothing_held(body: str) -> None:
    """A customer without a qualification, however it is said."""
    assert () == read_holdings(body.encode())


@pytest.mark.parametrize("name", ['"None"', '"none"', "0", "null", '""'])
@pytest.mark.parametrize("status", [VettingStatus.DENIED, VettingStatus.IN_REVIEW])
def test_an_entry_without_a_name_that_is_denied_or_in_review(name: str, status: VettingStatus) -> None:
    """It speaks of some request: nobody may take that for nothing."""
    entry = f'[{{"qualification":{name},"vettingStatus":"{status.value}","vettingReason":"No school."}}]'
    holding = only(entry.encode())
    assert holding.nameless
    assert (None, status, "No school.") == (holding.qualification, holding.status, holding.reason)


@pytest.mark.parametrize(
    "body",
    [
        *("<html></html>", "{", "true", "17", "-1", "1.5", "Infinity", "[[]]", "[true]", '["Education",{}]'),
        *('"Customer tagging denied."', '{"code":"1","description":"x"}', '{"qualifications":true}'),
        *('[{"vettingStatus":"InReview"}]', '{"qualification":["Education"]}'),
        '[{"qualification":"Education"},["x"]]',
    ],
)
def test_what_cannot_be_read_is_never_nothing(body: str) -> None:
    """One entry that cannot be read spoils the answer: half a list must not pass for an empty one."""
    assert UNREADABLE is read_holdings(body.encode())


@pytest.mark.parametrize(
    ("body", "holding"),
    [
        pytest.param('"education"', Holding(EDU, "Education", APPROVED), id="education"),
        pytest.param(
            '"governmentcommunitycloud"', Holding(GCC, "GovernmentCommunityCloud", APPROVED), id="gcc"
        ),
        pytest.param(
            '"government_community_cloud"', Holding(GCC, "GovernmentCommunityCloud", APPROVED), id="snake"
        ),
        pytest.param("3", Holding(GCC, "GovernmentCommunityCloud", APPROVED), id="3"),
        pytest.param("4", Holding(SOE, "StateOwnedEntity", APPROVED), id="4"),
        pytest.param("2", Holding(None, "Nonprofit", APPROVED), id="nonprofit"),
    ],
)
def test_bare_values_of_the_older_contract_are_grants(body: str, holding: Holding) -> None:
    """The older contract answers with the value alone."""
    assert (holding,) == read_holdings(body.encode())


def test_state_owned_entity_has_no_status() -> None:
    """Its presence is the grant."""
    holding = only(b'[{"qualification":"StateOwnedEntity"}]')
    assert Holding(SOE, "StateOwnedEntity", MISSING) == holding
    assert holding.granted


def test_unknown_words_are_kept_raw() -> None:
    """Both lists are open: what is not known is shown as it came."""
    body = b'[{"qualification":"Charity","vettingStatus":"Expired","vettingReason":" Odd\\u0000 "}]'
    assert (Holding(None, "Charity", VettingStatus.UNKNOWN, "Expired", "Odd"),) == read_holdings(body)


def test_a_missing_status_on_education_is_no_grant() -> None:
    """Absent and null are the same: not yet known."""
    for status in ("", ',"vettingStatus":null', ',"vettingStatus":""'):
        holding = only(f'[{{"qualification":"Education"{status}}}]'.encode())
        assert (MISSING, False) == (holding.status, holding.settled)


@pytest.mark.parametrize("name", ["vettingCreateDate", "vettingCreatedDate", "VettingCreatedDate"])
def test_both_spellings_of_the_date(name: str) -> None:
    """The documents use both, in one page; the text is kept beside the moment."""
    holding = only(f'{{"qualification":1,"{name}":"2020-12-04T20:54:24Z"}}'.encode())
    assert datetime(2020, 12, 4, 20, 54, 24, tzinfo=UTC) == holding.created_at
    assert holding.created_raw == "2020-12-04T20:54:24Z"


def test_a_date_that_cannot_be_read_keeps_its_text() -> None:
    """The report shows what the service wrote."""
    holding = only(b'{"qualification":1,"vettingCreateDate":"lately"}')
    assert (None, "lately") == (holding.created_at, holding.created_raw)

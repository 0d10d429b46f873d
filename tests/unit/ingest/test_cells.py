"""One cell at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from batchqual.ingest.addresses import read_domain, read_website
from batchqual.ingest.cells import is_empty, read_id, read_qualification, read_segment
from batchqual.ingest.codes import read_code
from batchqual.model import Cell, EducationSegment, Qualification

ID = "7f3b2c1d-5555-4000-8000-00000000a017"
EDU, GCC, SOE = Qualification.EDUCATION, Qualification.GCC, Qualification.SOE


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(ID, id="canonical"),
        pytest.param(ID.upper(), id="upper"),
        pytest.param(f"{{{ID}}}", id="braces"),
        pytest.param(f"{{ {ID} }}", id="braces-blanks"),
        pytest.param(f"urn:uuid:{ID}", id="urn"),
        pytest.param(f"URN:UUID:{ID.upper()}", id="urn-upper"),
        pytest.param(f"org:{ID}", id="org"),
        pytest.param(f"  {ID}\t", id="blanks"),
        pytest.param(f"\u00a0{ID}\u202f", id="nbsp"),
        pytest.param(f"\ufeff{ID}\u200b", id="zero-width"),
        pytest.param(ID.replace("-", "\u2010"), id="u2010"),
        pytest.param(ID.replace("-", "\u2011"), id="u2011"),
        pytest.param(ID.replace("-", "\u2013"), id="en-dash"),
    ],
)
def test_an_id_is_read_in_every_usual_form(cell: str) -> None:
    """Case, braces, prefixes, blanks and typographic hyphens do not matter, and need no remark."""
    assert (ID, None) == read_id(cell)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        pytest.param(ID.replace("-", ""), "hyphens-missing", id="bare-hex"),
        pytest.param(f'"{ID}"', "quotes-removed", id="straight-quotes"),
        pytest.param(f"“{ID}”", "quotes-removed", id="smart-quotes"),
    ],
)
def test_an_id_in_an_unusual_form_is_read_with_a_warning(cell: str, code: str) -> None:
    """What is certain but odd is read, and said."""
    value, finding = read_id(cell)
    assert value == ID
    assert finding
    assert finding.code == code


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        pytest.param(12345, "number-in-id", id="number"),
        pytest.param(1.2e35, "number-in-id", id="float"),
        pytest.param("12345", "number-in-id", id="digits"),
        pytest.param("1" * 32, "number-in-id", id="32-decimal-digits"),
        pytest.param("7.1E+35", "scientific-notation", id="scientific"),
        pytest.param(True, "boolean-cell", id="boolean"),
        pytest.param(date(2024, 1, 2), "date-cell", id="date"),
        pytest.param(datetime(2024, 1, 2, tzinfo=UTC), "date-cell", id="datetime"),
        pytest.param(time(1, 2), "date-cell", id="time"),
        pytest.param(ID[:-1], "clipped-guid", id="clipped"),
        pytest.param(ID[:-13], "clipped-guid", id="group-missing"),
        pytest.param(ID + "0", "thirteen-digits", id="thirteen"),
        pytest.param("00000000-0000-0000-0000-000000000000", "empty-guid", id="nobody"),
        pytest.param("ORD" + ID.replace("-", ""), "order-id", id="order"),
        pytest.param(f"GDAP_2023_{ID}", "guid-in-text", id="relationship"),
        pytest.param(f"https://partner.example/customers/{ID}/account", "guid-in-text", id="address"),
        pytest.param(f"{ID}-{ID}", "not-a-guid", id="two-guids"),
        pytest.param("contoso.example", "not-a-guid", id="domain"),
        pytest.param("11-1FG2G", "not-a-guid", id="co-sell"),
    ],
)
def test_what_is_no_id_is_told_apart(cell: Cell, code: str) -> None:
    """Every kind of damage has its own name, and no ID is fished out of longer text."""
    value, finding = read_id(cell)
    assert value is None
    assert finding
    assert finding.code == code


def test_a_guid_in_longer_text_is_offered() -> None:
    """The message names the GUID that stands in the text, so that it can be copied."""
    finding = read_id(f"GDAP_2023_{ID}")[1]
    assert finding
    assert ID in finding.message


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        pytest.param("Education", EDU, id="education"),
        pytest.param(" EDU ", EDU, id="edu"),
        pytest.param("Educación", EDU, id="spanish"),
        pytest.param("教育", EDU, id="japanese"),
        pytest.param("GovernmentCommunityCloud", GCC, id="gcc-long"),
        pytest.param("Government_community_cloud", GCC, id="gcc-underscored"),
        pytest.param("government community cloud", GCC, id="gcc-spaced"),
        pytest.param("gcc", GCC, id="gcc"),
        pytest.param("StateOwnedEntity", SOE, id="soe-long"),
        pytest.param("state-owned entity", SOE, id="soe-hyphen"),
        pytest.param("SOE", SOE, id="soe"),
        pytest.param("“Education”", EDU, id="smart-quotes"),
    ],
)
def test_a_qualification_is_known_in_any_case_and_punctuation(cell: str, wanted: Qualification) -> None:
    """Names, short names, translated names."""
    assert (wanted, None) == read_qualification(cell)


@pytest.mark.parametrize(("cell", "wanted"), [("1", EDU), (3, GCC), (4.0, SOE)])
def test_a_number_of_the_api_is_read_with_a_warning(cell: Cell, wanted: Qualification) -> None:
    """PowerShell exports show the enumeration's numbers."""
    value, finding = read_qualification(cell)
    assert value is wanted
    assert finding
    assert finding.code == "numbered-qualification"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        pytest.param("None", "cannot-be-set", id="none"),
        pytest.param(0, "cannot-be-set", id="zero"),
        pytest.param("Aucun", "cannot-be-set", id="french-none"),
        pytest.param("Nonprofit", "cannot-be-set", id="nonprofit"),
        pytest.param("2", "cannot-be-set", id="two"),
        pytest.param("In Review since 12/8/2020. ETA 3 business days", "status-not-wish", id="in-review"),
        pytest.param("InReview", "status-not-wish", id="InReview"),
        pytest.param("Not an Education Customer", "status-not-wish", id="not-education"),
        pytest.param("No es un cliente educativo", "status-not-wish", id="spanish-status"),
        pytest.param("Educaton", "unknown-qualification", id="typo"),
        pytest.param("Education and GCC", "unknown-qualification", id="both"),
        pytest.param(False, "boolean-cell", id="boolean"),
        pytest.param(date(2024, 1, 2), "date-cell", id="date"),
    ],
)
def test_what_cannot_be_asked_for_is_told(cell: Cell, code: str) -> None:
    """Values that cannot be set, statuses, and unknown words."""
    value, finding = read_qualification(cell)
    assert value is None
    assert finding
    assert finding.code == code


def test_a_qualification_in_longer_text_is_offered_not_taken() -> None:
    """“Education (K-12)” may mean Education: the message says so and nothing is read."""
    value, finding = read_qualification("Education (K-12)")
    assert value is None
    assert finding
    assert "if Education is meant" in finding.message


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        *(
            (text, EducationSegment.K12)
            for text in ("K12", "k-12", "K 12", "Primary & Secondary Education / K-12")
        ),
        *(
            (text, EducationSegment.K12)
            for text in ("PrimaryAndSecondaryEducationK12", "primary-and-secondary-education")
        ),
        ("Primary and Secondary Edu/K-12", EducationSegment.K12),
        *(
            (t, EducationSegment.HIGHER_EDUCATION)
            for t in ("HigherEducation", "higher-education", "Higher Ed")
        ),
    ],
)
def test_a_segment_is_known_in_its_usual_spellings(cell: str, wanted: EducationSegment) -> None:
    """The API's words, the portal's, and the marketplace's."""
    assert (wanted, None) == read_segment(cell)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        pytest.param("Libraries & Museums", "neither-segment", id="libraries"),
        pytest.param("Healthcare", "unknown-segment", id="unknown"),
        pytest.param(12, "unknown-segment", id="number"),
        pytest.param(True, "boolean-cell", id="boolean"),
    ],
)
def test_a_segment_is_never_guessed(cell: Cell, code: str) -> None:
    """Libraries and museums are neither."""
    value, finding = read_segment(cell)
    assert value is None
    assert finding
    assert finding.code == code


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("012345", "012345"),
        (12345, "12345"),
        (12345.0, "12345"),
        ("12345.0", "12345"),
        (" 123456\u00a0", "123456"),
        ("NotRealCode", "NotRealCode"),
    ],
)
def test_a_code_is_text_neither_padded_nor_stripped(cell: Cell, code: str) -> None:
    """Leading zeros stay; a whole number is read digit by digit."""
    assert (code, None) == read_code(cell)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        pytest.param("1.2E+05", "scientific-notation", id="scientific"),
        pytest.param("12,345", "grouped-digits", id="comma"),
        pytest.param("12.000", "grouped-digits", id="dot"),
        pytest.param("Code: 123456", "code-in-text", id="in-text"),
        pytest.param("see mail", "not-a-code", id="words"),
        pytest.param(1.5, "not-a-code", id="fraction"),
        pytest.param(-5, "not-a-code", id="negative"),
        pytest.param(True, "boolean-cell", id="boolean"),
        pytest.param(date(2024, 1, 2), "date-cell", id="date"),
        pytest.param("12\x0034", "not-a-code", id="control"),
    ],
)
def test_what_is_no_code_is_told(cell: Cell, code: str) -> None:
    """Nothing is taken out of longer text."""
    value, finding = read_code(cell)
    assert value is None
    assert finding
    assert finding.code == code


@pytest.mark.parametrize(
    ("cell", "domain", "code"),
    [
        pytest.param("Contoso.onmicrosoft.COM", "contoso.onmicrosoft.com", None, id="case"),
        pytest.param("contoso.example.", "contoso.example", None, id="trailing-dot"),
        pytest.param("schüle.example", "schüle.example", None, id="umlaut"),
        pytest.param("contoso", "contoso.onmicrosoft.com", "domain-completed", id="prefix"),
        pytest.param("mu\u0308nchen.example", "m\u00fcnchen.example", None, id="letter and accent apart"),
        pytest.param("XN--mnchen-3ya.example", "m\u00fcnchen.example", None, id="encoded"),
        pytest.param("xn--contoso-.example", None, "not-a-domain", id="encoded for nothing"),
        pytest.param("xn--99999.example", "xn--99999.example", None, id="encoded wrongly"),
        pytest.param("admin@contoso.example", None, "address-not-domain", id="mail"),
        pytest.param("https://www.contoso.example/x", None, "address-not-domain", id="url"),
        pytest.param("contoso.example/x", None, "address-not-domain", id="path"),
        pytest.param("contoso example", None, "not-a-domain", id="blank"),
        pytest.param("12345", None, "not-a-domain", id="digits"),
        pytest.param("http://[", None, "not-a-domain", id="broken-url"),
        pytest.param(True, None, "boolean-cell", id="boolean"),
    ],
)
def test_a_domain_is_exact_or_an_error(cell: Cell, domain: str | None, code: str | None) -> None:
    """A prefix is completed with a warning; an address names its host and is not taken."""
    value, finding = read_domain(cell)
    assert value == domain
    assert (finding.code if finding else None) == code


@pytest.mark.parametrize(
    ("cell", "website", "code"),
    [
        pytest.param("https://www.school.example", "https://www.school.example", None, id="https"),
        pytest.param("www.school.example", "www.school.example", None, id="host"),
        pytest.param("http://Schule.example/ä?x=1", "http://Schule.example/ä?x=1", None, id="unicode-path"),
        pytest.param("office@school.example", None, "not-a-website", id="mail"),
        pytest.param("ftp://school.example", None, "not-a-website", id="ftp"),
        pytest.param("our school", None, "not-a-website", id="words"),
        pytest.param("https://localhost", None, "not-a-website", id="no-dot"),
        pytest.param(date(2024, 1, 2), None, "date-cell", id="date"),
    ],
)
def test_a_website_is_a_host_or_an_http_address(cell: Cell, website: str | None, code: str | None) -> None:
    """It is sent as it was written."""
    value, finding = read_website(cell)
    assert value == website
    assert (finding.code if finding else None) == code


@pytest.mark.parametrize(
    ("cell", "field", "empty"),
    [
        *(
            (text, "website", True)
            for text in (None, "", " \u00a0", "No data", "N/A", "#N/A", "null", "-", "0", 0)
        ),
        ("None", "customer_id", True),
        ("Not available", "domain", True),
        ("None", "qualification", False),
        (0, "qualification", False),
        ("0", "qualification", False),
        (False, "website", False),
        ("x", "website", False),
        (5, "website", False),
    ],
)
def test_placeholders_are_empty(cell: Cell, field: str, empty: bool) -> None:
    """What exports write for nothing is nothing; in a qualification “None” is a wrong value."""
    assert is_empty(cell, field) is empty

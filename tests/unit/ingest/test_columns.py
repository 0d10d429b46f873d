"""Which column holds which field."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.sheets import csv_file, customer, intake, sole

from batchqual.errors import InputError
from batchqual.ingest.headings import key, strong_field
from batchqual.model import Intake, Qualification

A, B, C = customer(1), customer(2), customer(3)
EDUCATION = {"qualification": Qualification.SOE}


def read_columns(folder: Path, *rows: tuple[object, ...], **said: object) -> Intake:
    return intake(csv_file(folder, rows), **{**EDUCATION, **said})


def ids(found: Intake) -> list[str]:
    return [row.customer_id for row in found.rows]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        pytest.param("customer_id", "customer_id", id="ours"),
        pytest.param(" CUSTOMER_ID ", "customer_id", id="ours-upper"),
        pytest.param("CustomerId", None, id="only-weak"),
        pytest.param("\ufeffMicrosoft ID", "customer_id", id="bom"),
        pytest.param("Microsoft-ID", "customer_id", id="german"),
        pytest.param("MICROSOFT KİMLİĞİ", "customer_id", id="turkish-upper"),
        pytest.param("Customer.TenantId", "customer_id", id="dotted"),
        pytest.param("Ｍｉｃｒｏｓｏｆｔ　ＩＤ", "customer_id", id="full-width"),
        pytest.param("プライマリ ドメイン名", "domain", id="japanese"),
        pytest.param("Special qualification(s)", "qualification", id="parentheses"),
        pytest.param("ValidationId", "validation_code", id="validation-id"),
        pytest.param("CustomerSegment", None, id="never-segment"),
        pytest.param("Special qualification status", None, id="never-status"),
        pytest.param("Web site", "website", id="web-site"),
        pytest.param("Account manager", "account_owner", id="owner"),
        pytest.param("", None, id="empty"),
    ],
)
def test_a_heading_names_a_field_in_any_spelling(heading: str, field: str | None) -> None:
    """Case, spaces and punctuation do not matter."""
    assert field == strong_field(heading)


def test_the_key_keeps_letters_and_digits_of_any_script() -> None:
    """Everything else falls away."""
    assert "主域名12" == key(" 主域名_1-2 ")


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        pytest.param(
            [("CustomerId", "CustomerTenantId"), (7001, A), (7002, B)], [A, B], id="tpid-beside-tenant"
        ),
        pytest.param([("CustomerId", "Name"), (A, "a"), (B, "b")], [A, B], id="graph-customer-id"),
        pytest.param([("id", "customerId", "displayName"), (C, A, "a"), (C, B, "b")], [A, B], id="contracts"),
        pytest.param([("TenantId", "CustomerId", "x"), ("", A, 1), ("", B, 1)], [A, B], id="empty-tenant-id"),
        pytest.param(
            [("PartnerTenantId", "CustomerTenantId", "Name"), (C, A, "x"), (C, B, "y")], [A, B], id="gdap"
        ),
        pytest.param(
            [("TenantId", "CustomerId"), (C, A), (C, B), (C, customer(4))], [A, B, customer(4)], id="const"
        ),
        pytest.param([("UUID", "Company Name"), (A, "x"), (B, "y")], [A, B], id="reseller-list"),
    ],
)
def test_the_right_column_is_taken_for_the_id(
    tmp_path: Path, rows: list[tuple[object, ...]], wanted: list[str]
) -> None:
    """Certain names before guesses; guesses only when their cells agree."""
    assert wanted == ids(read_columns(tmp_path, *rows))


def test_columns_that_were_passed_over_are_named(tmp_path: Path) -> None:
    """A guess says what it did not take, and why."""
    found = read_columns(tmp_path, ("TenantId", "CustomerId"), ("", A), ("", B))
    (notice,) = found.notices
    assert "columns-passed-over" == notice.code
    assert "“TenantId” (empty in every row)" in notice.message


@pytest.mark.parametrize(
    ("rows", "code", "words"),
    [
        pytest.param(
            [("CustomerId", "CustomerName"), (7001, "x")], "no-heading", "0 of 1 cells", id="tpid-alone"
        ),
        pytest.param(
            [("PartnerTenantId", "CompanyName"), (A, "x")], "no-heading", "the partner's own", id="never"
        ),
        pytest.param(
            [("LegacySubscriptionId", "CompanyName"), (A, "x")], "no-heading", "a subscription", id="sub"
        ),
        pytest.param([("some", "thing"), ("a", "b")], "no-heading", "no usable heading", id="nothing-known"),
        pytest.param(
            [
                ("DisplayName", "TenantId", "DisplayName", "TenantId", "Domain name"),
                ("a", C, "b", A, "c.example"),
            ],
            "heading-twice",
            "B1 and D1",
            id="twice-weak",
        ),
        pytest.param(
            [("Microsoft ID", "microsoft_id"), (A, B)], "heading-twice", "A1 and B1", id="twice-strong"
        ),
        pytest.param([("customer_id", "Customer ID"), (A, B)], "heading-twice", "A1 and B1", id="ours-twice"),
        pytest.param(
            [("Microsoft ID", "CustomerTenantId"), (A, A), (B, C)],
            "two-columns",
            "A3 and B3",
            id="strong-differ",
        ),
        pytest.param(
            [("CustomerTenantId", "x"), (A, 1), (A, 2), (A, 3)], "partner-column", "same ID", id="constant"
        ),
    ],
)
def test_two_readings_are_refused(
    tmp_path: Path, rows: list[tuple[object, ...]], code: str, words: str
) -> None:
    """Where only the user knows, the message names the cells and the hint names ``--map``."""
    with pytest.raises(InputError, match=words.replace("(", r"\(")) as told:
        read_columns(tmp_path, *rows)
    assert code == told.value.code
    assert "--map" in told.value.hint


def test_the_partners_own_tenant_in_every_row_is_the_partner(tmp_path: Path) -> None:
    """Two rows are enough when the partner is known."""
    with pytest.raises(InputError) as told:
        read_columns(tmp_path, ("CustomerTenantId",), (C,), (C,), partner_id=C)
    assert "partner-column" == told.value.code


def test_a_partner_column_gives_way_to_another_certain_one(tmp_path: Path) -> None:
    """Of two certain names the one that is not constant is the customer."""
    found = read_columns(tmp_path, ("Microsoft ID", "CustomerTenantId"), (C, A), (C, B), (C, customer(9)))
    assert [A, B, customer(9)] == ids(found)


def test_equal_columns_are_one_with_a_notice(tmp_path: Path) -> None:
    """The first is taken, and that is said."""
    found = read_columns(tmp_path, ("Microsoft ID", "CustomerTenantId"), (A, A.upper()), (B, B))
    assert [A, B] == ids(found)
    assert ["two-columns"] == [notice.code for notice in found.notices]


def test_two_names_of_the_customer_are_no_reason_to_stop(tmp_path: Path) -> None:
    """Names only travel to the report: the first is taken."""
    found = read_columns(tmp_path, ("customer_id", "Company name", "Customer name"), (A, "x", "y"))
    assert "x" == found.rows[0].customer_name


def test_the_partner_is_known_in_any_form(tmp_path: Path) -> None:
    """Upper case and braces are form."""
    with pytest.raises(InputError):
        read_columns(tmp_path, ("CustomerTenantId",), (C,), (C,), partner_id=f"{{{C.upper()}}}")


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param("TenantId#2", id="occurrence"),
        pytest.param("tenant id #2", id="occurrence-any-case"),
        pytest.param("column:B", id="letter"),
        pytest.param("COLUMN: b", id="letter-any-case"),
    ],
)
def test_a_map_settles_what_stands_there_twice(tmp_path: Path, wanted: str) -> None:
    """By occurrence, or by the column's letter."""
    rows = [("TenantId", "TenantId", "Domain name"), (C, A, "a.example"), (C, B, "b.example")]
    assert [A, B] == ids(read_columns(tmp_path, *rows, mapping={"customer_id": wanted}))


def test_a_map_overrules_the_partner_rule(tmp_path: Path) -> None:
    """Three qualifications of one customer are a legal file, once the user confirms the column."""
    rows = [("CustomerTenantId", "x"), (A, 1), (A, 2), (A, 3)]
    assert [A, A, A] == ids(read_columns(tmp_path, *rows, mapping={"customer_id": "CustomerTenantId"}))


def test_columns_by_letter_need_no_known_heading(tmp_path: Path) -> None:
    """With letters the first row is the heading row, whatever it says."""
    mapping = {"customer_id": "column:A", "qualification": "column:B"}
    found = read_columns(tmp_path, ("foo", ""), (A, "GCC"), mapping=mapping)
    assert (("foo", "Column B"), "GovernmentCommunityCloud") == (found.columns, found.rows[0].qualification)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("Nothing", "no column “Nothing”"),
        ("TenantId#3", "no column"),
        ("TenantId", "only you know"),
        ("column:Z", "no column"),
    ],
)
def test_a_map_to_nowhere_is_refused_with_the_headings(tmp_path: Path, wanted: str, words: str) -> None:
    """The headings that were seen are listed."""
    with pytest.raises(InputError, match=words):
        read_columns(
            tmp_path, ("TenantId", "TenantId", "Domain name"), (C, A, "a"), mapping={"customer_id": wanted}
        )


def test_our_own_name_in_another_spelling_is_a_last_resort(tmp_path: Path) -> None:
    """“Customer ID” with one broken ID among two is still the customer's column."""
    found = read_columns(tmp_path, ("Customer ID", "Company name"), (A, "x"), ("broken", "y"))
    assert [None, "invalid"] == [row.preset for row in found.rows]


def test_guesses_for_other_fields_depend_on_their_cells(tmp_path: Path) -> None:
    """Type, Segment, Code, URL, Name, Owner are taken when their cells agree, and the domain beside them."""
    found = read_columns(
        tmp_path,
        ("Microsoft ID", "Type", "Segment", "URL", "Name", "Owner", "CustomerTenantName"),
        (A, "Education", "K12", "www.a.example", "Ann", "Bo", "a.example"),
    )
    row = found.rows[0]
    assert row.request
    assert ("K12", "www.a.example", "a.example") == (
        row.request.segment,
        row.request.website,
        row.request.claim,
    )
    assert ("Ann", "Bo") == (row.customer_name, row.account_owner)


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        pytest.param(
            [("Name", "PartnerTenantId", "Duration", "CustomerTenantId"), ("GDAP_x", C, 30, A)], "", id="gdap"
        ),
        pytest.param(
            [("customer.displayName", "displayName", "Microsoft ID"), ("Ann", "rel", A)], "Ann", id="cipp"
        ),
        pytest.param([("organization", "ValidationId", "Microsoft ID"), ("Org", "1", A)], "", id="code-list"),
        pytest.param([("Name", "Name", "Microsoft ID"), ("a", "b", A)], "", id="twice-carried"),
        pytest.param([("onmicrosoft", "UUID", "Company name"), ("contoso", A, "x")], "x", id="prefix-domain"),
    ],
)
def test_names_that_mean_something_else_are_left_alone(
    tmp_path: Path, rows: list[tuple[object, ...]], name: str
) -> None:
    """A relationship's name is not the customer's."""
    assert name == read_columns(tmp_path, *rows).rows[0].customer_name


def test_a_column_of_digits_called_code_is_the_code(tmp_path: Path) -> None:
    """A guess that its cells bear out; letters would speak against it."""
    found = read_columns(tmp_path, ("customer_id", "qualification", "Code"), (A, "GCC", "012345"))
    assert found.rows[0].request
    assert "012345" == found.rows[0].request.validation_code
    other = read_columns(tmp_path, ("customer_id", "qualification", "Code"), (A, "GCC", "DE"))
    assert ["missing-code"] == [problem.code for problem in other.rows[0].problems]


def test_a_tenants_name_without_a_dot_is_the_customers_name(tmp_path: Path) -> None:
    """The same heading holds the domain in other exports."""
    found = read_columns(tmp_path, ("CustomerTenantID", "CustomerTenantName"), (A, "Contoso School"))
    assert "Contoso School" == found.rows[0].customer_name


def test_a_title_above_the_headings_is_skipped(tmp_path: Path) -> None:
    """Even when the title holds a known word."""
    found = read_columns(tmp_path, ("Qualification",), (), ("customer_id", "Company name"), (A, "x"))
    assert [4] == [row.row for row in found.rows]


def test_two_tables_in_one_file_are_read_from_the_second(tmp_path: Path) -> None:
    """The partner's table above holds no customer."""
    found = read_columns(
        tmp_path,
        ("GroupName", "ObjectID", "PartnerTenantName", "PartnerTenantID"),
        ("g", C, "p.example", C),
        (),
        ("CustomerTenantName", "CustomerTenantID", "SubscriptionId", "Notes"),
        ("a.example", A, C, "N/A"),
    )
    assert [A] == ids(found)


def test_no_qualification_anywhere_is_refused_with_the_option(tmp_path: Path) -> None:
    """A customer list as exported has none: the hint says how to give one."""
    with pytest.raises(InputError) as told:
        intake(csv_file(tmp_path, [("Microsoft ID",), (A,)]))
    assert "no-qualification" == told.value.code
    assert "--qualification Education" in told.value.hint


def test_repeated_headings_that_are_not_used_are_told_apart(tmp_path: Path) -> None:
    """Notes, Notes (2); a column without heading gets its letters."""
    found = read_columns(tmp_path, ("customer_id", "Notes", "Notes", ""), (A, 1, 2, 3))
    assert ("customer_id", "Notes", "Notes (2)", "Column D") == found.columns


def test_headings_alone_are_a_notice(tmp_path: Path) -> None:
    """No rows is no error; a weak name is believed when there is no cell to doubt it."""
    found = read_columns(tmp_path, ("TenantId", "Company name"))
    assert ((), ["no-rows"]) == (found.rows, [notice.code for notice in found.notices])


def test_several_files_share_their_columns(tmp_path: Path) -> None:
    """Columns are united by heading, in order; each file has its own mapping."""
    one = csv_file(tmp_path, [("customer_id", "Notes"), (A, "n")], name="one.csv")
    two = csv_file(tmp_path, [("Microsoft ID", "NOTES", "More"), (B, "m", "x")], name="two.csv")
    found = intake(one, two, **EDUCATION)
    assert ("customer_id", "Notes", "Microsoft ID", "More") == found.columns
    assert [(A, "n", None, None), (None, "m", B, "x")] == [row.values for row in found.rows]
    assert [("one.csv", 2), ("two.csv", 2)] == [(row.source, row.row) for row in found.rows]


def test_a_mapped_heading_may_be_missing_where_a_certain_one_stands(tmp_path: Path) -> None:
    """One file calls it Tenant, the other by its name."""
    one = csv_file(tmp_path, [("Kunde", "Company name"), (A, "n")], name="one.csv")
    two = csv_file(tmp_path, [("Microsoft ID",), (B,)], name="two.csv")
    assert [A, B] == ids(intake(one, two, mapping={"customer_id": "Kunde"}, **EDUCATION))


def test_a_map_that_no_file_knows_is_refused(tmp_path: Path) -> None:
    """Otherwise a typing mistake would go unseen."""
    one = csv_file(tmp_path, [("Microsoft ID",), (A,)], name="one.csv")
    two = csv_file(tmp_path, [("Microsoft ID",), (B,)], name="two.csv")
    with pytest.raises(InputError, match="Knude"):
        intake(one, two, mapping={"customer_id": "Knude"}, **EDUCATION)


@pytest.mark.parametrize(
    "headings",
    [
        pytest.param(("Mandanten-ID", "Qualifizierung", "Bildungssegment"), id="German"),
        pytest.param(("ID du client", "Qualification spéciale", "Segment éducatif"), id="French"),
        pytest.param(("Id. de cliente", "Calificación especial", "Segmento educativo"), id="Spanish"),
        pytest.param(("ID cliente", "Qualifica speciale", "Segmento istruzione"), id="Italian"),
        pytest.param(("Klant-ID", "Speciale kwalificatie", "Onderwijssegment"), id="Dutch"),
        pytest.param(("ID do cliente", "Qualificação especial", "Segmento educacional"), id="Portuguese"),
        pytest.param(("顧客 ID", "特別な資格", "教育セグメント"), id="Japanese"),
        pytest.param(
            ("Ｍｉｃｒｏｓｏｆｔ　ＩＤ", "Ｑｕａｌｉｆｉｃａｔｉｏｎ", "Ｓｅｇｍｅｎｔ"), id="full-width"
        ),
    ],
)
def test_headings_in_the_languages_of_partner_center_are_known(
    tmp_path: Path, headings: tuple[str, ...]
) -> None:
    """Customer, wish and segment are found without `--map`."""
    rows = [headings, (customer(1), "Education", "K12"), (customer(2), "Education", "K12")]
    (file,) = intake(csv_file(tmp_path, rows)).files
    assert {"customer_id": 0, "qualification": 1, "education_segment": 2} == dict(file.fields)


@pytest.mark.parametrize(
    ("heading", "offer"),
    [
        pytest.param("tenant", "--map domain=tenant", id="tenant"),
        pytest.param("Tenant ID", '--map "domain=Tenant ID"', id="two-words"),
        pytest.param("Kunde", "--map domain=Kunde", id="unknown"),
        pytest.param("URL", "--map domain=URL", id="of-another-field"),
        pytest.param("", "--map domain=column:A", id="none"),
    ],
)
@pytest.mark.parametrize("wish", ["qualification", "Wish"])
def test_a_column_of_domains_is_offered_by_name(tmp_path: Path, heading: str, offer: str, wish: str) -> None:
    """Whatever stands above it, and whether or not other headings are known; and the offer works."""
    rows = [(heading, wish), ("a.example", "SOE"), ("b.example", "SOE"), ("c.example", "SOE")]
    path = csv_file(tmp_path, rows)
    with pytest.raises(InputError) as raised:
        intake(path)
    assert offer in raised.value.hint
    mapping = {"domain": heading or "column:A", "qualification": wish}
    assert ["a.example", "b.example", "c.example"] == [
        row.request and row.request.domain for row in intake(path, mapping=mapping).rows
    ]


def test_ids_under_an_unknown_heading_are_offered_by_name(tmp_path: Path) -> None:
    """But not those of a column that is known to hold something else."""
    rows = [("Konto", "ObjectId", "Wish"), *[(customer(at), customer(at + 9), "SOE") for at in range(3)]]
    with pytest.raises(InputError) as raised:
        intake(csv_file(tmp_path, rows))
    assert "--map customer_id=Konto" in raised.value.hint
    assert "customer_id=ObjectId" not in raised.value.hint


def test_a_heading_that_stands_twice_is_offered_by_its_column(tmp_path: Path) -> None:
    """The heading alone would be refused, for nobody but the user knows which one is meant."""
    rows = [("TenantId", "TenantId", "Wish"), *[("x", customer(at), "SOE") for at in range(3)]]
    with pytest.raises(InputError) as raised:
        intake(csv_file(tmp_path, rows))
    assert "--map customer_id=column:B" in raised.value.hint


@pytest.mark.parametrize(
    ("value", "code"),
    [
        pytest.param("In Überprüfung seit 8.12.2025", "status-not-wish", id="German"),
        pytest.param("Approuvé", "status-not-wish", id="French"),
        pytest.param("審査中", "status-not-wish", id="Japanese"),
        pytest.param("Ninguna", "cannot-be-set", id="Spanish-none"),
        pytest.param("Nessuna", "cannot-be-set", id="Italian-none"),
        pytest.param("なし", "cannot-be-set", id="Japanese-none"),
        pytest.param("Éducation", None, id="French-wish"),
        pytest.param("Istruzione", None, id="Italian-wish"),
        pytest.param("教育", None, id="Japanese-wish"),
    ],
)
def test_values_in_other_languages_are_called_what_they_are(
    tmp_path: Path, value: str, code: str | None
) -> None:
    """A wish is taken, none cannot be set, and a status is not a wish."""
    row = sole(tmp_path, customer(1), value, "K12", "", "", "")
    assert ([code] if code else []) == [problem.code for problem in row.problems]

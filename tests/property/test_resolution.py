"""Looking customers up by domain, and comparing rows again, is reading the sheet with ids in their place."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from batchqual.ingest import Reading, domains_of, read, resolved
from batchqual.model import InputRow, Intake

HEADINGS = ("customer_id", "domain", "qualification", "education_segment", "validation_code", "website")
#: One ID in every row would be taken for the partner's, unless the column is confirmed.
CONFIRMED = Reading(mapping={"customer_id": "customer_id"})
CUSTOMERS = {
    "a.example": "7f3b2c1d-0000-4000-8000-00000000a0a1",
    "b.example": "19e4d6a8-0000-4000-8000-00000000b7c2",
    "c.example": "c05a9b3e-0000-4000-8000-00000000c413",
}
WISHES = st.sampled_from(
    [
        ("Education", "K12", "", ""),
        ("Education", "K12", "", "school.example"),
        ("Education", "HigherEducation", "", ""),
        ("GCC", "", "012345", ""),
        ("GCC", "", "12345", ""),
        ("SOE", "", "", ""),
        ("Charity", "", "", ""),
    ]
)
DOMAINS = st.sampled_from(sorted(CUSTOMERS))
#: How a row names its customer: the domain alone, the id beside its domain, or the id alone.
WAYS = st.sampled_from(["domain", "both", "id"])
ROWS = st.lists(st.tuples(DOMAINS, WAYS, WISHES), max_size=8)
Row = tuple[str, str, tuple[str, str, str, str]]


def piped(rows: list[tuple[str, ...]]) -> Intake:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEADINGS, *rows])
    return read(["-"], CONFIRMED, stdin=io.BytesIO(text.getvalue().encode()))


def cells(row: Row, *, always_by_id: bool) -> tuple[str, ...]:
    domain, way, wish = row
    by_id = CUSTOMERS[domain] if always_by_id or way != "domain" else ""
    return (by_id, "" if way == "id" else domain, *wish)


@given(ROWS)
def test_a_row_by_domain_is_the_row_by_id(rows: list[Row]) -> None:
    """Requests, outcomes, problems and warnings are the same; only the user's own cells differ, and whether
    the domain is the customer's name or a claim."""
    by_domain = piped([cells(row, always_by_id=False) for row in rows])
    by_id = piped([cells(row, always_by_id=True) for row in rows])
    found = {domain: CUSTOMERS[domain] for domain in domains_of(by_domain)}
    sound = [row for row in resolved(by_domain, found).rows if row.request]
    assert [_bare(row) for row in by_id.rows if row.request] == [_bare(row) for row in sound]


def _bare(row: InputRow) -> InputRow:
    request = row.request and replace(row.request, domain=None, claim=row.request.domain or row.request.claim)
    return replace(row, values=(), request=request)


@given(ROWS)
def test_a_row_never_loses_its_place(rows: list[Row]) -> None:
    """As many rows as before, in their order, with the user's cells unharmed; and it settles in one go."""
    before = piped([cells(row, always_by_id=False) for row in rows])
    found = {domain: CUSTOMERS[domain] for domain in domains_of(before)}
    after = resolved(before, found)
    assert [(row.position, row.values) for row in before.rows] == [
        (row.position, row.values) for row in after.rows
    ]
    assert () == domains_of(after)
    assert after == resolved(after, {})

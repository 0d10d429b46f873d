"""What holds for every heading, every ID, every CSV, and any bytes at all."""

from __future__ import annotations

import csv
import io
import uuid

from hypothesis import given, settings
from hypothesis import strategies as st

from batchqual.errors import InputError
from batchqual.ingest import Reading, read
from batchqual.ingest.cells import read_id
from batchqual.ingest.headings import key
from batchqual.model import Intake, Qualification

HEADINGS = ("customer_id", "qualification", "Notes", "More")
SOE = Reading(qualification=Qualification.SOE)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
IDS = st.uuids(version=4).map(str)
FRAGMENTS = st.sampled_from(
    [
        *(b"customer_id", b"Microsoft ID", b"qualification", b"SOE", b",", b";", b"\t", b'"', b"\r\n", b"\n"),
        *(b"\xff\xfe", b"\x00", b"\xef\xbb\xbf", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        *(b"<html>", b"sep=;", b"\x1f\x8b"),
    ]
)


def piped(data: bytes, reading: Reading = SOE) -> Intake:
    return read(["-"], reading, stdin=io.BytesIO(data))


def attempt(data: bytes) -> tuple[InputError | None, Intake | None]:
    try:
        return None, piped(data)
    except InputError as told:
        return told, None


@given(st.text(max_size=30))
def test_the_key_of_a_heading_is_its_own_key(heading: str) -> None:
    """Comparing twice changes nothing."""
    assert key(heading) == key(key(heading))


@given(st.text("abcXYZ019äß主", min_size=1), st.text(" _-.()\u00a0/", max_size=3))
def test_punctuation_and_case_never_matter(heading: str, noise: str) -> None:
    """Between any two letters, before and after."""
    noisy = noise + noise.join(heading) + noise
    assert key(heading) == key(noisy) == key(noisy.swapcase().swapcase())


@given(
    IDS,
    st.sampled_from(["{}", "{{{}}}", "urn:uuid:{}", "org:{}", " {} ", "\u00a0{}\u200b", "{{ {} }}"]),
    st.booleans(),
    st.sampled_from("-\u2010\u2011\u2013"),
)
def test_every_form_of_an_id_means_the_same_customer(known: str, form: str, upper: bool, hyphen: str) -> None:
    """Case, wrapping and hyphens are form, not content."""
    written = form.format((known.upper() if upper else known).replace("-", hyphen))
    assert (known, None) == read_id(written)


@given(st.text(max_size=60))
def test_what_is_read_as_an_id_is_a_guid(text: str) -> None:
    """Never anything else, and never without a word when there is none."""
    value, finding = read_id(text)
    assert (value is None) <= (finding is not None)
    if value is not None:
        assert str(uuid.UUID(value)) == value


@given(st.lists(st.tuples(IDS, TEXTS, TEXTS), max_size=8), st.sampled_from(",;\t|"))
@settings(max_examples=150)
def test_a_csv_file_comes_back_cell_by_cell(rows: list[tuple[str, str, str]], delimiter: str) -> None:
    """Reading what was written gives what was written, in order, whatever stands in the cells."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(HEADINGS)
    writer.writerows((customer, "SOE", note, more) for customer, note, more in rows)
    found = piped(text.getvalue().encode())
    assert HEADINGS == found.columns
    assert [(customer, "SOE", note, more) for customer, note, more in rows] == [
        row.values for row in found.rows
    ]
    assert list(range(len(rows))) == [row.position for row in found.rows]


@given(
    st.one_of(
        st.binary(max_size=400),
        st.lists(st.one_of(FRAGMENTS, st.binary(max_size=5)), max_size=40).map(b"".join),
    )
)
@settings(max_examples=400)
def test_no_bytes_raise_anything_but_a_sentence(data: bytes) -> None:
    """Whatever the file holds, the user meets an InputError or rows."""
    told, found = attempt(data)
    assert (told is None) != (found is None)
    if told is not None:
        assert told.message
        assert told.hint
    if found is not None:
        assert sum(file.rows for file in found.files) == len(found.rows)
        assert all(len(row.values) == len(found.columns) for row in found.rows)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.sampled_from(["EDU", "GCC", "SOE", "?"]), st.sampled_from(["1", "2"])
        ),
        max_size=9,
    )
)
def test_every_row_has_at_most_one_fate_and_none_is_lost(rows: list[tuple[str, str, str]]) -> None:
    """Of rows that may be sent no two share a wish, and Education never goes with GCC."""
    lines = ["customer_id,qualification,education_segment,validation_code"]
    for customer, wish, detail in rows:
        segment = {"1": "K12", "2": "HigherEducation"}[detail]
        lines.append(f"7f3b2c1d-0000-4000-8000-00000000000{customer},{wish},{segment},{detail}x{detail}x")
    found = piped("\n".join(lines).encode(), Reading(mapping={"customer_id": "customer_id"}))
    assert len(rows) == len(found.rows)
    sendable = [row.request for row in found.rows if row.preset is None and row.request]
    assert len(sendable) == len({request.wish for request in sendable})
    wished = {(request.customer_id, request.qualification) for request in sendable}
    assert not any(
        {(customer, Qualification.EDUCATION), (customer, Qualification.GCC)} <= wished
        for customer, _ in wished
    )
    assert all((row.request is None) == (row.preset == "invalid") for row in found.rows)
    assert all(bool(row.problems) == (row.preset is not None) for row in found.rows)

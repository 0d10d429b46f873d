"""Any row that can be read comes back from the ledger as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from batchqual.ledger.cells import decode_row, decode_verdict, encode_row, encode_verdict
from batchqual.model import (
    EducationSegment,
    InputRow,
    Outcome,
    Problem,
    Qualification,
    QualificationRequest,
    Verdict,
)

# first halves of surrogate pairs alone: two halves that meet become one character, which is no loss
halves = st.characters(min_codepoint=0xD800, max_codepoint=0xDBFF)
texts = st.text(max_size=20) | st.text(halves | st.characters(categories=["Cc"]), max_size=3)
maybe = st.none() | texts
cells = (
    st.none()
    | texts
    | st.integers()
    | st.floats(allow_nan=False)
    | st.booleans()
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.timedeltas()
)
requests = st.builds(
    QualificationRequest,
    texts,
    st.sampled_from(Qualification),
    st.none() | st.sampled_from(EducationSegment),
    maybe,
    maybe,
    maybe,
)
problems = st.lists(
    st.builds(Problem, texts, texts, texts, st.none() | st.integers(), maybe, maybe, maybe, maybe), max_size=3
).map(tuple)


def with_formats(row: InputRow) -> st.SearchStrategy[InputRow]:
    """The row as it is, or with number formats for some of its cells."""
    width = len(row.values)
    formats = st.just(()) | st.lists(maybe, min_size=width, max_size=width).map(tuple)
    return formats.map(lambda found: replace(row, formats=found))


rows = st.builds(
    InputRow,
    st.integers(0, 1_000_000),
    texts,
    st.integers(1),
    st.lists(cells, max_size=5).map(tuple),
    st.none() | requests,
    st.none() | st.sampled_from(Outcome),
    problems,
    problems,
    texts,
    texts,
    texts,
    texts,
).flatmap(with_formats)
moments = st.none() | st.datetimes(timezones=st.just(UTC))
numbers = st.integers(0, 10)
verdicts = st.builds(
    Verdict,
    st.sampled_from(Outcome),
    maybe,
    maybe,
    moments,
    moments,
    numbers,
    numbers,
    st.none() | numbers,
    maybe,
    maybe,
    maybe,
    maybe,
)


@given(row=rows)
def test_any_row_survives(row: InputRow) -> None:
    """Every kind of cell, half characters and control characters included."""
    back = decode_row(row.position, encode_row(row))
    assert row == back
    assert [type(value) for value in row.values] == [type(value) for value in back.values]


@given(row=rows)
def test_any_row_is_text_that_sqlite_takes(row: InputRow) -> None:
    """Plain ASCII on one line, whatever the cells held."""
    text = encode_row(row)
    assert text.isascii()
    assert "\n" not in text


@given(verdict=verdicts)
def test_any_verdict_survives(verdict: Verdict) -> None:
    """All facts, the moments with their zone."""
    assert verdict == decode_verdict(encode_verdict(verdict))

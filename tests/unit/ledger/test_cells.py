"""Cells, rows and verdicts as text."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from support.ledgers import NOON, customer, gcc

from batchqual.ledger.cells import (
    decode_cells,
    decode_files,
    decode_problems,
    decode_row,
    decode_verdict,
    encode_cells,
    encode_row,
    encode_values,
    encode_verdict,
    from_text,
    moment_of,
    to_text,
)
from batchqual.model import (
    Cell,
    EducationSegment,
    InputFile,
    InputRow,
    Outcome,
    Problem,
    Qualification,
    QualificationRequest,
    Verdict,
)

PROBLEM = Problem("bad-guid", "is no tenant id", "a.xlsx", row=3, cell="B3", value="x", example="…")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        pytest.param("01234", '"01234"', id="text"),
        pytest.param("\ud800", '"\\ud800"', id="lone surrogate"),
        pytest.param(7, "7", id="number"),
        pytest.param(1.5, "1.5", id="fraction"),
        pytest.param(True, "true", id="boolean"),
        pytest.param(None, "null", id="nothing"),
        pytest.param(date(2026, 2, 3), '{"$date":"2026-02-03"}', id="date"),
        pytest.param(NOON.replace(tzinfo=None), '{"$datetime":"2026-11-20T12:00:00"}', id="date and time"),
        pytest.param(time(4, 5), '{"$time":"04:05:00"}', id="time"),
    ],
)
def test_a_cell_comes_back_as_it_was(cell: Cell, text: str) -> None:
    """Every kind of cell survives, and is readable in the file."""
    encoded = encode_cells(["A"], [cell])
    assert f'[["A"],[{text}]]' == encoded
    columns, [back] = decode_cells(encoded)
    assert ("A",) == columns
    assert (cell, type(cell)) == (back, type(back))


def test_what_is_no_cell_is_refused() -> None:
    """An object that no reader of ours gives cannot slip in."""
    with pytest.raises(TypeError, match="not a cell"):
        encode_cells(["A"], [{1}])  # type: ignore[list-item] # what no reader gives


ROWS = [
    pytest.param(InputRow(4, "a.csv", 6, ("x", None, 3)), id="bare"),
    pytest.param(InputRow(4, "a.csv", 6, (), gcc(1)), id="GCC"),
    pytest.param(
        InputRow(
            0,
            "a.xlsx, Sheet2",
            2,
            ("x", date(2026, 1, 2)),
            QualificationRequest(
                customer(1),
                Qualification.EDUCATION,
                EducationSegment.HIGHER_EDUCATION,
                website="https://school.example",
                domain="school.example",
            ),
            preset=Outcome.DUPLICATE,
            problems=(PROBLEM,),
            warnings=(PROBLEM, PROBLEM),
            customer_id="x",
            qualification="edu",
            customer_name="Ŝkolo",
            account_owner="n. n.",
        ),
        id="full",
    ),
]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_comes_back_as_it_was(row: InputRow) -> None:
    """All fields of an input row survive; the position is kept beside it."""
    assert row == decode_row(row.position, encode_row(row))


def test_what_is_one_of_a_few_comes_back_as_such() -> None:
    """As a member and not as its text, which is equal to it, but fails whoever asks with ``is``."""
    request = QualificationRequest(
        customer(1), Qualification.EDUCATION, EducationSegment.K12, website="https://school.example"
    )
    row = decode_row(0, encode_row(InputRow(0, "a.csv", 2, (), request, preset=Outcome.DUPLICATE)))
    assert row.request is not None
    assert Outcome.DUPLICATE is row.preset
    assert Qualification.EDUCATION is row.request.qualification
    assert EducationSegment.K12 is row.request.segment
    assert Outcome.DENIED is decode_verdict(encode_verdict(Verdict(Outcome.DENIED))).outcome


def test_a_row_says_nothing_that_it_does_not_know() -> None:
    """Empty fields take no room: a ledger holds 300,000 rows."""
    assert {"values": ["x"], "source": "a.csv", "row": 2} == json.loads(
        encode_row(InputRow(0, "a.csv", 2, ("x",)))
    )


@pytest.mark.parametrize(
    "verdict",
    [
        pytest.param(Verdict(Outcome.NOT_ATTEMPTED), id="bare"),
        pytest.param(
            Verdict(
                Outcome.DENIED,
                "Denied",
                "NotAnEducationCustomer",
                NOON,
                NOON,
                2,
                7,
                201,
                "code",
                "words",
                "rid",
                "cid",
            ),
            id="full",
        ),
    ],
)
def test_a_verdict_comes_back_as_it_was(verdict: Verdict) -> None:
    """All facts survive, the moments with their zone."""
    assert verdict == decode_verdict(encode_verdict(verdict))


def test_files_and_problems_come_back_as_they_were() -> None:
    """Hashes, sheets and notices survive."""
    files = (
        InputFile("a.csv", "00ff", 3),
        InputFile("b.xlsx", "ff00", 0, sheet="Blatt 1", fields=(("customer_id", 0), ("domain", 4))),
    )
    assert files == decode_files(encode_values(files))
    assert (PROBLEM,) == decode_problems(encode_values([PROBLEM]))


def test_moments_are_utc_text_of_one_width() -> None:
    """Text order is time order, whatever the zone and however round the second."""
    east = datetime(2026, 11, 20, 13, 30, tzinfo=timezone(timedelta(hours=1)))
    assert "2026-11-20T12:30:00.000000+00:00" == to_text(east)
    assert to_text(NOON) < to_text(NOON + timedelta(microseconds=1)) < to_text(east)
    assert NOON == moment_of(to_text(NOON)) == from_text(to_text(NOON))
    assert from_text(None) is None
    assert UTC is moment_of(to_text(east)).tzinfo


def test_a_moment_without_a_zone_is_refused() -> None:
    """Nobody could say later when it was."""
    with pytest.raises(ValueError, match="time zone"):
        to_text(NOON.replace(tzinfo=None))

"""Sheets of a few customers, drawn at random: what they ask for, read as a user's file, and what they are."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from io import BytesIO
from typing import Final

from hypothesis import strategies as st
from support.faithful import CODES
from support.ledgers import customer

from batchqual.composition import read_input
from batchqual.model import Intake, Outcome
from batchqual.settings import load_settings

__all__ = ["ACADEMY", "NOBODY", "SCHOOL", "SHEETS", "TOWN", "Row", "expected", "read_sheet"]

#: Not in a row, which Excel's fill handle would have made of one of them.
SCHOOL, ACADEMY, TOWN, NOBODY = 4217, 1930, 8055, 77
KINDS: Final = {
    "k12": "Education,K12,",
    "higher": "Education,HigherEducation,",
    "soe": "SOE,,",
    "gold": "Gold,,",  # there is no such qualification
    **{code: f"GCC,,{code}" for code in CODES},
}
_HEADINGS = "customer_id,qualification,education_segment,validation_code"

Row = tuple[int, str]
"""A customer's number, and one of `KINDS`."""

_ROWS = st.tuples(st.sampled_from([SCHOOL, ACADEMY, TOWN]), st.sampled_from(["k12", "k12", *KINDS]))
_MIXED = st.lists(_ROWS, min_size=2, max_size=5)
_ALIKE = st.sampled_from([*KINDS]).map(lambda kind: [(one, kind) for one in (SCHOOL, ACADEMY, TOWN)])
# the last row: a column that names one customer over and over is taken for the partner's
SHEETS = st.one_of(_ALIKE, _MIXED).map(lambda rows: [*rows, (NOBODY, "gold")])


@functools.cache
def read_sheet(rows: tuple[Row, ...]) -> Intake:
    """The rows, read as a file of the user's would be."""
    lines = [_HEADINGS, *(f"{customer(number)},{KINDS[kind]}" for number, kind in rows)]
    return read_input(["-"], load_settings({}, environ={}), stdin=BytesIO("\n".join(lines).encode()))


def expected(rows: Sequence[Row]) -> list[Outcome | None]:
    """What the sheet alone decides of each row."""
    found: list[Outcome | None] = []
    for turn, (number, kind) in enumerate(rows):
        others = {other for who, other in rows if who == number}
        codes, segments = others & set(CODES), others & {"k12", "higher"}
        if kind == "gold":
            found.append(Outcome.INVALID)
        elif kind in codes | segments and len(codes | segments) > 1:
            found.append(Outcome.CONFLICT)
        else:
            found.append(Outcome.DUPLICATE if (number, kind) in rows[:turn] else None)
    return found

"""Whatever bytes a stranger sends: every reader of ours ends in rows, values, or a sentence."""

from __future__ import annotations

import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fuzz_targets import TARGETS
from support.sheets import customer

from batchqual.ingest import Reading, read

SHEETS = {name: target.sheet for name, target in TARGETS.items() if target.sheet is not None}


@pytest.mark.parametrize("name", SHEETS)
def test_what_the_search_begins_with_is_read(name: str) -> None:
    """A search around bytes that are refused at the door would find nothing behind it."""
    seed = TARGETS[name].seeds[0]
    rows = read(["-"], Reading(), stdin=io.BytesIO(SHEETS[name](seed))).rows
    assert [customer(1)] == [row.customer_id for row in rows]


@pytest.mark.parametrize("seed", TARGETS["archive"].seeds)
def test_every_kind_of_workbook_is_among_them(seed: bytes) -> None:
    """The newer form, the binary one, and OpenDocument: each is read to its row."""
    rows = read(["-"], Reading(), stdin=io.BytesIO(seed)).rows
    assert [customer(1)] == [row.customer_id for row in rows]


@pytest.mark.parametrize("name", TARGETS)
def test_the_beginnings_of_the_search_end_in_peace(name: str) -> None:
    """Rows, values, or a sentence: anything else is raised here."""
    for seed in TARGETS[name].seeds:
        TARGETS[name].attack(seed)


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.data())
def test_changed_bytes_end_in_peace(name: str, data: st.DataObject) -> None:
    """Bytes are exchanged, cut out, doubled and put in; nothing but our own errors comes of it."""
    changed = bytearray(data.draw(st.sampled_from(list(TARGETS[name].seeds))))
    chance = random.Random(data.draw(st.integers(0, 2**32)))
    for _ in range(data.draw(st.integers(1, 8))):
        at = chance.randrange(len(changed) + 1)
        piece = data.draw(st.binary(max_size=6) | st.sampled_from(TOKENS))
        changed[at : at + chance.choice((0, 1, len(piece)))] = piece
    TARGETS[name].attack(bytes(changed))


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.binary(max_size=300))
def test_any_bytes_end_in_peace(name: str, data: bytes) -> None:
    """Also those that resemble nothing."""
    TARGETS[name].attack(data)


TOKENS = (
    *(
        b"\xff\xff\xff\xff",
        b"\xff\xff",
        b"\0\0\0\0",
        b"\x7f\xff\xff\xff",
        b"9" * 5_000,
        b"-1",
        b"NaN",
        b"1e999",
    ),
    *(b"[" * 3_000, b'{"a":' * 3_000, b"\\ud800", b"\\u0000", b"\r\n", b'"', b"<!DOCTYPE x>", b"&#0;", b"'"),
    *(b"0001-01-01T00:00:00+23:59", b"9999-12-31T23:59:59-23:59", b'="4294967295"', b"\xef\xbb\xbf"),
)
"""What has broken readers before."""

"""What is remembered of a request."""

from __future__ import annotations

from pathlib import Path

from support.ledgers import ORIGIN, PARTNER, a_ledger, education, gcc, new_request

from batchqual.ledger import NewRequest


async def test_neither_a_new_request_nor_its_record_shows_codes(tmp_path: Path) -> None:
    """What a log may print holds neither the code nor the user's cells, before it is stored and after."""
    new = new_request(gcc(1, "SECRET-CODE"), values=("SECRET-CODE",))
    with a_ledger(tmp_path / "l.sqlite3") as ledger:
        [record] = await ledger.enrol([new])
    assert ("SECRET-CODE", ("SECRET-CODE",)) == (record.validation_code, record.input[1])
    assert "SECRET-CODE" not in f"{new!r} {record!r}"


async def test_a_wish_may_come_from_no_sheet(tmp_path: Path) -> None:
    """It is remembered with no file and no cells, and in row 0, since the rows of a sheet count from 1."""
    with a_ledger(tmp_path / "l.sqlite3") as ledger:
        [record] = await ledger.enrol([NewRequest(ORIGIN, PARTNER, education(1))])
    assert ("", 0, ((), ())) == (record.source, record.row, record.input)

"""Rows of earlier sheets, as the ledger remembers them."""

from __future__ import annotations

from dataclasses import replace

from batchqual.ledger import LedgerView, Record, State
from batchqual.model import InputRow, Intake

__all__ = ["live_rows", "row_of"]


def live_rows(view: LedgerView, origin: str, partner: str) -> Intake:
    """What is in review or of unknown fate, as the input of `resume`: rows that are looked at, never sent.

    The user's columns are the union over the sheets that the rows came from, in order of appearance.
    """
    records = [
        *view.by_state(origin, partner, State.SENDING),
        *view.by_state(origin, partner, State.IN_REVIEW),
    ]
    columns: dict[str, int] = {}
    for record in records:
        for heading in record.input[0]:
            columns.setdefault(heading, len(columns))
    rows = []
    for position, record in enumerate(records):
        cells = dict(zip(*record.input, strict=True))
        row = replace(row_of(record), position=position, values=tuple(map(cells.get, columns)))
        rows.append(row)
    return Intake((), tuple(columns), tuple(rows))


def row_of(record: Record) -> InputRow:
    """The row that a record came from, without the user's cells."""
    return InputRow(
        position=record.id,
        source=record.source,
        row=record.row,
        values=(),
        customer_id=record.customer_id,
        qualification=record.qualification.value,
    )

"""Plain tables of plain values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from rich import box
from rich.table import Table
from rich.text import Text

from batchqual.telemetry import neutral

__all__ = ["moment", "table_of"]


def table_of(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table; numbers to the right, what is not known as a dash, moments in UTC."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    shown = [tuple(row) for row in rows]
    for at, heading in enumerate(headings):
        numbers = bool(shown) and all(isinstance(row[at], int) for row in shown)
        table.add_column(heading, justify="right" if numbers else "left", overflow="fold")
    for row in shown:
        table.add_row(*(Text(_shown(value)) for value in row))
    return table


def moment(when: datetime | None) -> str | None:
    """ISO 8601 in UTC."""
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if when else None


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M}"
    return f"{value:,}" if isinstance(value, int) else neutral(str(value))

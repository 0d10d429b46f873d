"""Rows in are the sum of outcomes, or there is no report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from ..errors import Unbalanced
from ..model import Attention, Outcome, RowResult

__all__ = ["exit_code_for", "reconcile"]


def reconcile(rows_in: int, rows: Iterable[RowResult]) -> dict[Outcome, int]:
    """How many rows have each outcome, zero included, in the order that reports use.

    Raises `errors.Unbalanced` when the rows given are not ``rows_in``, or when one is given twice.
    """
    counts: Counter[Outcome] = Counter()
    seen: set[int] = set()
    total = 0
    for result in rows:
        total += 1
        seen.add(result.row.position)
        counts[result.verdict.outcome] += 1
    if total != rows_in or len(seen) != total:
        raise Unbalanced(
            f"The input has {rows_in} rows, but {len(seen)} of them have an outcome ({total} lines in all). "
            "No report was written.",
            hint="Everything that was sent is in the ledger; please report this as a defect.",
        )
    return {outcome: counts[outcome] for outcome in Outcome}


def exit_code_for(outcomes: Mapping[Outcome, int]) -> int:
    """3 when some row needs attention, else 4 when some are still in review, else 0."""
    present = {outcome.attention for outcome, count in outcomes.items() if count}
    if Attention.NEEDED in present:
        return 3
    return 4 if Attention.WAITING in present else 0

"""Rows in are the sum of outcomes, or there is no report."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from support.report_sample import result

from batchqual.errors import Unbalanced
from batchqual.model import Outcome
from batchqual.report import exit_code_for, reconcile


def test_every_outcome_is_counted_zero_included() -> None:
    """Outcomes that no row has are there too, with zero, in the order of reports."""
    counts = reconcile(3, [result(0, Outcome.DENIED), result(1, Outcome.APPROVED), result(2, Outcome.DENIED)])

    assert list(Outcome) == list(counts)
    assert 2 == counts[Outcome.DENIED]
    assert 1 == counts[Outcome.APPROVED]
    assert 0 == counts[Outcome.UNKNOWN]


@pytest.mark.parametrize(
    ("rows_in", "positions"),
    [
        pytest.param(2, [0], id="a row is missing"),
        pytest.param(1, [0, 1], id="a row too many"),
        pytest.param(2, [0, 0], id="one row twice hides another"),
    ],
)
def test_numbers_that_do_not_balance_are_refused(rows_in: int, positions: Sequence[int]) -> None:
    """No report pretends that a missing row was there."""
    with pytest.raises(Unbalanced, match=f"{rows_in} rows"):
        reconcile(rows_in, [result(position, Outcome.APPROVED) for position in positions])


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        pytest.param(Outcome.APPROVED, 0, id="approved"),
        pytest.param(Outcome.ALREADY_QUALIFIED, 0, id="already qualified"),
        pytest.param(Outcome.DUPLICATE, 0, id="duplicate"),
        pytest.param(Outcome.NOT_ATTEMPTED, 0, id="not attempted"),
        pytest.param(Outcome.IN_REVIEW, 4, id="in review"),
        pytest.param(Outcome.DENIED, 3, id="denied"),
        pytest.param(Outcome.INVALID, 3, id="invalid"),
        pytest.param(Outcome.CONFLICT, 3, id="conflict"),
        pytest.param(Outcome.FAILED, 3, id="failed"),
        pytest.param(Outcome.UNKNOWN, 3, id="unknown"),
    ],
)
def test_each_outcome_decides_the_exit_code(outcome: Outcome, code: int) -> None:
    """Quiet is 0, waiting 4, attention 3."""
    assert code == exit_code_for(reconcile(1, [result(0, outcome)]))


def test_attention_outranks_waiting() -> None:
    """A denied row and one in review make 3."""
    rows = [result(0, Outcome.IN_REVIEW), result(1, Outcome.DENIED), result(2, Outcome.APPROVED)]

    assert 3 == exit_code_for(reconcile(3, rows))


def test_no_rows_are_quiet() -> None:
    """Headings without rows: exit 0."""
    assert 0 == exit_code_for(reconcile(0, []))

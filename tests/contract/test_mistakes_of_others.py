"""Mistakes that bulk tools have made, each held against this one. What is shown elsewhere is not shown again:

- A repeat bears the same request ID, and what follows an answer a new one: test_rules_of_fate.py, rule 02
  (resets, a time-out, 409) and test_client_wire.py (reads).
- A token is renewed once, however many wait for it: test_sign_in.py, and unit/partnercenter/test_signed.py.
- Killed before and after the report is moved into place: crash/test_fail_points.py, at the points
  ``file.flushed`` and ``file.replaced``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import ledgers
from support.drive import Drive, education
from support.fake_service import FakeService
from support.results import soe
from support.runs import drive
from support.truth import assert_report_matches, submissions

from batchqual.errors import (
    AccessDenied,
    AlreadyThere,
    BatchqualError,
    CallFailed,
    FateUnknown,
    NotFound,
    NotSent,
    PausedTooLong,
    Refused,
    SignInNeeded,
    Throttled,
    Unavailable,
    WriteSignInNeeded,
)
from batchqual.partnercenter.judge import TokenRefused
from batchqual.simulator import Simulator, SimulatorSettings

AT_ONCE = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0))


@pytest.mark.parametrize("count", [499, 500, 501, 1000])
async def test_no_row_falls_between_two_batches(count: int, tmp_path: Path) -> None:
    """Each is submitted once and stands in the report, also the one that fills a batch."""
    async with Simulator(AT_ONCE) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(education(tmp_path, *range(count)), wait="0")
        assert_report_matches(told, simulator)
        sent = [entry.customer for entry in submissions(simulator)]
    assert [*range(2, count + 2)] == [row["row"] for row in told.rows]
    assert (count, {row["customer_id"] for row in told.rows}) == (len(sent), set(sent))


ENDING = (AccessDenied, PausedTooLong, SignInNeeded)
READING = (NotSent, Unavailable, NotFound, Refused)
WRITING = (NotSent, FateUnknown, AlreadyThere, NotFound, Refused)
WITHIN = (Throttled, TokenRefused)
CALLS = [
    *((kind, where) for where in ("look", "codes") for kind in (*READING, *ENDING)),
    *((kind, "submission") for kind in (*WRITING, *ENDING, WriteSignInNeeded)),
]


def _kinds(root: type[BatchqualError]) -> Iterator[type[BatchqualError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from _kinds(kind)


def test_every_class_of_failure_is_in_the_list() -> None:
    """A new one has to be thought of. Those ``WITHIN`` the client end there: no row hears of them."""
    ours = [kind for kind in _kinds(CallFailed) if kind.__module__.startswith("batchqual.")]
    assert [] == [kind for kind in ours if not issubclass(kind, (*READING, *WRITING, *WITHIN))]


@pytest.mark.looptime
@pytest.mark.parametrize(("kind", "where"), CALLS)
async def test_whatever_a_call_raises_the_row_is_in_the_report(
    kind: type[BatchqualError], where: str, tmp_path: Path
) -> None:
    """Every class of failure that a call can end with: no row is printed and then missing."""
    service = FakeService(vetting=0)
    if where == "look":
        service.looks[ledgers.customer(2)] = deque([kind("odd")] * 20)
    elif where == "submission":
        service.answers = deque([None, kind("odd")])
    else:
        service.codes = kind("odd")
    rows = [*map(ledgers.education, (1, 2, 3)), ledgers.gcc(4), soe(5)]
    results = await drive(tmp_path / "ledger.sqlite3", service, rows)
    assert [0, 1, 2, 3, 4] == [result.row.position for result in results.rows]
    assert (kind in (*ENDING, WriteSignInNeeded)) == (results.halted is not None)

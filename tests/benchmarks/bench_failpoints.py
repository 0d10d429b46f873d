"""What a fail point costs while nobody heeds it, beside a function that does nothing at all."""

from __future__ import annotations

import sys
import timeit

from batchqual.failpoints import reached

CALLS = 1_000_000
#: A row that is sent and settles comes to 13, and each further look is three: this leaves room for nine.
PER_ROW = 40


def _nothing(point: str) -> None:
    """The least that a call can cost."""


def _nanoseconds(statement: str) -> float:
    scope = {"reached": reached, "nothing": _nothing}
    return min(timeit.repeat(statement, globals=scope, number=CALLS, repeat=5)) / CALLS * 1e9


def measure() -> str:
    """Both, and what it makes in a large run."""
    point, nothing = _nanoseconds("reached('a.point')"), _nanoseconds("nothing('a.point')")
    return (
        "Fail points: nanoseconds a call\n"
        f"  a point that nobody heeds        {point:10.1f}\n"
        f"  a function that does nothing     {nothing:10.1f}\n"
        f"  in 10,000 rows, milliseconds     {point * PER_ROW * 10_000 / 1e6:10.1f}\n"
    )


if __name__ == "__main__":
    sys.stdout.write(measure())

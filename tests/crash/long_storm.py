"""Ten storms over 2,000 customers each, side by side: the long form of `tests/contract/test_storm.py`, and a
part of `make crash`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from support.crash_table import STORMS
from support.house import ROOT

SEEDS = range(1, 11)
CUSTOMERS = 2_000
_ONE = """
import asyncio, pathlib, sys
from support.stormy import ride_out
print(asyncio.run(ride_out(pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
"""


@pytest.mark.timeout(1200)
async def test_ten_storms_send_nothing_twice_and_lose_nothing(tmp_path: Path) -> None:
    """5 % of each fault at once, each storm in a process of its own."""

    async def storm(seed: int) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _ONE, str(tmp_path / str(seed)), str(seed), str(CUSTOMERS)),
            cwd=ROOT,
            env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "PATH": "/usr/bin:/bin"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await process.communicate()
        return process.returncode or 0, out.decode()

    done = await asyncio.gather(*map(storm, SEEDS))
    assert [] == [words for code, words in done if code]
    requests = sum(int(words) for _, words in done)
    print(f"| {STORMS}, {requests:,} requests | {len(SEEDS)} | {len(SEEDS)} | 0 | 0 | 0 |")  # noqa: T201 - its table is what `make crash` is for

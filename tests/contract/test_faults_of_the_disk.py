"""A disk that is full, at every write: the run ends in words, and when there is room nothing was lost."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.drive import Drive, education
from support.nursery import CAN_FORK, nursery
from support.scenes import sheet_scene
from support.squeezed import Squeezed, a_full_disk, files_cut_short, small_disk, squeezed

from batchqual import machine
from batchqual.errors import BatchqualError
from batchqual.overview import status
from batchqual.simulator import Simulator, SimulatorSettings

forking = pytest.mark.skipif(not CAN_FORK, reason="this system cannot fork: full disks are not shown")

AT_ONCE = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0))

SHEET = replace(sheet_scene("a sheet of everything"), reports=("json", "xlsx", "csv"))


@forking
@pytest.mark.timeout(120)
async def test_a_disk_without_room_loses_nothing(tmp_path: Path) -> None:
    """A budget for all files together: lock, ledger, write-ahead log, three reports. Nothing was sent where
    the exit code says so, and the same command, given again with room, submits what is missing, once."""

    async def one(budget: int) -> Squeezed:
        disk = tmp_path / f"disk-{budget}"
        with small_disk(disk):
            return await squeezed(SHEET, disk, home, a_full_disk, budget)

    async with nursery() as home:
        done = await asyncio.gather(*(one(budget) for budget in range(0, 660_000, 81_920)))
    assert "" == "\n".join(each.wrong for each in done if each.wrong)
    assert {1, 3, 11} == {each.life.exit_code for each in done}
    assert any(each.posts and each.life.exit_code == 1 for each in done)


@forking
@pytest.mark.timeout(120)
async def test_files_that_may_not_grow_lose_nothing(tmp_path: Path) -> None:
    """A bound for each file (a quota, ulimit): SQLite tells of a failing disk then. As above."""
    async with nursery() as home:
        done = [
            await squeezed(SHEET, tmp_path / "work", home, files_cut_short, budget)
            for budget in range(65_536, 270_000, 98_304)
        ]
    assert "" == "\n".join(each.wrong for each in done if each.wrong)
    assert {1, 11} <= {each.life.exit_code for each in done}


# Folders that may only be read


@contextmanager
def no_writing(folder: Path) -> Iterator[None]:
    """Nobody writes into this folder in this block, not even root."""
    if sys.platform == "win32":
        pytest.skip("folders are not made read-only there")
    if os.geteuid() != 0:
        folder.chmod(0o500)
        try:
            yield
        finally:
            folder.chmod(0o700)
        return
    if subprocess.run(["mount", "--bind", folder, folder], capture_output=True, check=False).returncode:
        pytest.skip("root writes everywhere, and nothing may be mounted here: read-only is not shown")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


async def refused(drive: Drive, rows: str, **flags: Any) -> BatchqualError:
    with pytest.raises(BatchqualError) as caught:
        await drive(rows, **flags)
    assert caught.value.hint
    return caught.value


async def test_folders_that_may_only_be_read_are_found_before_anything_is_sent(tmp_path: Path) -> None:
    """That of the report (2), that of the input where the report would stand beside it (2), that of a ledger
    that is there, and of one that is not (11)."""
    shut = tmp_path / "shut"
    shut.mkdir()
    async with Simulator(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        own: dict[str, Any] = {"ledger": str(shut / "ledger.sqlite3")}
        rows = education(shut, 1)
        await drive(rows, **own)
        seen = simulator.books.count("GET"), simulator.books.count("POST")
        with no_writing(shut):
            codes = [
                (await refused(drive, rows, report=[str(shut / "report.json")])).exit_code,
                (await refused(drive, rows, report=None)).exit_code,
                (await refused(drive, rows, **own)).exit_code,
                (await refused(drive, rows, ledger=str(shut / "other.sqlite3"))).exit_code,
            ]
            told = status(drive.settings(**own))
        assert seen == (simulator.books.count("GET"), simulator.books.count("POST"))
    assert [2, 2, 11, 11] == codes
    assert 1 == len(told.runs)


async def test_a_data_folder_that_may_only_be_read_is_told(tmp_path: Path) -> None:
    """The ledger that nobody named stands there: 11, with what to do."""
    rows, data = education(tmp_path, 1), machine.data_folder()
    data.mkdir(parents=True)
    async with Simulator(AT_ONCE) as simulator:
        with no_writing(data):
            error = await refused(Drive(tmp_path, simulator.base_url), rows, ledger=None)
    assert 11 == error.exit_code
    assert str(data) in error.message

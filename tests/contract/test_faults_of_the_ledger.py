"""A ledger that is moved, deleted, damaged, newer or kept busy: the run ends in words, nothing is sent twice,
and what is known is told."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from support.attack import attacked
from support.credulous import credulous
from support.drive import Drive, education
from support.meddling import once
from support.nursery import CAN_FORK, nursery
from support.scenes import sheet_scene
from support.squeezed import Apart

from batchqual.composition import Command
from batchqual.errors import BatchqualError, LedgerError
from batchqual.events import Submitted
from batchqual.ledger import files
from batchqual.simulator import Simulator, SimulatorSettings, World

AT_ONCE = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0), deduplicate=False)
LEDGER = "ledger.sqlite3"

movable = pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be moved there")
Harm = Callable[[Path], object]


def service() -> Simulator:
    """Knows no request ID again, and takes whatever comes."""
    return credulous(AT_ONCE, World())


def most(simulator: Simulator) -> int:
    """How often the wish that was accepted most often was."""
    return max(simulator.books.accepted.values(), default=0)


def delete(folder: Path) -> None:
    for path in folder.glob(f"{LEDGER}*"):
        path.unlink()


def move_folder(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


def move_file(folder: Path) -> None:
    (folder / LEDGER).rename(folder / "moved")


def replace_file(folder: Path) -> None:
    shutil.copyfile(folder / LEDGER, folder / "copy")
    (folder / "copy").replace(folder / LEDGER)


def delete_log(folder: Path) -> None:
    (folder / f"{LEDGER}-wal").unlink()


@movable
@pytest.mark.parametrize("harm", [delete, move_folder, move_file, replace_file, delete_log])
async def test_a_ledger_that_vanishes_ends_the_run(harm: Harm, tmp_path: Path) -> None:
    """What is written to a file that nobody finds again is lost: nothing more is sent, the report tells what
    is known of every row, and the next run looks before it sends."""
    place = tmp_path / "place"
    place.mkdir()
    rows = education(tmp_path, *range(24))
    async with service() as simulator:
        drive = Drive(tmp_path, simulator.base_url, {"ledger": str(place / LEDGER), "concurrency": 2})
        told = await drive(rows, say=once(Submitted, lambda: harm(place)))
        sent = simulator.books.count("POST")
        place.mkdir(exist_ok=True)
        again = await drive(rows)
        assert 1 == most(simulator)
    assert sent < 24
    assert (1, "ledger-lost") == (told.exit_code, told.report.error and told.report.error.code)
    assert 24 == len(told.rows)
    assert 24 - told.totals["not_attempted"] >= sent
    assert 24 == again.totals["approved"] + again.totals["already_qualified"]


@movable
async def test_a_ledger_that_is_put_back_goes_on(tmp_path: Path) -> None:
    """The message says to put it back: then every row is ours, and approved."""
    rows, moved = education(tmp_path, *range(40)), tmp_path / "moved"
    place = tmp_path / "place"
    place.mkdir()
    async with service() as simulator:
        drive = Drive(tmp_path, simulator.base_url, {"ledger": str(place / LEDGER), "concurrency": 2})
        told = await drive(rows, say=once(Submitted, lambda: place.rename(moved)))
        moved.rename(place)
        again = await drive(rows)
        assert {1} == set(simulator.books.accepted.values())
    assert told.report.error
    assert "moved, deleted or replaced" in told.report.error.message
    assert {"approved": 40} == again.totals


async def test_a_ledger_that_fails_before_the_run_began_ends_with_11(tmp_path: Path) -> None:
    """Nothing was sent, and nothing was asked to be."""
    rows = education(tmp_path, 1)
    async with service() as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(rows)
        with closing(sqlite3.connect(drive.ledger)) as other:
            other.execute("ALTER TABLE run RENAME TO walk")
        posts = simulator.books.count("POST")
        with pytest.raises(LedgerError) as caught:
            await drive(rows)
        assert posts == simulator.books.count("POST")
    assert 11 == caught.value.exit_code


async def test_each_page_that_is_damaged_ends_with_11_or_is_not_read(tmp_path: Path) -> None:
    """Overwritten on the disk, one page after the other: a real read finds it, or nobody needs it; nothing is
    submitted again, and nothing is a defect."""
    rows = education(tmp_path, *range(30))
    async with service() as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(rows)
        sound = drive.ledger.read_bytes()
        size = 4096
        said = []
        for page in range(1, len(sound) // size, 4):
            drive.ledger.write_bytes(sound[: page * size] + b"\xff" * size + sound[(page + 1) * size :])
            try:
                said.append(((await drive(rows)).exit_code, True))
            except BatchqualError as error:
                said.append((error.exit_code, bool(error.hint)))
            for left in ("-wal", "-shm"):
                drive.ledger.with_name(LEDGER + left).unlink(missing_ok=True)
        assert 30 == simulator.books.count("POST")
    assert (11, True) in said
    assert {(0, True), (1, True), (11, True)} >= set(said)


@pytest.mark.parametrize("command", ["run", "resume", "plan"])
async def test_a_damaged_value_in_a_sound_page_ends_with_11(command: Command, tmp_path: Path) -> None:
    """SQLite finds nothing wrong with it. The request is named, nothing is sent, and no defect is told."""
    rows = education(tmp_path, 1)
    async with service() as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(rows)
        sound = drive.ledger.read_bytes()
        assert b"EducationK12" in sound
        drive.ledger.write_bytes(sound.replace(b"EducationK12", b"EducationK13"))
        with pytest.raises(LedgerError, match=r"damaged: request 1 \(.*'K13'") as caught:
            await drive(*([] if command == "resume" else [rows]), command=command)
        assert 1 == simulator.books.count("POST")
    assert (11, "ledger-damaged") == (caught.value.exit_code, caught.value.code)


def cut_in_half(log: Path) -> None:
    content = log.read_bytes()
    log.write_bytes(content[: len(content) // 2])


def flip_a_bit(log: Path) -> None:
    content = bytearray(log.read_bytes())
    content[len(content) // 2] ^= 0x10
    log.write_bytes(content)


def remove(log: Path) -> None:
    log.unlink()


@contextmanager
def afterwards(harm: Harm, path: Path) -> Iterator[None]:
    """Before anybody else opens the ledger, and brings its log home."""
    yield
    assert path.stat().st_size
    harm(path)


@pytest.mark.skipif(not CAN_FORK, reason="this system cannot fork: nobody is killed")
async def test_what_a_killed_run_leaves_beside_the_ledger_may_be_harmed(tmp_path: Path) -> None:
    """Its write-ahead log is cut, damaged or deleted: SQLite goes back to what is whole, a look at each
    customer comes before anything is sent, and nothing is submitted twice."""
    scene = sheet_scene("a sheet of everything")
    async with nursery() as warm:
        for number, harm in enumerate((cut_in_half, flip_a_bit, remove)):
            home = Apart(warm.process, warm.numbers, warm.waiting, notes=tmp_path)
            async with attacked(scene, tmp_path / str(number), home) as attack:
                home.around = afterwards(harm, attack.ledger.with_name(f"{LEDGER}-wal"))
                life = await attack.run({"ledger.committed": [8]})
                assert life.killed
                await attack.end(twice=False)
                assert [] == attack.damage.doubled
                assert set(scene.accepted.values()) == set(attack.accepted().values())


def beside(ledger: Path) -> set[str]:
    """It, and whatever is named after it."""
    return {path.name for path in ledger.parent.glob(f"{ledger.name}*")}


@pytest.mark.parametrize("dangling", [True, False])
async def test_a_ledger_behind_a_link_is_one_ledger(dangling: bool, tmp_path: Path) -> None:
    """Whether it is named by the link or by itself."""
    rows, there, link = education(tmp_path, *range(3)), tmp_path / "there.sqlite3", tmp_path / "link.sqlite3"
    if not dangling:
        there.touch()
    try:
        link.symlink_to(there)
    except OSError:
        pytest.skip("links may not be made here")
    async with service() as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(rows, ledger=str(link))
        again = await drive(rows, ledger=str(there))
        assert 3 == simulator.books.count("POST")
    assert {"approved": 3} == again.totals
    assert {link.name, there.name, f"{there.name}.lock"} == beside(link) | beside(there)


async def test_a_newer_ledger_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    """11: the program does not know what stands in it."""
    rows = education(tmp_path, 1)
    async with service() as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(rows)
        with closing(sqlite3.connect(drive.ledger)) as other, other:
            other.execute("INSERT INTO schema_version VALUES (99, 'later', 'then')")
        heard = simulator.books.count("GET")
        with pytest.raises(LedgerError, match="newer batchqual") as caught:
            await drive(rows)
        assert heard == simulator.books.count("GET")
    assert 11 == caught.value.exit_code


async def test_a_ledger_that_another_program_writes_to_is_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An SQL browser with an open transaction: 11 after some seconds, and nothing was sent."""
    monkeypatch.setattr(files, "_BUSY_SECONDS", 0.05)
    rows = education(tmp_path, 1)
    async with service() as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(rows)
        posts = simulator.books.count("POST")
        with closing(sqlite3.connect(drive.ledger, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(LedgerError, match="kept busy") as caught:
                await drive(rows)
        assert posts == simulator.books.count("POST")
        assert 0 == (await drive(rows)).exit_code
    assert (11, "ledger-busy") == (caught.value.exit_code, caught.value.code)

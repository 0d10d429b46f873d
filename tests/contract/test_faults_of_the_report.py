"""Reports and inputs that vanish, change, or cannot be written: the run is not lost with them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.drive import Drive, education
from support.meddling import once

from batchqual import atomic
from batchqual.errors import UsageError
from batchqual.events import RunStarted
from batchqual.overview import report_again
from batchqual.rehearsal import rehearse
from batchqual.simulator import Simulator, SimulatorSettings

AT_ONCE = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0))
Harm = Callable[[Path], object]


def a_folder_in_its_place(folder: Path) -> None:
    for name in ("r.json", "r.xlsx"):
        (folder / name).mkdir()


def a_file_in_place_of_its_folder(folder: Path) -> None:
    folder.rmdir()
    folder.touch()


@pytest.mark.parametrize("harm", [shutil.rmtree, a_folder_in_its_place, a_file_in_place_of_its_folder])
async def test_a_report_that_cannot_stand_where_it_should_stands_elsewhere(
    harm: Harm, tmp_path: Path
) -> None:
    """Its folder is gone when the run is over, or something else stands there: 1, and the report stands
    beside the ledger; it says so itself. The ledger gives it once more."""
    out, place = tmp_path / "out", tmp_path / "place"
    out.mkdir()
    place.mkdir()
    reports = [str(out / "r.json"), str(out / "r.xlsx")]
    async with Simulator(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url, {"ledger": str(place / "ledger.sqlite3")})
        told = await drive(education(tmp_path, 1, 2), report=reports, say=once(RunStarted, lambda: harm(out)))
        again = report_again(drive.settings(), run_id=told.report.run_id)
        assert 2 == simulator.books.count("POST")
    written = [Path(path) for path in told.report.reports]
    document = next(json.loads(path.read_text()) for path in written if path.suffix == ".json")
    assert {place} == {path.parent for path in written}
    assert {".json", ".xlsx"} == {path.suffix for path in written}
    assert (1, 1) == (told.exit_code, document["exit_code"])
    assert "report-elsewhere" == document["error"]["code"]
    assert str(written[-1].parent) in document["error"]["message"]
    assert sorted(map(str, written)) == sorted(document["reports"])
    assert ["approved", "approved"] == told.outcomes
    assert 0 == again.exit_code


async def test_a_report_that_stands_nowhere_is_told(tmp_path: Path) -> None:
    """A rehearsal has no folder of its own to put it into: 1, with what to do, and no traceback."""
    out = tmp_path / "out"
    out.mkdir()
    drive = Drive(tmp_path, "http://127.0.0.1:9", {"base_url": None, "ledger": None})
    settings = drive.settings(report=[str(out / "r.json")])
    report = await rehearse(
        [education(tmp_path, 1)], settings, say=once(RunStarted, lambda: shutil.rmtree(out))
    )
    assert (1, ()) == (report.exit_code, report.reports)
    assert report.error
    assert ("report-lost", True) == (report.error.code, report.error.hint.startswith("Rehearse again"))


async def test_a_report_that_is_open_elsewhere_gets_a_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Excel keeps it from being replaced on Windows: the run is as good as any, and names the file."""
    real = atomic._move

    def held(writing: atomic.Writing, replace: Callable[[Path, Path], object]) -> None:
        def refuse(temp: Path, target: Path) -> object:
            if target.name == "r.xlsx":
                raise PermissionError(13, "The process cannot access the file")
            return replace(temp, target)

        real(writing, refuse)

    monkeypatch.setattr(atomic, "_move", held)
    reports = [str(tmp_path / "r.json"), str(tmp_path / "r.xlsx")]
    (tmp_path / "r.xlsx").write_text("open in Excel")
    async with Simulator(AT_ONCE) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(education(tmp_path, 1), report=reports)
    assert 0 == told.exit_code
    assert (reports[0], str(tmp_path / "r (2).xlsx")) == told.report.reports
    assert "open in Excel" == (tmp_path / "r.xlsx").read_text()


def contents(*paths: str | Path) -> list[bytes]:
    """What stands in them."""
    return [Path(path).read_bytes() for path in paths]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param("customers.csv", "report-in-place", id="the input"),
        pytest.param("link.csv", "report-in-place", id="a link to the input"),
        pytest.param("book.json", "report-in-place", id="the ledger"),
        pytest.param(f"{'x' * 245}.json", "report-name", id="a name with which no file beside it fits"),
        pytest.param(f"{'x' * 300}.json", "report-name", id="a name that is too long"),
    ],
)
async def test_a_place_that_will_not_do_is_refused_before_anything_is_sent(
    name: str, code: str, tmp_path: Path
) -> None:
    """2: a report takes the place of no input and of no ledger, and its name is one that can be made."""
    rows, ledger = education(tmp_path, 1), tmp_path / "book.json"
    (tmp_path / "link.csv").symlink_to(rows)
    async with Simulator(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url, {"ledger": str(ledger)})
        await drive(education(tmp_path, 2, name="other.csv"))
        before = contents(rows, ledger), simulator.books.count("GET")
        with pytest.raises(UsageError) as caught:
            await drive(rows, report=[str(tmp_path / name)])
        assert before == (contents(rows, ledger), simulator.books.count("GET"))
    assert (code, 2) == (caught.value.code, caught.value.exit_code)
    assert caught.value.hint


async def test_a_report_written_again_spares_input_and_ledger(tmp_path: Path) -> None:
    """The same for `batchqual report`."""
    rows = education(tmp_path, 1)
    async with Simulator(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url, {"ledger": str(tmp_path / "book.json")})
        await drive(rows)
    for name in ("customers.csv", "book.json"):
        with pytest.raises(UsageError, match="would take the place of"):
            report_again(drive.settings(report=[str(tmp_path / name)]))


@pytest.mark.parametrize(
    "harm", [Path.unlink, lambda path: path.write_text("something else")], ids=["deleted", "changed"]
)
async def test_an_input_is_read_once(harm: Harm, tmp_path: Path) -> None:
    """What becomes of it while the run is on changes nothing: the rows that were confirmed are sent."""
    rows = Path(education(tmp_path, *range(3)))
    async with Simulator(AT_ONCE) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(str(rows), say=once(RunStarted, lambda: harm(rows)))
        assert 3 == simulator.books.count("POST")
    assert {"approved": 3} == told.totals


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
async def test_a_report_may_be_the_next_input(suffix: str, tmp_path: Path) -> None:
    """Its columns are known: the same wishes, of which nothing is left to do."""
    rows, first = education(tmp_path, *range(3)), tmp_path / f"first.{suffix}"
    async with Simulator(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(rows, report=[str(tmp_path / "first.json"), str(first)])
        told = await drive(str(first), sheet="Results" if suffix == "xlsx" else None)
        assert 3 == simulator.books.count("POST")
    assert {"approved": 3} == told.totals

"""`batchqual customers`: real processes against the simulator, and the sheet that comes of it."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from support.command_line import CommandLine, command
from support.replay_server import canned, replaying
from support.sheets import customer, intake

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs signals of POSIX")
_TOKEN = {"BATCHQUAL_ACCESS_TOKEN": "a-token"}
_PATIENCE = 60.0
_PART = Path("out.xlsx.part")


def world(count: int, *more: dict[str, Any]) -> str:
    """A world file of customers one after the other, and of others."""
    people = [
        {"id": customer(n), "name": f"Contoso School {n}", "domain": f"s{n}.contoso.example"}
        for n in range(count)
    ]
    Path("world.json").write_text(json.dumps({"customers": [*people, *more]}), encoding="utf-8")
    return "world.json"


@contextmanager
def simulator(*knobs: object) -> Iterator[str]:
    """The address of `batchqual simulate`; it is ended with the block."""
    process = command("simulate", *knobs)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate(timeout=_PATIENCE)


def started(address: str, *arguments: str) -> subprocess.Popen[str]:
    """`batchqual customers` as a process."""
    options = ("--base-url", address, "--rate", "none", "--ledger", "ledger.sqlite3")
    return command("customers", "out.xlsx", *arguments, *options, environ=_TOKEN)


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, data and talk."""
    out, err = process.communicate(timeout=_PATIENCE)
    assert "Traceback" not in err
    return process.returncode, out, err


def asked(address: str, path: str) -> int:
    """How often this was asked, as the simulator's books say."""
    with urllib.request.urlopen(f"{address}/simulator/books?log=no") as answer:
        books = json.load(answer)
    return sum(line["count"] for line in books["requests"] if line["path"] == path)


def lines_of_part() -> list[str]:
    """What is kept so far."""
    return _PART.read_text(encoding="utf-8").splitlines() if _PART.exists() else []


def wait_until(true: Callable[[], bool]) -> None:
    """Until another process has done it."""
    end = time.monotonic() + _PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def ids_in(path: str) -> list[object]:
    """The first column of the workbook, without its heading."""
    sheet = load_workbook(path)["Customers"]
    return [row[0] for row in sheet.iter_rows(min_row=2, values_only=True, max_col=1)]


def test_ten_thousand_customers_killed_in_the_middle_come_once(folder: Path) -> None:
    """Nothing is lost, nothing twice, and no page is read again but the one on its way."""
    with simulator("--state", world(10_000), "--latency", "0.05:0.05") as address:
        first = started(address)
        wait_until(lambda: len(lines_of_part()) > 5)
        first.kill()
        first.communicate(timeout=_PATIENCE)
        assert not Path("out.xlsx").exists()
        code, out, err = ended(started(address))
        assert (0, "out.xlsx\n") == (code, out)
        assert 20 <= asked(address, "/v1/customers") <= 21
    assert "Going on with out.xlsx.part." in err
    assert "10,000 customers written." in err
    assert [customer(n) for n in range(10_000)] == ids_in("out.xlsx")
    assert not _PART.exists()


def test_what_customers_hold_is_read_once_over_a_kill(folder: Path) -> None:
    """But for those on their way."""
    with simulator("--state", world(150), "--latency", "0.02:0.02") as address:
        first = started(address, "--with-qualifications")
        wait_until(lambda: len(lines_of_part()) > 40)
        first.kill()
        first.communicate(timeout=_PATIENCE)
        assert 0 == ended(started(address, "--with-qualifications"))[0]
        assert 1 == asked(address, "/v1/customers")
        assert 150 <= asked(address, "/v1/customers/{id}/qualifications") <= 166
    assert [customer(n) for n in range(150)] == ids_in("out.xlsx")


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_interrupt_says_that_the_same_command_goes_on(number: signal.Signals, folder: Path) -> None:
    """130, a document for those who asked for one, and then the sheet."""
    with simulator("--state", world(3_000), "--latency", "0.3:0.3") as address:
        first = started(address, "--json")
        wait_until(lambda: len(lines_of_part()) > 2)
        first.send_signal(number)
        code, out, err = ended(first)
        assert (130, 130) == (code, json.loads(out)["exit_code"])
        assert "Stopping." in err
        assert "kept in out.xlsx.part.\nhint: The same command goes on where it was." in err
        code, out, _ = ended(started(address, "--json"))
    document = json.loads(out)
    assert {
        "command": "customers",
        "file": "out.xlsx",
        "customers": 3_000,
        "not_resold": 0,
        "lost_looks": 0,
        "exit_code": 0,
        "error": None,
    } == document
    assert 0 == code


async def test_what_is_odd_about_customers_is_told(folder: Path) -> None:
    """Another relationship, and looks that came to nothing."""
    page = {"items": [{"id": customer(1), "relationshipToPartner": "advisor"}]}
    async with replaying(canned(body=json.dumps(page)), canned(body='{"strange": 1}')) as server:
        code, out, err = await asyncio.to_thread(lambda: ended(started(server.url, "--with-qualifications")))
    assert (0, "out.xlsx\n") == (code, out)
    assert "1 customer in a relationship other than reseller: see the column relationship." in err
    assert "1 customer could not be looked at: see the column looked_at." in err


@pytest.fixture
def exporting(serve: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """`customers` in this process, against a simulator with this world."""
    monkeypatch.setenv("BATCHQUAL_ACCESS_TOKEN", "a-token")

    def exporter(state: str) -> CommandLine:
        service = serve(state=Path(state))
        return CommandLine(
            capsys, ("--base-url", service.base_url, "--ledger", "l.sqlite3", "--rate", "none")
        )

    return exporter


HELD = {
    "id": customer(99_999),
    "name": "=1+1",
    "domain": "Held.example",
    "holds": [{"qualification": "Education", "status": "Approved"}, {"qualification": "StateOwnedEntity"}],
}


@pytest.mark.parametrize("more", [(), ("--with-qualifications",)], ids=["plain", "with qualifications"])
def test_a_sheet_that_was_filled_in_passes_the_check(
    more: tuple[str, ...], exporting: Any, cli: CommandLine
) -> None:
    """Without a warning: what customers hold is not taken for a wish."""
    assert 0 == exporting(world(3, HELD))("customers", "out.xlsx", *more).code
    book = load_workbook("out.xlsx")
    sheet = book["Customers"]
    for row in (2, 3, 4, 5):
        assert sheet.cell(row, 3).value is None
        sheet.cell(row, 3).value, sheet.cell(row, 4).value = "Education", "K12"
    book.save("filled.xlsx")
    done = cli("check", "filled.xlsx", "--strict", "--json")
    assert (0, 4) == (done.code, done.document["rows_in"])
    assert [] == [row.warnings for row in intake("filled.xlsx").rows if row.warnings]


def test_rows_that_are_not_filled_in_are_told(exporting: Any, cli: CommandLine) -> None:
    """The qualification is missing, and nothing else."""
    exporting(world(2))("customers", "out.xlsx")
    assert 3 == cli("check", "out.xlsx").code
    assert [["missing-qualification"]] * 2 == [
        [problem.code for problem in row.problems] for row in intake("out.xlsx").rows
    ]


def test_cells_are_text_and_nothing_is_a_formula(exporting: Any) -> None:
    """A name that begins with = is a name; the drop-downs reach every row."""
    exporting(world(10_500, HELD))("customers", "out.xlsx")
    sheet = load_workbook("out.xlsx")["Customers"]
    name = sheet.cell(10_502, 2)
    assert ("=1+1", "s", "@", True) == (name.value, name.data_type, name.number_format, name.quotePrefix)
    assert "@" == sheet.cell(10_502, 1).number_format
    assert {"C2:C10502", "D2:D10502"} == {str(one.sqref) for one in sheet.data_validations.dataValidation}


def test_csv_is_for_excel_too(exporting: Any) -> None:
    """A byte order mark, and an apostrophe before what might run; it can be read again."""
    assert "out.csv\n" == exporting(world(1, HELD))("customers", "out.csv").out
    raw = Path("out.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfcustomer_id,customer_name,")
    assert b",'=1+1," in raw
    assert 2 == len(intake("out.csv").rows)


def test_a_domain_leaves_those_that_begin_so(exporting: Any) -> None:
    """In any case."""
    exporting(world(12, HELD))("customers", "out.xlsx", "--domain", "S1")
    assert [customer(n) for n in (1, 10, 11)] == ids_in("out.xlsx")


def test_a_file_that_is_there_is_kept(exporting: Any, folder: Path) -> None:
    """Unless --force is given."""
    (folder / "out.xlsx").write_text("mine", encoding="utf-8")
    cli = exporting(world(1))
    done = cli("customers", "out.xlsx")
    assert (2, "") == (done.code, done.out)
    assert "hint: Choose another name, or give --force." in done.err
    assert "mine" == (folder / "out.xlsx").read_text(encoding="utf-8")
    assert 0 == cli("customers", "out.xlsx", "--force").code
    assert [customer(0)] == ids_in("out.xlsx")


def test_a_kill_after_the_sheet_was_written_is_made_good(
    exporting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same command ends well, asks nothing, and leaves the sheet as it is by now."""
    cli = exporting(world(2))
    with monkeypatch.context() as patch:
        patch.setattr("batchqual.spool.Spool.remove", lambda _: None)
        assert 0 == cli("customers", "out.xlsx").code
    book = load_workbook("out.xlsx")
    book["Customers"]["C2"] = "GCC"
    book.save("out.xlsx")
    done = cli("customers", "out.xlsx", "--json")
    assert (0, 2, "out.xlsx") == (done.code, done.document["customers"], done.document["file"])
    assert "GCC" == load_workbook("out.xlsx")["Customers"]["C2"].value
    assert not _PART.exists()
    assert 2 == cli("customers", "out.xlsx").code


@pytest.mark.parametrize(
    ("words", "said"),
    [((), "needs the name of the file"), (("out.txt",), "End its name with .xlsx or with .csv.")],
)
def test_a_name_that_will_not_do(words: tuple[str, ...], said: str, cli: CommandLine) -> None:
    """Exit 2 before anything is asked."""
    done = cli("customers", *words)
    assert 2 == done.code
    assert said in done.err


@pytest.mark.parametrize("failures", ["3", "x=1", "3=often", "=2"])
def test_a_page_failure_that_cannot_be_read(failures: str, cli: CommandLine) -> None:
    """The simulator says what it should look like."""
    done = cli("simulate", "--page-failures", failures)
    assert 2 == done.code
    assert f"error: page_failures: '{failures}' must be PAGE=TIMES, as in 3=2 or 3=ever." in done.err


def test_without_a_sign_in_it_says_so(serve: Any, cli: CommandLine, folder: Path) -> None:
    """Exit 12, and nothing is left behind."""
    done = cli("customers", "out.xlsx", "--base-url", serve().base_url, "--ledger", "l.sqlite3", "--json")
    assert (12, "customers") == (done.code, done.document["command"])
    assert not list(folder.glob("out*"))


def test_a_ledger_in_use_is_told(exporting: Any, folder: Path) -> None:
    """All calls for one partner share one pace."""
    from batchqual.clock import SystemClock
    from batchqual.ledger import Ledger

    with Ledger.open(folder / "l.sqlite3", clock=SystemClock(), command="run"):
        assert 11 == exporting(world(1))("customers", "out.xlsx").code

"""Education can be asked for three times per customer: counted, shown, and not spent unasked, from the sheet
to the service and back to whoever reads the report."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from support.command_line import QUICK, CommandLine, Done
from support.drive import sheet
from support.sheets import HEADINGS, csv_file, customer, xlsx_file
from support.terminal import Terminal
from support.truth import submissions

from batchqual import pacekeeping
from batchqual.ledger import read_only
from batchqual.simulator import Fault, Simulator, SimulatorSettings, World, serve_in_thread

DENYING = SimulatorSettings(denial_rate=1, vetting_delay=(0, 0))
SLOW = SimulatorSettings(
    denial_rate=0, vetting_delay=(3600, 3600), gcc_delay=(3600, 3600), codes=("012345=5", "067890=5")
)
ONE, TWO = customer(1), customer(2)
K12, HIGHER = ("Education", "K12"), ("Education", "HigherEducation")
AGAIN, LAST = "--resubmit-denied", "--allow-last-attempt"
Row = tuple[str, ...]


@dataclass(slots=True)
class Desk:
    """The commands, a service, and a folder in which each report has a number of its own."""

    folder: Path
    cli: CommandLine
    service: Simulator
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def sheet(self, *rows: Row) -> str:
        """A CSV file of these rows."""
        return sheet(self.folder, *rows)

    @property
    def options(self) -> tuple[str, ...]:
        """Which service and which ledger."""
        return "--base-url", self.service.base_url, "--ledger", "ledger.sqlite3"

    def run(self, path: str, *flags: str, verb: str = "run") -> list[dict[str, Any]]:
        """The rows of the report that the command writes, which is said to be right by its exit code."""
        report = self.folder / f"report-{next(self.numbers)}.json"
        yes = () if verb == "plan" else ("--yes",)
        done = self.cli(
            verb, path, *self.options, *QUICK, "--patience", "0.2s", *yes, "--report", report, *flags
        )
        told: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        assert (told["exit_code"], True) == (done.code, told["balanced"])
        rows: list[dict[str, Any]] = told["rows"]
        return rows

    def the_only(self, path: str, *flags: str, verb: str = "run") -> dict[str, Any]:
        """The row of a sheet of one."""
        [row] = self.run(path, *flags, verb=verb)
        return row

    def tell(self, verb: str, *arguments: str) -> Done:
        """A command that only looks into the ledger."""
        done = self.cli(verb, *arguments, *self.options)
        assert 0 == done.code, done.err
        return done

    @property
    def used(self) -> dict[str, int]:
        """Who has used how many requests, as `status` tells a script."""
        [partner] = self.tell("status", "--json").document["partners"]
        used: dict[str, int] = partner["education_attempts"]
        return used

    @property
    def ids(self) -> list[str]:
        """The request IDs of the submissions that arrived, in that order."""
        return [entry.request_id for entry in submissions(self.service)]


@pytest.fixture
def served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Any]:
    """Gives a desk before a service of these settings, which ends with the test."""
    # the second that one run leaves to the next is waited for in the tests of the pace
    monkeypatch.setattr(pacekeeping, "_SECOND", timedelta(0))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BATCHQUAL_ACCESS_TOKEN", "a-token")
    with ExitStack() as stack:

        def serve(settings: SimulatorSettings = DENYING, *customers: dict[str, object]) -> Desk:
            world = World.from_dict({"customers": list(customers)})
            for code in settings.codes:
                world.offer(code)
            service = stack.enter_context(serve_in_thread(settings, world))
            return Desk(tmp_path, CommandLine(capsys), service)

        yield serve


@pytest.fixture
def desk(served: Any) -> Desk:
    """Before a service that denies everything at once."""
    desk: Desk = served()
    return desk


def attempts(row: dict[str, Any]) -> tuple[str, int]:
    """The outcome, and how many requests are used."""
    return row["outcome"], row["attempts"]


# counted


def test_one_customer_is_counted_once_however_sheets_spell_it(desk: Desk, tmp_path: Path) -> None:
    """Text files and a workbook; plain, in braces and capitals, as a URN."""
    assert ("denied", 1) == attempts(desk.the_only(desk.sheet((ONE, *K12))))
    braced = xlsx_file(tmp_path, [HEADINGS, (f" {{{ONE.upper()}}}", "EDU", "k-12")], name="other.xlsx")
    assert ("denied", 2) == attempts(desk.the_only(braced, AGAIN))
    urn = csv_file(tmp_path, [("Tenant ID", "Qualification", "Segment"), (f"urn:uuid:{ONE}", *K12)])
    held = desk.the_only(urn, AGAIN)
    assert (("denied", 2), "last-attempt") == (attempts(held), held["error_code"])
    assert {ONE: 2} == desk.used
    assert 2 == len(desk.ids) == len(set(desk.ids))


def test_requests_by_any_api_are_requests(desk: Desk) -> None:
    """The three contracts are three ways to ask one service."""
    path = desk.sheet((ONE, *K12))
    assert ("denied", 1) == attempts(desk.the_only(path, "--api", "asynchronous-2020"))
    assert ("denied", 2) == attempts(desk.the_only(path, AGAIN, "--api", "synchronous"))
    held = desk.the_only(path, AGAIN)
    assert "last-attempt" == held["error_code"]
    assert ("denied", 3) == attempts(desk.the_only(path, AGAIN, LAST))
    assert ["POST", "PUT", "POST"] == [entry.method for entry in submissions(desk.service)]


def test_only_what_may_have_reached_vetting_is_counted(desk: Desk) -> None:
    """A throttle, a refused token and the same request sent again are one request, however often it left."""
    desk.service.inject(Fault.RESET_BEFORE, Fault.THROTTLED, scope="writes")
    assert ("denied", 1) == attempts(desk.the_only(desk.sheet((ONE, *K12))))
    assert (3, 1) == (len(desk.ids), len(set(desk.ids)))
    assert {ONE: 1} == desk.used


def test_an_unknown_fate_is_counted_until_it_is_known(desk: Desk) -> None:
    """It may have arrived. When looks have shown that it never did, it has the same ID again, and is one."""
    desk.service.inject(*[Fault.RESET_BEFORE] * 3, scope="writes")
    lost = desk.the_only(desk.sheet((ONE, *K12)))
    assert ("unknown", 1) == attempts(lost)
    assert 1 == len(set(desk.ids))
    packet = desk.tell("support", ONE, "--out", "packet.txt", "--json").document["packet"]
    assert 1 == packet["education_attempts"]


def test_a_refusal_leaves_all_three(served: Any) -> None:
    """It never came to vetting; each is a request of its own in the book, with its own ID."""
    desk = served(DENYING, {"id": ONE, "refuse": {"status": 400, "code": "3000"}})
    path = desk.sheet((ONE, *K12))
    for _ in range(4):
        assert ("failed", 0) == attempts(desk.the_only(path))
    assert 4 == len(set(desk.ids))
    desk.service.world.customers[ONE].refuse = None
    assert ("denied", 1) == attempts(desk.the_only(path))


def test_a_customer_s_other_wishes_use_none(desk: Desk) -> None:
    """The count is of Education; each Education row of the customer shows it, sent or not."""
    rows = desk.run(desk.sheet((ONE, *K12), (ONE, "SOE"), (f"{{{ONE}}}", *K12), (TWO, *K12)))
    told = [("denied", 1), ("approved", 0), ("duplicate", 1), ("denied", 1)]
    assert told == [attempts(row) for row in rows]
    rows = desk.run(desk.sheet((ONE, *K12), (ONE, *HIGHER)), AGAIN)
    assert [("conflict", 1)] * 2 == [attempts(row) for row in rows]


# shown


def test_two_of_three_is_told_wherever_somebody_looks(desk: Desk, tmp_path: Path) -> None:
    """`status` for people and for scripts, the column and the advice of the report, the sheet of what needs
    attention, the packet for a ticket."""
    path = desk.sheet((ONE, *K12), (TWO, *K12))
    desk.run(path)
    assert {ONE: 1, TWO: 1} == desk.used
    desk.run(desk.sheet((ONE, *K12)), AGAIN)
    assert {ONE: 2, TWO: 1} == desk.used
    screen = " ".join(desk.tell("status").out.split())
    assert f"{ONE} 2 of 3" in screen
    assert TWO not in screen
    book = tmp_path / "report.xlsx"
    desk.cli("report", *desk.options, "--report", book)
    sheets = load_workbook(book)
    results = list(sheets["Results"].iter_rows(values_only=True))
    assert 2 == results[1][results[0].index("Attempts")]
    needed = [" ".join(map(str, row)) for row in sheets["Needs attention"].iter_rows(values_only=True)]
    assert any("2 of 3 requests used: the last one also needs --allow-last-attempt." in row for row in needed)
    packet = desk.tell("support", "2", "--out", "packet.txt")
    assert "Education attempts  2 of 3" in (tmp_path / packet.out.strip()).read_text(encoding="utf-8")


# spent


def test_denied_is_not_offered_again_unasked(desk: Desk) -> None:
    """However often the command is given, also with leave for the last one."""
    path = desk.sheet((ONE, *K12))
    for flags in ((), (), (LAST,)):
        assert ("denied", 1) == attempts(desk.the_only(path, *flags))
    assert 1 == len(desk.ids)


def test_the_third_needs_leave_and_a_fourth_never_leaves(desk: Desk) -> None:
    """Whatever is said."""
    path = desk.sheet((ONE, *K12))
    desk.run(path)
    for flags, used, code in (
        ((AGAIN,), 2, None),
        ((AGAIN,), 2, "last-attempt"),
        ((AGAIN, LAST), 3, None),
        ((AGAIN, LAST), 3, "no-attempts-left"),
        ((AGAIN, LAST, "--api", "synchronous"), 3, "no-attempts-left"),
    ):
        row = desk.the_only(path, *flags)
        assert (("denied", used), code) == (attempts(row), row["error_code"])
        assert f"{used} of 3 requests used" in row["what_to_do"]
    assert 3 == len(desk.ids) == len(set(desk.ids))
    assert {ONE: 3} == desk.used
    assert f"{ONE} 3 of 3" in " ".join(desk.tell("status").out.split())


def test_a_denial_that_was_found_is_one_of_the_three(served: Any) -> None:
    """Somebody asked for it, and was denied; nothing is sent until somebody says so."""
    held = {"qualification": "Education", "status": "Denied", "reason": "Not an Academic Domain"}
    desk = served(DENYING, {"id": ONE, "holds": [held]})
    path = desk.sheet((ONE, *K12))
    assert ("denied", 1) == attempts(desk.the_only(path))
    assert [] == desk.ids
    assert ("denied", 2) == attempts(desk.the_only(path, AGAIN))
    assert "last-attempt" == desk.the_only(path, AGAIN)["error_code"]
    assert 1 == len(desk.ids)
    desk.tell("support", ONE, "--out", "packet.txt")
    packet = Path("packet.txt").read_text(encoding="utf-8")
    assert "Follows          " in packet
    assert "Denied, found at the service, not submitted from here" in packet


def test_a_resubmission_is_a_new_request_that_names_the_one_before(desk: Desk, tmp_path: Path) -> None:
    """In the ledger, and in the packet for a ticket; each has its own ID, and its own history."""
    path = desk.sheet((ONE, *K12))
    desk.run(path)
    desk.run(path, AGAIN)
    first, second = desk.ids
    assert first != second
    with read_only(tmp_path / "ledger.sqlite3") as view:
        one, two = view.of_customer(ONE)
    assert (None, one.id) == (one.predecessor, two.predecessor)
    assert [first, second] == [one.request_id, two.request_id]
    requests = desk.tell("support", ONE, "--out", "packet.txt", "--json").document["packet"]["requests"]
    assert [None, first] == [request["follows_ms_requestid"] for request in requests]
    assert [first, second] == [request["ms_requestid"] for request in requests]
    assert f"Follows MS-RequestId  {first}\n" in (tmp_path / "packet.txt").read_text(encoding="utf-8")


# changed


@pytest.mark.parametrize(
    ("then", "now", "words"),
    [
        pytest.param(
            K12,
            HIGHER,
            "Cell C2 now says HigherEducation, but K12 was submitted and is in review.",
            id="segment",
        ),
        pytest.param(
            ("GCC", "", "012345"),
            ("GCC", "", "067890"),
            "Cell D2 now has another validation code; ••••45 was submitted and is in review.",
            id="code",
        ),
    ],
)
def test_what_is_in_review_cannot_be_changed(then: Row, now: Row, words: str, served: Any) -> None:
    """The row is a conflict that names its cell and the old value; no flag sends it."""
    desk = served(SLOW)
    assert "in_review" == desk.the_only(desk.sheet((ONE, *then)), "--wait", "0")["outcome"]
    for flags in ((), (AGAIN, LAST)):
        row = desk.the_only(desk.sheet((ONE, *now)), "--wait", "0", *flags)
        assert ("conflict", "content-changed", words) == (
            row["outcome"],
            row["error_code"],
            row["error_message"],
        )
    assert 1 == len(desk.ids)


def test_a_segment_that_an_option_says_has_no_cell(served: Any) -> None:
    """Nor is it known where a row of several files stands."""
    desk = served(SLOW)
    desk.run(desk.sheet((ONE, *K12)), "--wait", "0")
    row = desk.the_only(
        desk.sheet((ONE, "Education", "")), "--wait", "0", "--education-segment", "HigherEducation"
    )
    assert row["error_message"].startswith("The row now says HigherEducation, but K12")
    other = csv_file(desk.folder, [HEADINGS[::-1], ("", "", "", "K12", "Education", TWO)], name="b.csv")
    report = desk.folder / "both.json"
    desk.cli(
        "run",
        desk.sheet((ONE, *HIGHER)),
        other,
        *desk.options,
        *QUICK,
        "--yes",
        "--wait",
        "0",
        "--report",
        report,
    )
    [row, _] = json.loads(report.read_text(encoding="utf-8"))["rows"]
    assert row["error_message"].startswith("The row now says HigherEducation, but K12")


def test_another_website_is_no_other_wish(served: Any) -> None:
    """The request goes on as it was sent."""
    desk = served(SLOW)
    desk.run(desk.sheet((ONE, *K12, "", "one.contoso.example")), "--wait", "0")
    row = desk.the_only(desk.sheet((ONE, *K12, "", "two.contoso.example")), "--wait", "0")
    assert ("in_review", 1) == attempts(row)
    assert 1 == len(desk.ids)


def test_what_was_denied_may_be_changed_and_is_sent_as_it_stands_now(desk: Desk) -> None:
    """What vetting did not like, perhaps: segment and website. Without the flag nothing is sent."""
    desk.run(desk.sheet((ONE, *K12, "", "one.contoso.example")))
    changed = desk.sheet((ONE, *HIGHER, "", "two.contoso.example"))
    assert ("denied", 1) == attempts(desk.the_only(changed))
    assert 1 == len(desk.ids)
    assert ("denied", 2) == attempts(desk.the_only(changed, AGAIN))
    held = desk.service.world.customers[ONE].holds["Education"]
    assert ("HigherEducation", "two.contoso.example") == (held.segment, held.website)


# told before


def test_the_plan_names_last_requests(desk: Desk) -> None:
    """How many, on the screen and in the report; and the row says which."""
    desk.run(desk.sheet((ONE, *K12)))
    desk.run(desk.sheet((ONE, *K12)), AGAIN)
    path = desk.sheet((ONE, *K12), (TWO, *K12))
    done = desk.cli("plan", path, *desk.options, *QUICK, AGAIN, LAST, "--report", "plan.json")
    assert (
        "Would submit: 2 (2 Education), 1 of them the third and last Education request of a customer."
        in done.err
    )
    row, other = json.loads(Path("plan.json").read_text(encoding="utf-8"))["rows"]
    assert ("not_attempted", 2) == attempts(row)
    assert "2 of 3 requests used" in row["what_to_do"]
    assert "requests used" not in other["what_to_do"]


def test_where_only_guarded_requests_are_left_nobody_is_asked(desk: Desk) -> None:
    """Nothing would be sent: not a question, and no exit 2 where nobody could answer it."""
    path = desk.sheet((ONE, *K12))
    desk.run(path)
    desk.run(path, AGAIN)
    done = desk.cli("run", path, *desk.options, *QUICK, AGAIN, "--report", "r.json")
    assert 3 == done.code
    assert "1 customer to look at; nothing to submit." in done.err
    done = desk.cli("run", path, *desk.options, *QUICK, AGAIN, LAST, "--report", "s.json")
    assert (2, 2) == (done.code, len(desk.ids))
    assert "Up to 1 qualification would be submitted" in done.err
    desk.run(path, AGAIN, LAST)
    done = desk.cli("run", path, *desk.options, *QUICK, AGAIN, LAST, "--report", "t.json")
    assert (3, 3) == (done.code, len(desk.ids))
    assert "1 customer to look at; nothing to submit." in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_the_question_says_that_the_last_request_is_among_them(desk: Desk) -> None:
    """Whoever says no keeps it; whoever is kept back stands apart."""
    desk.run(desk.sheet((ONE, *K12), (TWO, *K12)))
    desk.run(desk.sheet((ONE, *K12), (TWO, *K12)), AGAIN)
    desk.run(desk.sheet((TWO, *K12)), AGAIN, LAST)
    path = desk.sheet((ONE, *K12), (TWO, *K12), (customer(3), *K12))
    asked = ("run", path, *desk.options, *QUICK, AGAIN, LAST, "--report", "r.json")
    terminal = Terminal(*asked)
    terminal.see("Submit up to 2 qualifications? They cannot be undone. [y/N]")
    terminal.type("n\n")
    assert 2 == terminal.end()
    assert "3 rows; 2 submissions at most (2 Education)." in terminal.screen
    assert "For 1 customer this is the third and last Education request." in terminal.screen
    assert "1 without an Education request left (the last one needs --allow-last-attempt)" in terminal.screen
    assert 5 == len(desk.ids)

"""The promises of the contract's section 8, one by one, over real HTTP and, where it is about dying, with
processes that are really killed."""

from __future__ import annotations

import asyncio
import csv
import json
import time
import zipfile
from collections import Counter
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support.credulous import credulous
from support.drive import Drive, education, sheet
from support.odd_service import Odd, odd_service
from support.program import Program, until
from support.replay_server import Heard, canned
from support.sheets import customer
from support.tap import tapped
from support.truth import assert_report_matches, submissions

from batchqual.errors import UsageError
from batchqual.events import Submitted
from batchqual.partnercenter import RetryPolicy
from batchqual.pipeline import Plan, StopSwitch
from batchqual.simulator import Simulator, SimulatorSettings

#: Nobody here knows a request ID again, or refuses a wish that is there already: what comes twice is seen.
AT_ONCE = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0), deduplicate=False)
WITH_DENIALS = SimulatorSettings(denial_rate=0.2, vetting_delay=(0.1, 0.4), deduplicate=False)
ONE = customer(1)
IMPATIENT = RetryPolicy(tries=2, first=0.01)


def worst_second(moments: Iterable[float]) -> int:
    """The most moments within any second, half-open."""
    times = sorted(moments)
    most = first = 0
    for last, moment in enumerate(times):
        while moment - times[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


# 1. At most once per wish, whatever dies when


async def test_promise_1_a_second_run_of_the_same_sheet_submits_nothing(tmp_path: Path) -> None:
    """With a kept ledger, whatever the first run's outcomes were."""
    rows = education(tmp_path, *range(200))
    async with credulous(WITH_DENIALS) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        told = await drive(rows)
        assert_report_matches(told, simulator)
        again = await drive(rows)
        assert_report_matches(again, simulator)
    assert {"approved", "denied"} == set(told.outcomes)
    assert told.outcomes == again.outcomes
    assert 0 == again.document["requests"]["post"]
    assert {1} == set(simulator.books.accepted.values())
    assert 200 == len(simulator.books.accepted)


async def test_promise_1_another_file_with_the_same_wishes_submits_nothing(tmp_path: Path) -> None:
    """A wish is a customer and a qualification, not a file."""
    async with credulous(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(education(tmp_path, 1, 2))
        await drive(education(tmp_path, 2, 1, name="copy.csv"))
    assert 2 == len(submissions(simulator))


@pytest.mark.parametrize("takes", [True, False], ids=["after-the-effect", "before-the-effect"])
async def test_promise_1_killed_between_intent_and_answer(takes: bool, tmp_path: Path) -> None:
    """The process dies while its submission is on the way: the next one looks first, and one submission
    takes effect."""
    async with odd_service(Odd(None, takes=takes)) as service:
        program = Program(tmp_path, service.url)
        rows = education(tmp_path, 1)
        async with program.started("run", rows) as process:

            async def kill(_: Heard) -> None:
                if len(service.submissions) == 1:
                    process.kill()
                    await process.wait()

            service.on_submission = kill
            await process.wait()
        assert 1 == len(service.submissions)
        ended = await program("run", rows, "--report", "report.json")
    assert (0, 1 if takes else 2) == (ended.exit_code, len(service.submissions)), ended.err
    assert 1 == len({heard.header("MS-RequestId") for heard in service.submissions})
    document = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert [1] == [row["attempts"] for row in document["rows"]]


def _sent(simulator: Simulator, process: asyncio.subprocess.Process, count: int) -> bool:
    return simulator.books.count("POST") >= count or process.returncode is not None


@pytest.mark.parametrize("at", [1, 17, 60])
async def test_promises_1_and_4_killed_at_any_moment_and_run_again(at: int, tmp_path: Path) -> None:
    """Killed twice after so many submissions, without deduplication: in the end everything is approved,
    each by one submission that took effect."""
    count = 80
    settings = SimulatorSettings(
        denial_rate=0, vetting_delay=(0, 0.2), latency=(0.01, 0.1), deduplicate=False
    )
    async with credulous(settings) as simulator:
        program = Program(tmp_path, simulator.base_url)
        rows = education(tmp_path, *range(count))
        for _ in range(2):
            before = simulator.books.count("POST")
            async with program.started("run", rows) as process:
                await until(partial(_sent, simulator, process, before + at))
                if process.returncode is None:
                    process.kill()
        ended = await program("run", rows, "--report", "report.json")
        assert 0 == ended.exit_code, ended.err
    document = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert {"approved": count} == Counter(row["outcome"] for row in document["rows"])
    assert {1} == set(simulator.books.accepted.values())
    assert count == len(simulator.books.accepted)


# 2. No input row is ever missing


TROUBLE: list[object] = [
    pytest.param(SimulatorSettings(refusals=("fetch=404/1000", "customer=404/1000")), {}, id="NotFound"),
    pytest.param(SimulatorSettings(refusals=("fetch=403/900308",)), {}, id="Refused-read"),
    pytest.param(SimulatorSettings(refusals=("submit=400/3000",)), {}, id="Refused"),
    pytest.param(SimulatorSettings(refusals=("fetch=500/900192",)), {}, id="Unavailable"),
    pytest.param(SimulatorSettings(refusals=("submit=500/900192",)), {}, id="FateUnknown"),
    pytest.param(SimulatorSettings(refusals=("submit=409/990409",)), {}, id="AlreadyThere"),
    pytest.param(SimulatorSettings(refusals=("fetch=403/900124",)), {}, id="AccessDenied-read"),
    pytest.param(SimulatorSettings(refusals=("submit=403/900329",)), {}, id="AccessDenied"),
    pytest.param(
        SimulatorSettings(refusals=("submit=400/3000",)), {"max_failures": "3"}, id="TooManyFailures"
    ),
    pytest.param(AT_ONCE, {"strict": True}, id="InputWarnings"),
    pytest.param(SimulatorSettings(tokens=frozenset({"other"})), {}, id="SignInNeeded"),
    pytest.param(SimulatorSettings(mfa_missing=True), {}, id="SignInNeeded-mfa"),
    pytest.param(AT_ONCE, {"first": 3}, id="first"),
    pytest.param(AT_ONCE, {"first": 0}, id="first-none"),
]


@pytest.mark.parametrize(("settings", "flags"), TROUBLE)
async def test_promise_2_whatever_goes_wrong_every_row_is_in_the_report(
    settings: SimulatorSettings, flags: dict[str, Any], tmp_path: Path
) -> None:
    """Valid and invalid rows, in input order, whatever the service says, and totals that balance."""
    rows = [(customer(n), "Education", "K12") for n in range(1, 13)]
    rows[3:3] = [("not-an-id", "Education", "K12"), rows[0], (customer(2), "SOE", "")]
    async with credulous(settings) as simulator:
        told = await Drive(tmp_path, simulator.base_url)(
            sheet(tmp_path, *rows), retry=IMPATIENT, wait="0.5s", **flags
        )
        assert_report_matches(told, simulator)
    assert [*range(2, 17)] == [row["row"] for row in told.rows]
    assert ["invalid", "duplicate"] == told.outcomes[3:5]
    assert told.exit_code in {0, 3, 4, 12, 13}


async def test_promise_2_nobody_listening_still_gives_a_whole_report(tmp_path: Path) -> None:
    """A service that cannot be reached at all: every row has failed, and says why."""
    async with odd_service() as service:
        await service.deafen()
        told = await Drive(tmp_path, service.url)(
            education(tmp_path, *range(12)), retry=IMPATIENT, max_failures="100%"
        )
    assert ["failed"] * 12 == told.outcomes
    assert all("reached" in row["error_message"] for row in told.rows)


async def test_promise_2_a_pause_longer_than_the_run_may_wait_stops_it(tmp_path: Path) -> None:
    """An hour's pause in a run that waits five seconds: 13, everything unsent is `not_attempted`."""
    throttle = canned("429 Too Many Requests", headers=("Retry-After: 3600",))
    async with odd_service(Odd(throttle, takes=False)) as service:
        drive = Drive(tmp_path, service.url)
        told = await drive(education(tmp_path, *range(5)), concurrency=1)
    assert 13 == told.exit_code
    assert "paused-too-long" == told.document["error"]["code"]
    assert ["not_attempted"] * 5 == told.outcomes


async def test_promise_2_an_interrupted_run_reports_every_row(tmp_path: Path) -> None:
    """130: what was answered is told, the rest is `not_attempted`, and the same command goes on."""
    rows = education(tmp_path, *range(60))
    stop = StopSwitch()
    answered = 0

    def press(event: object) -> None:
        nonlocal answered
        answered += isinstance(event, Submitted)
        if answered == 10:
            stop.press()

    settings = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0), latency=(0.02, 0.02))
    async with credulous(settings) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        told = await drive(rows, say=press, stop=stop)
        assert_report_matches(told, simulator)
        assert 130 == told.exit_code
        assert 0 == told.totals["unknown"] + told.totals["failed"]
        assert 10 <= 60 - told.totals["not_attempted"] <= 10 + 16
        again = await drive(rows)
        assert_report_matches(again, simulator)
    assert {"approved": 60} == again.totals
    assert 60 == len(submissions(simulator))


async def test_promise_2_csv_and_workbook_have_the_same_rows(tmp_path: Path) -> None:
    """All reports of one run tell the same of each row."""
    rows = education(tmp_path, *range(30))
    async with credulous(WITH_DENIALS) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        reports = [str(tmp_path / f"all.{suffix}") for suffix in ("json", "csv")]
        told = await drive(rows, report=reports)
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        from_csv = [(row["customer_id"], row["outcome"]) for row in csv.DictReader(file)]
    assert len(from_csv) == 30
    assert [row["outcome"] for row in told.rows] == [outcome for _, outcome in from_csv]


# 3. At most the rate and two more in any one second, and everybody waits when told to

RATE = 20


async def test_promise_3_the_worst_second_of_a_run_stays_within_rate_and_two(tmp_path: Path) -> None:
    """By arrival at the socket, looks and submissions together, however many are waiting."""
    async with credulous(AT_ONCE) as simulator, tapped(simulator.base_url) as tap:
        told = await Drive(tmp_path, tap.url)(education(tmp_path, *range(40)), rate=RATE, concurrency=64)
        assert_report_matches(told, simulator)
    departures = tap.departures()
    assert {"approved": 40} == told.totals
    assert len(departures) == simulator.books.total >= 120
    assert worst_second(departures) <= RATE + 2
    assert simulator.books.most_within(1.0) <= RATE + 2
    assert len(departures) / (departures[-1] - departures[0]) > 0.9 * RATE


async def test_promise_3_holds_over_two_processes_in_a_row(tmp_path: Path) -> None:
    """The second process begins while the first one's second is not over: the ledger remembers."""
    async with credulous(AT_ONCE) as simulator:
        program = Program(tmp_path, simulator.base_url, options={"rate": str(RATE)})
        rows = [education(tmp_path, *range(n, n + 16), name=f"{n}.csv") for n in (0, 100)]
        for path in rows:
            ended = await program("run", path)
            assert 0 == ended.exit_code, ended.err
    assert simulator.books.total >= 96
    assert simulator.books.most_within(1.0) <= RATE + 2


async def test_promise_3_holds_over_a_kill(tmp_path: Path) -> None:
    """A killed process cannot write down when it ended; the next one keeps the distance all the same."""
    async with credulous(AT_ONCE) as simulator:
        program = Program(tmp_path, simulator.base_url, options={"rate": str(RATE)})
        rows = education(tmp_path, *range(24))
        async with program.started("run", rows) as process:
            await until(lambda: simulator.books.total >= RATE or process.returncode is not None)
            process.kill()
        ended = await program("run", rows)
        assert 0 == ended.exit_code, ended.err
    assert simulator.books.most_within(1.0) <= RATE + 2
    assert {1} == set(simulator.books.accepted.values())


async def test_promise_3_a_429_stops_everyone_for_as_long_as_it_says(tmp_path: Path) -> None:
    """From its answer on nobody leaves, looks included, and no row loses anything by it."""
    settings = SimulatorSettings(denial_rate=0, vetting_delay=(0, 0), latency=(0.01, 0.02))
    async with credulous(settings) as simulator:
        drive = Drive(tmp_path, simulator.base_url)

        def close(event: object) -> None:
            if isinstance(event, Submitted) and not simulator.books.statuses[429]:
                simulator.close_gate(2)

        told = await drive(education(tmp_path, *range(60)), say=close)
        assert_report_matches(told, simulator)
        log = list(simulator.books.log())
    refused = [entry.monotonic for entry in log if entry.status == 429]
    later = [entry.monotonic for entry in log if entry.monotonic > refused[0] + 0.2]
    assert 1 <= len(refused) <= 16
    assert min(later) - refused[0] >= 1.9
    assert {"approved": 60} == told.totals
    assert {1} == {row["attempts"] for row in told.rows}


async def test_promise_3_a_429_holds_over_a_restart(tmp_path: Path) -> None:
    """The pause is on the disk: a process that was killed in it is followed by one that keeps it."""
    async with credulous(AT_ONCE) as simulator:
        program = Program(tmp_path, simulator.base_url)
        rows = education(tmp_path, 1, 2, 3)
        simulator.close_gate(5)
        opens = time.monotonic() + 5
        async with program.started("run", rows) as process:
            await until(lambda: simulator.books.statuses[429] > 0)
            await asyncio.sleep(0.3)
            process.kill()
        before = simulator.books.total
        refused = simulator.books.statuses[429]
        ended = await program("run", rows)
        assert 0 == ended.exit_code, ended.err
        first = list(simulator.books.log())[before]
    assert first.monotonic >= opens - 0.05
    assert refused == simulator.books.statuses[429]


async def test_promise_3_a_pause_that_one_run_was_told_is_kept_by_the_next(tmp_path: Path) -> None:
    """An hour is longer than either may wait: the next one asks for nothing at all, and says why."""
    throttle = canned("429 Too Many Requests", headers=("Retry-After: 3600",))
    async with odd_service(Odd(throttle, takes=False)) as service:
        drive = Drive(tmp_path, service.url)
        await drive(education(tmp_path, 1))
        asked = len(service.heard)
        told = await drive(education(tmp_path, 1))
    assert asked == len(service.heard)
    assert 13 == told.exit_code
    assert "paused-too-long" == told.document["error"]["code"]


# 5. No credential anywhere

TOKEN = "MARKEDtokenMARKEDtokenMARKEDtoken"
CODE = "0739184620517"


def _texts(folder: Path) -> Iterable[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                content = b"\n".join(archive.read(name) for name in archive.namelist())
        yield str(path.relative_to(folder)), content


@pytest.mark.parametrize("form", ["text", "json"])
async def test_promise_5_neither_token_nor_code_is_printed_logged_or_written(
    form: str, tmp_path: Path
) -> None:
    """Whatever the service echoes, however much is logged: the token is nowhere, the code in the user's own
    column and in the ledger alone."""
    echo = canned(
        "400 Bad Request",
        json.dumps({"code": "990401", "description": f"Code {CODE} is not valid."}),
    )
    listed = canned(body=json.dumps([{"validationId": CODE, "maxCreates": 9, "remainingCreates": 9}]))
    async with odd_service(Odd(echo, takes=False), Odd(None, takes=False)) as service:
        service.granted = canned(
            body='[{"qualification":"GovernmentCommunityCloud","vettingStatus":"InReview"}]'
        )
        service.by_path["/v1/customers/all/validations"] = listed
        program = Program(tmp_path, service.url, token=TOKEN, options={"wait": "1s"})
        rows = sheet(tmp_path, (ONE, "GCC", "", CODE), (customer(2), "GCC", "", CODE))
        reports = [part for s in ("xlsx", "csv", "json") for part in ("--report", f"out.{s}")]
        ended = await program("run", rows, *reports, "-v", "-v", "-v", "--log-format", form)
        status = await program("resume", "--report", "resumed.json", "-v", "-v")
    said = "".join((ended.out, ended.err, status.out, status.err))
    assert 3 == ended.exit_code, ended.err
    assert 3 <= len(service.submissions)
    assert CODE in service.submissions[0].head
    assert TOKEN in service.submissions[0].head
    assert TOKEN not in said
    assert CODE not in said
    found = dict(_texts(tmp_path))
    assert {"out.csv", "out.json", "out.xlsx", "ledger.sqlite3"} < found.keys()
    assert [] == [name for name, content in found.items() if TOKEN.encode() in content]
    own = {"customers.csv", "out.csv", "out.json", "out.xlsx", "resumed.json"}
    holders = {name for name, content in found.items() if CODE.encode() in content}
    assert holders - {name for name in found if name.startswith("ledger.")} <= own
    for name in ("out.json", "resumed.json"):
        document = json.loads(found[name])
        for row in document["rows"]:
            assert CODE == row["input"].pop("validation_code")
        assert CODE not in json.dumps(document)


async def test_promise_5_a_token_that_the_service_echoes_is_masked(tmp_path: Path) -> None:
    """Error bodies are told to people and kept; what stands in them is the service's choice."""
    echo = canned("400 Bad Request", json.dumps({"code": "2000", "description": f"Bearer {TOKEN} is odd."}))
    async with odd_service(Odd(echo, takes=False)) as service:
        told = await Drive(tmp_path, service.url, token=TOKEN)(education(tmp_path, 1))
    assert ["failed"] == told.outcomes
    assert [] == [name for name, content in _texts(tmp_path) if TOKEN.encode() in content]


async def test_promise_5_a_crash_tells_no_secret(tmp_path: Path) -> None:
    """An unexpected failure names the place of the log, and neither has the token."""
    async with credulous(AT_ONCE) as simulator:
        program = Program(tmp_path, simulator.base_url, token=TOKEN)
        (tmp_path / "ledger.sqlite3").write_bytes(b"no database")
        ended = await program("run", education(tmp_path, 1))
    assert 11 == ended.exit_code
    assert "Traceback" not in ended.err
    assert TOKEN not in ended.out + ended.err
    assert [] == [name for name, content in _texts(tmp_path) if TOKEN.encode() in content]


# 6. Nothing is written without a yes


async def test_promise_6_without_yes_and_without_a_terminal_nothing_is_asked_of_the_service(
    tmp_path: Path,
) -> None:
    """Exit 2 with the way out; not even a look was made."""
    async with credulous(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        with pytest.raises(UsageError) as refused:
            await drive(education(tmp_path, 1), yes=False)
        program = Program(tmp_path, simulator.base_url, yes=False)
        ended = await program("run", education(tmp_path, 1))
    assert 2 == refused.value.exit_code == ended.exit_code
    assert "--yes" in ended.err
    assert 0 == simulator.books.total


async def test_promise_6_the_answer_at_the_terminal_decides(tmp_path: Path) -> None:
    """The question shows the plan; a no is exit 2 and sends nothing, a yes sends what was shown."""
    shown: list[int] = []

    def answer(plan: Plan) -> bool:
        shown.append(plan.total)
        return len(shown) == 2

    rows = education(tmp_path, 1, 2, 3)
    async with credulous(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        with pytest.raises(UsageError) as refused:
            await drive(rows, yes=False, confirm=answer)
        assert 2 == refused.value.exit_code
        assert 0 == simulator.books.total
        told = await drive(rows, yes=False, confirm=answer)
    assert [3, 3] == shown
    assert ["approved"] * 3 == told.outcomes


async def test_promise_6_nothing_to_write_is_no_question(tmp_path: Path) -> None:
    """A sheet that is settled already is looked at without a yes."""
    async with credulous(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        await drive(education(tmp_path, 1))
        told = await drive(education(tmp_path, 1), yes=False)
    assert ["approved"] == told.outcomes
    assert 1 == len(submissions(simulator))


async def test_promise_6_a_plan_writes_nothing(tmp_path: Path) -> None:
    """Not even with `--yes`; the rows say what would be sent."""
    async with credulous(AT_ONCE) as simulator:
        drive = Drive(tmp_path, simulator.base_url)
        told = await drive(education(tmp_path, 1, 2), command="plan")
        assert_report_matches(told, simulator)
    assert ["not_attempted"] * 2 == told.outcomes
    assert 0 == told.exit_code
    assert [] == submissions(simulator)
    assert 2 == told.document["requests"]["get"]

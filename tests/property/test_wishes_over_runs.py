"""Wishes over many runs, any of which may die: whatever befalls them, none is sent twice and none is lost."""

from __future__ import annotations

import asyncio
import functools
import tempfile
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from support.faithful import CALM, Answer, Dates, Fate, Taken, Timeline, World
from support.ledgers import ORIGIN, PARTNER, InlineWriter, education, gcc
from support.mortal import Death, Mortal, lived
from support.reckoning import Allowed, after_a_calm_run, after_a_run, in_the_books, in_the_journal
from support.results import soe
from support.wish_sheets import ACADEMY, NOBODY, SCHOOL, SHEETS, Row, expected, read_sheet

from batchqual.account import end_of, report_of
from batchqual.events import deaf
from batchqual.ledger import Ledger, NewRun, State, read_only
from batchqual.model import QualificationRequest, Wish
from batchqual.partnercenter import PartnerCenter
from batchqual.pipeline import Job, Results, StopSwitch, execute, given_up_before, live_rows
from batchqual.settings import load_settings

DAY = 86400.0
#: Where there is one, a disk whose flushes cost nothing: what is flushed when, the killed processes prove.
MEMORY = next((str(place) for place in [Path("/dev/shm")] if place.is_dir()), None)
Options = dict[str, Any]
ALLOWED = ("first", "resubmit_denied", "resend_unknown", "allow_last_attempt")

FATES = st.lists(
    st.builds(
        Fate,
        st.sampled_from(Answer),
        lag=st.sampled_from([0.0, 30.0]),
        vetting=st.sampled_from([None, 300.0]),
        verdict=st.sampled_from(["Denied", "Approved"]),
    ),
    max_size=3,
)
USUAL = st.sampled_from(
    [
        *(CALM, CALM, Fate(lag=30.0), Fate(Answer.LATE, lag=30.0), Fate(Answer.LOST, lag=30.0)),
        *(Fate(vetting=300.0), Fate(vetting=300.0, verdict="Denied")),
    ]
)
LOOKS = st.lists(st.booleans(), max_size=6)
POINTS = [
    *("", "answer", "enrol", "intend.before", "intend.after", "ledger.written", "ledger.committed"),
    *("recover", "resend", "review", "wire.leaving", "wire.left", "withdraw", "adopt", "content", "work"),
]
DEATHS = st.one_of(
    st.none(),
    st.builds(Death, st.sampled_from(POINTS), st.integers(1, 3)),
    st.builds(Death, nth=st.integers(1, 80)),
    st.builds(Death, seconds=st.sampled_from([0.7, 2.0, 40.0, 90.0, 700.0])),
)


@dataclass(frozen=True, slots=True)
class Decision:
    """Vetting decides on one of those that show, or thinks better of it."""

    pick: int
    status: str | None


@dataclass(frozen=True, slots=True)
class Stranger:
    """Another tool submits, too."""

    request: QualificationRequest
    status: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """What befalls a run: before it, after a ``pause``, others act; then its submissions and its looks meet
    their fates, and it dies, or is stopped by Ctrl-C after so many seconds."""

    pause: float = 0.0
    before: Sequence[Decision | Stranger] = ()
    fates: Sequence[Fate] = ()
    usual: Fate = CALM
    looks: Sequence[bool] = ()
    death: Death | None = None
    stop: float | None = None


NONE = Trouble()
PAUSES = st.sampled_from([0.0, 0.0, 1.0, 1.0, 30.0, 61.0, 3600.0, DAY + 1, 40 * DAY])
STRANGERS = st.builds(
    Stranger,
    st.sampled_from([education(SCHOOL), education(ACADEMY), gcc(ACADEMY), soe(SCHOOL)]),
    st.sampled_from(["InReview", "Approved", "Denied"]),
)
DECISIONS = st.builds(
    Decision, st.integers(0, 9), st.sampled_from(["Denied", "Denied", "Approved", "InReview", None])
)
BEFORE = st.lists(st.one_of(DECISIONS, DECISIONS, STRANGERS), max_size=3)
TROUBLES = st.builds(Trouble, PAUSES, BEFORE, FATES, USUAL, LOOKS, DEATHS, st.sampled_from([None, None, 3.0]))
OPTIONS = st.fixed_dictionaries(
    {
        "wait": st.sampled_from(["0", "10m", "1h"]),
        "first": st.sampled_from([None, None, None, 0, 1, 2]),
        "resubmit_denied": st.booleans(),
        "resend_unknown": st.booleans(),
        "allow_last_attempt": st.booleans(),
        "recheck": st.sampled_from(["30d", "0"]),
    }
)


class WishesOverRuns(RuleBasedStateMachine):
    """The real pipeline over a real ledger, a service that takes whatever comes, and people in between."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = tempfile.TemporaryDirectory(prefix="wishes-", dir=MEMORY)
        self.path = Path(self.stack.enter_context(folder)) / "ledger.sqlite3"
        self.world = World()
        self.runs: dict[str, Allowed] = {}
        self.sheet: Sequence[Row] = ()
        self.calm_after = 3

    def teardown(self) -> None:
        self.stack.close()

    @initialize(
        ways=st.builds(World, st.builds(Timeline), st.sampled_from(Dates), *[st.booleans()] * 4),
        denials=st.sampled_from([0, 1, 2, 2, 3]),
    )
    def begin(self, ways: World, denials: int) -> None:
        """A service with its ways, and a school that it has denied so many times."""
        self.path.write_bytes(new_ledger())
        self.world = ways
        denied = Trouble(pause=DAY + 1, fates=[Fate(vetting=300.0, verdict="Denied")])
        for _ in range(denials):
            self.sheet = [(SCHOOL, "k12"), (NOBODY, "gold")]
            self.lives("run", {"wait": "1h", "resubmit_denied": True, "allow_last_attempt": True}, denied)

    # Runs

    @rule(sheet=SHEETS, options=OPTIONS, trouble=TROUBLES)
    def run(self, sheet: list[Row], options: Options, trouble: Trouble) -> None:
        """Another sheet, with whatever may befall it."""
        self.sheet = sheet
        self.lives("run", options, trouble)

    @precondition(lambda self: self.sheet)
    @rule(command=st.sampled_from(["run", "run", "plan", "resume"]), options=OPTIONS, trouble=TROUBLES)
    def go_on(self, command: str, options: Options, trouble: Trouble) -> None:
        """The sheet that was there before. A plan, and a run without a sheet, look alone."""
        before = len(self.world.asked)
        self.lives(command, options, trouble)
        assert command == "run" or before == len(self.world.asked)

    @precondition(lambda self: len(self.runs) >= self.calm_after)
    @rule()
    def calm(self) -> None:
        """When nothing is in the way any more, every row of the sheet comes to where it belongs. What was in
        review and is gone is believed at the second look, and then what it excluded is sent."""
        for pause in (2 * DAY, 3600):
            self.world.timeline.pass_(pause)
            self.lives("run", {"wait": "0", "recheck": "0"})
        self.world.timeline.pass_(3600)
        before = len(self.world.asked)
        results = self.lives("run", {"wait": "0", "recheck": "0"})
        assert results is not None
        assert [] == list(after_a_calm_run(self.world, self.path, results.rows))
        assert [] == self.world.asked[before:]
        self.calm_after = len(self.runs) + 3

    def lives(self, command: str, options: Options, trouble: Trouble = NONE) -> Results | None:
        """One process, to its end or its death."""
        world, number = self.world, len(self.runs) + 1
        world.timeline.pass_(trouble.pause)
        for what in trouble.before:
            self.happens(what)
        run_id = f"run-{number}"
        told = {name: options[name] for name in ALLOWED if name in options}
        self.runs[run_id] = Allowed(**told, writes=command == "run")
        world.fates, world.usual, world.looks = deque(trouble.fates), trouble.usual, deque(trouble.looks)
        world.run = number
        world.looked_at.clear()
        world.gate.abandoned = False
        results = lived(
            lambda mortal: self.process(mortal, run_id, command, options, trouble.stop),
            world.timeline,
            death=trouble.death,
            start=1000.0 * (number % 3),
        )
        assert [] == list(in_the_journal(self.path))
        assert [] == list(in_the_books(world, self.path, self.runs))
        if results is not None:
            self.ended(run_id, command, results)
        return results

    async def process(
        self, mortal: Mortal, run_id: str, command: str, options: Options, stop: float | None
    ) -> Results:
        """What a process does, from the ledger's lock to the end of its run."""
        clock, switch = self.world.timeline, StopSwitch()
        flags = load_settings({"yes": True, **options}, environ={})
        if stop is not None:
            asyncio.get_running_loop().call_later(stop, switch.press)
        with Ledger.open(self.path, clock=clock, command=command, make_writer=mortal.make_writer) as ledger:
            sheet = read_sheet(tuple(self.sheet))
            intake = live_rows(ledger, ORIGIN, PARTNER) if command == "resume" else sheet
            job = Job(run_id, command, intake, flags, ORIGIN, PARTNER)
            await ledger.start_run(NewRun(run_id, command, intake.files, intake.columns, {}, intake.rows))
            service = cast(PartnerCenter, self.world)
            results = await execute(job, ledger=ledger, service=service, clock=clock, say=deaf, stop=switch)
            report = report_of(job, results, started=clock.now(), finished=clock.now())
            await ledger.finish_run(end_of(report))
        return results

    def ended(self, run_id: str, command: str, results: Results) -> None:
        """Each row has one outcome, kept in the ledger as it was told, and none is against the books."""
        with read_only(self.path) as view:
            stored = view.load_run(run_id)
        assert [(row.row.position, row.verdict) for row in results.rows] == [
            (row.row.position, row.verdict) for row in stored.results
        ]
        assert list(range(len(results.rows))) == [row.row.position for row in results.rows]
        if command != "resume":
            assert expected(self.sheet) == [row.row.preset for row in results.rows]
        assert [] == list(after_a_run(self.world, self.path, results.rows))

    # What happens between them

    def happens(self, what: Decision | Stranger) -> None:
        """Somebody acts; where it is not theirs to act, nothing happens."""
        now = self.world.timeline.seconds()
        if isinstance(what, Stranger):
            if self.free(what.request):
                self.world.somebody_sets(replace(what.request, validation_code=None), what.status)
            return
        shown = [one for one in self.world.books if one.shown_from <= now]
        found = [one for one in shown if self.may_become(one, what.status)]
        if found:
            one = found[what.pick % len(found)]
            one.becomes(what.status, now - one.lag)  # so that looks show it from now on

    def may_become(self, one: Taken, verdict: str | None) -> bool:
        """What is gone before any look of ours, nobody can tell from what never came: that is left out."""
        now = self.world.timeline.seconds()
        match one.status(now):
            case "InReview":
                return verdict in ("Denied", "Approved") or (verdict is None and self.is_known(one.wish))
            case "Approved":
                return verdict == "Denied" or (verdict is None and self.is_known(one.wish))
            case "Present":
                return verdict is None and self.is_known(one.wish)
            case "Denied":
                return verdict is None or (verdict != "Denied" and self.may_come_back(one))
            case _:
                return verdict == "Approved" and one.ever("Approved", now) and self.may_come_back(one)

    def may_come_back(self, one: Taken) -> bool:
        """Whether nothing has taken its place."""
        return self.world.of(one.wish)[-1] is one and self.free(one.request)

    def is_known(self, wish: Wish) -> bool:
        """Whether the ledger is in no doubt about it."""
        with read_only(self.path) as view:
            sending = {one.wish for one in view.by_state(ORIGIN, PARTNER, State.SENDING)}
            return wish not in sending | given_up_before(view, ORIGIN, PARTNER).keys()

    def free(self, request: QualificationRequest) -> bool:
        """Whether nothing live stands against it."""
        now = self.world.timeline.seconds()
        others = [one for one in self.world.books if one.request.customer_id == request.customer_id]
        return not self.world.on_its_way() and not any(one.live(now) for one in others)


@functools.cache
def new_ledger() -> bytes:
    """A ledger that nobody has used."""
    with tempfile.TemporaryDirectory(prefix="wishes-", dir=MEMORY) as folder:
        path = Path(folder) / "ledger.sqlite3"
        with Ledger.open(path, clock=Timeline(), command="run", make_writer=InlineWriter):
            pass
        return path.read_bytes()


SEARCH = settings(max_examples=min(settings().max_examples * 4 // 5, 150), stateful_step_count=10)
WishesOverRuns.TestCase.settings = SEARCH
TestWishesOverRuns = WishesOverRuns.TestCase

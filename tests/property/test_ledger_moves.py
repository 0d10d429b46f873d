"""Random lives of many requests: whatever is tried, in any order, the ledger keeps its rules."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from support.ledgers import ORIGIN, PARTNER, HandClock, InlineWriter, education, gcc, new_request

from batchqual.errors import LedgerError
from batchqual.ledger import LIVE, MOVES, Ledger, Record, State

WISHES = [education(1), education(2), gcc(1)]


class Lives(RuleBasedStateMachine):
    """A model in a dictionary beside the real ledger; copies of records go stale on purpose."""

    copies: Bundle[Record] = Bundle("copies")

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.runner = self.stack.enter_context(asyncio.Runner())
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.run = ExitStack()
        self.ledger = self.opened()
        self.now: dict[int, Record] = {}
        self.lines: Counter[int] = Counter()

    def opened(self) -> Ledger:
        ledger = Ledger.open(
            self.folder / "l.sqlite3", clock=HandClock(), command="run", make_writer=InlineWriter
        )
        return self.run.enter_context(ledger)

    def teardown(self) -> None:
        self.run.close()
        self.stack.close()

    @initialize()
    def begin_empty(self) -> None:
        """No request yet."""

    @rule(target=copies, request=st.sampled_from(WISHES))
    def enrol(self, request: object) -> Record:
        """A second live request of a wish is refused; else it is queued."""
        wished = next(one for one in WISHES if one == request)
        live = [one for one in self.now.values() if one.wish == wished.wish and one.live]

        async def go() -> Record:
            [record] = await self.ledger.enrol([new_request(wished)])
            return record

        if live:
            with pytest.raises(Exception, match="UNIQUE"):
                self.runner.run(go())
            return live[0]
        return self.changed(self.runner.run(go()))

    def changed(self, record: Record) -> Record:
        self.now[record.id] = record
        self.lines[record.id] += 1
        return record

    @rule(target=copies, copy=copies, to=st.sampled_from(State))
    def move(self, copy: Record, to: State) -> Record:
        """A move happens just when the table allows it, from a fresh copy, with no live one in its way."""
        in_its_way = any(
            one.wish == copy.wish and one.live and one.id != copy.id for one in self.now.values()
        )
        allowed = (
            to in MOVES[copy.state]
            and copy == self.now[copy.id]
            and not (to in LIVE and in_its_way)
            and not (copy.state is State.SENDING is to and copy.sends == 3)
        )

        async def go() -> Record:
            if to is State.SENDING and copy.state is State.QUEUED:
                return await self.ledger.intend(copy, "rid")
            if to is State.SENDING:
                return await self.ledger.resend(copy, "rid")
            if to is State.QUEUED:
                return await self.ledger.withdraw(copy, "why")
            return await self.ledger.looked(copy, to)

        if allowed:
            return self.changed(self.runner.run(go()))
        with contextlib.suppress(LedgerError):  # the writer without a thread tells what the index says
            self.runner.run(go())
            pytest.fail(f"{copy.state} to {to} was let through")
        return copy

    @rule()
    def restart(self) -> None:
        """The run ends, and the next one begins."""
        self.run.close()
        self.ledger = self.opened()

    @invariant()
    def the_ledger_says_what_happened(self) -> None:
        """Every request reads back as it was last acknowledged, with one line per change."""
        for record in self.now.values():
            assert record in self.ledger.history(ORIGIN, PARTNER, record.wish)
            told = self.ledger.events(record)
            assert self.lines[record.id] == len(told)
            assert [line.after for line in told[:-1]] == [line.before for line in told[1:]]
            assert record.state is told[-1].after

    @invariant()
    def never_two_live(self) -> None:
        """One live request per wish, whatever was tried."""
        live = Counter(one.wish for one in self.ledger.records(ORIGIN, PARTNER) if one.live)
        assert all(number == 1 for number in live.values())


Lives.TestCase.settings = settings(settings.default, max_examples=20, stateful_step_count=30)
TestLives = Lives.TestCase

"""What is asked before anything is written, and in which order a run is refused."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.ledgers import a_ledger, education, new_request
from support.sheets import csv_file, customer
from support.unreached import (
    ELSEWHERE,
    SERVICE,
    accepted,
    answer,
    asked_for,
    code_of,
    files,
    outcomes,
    sent,
    settings,
    settled,
    sheet_of,
    tried,
)

from batchqual.composition import Command, run
from batchqual.errors import InputError, LedgerInUse
from batchqual.ledger import Ledger, read_only
from batchqual.model import InputRow, Intake, Problem
from batchqual.pipeline import Plan


async def test_usage_comes_before_input_and_input_before_the_question(sheet: str, folder: Path) -> None:
    """2, 10, 2, 11: the first that applies."""
    in_use = settings(folder)
    with a_ledger(folder / "ledger.sqlite3"):
        wrong = await tried("missing.csv", using=settings(folder, rate="none", base_url=ELSEWHERE))
        unread = await tried("missing.csv", using=in_use)
        unasked = await tried(sheet, using=in_use)
        locked = await tried(sheet, using=settings(folder, yes=True))
    assert ["usage", "not-confirmed"] == [wrong.code, unasked.code]
    assert isinstance(unread, InputError)
    assert isinstance(locked, LedgerInUse)
    assert [2, 10, 2, 11] == [error.exit_code for error in (wrong, unread, unasked, locked)]


async def test_a_ledger_of_another_origin_is_refused_before_anybody_is_asked(
    sheet: str, folder: Path
) -> None:
    """And again by a run that asks nobody."""
    with a_ledger(folder / "ledger.sqlite3") as ledger:
        await ledger.enrol([new_request(education(1), origin=ELSEWHERE)])
    asked: list[Plan] = []
    for using in (settings(folder), settings(folder, yes=True)):
        refused = await tried(sheet, using=using, confirm=answer(asked, yes=True))
        assert "ledger-of-another-origin" == refused.code
    assert [] == asked


async def test_without_a_yes_and_without_a_terminal_nothing_is_sent(sheet: str, folder: Path) -> None:
    """The error says how much would be, and how to look at it."""
    refused = await tried(sheet, using=settings(folder))
    assert ("not-confirmed", 2) == (refused.code, refused.exit_code)
    assert "Up to 2 qualifications" in refused.message
    assert "batchqual plan" in refused.hint
    assert not (folder / "ledger.sqlite3").exists()
    one = await tried(
        sheet_of(folder, (customer(1), "Education", "K12"), name="one.csv"), using=settings(folder)
    )
    assert "Up to 1 qualification would" in one.message


async def test_a_no_sends_nothing_and_leaves_no_trace(sheet: str, folder: Path) -> None:
    """Neither a ledger nor a report."""
    asked: list[Plan] = []
    refused = await tried(sheet, using=settings(folder), confirm=answer(asked, yes=False))
    assert ("not-confirmed", 2) == (refused.code, refused.exit_code)
    assert [(4, 2)] == [(plan.rows, plan.total) for plan in asked]
    assert ["customers.csv"] == files(folder)


async def test_a_yes_goes_on(sheet: str, folder: Path) -> None:
    """To the sign-in, which is the next thing that may be missing."""
    asked: list[Plan] = []
    report = await run("run", [sheet], settings(folder), confirm=answer(asked, yes=True))
    assert (1, 12) == (len(asked), report.exit_code)


@pytest.mark.parametrize(
    ("flags", "command"),
    [
        pytest.param({"yes": True}, "run", id="--yes"),
        pytest.param({"first": 0}, "run", id="nothing to write"),
        pytest.param({"strict": True}, "run", id="--strict and a warning"),
        pytest.param({}, "plan", id="a plan"),
        pytest.param({}, "resume", id="a resume"),
        pytest.param({}, "rehearse", id="a rehearsal"),
    ],
)
async def test_nobody_is_asked_where_nothing_is_written_or_the_answer_is_known(
    flags: dict[str, Any], command: Command, folder: Path
) -> None:
    """The run gets as far as the sign-in without a question."""
    asked: list[Plan] = []
    odd = Problem("odd", "Odd.", "customers.csv")
    intake = Intake((), ("Customer",), (InputRow(0, "customers.csv", 2, ("a",), education(1)),), (odd,))
    using = settings(folder, **flags)
    await run(command, [], using, intake=intake, confirm=answer(asked, yes=False))
    assert [] == asked


Act = Callable[[Ledger], Coroutine[None, None, None]]


def while_it_is_asked(folder: Path, act: Act) -> Callable[[Plan], bool]:
    """Somebody who takes so long to say yes that another run comes in between."""

    async def meanwhile() -> None:
        with a_ledger(folder / "ledger.sqlite3") as ledger:
            await act(ledger)

    def confirm(plan: Plan) -> bool:
        other = threading.Thread(target=asyncio.run, args=(meanwhile(),))
        other.start()
        other.join()
        return True

    return confirm


async def test_more_than_was_agreed_to_is_not_sent(two: str, folder: Path) -> None:
    """A denial came in while the question stood there: with --resubmit-denied that is one submission more."""
    with a_ledger(folder / "ledger.sqlite3") as ledger:
        review = await accepted(ledger, 1)

    async def act(ledger: Ledger) -> None:
        await settled(ledger, review, "Denied")

    refused = await tried(
        two, using=settings(folder, resubmit_denied=True), confirm=while_it_is_asked(folder, act)
    )
    assert ("not-confirmed", 2) == (refused.code, refused.exit_code)
    assert "Up to 2 qualifications would be submitted now, not 1" in refused.message
    with read_only(folder / "ledger.sqlite3") as view:
        assert [] == view.runs()


async def test_less_than_was_agreed_to_is_no_matter(two: str, folder: Path) -> None:
    """Another run has sent one of them: the rest goes on."""

    async def act(ledger: Ledger) -> None:
        await accepted(ledger, 1)

    report = await run("run", [two], settings(folder), confirm=while_it_is_asked(folder, act))
    assert ((12, "sign-in"), ["in_review", "not_attempted"]) == (code_of(report), outcomes(report))


async def test_a_fate_that_was_known_at_the_question_is_not_sent_again_unasked(
    two: str, folder: Path
) -> None:
    """Another run offered the denied row again and lost the answer: its resend was not in the question."""
    with a_ledger(folder / "ledger.sqlite3") as ledger:
        await settled(ledger, await accepted(ledger, 1), "Denied")

    async def act(ledger: Ledger) -> None:
        [record] = ledger.records(SERVICE, "")
        [again] = await ledger.enrol([replace(asked_for(1), predecessor=record.id)])
        await ledger.intend(again, "id-again")

    refused = await tried(two, using=settings(folder), confirm=while_it_is_asked(folder, act))
    assert "not-confirmed" == refused.code


async def test_an_unknown_fate_alone_is_asked_about(two: str, folder: Path) -> None:
    """It may be sent again, which is a write."""
    with a_ledger(folder / "ledger.sqlite3") as ledger:
        for number in (1, 2):
            await sent(ledger, number)
    assert "not-confirmed" == (await tried(two, using=settings(folder))).code


async def test_the_question_about_an_unknown_fate_does_not_speak_of_nothing(two: str, folder: Path) -> None:
    """Whoever is refused is told what would be sent: two submissions, again."""
    with a_ledger(folder / "ledger.sqlite3") as ledger:
        for number in (1, 2):
            await sent(ledger, number)
    assert "Up to 0" not in (await tried(two, using=settings(folder))).message


async def test_rows_by_domain_are_asked_about_before_anybody_is_looked_up(folder: Path) -> None:
    """Whoever says yes has said it to each of them; the answer of the list can only make it fewer."""
    headings = ("customer_id", "domain", "qualification")
    rows = [("", "contoso.example", "SOE"), ("", "fabrikam.example", "SOE"), (customer(1), "", "SOE")]
    sheet = csv_file(folder, [headings, *rows])
    assert "Up to 3 qualifications" in (await tried(sheet, using=settings(folder))).message
    asked: list[Plan] = []
    report = await run("run", [sheet], settings(folder), confirm=answer(asked, yes=True))
    assert [(3, 2)] == [(plan.most, plan.lookups) for plan in asked]
    assert (12, ["not_attempted"] * 3) == (report.exit_code, outcomes(report))

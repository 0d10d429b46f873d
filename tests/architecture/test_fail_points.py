"""Wherever the program commits something, or submits, it can be killed right before and right after: such
places are found in the source (`support.acts`), and each has its fail points (`support.commits`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from textwrap import indent

import pytest
from support.acts import ledger_writes, otherwise_called, submissions
from support.commits import Bare, bare_acts
from support.house import house, module

MODULES = [one for one in house() if one.part != "simulator"]
BY_NAME = {one.name: one for one in MODULES}
WRITES = ledger_writes(BY_NAME["batchqual.ledger.book"])
SUBMITS = submissions(BY_NAME["batchqual.partnercenter.client"])

#: What needs no point on one side, and why.
EXCEPTIONS: Mapping[Bare, str] = {
    Bare("batchqual.atomic._move", "replace", "before"): (
        "a second name, after the first one was refused: nothing has changed since file.flushed"
    ),
    Bare("batchqual.pacekeeping.Doorkeeper.closed", "keep_closed_until", "before"): (
        "called back by the gate when an answer has told it to close: since wire.answered nothing has changed"
    ),
    Bare("batchqual.signin.places._replace", "replace", "before"): (
        "handed to written_whole, which calls it after file.flushed"
    ),
    Bare("batchqual.signin.places._replace", "replace", "after"): (
        "handed to written_whole, which calls it before file.replaced"
    ),
}


def _sides(text: str) -> list[str]:
    """On which sides the acts of a module lack a point."""
    step = 'import os\n\n\nasync def step(desk):\n    reached("0")\n'
    one = module("batchqual.a", step + indent(text, "    "))
    return [bare.side for bare in bare_acts([one], WRITES, SUBMITS)]


def test_every_commit_and_every_submission_stands_between_two_points() -> None:
    """Besides the exceptions, all of which are needed."""
    found, excepted = Counter(bare_acts(MODULES, WRITES, SUBMITS)), Counter([*EXCEPTIONS])
    assert [] == [*(found - excepted).elements()], "these have no point"
    assert [] == [*(excepted - found).elements()], "these need no exception any more"


def test_what_writes_is_known() -> None:
    """What the ledger hands to its writer and what the client submits is read from them, the intent first."""
    assert {"enrol", "intend", "resend", "withdraw", "answered", "looked", "flush", "finish_run"} <= WRITES
    assert not {"open", "hold", "records", "history", "runs", "closed_until"} & WRITES
    assert {"submit"} == SUBMITS


def test_a_ledger_is_called_a_ledger() -> None:
    """By that name its methods are known where nobody awaits them."""
    assert [] == [finding for one in MODULES for finding in otherwise_called(one)]


@pytest.mark.parametrize(
    "text",
    [
        "def step(book: Ledger): ...",
        "with Ledger.open(path) as book: ...",
        "book = desk.ledger",
        "class Desk:\n    book: Ledger | None",
    ],
)
def test_a_ledger_of_another_name_is_seen(text: str) -> None:
    """However it gets it."""
    assert 1 == len(otherwise_called(module("batchqual.a", text)))


ACT = "record = await desk.ledger.intend(item)"


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        pytest.param(f"{ACT}", ["after"], id="a write alone"),
        pytest.param(f'{ACT}\nawait look()\nreached("1")', ["after"], id="waits before the point"),
        pytest.param(f'await look()\n{ACT}\nreached("1")', ["before"], id="waits after the point"),
        pytest.param(f'{ACT}\ndesk.say(item)\nreached("1")', ["after"], id="calls before the point"),
        pytest.param(f'{ACT}\n{ACT}\nreached("1")', ["after", "before"], id="no point between two"),
        pytest.param(f'if today:\n    reached("1")\n{ACT}', ["after"], id="a point in a branch"),
        pytest.param(f'if today:\n    {ACT}\n{ACT}\nreached("1")', ["after", "before"], id="in a branch"),
        pytest.param(f'{ACT}\nif today:\n    return\nreached("1")', ["after"], id="may leave"),
        pytest.param(f'for item in all:\n    {ACT}\n    reached("1")', ["before"], id="a loop"),
        pytest.param(f'f(await look(), {ACT[9:]})\nreached("1")', ["after", "before"], id="two in one"),
        pytest.param('if await desk.ledger.flush():\n    reached("1")', ["after", "before"], id="in a head"),
        pytest.param("await look()\ndesk.ledger.looked(item).record", ["before"], id="handed in"),
        pytest.param("kept = gather(desk.ledger.flush(), look())\nawait kept", [], id="in company"),
        pytest.param('connection.execute("COMMIT")', ["after"], id="COMMIT"),
        pytest.param("connection.commit()", ["after"], id="commit"),
        pytest.param("os.replace(a, b)", ["after"], id="os.replace"),
        pytest.param("temp.replace(target)", ["after"], id="Path.replace"),
        pytest.param("os.fsync(handle)", ["after"], id="os.fsync"),
        pytest.param("await desk.service.submit(request)", ["after"], id="a submission"),
        pytest.param("create_task(desk.service.submit(request))", ["after"], id="a submission as a task"),
        pytest.param(
            'try:\n    await desk.service.submit(request)\nexcept Refused:\n    close()\nreached("1")',
            ["in a handler"],
            id="an answer without a point",
        ),
    ],
)
def test_a_missing_point_is_seen(text: str, sides: list[str]) -> None:
    """On the side on which it is missing."""
    assert sides == _sides(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f'{ACT}\nreached("1")', id="plain"),
        pytest.param(f'with words():\n    {ACT}\nreached("1")', id="around a with"),
        pytest.param(f'try:\n    {ACT}\nexcept Lost:\n    close()\nreached("1")', id="around a try"),
        pytest.param(f'if today:\n    {ACT}\n    reached("1")', id="in an if"),
        pytest.param(
            f'if today:\n    {ACT}\n    reached("1")\n    return\n{ACT}\nreached("2")', id="two ways"
        ),
        pytest.param(
            'name.replace("a", "b")\nnow.replace(tzinfo=UTC)\nreplace(job, intake=x)', id="other words"
        ),
        pytest.param(
            "try:\n    await desk.service.submit(request)\n"
            'except Refused:\n    reached("1")\nelse:\n    reached("2")',
            id="each answer",
        ),
    ],
)
def test_what_has_its_points_is_left_alone(text: str) -> None:
    """Nothing is demanded twice."""
    assert [] == _sides(text)


CALLED = 'def act(handle):\n    os.fsync(handle)\n\n\ndef step(handle):\n    reached("1")\n    act(handle)\n'


def test_a_point_may_stand_around_the_call() -> None:
    """Of a function that has none; where it is called without one, or not at all, one is missing."""
    whole = module("batchqual.a", f'import os\n\n\n{CALLED}    reached("2")\n')
    assert [] == bare_acts([whole], WRITES, SUBMITS)
    half = module("batchqual.a", f"import os\n\n\n{CALLED}")
    assert [Bare("batchqual.a.step", "act", "after")] == bare_acts([half], WRITES, SUBMITS)
    elsewhere = module("batchqual.b", "from . import a\n\n\ndef step(handle):\n    a.act(handle)\n")
    found = bare_acts([whole, elsewhere], WRITES, SUBMITS)
    assert {Bare("batchqual.b.step", "act", "after"), Bare("batchqual.b.step", "act", "before")} == set(found)

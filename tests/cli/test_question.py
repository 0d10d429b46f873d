"""The plan on the screen, and the question."""

from __future__ import annotations

import io
import signal
import sys

import pytest

from batchqual.cli import console
from batchqual.cli.question import Question, plan_in_words
from batchqual.cli.stopping import Interrupted, stoppable
from batchqual.model import Outcome, Qualification
from batchqual.pipeline import Plan
from batchqual.settings import load_settings

BIG = Plan(
    rows=46,
    presets={Outcome.INVALID: 2, Outcome.DUPLICATE: 1},
    sendable={Qualification.EDUCATION: 30, Qualification.GCC: 7},
    in_review=3,
    unknown=1,
    settled=2,
    conflicts=0,
    requests=125,
    seconds=25.0,
)
LOST = Plan(1, {}, {}, in_review=0, unknown=1, settled=0, conflicts=0, requests=3, seconds=0.6)


def test_the_plan_says_what_would_be_done_at_most() -> None:
    """Submissions by kind, the other rows, where to, and what it costs."""
    head, others, cost = plan_in_words(BIG, load_settings({"base_url": "http://127.0.0.1:1"})).splitlines()
    assert "46 rows; 37 submissions at most (30 Education, 7 GCC)." == head
    assert others.startswith(
        "The other rows: 1 duplicate, 2 invalid; 2 settled before; 3 in review; 1 of unknown"
    )
    assert "To http://127.0.0.1:1: about 125 requests, 25 s at 5 a second; vetting takes longer." == cost


def test_a_plan_without_a_ceiling_has_no_time() -> None:
    """Nothing to judge by; and nothing to say about other rows where there are none."""
    settings = load_settings({"base_url": "http://127.0.0.1:1", "rate": "none"})
    only = Plan(1, {}, {Qualification.SOE: 1}, 0, 0, 0, 0, 3, 0.0)
    assert [
        "1 row; 1 submission at most (1 StateOwnedEntity).",
        "To http://127.0.0.1:1: about 3 requests.",
    ] == plan_in_words(only, settings).splitlines()


@pytest.mark.parametrize(
    ("agreed", "typed"),
    [
        pytest.param(True, "y\n", id="y"),
        pytest.param(True, " YES \n", id="yes"),
        pytest.param(False, "\n", id="enter"),
        pytest.param(False, "n\n", id="no"),
        pytest.param(False, "yess\n", id="something else"),
        pytest.param(False, "", id="end of input"),
    ],
)
def test_only_yes_is_yes(
    agreed: bool, typed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything else means no."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    question = Question(load_settings({}))
    assert agreed is question(BIG)
    assert "Submit up to 37 qualifications? They cannot be undone. [y/N] " in capsys.readouterr().err
    assert not question.is_open


def test_a_single_one_is_asked_about_in_the_singular(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not: submit up to 1, they cannot be undone."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    Question(load_settings({}))(Plan(1, {}, {Qualification.SOE: 1}, 0, 0, 0, 0, 3, 0.0))
    assert "Submit up to 1 qualification? It cannot be undone. [y/N] " in capsys.readouterr().err


def test_unknown_fates_have_a_question_of_their_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing new, but something may be sent again."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert Question(load_settings({}))(LOST)
    assert (
        "Send 1 submission of unknown fate again if need be? It cannot be undone." in capsys.readouterr().err
    )


class _Hesitating:
    """A person who presses Ctrl-C instead of answering."""

    def readline(self) -> str:
        signal.raise_signal(signal.SIGINT)
        return "y\n"


def test_ctrl_c_at_the_question_means_no(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Interrupted, nothing sent, and the switch was not pressed."""
    monkeypatch.setattr(sys, "stdin", _Hesitating())
    question = Question(load_settings({}))
    with (
        stoppable(console.talk, question) as switch,
        pytest.raises(Interrupted, match="Nothing was sent") as caught,
    ):
        question(BIG)
    assert 130 == caught.value.exit_code
    assert switch.press()
    assert not question.is_open


def test_the_first_signal_stops_gently_and_the_second_leaves() -> None:
    """One press of the switch, one sentence; then the way out."""
    said: list[str] = []
    left: list[bool] = []
    question = Question(load_settings({}))
    with stoppable(said.append, question, leave=lambda: left.append(True)) as switch:
        signal.raise_signal(signal.SIGTERM)
        assert 1 == len(said)
        assert "Once more leaves at once" in said[0]
        assert not left
        signal.raise_signal(signal.SIGINT)
        assert [True] == left
        assert not switch.press()

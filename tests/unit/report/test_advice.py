"""What to do, in words."""

from __future__ import annotations

import pytest
from support.report_sample import result

from batchqual.model import ABSENT, Outcome, Problem, Qualification, Verdict
from batchqual.report import what_to_do
from batchqual.report.playbook import CONFLICTS, FAILURES, REASONS, UNKNOWNS, WAITING_FOR

DOCUMENTED_REASONS = [
    "Not an Education Customer",
    "No longer an Education Customer",
    "Not an Education Customer - After Review",
    "Restricted being an Education Customer",
    "Not an Academic Domain",
    "Not an eligible Library",
    "Not an eligible Museum",
]

CODES = """
    content-differs education-with-gcc other-qualification-held soe-before-gcc content-changed
    code-exhausted unknown-code domain-differs another-value-held not-sent retries-exhausted not-my-customer
    codes-unreadable 20002 900308 900126 3000 800002 900118 600006 800073 800074 800075 2000 1000 60003
    800086 limit-first stopped interrupted waits-for-gcc sign-in domain-moved
    lookup-failed waits-for-lookup
"""


def denied(reason: str | None, attempts: int = 0) -> str:
    """The advice on a denied Education row."""
    return what_to_do(result(0, Verdict(Outcome.DENIED, "Denied", reason, attempts=attempts)))


@pytest.mark.parametrize("reason", DOCUMENTED_REASONS)
def test_every_documented_reason_has_its_own_advice(reason: str) -> None:
    """The seven reasons are known in any case and spacing, with any dash."""
    expected = REASONS[reason.casefold()]

    assert expected == denied(reason)
    assert expected == denied(f"  {reason.upper()}. ".replace(" - ", " – "))


def test_a_reason_that_nobody_documented_is_answered_in_general() -> None:
    """The list of reasons is open."""
    assert "Partner Center support" in denied("Mercury is in retrograde")
    assert denied(None) == denied("Mercury is in retrograde")


@pytest.mark.parametrize(
    ("attempts", "words"),
    [
        pytest.param(1, "1 of 3 requests used.", id="one"),
        pytest.param(2, "2 of 3 requests used: the last one also needs --allow-last-attempt.", id="two"),
        pytest.param(3, "3 of 3 requests used: only Partner Center support", id="three"),
    ],
)
def test_a_denied_education_row_says_how_many_requests_are_used(attempts: int, words: str) -> None:
    """Education allows three requests in all."""
    assert words in denied("Not an Academic Domain", attempts=attempts)


@pytest.mark.parametrize("reason", [*DOCUMENTED_REASONS, "Mercury is in retrograde"])
def test_with_no_request_left_nobody_is_told_to_ask_again(reason: str) -> None:
    """After the third request only support can help, whatever the reason: the flag would send nothing."""
    assert "--resubmit-denied" not in denied(reason, attempts=3)


def test_only_education_counts_requests() -> None:
    """GCC has no such limit."""
    verdict = Verdict(Outcome.DENIED, "Denied", "No", attempts=2)

    assert "requests used" not in what_to_do(result(0, verdict, qualification=Qualification.GCC))


def test_a_denial_that_was_not_looked_at_is_looked_at_first() -> None:
    """Before anybody works on its reason: the service may have changed its mind."""
    verdict = Verdict(Outcome.DENIED, "Denied", "Not an Academic Domain", error_code="not-looked-at")
    assert "run the same command again" in what_to_do(result(0, verdict))
    assert "--resubmit-denied" not in what_to_do(result(0, verdict))


def test_a_qualification_that_went_away_is_told_apart() -> None:
    """A reverted row is denied because the service no longer lists it."""
    assert "no longer" in what_to_do(result(0, Verdict(Outcome.DENIED, ABSENT)))


@pytest.mark.parametrize(
    ("outcome", "code", "words"),
    [
        *(pytest.param(Outcome.CONFLICT, code, words, id=code) for code, words in CONFLICTS.items()),
        *(pytest.param(Outcome.FAILED, code, words, id=code) for code, words in FAILURES.items()),
        *(pytest.param(Outcome.NOT_ATTEMPTED, code, words, id=code) for code, words in WAITING_FOR.items()),
        *(pytest.param(Outcome.UNKNOWN, code, words, id=code) for code, words in UNKNOWNS.items()),
        pytest.param(Outcome.CONFLICT, "new", "Settle what the error message says", id="new conflict"),
        pytest.param(Outcome.FAILED, "99", "correlation ID", id="new failure"),
        pytest.param(Outcome.NOT_ATTEMPTED, None, "batchqual run", id="plan"),
        pytest.param(Outcome.UNKNOWN, None, "before anything else", id="unknown"),
        pytest.param(Outcome.IN_REVIEW, None, "Nothing now", id="in review"),
        pytest.param(Outcome.IN_REVIEW, "not-visible-yet", "not sent again", id="not visible yet"),
        pytest.param(Outcome.IN_REVIEW, "no-longer-visible", "it is denied", id="no longer visible"),
    ],
)
def test_each_code_has_its_advice(outcome: Outcome, code: str | None, words: str) -> None:
    """Codes lead to a sentence of their own, others to a general one."""
    assert words in what_to_do(result(0, Verdict(outcome, error_code=code)))


@pytest.mark.parametrize("code", CODES.split())
def test_no_code_of_the_program_is_without_advice(code: str) -> None:
    """Every code that the other parts give is in one of the tables."""
    assert code in {**CONFLICTS, **FAILURES, **UNKNOWNS, **WAITING_FOR}


def test_a_status_that_nobody_knows_is_said_to_be_unknown() -> None:
    """The service's list of statuses is open too."""
    assert "does not know" in what_to_do(result(0, Verdict(Outcome.IN_REVIEW, "Pondering")))


@pytest.mark.parametrize("status", ["Approved", "Denied"])
def test_a_verdict_in_the_answer_is_not_called_unknown(status: str) -> None:
    """It counts once a look has shown it."""
    told = what_to_do(result(0, Verdict(Outcome.IN_REVIEW, status)))
    assert f"The answer says {status}; the next look confirms it." == told


def test_a_conflict_that_the_input_decided_is_known_by_its_problem() -> None:
    """A preset conflict has its code in the row's problem."""
    problem = Problem("education-with-gcc", "Both.", "customers.xlsx", row=2)
    row = result(0, Outcome.CONFLICT, problems=(problem,))

    assert CONFLICTS["education-with-gcc"] == what_to_do(row)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        pytest.param(["C7"], "Correct cell C7 of customers.xlsx, then run again.", id="one"),
        pytest.param(
            ["C7", "D9", "C7", "E1"],
            "Correct cells C7, D9 and E1 of customers.xlsx, then run again.",
            id="many",
        ),
        pytest.param([], "Correct row 2 of customers.xlsx, then run again.", id="no cell is to blame"),
    ],
)
def test_an_invalid_row_names_the_cells_to_correct(cells: list[str], words: str) -> None:
    """Each cell once, in the order in which the problems came."""
    problems = tuple(Problem("x", "wrong", "customers.xlsx", 7, cell) for cell in cells)

    assert words == what_to_do(result(0, Outcome.INVALID, problems=problems, request=False))


@pytest.mark.parametrize("outcome", [Outcome.APPROVED, Outcome.ALREADY_QUALIFIED, Outcome.DUPLICATE])
def test_a_quiet_row_asks_for_nothing(outcome: Outcome) -> None:
    """Nothing to do is an empty cell, not a sentence that says so."""
    assert "" == what_to_do(result(0, outcome))

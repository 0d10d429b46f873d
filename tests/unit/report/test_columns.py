"""Our columns, and the user's beside them."""

from __future__ import annotations

import pytest
from support.report_sample import guid, result

from batchqual.model import ABSENT, Cell, Outcome, Problem, Qualification, RowResult, Verdict
from batchqual.report.columns import COLUMNS, our_values, reason_of, user_headings


def named(row: RowResult) -> dict[str, Cell]:
    """Our cells by their column's name."""
    return dict(zip([column.name for column in COLUMNS], our_values(row), strict=True))


def test_the_columns_are_the_promised_ones_in_their_order() -> None:
    """Scripts build on these names."""
    names = """
        row source customer_id qualification outcome vetting_status vetting_reason what_to_do submitted_at
        settled_at attempts polls http_status error_code error_message request_id correlation_id
    """

    assert names.split() == [column.name for column in COLUMNS]


def test_headings_are_the_names_in_title_case() -> None:
    """Abbreviations stay upper case."""
    words = {"Id": "ID", "Http": "HTTP"}
    expected = [" ".join(words.get(w, w) for w in c.name.replace("_", " ").title().split()) for c in COLUMNS]

    assert expected == [column.heading for column in COLUMNS]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        pytest.param(["Company", "Seats"], ["Company", "Seats"], id="no clash"),
        pytest.param(["customer_id"], ["customer_id (input)"], id="snake"),
        pytest.param(["CUSTOMER ID"], ["CUSTOMER ID (input)"], id="title, any case"),
        pytest.param([" Row "], [" Row  (input)"], id="spaces around do not hide it"),
        pytest.param(["CustomerID"], ["CustomerID"], id="another spelling is no clash"),
        pytest.param(
            ["Outcome", "Outcome (input)"],
            ["Outcome (input 2)", "Outcome (input)"],
            id="a report fed back keeps its own",
        ),
        pytest.param(["Row", "ROW"], ["Row (input)", "ROW (input 2)"], id="twice"),
    ],
)
def test_a_heading_that_clashes_comes_back_as_input(given: list[str], shown: list[str]) -> None:
    """Both spellings are ours, in any case."""
    assert shown == user_headings(given)


def test_a_row_without_a_request_shows_its_own_words() -> None:
    """What could not be understood is not replaced by nothing."""
    values = dict(
        zip([c.name for c in COLUMNS], our_values(result(0, Outcome.INVALID, request=False)), strict=True)
    )

    assert "0000-not-a-guid" == values["customer_id"]
    assert "Edu?" == values["qualification"]


def test_every_problem_of_a_row_is_in_its_message() -> None:
    """A verdict without a sentence borrows those of the row's problems, and the first one's code."""
    problems = (Problem("a", "One.", "f.csv", 2, "A2"), Problem("b", "Two.", "f.csv", 2, "B2", example="x"))
    row = result(0, Outcome.INVALID, problems=problems)
    values = named(row)

    assert "f.csv, A2: One. f.csv, B2: Two. Accepted: x." == values["error_message"]
    assert "a" == values["error_code"]


def test_a_validation_code_is_hidden_wherever_the_service_repeats_it() -> None:
    """Only the last two characters of the row's code are shown; longer numbers are left alone."""
    verdict = Verdict(Outcome.FAILED, error_message="Code 123456 refused, not 1234567.")
    row = result(0, verdict, qualification=Qualification.GCC, code="123456")

    assert "Code ••••56 refused, not 1234567." == reason_of(row)


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        pytest.param(
            Verdict(Outcome.DENIED, "Denied", "Not X", error_message="m"), "Not X", id="vetting reason"
        ),
        pytest.param(Verdict(Outcome.FAILED, error_message="refused"), "refused", id="message"),
        pytest.param(Verdict(Outcome.DENIED, ABSENT), "The service lists it no longer.", id="gone"),
        pytest.param(Verdict(Outcome.UNKNOWN), None, id="none"),
    ],
)
def test_the_reason_is_the_best_that_is_known(verdict: Verdict, reason: str | None) -> None:
    """Vetting's word before ours."""
    assert reason == reason_of(result(0, verdict))


def test_identifiers_are_the_submission_s() -> None:
    """Request and correlation IDs are for a support ticket."""
    row = result(0, Verdict(Outcome.APPROVED, request_id=guid(1), correlation_id=guid(2)))

    assert [guid(1), guid(2)] == our_values(row)[-2:]

"""From rows and records to what a run has in its hands: what is left to do, for whom, in which order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from support.ledgers import NOON, customer, education, gcc
from support.results import soe
from support.runs import an_intake

from batchqual.ledger import Record, State
from batchqual.ledger.record import blank_record
from batchqual.model import (
    EducationSegment,
    InputFile,
    InputRow,
    Intake,
    Outcome,
    Qualification,
    QualificationRequest,
)
from batchqual.pipeline.assign import Assignment, assign, gather

DAY = timedelta(days=1)


def a_record(request: QualificationRequest, state: State, id_: int = 1, *, vetting: str = "Denied") -> Record:
    """Yesterday's request, looked at two days ago."""
    return replace(
        blank_record(NOON - 2 * DAY),
        id=id_,
        customer_id=request.customer_id,
        qualification=request.qualification,
        segment=request.segment,
        validation_code=request.validation_code,
        state=state,
        vetting_status=vetting,
        last_look_at=NOON - 2 * DAY,
    )


def assigned(intake: Intake, records: Iterable[Record] = (), *, resubmit_denied: bool = False) -> Assignment:
    """What a run at noon makes of these rows, where a look is believed for a day."""
    return assign(
        intake,
        {record.wish: record for record in records},
        now=NOON,
        resubmit_denied=resubmit_denied,
        recheck=DAY,
    )


def test_a_row_of_the_ledger_asks_for_nothing() -> None:
    """As `resume` has them: it is looked at through its record, and gets no item of today."""
    row = InputRow(0, "customers.csv", 2, (), customer_id=customer(1), qualification="Education")
    found = assigned(Intake((), (), (row,)), [a_record(education(1), State.IN_REVIEW)])
    assert {} == found.today
    assert [customer(1)] == [item.wish.customer_id for item in found.earlier]


def test_earlier_sheets_follow_todays_rows_in_the_order_of_their_enrollment() -> None:
    """Whoever is in the sheet of today is served first."""
    records = [a_record(education(number), State.IN_REVIEW, id_=number) for number in (1, 2)]
    found = gather(assigned(an_intake(education(4), education(3)), records))
    assert [customer(number) for number in (4, 3, 1, 2)] == [one.customer_id for one in found]


@pytest.mark.parametrize(
    ("state", "vetting", "resubmit_denied", "offered", "open_"),
    [
        pytest.param(State.SETTLED, "Denied", False, False, True, id="a denial is looked at again"),
        pytest.param(State.SETTLED, "Denied", True, True, True, id="or offered again"),
        pytest.param(State.SETTLED, "Approved", True, False, True, id="a grant is looked at again"),
        pytest.param(State.REVERTED, "(absent)", False, False, True, id="what was taken back is looked at"),
        pytest.param(State.REVERTED, "(absent)", True, True, True, id="or offered again, too"),
    ],
)
def test_what_came_to_an_end_long_ago(
    state: State, vetting: str, resubmit_denied: bool, offered: bool, open_: bool
) -> None:
    """A look older than --recheck is made again; of what is denied or taken back in every run."""
    found = assigned(
        an_intake(education(1)),
        [a_record(education(1), state, vetting=vetting)],
        resubmit_denied=resubmit_denied,
    )
    [item] = found.items()
    assert (offered, open_) == (item.offered, item.open)


def test_rows_of_a_known_customer_are_not_taken_for_anybodys() -> None:
    """Two rows of one customer that contradict each other hold no other customer back."""
    intake = an_intake(education(1), education(1, EducationSegment.HIGHER_EDUCATION), soe(2))
    first, second, third = intake.rows
    in_doubt = (replace(first, preset=Outcome.CONFLICT), replace(second, preset=Outcome.CONFLICT), third)
    assert set() == assigned(replace(intake, rows=in_doubt)).unplaced.domains


@pytest.mark.parametrize(
    ("preset", "anybodys"),
    [
        pytest.param(Outcome.DUPLICATE, False, id="the first row stands for it"),
        pytest.param(Outcome.FAILED, True, id="it could not be looked up"),
    ],
)
def test_a_second_gcc_row_of_one_domain(preset: Outcome, anybodys: bool) -> None:
    """The same again leaves no doubt whose it is, where the row before it names the customer."""
    by_domain = QualificationRequest("", Qualification.GCC, validation_code="0012345", domain="a.example")
    intake = an_intake(replace(gcc(1), domain="a.example"), by_domain, soe(2))
    first, second, third = intake.rows
    found = assigned(replace(intake, rows=(first, replace(second, preset=preset), third)))
    assert [anybodys] * 2 == [one.gcc_in_doubt for one in gather(found)]


@pytest.mark.parametrize(
    ("files", "place"),
    [
        pytest.param(1, "Cell B2 now says", id="one file"),
        pytest.param(2, "The row now says", id="several files"),
    ],
)
def test_changed_content_is_pointed_at(files: int, place: str) -> None:
    """By its cell, where the columns are those of the file; by its row else, which stands beside it."""
    higher = education(1, EducationSegment.HIGHER_EDUCATION)
    row = InputRow(0, "customers.csv", 2, (customer(1), "HigherEducation"), higher)
    file = InputFile("customers.csv", "", 1, fields=(("customer_id", 0), ("education_segment", 1)))
    intake = Intake((file,) * files, ("Tenant", "Segment"), (row,))
    [item, _] = assigned(intake, [a_record(education(1), State.IN_REVIEW)]).items()
    assert item.obstacle is not None
    assert item.obstacle.message.startswith(place)

"""What is done about a wish that was never sent, by what the customer holds."""

from __future__ import annotations

import pytest

from batchqual.model import Holding, Qualification, QualificationRequest, VettingStatus
from batchqual.pipeline.decide import Found, Hindered, Send, decide, entry_of

CUSTOMER = "00000000-0000-4000-8000-0000000000a7"
EDUCATION, GCC, SOE = Qualification.EDUCATION, Qualification.GCC, Qualification.SOE


def holds(
    qualification: Qualification | None, status: VettingStatus = VettingStatus.APPROVED, raw: str = ""
) -> Holding:
    name = raw or (qualification.value if qualification else "Nonprofit")
    shown = None if status is VettingStatus.MISSING else status.value
    return Holding(qualification, name, status, raw_status=shown)


APPROVED, IN_REVIEW, DENIED = VettingStatus.APPROVED, VettingStatus.IN_REVIEW, VettingStatus.DENIED
MISSING, UNKNOWN = VettingStatus.MISSING, VettingStatus.UNKNOWN


@pytest.mark.parametrize(
    ("wanted", "held", "expected"),
    [
        pytest.param(EDUCATION, [], "send", id="nothing held"),
        pytest.param(EDUCATION, [holds(EDUCATION)], "found", id="approved already"),
        pytest.param(EDUCATION, [holds(EDUCATION, IN_REVIEW)], "found", id="in review already"),
        pytest.param(EDUCATION, [holds(EDUCATION, DENIED)], "found", id="denied already"),
        pytest.param(EDUCATION, [holds(EDUCATION, UNKNOWN)], "found", id="a status nobody knows"),
        pytest.param(EDUCATION, [holds(SOE, MISSING)], "send", id="SOE goes with Education"),
        pytest.param(EDUCATION, [holds(GCC)], "other-qualification-held", id="GCC approved"),
        pytest.param(EDUCATION, [holds(GCC, IN_REVIEW)], "other-qualification-held", id="GCC in review"),
        pytest.param(EDUCATION, [holds(GCC, DENIED)], "send", id="a denied GCC does not block"),
        pytest.param(EDUCATION, [holds(None)], "send", id="Nonprofit does not block Education"),
        pytest.param(GCC, [holds(EDUCATION)], "other-qualification-held", id="Education approved"),
        pytest.param(GCC, [holds(EDUCATION, DENIED)], "send", id="a denied Education does not block"),
        pytest.param(GCC, [holds(SOE, MISSING)], "soe-before-gcc", id="SOE stands before GCC"),
        pytest.param(GCC, [holds(GCC), holds(SOE, MISSING)], "found", id="GCC and SOE there"),
        pytest.param(GCC, [holds(None)], "other-qualification-held", id="GCC wants no qualification"),
        pytest.param(SOE, [holds(GCC)], "send", id="SOE after GCC"),
        pytest.param(SOE, [holds(EDUCATION, IN_REVIEW)], "send", id="SOE beside Education"),
        pytest.param(SOE, [holds(SOE, MISSING)], "found", id="SOE is present"),
    ],
)
def test_what_is_held_decides(wanted: Qualification, held: list[Holding], expected: str) -> None:
    """Education and GCC exclude each other, GCC comes before StateOwnedEntity, a denial blocks nothing."""
    decision = decide(QualificationRequest(CUSTOMER, wanted), held)
    names = {Send: "send", Found: "found"}
    assert expected == (decision.code if isinstance(decision, Hindered) else names[type(decision)])


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param([], Send, id="nothing"),
        pytest.param([holds(EDUCATION)], Found, id="the same value"),
        pytest.param([holds(SOE, APPROVED)], Hindered, id="another value"),
    ],
)
def test_one_value_is_never_overwritten(held: list[Holding], expected: type) -> None:
    """The synchronous API holds one value, so another one is a conflict."""
    decision = decide(QualificationRequest(CUSTOMER, EDUCATION), held, one_value=True)
    assert expected is type(decision)


def test_a_new_review_outweighs_an_old_denial() -> None:
    """A grant speaks before a review, and a review before a denial."""
    denied, open_, granted = holds(EDUCATION, DENIED), holds(EDUCATION, IN_REVIEW), holds(EDUCATION)
    assert open_ is entry_of(EDUCATION, [denied, open_])
    assert granted is entry_of(EDUCATION, [denied, open_, granted])
    assert entry_of(GCC, [denied]) is None


def test_a_conflict_names_what_is_held() -> None:
    """The sentence says what the customer holds, and in which state."""
    decision = decide(QualificationRequest(CUSTOMER, GCC), [holds(EDUCATION, IN_REVIEW)])
    assert isinstance(decision, Hindered)
    assert "Education (InReview)" in decision.message

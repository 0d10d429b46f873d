"""What to do about an answer."""

from __future__ import annotations

import pytest

from batchqual.partnercenter import Action, action_for, hint_for
from batchqual.partnercenter.actions import alike_limit, refusal_hint

CODES: list[str | None] = [
    None,
    *[
        "400",
        "1000",
        "2000",
        "2001",
        "2030",
        "2032",
        "3000",
        "20002",
        "60003",
        "600006",
        "600074",
        "800001",
        "800003",
        "800036",
        "800039",
        "800060",
    ],
    *[
        "800064",
        "800073",
        "800082",
        "800086",
        "900118",
        "900123",
        "900124",
        "900126",
        "900127",
        "900141",
        "900149",
        "900150",
        "900192",
    ],
    *("900308", "900309", "900329", "900421", "no number", ""),
]


def test_the_mapping_is_total() -> None:
    """Every status with every code, known or not, has an action; success alone is accepted."""
    for status in range(100, 600):
        for code in CODES:
            for wait_asked in (False, True):
                action = action_for(status, code, wait_asked=wait_asked)
                assert (200 <= status < 300) is (action is Action.ACCEPT)


@pytest.mark.parametrize(
    ("status", "code", "action"),
    [
        pytest.param(400, "2000", Action.REFUSE_ROW, id="missing argument"),
        pytest.param(400, "3000", Action.REFUSE_ROW, id="invalid property"),
        pytest.param(400, "800002", Action.REFUSE_ROW, id="invalid input"),
        pytest.param(400, "900118", Action.REFUSE_ROW, id="bad customer id"),
        pytest.param(400, "900126", Action.REFUSE_ROW, id="enum value"),
        pytest.param(400, "900127", Action.STOP_RUN, id="not in this cloud"),
        pytest.param(400, "900141", Action.STOP_RUN, id="not supported either"),
        pytest.param(400, None, Action.REFUSE_ROW, id="other 400"),
        pytest.param(401, None, Action.SIGN_IN, id="expired"),
        pytest.param(401, "800001", Action.SIGN_IN, id="no partner token"),
        pytest.param(401, "900421", Action.SIGN_IN_MFA, id="no MFA"),
        pytest.param(401, "1002", Action.STOP_RUN, id="authorization failed"),
        pytest.param(403, "1002", Action.STOP_RUN, id="authorization failed, as 403"),
        pytest.param(403, "20002", Action.REFUSE_ROW, id="not our customer"),
        pytest.param(403, "900308", Action.REFUSE_ROW, id="no role for this customer"),
        pytest.param(403, "900150", Action.REFUSE_ROW, id="role lacks right"),
        pytest.param(403, "2032", Action.REFUSE_ROW, id="access denied"),
        pytest.param(403, "900329", Action.STOP_RUN, id="app-only"),
        pytest.param(403, "900309", Action.REFUSE_ROW, id="conditional access, perhaps the customer's"),
        pytest.param(403, "900149", Action.STOP_RUN, id="programme inactive"),
        pytest.param(403, "800039", Action.STOP_RUN, id="programme inactive, the other code"),
        pytest.param(403, "900123", Action.REFUSE_ROW, id="this customer's reseller"),
        pytest.param(403, "900124", Action.STOP_RUN, id="our own agreement"),
        pytest.param(403, "2030", Action.REFUSE_ROW, id="this customer's country"),
        pytest.param(403, "800073", Action.REFUSE_ROW, id="account under review"),
        pytest.param(403, "600006", Action.REFUSE_ROW, id="action not allowed"),
        pytest.param(403, None, Action.REFUSE_ROW, id="other 403"),
        pytest.param(404, "1000", Action.REFUSE_ROW, id="not found"),
        pytest.param(405, None, Action.STOP_RUN, id="wrong method"),
        pytest.param(406, None, Action.STOP_RUN, id="wrong format"),
        pytest.param(501, "0", Action.STOP_RUN, id="not implemented"),
        pytest.param(408, None, Action.RETRY, id="time-out"),
        pytest.param(504, None, Action.RETRY, id="gateway time-out"),
        pytest.param(409, "800060", Action.LOOK, id="there already"),
        pytest.param(412, None, Action.REFUSE_ROW, id="precondition"),
        pytest.param(417, "800036", Action.REFUSE_ROW, id="expectation"),
        pytest.param(429, None, Action.WAIT, id="throttled"),
        pytest.param(500, "900192", Action.RETRY, id="unexpected"),
        pytest.param(502, None, Action.RETRY, id="gateway"),
        pytest.param(503, None, Action.RETRY, id="busy"),
        pytest.param(302, None, Action.RETRY, id="redirect"),
    ],
)
def test_the_documented_rows(status: int, code: str | None, action: Action) -> None:
    """Each documented pair of status and code asks for its action."""
    assert action is action_for(status, code)


def test_busy_with_retry_after_is_a_throttle() -> None:
    """503 says wait only when it says how long, and nothing else does."""
    assert Action.WAIT is action_for(503, None, wait_asked=True)
    assert Action.RETRY is action_for(502, None, wait_asked=True)


def test_every_stop_has_a_hint() -> None:
    """A person is told what to do about a known code, and about an unknown one."""
    assert "app-only" in hint_for("900329")
    assert "Conditional Access" in hint_for("900309")
    assert hint_for(None) == hint_for("no number") != ""


@pytest.mark.parametrize(
    ("status", "code", "at_first", "later"),
    [
        pytest.param(403, "900150", 3, 10, id="the user's role, or the customer's"),
        pytest.param(403, "2032", 3, 10, id="access denied"),
        pytest.param(403, "900309", 3, 10, id="conditional access"),
        pytest.param(400, "900126", 3, 10, id="a value that is not understood"),
        pytest.param(403, "900308", 10, 10, id="no rights at the customer"),
        pytest.param(403, None, 10, 10, id="403 without a word"),
        pytest.param(400, None, 10, 10, id="400 without a word"),
        pytest.param(400, "no number", 10, 10, id="a code that nobody knows"),
        pytest.param(403, "900123", None, None, id="a reseller has many customers"),
        pytest.param(403, "2030", None, None, id="a country has many customers"),
        pytest.param(403, "20002", None, None, id="no relation"),
        pytest.param(400, "3000", None, None, id="a value of the row"),
        pytest.param(404, None, None, None, id="not found"),
        pytest.param(412, None, None, None, id="precondition"),
    ],
)
def test_how_many_refusals_in_a_row_are_the_callers(
    status: int, code: str | None, at_first: int | None, later: int | None
) -> None:
    """What a code says of a row or its customer is that row's, however many there are."""
    assert (at_first, later) == (
        alike_limit(status, code, at_first=True),
        alike_limit(status, code, at_first=False),
    )


@pytest.mark.parametrize("status", [401, 403])
def test_a_bare_refusal_says_what_it_can_mean(status: int) -> None:
    """All that `doctor` would look at; a known code says more, and another status less."""
    said = refusal_hint(status, None)
    for word in ("not registered in Partner Center", "own tenant", "https://api.partner", "role", "doctor"):
        assert word in said
    assert said == refusal_hint(status, "no number")
    assert hint_for("900329") == refusal_hint(status, "900329")
    assert hint_for(None) == refusal_hint(400, None)

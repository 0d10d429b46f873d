"""What can be asked for, and what of it may be shown."""

from __future__ import annotations

import pytest
from support.ledgers import education, gcc

from batchqual.model import Qualification, QualificationRequest, mask_code


def test_a_code_does_not_show_in_what_python_prints_of_a_request() -> None:
    """Requests end up in tracebacks and logs; the code they carry does not."""
    assert "SECRET99" not in repr(gcc(1, "SECRET99"))
    assert "SECRET99" not in str([gcc(1, "SECRET99")])


@pytest.mark.parametrize(
    ("masked", "code"),
    [
        pytest.param("•••••45", "0012345", id="all but the last two"),
        pytest.param("••45", "2345", id="at least two are hidden"),
        pytest.param("•••", "123", id="a short one is hidden whole"),
        pytest.param("••", "1", id="its length is not told either"),
        pytest.param("••", "", id="nothing"),
    ],
)
def test_a_code_is_shown_by_its_end(masked: str, code: str) -> None:
    """Enough to tell two of them apart."""
    assert masked == mask_code(code)


def test_a_wish_is_a_customer_and_a_qualification() -> None:
    """The content is no part of it, and another code for it is the same wish."""
    assert gcc(1, "0012345").wish == gcc(1, "0099999").wish
    assert gcc(1).content != gcc(1, "0099999").content
    assert gcc(1).wish != education(1).wish


def test_a_request_without_its_customer_is_nobodys_wish() -> None:
    """Until its domain was looked up it has no identity, so nothing can be remembered or sent for it."""
    waiting = QualificationRequest("", Qualification.SOE, domain="contoso.example")
    assert (True, False) == (waiting.needs_lookup, education(1).needs_lookup)
    with pytest.raises(ValueError, match=r"contoso\.example was not looked up"):
        _ = waiting.wish

"""Each request against its biography."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from support.journals import examined, in_memory
from support.ledgers import customer


@pytest.mark.parametrize(
    ("deed", "request_", "words"),
    [
        pytest.param("DELETE FROM event WHERE request = 5", 5, "it has no event", id="no event"),
        pytest.param(
            "UPDATE event SET before = 'queued' WHERE request = 1 AND event = 'answered'",
            1,
            "begins with queued, but the one before it ended with sending",
            id="a gap",
        ),
        pytest.param(
            "UPDATE event SET after = 'refused' WHERE request = 1 AND event = 'enrolled'",
            1,
            "goes from None to refused, which no request may",
            id="an odd beginning",
        ),
        pytest.param(
            "UPDATE request SET change_note = 'mine' WHERE id = 1", 1, "its note is 'mine', but", id="a look"
        ),
        pytest.param(
            "UPDATE request SET error_code = '7' WHERE id = 1",
            1,
            "it is not as it was written with link",
            id="the answer before a look",
        ),
        pytest.param(
            "UPDATE request SET error_code = '7' WHERE id = 4",
            4,
            "its error code is '7', but",
            id="an answer",
        ),
        pytest.param(
            "UPDATE request SET segment = NULL, change_run = 'mine' WHERE id = 1",
            1,
            "its run is 'mine', but",
            id="told once, in the words that say more",
        ),
    ],
)
def test_what_does_not_fit_its_events_is_told_once(
    journal: Path, deed: str, request_: int, words: str
) -> None:
    """By the request and its customer, and with what differs where that can be said."""
    with closing(in_memory(journal)) as copy:
        copy.execute(deed)
        [finding] = [one for one in examined(copy).findings if one.check == "states"]
    assert (request_, customer(request_)) == (finding.request, finding.customer_id)
    assert words in finding.message

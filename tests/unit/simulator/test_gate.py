"""Throttle, tokens, faults and books, with clocks that tests hold in their hands."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from batchqual.simulator import Books, Fault, Faults
from batchqual.simulator.books import Arrival
from batchqual.simulator.faults import DRAWN, FaultStream
from batchqual.simulator.throttle import RetryAfterForm, Throttle
from batchqual.simulator.tokens import Tokens


class Clock:
    """A clock that stands until it is told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def status(throttle: Throttle) -> int:
    reply = throttle.refusal()
    return reply.status if reply else 200


def test_a_budget_refills_with_time() -> None:
    """Burst first, then one more per 1/rate seconds; after a 429 the gate is shut for the penalty."""
    clock = Clock()
    throttle = Throttle(2.0, 3, 1.0, "seconds", clock)
    assert [200, 200, 200, 429] == [status(throttle) for _ in range(4)]
    clock.now += 0.9
    assert 429 == status(throttle)
    clock.now += 0.1
    assert [200, 200, 429] == [status(throttle) for _ in range(3)]


def test_without_a_rate_the_gate_opens_again() -> None:
    """A gate closed by a fault is closed for its time only."""
    clock = Clock()
    throttle = Throttle(None, 1, 1.0, "seconds", clock)
    throttle.close(2)
    assert 429 == status(throttle)
    clock.now += 2
    assert 200 == status(throttle)


@pytest.mark.parametrize(
    ("form", "told"),
    [
        pytest.param("seconds", "7", id="s"),
        pytest.param("negative", "-1", id="-"),
        pytest.param("absent", None, id="no"),
    ],
)
def test_the_forms_of_retry_after(form: RetryAfterForm, told: str | None) -> None:
    """Whole seconds, nonsense, or nothing at all."""
    assert told == dict(Throttle(1.0, 1, 1.0, form).close(6.2).headers).get("Retry-After")


def test_a_token_dies_of_age() -> None:
    """token_lifetime counts from the first use."""
    clock = Clock()
    tokens = Tokens((), (), lifetime=10, mfa_missing=False, form="string_code", clock=clock)
    assert None is tokens.refusal("a", write=False)
    clock.now += 10.5
    assert None is not tokens.refusal("a", write=False)
    assert None is tokens.refusal("b", write=False)
    assert (1, 2, 0, 1) == (tokens.number("a"), tokens.number("b"), tokens.number(""), tokens.expired)


def test_each_fault_comes_as_often_as_its_chance() -> None:
    """One draw a request: each of the nine has its own part, and none crowds out another."""
    stream = FaultStream(Faults.every(0.05), 3)
    drawn = [stream.draw(number, write=True) for number in range(20_000)]
    for fault in DRAWN:
        expected = 0 if fault is Fault.THROTTLED else 1000
        assert expected == pytest.approx(drawn.count(fault), abs=120)
    assert 1000 == pytest.approx(sum(stream.lags(number) for number in range(20_000)), abs=120)


def test_injected_faults_wait_for_their_scope() -> None:
    """A fault for writes lets reads pass, and goes to one request alone."""
    stream = FaultStream(Faults(), 1)
    stream.queue([Fault.HTML], "writes")
    assert [None, Fault.HTML, None] == [stream.draw(0, write=write) for write in (False, True, True)]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(lambda: Faults(html=1.5), "chance of html must be between 0 and 1, not 1.5", id="big"),
        pytest.param(lambda: Faults(written_share=-1), "chance of written_share", id="share"),
        pytest.param(lambda: Faults(html=0.6, late=0.6), "together must not be more than 1", id="sum"),
    ],
)
def test_chances_are_checked(make: Callable[[], Faults], words: str) -> None:
    """A chance is between 0 and 1, and so is their sum."""
    with pytest.raises(ValueError, match=words):
        make()


def test_the_worst_second_is_found() -> None:
    """most_within counts arrivals in a half-open window, in whatever order they were written down."""
    books = Books(100)
    for moment in (0.0, 0.5, 3.0, 0.9, 1.0, 3.1):
        books.arrive(Arrival(moment, moment, "GET", "/v1", "", "", "", 1))
    assert 3 == books.most_within(1.0)
    assert 4 == books.most_within(1.01)
    assert 0 == Books(1).most_within(1.0)


def test_counts_go_on_beyond_the_log() -> None:
    """The log has its limit, the counts have none."""
    books = Books(1)
    for _ in range(3):
        number = books.arrive(Arrival(0, 0, "POST", "/v1/x", "c", "r", "k", 1))
        books.answered(number, 201, Fault.LATE, written=True, replayed=False)
    assert (3, 3, 3) == (books.count("POST", "/x"), books.faults["late"], books.statuses[201])
    entry = next(books.log())
    assert (201, "late", True, "r", "k") == (
        entry.status,
        entry.fault,
        entry.written,
        entry.request_id,
        entry.correlation_id,
    )

"""Throttle, tokens, faults and books, with clocks that tests hold in their hands."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest

from batchqual.simulator import Books, Fault, Faults
from batchqual.simulator.books import Arrival
from batchqual.simulator.faults import DRAWN, FaultStream
from batchqual.simulator.settings import TokenClaims
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


def jwt(**claims: object) -> str:
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{middle}.c2ln"


USER = jwt(scp="user_impersonation", amr=["pwd", "mfa"], exp=1000)


@pytest.mark.parametrize(
    ("token", "ignored", "read", "mfa"),
    [
        pytest.param(USER, (200, 200), (200, 200), (200, 200), id="user"),
        pytest.param(jwt(scp="x", amr=["pwd"]), (200, 200), (200, 200), (401, 401), id="user without mfa"),
        pytest.param(jwt(scp="x"), (200, 200), (200, 200), (401, 401), id="user without methods"),
        pytest.param(jwt(roles=["x"]), (200, 200), (200, 403), (200, 403), id="app"),
        pytest.param(jwt(scp="x", amr=["mfa"], exp=500), (200, 200), (401, 401), (401, 401), id="past"),
        pytest.param("opaque", (200, 200), (200, 200), (200, 200), id="opaque"),
        pytest.param("a.b!.c", (200, 200), (200, 200), (200, 200), id="no base64"),
        pytest.param("a.WzFd.c", (200, 200), (200, 200), (200, 200), id="no object"),
        pytest.param("a._w.c", (200, 200), (200, 200), (200, 200), id="no text"),
    ],
)
def test_a_token_is_taken_at_its_word_when_told(
    token: str, ignored: tuple[int, int], read: tuple[int, int], mfa: tuple[int, int]
) -> None:
    """token_claims: what a JWT says counts for reads and writes; what is opaque is let in as ever."""

    def statuses(claims: TokenClaims) -> tuple[int, ...]:
        tokens = Tokens(
            (),
            (),
            lifetime=None,
            mfa_missing=False,
            form="string_code",
            claims=claims,
            wall=lambda: 900.0,
        )
        replies = [tokens.refusal(token, write=write) for write in (False, True)]
        return tuple(reply.status if reply else 200 for reply in replies)

    assert (ignored, read, mfa) == (statuses("ignored"), statuses("read"), statuses("mfa"))


def test_a_token_ends_at_the_moment_that_it_names() -> None:
    """Not before exp, and then for ever; the books count it once."""
    now = Clock()
    now.now = 999.0
    tokens = Tokens((), (), lifetime=None, mfa_missing=False, form="string_code", claims="read", wall=now)
    assert None is tokens.refusal(USER, write=True)
    now.now = 1000.0
    assert [401, 401] == [reply.status for _ in range(2) if (reply := tokens.refusal(USER, write=True))]
    assert 1 == tokens.expired


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

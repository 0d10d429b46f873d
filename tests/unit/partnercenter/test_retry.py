"""When a call is made again."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.scripted_door import ScriptedDoor, a_call

from batchqual.errors import CallFailed, FateUnknown, NotSent, Refused, Throttled, Unavailable
from batchqual.events import Event, Retried
from batchqual.partnercenter import Call, Counts, RetryPolicy
from batchqual.partnercenter.pace import Abandoned
from batchqual.partnercenter.retry import Retrying, new_id

POLICY = RetryPolicy()
PASSING = Unavailable("busy", http_status=503)


@pytest.mark.parametrize(
    ("attempt", "failure", "elapsed", "chance", "wait"),
    [
        pytest.param(1, PASSING, 0.0, 0.5, 0.5, id="first"),
        pytest.param(2, PASSING, 0.0, 0.5, 1.0, id="second"),
        pytest.param(5, PASSING, 0.0, 0.5, 8.0, id="fifth"),
        pytest.param(1, PASSING, 0.0, 0.0, 0.25, id="least jitter"),
        pytest.param(6, PASSING, 0.0, 0.5, None, id="tries are over"),
        pytest.param(2, PASSING, 119.5, 0.5, None, id="time is over"),
        pytest.param(2, PASSING, 119.0, 0.5, 1.0, id="just in time"),
        pytest.param(1, NotSent("x"), 0.0, 0.5, 0.5, id="never left"),
        pytest.param(1, Abandoned("x"), 0.0, 0.5, None, id="abandoned"),
        pytest.param(1, FateUnknown("x"), 0.0, 0.5, None, id="fate unknown"),
        pytest.param(1, Refused("x"), 0.0, 0.5, None, id="refused"),
    ],
)
def test_policy(attempt: int, failure: CallFailed, elapsed: float, chance: float, wait: float | None) -> None:
    """Exponential, spread, bounded in tries and time, for passing faults alone."""
    assert wait == POLICY.wait(attempt, failure, elapsed, chance)


def test_the_longest_wait() -> None:
    """Half a minute by default, before it is spread."""
    assert 30.0 == RetryPolicy(tries=20, seconds=1e6).wait(10, PASSING, 0.0, 0.5)


@given(st.integers(1, 10_000), st.floats(0, 1e6), st.floats(0, 1))
def test_a_wait_is_always_bounded(attempt: int, elapsed: float, chance: float) -> None:
    """No wait is longer than the longest by half, and none goes beyond the time."""
    wait = RetryPolicy(tries=10_001, seconds=1e6).wait(attempt, PASSING, elapsed, chance)
    assert wait is None or (0 <= wait <= 45 and elapsed + wait <= 1e6)


class Bench:
    """A retrying door with everything it tells."""

    def __init__(self, *script: Exception, policy: RetryPolicy = POLICY) -> None:
        self.inner = ScriptedDoor(*script)
        self.rests: list[float] = []
        self.events: list[Event] = []
        self.counts = Counts()
        self.door = Retrying(
            self.inner,
            policy,
            rest=self._rest,
            counts=self.counts,
            say=self.events.append,
            chance=lambda: 0.5,
        )

    async def _rest(self, seconds: float) -> None:
        self.rests.append(seconds)

    @property
    def ids(self) -> list[str]:
        """The request ids that were sent."""
        return [call.request_id for call in self.inner.calls]


async def test_a_read_is_repeated_until_it_comes_through() -> None:
    """With growing waits, each of them told and counted."""
    bench = Bench(PASSING, Unavailable("reset"))
    assert 200 == (await bench.door.send(a_call())).status
    assert [0.5, 1.0] == bench.rests
    assert [Retried("x", "busy", 0.5), Retried("x", "reset", 1.0)] == bench.events
    assert 2 == bench.counts.retried


async def test_a_read_gives_up_with_its_last_failure() -> None:
    """After six tries."""
    last = Unavailable("the sixth")
    bench = Bench(*[PASSING] * 5, last)
    with pytest.raises(Unavailable) as caught:
        await bench.door.send(a_call())
    assert last is caught.value
    assert 6 == len(bench.inner.calls)


async def test_the_bound_in_time_counts_the_wire() -> None:
    """A try that took all the time is the last one."""
    bench = Bench(PASSING)

    def slow(call: Call) -> None:
        call.stopwatch.seconds += 119.9

    bench.inner.on_send = slow
    with pytest.raises(Unavailable):
        await bench.door.send(a_call())
    assert 1 == len(bench.inner.calls)


@pytest.mark.parametrize(("seconds", "rests"), [(3.0, [0.5, 1.0]), (3.5, [0.5, 1.0, 2.0])])
async def test_the_bound_in_time_counts_the_waits(seconds: float, rests: list[float]) -> None:
    """All that were made before, and the one that would come."""
    bench = Bench(*[PASSING] * 9, policy=RetryPolicy(tries=10, seconds=seconds))
    with pytest.raises(Unavailable):
        await bench.door.send(a_call())
    assert rests == bench.rests


def test_ids_are_guids() -> None:
    """Of the kind that is made by chance, and each another one."""
    ids = {new_id() for _ in range(100)}
    assert {4} == {uuid.UUID(one).version for one in ids}
    assert 100 == len(ids)


async def test_a_read_keeps_its_id_until_a_conflict() -> None:
    """No answer, an unclear one and a throttle leave it; after 409 it is another call."""
    throttled = Throttled("429", retry_after=1.0, http_status=429)
    conflict = Unavailable("there already", http_status=409)
    bench = Bench(Unavailable("reset"), PASSING, throttled, conflict, Unavailable("reset"))
    await bench.door.send(a_call())
    *before, fifth, sixth = bench.ids
    assert ["first-id"] * 4 == before
    assert "first-id" != fifth
    assert fifth == sixth


async def test_a_write_keeps_its_id_always() -> None:
    """Through failures before a byte left, and through throttles."""
    bench = Bench(NotSent("no network"), Throttled("429", retry_after=1.0, http_status=429))
    await bench.door.send(a_call(writes=True))
    assert ["first-id"] * 3 == bench.ids


async def test_a_write_of_unknown_fate_is_never_repeated() -> None:
    """That is for its caller to look up."""
    bench = Bench(FateUnknown("reset"))
    with pytest.raises(FateUnknown):
        await bench.door.send(a_call(writes=True))
    assert 1 == len(bench.inner.calls)


async def test_a_throttle_is_no_try() -> None:
    """A hundred of them, and the call has still its six tries."""
    throttled = Throttled("429", retry_after=1.0, http_status=429)
    bench = Bench(*[throttled] * 100, *[PASSING] * 5)
    await bench.door.send(a_call())
    assert (106, 5, 5) == (len(bench.inner.calls), len(bench.rests), bench.counts.retried)
